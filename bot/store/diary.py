"""Named queries about meetings: what is next, what is open, what was last; and the panel's own time."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, func
from sqlmodel import col, select

from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import MeetingState
from bot.store.unit_of_work import Work

_OPEN = select(Meeting).where(col(Meeting.panel_id) == bindparam("panel"), col(Meeting.state) == MeetingState.OPEN)


def lock_diary(work: Work, *panel_ids: int) -> None:
    """Whoever else changes these panels' diaries, meetings or flags waits here; what was read before is read afresh.

    The first lock of a use case, so that no two wait for each other. Rows that only refer to a panel do not wait.
    """
    work.session.flush()
    work.session.exec(
        select(Panel.id).where(col(Panel.id).in_(panel_ids)).order_by(col(Panel.id)).with_for_update(key_share=True)
    ).all()
    work.session.expire_all()


def open_meeting(work: Work, panel_id: int) -> Meeting | None:
    """The meeting being held, if any."""
    return work.session.execute(_OPEN, {"panel": panel_id}).scalars().first()


def next_meeting(work: Work, panel_id: int) -> Meeting | None:
    """The next meeting to be held; until its end it counts, since it may be opened late."""
    return work.session.exec(
        select(Meeting)
        .where(
            col(Meeting.panel_id) == panel_id,
            col(Meeting.state) == MeetingState.SCHEDULED,
            col(Meeting.ends_at) > work.now,
        )
        .order_by(col(Meeting.starts_at))
        .limit(1)
    ).first()


def open_or_next(work: Work, panel_ids: Collection[int]) -> dict[int, Meeting]:
    """By panel that has one, the meeting being held, else the next: one row for each, in one statement."""
    held = select(Meeting.id).where(col(Meeting.panel_id) == col(Panel.id), col(Meeting.state) == MeetingState.OPEN)
    coming = (
        select(Meeting.id)
        .where(
            col(Meeting.panel_id) == col(Panel.id),
            col(Meeting.state) == MeetingState.SCHEDULED,
            col(Meeting.ends_at) > work.now,
        )
        .order_by(col(Meeting.starts_at))
        .limit(1)
    )
    one = func.coalesce(held.correlate(Panel).scalar_subquery(), coming.correlate(Panel).scalar_subquery())
    numbers = select(one).select_from(Panel).where(col(Panel.id).in_(panel_ids))
    rows = work.session.exec(select(Meeting).where(col(Meeting.id).in_(numbers)))
    return {meeting.panel_id: meeting for meeting in rows}


def meeting_after(work: Work, panel_id: int, moment: datetime) -> Meeting | None:
    """The first scheduled meeting that starts later than a moment."""
    return next(iter(meetings_after(work, panel_id, moment, most=1)), None)


def meetings_after(work: Work, panel_id: int, moment: datetime, *, most: int | None = None) -> list[Meeting]:
    """Scheduled meetings that start later than a moment, soonest first; at most so many."""
    return list(
        work.session.exec(
            select(Meeting)
            .where(
                col(Meeting.panel_id) == panel_id,
                col(Meeting.state) == MeetingState.SCHEDULED,
                col(Meeting.starts_at) > moment,
            )
            .order_by(col(Meeting.starts_at))
            .limit(most)
        )
    )


def last_closed_meeting(work: Work, panel_id: int, before: datetime | None = None) -> Meeting | None:
    """The meeting held most recently, or most recently before a moment."""
    query = select(Meeting).where(col(Meeting.panel_id) == panel_id, col(Meeting.state) == MeetingState.CLOSED)
    if before is not None:
        query = query.where(col(Meeting.starts_at) < before)
    return work.session.exec(query.order_by(col(Meeting.starts_at).desc()).limit(1)).first()


def meetings_of(work: Work, panel_id: int) -> list[Meeting]:
    """What the panel still has in its diary, an open meeting too, soonest first."""
    return list(
        work.session.exec(
            select(Meeting)
            .where(
                col(Meeting.panel_id) == panel_id,
                col(Meeting.state).in_([MeetingState.SCHEDULED, MeetingState.OPEN]),
                col(Meeting.ends_at) > work.now,
            )
            .order_by(col(Meeting.starts_at))
        )
    )
