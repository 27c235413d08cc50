"""The board of a meeting in its panel's channel: where the meeting is, in counts, and nothing of a secret."""

from datetime import UTC, datetime

from bot.practice.workspace.sights import SeenMessage
from bot.records.access.queries import Where, identify
from bot.services.cases import interests
from bot.services.meeting import discussion
from tests.slack.conftest import Scene, comes_true
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import flag, go_to_case, opened

RATIONALE = "Contact is rebuilding."


def boards(scene: Scene) -> list[SeenMessage]:
    """What the panel's channel has of boards, as a member sees it."""
    return [
        one for one in scene.person("U2").messages(CHANNEL) if not one.ephemeral and "meeting.next" in str(one.actions)
    ]


def settled_board(scene: Scene) -> SeenMessage:
    """The one board, once nothing is under way."""
    scene.settled()
    found = boards(scene)
    assert len(found) == 1, [one.words for one in found]
    return found[0]


def begin(scene: Scene, *, present: tuple[str, ...] = ("U1", "U2", "U3")) -> None:
    """A case is accepted, and the meeting is open with these people in the room."""
    flag(scene)
    alex, kim = scene.person("U1"), scene.person("U3")
    triage = opened(alex.types(CHANNEL, "/agenda triage").view)
    alex.clicks(triage, next(action for action in triage.actions if action.startswith("agenda.accept:")))
    kim.types(CHANNEL, "/agenda compile")
    scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
    alex.types(CHANNEL, "/meeting open")
    alex.submits(
        opened(alex.types(CHANNEL, "/meeting attendance").view), {"present": list(present), "accepted": ["accepted"]}
    )


def answer(scene: Scene, user_id: str, pressed: SeenMessage, action: str) -> SeenMessage:
    """What only this person reads after pressing a button."""
    person = scene.person(user_id)
    before = {one.ts for one in person.messages(CHANNEL)}
    person.clicks(pressed, pressing(pressed, action))
    return person.waits_for(
        lambda: [one for one in person.messages(CHANNEL) if one.ephemeral and one.ts not in before]
    )[0]


def pressing(board: SeenMessage, action: str) -> str:
    """The button of the board that does this."""
    return next(one for one in board.actions if one.startswith(f"{action}:"))


def test_the_board_shows_everyone_what_is_recorded_and_never_a_word_of_it(either: Scene) -> None:
    scene = either
    begin(scene)
    sam, kim = scene.person("U2"), scene.person("U3")
    first = settled_board(scene)
    assert "OFFICIAL-SENSITIVE · Thu 10 Dec 2026, 14:00 · opened at 14:00" in first.words
    assert "Quorate · Here: Health 1, Police 1, Social Care 1" in first.words
    assert "Welcome. The first item is called with Next." in first.words.replace("*", "")

    go_to_case(scene)
    kim.types(CHANNEL, "/meeting note Health: attended the clinic twice")
    kim.types(CHANNEL, "/meeting dissent Health: would step down")
    form = opened(kim.types(CHANNEL, "/meeting decide").view)
    kim.submits(form, {"kind": "retain", "rationale": RATIONALE, "review": "in 3 months"})
    kim.types(CHANNEL, "/action add @sam ring the school nurse by Friday 18 December")
    shown = settled_board(scene)
    plain = shown.words.replace("*", "")
    assert "Now: SAMPLE-0012\nSince 14:00, planned until" in plain
    assert "Recorded: 1 note, 1 dissent\nDecided: Retain and review by Wed 10 Mar 2027\n" in plain
    assert "• Action 1: other, Health (Sam), by Fri 18 Dec 2026" in plain
    for secret in (RATIONALE, "clinic", "step down", "school nurse", "older peers"):
        assert secret not in shown.words

    assert "attended the clinic twice" in answer(scene, "U2", shown, "meeting.item").words

    alex = scene.person("U1")
    alex.types(CHANNEL, "/meeting close now")
    scene.settled()
    summary = [one for one in sam.messages(CHANNEL) if "is closed" in one.words and not one.ephemeral]
    assert [one.ts for one in summary] == [shown.ts]
    said = summary[0].words.replace("*", "")
    assert "1 action given" in said
    assert "Decisions: retain and review 1" in said
    assert "SAMPLE-0012" not in said


