"""A meeting as one reader may see it: its time on the panel's clocks, its deadlines, and how many cases wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.deadlines import MeetingDeadlines, meeting_deadlines
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import FlagState, MeetingState
from bot.records.access.clocks import local_time, today_at
from bot.records.access.queries import Standing, readable
from bot.store.diary import open_or_next
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

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


def count_flags(work: Work, actor: Actor, meeting: Meeting, *states: FlagState) -> int:
    """How many flags in these states the person may see at a meeting."""
    return work.session.exec(
        select(func.count())
        .select_from(Flag)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(col(Flag.meeting_id) == id_of(meeting), col(Flag.state).in_(states), readable(actor.person_id))
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
