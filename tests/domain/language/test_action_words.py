"""Who holds an action, as messages say it."""

import pytest

from bot.domain.language.action_words import SaidHolder, adding, holder_apart, plain_holder, take_holder, take_label

PEOPLE = {"U1": "Farah Siddiqi", "U2": "Sam O'Dea", "U3": "Jo Lund", "U4": "Jo Berg"}
WORDS = {"U5": "Mark Webb", "U6": "June Ash", "U7": "Will Hart"}  # whose first names are words as well


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
        ("Farah ring the school", "U1", "ring the school"),
        ("farah ring the school by friday", "U1", "ring the school by friday"),
        ("FARAH do not ring the school", "U1", "do not ring the school"),
        ("Farah \u201cring the school\u201d", "U1", "\u201cring the school\u201d"),
        ("Farah ask Sam to ring the school", "U1", "ask Sam to ring the school"),
        ("Farah Siddiqiring", "", "Farah Siddiqiring"),
        ("Farah Jones ring the school", "", "Farah Jones ring the school"),  # another Farah
        ("farah jones ring the school", "", "farah jones ring the school"),
        ("Farah Smith\u2013Jones ring the school", "", "Farah Smith\u2013Jones ring the school"),
        ("Farah told the school", "", "Farah told the school"),
        ("Farah rang, Sam to visit", "", "Farah rang, Sam to visit"),
        ("Farah and Sam ring the school", "", "Farah and Sam ring the school"),
        ("Mark the file as closed", "", "Mark the file as closed"),  # a word as well
        ("will ring the school", "", "will ring the school"),
        ("June review of the plan", "", "June review of the plan"),
    ],
)
def test_in_a_line_that_gives_an_action_a_name_needs_no_to_unless_it_is_a_word(
    typed: str, user_id: str, text: str
) -> None:
    said = take_holder(typed, PEOPLE | WORDS, is_action=True)
    assert (said.user_id, said.text) == (user_id, text)
    assert take_holder(typed, PEOPLE | WORDS).user_id == ""


@pytest.mark.parametrize("typed", ["Mark to ring", "mark: ring", "@mark ring"])
def test_a_name_that_is_a_word_counts_with_what_says_so(typed: str) -> None:
    assert take_holder(typed, WORDS, is_action=True) == SaidHolder("U5", "ring")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("marcus find out who it is", SaidHolder("", "find out who it is", ("marcus",))),
        ("joon to send the form", SaidHolder("", "send the form", ("joon",))),
        ("joon-ho park to send the form", SaidHolder("", "send the form", ("joon-ho park",))),
        ("the school to send the form", SaidHolder("", "the school to send the form")),
        ("ring the school", SaidHolder("", "ring the school")),
        ("urgently ring the school", SaidHolder("", "urgently ring the school")),
        ("CIN visit", SaidHolder("", "CIN visit")),
        # What forbids is never someone's name, so that the order isn't turned round.
        ("No contact with mum before Friday", SaidHolder("", "No contact with mum before Friday")),
        ("Never ring before 5pm", SaidHolder("", "Never ring before 5pm")),
        ("Don’t ring mum before Friday", SaidHolder("", "Don’t ring mum before Friday")),
        ("No one to visit before Friday", SaidHolder("", "No one to visit before Friday")),
        ("Nobody to visit before Friday", SaidHolder("", "Nobody to visit before Friday")),
        ("Avoid contact before Friday", SaidHolder("", "Avoid contact before Friday")),
        ("Nothing to go to dad", SaidHolder("", "Nothing to go to dad")),
        ("Not to ring mum", SaidHolder("", "Not to ring mum")),
        ("Unless mum objects visit the home", SaidHolder("", "Unless mum objects visit the home")),
    ],
)
def test_a_first_word_that_nobody_is_called_is_told(typed: str, said: SaidHolder) -> None:
    assert take_holder(typed, PEOPLE, is_action=True) == said


@pytest.mark.parametrize(
    "typed",
    [
        "No contact with mum",
        "Never ring after 5pm",
        "Don\u2019t ring mum",
        "No one to visit",
        "Nothing goes to dad",
        "Avoid ring",
    ],
)
def test_a_denial_is_no_name_of_a_person(typed: str) -> None:
    assert take_holder(typed, PEOPLE, is_action=True) == SaidHolder("", typed)


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


@pytest.mark.parametrize(
    "typed",
    [
        "Farah to ring the school by Friday",
        "Farah Siddiqi to ring the school",
        "farah ring school friday",
        "Farah: ring the school",
        "<@U1> ring the school by Friday",
        "police to share the log by Friday",
        "action for police to share the log by Friday",
        "me to ring the school by Friday",
    ],
)
def test_who_is_to_do_what_gives_an_action_without_add(typed: str) -> None:
    assert adding(typed) == f"add {typed}"


