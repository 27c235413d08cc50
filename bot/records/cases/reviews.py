"""Reviews: when a case comes back to its panel, the agency that flagged it is asked what has changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, select

from bot.domain.deadlines import meeting_deadlines
from bot.domain.flag_state import LIVE_STATES
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import MeetingState, ReviewAnswer
from bot.records.access.queries import local_time, readable, today_at
from bot.records.cases.served import is_folded
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class ReviewAsked:
    """A case that comes back to its panel. The agency that flagged it has yet to say what has changed."""

    flag_id: int
    reference: str
    panel_title: str
    meeting_at: datetime  #: the panel's own time


#: The SQL condition on Flag, true if its agency is asked what has changed and has not answered.
IS_AWAITED: ColumnElement[bool] = and_(
    col(Flag.review_answer) == ReviewAnswer.AWAITED, or_(col(Flag.state).in_(LIVE_STATES), is_folded())
)


def may_answer(work: Work, meeting: Meeting) -> bool:
    """Return whether agencies may still answer reviews for this meeting: it is scheduled and has not begun."""
    return meeting.state is MeetingState.SCHEDULED and meeting.starts_at > work.now


def reviews_asked(work: Work, reader_id: int, agency_id: int, *conditions: ColumnElement[bool]) -> list[ReviewAsked]:
    """Return the reviews that the agency should answer now and the reader may read, the soonest meeting first.

    Agencies are asked from the day on which flags open for the meeting. `conditions` are SQL conditions on Flag. The
    audit notes the cases shown as read.
    """
    rows = work.session.execute(
        select(Flag, Case, Panel, Meeting)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .join(Panel, col(Panel.id) == col(Flag.panel_id))
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .where(
            IS_AWAITED,
            col(Flag.agency_id) == agency_id,
            col(Meeting.state) == MeetingState.SCHEDULED,
            col(Meeting.starts_at) > work.now,
            readable(reader_id),
            *conditions,
        )
        .order_by(col(Meeting.starts_at), col(Case.reference))
    ).all()
    asked = [row for row in rows if _is_time(work, row[2], row[3])]
    work.saw(reader_id, ((flag.case_id, flag.panel_id) for flag, *_ in asked))
    return [
        ReviewAsked(id_of(flag), case.reference, panel.title, local_time(work, panel, meeting.starts_at))
        for flag, case, panel, meeting in asked
    ]


def _is_time(work: Work, panel: Panel, meeting: Meeting) -> bool:
    on = local_time(work, panel, meeting.starts_at).date()
    return meeting_deadlines(work.definition(panel.definition), on).flags_open <= today_at(work, panel)
