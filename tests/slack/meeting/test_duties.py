"""What a member reads who presses or types what others do in the meeting: who does it, and what they may do."""

import pytest

from bot.practice.workspace.sights import SeenMessage
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.meeting.test_board import answer, begin, pressing, says_here, settled_board
from tests.slack.test_cycle import go_to_case, opened

RUNS = "On West Operational MET, only the chair, vice-chair and co-ordinator can run meetings."
RECORDS = "On West Operational MET, only the chair, vice-chair, co-ordinator and minute-taker can record notes."
OBSERVES = "Observers can hear the meeting, but can't see its items or give actions here."


def offered(message: SeenMessage) -> list[str]:
    """Return what the buttons of a message do."""
    return [one.partition(":")[0] for one in message.actions]


@pytest.mark.parametrize(("action", "said"), [("meeting.next", RUNS), ("meeting.record", RECORDS)])
def test_a_representative_hears_who_does_it_and_gets_what_is_theirs(scene: Scene, action: str, said: str) -> None:
    begin(scene)
    go_to_case(scene)
    board = settled_board(scene)
    refused = answer(scene, "U4", board, action)
    assert (refused.words.splitlines()[0], offered(refused)) == (said, ["meeting.item", "meeting.here"])
    scene.settled()
    assert settled_board(scene).words == board.words
    assert scene.audit()[-1] == (action.removeprefix("meeting."), "meeting", "refused")

    # *Open item* shows it once they have said that they are here, which is then no longer offered.
    asked = answer(scene, "U4", refused, "meeting.item")
    assert offered(asked) == ["meeting.acknowledge"]
    says_here(scene, "U4", refused)
    again = answer(scene, "U4", settled_board(scene), action)
    assert offered(again) == ["meeting.item"]
    assert "SAMPLE-0012" in answer(scene, "U4", again, "meeting.item").words


def test_an_observer_hears_what_observers_do(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    board = settled_board(scene)
    for action in ("meeting.item", "meeting.agenda", "meeting.board", "action.for_item"):
        refused = answer(scene, "U5", board, action)
        assert (refused.words.splitlines()[0], offered(refused)) == (OBSERVES, ["meeting.here"])
    assert answer(scene, "U5", board, "meeting.next").words.startswith(RUNS)


def test_a_person_without_a_place_learns_nothing(scene: Scene) -> None:
    begin(scene)
    board = settled_board(scene)
    told = opened(scene.person("U6").clicks(board, pressing(board, "meeting.next")).view)
    assert "I can't find that panel, or it isn't for you." in told.words


def test_what_is_typed_is_refused_alike(scene: Scene) -> None:
    begin(scene)
    sam = scene.person("U2")
    for typed, said in (
        ("/meeting next", RUNS),
        ("/meeting next west-met", RUNS),
        ("/meeting next 4 west-met", RUNS),
        ("/meeting close now", RUNS),
        ("/meeting note Health: seen", RECORDS),
        ("/meeting record 4", RECORDS),
        ("/meeting decide", RECORDS.replace("notes", "decisions")),
        ("/meeting attendance", RECORDS.replace("notes", "attendance")),
    ):
        refused = sam.types(CHANNEL, typed).replies[0]
        assert (refused.words.splitlines()[0], offered(refused)) == (said, ["meeting.item"]), typed


def test_without_an_open_meeting_there_is_nothing_to_offer(scene: Scene) -> None:
    refused = scene.person("U2").types(CHANNEL, "/meeting open").replies[0]
    assert (refused.words, offered(refused)) == (RUNS, [])