def test_the_board_goes_to_the_bottom_with_the_next_item_and_is_there_once(scene: Scene) -> None:
    begin(scene)
    first = settled_board(scene)
    kim = scene.person("U3")
    kim.clicks(first, pressing(first, "meeting.next"))
    second = settled_board(scene)
    assert second.ts != first.ts
    assert "Now: " in second.words.replace("*", "")
    # A button under an item that somebody else moved on from leaves nothing.
    card = answer(scene, "U1", second, "meeting.item")
    kim.clicks(second, pressing(second, "meeting.next"))
    third = settled_board(scene)
    stale = answer(scene, "U1", card, "meeting.next")
    assert "The meeting had moved on already; nothing was changed." in stale.words
    assert settled_board(scene).words == third.words
    kim.clicks(third, pressing(third, "meeting.board"))
    assert settled_board(scene).ts != third.ts


def test_whoever_goes_on_quickly_moves_the_board_once(scene: Scene) -> None:
    begin(scene)
    first = settled_board(scene)
    kim = scene.person("U3")
    scene.bot.courier.stop()
    with scene.store.work() as work:
        co_ordinator = identify(work, scene.workspace.state.team.id, "U3")
        for number in "1234":
            discussion.next_item(work, co_ordinator, Where(panel_key="west-met"), number)
    before = len(kim.messages(CHANNEL))
    scene.bot.courier.start()
    last = settled_board(scene)
    assert last.ts != first.ts
    assert len(kim.messages(CHANNEL)) == before
    assert [state for kind, state in scene.settled() if kind == "board_posted"].count("dropped") == 3


def test_a_board_that_was_deleted_is_posted_again(scene: Scene) -> None:
    begin(scene)
    board = settled_board(scene)
    gone = scene.workspace.state.find(CHANNEL, board.ts)
    assert gone is not None
    scene.workspace.state.remove(gone)
    assert boards(scene) == []
    go_to_case(scene)
    assert "SAMPLE-0012" in settled_board(scene).words


def test_a_person_who_comes_late_says_so_on_the_board_with_one_click(scene: Scene) -> None:
    begin(scene, present=("U1", "U3"))
    board = settled_board(scene)
    assert "*Not quorate:* no health · Here: Police 1, Social Care 1" in board.words
    scene.person("U2").clicks(board, pressing(board, "meeting.acknowledge"))
    comes_true(lambda: "Health 1" in settled_board(scene).words)
    assert "Quorate" in settled_board(scene).words


def test_an_item_in_which_a_member_declared_an_interest_leaves_no_trace_on_the_board(scene: Scene) -> None:
    begin(scene)
    with scene.store.work() as work:
        midwife = identify(work, scene.workspace.state.team.id, "U4")
        interests.declare_interest(work, midwife, Where(panel_key="west-met"), "SAMPLE-0012")
    before = settled_board(scene).words
    kim = scene.person("U3")
    for _ in range(20):
        answer = kim.types(CHANNEL, "/meeting next").replies[0]
        assert "SAMPLE-0012" not in settled_board(scene).words
        if "SAMPLE-0012" in answer.text:
            break
        before = settled_board(scene).words
    at_rest = settled_board(scene)
    kim.types(CHANNEL, "/meeting note Health: attended the clinic twice")
    kim.types(CHANNEL, "/action add @sam ring the school nurse by Friday 18 December")
    after = settled_board(scene)
    assert (after.ts, after.words) == (at_rest.ts, at_rest.words)
    assert after.words == before
    # Next on the board goes on from the item that nobody is shown.
    kim.clicks(after, pressing(after, "meeting.next"))
    assert settled_board(scene).ts != after.ts
