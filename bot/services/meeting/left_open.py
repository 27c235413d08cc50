"""Meetings that nobody closed. The chair and co-ordinators are asked each working morning if such a meeting is over."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlmodel import col, select

from bot.domain.chase_ladder import within_working_hours
from bot.domain.deadlines import add_working_days
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import MeetingState, Role
from bot.records.access.queries import is_running, local_time, require_meeting, today_at
from bot.records.diary.queries import lock_diary
from bot.records.meeting.duties import closed_words, require_for_meeting
from bot.records.meeting.given import tell_holders
from bot.records.people.queries import members, presiding
from bot.store.rows import id_of
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """A meeting that is still open on a later day, for the message that asks whether the meeting is over."""

    meeting_id: int
    panel_key: str
    panel_title: str
    opened_at: datetime
    asked_next_on: date  #: the day on which people are asked again, unless the meeting is closed


def find_left_open(work: Work) -> list[int]:
    """Return the ids of the meetings that nobody closed and that people should be asked about now."""
    rows = work.session.execute(
        select(Meeting, Panel)
        .join(Panel, col(Panel.id) == col(Meeting.panel_id))
        .where(col(Meeting.state) == MeetingState.OPEN, is_running(work))
        .order_by(col(Meeting.id))
    ).all()
    return [id_of(meeting) for meeting, panel in rows if _is_due(work, meeting, panel)]


def ask_about_left_open(work: Work, meeting_id: int) -> int:
    """Ask the chair and co-ordinators whether a meeting is over. Return how many people are told.

    Holders of actions given at the meeting so far are told of these actions.
    """
    lock_diary(work, work.session.get_one(Meeting, meeting_id).panel_id)
    work.session.expire_all()
    meeting = work.session.get_one(Meeting, meeting_id)
    panel = work.session.get_one(Panel, meeting.panel_id)
    if not _is_due(work, meeting, panel):  # another process asked, or it was closed
        return 0
    asked = {id_of(person) for person in (*presiding(work, id_of(panel)), *members(work, id_of(panel), _OFFICE))}
    on = today_at(work, panel).isoformat()
    for person_id in sorted(asked):
        work.tell(person_id, Notice.MEETING_LEFT_OPEN, once=on, meeting_id=meeting_id)
    told = tell_holders(work, meeting)
    meeting.asked_open_at = work.now
    work.audit("ask_left_open", "meeting", meeting_id, panel_id=panel.id)
    return len(asked) + told


def compose_left_open(work: Work, actor: Actor, meeting_id: int) -> LeftOpen | None:
    """Return the facts for the message that asks whether an open meeting is over, or None if it has been closed."""
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.RUN_MEETING)
    return _view(work, standing.panel, meeting) if meeting.state is MeetingState.OPEN else None


def keep_open(work: Work, actor: Actor, meeting_id: int) -> LeftOpen:
    """Record that an open meeting is still going on. Raise Mistake if it has been closed."""
    standing = require_for_meeting(work, actor, meeting_id, Verb.RUN_MEETING)
    meeting = work.session.get_one(Meeting, meeting_id)
    if meeting.state is not MeetingState.OPEN:
        raise Mistake(f"{closed_words(work, standing, meeting)}.")
    work.audit("keep_open", "meeting", meeting_id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return _view(work, standing.panel, meeting)


_OFFICE = {Role.COORDINATOR}
#: The number of days after its opening on which a meeting is asked about. Later only Home shows that it is open,
#: because nobody reads reminders that never end.
_ASKED_FOR: Final = 7


def _is_due(work: Work, meeting: Meeting, panel: Panel) -> bool:
    """Return whether it is time to ask people whether the meeting is over.

    They are asked during working hours if the meeting is still open, was opened or last asked about on an earlier day,
    and was opened at most seven days ago.
    """
    if meeting.state is not MeetingState.OPEN or meeting.opened_at is None:
        return False
    now = local_time(work, panel, work.now)
    last = local_time(work, panel, meeting.asked_open_at or meeting.opened_at)
    subdivision = work.definition(panel.definition).bank_holiday_subdivision
    if (now.date() - local_time(work, panel, meeting.opened_at).date()).days > _ASKED_FOR:
        return False
    return last.date() < now.date() and within_working_hours(now, subdivision)


def _view(work: Work, panel: Panel, meeting: Meeting) -> LeftOpen:
    subdivision = work.definition(panel.definition).bank_holiday_subdivision
    return LeftOpen(
        id_of(meeting),
        panel.key,
        panel.title,
        local_time(work, panel, meeting.opened_at or meeting.starts_at),
        add_working_days(today_at(work, panel), 1, subdivision),
    )


#: The tick's work on meetings that nobody closed.
MEETINGS_LEFT_OPEN = Sweep(find_left_open, ask_about_left_open)
