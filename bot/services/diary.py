"""Exceptions by hand: one meeting is moved or cancelled, and what becomes of what was flagged to it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from dateutil.relativedelta import relativedelta
from sqlmodel import col, select

from bot.domain.narrative import accept_line
from bot.domain.permissions import Actor, Verb
from bot.domain.working_days import FRIDAY, is_bank_holiday
from bot.errors import Mistake, NotForYou
from bot.models.cases import Flag
from bot.models.meetings import Meeting
from bot.models.vocabulary import FlagState, MeetingState, PromptKind
from bot.store.access import Standing, Where, find_panel, require
from bot.store.agenda import LIVE_FLAGS
from bot.store.diary import local_time, meetings_after, today_at, zone_of
from bot.store.meeting_views import MeetingView, count_flags, upcoming_meeting, view_meeting
from bot.store.outbox import Effect
from bot.store.people import members_who_may
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

FAR_MONTHS = 18  # a new date beyond is more likely a slip


@dataclass(frozen=True, slots=True)
class ChangeOfDate:
    """What became of a meeting and what was flagged to it."""

    meeting: MeetingView
    before: datetime
    cases_moved: int
    cases_moved_to: datetime | None
    remarks: tuple[str, ...] = ()  #: what is unusual about the new date, a sentence each


def reschedule_meeting(
    work: Work, actor: Actor, where: Where, *, starts_at: datetime, reason: str, meeting_id: int | None = None
) -> ChangeOfDate:
    """Move a meeting (the next one, unless named); what was flagged to it goes with it, and members are told.

    `starts_at` is the panel's wall clock without a zone. Raises Mistake for a time that has passed, does not exist
    or is taken; a date that is only unusual is remarked upon.
    """
    standing, meeting = _to_change(work, actor, where, meeting_id)
    reason = accept_line(reason, field="reason", missing="Please say why; members are told.")
    zone = zone_of(work, standing.panel)
    begins = starts_at.replace(tzinfo=zone).astimezone(UTC)
    if begins.astimezone(zone).replace(tzinfo=None) != starts_at:
        raise Mistake(
            f"On {starts_at:%-d %B %Y} the clocks go forward: {starts_at:%H:%M} does not exist. Choose an hour later.",
            field="time",
        )
    if begins <= work.now:
        raise Mistake("That time has passed. Choose a later one.", field="date")
    if begins == meeting.starts_at:
        raise Mistake("The meeting is at that time already.", field="date")
    if _taken(work, standing.panel_id, begins):
        raise Mistake(f"{standing.panel.title} already meets at that time.", field="date")
    before = meeting.starts_at
    meeting.ends_at = begins + (meeting.ends_at - meeting.starts_at)
    meeting.starts_at = begins
    meeting.reason = work.seal(standing.panel.data_key_id, reason)
    work.session.add(meeting)
    work.audit("reschedule", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    view = view_meeting(work, standing, meeting)
    _tell_members(work, standing, meeting, PromptKind.RESCHEDULED)
    return ChangeOfDate(
        view,
        local_time(work, standing.panel, before),
        view.flags_open + view.cases_accepted,
        view.starts_at,
        _remarks(work, standing, starts_at),
    )


def _remarks(work: Work, standing: Standing, starts_at: datetime) -> tuple[str, ...]:
    """What is unusual about a new date, though nothing forbids it; `starts_at` is the panel's wall clock."""
    day, zone = starts_at.date(), zone_of(work, standing.panel)
    said = []
    if is_bank_holiday(day, work.definition(standing.panel.definition).bank_holiday_subdivision):
        said.append(f"That is a bank holiday, a {day:%A}.")
    elif day.weekday() > FRIDAY:
        said.append(f"That is a {day:%A}.")
    if day > today_at(work, standing.panel) + relativedelta(months=FAR_MONTHS):
        said.append(f"That is more than {FAR_MONTHS} months ahead.")
    if starts_at.replace(tzinfo=zone).utcoffset() != starts_at.replace(tzinfo=zone, fold=1).utcoffset():
        said.append(f"The clocks go back that night and {starts_at:%H:%M} comes twice: the first of the two is meant.")
    return tuple(said)