@pytest.mark.parametrize(
    "typed",
    [
        "all open",
        "overdue list",
        "my check by Friday",
        "need to extend 4127",
        "time to close 4127",
        "Farah to send 4127 by Friday",  # may be about the action of that number
        "ask Farah to ring the school by Friday",
        "want to see mine",
        "everyone to be told",
        "Farah told the school by Friday",
        "farah ring the school",  # nothing says that it is to be done
        "change due date by Friday",
        "show farah",
        "",
    ],
)
def test_anything_else_gives_none(typed: str) -> None:
    assert adding(typed) is None


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("\u2022 Police (Farah) to ring the school by Friday", "add Farah to ring the school by Friday"),
        ("1. Farah to ring the school", "add Farah to ring the school"),
        ("Please can Samir chase the provider by the 22nd", "add Samir chase the provider by the 22nd"),
        ("could Farah ring the school by Friday", "add Farah ring the school by Friday"),
    ],
)
def test_the_mark_of_a_list_or_a_courtesy_before_an_action_is_no_part_of_it(typed: str, made: str) -> None:
    assert adding(typed) == made


@pytest.mark.parametrize("typed", ["can Farah ring the school by Friday?", "can you ring the school by Friday"])
def test_a_question_gives_no_action(typed: str) -> None:
    assert adding(typed) is None


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("Farah (Police) to ring", "Farah to ring"),
        ("Amara Nwosu (Health) \u2013 refer", "Amara Nwosu \u2013 refer"),
        ("\u201cBilal\u201d to ring", "Bilal to ring"),
        ("Farah (on leave) to ring", "Farah (on leave) to ring"),
    ],
)
def test_an_agency_in_brackets_and_quotation_marks_are_taken_off_a_holder(typed: str, made: str) -> None:
    assert plain_holder(typed) == made


@pytest.mark.parametrize(
    "typed",
    [
        "kofi mensah lowe visit the home",
        "Kofi Mensah-Lowe visit the home",
        "Kofi Mensah\u2013Lowe visit the home",  # as Word writes it
        "Kofi Mensah\u2011Lowe to visit the home",
    ],
)
def test_a_double_name_may_be_typed_without_its_hyphen(typed: str) -> None:
    said = take_holder(typed, {"U1": "Kofi Mensah-Lowe"}, is_action=True)
    assert (said.user_id, said.text) == ("U1", "visit the home")


@pytest.mark.parametrize("who", ["i will", "I'll", "i\u2019ll", "Ill", "we will", "we'll", "I am going to"])
def test_who_takes_an_action_on_gives_it_to_themself(who: str) -> None:
    assert adding(f"{who} chase the CPS by thursday") == "add I will chase the CPS by thursday"


@pytest.mark.parametrize(
    "typed", ["i will not be able to ring them", "well done all", "i will do 4127 by Friday", "ill be late", "i will"]
)
def test_what_someone_says_of_themself_is_no_action(typed: str) -> None:
    assert adding(typed) is None


@pytest.mark.parametrize(
    ("typed", "user_id", "text"),
    [
        ("ring the school nurse by Friday for Farah Siddiqi", "U1", "ring the school nurse by Friday"),
        ("ring the school nurse for Farah Siddiqi by Friday", "U1", "ring the school nurse by Friday"),
        ("ring the school by Friday, Farah", "U1", "ring the school by Friday"),
        ("ring the school by Friday (Sam O\u2019Dea)", "U2", "ring the school by Friday"),
        ("Ring the school \u2013 Farah \u2013 by Friday", "U1", "Ring the school by Friday"),
        ("ring the school by Friday, holder: Jo Berg", "U4", "ring the school by Friday"),
    ],
)
def test_a_holder_named_apart_from_the_task_is_found(typed: str, user_id: str, text: str) -> None:
    assert holder_apart(typed, PEOPLE) == (user_id, text)


@pytest.mark.parametrize(
    "typed",
    [
        "visit home with Farah Siddiqi by Friday",
        "ask Farah to ring the school by Friday",
        "get the form for Farah by Friday",
        "get the form for Farah Siddiqi's team by Friday",
        "ring the school by Friday, Jo",
    ],
)
def test_a_person_in_the_task_is_no_holder(typed: str) -> None:
    assert holder_apart(typed, PEOPLE) == ("", typed)


def test_a_surname_may_be_its_initial() -> None:
    assert take_holder("Farah S to ring the school", PEOPLE) == SaidHolder("U1", "ring the school")
    assert take_holder("Jo L. ring the school", PEOPLE, is_action=True) == SaidHolder("U3", "ring the school")
