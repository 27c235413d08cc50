"""Who is at a meeting: taken back by its author, late arrivals and departures, people without Slack, the minutes."""

from datetime import datetime

import pytest
from sqlmodel import col

from bot.models.minutes import Minutes
from bot.models.outbox import OutboxRow
from bot.models.vocabulary import AttendanceStatus, DecisionKind
from bot.records.access.queries import Where
from bot.records.meeting.deciding import DecisionForm
from bot.records.meeting.room import RoomView
from bot.services.meeting import board, discussion, guests, opening, undoing
from bot.services.meeting.arrivals import Moves
from bot.services.meeting.guests import GuestForm
from bot.services.minutes import papers
from bot.services.minutes.record import facts_for
from bot.slack.meeting import undo_views
from tests.county import WEST, actor, user_id
from tests.services.conftest import LONDON, Play

pytestmark = pytest.mark.databases("sqlite", "postgresql")

NOTHING = "You have recorded nothing in this meeting that you can take back."


@pytest.fixture
def sitting(play: Play) -> Play:
    """West's meeting is open since two o'clock, quorate, and a case is discussed at twenty past two."""
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    play.at(3, 24, 14, 20)
    play.goes_to("WEST-0001")
    return play


def of(found: RoomView, name: str) -> tuple[str | None, bool, str, str]:
    """Return how a person takes part: status, whether they acknowledged, when they arrived and when they left."""
    one = next(each for each in found.attendees if each.name == name)
    moments = [f"{at:%H:%M}" if at else "" for at in (one.arrived_at, one.left_at)]
    return one.status and one.status.value, one.acknowledged, moments[0], moments[1]


def people(*names: str) -> tuple[str, ...]:
    return tuple(map(user_id, names))


def here(sitting: Play) -> RoomView:
    return sitting.does("chair", opening.room, WEST)


def meeting_id(sitting: Play) -> int:
    return sitting.county.west_meetings[0]


def test_who_says_that_they_are_here_after_the_first_item_arrives_then(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.does("chair", opening.open_panel_meeting, WEST)
    play.does("chair", discussion.next_item, WEST)  # the welcome: nobody is late yet
    play.at(3, 24, 14, 2)
    assert of(play.does("nurse", opening.acknowledge, meeting_id(play)), "Nurse") == ("present", True, "", "")
    play.does("chair", discussion.next_item, WEST)
    play.at(3, 24, 14, 25)
    assert of(play.does("matron", opening.acknowledge, meeting_id(play)), "Matron") == ("present", True, "14:25", "")
    assert of(play.does("nurse", opening.acknowledge, meeting_id(play)), "Nurse") == ("present", True, "", "")


def test_the_form_says_who_came_late_and_who_left_and_takes_it_back(sitting: Play) -> None:
    sitting.at(3, 24, 14, 40)
    moves = Moves(late=people("matron"), left=people("nurse"), at="14.25")
    found = sitting.does("coordinator", opening.record_attendance, WEST, moves=moves)
    assert of(found, "Matron") == ("present", False, "14:25", "")
    assert of(found, "Nurse") == ("present", True, "", "14:25")
    # A form that was drawn with them and no longer names them clears that; a later time is of new ones alone.
    drawn = Moves(late=people("matron"), were_late=people("matron"), had_left=people("nurse"), at="14:30")
    again = sitting.does("coordinator", opening.record_attendance, WEST, present=people("nurse"), moves=drawn)
    assert of(again, "Matron") == ("present", False, "14:25", "")
    assert of(again, "Nurse") == ("present", True, "", "")


def test_a_form_of_before_does_not_undo_what_was_recorded_meanwhile(sitting: Play) -> None:
    drawn = {"were_here": people("chair", "nurse"), "had_left": people("nurse"), "left": people("nurse")}
    sitting.does("chair", opening.record_attendance, WEST, moves=Moves(left=people("nurse")))
    sitting.does("nurse", opening.acknowledge, meeting_id(sitting))  # back again
    sitting.does("chair", opening.record_attendance, WEST, apologies=people("socialworker"))
    here_then = people("chair", "nurse", "socialworker")
    moves = Moves(**drawn | {"were_here": here_then})
    found = sitting.does("minutetaker", opening.record_attendance, WEST, present=here_then, moves=moves)
    assert of(found, "Nurse") == ("present", True, "", "")
    assert of(found, "Socialworker")[0] == "apologies"
    assert sitting.refused("minutetaker", undoing.last_entry, WEST) == NOTHING
    # Nor does it put back a person whose record was taken back meanwhile.
    sitting.does("matron", opening.acknowledge, meeting_id(sitting))
    # Who takes no attendance may take their own back, and is not offered its form.
    _, blocks = undo_views.own_entries(sitting.does("matron", undoing.own_entries, WEST))
    (row,) = (one for one in blocks if one["type"] == "actions")
    assert [one["text"]["text"] for one in row["elements"]] == ["Undo"]
    sitting.does("matron", undoing.undo_attendance, WEST, sitting.does("matron", undoing.last_entry, WEST).key)
    moves = Moves(were_here=people("matron"))
    found = sitting.does("minutetaker", opening.record_attendance, WEST, present=people("matron"), moves=moves)
    assert of(found, "Matron") == (None, False, "", "")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("25 past", "Write the time as hours and minutes, such as 14:25."),
        ("13:59", "The meeting was opened at 14:00, and it is 14:40 now. Give a time between the two."),
        ("14:41", "The meeting was opened at 14:00, and it is 14:40 now. Give a time between the two."),
    ],
)
def test_a_time_outside_the_meeting_is_refused(sitting: Play, typed: str, said: str) -> None:
    sitting.at(3, 24, 14, 40)
    moves = Moves(late=people("matron"), at=typed)
    assert sitting.refused("coordinator", opening.record_attendance, WEST, moves=moves) == said