def cancel_meeting(
    work: Work, actor: Actor, where: Where, *, reason: str, meeting_id: int | None = None
) -> ChangeOfDate:
    """Cancel a meeting (the next one, unless named): its cases go to the one after, and members are told.

    Raises Mistake when cases would be left without a meeting.
    """
    standing, meeting = _to_change(work, actor, where, meeting_id)
    reason = accept_line(reason, field="reason", missing="Please say why; members are told.")
    flags = list(
        work.session.exec(select(Flag).where(col(Flag.meeting_id) == id_of(meeting), col(Flag.state).in_(LIVE_FLAGS)))
    )
    later = meetings_after(work, standing.panel_id, meeting.starts_at)
    if flags and not later:
        raise Mistake(
            "Cases are flagged to this meeting and there is no later one to take them. "
            "Move the meeting instead, or add meetings with `/panel create` first."
        )
    for flag in flags:
        _carry(work, flag, later[0])
    meeting.state = MeetingState.CANCELLED
    meeting.reason = work.seal(standing.panel.data_key_id, reason)
    work.session.add(meeting)
    work.audit("cancel", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    view = view_meeting(work, standing, meeting)
    _tell_members(work, standing, meeting, PromptKind.CANCELLED)
    visible = count_flags(work, actor, later[0], *FlagState) if later and standing.may(Verb.READ_CASES) else 0
    return ChangeOfDate(
        view,
        view.starts_at,
        min(len(flags), visible),
        local_time(work, standing.panel, later[0].starts_at) if later else None,
    )


def _taken(work: Work, panel_id: int, starts_at: datetime) -> bool:
    query = select(Meeting.id).where(
        col(Meeting.panel_id) == panel_id,
        col(Meeting.starts_at) == starts_at,
        col(Meeting.state) != MeetingState.CANCELLED,
    )
    return work.session.exec(query).first() is not None


def _to_change(work: Work, actor: Actor, where: Where, meeting_id: int | None) -> tuple[Standing, Meeting]:
    if meeting_id is not None:
        meeting = work.session.get(Meeting, meeting_id)
        if meeting is None:
            raise NotForYou("that meeting")
        standing = require(work, actor, meeting.panel_id, Verb.SCHEDULE, noun="that meeting")
    else:
        standing = find_panel(work, actor, where, Verb.SCHEDULE)
        meeting = upcoming_meeting(work, standing)
    if meeting.state is not MeetingState.SCHEDULED:
        raise Mistake(f"That meeting is {meeting.state.label}; only one that has not begun can be moved or cancelled.")
    return standing, meeting


def _carry(work: Work, flag: Flag, to: Meeting) -> None:
    taken = work.session.exec(
        select(Flag.id).where(
            col(Flag.case_id) == flag.case_id,
            col(Flag.meeting_id) == id_of(to),
            col(Flag.state).in_(LIVE_FLAGS),
        )
    ).first()
    if taken is not None:  # flagged to that meeting too: one hearing serves both
        flag.state = FlagState.DEFERRED
    else:
        flag.meeting_id = id_of(to)
        flag.is_late = False
    work.session.add(flag)


def _tell_members(work: Work, standing: Standing, meeting: Meeting, kind: PromptKind) -> None:
    for person in members_who_may(work, standing.panel_id, Verb.SEE_DIARY):
        if person.id is None or person.id == standing.actor.person_id:
            continue
        work.send(
            Effect(
                key=f"{kind.value}:{meeting.id}:{person.id}:{meeting.starts_at.isoformat()}",
                lane=f"person:{person.id}",
                kind="meeting_notice",
                payload={"person_id": person.id, "meeting_id": meeting.id, "notice": kind.value},
            )
        )
