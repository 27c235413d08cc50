"""Taking back what one recorded last: one's own alone, whatever others recorded since, and what it replaced returns."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlmodel import col, select

from bot.errors import OutOfDate
from bot.models.meetings import AttendanceEntry
from bot.models.panels import Membership
from bot.models.vocabulary import ActionEventKind, ActionKind, DecisionKind, Role
from bot.records.actions.edits import ActionFact
from bot.records.actions.queries import ActionView
from bot.records.meeting.deciding import DecisionForm
from bot.services.actions import changes, correcting, editing, tracker
from bot.services.actions.editing import ActionForm
from bot.services.cases import interests
from bot.services.meeting import discussion, opening, sheet, undoing
from bot.services.meeting.sheet import SheetEntry, mark_of
from bot.services.meeting.undoing import CorrectedAction
from bot.slack.actions import answer_views
from bot.slack.meeting import undo_views
from tests.county import WEST, user_id
from tests.services.actions.test_changes import give
from tests.services.conftest import Play

pytestmark = pytest.mark.databases("sqlite", "postgresql")

NOTHING = "You have recorded nothing in this meeting that you can take back."


@pytest.fixture
def sitting(play: Play) -> Play:
    """West's meeting is open and a case is discussed."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    return play


def test_ones_own_last_entry_is_taken_back_though_others_recorded_since_and_the_meeting_went_on(sitting: Play) -> None:
    sitting.does("minutetaker", discussion.add_note, WEST, "Police: seen twice")
    sitting.does("chair", discussion.add_note, WEST, "Health: attended")
    sitting.goes_to("WEST-0002")
    sitting.does("chair", discussion.add_note, WEST, "A pattern.")
    undone = sitting.does("minutetaker", undoing.undo_last, WEST)
    assert undone.item is not None
    assert (undone.item.title, [note.text for note in undone.notes]) == ("WEST-0001", ["attended"])
    assert sitting.refused("minutetaker", undoing.undo_last, WEST) == NOTHING


def test_what_a_line_had_taken_the_place_of_is_in_force_again(sitting: Play) -> None:
    sitting.does("minutetaker", discussion.add_note, WEST, "Seen twice.")
    drawn = sitting.does("chair", sheet.open_sheet, WEST)
    entry = SheetEntry("discussion", "Seen three times.", mark_of("Seen twice."))
    sitting.does("chair", sheet.save_sheet, WEST, drawn.item_id, [entry])
    undone = sitting.does("chair", undoing.undo_last, WEST)
    assert [note.text for note in undone.notes] == ["Seen twice."]
    assert undo_views.undone(undone) == (
        "You have taken back your note on WEST-0001. The record keeps the entry, marked as taken back.\n"
        ">Seen three times.\n"
        "In force again: Seen twice."
    )


def test_an_entry_older_than_a_minute_is_asked_about_first(sitting: Play) -> None:
    sitting.does("chair", discussion.add_note, WEST, "Seen twice.")
    assert not sitting.does("chair", undoing.last_entry, WEST).is_old
    sitting.at(3, 24, 14, 2)
    found = sitting.does("chair", undoing.last_entry, WEST)
    assert found.is_old
    text, _ = undo_views.undo_question(found)
    assert text == "Take this back? Your note on WEST-0001 was the last thing you recorded.\n>Seen twice."
    # Who recorded something else before answering takes nothing back.
    sitting.does("chair", discussion.add_note, WEST, "Seen again.")
    assert sitting.refused("chair", undoing.undo_last, WEST, found.key) == (
        "You have recorded something else since, or this entry was changed. "
        "Nothing was taken back. `/meeting undo` shows your last entry."
    )
    latest = sitting.does("chair", undoing.last_entry, WEST)
    assert [note.text for note in sitting.does("chair", undoing.undo_last, WEST, latest.key).notes] == ["Seen twice."]


def test_lines_of_several_lines_keep_their_buttons_and_the_advice_comes_last(sitting: Play) -> None:
    for number in range(17):
        sitting.does("chair", discussion.add_note, WEST, f"Seen at the station.\nThe {number}th time.")
    _, blocks = undo_views.own_entries(sitting.does("chair", undoing.own_entries, WEST))
    assert sum(block["type"] == "actions" for block in blocks) == 15
    assert blocks[-1]["text"]["text"] == (
        "• 14:00 WEST-0001: Seen at the station.\nThe 1th time.\n"
        "• 14:00 WEST-0001: Seen at the station.\nThe 0th time.\n"
        "`/meeting undo` takes back your note on WEST-0001, recorded at 14:00.\n"
        "To correct another entry, type `/meeting record` and its item's number. For an action: `/action edit`."
    )