def test_a_time_after_midnight_is_of_the_day_after(sitting: Play) -> None:
    sitting.at(3, 25, 0, 30)
    gone = sitting.does("minutetaker", opening.record_attendance, WEST, moves=Moves(left=people("nurse"), at="00:10"))
    assert [one.left_at for one in gone.attendees if one.name == "Nurse"] == [
        datetime(2026, 3, 25, 0, 10, tzinfo=LONDON)
    ]
    late = Moves(late=people("matron"), at="14:20")
    came = sitting.does("minutetaker", opening.record_attendance, WEST, present=people("matron"), moves=late)
    assert [one.arrived_at for one in came.attendees if one.name == "Matron"] == [
        datetime(2026, 3, 24, 14, 20, tzinfo=LONDON)
    ]
    too_early = Moves(late=people("constable"), at="13:59")
    said = sitting.refused("coordinator", opening.record_attendance, WEST, moves=too_early)
    assert said == "The meeting was opened at 14:00, and it is 00:30 now. Give a time between the two."


def test_who_left_counts_for_the_quorum_no_longer_until_they_are_back(sitting: Play) -> None:
    left = Moves(left=people("nurse"))
    found = sitting.does("coordinator", opening.record_attendance, WEST, moves=left)
    assert (found.quorum.met, found.quorum.missing) == (False, ("health",))
    assert dict(_board(sitting).here) == {"Police": 1, "Social Care": 1, "in attendance": 1}
    assert sitting.does("nurse", opening.acknowledge, meeting_id(sitting)).quorum.met
    # After its close all who had been there count: it was quorate while they were.
    sitting.does("coordinator", opening.record_attendance, WEST, moves=left)
    assert sitting.does("chair", opening.close_meeting, WEST).quorum.met


def _board(sitting: Play) -> board.BoardView:
    with sitting.store.reading() as work:
        found = board.compose_board(work, meeting_id(sitting))
    assert found is not None
    return found


def test_what_one_recorded_of_attendance_is_taken_back_as_a_whole(sitting: Play) -> None:
    sitting.at(3, 24, 14, 40)
    sent = {"information": "A letter.", "apologies": people("midwife")}
    sitting.does("minutetaker", opening.record_attendance, WEST, present=people("constable"), **sent)
    listed = undo_views.own_entries(sitting.does("minutetaker", undoing.own_entries, WEST))[0]
    assert listed == (
        "*West Operational MET*: you recorded 1 entry.\n"
        "• 14:40 attendance. Constable: present; Midwife: apologies\n"
        "`/meeting undo` takes back your attendance entry, recorded at 14:40.\n"
        "To correct another entry, type `/meeting record` and its item's number. For an action: `/action edit`."
    )
    found = sitting.does("minutetaker", undoing.last_entry, WEST)
    taken = sitting.does("minutetaker", undoing.undo_attendance, WEST, found.key)
    assert undo_views.attendance_undone(taken) == (
        "You have taken back this entry. "
        "The record keeps the entry, marked as taken back.\n>Constable: present\n>Midwife: apologies"
    )
    for name in ("Constable", "Midwife"):
        assert of(here(sitting), name) == (None, False, "", "")
    assert sitting.refused("minutetaker", undoing.last_entry, WEST) == NOTHING


