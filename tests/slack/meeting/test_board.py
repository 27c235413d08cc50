"""The board of a meeting in its panel's channel: where the meeting is, in counts, and nothing of a secret."""

from datetime import UTC, datetime
from itertools import pairwise

from sqlmodel import col

from bot.models.outbox import EffectState, OutboxRow
from bot.practice.workspace.faults import Fault
from bot.practice.workspace.sights import SeenMessage
from bot.records.access.queries import Where, identify
from bot.services.cases import interests
from bot.services.meeting import discussion
from bot.store.outbox import CHANNEL_GAP_SECONDS
from tests.slack.conftest import Scene, comes_true
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import flag, go_to_case, opened

RATIONALE = "Contact is rebuilding."


def boards(scene: Scene) -> list[SeenMessage]:
    """Return the boards in the panel's channel, as a member sees them."""
    return [
        one for one in scene.person("U2").messages(CHANNEL) if not one.ephemeral and "meeting.board" in str(one.actions)
    ]


def settled_board(scene: Scene) -> SeenMessage:
    """Return the one board, once nothing is under way."""
    scene.settled()
    found = boards(scene)
    assert len(found) == 1, [one.words for one in found]
    return found[0]


def begin(scene: Scene, *, present: tuple[str, ...] = ("U1", "U2", "U3")) -> None:
    """Accept a case, and open the meeting with these people in the room."""
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
    """Return what only this person reads after pressing a button."""
    person = scene.person(user_id)
    before = {one.ts for one in person.messages(CHANNEL)}
    person.clicks(pressed, pressing(pressed, action))
    return person.waits_for(
        lambda: [one for one in person.messages(CHANNEL) if one.ephemeral and one.ts not in before]
    )[0]


def says_here(scene: Scene, user_id: str, pressed: SeenMessage) -> None:
    """Press *I'm here* where the statement is not shown, and accept it in the form that shows it."""
    person = scene.person(user_id)
    form = opened(person.clicks(pressed, pressing(pressed, "meeting.here")).view)
    assert person.submits(form, {}).errors == {}
    scene.settled()


def pressing(board: SeenMessage, action: str) -> str:
    """Return the button of the board that does this."""
    return next(one for one in board.actions if one.startswith(f"{action}:"))


def test_the_board_shows_everyone_what_is_recorded_and_never_a_word_of_it(either: Scene) -> None:
    scene = either
    begin(scene)
    sam, kim = scene.person("U2"), scene.person("U3")
    first = settled_board(scene)
    assert "OFFICIAL-SENSITIVE · Thu 10 Dec 2026, 14:00 · opened at 14:00" in first.words
    assert "Quorate · Here: Health 1, Police 1, Social Care 1" in first.words
    assert "Welcome. Press Next to go to the first item." in first.words.replace("*", "")

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
    assert "• Action 1: Health (Sam), by Fri 18 Dec 2026" in plain
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
    # A button under an item that another person moved on from leaves nothing.
    card = answer(scene, "U1", second, "meeting.item")
    kim.clicks(second, pressing(second, "meeting.next"))
    third = settled_board(scene)
    stale = answer(scene, "U1", card, "meeting.next")
    assert "The meeting had already moved on, so nothing was changed." in stale.words
    assert settled_board(scene).words == third.words
    kim.clicks(third, pressing(third, "meeting.board"))
    assert settled_board(scene).ts != third.ts


def test_a_person_who_goes_on_quickly_moves_the_board_once(scene: Scene) -> None:
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


def note(scene: Scene, words: str) -> None:
    """Write a note under the item."""
    assert "Noted under item" in scene.person("U3").types(CHANNEL, f"/meeting note Health: {words}").text


def board_calls(scene: Scene) -> list[tuple[str, str | None]]:
    """Return the calls that show or change something in the panel's channel, and how Slack answered."""
    shows = ("chat.postMessage", "chat.update", "chat.delete")
    return [
        (call.method, call.error)
        for call in scene.workspace.calls
        if call.method in shows and call.args["channel"] == CHANNEL
    ]


