"""A meeting that is not quorate: waited for, postponed, or held as an interim discussion with a new date."""

from datetime import date, datetime
from io import BytesIO

import pytest
from docx import Document
from sqlmodel import select

from bot.models.meetings import Meeting, Note
from bot.models.vocabulary import MeetingState, NoteKind
from bot.services.actions import changes
from bot.services.agenda import triage
from bot.services.diary import panels
from bot.services.meeting import discussion, inquorate
from bot.services.meeting import opening as meeting_opening
from bot.services.minutes import papers
from bot.services.rescheduling import meetings as rescheduling_meetings
from bot.store.unit_of_work import Work
from tests.county import WEST, actor, user_id
from tests.services.conftest import LONDON, Play, unseen
from tests.services.meeting.test_opening import STEP_DOWN

pytestmark = pytest.mark.databases("sqlite")

REFUSED = (
    "West Operational MET is not quorate: children's social care and health are not here. Before the first case, "
    "choose: wait, postpone the meeting, or hold an interim discussion without decisions."
)


@pytest.fixture
def thin(play: Play) -> Play:
    """West's meeting is open with one case, and only police are there."""
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.does("chair", meeting_opening.open_panel_meeting, WEST)
    return play


def first(work: Work, play: Play) -> Meeting:
    return work.session.get_one(Meeting, play.county.west_meetings[0])


def reach_cases(play: Play, who: str = "chair") -> str:
    """Go on until the meeting asks."""
    for _ in range(12):
        with play.store.work() as work:
            try:
                discussion.next_item(work, actor(work, who), WEST)
            except Exception as refused:  # noqa: BLE001 - any refusal is what is looked for
                work.abandon()
                return str(refused)
    return ""


def arrive(play: Play, *who: str) -> None:
    play.does("chair", meeting_opening.record_attendance, WEST, present=tuple(user_id(one) for one in who))


def wall(month: int, day: int, hour: int = 14) -> datetime:
    return datetime(2026, month, day, hour)  # noqa: DTZ001 - the panel's wall clock


def drafted(play: Play) -> tuple[str, str]:
    """Return the words of the minutes, and what the drafter reads of how the meeting was held."""
    made = play.does("coordinator", papers.draft_minutes, WEST)
    with play.store.work() as work:
        file = papers.minutes_document(work, actor(work, "chair"), made.id)
    document = Document(BytesIO(file.write()))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells]), made.sitting


def test_headings_are_gone_through_without_a_quorum_and_no_case_is(thin: Play) -> None:
    opening = thin.does("chair", discussion.next_item, WEST)
    assert opening.item is not None
    assert opening.item.flag is None
    assert reach_cases(thin) == REFUSED
    # The refusal left nothing: the meeting is where it was, and asks again.
    assert reach_cases(thin, "coordinator") == REFUSED
    arrive(thin, "socialworker", "nurse")
    assert thin.goes_to("WEST-0001").interim == ""


def test_the_nearest_working_days_without_a_clash_are_offered(thin: Play) -> None:
    found = thin.does("chair", inquorate.show_inquorate, WEST)
    assert found.offered == tuple(datetime(2026, 3, day, 14, tzinfo=LONDON) for day in (25, 26, 27))
    # Ten working days: Good Friday and Easter Monday do not count.
    assert (found.by, found.needs_date) == (date(2026, 4, 9), True)
    assert found.next_at == datetime(2026, 4, 21, 14, tzinfo=LONDON)
    assert thin.refused("nurse", inquorate.show_inquorate, WEST).endswith("co-ordinator can run meetings.")


@pytest.mark.databases("sqlite", "postgresql")
def test_postponed_it_is_scheduled_again_with_its_cases_and_agenda(thin: Play) -> None:
    thin.does("chair", discussion.next_item, WEST)
    thin.does("chair", discussion.add_note, WEST, "The minutes were read.")
    reach_cases(thin)
    given = thin.does(
        "chair", changes.add_action, WEST, holder_user_id=user_id("nurse"), text="Ring the school.", due="3 April 2026"
    )
    gone = thin.does("coordinator", inquorate.postpone, WEST, starts_at=wall(3, 31))
    assert (gone.before, gone.starts_at, gone.cases) == (
        datetime(2026, 3, 24, 14, tzinfo=LONDON),
        datetime(2026, 3, 31, 14, tzinfo=LONDON),
        1,
    )
    with thin.store.reading() as work:
        meeting = first(work, thin)
        assert (meeting.state, meeting.opened_at, meeting.sequence) == (MeetingState.SCHEDULED, None, 1)
        assert meeting.postponed_from == datetime(2026, 3, 24, 14, tzinfo=LONDON)
    assert ("meeting", thin.county.west_meetings[0], "coordinator") in thin.audited("postpone")
    assert thin.audited("clear") == [("attendance", thin.county.west_meetings[0], "coordinator")]
    assert thin.agenda() == ["WEST-0001"]
    assert {who for _, who in thin.sent("meeting_notice")} >= {"chair", "nurse", "socialworker", "observer"}
    assert thin.sent("action_given") == [("action_given", "nurse")]
    assert given.id == 1

    # It is held at the new time, with what was noted, and its minutes say why.
    thin.at(3, 31, 14)
    room = thin.does("chair", meeting_opening.open_panel_meeting, WEST)
    assert [one.name for one in room.attendees if one.status] == ["Chair"]
    arrive(thin, "socialworker", "nurse")
    thin.goes_to("WEST-0001")
    thin.does("chair", discussion.decide, WEST, STEP_DOWN)
    thin.does("chair", meeting_opening.close_meeting, WEST)
    words, sitting = drafted(thin)
    said = "The meeting was quorate. Postponed from Tue 24 March 2026: not quorate (children's social care and health)."
    assert sitting == said
    assert said in words
    assert "The minutes were read." in words
    assert len(thin.sent("board_posted")) >= 2


