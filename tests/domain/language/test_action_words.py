"""Who holds an action, as messages say it."""

import pytest

from bot.domain.language.action_words import SaidHolder, take_holder, take_label

PEOPLE = {"U1": "Farah Siddiqi", "U2": "Sam O'Dea", "U3": "Jo Lund", "U4": "Jo Berg"}


@pytest.mark.parametrize(
    ("typed", "user_id", "text"),
    [
        ("Farah to ring the school", "U1", "ring the school"),
        ("farah siddiqi to ring the school", "U1", "ring the school"),
        ("Farah is to ring the school", "U1", "ring the school"),
        ("Farah will ring the school", "U1", "ring the school"),
        ("Farah: ring the school", "U1", "ring the school"),
        ("Farah – ring the school", "U1", "ring the school"),
        ("Sam O\u2019Dea to ring the school", "U2", "ring the school"),
        ("Jo Berg to ring Farah to say so", "U4", "ring Farah to say so"),
        ("<@U1> to ring the school", "U1", "ring the school"),
        ("<@U1|farah>: ring the school", "U1", "ring the school"),
        ("ring the school <@U1>", "U1", "ring the school"),
        ("<@U1> ring <@U3>", "U1", "ring Jo Lund"),
        ("<@U9> <@U1> to ring the school", "U1", "ring the school"),
    ],
)
def test_the_holder_is_mentioned_or_named_first(typed: str, user_id: str, text: str) -> None:
    said = take_holder(typed, PEOPLE)
    assert (said.user_id, said.text) == (user_id, text)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Jo to ring the school", SaidHolder("", "Jo to ring the school", ("Jo",))),  # there are two
        ("Social Care to visit", SaidHolder("", "Social Care to visit", ("Social Care",))),
        ("<@U1> and <@U3> to ring the school", SaidHolder("U1", "ring the school", ("Jo Lund",))),
        ("<@U9> to ring the school", SaidHolder("", "ring the school", ("<@U9>",))),
        ("we to ring the school", SaidHolder("", "we to ring the school")),
        ("ring the school, Farah", SaidHolder("", "ring the school, Farah")),
    ],
)
def test_what_is_no_holder_is_said(typed: str, said: SaidHolder) -> None:
    assert take_holder(typed, PEOPLE) == said


@pytest.mark.parametrize(
    ("typed", "user_id", "text"),
    [
        ("Farah Siddiqi ring the school", "U1", "ring the school"),
        ("@Farah Siddiqi ring the school", "U1", "ring the school"),
        ("Farah ring the school", "", "Farah ring the school"),  # a verb may look like a first name
        ("Farah Siddiqiring", "", "Farah Siddiqiring"),
    ],
)
def test_in_a_line_that_gives_an_action_a_whole_name_needs_no_to(typed: str, user_id: str, text: str) -> None:
    said = take_holder(typed, PEOPLE, is_action=True)
    assert (said.user_id, said.text) == (user_id, text)
    assert take_holder(typed, PEOPLE).user_id == ""


def test_without_a_panel_a_person_who_is_mentioned_counts() -> None:
    assert take_holder("<@U9> to ring the school", {}) == SaidHolder("U9", "ring the school")


@pytest.mark.parametrize(
    ("typed", "is_action"),
    [
        ("ACTION: ring the school", True),
        ("*Action* – ring the school", True),
        ("AP: ring the school", True),
        ("ring the school", False),
    ],
)
def test_a_message_may_say_that_it_is_an_action(typed: str, is_action: bool) -> None:
    assert take_label(typed) == (is_action, "ring the school")