def test_all_that_one_recorded_is_listed_the_last_first(sitting: Play) -> None:
    sitting.does("chair", discussion.add_note, WEST, "Police: seen twice")
    sitting.does("minutetaker", discussion.add_note, WEST, "Health: attended")
    sitting.at(3, 24, 14, 5)
    sitting.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.STEP_DOWN, "Settled at home."))
    assert undo_views.own_entries(sitting.does("chair", undoing.own_entries, WEST))[0] == (
        "*West Operational MET*: you recorded 2 entries, the newest first.\n"
        "• 14:05 WEST-0001: step down\n• 14:00 WEST-0001: Police: seen twice\n"
        "`/meeting undo` takes back your decision on WEST-0001 (step down), recorded at 14:05.\n"
        "To correct another entry, type `/meeting record` and its item's number. For an action: `/action edit`."
    )
    assert undo_views.own_entries(sitting.does("vicechair", undoing.own_entries, WEST))[0] == (
        "You have recorded nothing in the open meeting of West Operational MET yet."
    )


def test_what_stands_under_an_item_that_is_kept_from_them_by_now_is_not_offered(sitting: Play) -> None:
    sitting.does("coordinator", discussion.add_note, WEST, "Police: seen twice")
    sitting.does("coordinator", interests.declare_interest, WEST, "WEST-0001")
    assert sitting.refused("coordinator", undoing.undo_last, WEST) == NOTHING
    found = sitting.does("coordinator", undoing.own_entries, WEST).entries
    assert [one.key for one in found] == ["attendance-1"]


def test_what_was_replaced_stays_so_where_it_does_not_go_with_what_was_decided_since(sitting: Play) -> None:
    (retain,) = sitting.does(
        "chair", discussion.decide, WEST, DecisionForm(DecisionKind.RETAIN, "New.", review="next meeting")
    ).decisions
    nrm = DecisionForm(DecisionKind.NRM, "Moved.", replaces=(retain.id,))
    sitting.does("minutetaker", discussion.decide, WEST, nrm)
    sitting.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.STEP_DOWN, "Settled."))
    undone = sitting.does("minutetaker", undoing.undo_last, WEST)
    assert [one.kind for one in undone.decisions] == [DecisionKind.STEP_DOWN]
    assert undone.taken_back is not None
    assert undone.taken_back.restored == ()


def test_an_action_is_an_entry_like_any_other_and_is_withdrawn(sitting: Play) -> None:
    sitting.does("chair", discussion.add_note, WEST, "Seen twice.")
    given = {"holder_user_id": user_id("nurse"), "text": "ring the school nurse", "due": date(2026, 4, 10)}
    action = sitting.does("chair", changes.add_action, WEST, **given)
    found = sitting.does("chair", undoing.last_entry, WEST)
    text, blocks = undo_views.undo_question(found)
    assert (found.is_old, text) == (
        False,
        "Take this back? Action 1 was the last thing you recorded.\n>ring the school nurse",
    )
    labels = [one["text"]["text"] for block in blocks if block["type"] == "actions" for one in block["elements"]]
    assert labels == ["Withdraw action 1"]
    assert undo_views.own_entries(sitting.does("chair", undoing.own_entries, WEST))[0] == (
        "*West Operational MET*: you recorded 2 entries, the newest first.\n"
        "• 14:00 WEST-0001: action 1, ring the school nurse (Nurse, by Fri 10 Apr 2026)\n"
        "• 14:00 WEST-0001: Seen twice.\n"
        "`/meeting undo` takes back action 1, recorded at 14:00.\n"
        "To correct another entry, type `/meeting record` and its item's number. For an action: `/action edit`."
    )
    sitting.does("chair", correcting.withdraw_action, action.id, "Given by mistake.")
    assert sitting.does("chair", undoing.last_entry, WEST).key == "note-1"


def test_whose_place_has_ended_is_not_told_of_their_entry(sitting: Play) -> None:
    sitting.does("minutetaker", discussion.add_note, WEST, "Police: seen twice")
    item = sitting.does("chair", discussion.current_item, WEST).item
    assert item is not None
    chair = sitting.county.person["chair"]
    assert sitting.does("minutetaker", undoing.compose_changed, item.id, chair) is not None
    sitting.loses_place("minutetaker")
    assert sitting.does("minutetaker", undoing.compose_changed, item.id, chair) is None


