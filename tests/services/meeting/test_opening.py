"""The meeting: opened on its day, item by item, decided with reasons, closed; and its minutes approved once."""

from dataclasses import replace
from datetime import date, datetime
from functools import partial
from io import BytesIO

import pytest
from docx import Document
from sqlmodel import col, select

from bot.domain.quorum import QuorumView
from bot.models.meetings import Attendance
from bot.models.minutes import Minutes
from bot.models.vocabulary import (
    AttendanceStatus,
    DecisionKind,
    MinutesState,
    NoteKind,
)
from bot.records.meeting.deciding import DecisionForm
from bot.services.actions import changes, tracker
from bot.services.agenda import triage
from bot.services.cases import interests
from bot.services.meeting import discussion, guests, opening, undoing
from bot.services.meeting.arising import Heard, answer_arising
from bot.services.meeting.arrivals import Moves
from bot.services.meeting.opening import ClosingView
from bot.services.minutes import approving, papers
from bot.services.minutes.record import facts_for
from bot.slack.blocks import section
from bot.slack.meeting import closing_views, undo_views, views
from tests.county import WEST, actor, user_id
from tests.risks import level
from tests.services.conftest import LONDON, NO_PANEL, Play, unseen

pytestmark = pytest.mark.databases("sqlite")

STEP_DOWN = DecisionForm(DecisionKind.STEP_DOWN, "Settled at home.")


