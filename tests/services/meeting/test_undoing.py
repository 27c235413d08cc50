"""Taking back what one recorded last: one's own alone, whatever others recorded since, and what it replaced returns."""

from datetime import date

import pytest
from sqlmodel import col, select

from bot.models.meetings import AttendanceEntry
from bot.models.panels import Membership
from bot.models.vocabulary import DecisionKind, Role
from bot.records.meeting.deciding import DecisionForm
from bot.services.actions import changes, correcting
from bot.services.cases import interests
from bot.services.meeting import discussion, opening, sheet, undoing
from bot.services.meeting.sheet import SheetEntry, mark_of
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
    assert text == "Take this back? Your note on WEST-0001 was your last entry.\n>Seen twice."
    # Who recorded something else before answering takes nothing back.
    sitting.does("chair", discussion.add_note, WEST, "Seen again.")
    assert sitting.refused("chair", undoing.undo_last, WEST, found.key) == (
        "You have recorded something else since, or this entry was changed. "
        "Nothing was taken back. `/meeting undo` shows your last entry."
    )
    latest = sitting.does("chair", undoing.last_entry, WEST)
    assert [note.text for note in sitting.does("chair", undoing.undo_last, WEST, latest.key).notes] == ["Seen twice."]


def test_all_that_one_recorded_is_listed_the_last_first(sitting: Play) -> None:
    sitting.does("chair", discussion.add_note, WEST, "Police: seen twice")
    sitting.does("minutetaker", discussion.add_note, WEST, "Health: attended")
    sitting.at(3, 24, 14, 5)
    sitting.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.STEP_DOWN, "Settled at home."))
    assert undo_views.mine(sitting.does("chair", undoing.own_entries, WEST)) == (
        "*West Operational MET*: you recorded 2 entries.\n"
        "• 14:05 WEST-0001: step down\n• 14:00 WEST-0001: Police: seen twice\n"
        "To take back the first entry, type `/meeting undo`.\n"
        "To correct another entry, type `/meeting record` and its item's number. For an action: `/action edit`."
    )
    assert undo_views.mine(sitting.does("vicechair", undoing.own_entries, WEST)) == (
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
    assert (found.is_old, text) == (False, "Take this back? Action 1 was your last entry.\n>ring the school nurse")
    labels = [one["text"]["text"] for block in blocks if block["type"] == "actions" for one in block["elements"]]
    assert labels == ["Withdraw action 1"]
    assert undo_views.mine(sitting.does("chair", undoing.own_entries, WEST)) == (
        "*West Operational MET*: you recorded 2 entries.\n"
        "• 14:00 WEST-0001: action 1, ring the school nurse (Nurse, by Fri 10 Apr 2026)\n"
        "• 14:00 WEST-0001: Seen twice.\n"
        "To take back the first entry, type `/meeting undo`.\n"
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
def test_who_lost_their_place_is_not_told_that_their_entry_was_changed(sitting: Play) -> None:
    item = sitting.does("chair", discussion.current_item, WEST).item
    assert item is not None
    chair = sitting.county.person["chair"]
    assert sitting.does("minutetaker", undoing.compose_changed, item.id, chair) is not None
    sitting.loses_place("minutetaker")
    assert sitting.does("minutetaker", undoing.compose_changed, item.id, chair) is None


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