@pytest.mark.databases("sqlite")
def test_who_no_longer_records_is_never_shown_the_notes_that_they_wrote(sitting: Play) -> None:
    sitting.does("minutetaker", discussion.add_note, WEST, "Seen twice.")
    assert len(sitting.does("minutetaker", undoing.own_entries, WEST).entries) == 1
    with sitting.store.work() as work:
        whose = Membership.person_id == sitting.county.person["minutetaker"]
        place = work.session.exec(select(Membership).where(whose)).one()
        place.role = Role.OBSERVER
        work.session.add(place)
    assert sitting.does("minutetaker", undoing.own_entries, WEST).entries == ()
    assert sitting.refused("minutetaker", undoing.last_entry, WEST) == NOTHING


@pytest.mark.databases("sqlite")
def test_an_action_on_a_case_that_is_kept_from_its_giver_is_not_among_their_entries(sitting: Play) -> None:
    given = {"holder_user_id": user_id("minutetaker"), "text": "Ring the school", "due": "2026-04-10"}
    sitting.does("minutetaker", changes.add_action, WEST, **given)
    assert len(sitting.does("minutetaker", undoing.own_entries, WEST).entries) == 1
    sitting.does("minutetaker", interests.declare_interest, WEST, "WEST-0001")
    assert sitting.does("minutetaker", undoing.own_entries, WEST).entries == ()


@pytest.mark.databases("sqlite")
def test_only_for_who_records_the_meeting_an_answer_on_an_action_is_an_entry(play: Play) -> None:
    numbers = [give(play, holder=who, due="2026-04-10") for who in ("nurse", "minutetaker")]
    play.at(3, 24, 14)
    play.opens()
    for who, number in zip(("nurse", "minutetaker"), numbers, strict=True):
        play.does(who, changes.complete_action, number)
    entries = {who: len(play.does(who, undoing.own_entries, WEST).entries) for who in ("nurse", "minutetaker")}
    assert entries == {"nurse": 0, "minutetaker": 1}


@pytest.mark.databases("sqlite")
def test_a_change_of_attendance_is_told_only_to_members_and_offers_to_record_only_who_may(sitting: Play) -> None:
    sitting.does("coordinator", opening.record_attendance, WEST, present=(user_id("constable"),), accepted=True)
    with sitting.store.reading() as work:
        act = work.find_all(AttendanceEntry, by=[col(AttendanceEntry.id).desc()])[0].act
    asked = (sitting.county.west_meetings[0], act, [sitting.county.person["constable"]], [])
    told = {
        who: sitting.does(who, undoing.compose_changed_attendance, *asked)
        for who in ("chair", "minutetaker", "nurse", "observer", "outsider")
    }
    assert {who: one and one.may_record for who, one in told.items()} == {
        "chair": True,
        "minutetaker": True,
        "nurse": False,
        "observer": False,
        "outsider": None,
    }


def corrects(sitting: Play, who: str, number: int, **said: Any) -> ActionView:
    """Correct facts of an action in its form."""
    found = sitting.does(who, editing.offer_edit, number)
    now = found.action
    form = ActionForm(
        now.text, now.kind, now.holder_user_id, now.due_on, now.case_reference or "", "It was put down wrongly."
    )
    edited: editing.Edited = sitting.does(who, editing.edit_action, number, replace(form, **said), found.seen)
    return edited.action


def facts(action: ActionView) -> tuple[str, str, str, date, str | None]:
    """Return what an action says: words, kind, holder, day and case."""
    return action.text, action.kind.value, action.holder_name, action.due_on, action.case_reference


def undoes(sitting: Play, who: str) -> str:
    """Take the last entry back, which is a correction. Return what the person reads."""
    key = sitting.does(who, undoing.last_entry, WEST).key
    assert key.startswith("edit-")
    return answer_views.correction_undone(sitting.does(who, editing.undo_edit, int(key.removeprefix("edit-"))))


GIVEN = {"holder_user_id": user_id("nurse"), "text": "ring the school nurse", "due": date(2026, 4, 10)}
FIRST = ("ring the school nurse", "other", "Nurse", date(2026, 4, 10), "WEST-0001")