@pytest.fixture
def sitting(play: Play) -> Play:
    """West's meeting is open, with two cases on its agenda."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0002", "nurse")
    play.at(3, 24, 14)
    play.opens()
    return play


@pytest.mark.databases("sqlite", "postgresql")
def test_a_meeting_is_opened_on_its_day_only(play: Play) -> None:
    assert play.refused("chair", opening.open_panel_meeting, WEST) == (
        "The next meeting is on Tuesday 24 March 2026 at 14:00. To hold it today, first move the meeting: "
        "`/panel reschedule`."
    )
    play.at(3, 24, 13, 30)
    room = play.does("chair", opening.open_panel_meeting, WEST)
    assert (room.panel_title, room.starts_at) == (
        "West Operational MET",
        datetime(2026, 3, 24, 14, 0, tzinfo=LONDON),
    )
    # The chair opens it, so police are there.
    assert room.quorum == QuorumView(met=False, missing=("children's social care", "health"))
    assert play.sent() == [("board_posted", "channel:CWEST")]
    assert play.refused("vicechair", opening.open_panel_meeting, WEST) == (
        "The meeting is open already. `/meeting next` shows the next item, `/meeting close` ends it."
    )


def test_quorum_is_met_by_who_is_there_not_by_how_many(play: Play) -> None:
    play.at(3, 24, 14)
    play.does("chair", opening.open_panel_meeting, WEST)
    room = play.does("chair", opening.acknowledge, play.county.west_meetings[0])
    for who in ("constable", "nurse", "matron"):
        room = play.does(who, opening.acknowledge, play.county.west_meetings[0])
    assert room.quorum == QuorumView(met=False, missing=("children's social care",))
    room = play.does("socialworker", opening.acknowledge, play.county.west_meetings[0])
    assert room.quorum == QuorumView(met=True, missing=())


def test_attendance_is_recorded_with_what_the_absent_sent(play: Play) -> None:
    play.at(3, 24, 14)
    play.does("chair", opening.open_panel_meeting, WEST)
    room = play.does(
        "minutetaker",
        opening.record_attendance,
        WEST,
        present=(user_id("chair"), user_id("observer"), user_id("outsider")),
        apologies=(user_id("nurse"),),
        information="Seen twice at the clinic.",
    )
    assert {one.name: (one.status, one.information_sent) for one in room.attendees if one.status} == {
        "Chair": (AttendanceStatus.PRESENT, ""),
        "Observer": (AttendanceStatus.OBSERVER, ""),
        "Outsider": (AttendanceStatus.IN_ATTENDANCE, ""),
        "Minutetaker": (AttendanceStatus.IN_ATTENDANCE, ""),
        "Nurse": (AttendanceStatus.APOLOGIES, "Seen twice at the clinic."),
    }
    assert play.refused(
        "minutetaker", opening.record_attendance, WEST, present=(user_id("nurse"),), apologies=(user_id("nurse"),)
    ) == ("<@UNURSE> is under both present and apologies.")
    assert play.refused("minutetaker", opening.record_attendance, WEST, information="Lost.") == (
        "Say whose apologies this information came with."
    )
    assert play.refused("nurse", opening.record_attendance, WEST, present=(user_id("nurse"),)).endswith(
        "can record attendance."
    )
    room = play.does("minutetaker", opening.record_attendance, WEST, present=(user_id("nurse"),))
    assert {one.name: one.status for one in room.attendees}["Nurse"] is AttendanceStatus.PRESENT


def test_the_day_that_information_was_sent_is_kept_where_it_is_known(play: Play) -> None:
    play.at(3, 24, 14)
    play.does("chair", opening.open_panel_meeting, WEST)
    for who, sent_on in (("nurse", date(2026, 3, 20)), ("constable", None)):
        room = play.does(
            "minutetaker",
            opening.record_attendance,
            WEST,
            apologies=(user_id(who),),
            information="Nothing new.",
            sent_on=sent_on,
        )
    assert {one.name: one.information_sent_on for one in room.attendees if one.information_sent} == {
        "Nurse": date(2026, 3, 20),
        "Constable": None,
    }
    assert play.refused(
        "minutetaker",
        opening.record_attendance,
        WEST,
        apologies=(user_id("nurse"),),
        information="Nothing new.",
        sent_on=date(2026, 3, 25),
    ) == ("That day has not come yet. When was it sent?")
    play.does("chair", opening.close_meeting, WEST)
    draft = play.does("minutetaker", papers.draft_minutes, WEST)
    words = _words(play.does("chair", papers.minutes_document, draft.id).write())
    assert "Sent 20 March 2026: Nothing new." in words
    assert "Sent: Nothing new." in words


def test_who_is_missed_without_a_word_is_absent_unless_their_deputy_came(play: Play) -> None:
    play.at(3, 24, 14)
    play.opens()
    play.does("midwife", opening.acknowledge, play.county.west_meetings[0])
    with play.store.work() as work:  # the nurse is not known of after all
        gone = select(Attendance).where(col(Attendance.person_id) == play.county.person["nurse"])
        work.session.delete(work.session.exec(gone).one())
    play.does("chair", opening.close_meeting, WEST)
    with play.store.reading() as work:
        names = {number: key for key, number in play.county.person.items()}
        absent = {names[row.person_id] for row in work.session.exec(select(Attendance)) if row.status == "absent"}
    assert absent == {"vicechair", "matron", "constable"}
    draft = play.does("minutetaker", papers.draft_minutes, WEST)
    words = _words(play.does("chair", papers.minutes_document, draft.id).write())
    assert "Absent without apologies" in words
    with play.store.reading() as work:
        facts, _ = facts_for(work, actor(work, "chair"), work.session.get_one(Minutes, draft.id))
    assert [(one.agency, one.name) for one in facts.absent] == [
        ("Social Care", "Vicechair"),
        ("Police", "Constable"),
        ("Health", "Matron"),
    ]


@pytest.mark.parametrize(
    ("risk", "said"),
    [
        (("ceraf", "mild"), "CERAF has no level “mild”. Its levels are standard, medium and high."),
        (
            ("dash", "high"),
            "This panel doesn't use the tool “dash”. It uses CERAF, SERAF, London categories and another",
        ),
    ],
)
def test_a_level_that_its_tool_does_not_have_is_refused_with_a_decision(
    sitting: Play, risk: tuple[str, str], said: str
) -> None:
    sitting.goes_to("WEST-0001")
    assert sitting.refused("chair", discussion.decide, WEST, replace(STEP_DOWN, risk_after=risk)).startswith(said)
    assert sitting.does("chair", discussion.current_item, WEST).decisions == ()


@pytest.mark.databases("sqlite", "postgresql")
def test_an_item_is_noted_decided_and_undone(sitting: Play) -> None:
    sitting.goes_to("WEST-0001")
    sitting.does("minutetaker", discussion.add_note, WEST, "Police: seen near the station")
    sitting.does("minutetaker", discussion.add_note, WEST, "The group agreed a plan.")
    sitting.does("minutetaker", discussion.add_note, WEST, "Health: too early to step down", NoteKind.DISSENT)
    current = sitting.does("chair", discussion.decide, WEST, STEP_DOWN)
    assert [(note.kind, note.agency_name, note.text) for note in current.notes] == [
        (NoteKind.SHARED, "Police", "seen near the station"),
        (NoteKind.DISCUSSION, None, "The group agreed a plan."),
        (NoteKind.DISSENT, "Health", "too early to step down"),
    ]
    assert [(one.kind, one.rationale, one.risk_before) for one in current.decisions] == [
        (DecisionKind.STEP_DOWN, "Settled at home.", level("ceraf", "medium"))
    ]
    undone = sitting.does("chair", undoing.undo_last, WEST)
    assert (undone.decisions, len(undone.notes)) == ((), 3)
    undone = sitting.does("minutetaker", undoing.undo_last, WEST)
    assert [note.text for note in undone.notes] == ["seen near the station", "The group agreed a plan."]
    # Their own, and nobody else's.
    assert sitting.refused("chair", undoing.undo_last, WEST) == (
        "You have recorded nothing in this meeting that you can take back."
    )


def test_decisions_are_for_cases_and_notes_need_an_item(sitting: Play) -> None:
    assert sitting.refused("chair", discussion.add_note, WEST, "Hello") == (
        "No item is being discussed. `/meeting next` goes to the next item."
    )
    sitting.does("chair", discussion.next_item, WEST)
    assert sitting.refused("chair", discussion.decide, WEST, STEP_DOWN) == (
        "The current item is not a case. Note what was agreed with `/meeting note`, or add an action."
    )
    assert sitting.refused("chair", undoing.undo_last, WEST) == (
        "You have recorded nothing in this meeting that you can take back."
    )


def test_the_chair_goes_to_an_item_by_the_number_they_see(sitting: Play) -> None:
    items = [item.title for item in sitting.does("chair", triage.show_agenda, WEST).items]
    number = str(items.index("WEST-0002") + 1)
    current = sitting.does("chair", discussion.next_item, WEST, number)
    assert current.item is not None
    assert (current.item.title, current.item.number) == ("WEST-0002", number)
    assert sitting.refused("chair", discussion.next_item, WEST, "99") == f"The agenda has items 1 to {len(items)}."


@pytest.mark.databases("sqlite", "postgresql")
def test_a_case_that_is_left_without_a_decision_stays_on_the_agenda(sitting: Play) -> None:
    first, second = sitting.agenda()
    sitting.goes_to(first)
    assert sitting.does("chair", discussion.next_item, WEST).owed == first
    sitting.goes_to(second)
    sitting.does("chair", discussion.decide, WEST, STEP_DOWN)
    # The headings after the cases come first, then the meeting is back at what waits.
    back = sitting.goes_to(first)
    assert back.owed is None
    stays = sitting.does("chair", discussion.next_item, WEST)
    assert stays.item is not None
    assert (stays.item.title, stays.owed) == (first, first)
    assert views.current(stays)[0].endswith(
        f"{first} has no decision yet, and no other item is left. Record a decision, "
        "or type `/meeting close` to carry it to the next meeting."
    )
    number = [item.title for item in sitting.does("chair", triage.show_agenda, WEST).items].index(second) + 1
    jumped = sitting.does("chair", discussion.next_item, WEST, str(number))
    assert views.current(jumped)[0] == (
        f"Item {number} of {jumped.count}: {second}. {first} has no decision yet, so it stays on the agenda."
    )
    # Undoing its decision later makes it wait again, whatever it was before.
    sitting.does("chair", undoing.undo_last, WEST)
    closing = sitting.does("chair", opening.close_meeting, WEST)
    assert (closing.carried, closing.decisions, closing.not_reached) == ((first, second), 0, ())
    assert sitting.compiles() == [first, second]


def test_all_decided_the_agenda_is_through(sitting: Play) -> None:
    assert sitting.does("chair", opening.unfinished, WEST).carried == ("WEST-0001", "WEST-0002")
    for reference in ("WEST-0001", "WEST-0002"):
        sitting.goes_to(reference)
        sitting.does("chair", discussion.decide, WEST, STEP_DOWN)
    # Headings wait still, but no child does.
    assert sitting.does("chair", opening.unfinished, WEST).carried == ()
    while (current := sitting.does("chair", discussion.next_item, WEST)).item is not None:
        assert current.owed is None
    assert views.current(current)[0] == "That was the last item. To end the meeting, type `/meeting close`."
    closing = sitting.does("chair", opening.close_meeting, WEST)
    assert (closing.carried, closing.not_reached) == ((), ())


@pytest.mark.databases("sqlite", "postgresql")
def test_two_people_leaving_one_item_leave_one_item(sitting: Play) -> None:
    left = sitting.does("chair", discussion.next_item, WEST).item
    assert left is not None
    arrived = sitting.does("chair", discussion.next_item, WEST, leaving_id=left.id)
    again = sitting.does("coordinator", discussion.next_item, WEST, leaving_id=left.id)
    assert (again.item, again.moved_on) == (arrived.item, True)
    assert views.current(again)[1][1] == section("The meeting had already moved on, so nothing was changed.")


def test_what_was_written_of_one_child_does_not_land_under_the_next(sitting: Play) -> None:
    item = sitting.goes_to("WEST-0001").item
    assert item is not None
    sitting.goes_to("WEST-0002")
    noted = sitting.does("chair", discussion.add_note, WEST, "Seen twice.", item_id=item.id)
    assert noted.item is not None
    assert (noted.item.title, [note.text for note in noted.notes]) == ("WEST-0001", ["Seen twice."])
    decided = sitting.does("chair", discussion.decide, WEST, STEP_DOWN, item_id=item.id)
    assert decided.item is not None
    assert (decided.item.title, len(decided.decisions)) == ("WEST-0001", 1)
    current = sitting.does("chair", discussion.current_item, WEST)
    assert (current.notes, current.decisions) == ((), ())
    gone = "That item is no longer on the agenda of the open meeting, so nothing was saved. Copy your words from here."
    assert sitting.refused("chair", discussion.add_note, WEST, "Seen twice.", item_id=4711) == gone


def test_a_closed_item_being_discussed_looks_like_none_to_who_runs_the_meeting_without_reading_it(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0666", closed=True)
    play.at(3, 24, 14)
    play.opens()

    def seen() -> list[object]:
        return [
            play.does("coordinator", discussion.current_item, WEST),
            play.refused("coordinator", discussion.add_note, WEST, "Hello"),
            play.refused("coordinator", discussion.decide, WEST, STEP_DOWN),
            play.refused("coordinator", undoing.undo_last, WEST),
        ]

    before = seen()
    number = [item.title for item in play.does("chair", triage.show_agenda, WEST).items].index("WEST-0666") + 1
    play.does("chair", discussion.next_item, WEST, str(number))
    assert seen() == before
    play.goes_to("WEST-0001", "coordinator")
    play.does("coordinator", discussion.decide, WEST, STEP_DOWN)
    while (current := play.does("coordinator", discussion.next_item, WEST)).item is not None:
        assert (current.item.flag, current.owed) == (None, None)
    assert current.is_through
    assert play.does("coordinator", opening.unfinished, WEST).carried == ()
    assert play.does("chair", opening.unfinished, WEST).carried == ("WEST-0666",)
    assert play.does("coordinator", opening.close_meeting, WEST).carried == ()
    play.at(3, 30)
    play.compiles()
    assert play.agenda() == ["WEST-0666"]


def test_what_is_taken_back_is_quoted_with_where_it_stood(sitting: Play) -> None:
    sitting.goes_to("WEST-0001")
    sitting.does("minutetaker", discussion.add_note, WEST, "Police: seen near the station\ntwice")
    sitting.does("chair", discussion.decide, WEST, STEP_DOWN)
    sitting.goes_to("WEST-0002")
    assert undo_views.undone(sitting.does("chair", undoing.undo_last, WEST)) == (
        "You have taken back your decision on WEST-0001 (step down). "
        "The record keeps the entry, marked as taken back.\n>Settled at home."
    )
    assert undo_views.undone(sitting.does("minutetaker", undoing.undo_last, WEST)) == (
        "You have taken back your note on WEST-0001. The record keeps the entry, marked as taken back.\n"
        ">Police: seen near the station\n>twice"
    )


def test_who_runs_and_records_the_meeting_attended_it(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.does("coordinator", opening.open_panel_meeting, WEST)
    play.does("coordinator", discussion.next_item, WEST)
    play.does("minutetaker", discussion.add_note, WEST, "The chair welcomed everybody.")
    # The form names among those here who is in attendance; that does not make them count for the quorum.
    here = (user_id("coordinator"), user_id("chair"))
    room = play.does("coordinator", opening.record_attendance, WEST, present=here)
    assert {one.name: one.status for one in room.attendees if one.status} == {
        "Chair": AttendanceStatus.PRESENT,
        "Coordinator": AttendanceStatus.IN_ATTENDANCE,
        "Minutetaker": AttendanceStatus.IN_ATTENDANCE,
    }
    assert room.quorum.missing == ("children's social care", "health")
    room = play.does("coordinator", opening.acknowledge, room.meeting_id)
    assert {one.name: one.status for one in room.attendees}["Coordinator"] is AttendanceStatus.PRESENT


def test_a_form_saved_as_it_was_drawn_changes_nobody(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.does("coordinator", opening.open_panel_meeting, WEST)
    here = (user_id("chair"), user_id("coordinator"), user_id("minutetaker"))
    before = play.does("coordinator", opening.record_attendance, WEST, present=here, accepted=True)
    drawn = tuple(one.user_id for one in before.attendees if one.status and one.user_id)
    untouched = {"present": drawn, "moves": Moves(were_here=drawn)}
    assert play.does("coordinator", opening.record_attendance, WEST, **untouched) == before
    assert {one.name: one.status for one in before.attendees}["Coordinator"] is AttendanceStatus.IN_ATTENDANCE


@pytest.mark.databases("sqlite", "postgresql")
def test_closing_says_what_the_meeting_came_to(sitting: Play) -> None:
    sitting.goes_to("WEST-0001")
    sitting.does("chair", discussion.decide, WEST, STEP_DOWN)
    closing = sitting.does("chair", opening.close_meeting, WEST)
    assert closing == ClosingView(
        meeting_id=sitting.county.west_meetings[0],
        panel_key="west-met",
        panel_title="West Operational MET",
        discussed=closing.discussed,
        carried=("WEST-0002",),
        not_reached=closing.not_reached,
        decided=closing.decided,
        actions=0,
        quorum=QuorumView(met=True, missing=()),
        next_meeting_at=datetime(2026, 4, 21, 14, 0, tzinfo=LONDON),
    )
    assert [(case, [one.kind for one in made]) for case, made in closing.decided] == [
        ("WEST-0001", [DecisionKind.STEP_DOWN])
    ]
    assert not any(title.startswith("WEST") for title in closing.not_reached)
    assert sitting.refused("chair", opening.close_meeting, WEST) == (
        "The meeting of Tuesday 24 March 2026 was closed at 14:00. To begin the next meeting: `/meeting open`."
    )
    assert sitting.refused("nurse", opening.acknowledge, closing.meeting_id) == (
        "The meeting of Tuesday 24 March 2026 was closed at 14:00."
    )


@pytest.mark.databases("sqlite", "postgresql")
def test_minutes_are_approved_once_and_do_not_change_any_more(sitting: Play) -> None:
    sitting.goes_to("WEST-0001")
    sitting.does("chair", discussion.decide, WEST, STEP_DOWN)
    sitting.does("chair", opening.close_meeting, WEST)
    assert sitting.refused("chair", approving.approve_minutes, WEST) == (
        "There is no draft yet. To write one: `/minutes draft`."
    )
    drafted = [sitting.does("minutetaker", papers.draft_minutes, WEST) for _ in range(2)]
    assert [(one.version, one.state) for one in drafted] == [(1, MinutesState.WITH_CHAIR), (2, MinutesState.WITH_CHAIR)]
    assert (
        sorted(sitting.sent("minutes_file")) == [("minutes_file", "chair")] * 2 + [("minutes_file", "minutetaker")] * 2
    )
    approved = sitting.does("vicechair", approving.approve_minutes, WEST)
    assert (approved.version, approved.state) == (2, MinutesState.CIRCULATED)
    assert sitting.refused("chair", approving.approve_minutes, WEST) == (
        "These minutes are approved already. To add a correction slip: `/minutes amend`."
    )
    assert sitting.refused("minutetaker", papers.draft_minutes, WEST) == (
        "These minutes are approved, so nobody can change them. `/minutes export` sends them to you. "
        "`/minutes amend` adds a correction."
    )
    assert len(sitting.sent("minutes_approved")) == 9


def test_a_draft_is_for_those_who_record_and_chair(sitting: Play) -> None:
    sitting.does("chair", opening.close_meeting, WEST)
    assert sitting.refused("nurse", papers.export_minutes, WEST, request_key="a") == (
        "There are no minutes of West Operational MET to send yet."
    )
    draft = sitting.does("coordinator", papers.draft_minutes, WEST)
    assert sitting.refused("nurse", papers.minutes_document, draft.id).startswith("I can't find those minutes")
    assert sitting.refused("nurse", papers.draft_minutes, WEST).endswith("minute-taker can draft minutes.")
    sitting.does("chair", approving.approve_minutes, WEST)
    assert sitting.does("nurse", papers.export_minutes, WEST, request_key="b").version == 1


@pytest.mark.slow
def test_each_reader_gets_minutes_without_what_is_kept_from_them(sitting: Play) -> None:
    sitting.goes_to("WEST-0001")
    sitting.does("chair", discussion.decide, WEST, STEP_DOWN)
    sitting.goes_to("WEST-0002")
    sitting.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.STEP_DOWN, "Kept from the nurse."))
    sitting.does("chair", interests.declare_interest, WEST, "WEST-0002", user_id("matron"))
    sitting.does("chair", opening.close_meeting, WEST)
    draft = sitting.does("minutetaker", papers.draft_minutes, WEST)
    sitting.does("chair", approving.approve_minutes, WEST)
    words = {}
    for who in ("nurse", "matron"):
        file = sitting.does(who, papers.minutes_document, draft.id)
        assert file.name == "west-met-2026-03-24-minutes-approved-v1.docx"
        words[who] = _words(file.write())
    assert "WEST-0001" in words["matron"]
    assert "WEST-0002" not in words["matron"]
    assert "Kept from the nurse." not in words["matron"]
    assert "WEST-0002" in words["nurse"]
    assert "Kept from the nurse." in words["nurse"]


def _words(content: bytes) -> str:
    document = Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def test_a_review_date_may_be_the_next_meeting(sitting: Play) -> None:
    sitting.goes_to("WEST-0001")
    form = DecisionForm(DecisionKind.RETAIN, "Watch.", review="next meeting")
    current = sitting.does("chair", discussion.decide, WEST, form)
    assert [one.review_on for one in current.decisions] == [date(2026, 4, 21)]


def test_items_of_the_meeting_are_for_those_who_accepted_the_statement(sitting: Play) -> None:
    sitting.goes_to("WEST-0001")
    said = "Before you see the items of this meeting, say that you are here and accept the confidentiality statement."
    for look in (discussion.current_item, partial(discussion.show_item, number="1")):
        assert sitting.refused("constable", look, WEST) == said
    # Their own actions, and the agenda, are no part of it.
    assert sitting.does("constable", triage.show_agenda, WEST).items
    sitting.does("constable", opening.acknowledge, sitting.county.west_meetings[0])
    shown = sitting.does("constable", discussion.current_item, WEST).item
    assert shown is not None
    assert shown.title == "WEST-0001"
    # Who records reads the statement out.
    assert sitting.does("minutetaker", discussion.current_item, WEST).item is not None


def test_what_is_missing_is_asked_about_before_closing_each_with_its_way(sitting: Play) -> None:
    sitting.flags("WEST-0003")
    given = {"holder_user_id": user_id("nurse"), "text": "ring the school nurse", "due": date(2026, 3, 24)}
    sitting.does("chair", changes.add_action, WEST, **given)
    sitting.does("minutetaker", opening.record_attendance, WEST, present=(user_id("constable"),))
    sitting.at(3, 25, 9)
    left = sitting.does("chair", opening.unfinished, WEST)
    assert (left.carried, left.unacknowledged, left.overdue) == (("WEST-0001", "WEST-0002"), ("Constable",), 1)
    text, blocks = closing_views.closing_question(left)
    assert text == (
        "*West Operational MET* is still open. Anything left goes to the next meeting:\n"
        "• 2 cases have no decision yet: WEST-0001, WEST-0002. "
        "If you close the meeting now, the cases go to the next meeting.\n"
        "• Constable has not accepted the statement yet. They can press *I'm here* on the board, or you can "
        "record that under *Attendance*.\n"
        "• 1 overdue action has no answer.\n"
        f"• {left.not_reached} agenda headings were not reached."
    )
    labels = [one["text"]["text"] for block in blocks if block["type"] == "actions" for one in block["elements"]]
    assert labels == [
        *("Record WEST-0001", "Record WEST-0002", "Attendance", "Outstanding actions", "Next item"),
        "Close the meeting",
    ]


@pytest.mark.databases("sqlite", "postgresql")
def test_actions_that_nobody_answered_or_can_answer_are_asked_about_before_closing(play: Play) -> None:
    play.accepted("WEST-0001")

    def give(holder: str, text: str, due: date = date(2026, 3, 20), **about: str) -> int:
        facts = {"holder_user_id": user_id(holder), "text": text, "due": due, **about}
        return play.does("chair", changes.add_action, WEST, **facts).id

    late, heard = give("nurse", "ring the school"), give("nurse", "visit the clinic")
    reported, accepted = give("constable", "check the address"), give("constable", "check the station")
    gone = give("matron", "write to the trust", date(2026, 4, 10))
    stepped_back = give("socialworker", "see the family", date(2026, 4, 10), case_reference="WEST-0001")
    for number in (reported, accepted):
        play.does("constable", changes.complete_action, number, "Done on Monday.")
    play.loses_place("matron")
    play.at(3, 24, 14)
    play.opens()
    play.does("socialworker", interests.declare_interest, WEST, "WEST-0001")
    for _ in range(3):
        item = play.does("chair", discussion.next_item, WEST).item
    assert item is not None
    report = play.does("chair", tracker.show_action, accepted).action.report
    assert report is not None
    play.does("chair", answer_arising, WEST, item.id, heard, Heard.NOT_YET)
    play.does("chair", answer_arising, WEST, item.id, accepted, Heard.ACCEPTED, report.event_id)
    left = play.does("chair", opening.unfinished, WEST)
    assert (left.overdue, left.reported, left.unheld) == (1, 1, (gone, stepped_back))
    text, blocks = closing_views.closing_question(left)
    assert text.splitlines()[2:5] == [
        "• 1 overdue action has no answer.",
        "• 1 report on an action needs the panel's answer.",
        f"• Actions {gone} and {stepped_back} need another holder, who is on the panel and may read the case.",
    ]
    labels = [one["text"]["text"] for block in blocks if block["type"] == "actions" for one in block["elements"]]
    assert labels[1:4] == ["Outstanding actions", f"Correct action {gone}", f"Correct action {stepped_back}"]
    play.does("chair", answer_arising, WEST, item.id, late, Heard.NOT_YET)
    assert play.does("chair", opening.unfinished, WEST).overdue == 0


@pytest.mark.databases("sqlite", "postgresql")
def test_all_who_are_here_are_asked_to_accept_the_statement_but_those_who_read_it_out(sitting: Play) -> None:
    here = (user_id("observer"), user_id("minutetaker"), user_id("countychair"))
    sitting.does("coordinator", opening.record_attendance, WEST, present=here)
    guest = guests.GuestForm("Bea Holt", AttendanceStatus.OBSERVER, other_agency="Hill School")
    sitting.does("coordinator", guests.record_guest, WEST, guest)
    left = sitting.does("chair", opening.unfinished, WEST)
    assert left.unacknowledged == ("Observer", "Countychair", "Bea Holt")
    said = views.present(sitting.does("chair", opening.room, WEST))
    assert said.splitlines()[1:] == [
        "Present: Chair (Police), Minutetaker (Council), Nurse (Health), Socialworker (Social Care)",
        "In attendance: Coordinator (Social Care), Countychair (Police, not yet acknowledged)",
        "Observer: Observer (Council, not yet acknowledged), Bea Holt (Hill School, not yet acknowledged)",
        "No word from: Constable, Matron, Midwife, Vicechair",
    ]
    sitting.does("coordinator", opening.record_attendance, WEST, present=here, accepted=True)
    assert sitting.does("chair", opening.unfinished, WEST).unacknowledged == ()


def test_only_the_chair_is_offered_triage_in_the_meeting(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    assert not play.does("coordinator", opening.open_panel_meeting, WEST).may_triage
    offered = {
        who: play.does(who, opening.unfinished, WEST).may_triage for who in ("chair", "vicechair", "coordinator")
    }
    assert offered == {"chair": True, "vicechair": True, "coordinator": False}


def test_only_who_runs_meetings_opens_one(play: Play) -> None:
    play.at(3, 24, 14)
    assert play.refused("outsider", opening.open_panel_meeting, WEST) == NO_PANEL
    for who in ("nurse", "minutetaker", "observer"):
        assert play.refused(who, opening.open_panel_meeting, WEST) == (
            "On West Operational MET, only the chair, vice-chair and co-ordinator can run meetings."
        )


@pytest.mark.parametrize("who", ["observer", "countychair", "outsider"])
def test_what_a_meeting_gave_to_do_is_only_for_who_sees_its_actions(play: Play, who: str) -> None:
    play.at(3, 24, 14)
    play.holds({})
    assert play.refused(who, opening.actions_of_meeting, play.county.west_meetings[0]) == unseen("that meeting")


def test_cases_beyond_those_with_a_button_are_counted_before_closing(play: Play) -> None:
    for number in range(1, 8):
        play.accepted(f"WEST-000{number}")
    play.at(3, 24, 14)
    play.opens()
    text, _ = closing_views.closing_question(play.does("chair", opening.unfinished, WEST))
    assert "\n• To record 2 more cases, type `/meeting record` and the case's reference." in text


def test_the_closing_summary_names_the_area_of_a_transfer(sitting: Play) -> None:
    sitting.goes_to("WEST-0001")
    sitting.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.TRANSFER, "Moved.", area="Northshire"))
    closing = sitting.does("chair", opening.close_meeting, WEST)
    assert "\n• WEST-0001: transfer to Northshire" in closing_views.closed(closing)