def test_what_was_recorded_before_is_so_again_with_what_their_agency_sent(sitting: Play) -> None:
    sitting.does(
        "minutetaker", opening.record_attendance, WEST, apologies=people("midwife"), information="A first letter."
    )
    sitting.does("coordinator", opening.record_attendance, WEST, apologies=people("midwife"), information="Another.")
    key = sitting.does("coordinator", undoing.last_entry, WEST).key
    sitting.does("coordinator", undoing.undo_attendance, WEST, key)
    sent = [one.information_sent for one in here(sitting).attendees if one.name == "Midwife"]
    assert sent == ["A first letter."]


def test_a_person_takes_back_their_own_arrival_and_nobody_elses(sitting: Play) -> None:
    sitting.at(3, 24, 14, 25)
    sitting.does("matron", opening.acknowledge, meeting_id(sitting))
    assert sitting.refused("constable", undoing.last_entry, WEST) == NOTHING
    found = sitting.does("matron", undoing.last_entry, WEST)
    sitting.does("matron", undoing.undo_attendance, WEST, found.key)
    assert of(here(sitting), "Matron") == (None, False, "", "")
    assert sitting.refused("matron", undoing.undo_attendance, WEST, found.key) == (
        "You have recorded something else since, or this entry was changed. "
        "Nothing was taken back. `/meeting undo` shows your last entry."
    )


def test_of_several_panels_the_one_where_a_person_records_is_meant(sitting: Play) -> None:
    # The chair of West sits on Shire as a representative.
    assert sitting.does("chair", undoing.own_entries, Where()).panel_title == "West Operational MET"


def test_a_person_who_was_recorded_otherwise_since_stays_so(sitting: Play) -> None:
    sitting.does("minutetaker", opening.record_attendance, WEST, apologies=people("matron"))
    sitting.at(3, 24, 14, 25)
    sitting.does("matron", opening.acknowledge, meeting_id(sitting))
    found = sitting.does("minutetaker", undoing.last_entry, WEST)
    taken = sitting.does("minutetaker", undoing.undo_attendance, WEST, found.key)
    assert undo_views.attendance_undone(taken).splitlines()[1:] == [
        ">Matron: apologies",
        "I left these as they are, because they were recorded again since: Matron.",
    ]
    assert of(here(sitting), "Matron") == ("present", True, "14:25", "")
    # And where that is taken back too, nothing is left of either.
    sitting.does("matron", undoing.undo_attendance, WEST, sitting.does("matron", undoing.last_entry, WEST).key)
    assert of(here(sitting), "Matron") == (None, False, "", "")


def test_nothing_that_did_not_change_is_an_entry(sitting: Play) -> None:
    sitting.does("minutetaker", opening.record_attendance, WEST, present=people("chair", "nurse"), accepted=True)
    assert sitting.refused("minutetaker", undoing.last_entry, WEST) == NOTHING


