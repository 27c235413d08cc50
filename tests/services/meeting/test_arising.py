"""Matters arising: the panel answers each action from before with one press, and the minutes say what it said."""

from datetime import date

import pytest

from bot.models.minutes import Minutes
from bot.models.vocabulary import ActionEventKind, ActionState
from bot.records.meeting.queries import CurrentItem
from bot.services.actions import accepting, changes, tracker
from bot.services.meeting import discussion, opening, undoing
from bot.services.meeting.arising import Heard, answer_arising
from bot.services.minutes import papers
from bot.services.minutes.record import facts_for
from bot.slack.meeting import arising_views, undo_views, views
from tests.county import WEST, actor, user_id
from tests.services.conftest import Play

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def give(play: Play, who: str, text: str) -> int:
    facts = {"holder_user_id": user_id(who), "text": text, "due": date(2026, 4, 10)}
    return play.does("chair", changes.add_action, WEST, **facts).id


@pytest.fixture
def numbers(play: Play) -> tuple[int, int, int, int]:
    """Four actions from before the meeting: of the nurse, one reported done; of the constable; of the chair."""
    made = (
        give(play, "nurse", "ring the school"),
        give(play, "nurse", "visit the clinic"),
        give(play, "constable", "check the address"),
        give(play, "chair", "write to the county"),
    )
    play.does("nurse", changes.complete_action, made[1], "Visited on Monday.")
    play.at(3, 24, 14)
    play.opens()
    return made


def arising(play: Play) -> CurrentItem:
    """Let the chair go on to matters arising, and return that heading."""
    for _ in range(9):
        found = play.does("chair", discussion.next_item, WEST)
        if found.item is not None and found.item.title.startswith("Matters arising"):
            return found
    raise AssertionError


def answer(play: Play, number: int, heard: Heard, event_id: int = 0, who: str = "minutetaker") -> CurrentItem:
    item = play.does("chair", discussion.current_item, WEST).item
    assert item is not None
    return play.does(who, answer_arising, WEST, item.id, number, heard, event_id)


def refused(play: Play, number: int, heard: Heard, event_id: int = 0, who: str = "minutetaker") -> str:
    item = play.does("chair", discussion.current_item, WEST).item
    assert item is not None
    return play.refused(who, answer_arising, WEST, item.id, number, heard, event_id)


def test_each_answer_stands_at_once_and_in_the_minutes(play: Play, numbers: tuple[int, int, int, int]) -> None:
    school, clinic, address, county = numbers
    shown = arising(play)
    assert (shown.speaks, {one.id for one in shown.outstanding}) == (True, set(numbers))
    report = next(one.report for one in shown.outstanding if one.id == clinic)
    assert report is not None
    answer(play, clinic, Heard.ACCEPTED, report.event_id)
    answer(play, school, Heard.DONE)
    found = answer(play, address, Heard.NOT_YET)
    assert dict(found.heard) == {
        clinic: ActionEventKind.CONFIRMED,
        school: ActionEventKind.CONFIRMED,
        address: ActionEventKind.NOT_YET,
    }
    assert [(one.id, one.state) for one in found.over] == [
        (school, ActionState.CONFIRMED),
        (clinic, ActionState.CONFIRMED),
    ]
    assert {one.id for one in found.outstanding} == {address, county}
    play.does("chair", opening.close_meeting, WEST)
    draft = play.does("minutetaker", papers.draft_minutes, WEST)
    with play.store.work() as work:
        facts, _ = facts_for(work, actor(work, "chair"), work.session.get_one(Minutes, draft.id))
    assert {(one.number, one.heard, one.ended.partition(".")[0]) for one in facts.outstanding} == {
        (address, "not done yet", ""),
        (county, "", ""),
        (school, "", "Done and accepted on 24 March 2026"),
        (clinic, "", "Done and accepted on 24 March 2026: Visited on Monday"),
    }


def test_what_was_accepted_by_mistake_is_sent_back_by_those_who_accept(
    play: Play, numbers: tuple[int, int, int, int]
) -> None:
    school, clinic, *_ = numbers
    arising(play)
    found = answer(play, school, Heard.DONE)
    assert f"'action_id': 'action.send_back:{school}'" in str(arising_views.over(found))
    for who in ("nurse", "matron"):
        assert play.refused(who, accepting.reopen_action, school).startswith("Only the chair or the vice-chair can")
    play.does("minutetaker", accepting.send_back_action, school, "The clinic was meant.")
    play.does("minutetaker", accepting.send_back_action, clinic, "They were out.")  # as its button offers
    play.does("nurse", changes.complete_action, clinic, "Visited on Monday.")
    assert play.sent("action_changed") == [("action_changed", "nurse")] * 2
    back = play.does("chair", discussion.current_item, WEST)
    assert ({one.id for one in back.outstanding}, back.over) == (set(numbers), ())
    assert "Done, accepted" in str(arising_views.arising(back)[1])
    play.does("chair", opening.close_meeting, WEST)
    draft = play.does("minutetaker", papers.draft_minutes, WEST)
    with play.store.work() as work:
        facts, _ = facts_for(work, actor(work, "chair"), work.session.get_one(Minutes, draft.id))
    assert {(one.number, one.ended) for one in facts.outstanding} == {(number, "") for number in numbers}
    # After the meeting only the chair and the vice-chair accept, and so they alone take it back.
    report = play.does("chair", tracker.show_action, clinic).action.report
    assert report is not None
    play.does("chair", accepting.accept_action, clinic, report.event_id)
    said = play.refused("minutetaker", accepting.reopen_action, clinic)
    assert said.startswith("Only the chair or the vice-chair can accept reports.")
    shown = {who: play.does(who, tracker.show_action, clinic).may_reopen for who in ("chair", "minutetaker", "nurse")}
    assert shown == {"chair": True, "minutetaker": False, "nurse": False}
    assert play.does("chair", accepting.reopen_action, clinic).state is ActionState.OPEN


