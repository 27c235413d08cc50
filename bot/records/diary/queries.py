"""Named queries about meetings and series: what is next, what is open, what was last, under which rule."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import bindparam, func
from sqlalchemy import select as tables_select
from sqlmodel import col, select

from bot.domain.deadlines import MeetingDeadlines, meeting_deadlines
from bot.domain.language.rhythm_rule import Recurrence
from bot.domain.language.rhythm_words import parse_rule
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Panel, Series
from bot.models.vocabulary import FlagState, MeetingState
from bot.records.access.clocks import local_time, today_at
from bot.records.access.queries import Standing, readable
from bot.store.rows import id_of, table_of
from bot.store.unit_of_work import Work

_MEETING = table_of(Meeting)
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


_STILL_OPEN = (
    tables_select(_MEETING.c.id)
    .where(_MEETING.c.id == bindparam("number"), _MEETING.c.state == MeetingState.OPEN)
    .with_for_update(read=True)
)


def is_kept_open(work: Work, meeting_id: int) -> bool:
    """Return whether a meeting is open, and will be until this transaction ends: what it is given is in its summary."""
    return work.execute(_STILL_OPEN, {"number": meeting_id}).first() is not None


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


MOST_CHOICES = 100  # what a menu can hold


@dataclass(frozen=True, slots=True)
class MeetingChoice:
    """A meeting to choose from a list."""

    id: int
    starts_at: datetime  #: the panel's own time
    is_next: bool
    in_series: bool


@dataclass(frozen=True, slots=True)
class MeetingView:
    """One meeting as people see it; times are the panel's own."""

    id: int
    panel_id: int
    panel_key: str
    panel_title: str
    starts_at: datetime
    ends_at: datetime
    venue: str
    state: MeetingState
    deadlines: MeetingDeadlines
    today: date
    flags_open: int  #: waiting for triage, of those the reader may see; none for who may not read cases
    cases_accepted: int
    agenda_version: int


def view_meeting(work: Work, standing: Standing, meeting: Meeting) -> MeetingView:
    """The meeting for one reader."""
    return view_meetings(work, [(standing, meeting)])[0]


def view_meetings(work: Work, meetings: Sequence[tuple[Standing, Meeting]]) -> list[MeetingView]:
    """Meetings for one reader, in their order, in no more statements than for one."""
    read = [(standing.actor, id_of(meeting)) for standing, meeting in meetings if standing.may(Verb.READ_CASES)]
    flags = _flags_at(work, read[0][0], [meeting_id for _, meeting_id in read]) if read else {}
    return [_view_meeting(work, standing, meeting, flags) for standing, meeting in meetings]


def _view_meeting(
    work: Work, standing: Standing, meeting: Meeting, flags: dict[tuple[int, FlagState], int]
) -> MeetingView:
    panel: Panel = standing.panel
    starts_at = local_time(work, panel, meeting.starts_at)
    return MeetingView(
        id=id_of(meeting),
        panel_id=standing.panel_id,
        panel_key=panel.key,
        panel_title=panel.title,
        starts_at=starts_at,
        ends_at=local_time(work, panel, meeting.ends_at),
        venue=meeting.venue,
        state=meeting.state,
        deadlines=meeting_deadlines(work.definition(panel.definition), starts_at.date()),
        today=today_at(work, panel),
        flags_open=flags.get((id_of(meeting), FlagState.OPEN), 0),
        cases_accepted=flags.get((id_of(meeting), FlagState.ACCEPTED), 0),
        agenda_version=meeting.agenda_version,
    )


def upcoming_meeting(work: Work, standing: Standing) -> Meeting:
    """The meeting that is open or comes next. Raises Mistake when there is none."""
    meeting = open_or_next(work, [standing.panel_id]).get(standing.panel_id)
    if meeting is None:
        raise Mistake(
            f"{standing.panel.title} has no meeting in the diary. Add some with "
            f"`/panel create second Tuesday of the month at 14:00 {standing.panel.key}`."
        )
    return meeting


def count_flags(work: Work, actor: Actor, meeting: Meeting, *states: FlagState, unassessed: bool = False) -> int:
    """Return how many flags in these states the person may see at a meeting; only those not assessed, where asked."""
    missing = (col(Flag.assessment_due_on).is_not(None),) if unassessed else ()
    return work.session.exec(
        select(func.count())
        .select_from(Flag)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(col(Flag.meeting_id) == id_of(meeting), col(Flag.state).in_(states), readable(actor.person_id), *missing)
    ).one()


def _flags_at(work: Work, actor: Actor, meeting_ids: Sequence[int]) -> dict[tuple[int, FlagState], int]:
    """By meeting and state, how many flags the person may see."""
    rows = work.session.execute(
        select(col(Flag.meeting_id), col(Flag.state), func.count())
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(col(Flag.meeting_id).in_(meeting_ids), readable(actor.person_id))
        .group_by(col(Flag.meeting_id), col(Flag.state))
    )
    return {(meeting_id, state): count for meeting_id, state, count in rows}


def choices_of(work: Work, standing: Standing, meetings: list[Meeting]) -> tuple[MeetingChoice, ...]:
    """Meetings to choose from, in this order, as many as a menu can hold."""
    return tuple(
        MeetingChoice(
            id=id_of(meeting),
            starts_at=local_time(work, standing.panel, meeting.starts_at),
            is_next=number == 0,
            in_series=meeting.series_id is not None,
        )
        for number, meeting in enumerate(meetings[:MOST_CHOICES])
    )


AHEAD: Final = 12  # meetings that an open-ended series has in the diary: a year of a monthly panel


def is_open_ended(rule: Recurrence, count: int | None) -> bool:
    """Whether the series goes on until somebody ends it, and its diary is kept filled."""
    return count is None and rule.times is None and rule.ends is None


def rules_in_force(work: Work, panel_id: int) -> list[Recurrence]:
    """The rules of the panel's series that have meetings to come."""
    coming = select(Meeting.series_id).where(
        col(Meeting.panel_id) == panel_id,
        col(Meeting.state) == MeetingState.SCHEDULED,
        col(Meeting.starts_at) > work.now,
    )
    rows = work.session.exec(
        select(Series.rule)
        .where(col(Series.panel_id) == panel_id, col(Series.ended_at).is_(None), col(Series.id).in_(coming))
        .order_by(col(Series.id))
    )
    return [parse_rule(rule) for rule in rows]