def test_many_entries_at_once_are_one_change_of_the_board(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    settled_board(scene)
    scene.bot.courier.stop()
    before = len(board_calls(scene))
    for number in range(20):
        note(scene, f"said {number}")
    scene.bot.courier.start()
    assert "Recorded: 20 notes" in settled_board(scene).words.replace("*", "")
    assert board_calls(scene)[before:] == [("chat.update", None)]


def test_a_channel_gets_at_most_one_change_of_its_board_a_second(scene: Scene) -> None:
    """By the database's own clock, on which the lane of the channel rests."""
    scene.store.channel_gap = CHANNEL_GAP_SECONDS
    begin(scene)
    go_to_case(scene)
    settled_board(scene)
    for number in range(4):
        note(scene, f"said {number}")
        assert f"Recorded: {number + 1} note" in settled_board(scene).words.replace("*", "")
    with scene.store.reading() as work:
        rows = work.find_all(OutboxRow, col(OutboxRow.kind) == "board_changed", by=[col(OutboxRow.id)])
        changed = sorted({row.finished_at for row in rows if row.state == EffectState.DONE and row.finished_at})
    assert len(changed) >= 4
    assert min(later - earlier for earlier, later in pairwise(changed)) >= CHANNEL_GAP_SECONDS


def test_the_board_is_right_after_too_many_requests(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    settled_board(scene)
    scene.workspace.faults.next("chat.update", Fault.rate_limited(1))
    note(scene, "attended the clinic")
    note(scene, "attended again")
    assert "Recorded: 2 notes" in settled_board(scene).words.replace("*", "")


def test_an_archived_channel_is_told_once_and_has_its_board_again_with_the_next_entry(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    first = settled_board(scene)
    channel = scene.workspace.state.channels[CHANNEL]
    channel.archived = True
    with scene.store.work() as work:
        co_ordinator = identify(work, scene.workspace.state.team.id, "U3")
        for words in ("Health: attended", "Police: seen twice"):
            discussion.add_note(work, co_ordinator, Where(panel_key="west-met"), words)
    scene.settled()
    for number in ("1", "2"):
        with scene.store.work() as work:
            co_ordinator = identify(work, scene.workspace.state.team.id, "U3")
            discussion.next_item(work, co_ordinator, Where(panel_key="west-met"), number)
        scene.settled()
    dead = [kind for kind, state in scene.settled() if state == EffectState.DEAD]
    assert dead == ["board_changed"]
    kim = scene.person("U3")
    kim.opens_home()
    comes_true(lambda: kim.home is not None and "the channel is archived" in kim.home.words)

    channel.archived = False
    scene.person("U3").clicks(first, pressing(first, "meeting.item"))
    go_to_case(scene)
    note(scene, "came back")
    board = settled_board(scene)
    assert board.ts != first.ts
    assert "Recorded: 3 notes" in board.words.replace("*", "")
    assert [kind for kind, state in scene.settled() if state == EffectState.DEAD] == []


def test_a_board_whose_posting_was_lost_shows_the_item_where_it_was(scene: Scene) -> None:
    begin(scene)
    settled_board(scene)
    scene.workspace.faults.next("chat.postMessage", Fault.drop_before_accept())
    assert go_to_case(scene)
    shown = settled_board(scene)
    assert "Now: SAMPLE-0012" in shown.words.replace("*", "")


def test_a_board_whose_answer_was_lost_becomes_the_board_with_the_next_press(scene: Scene) -> None:
    begin(scene)
    first = settled_board(scene)
    kim = scene.person("U3")
    scene.workspace.faults.next("chat.postMessage", Fault.drop_after_accept())
    kim.clicks(first, pressing(first, "meeting.next"))
    comes_true(lambda: len(boards(scene)) == 2)
    scene.settled()
    old, new = boards(scene)
    assert "Now: " in old.words.replace("*", ""), "the one that is known shows the item too"
    kim.clicks(new, pressing(new, "meeting.item"))
    assert settled_board(scene).ts == new.ts
    note_on = scene.person("U1").types(CHANNEL, "/meeting next").text
    assert note_on


def test_an_earlier_board_that_stayed_works_and_is_removed_by_a_press(scene: Scene) -> None:
    begin(scene)
    first = settled_board(scene)
    stayed = scene.workspace.state.find(CHANNEL, first.ts)
    assert stayed is not None
    scene.workspace.faults.next("chat.delete", Fault.api_error("cant_delete_message"))
    go_to_case(scene)
    comes_true(lambda: len(boards(scene)) >= 2)
    scene.settled()
    old, new = boards(scene)[0], boards(scene)[-1]
    assert old.ts == first.ts
    scene.person("U2").clicks(old, pressing(old, "meeting.acknowledge"))
    comes_true(lambda: len(boards(scene)) == 1)
    assert settled_board(scene).ts == new.ts


def test_a_board_is_not_changed_where_another_workspace_sees_it(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    before = settled_board(scene)
    # Slack says it when it is asked; no event came.
    scene.workspace.state.channels[CHANNEL].shared_with = ("T0OTHER",)
    note(scene, "attended the clinic")
    scene.settled()
    assert [one.words for one in boards(scene)] == [before.words]
    scene.person("U1").waits_for(lambda: [one for one in scene.person("U1").dm() if "another workspace" in one.words])