def test_a_person_without_slack_counts_for_the_quorum_where_they_speak_for_an_agency_of_the_panel(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.does("chair", opening.open_panel_meeting, WEST)
    play.does("coordinator", opening.record_attendance, WEST, present=people("chair", "socialworker"), accepted=True)
    health = play.county.agency["health"]
    guest = GuestForm("Asha Rao", AttendanceStatus.IN_ATTENDANCE, agency_id=health, accepted=True)
    assert not play.does("chair", guests.record_guest, WEST, guest).quorum.met
    assert _board(play).quorum.missing == ("health",)
    assert _board(play).here == (("Police", 1), ("Social Care", 1), ("in attendance", 2))
    speaks = GuestForm("Bea Holt", AttendanceStatus.PRESENT, agency_id=health)
    found = play.does("chair", guests.record_guest, WEST, speaks)
    assert found.quorum.met
    assert (of(found, "Asha Rao"), of(found, "Bea Holt")) == (
        ("in_attendance", True, "", ""),
        ("present", False, "", ""),
    )
    school = GuestForm("Cy Dean", AttendanceStatus.OBSERVER, other_agency="Hill School")
    play.does("chair", guests.record_guest, WEST, school)
    # The board stays in Slack, and names no agency that someone typed. Who is in attendance speaks for none.
    assert _board(play).here == (("Health", 1), ("Police", 1), ("Social Care", 1), ("guests", 1), ("in attendance", 2))
    assert play.does("chair", opening.unfinished, WEST).unacknowledged == ("Bea Holt", "Cy Dean")
    # Taken by the chair, for all at once; one who leaves counts no longer.
    play.does("chair", opening.record_attendance, WEST, accepted=True)
    assert play.does("chair", opening.unfinished, WEST).unacknowledged == ()
    bea = next(one.guest_id for one in here(play).attendees if one.name == "Bea Holt")
    assert bea is not None
    gone = play.does("chair", opening.record_attendance, WEST, moves=Moves(guests_left=(bea,)))
    assert (gone.quorum.met, of(gone, "Bea Holt")) == (False, ("present", True, "", "14:00"))
    for _ in range(4):  # that they left, what they accepted, the last guest, and the second
        key = play.does("chair", undoing.last_entry, WEST).key
        play.does("chair", undoing.undo_attendance, WEST, key)
    assert [one.name for one in here(play).attendees if one.guest_id is not None] == ["Asha Rao"]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (GuestForm(" ", AttendanceStatus.OBSERVER, other_agency="Hill School"), "What is their name?"),
        (GuestForm("A", AttendanceStatus.OBSERVER), "Choose their agency, or type it below."),
        (GuestForm("A", AttendanceStatus.OBSERVER, 1, "Hill School"), "Choose an agency or type one, not both."),
        (GuestForm("A", AttendanceStatus.OBSERVER, 99), "Choose one of these agencies."),
        (GuestForm("A", AttendanceStatus.ABSENT, 1), "Choose how they take part."),
        (
            GuestForm("A", AttendanceStatus.PRESENT, other_agency="Hill School"),
            "Only people from an agency on West Operational MET count as present. Record this person as in attendance, "
            "as a guest.",
        ),
    ],
)
def test_a_guest_needs_a_name_and_one_agency(sitting: Play, form: GuestForm, said: str) -> None:
    assert sitting.refused("chair", guests.record_guest, WEST, form) == said


def test_who_may_not_take_attendance_records_no_guest(sitting: Play) -> None:
    form = GuestForm("A", AttendanceStatus.OBSERVER, other_agency="Hill School")
    said = "On West Operational MET, only the chair, vice-chair, co-ordinator and minute-taker can record attendance."
    for use_case, given in ((guests.record_guest, (WEST, form)), (guests.offer_guest, (WEST,))):
        assert sitting.refused("nurse", use_case, *given) == said


def test_who_came_late_left_and_accepted_the_statement_stands_in_the_minutes(sitting: Play) -> None:
    sitting.at(3, 24, 14, 40)
    form = GuestForm("Cy Dean", AttendanceStatus.IN_ATTENDANCE, other_agency="Hill School", is_late=True)
    sitting.does("coordinator", guests.record_guest, WEST, form)
    moves = Moves(late=people("constable"), left=people("nurse"), at="14:30")
    sitting.does("coordinator", opening.record_attendance, WEST, moves=moves)
    sitting.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.STEP_DOWN, "Settled."))
    sitting.does("chair", opening.close_meeting, WEST)
    draft = sitting.does("minutetaker", papers.draft_minutes, WEST)
    with sitting.store.work() as work:
        facts, _ = facts_for(work, actor(work, "chair"), work.session.get_one(Minutes, draft.id))
    assert [(one.name, one.agency, one.arrived, one.left) for one in facts.present] == [
        ("Chair", "Police", "", ""),
        ("Constable", "Police", "14:30", ""),
        ("Nurse", "Health", "", "14:30"),
        ("Socialworker", "Social Care", "", ""),
    ]
    assert [(one.name, one.agency, one.arrived) for one in facts.in_attendance] == [
        ("Coordinator", "Social Care", ""),
        ("Cy Dean", "Hill School", "14:40"),
    ]
    assert (facts.acknowledged, facts.unacknowledged) == (
        ("Chair", "Nurse", "Socialworker"),
        ("Constable", "Cy Dean"),
    )


