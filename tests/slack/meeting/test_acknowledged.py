"""Giving an action in an open meeting: the child that is discussed is told to those who accepted the statement."""

from bot.practice.workspace.sights import SeenMessage
from tests.slack.conftest import Scene, comes_true
from tests.slack.county import CHANNEL
from tests.slack.meeting.test_board import answer, begin, pressing, settled_board
from tests.slack.meeting.test_duties import offered
from tests.slack.test_cycle import go_to_case, opened

ASKED = (
    "In an open meeting, an action belongs to the item being discussed. Before you add an action, say that you are "
    "here and accept the confidentiality statement."
)
TYPED = "/action add @jo ring the school nurse by Friday 18 December"


def discussing(scene: Scene) -> None:
    """Open the meeting without the midwife, and go to the case."""
    begin(scene)
    go_to_case(scene)


def read_by(scene: Scene, user_id: str, words: str) -> SeenMessage:
    """Return the message with these words, once this person has it."""
    person = scene.person(user_id)
    return comes_true(lambda: next((one for one in person.messages(CHANNEL) if words in one.words), None))


def test_an_action_is_given_once_its_author_has_accepted_the_statement(either: Scene) -> None:
    scene = either
    discussing(scene)
    jo = scene.person("U4")
    refused = jo.types(CHANNEL, TYPED).replies[0]
    assert refused.words.splitlines()[0] == f"*{ASKED}*"
    assert "SAMPLE-0012" not in refused.words
    assert offered(refused) == ["meeting.acknowledge", "command.again"]
    assert "Action 1" not in settled_board(scene).words
    # With the number of an item it is the same: neither the child nor how many items there are is told.
    numbered = jo.types(CHANNEL, TYPED.replace("add", "add item 99:")).replies[0]
    assert numbered.words.splitlines()[0] == f"*{ASKED}*"

    jo.clicks(refused, pressing(refused, "meeting.acknowledge"))
    jo.clicks(refused, "command.again:0")
    done = read_by(scene, "U4", "*Action 1* recorded about SAMPLE-0012 for <@U4> (Health)")
    assert ">ring the school nurse\n" in done.words


def test_a_case_that_its_author_names_is_no_news_to_them(scene: Scene) -> None:
    discussing(scene)
    jo = scene.person("U4")
    assert jo.types(CHANNEL, f"{TYPED} case:SAMPLE-0012").text.startswith(
        "*Action 1* recorded about SAMPLE-0012 for <@U4> (Health)"
    )


def test_a_form_asks_for_the_statement_and_keeps_what_was_typed(scene: Scene) -> None:
    discussing(scene)
    jo = scene.person("U4")
    message = jo.says(CHANNEL, "ACTION: <@U4> to ring the school nurse by Friday 18 December")
    form = opened(jo.uses_shortcut("action.record", message=message).view)
    asked = opened(jo.submits(form, {"priority": "high"}).view)
    assert ASKED in asked.words
    assert "SAMPLE-0012" not in asked.words
    thanks = opened(jo.clicks(asked, pressing(asked, "meeting.acknowledge")).view)
    assert thanks.words.startswith("Thank you.")
    jo.closes(thanks)
    done = opened(jo.submits(asked, {}).view)
    assert "*Action 1* recorded about SAMPLE-0012 for <@U4> (Health)" in done.words
    assert ">ring the school nurse\nDue *Friday 18 December 2026" in done.words


def test_action_on_the_board_gives_the_statement_with_its_button(scene: Scene) -> None:
    discussing(scene)
    asked = answer(scene, "U4", settled_board(scene), "action.for_item")
    assert offered(asked) == ["meeting.acknowledge"]
    assert "SAMPLE-0012" not in asked.words