def test_who_recorded_an_answer_finds_it_among_their_entries(play: Play, numbers: tuple[int, int, int, int]) -> None:
    school, _, address, county = numbers
    arising(play)
    play.at(3, 24, 14, 5)
    answer(play, school, Heard.DONE)
    answer(play, county, Heard.DONE, who="chair")
    play.at(3, 24, 14, 6)
    answer(play, address, Heard.NOT_YET)
    listed = (
        "*West Operational MET*: you recorded 2 entries, the newest first.\n"
        f"• 14:06 action {address}, check the address (Constable). Answer: not done yet\n"
        f"• 14:05 action {school}, ring the school (Nurse). Answer: accepted for the panel\n"
    )
    how = "To change an answer about an action, type `/action show` and its number."
    assert undo_views.own_entries(play.does("minutetaker", undoing.own_entries, WEST))[0] == listed + how
    assert (
        f"action {county}, write to the county (Chair). Answer: reported done\n"
        in undo_views.own_entries(play.does("chair", undoing.own_entries, WEST))[0]
    )
    assert "action" not in undo_views.own_entries(play.does("nurse", undoing.own_entries, WEST))[0]
    # An answer that another person has overtaken is no longer theirs, and undo takes back no answer.
    play.does("chair", accepting.send_back_action, school, "The clinic was meant.")
    assert play.refused("minutetaker", undoing.last_entry, WEST).startswith("You have recorded nothing")
    play.does("minutetaker", opening.record_attendance, WEST, apologies=(user_id("matron"),))
    play.at(3, 24, 14, 7)
    answer(play, address, Heard.NOT_YET)
    assert undo_views.own_entries(play.does("minutetaker", undoing.own_entries, WEST))[0] == (
        "*West Operational MET*: you recorded 2 entries, the newest first.\n"
        f"• 14:07 action {address}, check the address (Constable). Answer: not done yet\n"
        "• 14:06 attendance. Matron: apologies\n"
        "`/meeting undo` takes back your attendance entry, recorded at 14:06.\n"
        "To correct another entry, type `/meeting record` and its item's number. For an action: `/action edit`.\n" + how
    )


def test_nobody_accepts_their_own_action(play: Play, numbers: tuple[int, int, int, int]) -> None:
    county = numbers[3]
    arising(play)
    found = answer(play, county, Heard.DONE, who="chair")
    report = next(one.report for one in found.outstanding if one.id == county)
    assert report is not None  # reported done, and another person accepts it
    assert refused(play, county, Heard.ACCEPTED, report.event_id, who="chair") == (
        "You hold this action yourself, so another person who records for the panel must accept it."
    )
    answer(play, county, Heard.ACCEPTED, report.event_id)


def test_a_button_of_before_does_nothing(play: Play, numbers: tuple[int, int, int, int]) -> None:
    school, clinic, *_ = numbers
    arising(play)
    assert refused(play, clinic, Heard.ACCEPTED, 1) == (
        f"Action {clinic} was reported again since: `/action show {clinic}`."
    )
    answer(play, school, Heard.DONE)
    assert refused(play, school, Heard.NOT_YET).startswith(f"Action {school} is already accepted as done")


def test_done_from_before_a_report_does_not_accept_the_report(play: Play, numbers: tuple[int, int, int, int]) -> None:
    address = numbers[2]
    arising(play)
    play.does("constable", changes.give_up_action, address, possible=False, reason="The family has moved.")
    assert refused(play, address, Heard.DONE) == (
        f"Action {address} was reported again since: `/action show {address}`."
    )


def test_who_does_not_record_answers_nothing_and_no_other_item_is_arising(
    play: Play, numbers: tuple[int, int, int, int]
) -> None:
    shown = arising(play)
    assert not play.does("nurse", discussion.current_item, WEST).speaks
    assert refused(play, numbers[0], Heard.DONE, who="nurse") == (
        "On West Operational MET, only the chair, vice-chair, co-ordinator and minute-taker can record decisions."
    )
    assert shown.item is not None
    play.does("chair", discussion.next_item, WEST, "1")
    assert refused(play, numbers[0], Heard.DONE) == (
        "The panel answers actions like this under matters arising. At other times, use `/action list`."
    )


def test_the_heading_says_that_there_is_nothing_to_answer(play: Play) -> None:
    play.at(3, 24, 14)
    play.opens()
    heading, item = arising(play), "There are no outstanding actions."
    assert [block["text"]["text"] for (block,) in arising_views.arising(heading)] == [item]
    assert item in str(views.current(heading))