def test_what_was_done_last_was_the_correction_so_undo_takes_back_that(sitting: Play) -> None:
    number = sitting.does("chair", changes.add_action, WEST, **GIVEN).id
    sitting.at(3, 24, 14, 1)
    now = corrects(
        sitting,
        "chair",
        number,
        text="visit the family",
        kind=ActionKind.VISIT,
        holder_user_id=user_id("socialworker"),
        due=date(2026, 4, 3),
        case_reference="WEST-0002",
    )
    assert facts(now) == ("visit the family", "visit", "Socialworker", date(2026, 4, 3), "WEST-0002")
    found = sitting.does("chair", undoing.last_entry, WEST)
    assert isinstance(found.found, CorrectedAction)
    assert not found.is_old
    said = "Words: ring the school nurse → visit the family"
    listed = undo_views.own_entries(sitting.does("chair", undoing.own_entries, WEST))[0].splitlines()
    assert listed[:4] == [
        "*West Operational MET*: you recorded 2 entries, the newest first.",
        f"• 14:01 WEST-0002: correction of action {number}. {said}; Kind: other → visit; "
        "Held by: Nurse → Socialworker; Due: Fri 10 Apr 2026 → Fri 3 Apr 2026; Case: WEST-0001 → WEST-0002",
        f"• 14:00 WEST-0002: action {number}, visit the family (Socialworker, by Fri 3 Apr 2026)",
        f"`/meeting undo` takes back your correction of action {number}, recorded at 14:01.",
    ]
    assert undoes(sitting, "chair") == (
        f"You have taken back your correction of action {number}. The action's history keeps the correction.\n"
        f">{said}\n>Kind: other → visit\n>Held by: Nurse → Socialworker\n"
        ">Due: Fri 10 Apr 2026 → Fri 3 Apr 2026\n>Case: WEST-0001 → WEST-0002\n"
        "In force again: Words: ring the school nurse; Kind: other; Held by: Nurse; Due: Fri 10 Apr 2026; "
        "Case: WEST-0001."
    )
    history = sitting.does("chair", tracker.show_action, number)
    assert facts(history.action) == FIRST
    assert [(line.kind, [one.fact for one in line.changes]) for line in history.history] == [
        (ActionEventKind.ADDED, []),
        (ActionEventKind.EDITED, list(ActionFact)),
        (ActionEventKind.EDITED, list(ActionFact)),
    ]
    assert history.history[-1].reason == "The correction was taken back by the person who made it."
    # What comes next is the action itself, and the correction that was taken back is no entry any more.
    assert sitting.does("chair", undoing.last_entry, WEST).key == f"action-{number}"
    assert len(sitting.does("chair", undoing.own_entries, WEST).entries) == 1


def test_a_correction_of_what_another_person_gave_is_ones_own_entry_and_its_giver_is_told(sitting: Play) -> None:
    number = sitting.does("chair", changes.add_action, WEST, **GIVEN).id
    sitting.does("minutetaker", discussion.add_note, WEST, "Police: seen twice")
    sitting.at(3, 24, 14, 1)
    corrects(sitting, "minutetaker", number, due=date(2026, 4, 3))
    sitting.at(3, 24, 14, 5)
    found = sitting.does("minutetaker", undoing.last_entry, WEST)
    text, blocks = undo_views.undo_question(found)
    assert (found.is_old, text) == (
        True,
        f"Take this back? Your correction of action {number} was the last thing you recorded.\n"
        ">Due: Fri 10 Apr 2026 → Fri 3 Apr 2026",
    )
    assert blocks[1]["elements"][0]["value"] == f"west-met:{found.key}"
    before = sitting.sent("action_changed")
    undoes(sitting, "minutetaker")
    assert sitting.sent("action_changed")[len(before) :] == [("action_changed", "chair")]
    assert facts(sitting.does("chair", tracker.show_action, number).action) == FIRST
    assert sitting.does("minutetaker", undoing.last_entry, WEST).key == "note-1"


def test_a_correction_is_taken_back_only_by_who_made_it_and_only_once(sitting: Play) -> None:
    number = sitting.does("chair", changes.add_action, WEST, **GIVEN).id
    corrects(sitting, "chair", number, text="ring the clinic")
    event = int(sitting.does("chair", undoing.last_entry, WEST).key.removeprefix("edit-"))
    old = str(OutOfDate())
    assert sitting.refused("minutetaker", editing.undo_edit, event) == old
    assert sitting.refused("chair", editing.undo_edit, event - 1) == old
    undoes(sitting, "chair")
    assert sitting.refused("chair", editing.undo_edit, event) == old
    assert sitting.refused("chair", editing.undo_edit, event + 1) == old