def told_of_attendance(sitting: Play) -> list[tuple[str, str]]:
    """Return each message that attendance was changed: its addressee and its text."""
    names = {number: key for key, number in sitting.county.person.items()}
    told = []
    with sitting.store.reading() as work:
        for row in work.find_all(OutboxRow, col(OutboxRow.kind) == "attendance_changed", by=[col(OutboxRow.id)]):
            facts = row.payload
            who = names[facts["person_id"]]
            found = undoing.compose_changed_attendance(
                work, actor(work, who), facts["meeting_id"], facts["act"], facts["people"], facts["guests"]
            )
            told.append((who, undo_views.changed_attendance(found)[0] if found else ""))
    return told


def test_who_recorded_attendance_is_told_when_another_person_replaces_it(sitting: Play) -> None:
    sitting.does("minutetaker", opening.record_attendance, WEST, apologies=people("matron", "constable"))
    sitting.does("minutetaker", opening.record_attendance, WEST, present=people("constable"))
    assert told_of_attendance(sitting) == [], "their own entry"
    sitting.does("coordinator", opening.record_attendance, WEST, moves=Moves(left=people("constable")))
    assert told_of_attendance(sitting) == [], "an addition replaces nothing"

    sitting.at(3, 24, 14, 25)
    sitting.does("matron", opening.acknowledge, meeting_id(sitting))
    matron = ("minutetaker", "Matron changed the attendance that you recorded for West Operational MET.\n")
    arrived = "• Matron: present, accepts the statement, arrived at 14:25. Before: apologies."
    assert told_of_attendance(sitting) == [(matron[0], matron[1] + arrived)]

    drawn = Moves(had_left=people("constable"))
    sitting.does("chair", opening.record_attendance, WEST, apologies=people("constable", "matron"), moves=drawn)
    told = dict(told_of_attendance(sitting)[1:])
    head = "Chair changed the attendance that you recorded for West Operational MET."
    constable = "• Constable: apologies. Before: present, left at 14:20."
    assert told == {
        "minutetaker": f"{head}\n{constable}",
        "coordinator": f"{head}\n{constable}",
        "matron": f"{head}\n• Matron: apologies. Before: present, accepts the statement, arrived at 14:25.",
    }
    # Taken back at once, it is news to nobody.
    sitting.does("chair", undoing.undo_attendance, WEST, sitting.does("chair", undoing.last_entry, WEST).key)
    assert told_of_attendance(sitting)[1:] == [(who, "") for who in sorted(told, key=sitting.county.person.__getitem__)]


def test_who_recorded_a_guest_or_information_is_told_when_another_person_replaces_it(sitting: Play) -> None:
    form = GuestForm("Jo Whitlow", AttendanceStatus.IN_ATTENDANCE, other_agency="Coastal School")
    sitting.does("minutetaker", guests.record_guest, WEST, form)
    number = next(one.guest_id for one in here(sitting).attendees if one.guest_id is not None)
    sitting.does("minutetaker", opening.record_attendance, WEST, moves=Moves(guests_left=(number,), at="14:20"))
    sitting.does("coordinator", opening.record_attendance, WEST, moves=Moves(guests_had_left=(number,)))
    gone = "• Jo Whitlow: in attendance. Before: in attendance, left at 14:20."
    told = [("minutetaker", f"Coordinator changed the attendance that you recorded for West Operational MET.\n{gone}")]
    assert told_of_attendance(sitting) == told

    away = people("matron")
    sitting.does("minutetaker", opening.record_attendance, WEST, apologies=away, information="Nothing new.")
    sitting.does("coordinator", opening.record_attendance, WEST, apologies=away, information="Seen twice.")
    replaced = "• Matron: apologies. The information that came with the apologies was replaced."
    told += [
        ("minutetaker", f"Coordinator changed the attendance that you recorded for West Operational MET.\n{replaced}")
    ]
    assert told_of_attendance(sitting) == told