@pytest.mark.databases("sqlite", "postgresql")
def test_postponed_twice_the_minutes_name_the_first_sitting(thin: Play) -> None:
    thin.does("chair", inquorate.postpone, WEST, starts_at=wall(3, 31))
    thin.at(3, 31, 14)
    thin.does("chair", meeting_opening.open_panel_meeting, WEST)
    thin.does("chair", inquorate.postpone, WEST, starts_at=wall(4, 8))
    thin.at(4, 8, 14)
    thin.does("chair", meeting_opening.open_panel_meeting, WEST)
    arrive(thin, "socialworker", "nurse")
    thin.goes_to("WEST-0001")
    thin.does("chair", discussion.decide, WEST, STEP_DOWN)
    thin.does("chair", meeting_opening.close_meeting, WEST)
    assert "Postponed from Tue 24 March 2026: not quorate" in drafted(thin)[1]


def test_a_date_that_is_too_late_needs_a_reason_and_one_that_is_taken_is_refused(thin: Play) -> None:
    assert thin.refused("chair", inquorate.postpone, WEST, starts_at=wall(4, 10)) == (
        "Please say why the meeting can't be by Thursday 9 April 2026. The minutes record your reason."
    )
    assert thin.refused("chair", inquorate.postpone, WEST, starts_at=wall(4, 21), reason="Leave.") == (
        "West Operational MET already meets at that time."
    )
    thin.does("chair", inquorate.postpone, WEST, starts_at=wall(4, 10), reason="The chair is on leave.")
    assert thin.refused("chair", inquorate.show_inquorate, WEST).startswith(
        "No meeting of West Operational MET is open."
    )


def test_once_a_case_was_heard_or_everybody_is_there_it_is_not_postponed(thin: Play) -> None:
    arrive(thin, "socialworker", "nurse")
    assert thin.refused("chair", inquorate.postpone, WEST, starts_at=wall(3, 31)) == (
        "The meeting is quorate now. To go on, type `/meeting next`."
    )
    thin.goes_to("WEST-0001")
    thin.does("chair", discussion.add_note, WEST, "Police: seen twice")
    thin.does("chair", meeting_opening.record_attendance, WEST, apologies=(user_id("nurse"),))
    assert thin.refused("chair", inquorate.postpone, WEST, starts_at=wall(3, 31)).startswith(
        "The panel has heard cases already"
    )


def test_an_interim_discussion_records_notes_and_actions_and_decides_nothing(thin: Play) -> None:
    found = thin.does("chair", inquorate.hold_interim, WEST)
    assert (found.is_interim, found.needs_date) == (True, True)
    current = thin.goes_to("WEST-0001")
    assert current.interim == (
        "This is an interim discussion. You can record notes and actions, but no decisions. "
        "The panel will decide at the quorate meeting on Tuesday 21 April 2026 at 14:00."
    )
    assert thin.refused("chair", discussion.decide, WEST, STEP_DOWN) == current.interim
    noted = thin.does("chair", discussion.add_note, WEST, "Police: seen near the station")
    assert [note.kind for note in noted.notes] == [NoteKind.SHARED]
    dated = thin.does(
        "chair", inquorate.set_new_date, WEST, starts_at=wall(3, 31), meeting_id=thin.county.west_meetings[0]
    )
    assert (dated.next_at, dated.needs_date) == (datetime(2026, 3, 31, 14, tzinfo=LONDON), False)
    closing = thin.does("chair", meeting_opening.close_meeting, WEST)
    assert (closing.is_interim, closing.new_date_by, closing.carried) == (True, None, ("WEST-0001",))
    words, sitting = drafted(thin)
    said = (
        "Not quorate (children's social care and health were not there). "
        "Held as an interim discussion; no decisions were taken."
    )
    assert sitting == said
    assert said in words
    # What was not decided is on the new meeting's agenda.
    assert thin.does("chair", panels.show_next_meeting, WEST).starts_at == datetime(2026, 3, 31, 14, tzinfo=LONDON)
    thin.does("coordinator", triage.compile_agenda, WEST)
    assert thin.agenda() == ["WEST-0001"]


