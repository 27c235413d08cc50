"""What a button or a form carries, and what is typed: numbers of ours, names, or a refusal that is noted."""

import pytest

from bot.errors import Mistake, NotForYou
from bot.slack.delivery import from_click
from bot.slack.request import Carried, number_of
from bot.slack.typed import only_number, only_numbers, plain, take_mention, take_number
from tests.county import TEAM
from tests.slack.conftest import Scene


@pytest.mark.parametrize("carried", ["", "x", "-1", "1.0", " 1", "٣", "9" * 19, "2147483648"])
def test_what_no_button_of_ours_carries_is_refused(carried: str) -> None:
    with pytest.raises(NotForYou, match=r"^I can't find that, or it isn't for you"):
        number_of(carried)


def test_a_number_is_read() -> None:
    assert (number_of("12"), Carried({"flag": 3, "page": "4"}).number("page")) == (12, 4)


def test_a_form_without_what_it_should_carry_is_refused() -> None:
    carried = Carried({"panel": "west"})
    assert carried.if_any(carried.number, "flag") is None
    for asked in (lambda: carried.text("flag"), lambda: carried.number("panel")):
        with pytest.raises(NotForYou):
            asked()


@pytest.mark.parametrize("name", ["action.done", "agenda.accept", "meeting.acknowledge", "returns.answer"])
def test_a_click_that_carries_no_number_is_answered_and_noted(scene: Scene, name: str) -> None:
    click = from_click(
        {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": "U2", "team_id": TEAM},
            "trigger_id": "1.2.3",
            "actions": [{"action_id": name, "value": "1; 2", "action_ts": "1.0", "block_id": "b", "type": "button"}],
        }
    )
    scene.bot.listener.answer(click)
    assert [entry[2] for entry in scene.audit()[-1:]] == ["refused"]


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("ring &amp; ask if &lt;5", "ring & ask if <5"),
        ("see <https://example.org/a|example.org/a>", "see example.org/a"),
        ("see <https://example.org/a>", "see https://example.org/a"),
        ("ask <@U2|sam> in <#C1|west>", "ask sam in west"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_text_is_as_the_person_typed_it(written: str, typed: str) -> None:
    assert plain(written) == typed


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<@U2|sam> ring by Friday", ("U2", "ring by Friday")),
        ("<@U2> ring by Friday", ("U2", "ring by Friday")),
        ("ring  <@W2|sam>  by Friday", ("W2", "ring by Friday")),
        ("ring by Friday", (None, "ring by Friday")),
        ("@sam ring", (None, "@sam ring")),
    ],
)
def test_the_first_person_mentioned_is_taken_out(text: str, found: tuple[str | None, str]) -> None:
    assert take_mention(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12", (12, "")),
        ("#12 because", (12, "because")),
        (" 7 x", (7, "x")),
        ("Action 4127.", (4127, "")),
        ("no. 4127: because", (4127, "because")),
    ],
)
def test_a_number_is_taken_from_the_front(text: str, found: tuple[int, str]) -> None:
    assert take_number(text, "Type it.") == found


@pytest.mark.parametrize("text", ["", "x", "-1", "12th", "1.5", "action", "9999999999"])
def test_what_is_no_number_is_asked_for(text: str) -> None:
    with pytest.raises(Mistake, match=r"^Which one\? Type it\.$"):
        take_number(text, "Type it.")


@pytest.mark.parametrize(
    "text", ["2 3", "#2, #3", "2,3", "2 and 3", "2 &amp; 3 2", "actions 2 and 3.", "2; 3", "nos. 2, 3"]
)
def test_several_numbers_are_all_taken(text: str) -> None:
    assert only_numbers(text, "Type it.") == [2, 3]


@pytest.mark.parametrize("text", ["4-6", "4 - 6", "4\u20136", "4 to 6", "action 4-6."])
def test_numbers_in_a_row_are_all_taken(text: str) -> None:
    assert only_numbers(text, "Type it.") == [4, 5, 6]


@pytest.mark.parametrize("text", ["6-4", "4-4000"])
def test_a_row_that_is_none_is_asked_for_one_by_one(text: str) -> None:
    with pytest.raises(Mistake, match=rf"^I can't tell which numbers “{text}” are\. Name each of them, please\.$"):
        only_numbers(text, "Type it.")


@pytest.mark.parametrize("text", ["2 x", "2 1.5", "2 3 rang", "2 -3"])
def test_what_follows_the_numbers_is_not_passed_over(text: str) -> None:
    with pytest.raises(Mistake, match=r"^Only whole numbers, please"):
        only_numbers(text, "Type it.")


def test_one_number_alone_is_asked_for() -> None:
    assert only_number("#12 ", "Type it.") == 12
    with pytest.raises(Mistake, match=r"^Please give one number and nothing after it\. Type it\.$"):
        only_number("12 13", "Type it.")