def test_what_was_corrected_again_since_stays_and_an_earlier_entry_is_asked_about_first(sitting: Play) -> None:
    number = sitting.does("chair", changes.add_action, WEST, **GIVEN).id
    sitting.does("minutetaker", discussion.add_note, WEST, "Seen twice.")
    corrects(sitting, "minutetaker", number, text="ring the clinic", due=date(2026, 4, 3))
    event = int(sitting.does("minutetaker", undoing.last_entry, WEST).key.removeprefix("edit-"))
    corrects(sitting, "coordinator", number, text="write to the clinic")
    assert sitting.refused("minutetaker", editing.undo_edit, event) == (
        f"Action {number} was corrected again since, so I can't take this correction back. "
        f"To correct it: `/action edit {number}`."
    )
    found = sitting.does("minutetaker", undoing.last_entry, WEST)
    assert (found.key, found.is_old) == ("note-1", True)
    listed = undo_views.own_entries(sitting.does("minutetaker", undoing.own_entries, WEST))[0].splitlines()
    assert listed[1].endswith("Due: Fri 10 Apr 2026 → Fri 3 Apr 2026 It was corrected again since.")
    assert listed[3] == "`/meeting undo` takes back your note on WEST-0001, recorded at 14:00."
    # If the other person takes theirs back, the earlier correction is the last entry again.
    undoes(sitting, "coordinator")
    undoes(sitting, "minutetaker")
    assert facts(sitting.does("chair", tracker.show_action, number).action) == FIRST


def test_of_two_corrections_the_later_is_taken_back_first(sitting: Play) -> None:
    number = sitting.does("chair", changes.add_action, WEST, **GIVEN).id
    corrects(sitting, "chair", number, text="ring the clinic")
    corrects(sitting, "chair", number, text="write to the clinic")
    assert undoes(sitting, "chair").endswith("In force again: Words: ring the clinic.")
    assert undoes(sitting, "chair").endswith("In force again: Words: ring the school nurse.")
    assert facts(sitting.does("chair", tracker.show_action, number).action) == FIRST


def test_an_action_that_got_another_holder_since_is_asked_about_before_it_is_withdrawn(sitting: Play) -> None:
    number = sitting.does("chair", changes.add_action, WEST, **GIVEN).id
    assert not sitting.does("chair", undoing.last_entry, WEST).is_old
    sitting.does("chair", changes.reassign_action, number, holder_user_id=user_id("socialworker"))
    assert sitting.does("chair", undoing.last_entry, WEST).is_old


def test_an_action_that_another_person_corrected_is_asked_about_before_it_is_withdrawn(sitting: Play) -> None:
    number = sitting.does("chair", changes.add_action, WEST, **GIVEN).id
    corrects(sitting, "minutetaker", number, text="ring the clinic")
    found = sitting.does("chair", undoing.last_entry, WEST)
    assert (found.key, found.is_old) == (f"action-{number}", True)
    assert sitting.does("chair", correcting.undo_added, number) is None


def test_a_correction_under_a_case_that_is_kept_from_them_by_now_is_not_offered(sitting: Play) -> None:
    number = sitting.does("chair", changes.add_action, WEST, **GIVEN).id
    corrects(sitting, "coordinator", number, text="ring the clinic")
    assert sitting.does("coordinator", undoing.last_entry, WEST).key.startswith("edit-")
    sitting.does("coordinator", interests.declare_interest, WEST, "WEST-0001")
    assert [one.key for one in sitting.does("coordinator", undoing.own_entries, WEST).entries] == ["attendance-1"]


def test_a_day_that_has_passed_by_now_returns_when_its_correction_is_taken_back(play: Play) -> None:
    play.accepted("WEST-0001")
    due = {**GIVEN, "due": date(2026, 3, 20)}
    number = play.does("chair", changes.add_action, WEST, **due).id
    play.at(3, 24, 14)
    play.opens()
    corrects(play, "chair", number, due=date(2026, 4, 3))
    undoes(play, "chair")
    assert play.does("chair", tracker.show_action, number).action.due_on == date(2026, 3, 20)


@pytest.mark.databases("sqlite")
def test_a_correction_is_not_taken_back_if_the_earlier_holder_may_no_longer_read_the_case(sitting: Play) -> None:
    number = sitting.does("chair", changes.add_action, WEST, **GIVEN).id
    corrects(sitting, "chair", number, holder_user_id=user_id("socialworker"))
    event = int(sitting.does("chair", undoing.last_entry, WEST).key.removeprefix("edit-"))
    sitting.does("nurse", interests.declare_interest, WEST, "WEST-0001")
    assert sitting.refused("chair", editing.undo_edit, event) == (
        "<@UNURSE> cannot be given this action. Choose another person."
    )
    assert sitting.does("chair", tracker.show_action, number).action.holder_name == "Socialworker"