def test_without_a_new_date_the_reason_stands_in_the_minutes(thin: Play) -> None:
    thin.does("chair", inquorate.hold_interim, WEST)
    meeting_id = thin.county.west_meetings[0]
    assert thin.refused("chair", inquorate.decline_new_date, WEST, " ", meeting_id) == (
        "Please say why there is no new date. The minutes record your reason."
    )
    thin.does("chair", inquorate.decline_new_date, WEST, "Everybody is at the conference.", meeting_id)
    closing = thin.does("chair", meeting_opening.close_meeting, WEST)
    assert closing.new_date_by == date(2026, 4, 9)
    words, _ = drafted(thin)
    assert "No new date was set by Thursday 9 April 2026: Everybody is at the conference." in words


def test_when_they_come_after_all_it_is_a_full_meeting_once_the_chair_says_so(thin: Play) -> None:
    thin.does("chair", inquorate.hold_interim, WEST)
    assert thin.refused("chair", inquorate.become_quorate, WEST) == (
        "The meeting is not quorate: children's social care and health are not here. To record who came: "
        "`/meeting attendance`."
    )
    arrive(thin, "socialworker", "nurse")
    assert "To make it a full meeting: `/meeting quorate`." in thin.goes_to("WEST-0001").interim
    assert "/meeting quorate" not in thin.does("minutetaker", discussion.current_item, WEST).interim
    assert thin.refused("nurse", inquorate.become_quorate, WEST).endswith("co-ordinator can run meetings.")
    thin.does("chair", inquorate.become_quorate, WEST)
    decided = thin.does("chair", discussion.decide, WEST, STEP_DOWN)
    assert (decided.interim, len(decided.decisions)) == ("", 1)
    thin.does("chair", meeting_opening.close_meeting, WEST)
    words, sitting = drafted(thin)
    assert sitting == ""
    assert "The meeting was quorate." in words


def test_why_it_was_postponed_stays_whatever_is_changed_later(thin: Play) -> None:
    number = thin.county.west_meetings[0]
    thin.does("chair", inquorate.postpone, WEST, starts_at=wall(4, 10), reason="The chair is on leave.")
    thin.does(
        "coordinator",
        rescheduling_meetings.change_venue,
        number,
        venue="Town Hall",
        and_later=False,
        reason="The room is taken.",
    )
    thin.does(
        "coordinator",
        rescheduling_meetings.reschedule_meeting,
        WEST,
        starts_at=wall(4, 14),
        reason="The room is taken again.",
    )
    thin.at(4, 14, 14)
    thin.opens()
    thin.does("chair", meeting_opening.close_meeting, WEST)
    assert (
        "Postponed from Tue 24 March 2026: not quorate (children's social care and health). The chair is on leave."
        in drafted(thin)[0]
    )


def test_a_closed_item_that_was_heard_is_told_by_no_refusal_and_keeps_what_was_recorded(play: Play) -> None:
    flag_id = play.flags("WEST-0009", "chair", closed=True)
    play.does("chair", triage.triage_flag, flag_id, triage.Verdict.ACCEPT)
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0009")
    play.does("chair", discussion.add_note, WEST, "Seen twice this week.")
    play.does("chair", meeting_opening.record_attendance, WEST, apologies=(user_id("nurse"),))
    heard = "The panel has heard cases already"
    assert play.refused("chair", inquorate.postpone, WEST, starts_at=wall(3, 31)).startswith(heard)
    play.does("coordinator", inquorate.postpone, WEST, starts_at=wall(3, 31))
    with play.store.reading() as work:
        assert len(work.session.exec(select(Note)).all()) == 1


@pytest.mark.parametrize("who", ["nurse", "minutetaker", "observer"])
def test_only_who_runs_meetings_decides_on_one_that_is_not_quorate(thin: Play, who: str) -> None:
    only = "On West Operational MET, only the chair, vice-chair and co-ordinator can run meetings."
    for use_case in (inquorate.show_inquorate, inquorate.hold_interim):
        for named in ((), (thin.county.west_meetings[0],)):
            assert thin.refused(who, use_case, WEST, *named) == only
    stranger = thin.refused("outsider", inquorate.show_inquorate, WEST, thin.county.west_meetings[0])
    assert stranger == unseen("that meeting")
