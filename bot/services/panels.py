"""Panels and their diary: series, the next meeting, and what moves when a date moves."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.deadlines import MeetingDeadlines, meeting_deadlines
from bot.domain.narrative import accept_line
from bot.domain.permissions import Actor, Verb
from bot.domain.recurrence import Recurrence, occurrences, parse_rule
from bot.domain.working_days import FRIDAY, is_bank_holiday
from bot.errors import Mistake, NotForYou
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Panel, Series
from bot.models.vocabulary import FlagState, MeetingState, PromptKind, Role
from bot.store.access import Standing, Where, find_panel, panels_where, readable, require, standing_on
from bot.store.agenda import LIVE_FLAGS
from bot.store.diary import local_time, meetings_after, next_meeting, open_meeting, today_at, zone_of
from bot.store.outbox import Effect
from bot.store.people import members_who_may
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

DEFAULT_COUNT = 12  # a year of a monthly panel
MAX_COUNT = 60
FAR_MONTHS = 18  # a new date beyond is more likely a slip


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


@dataclass(frozen=True, slots=True)
class PanelView:
    """A panel with the reader's roles on it and its next meeting."""

    key: str
    title: str
    channel_id: str | None
    roles: tuple[Role, ...]
    next_meeting: MeetingView | None


@dataclass(frozen=True, slots=True)
class SeriesView:
    """A rule in words and the dates it gives."""

    panel_key: str
    panel_title: str
    rule: str
    dates: tuple[datetime, ...]
    moved: tuple[tuple[date, datetime, str], ...]  #: the rule's day, the date instead, why
    already_there: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeOfDate:
    """What became of a meeting and what was flagged to it."""

    meeting: MeetingView
    before: datetime
    cases_moved: int
    cases_moved_to: datetime | None
    remarks: tuple[str, ...] = ()  #: what is unusual about the new date, a sentence each


def list_panels(work: Work, actor: Actor) -> tuple[PanelView, ...]:
    """Every panel that the person is on (an administrator: every panel), by title."""
    views = []
    for panel in panels_where(work, actor, Verb.SEE_DIARY):
        standing = standing_on(work, actor, panel)
        meeting = open_meeting(work, standing.panel_id) or next_meeting(work, standing.panel_id)
        views.append(
            PanelView(
                key=panel.key,
                title=panel.title,
                channel_id=panel.channel_id,
                roles=tuple(sorted(standing.roles, key=list(Role).index)),
                next_meeting=_view(work, standing, meeting) if meeting else None,
            )
        )
    return tuple(views)


def show_next_meeting(work: Work, actor: Actor, where: Where) -> MeetingView:
    """The meeting that is open or comes next, with its deadlines."""
    standing = find_panel(work, actor, where, Verb.SEE_DIARY)
    return _view(work, standing, _upcoming(work, standing))


def diary(work: Work, actor: Actor, where: Where, count: int = DEFAULT_COUNT) -> tuple[MeetingView, ...]:
    """The panel's coming meetings, soonest first."""
    standing = find_panel(work, actor, where, Verb.SEE_DIARY)
    return tuple(_view(work, standing, m) for m in meetings_after(work, standing.panel_id, work.now)[:count])


def preview_series(
    work: Work, actor: Actor, where: Where, *, rule: str, starts_on: date | None = None, count: int = DEFAULT_COUNT
) -> SeriesView:
    """The dates a rule would give; nothing is saved."""
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    return _dates(work, standing, parse_rule(rule), starts_on, count)[0]


def create_series(
    work: Work, actor: Actor, where: Where, *, rule: str, starts_on: date | None = None, count: int = DEFAULT_COUNT
) -> SeriesView:
    """Put a series of meetings into the panel's diary; a date that is there already stays as it is."""
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    recurrence = parse_rule(rule)
    view, rule_days = _dates(work, standing, recurrence, starts_on, count)
    if not view.dates:
        raise Mistake(f"Every date of {view.rule} is in the diary already.")
    series = Series(
        panel_id=standing.panel_id,
        # Anchored to its first day, so that a later extension of the series keeps its rhythm.
        rule=recurrence.anchored(rule_days[view.dates[0]]).describe(),
        starts_on=starts_on or today_at(work, standing.panel),
        created_by_id=actor.person_id,
        created_at=work.now,
    )
    work.session.add(series)
    work.session.flush()
    duration = timedelta(minutes=work.definition(standing.panel.definition).duration)
    for starts_at in view.dates:
        begins = starts_at.astimezone(UTC)
        work.session.add(
            Meeting(
                panel_id=standing.panel_id,
                series_id=series.id,
                rule_on=rule_days[starts_at],
                starts_at=begins,
                ends_at=begins + duration,
                venue=standing.panel.venue,
            )
        )
    work.audit("create", "series", series.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return view


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
    view = _view(work, standing, meeting)
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
    view = _view(work, standing, meeting)
    _tell_members(work, standing, meeting, PromptKind.CANCELLED)
    visible = _count(work, actor, later[0], *FlagState) if later and standing.may(Verb.READ_CASES) else 0
    return ChangeOfDate(
        view,
        view.starts_at,
        min(len(flags), visible),
        local_time(work, standing.panel, later[0].starts_at) if later else None,
    )


def meeting_for_notice(work: Work, actor: Actor, meeting_id: int) -> tuple[MeetingView, str]:
    """A meeting with the reason it was moved or cancelled, for a message that is about to be sent."""
    meeting = work.session.get(Meeting, meeting_id)
    if meeting is None:
        raise NotForYou("that meeting")
    standing = require(work, actor, meeting.panel_id, Verb.SEE_DIARY)
    return _view(work, standing, meeting), work.open(meeting.reason) if meeting.reason else ""


def _dates(
    work: Work, standing: Standing, rule: Recurrence, starts_on: date | None, count: int
) -> tuple[SeriesView, dict[datetime, date]]:
    if not 1 <= count <= MAX_COUNT:
        raise Mistake(f"A series has between 1 and {MAX_COUNT} meetings.", field="count")
    definition = work.definition(standing.panel.definition)
    start = starts_on or today_at(work, standing.panel)
    given = [
        one
        for one in occurrences(rule, start=start, count=count, until=None, definition=definition)
        if one.starts_at > work.now
    ]
    if not given:
        raise Mistake("That gives no date in the future. Say from when, or another rule.", field="rule")
    there = {one.starts_at for one in given if _taken(work, standing.panel_id, one.starts_at.astimezone(UTC))}
    view = SeriesView(
        panel_key=standing.panel.key,
        panel_title=standing.panel.title,
        rule=rule.describe(),
        dates=tuple(one.starts_at for one in given if one.starts_at not in there),
        moved=tuple((one.rule_on, one.starts_at, one.moved) for one in given if one.moved),
        already_there=tuple(sorted(there)),
    )
    return view, {one.starts_at: one.rule_on for one in given}


def _taken(work: Work, panel_id: int, starts_at: datetime) -> bool:
    query = select(Meeting.id).where(
        col(Meeting.panel_id) == panel_id,
        col(Meeting.starts_at) == starts_at,
        col(Meeting.state) != MeetingState.CANCELLED,
    )
    return work.session.exec(query).first() is not None


def _upcoming(work: Work, standing: Standing) -> Meeting:
    meeting = open_meeting(work, standing.panel_id) or next_meeting(work, standing.panel_id)
    if meeting is None:
        raise Mistake(
            f"{standing.panel.title} has no meeting in the diary. Add some with "
            f"`/panel create second Tuesday of the month at 14:00 {standing.panel.key}`."
        )
    return meeting


def _to_change(work: Work, actor: Actor, where: Where, meeting_id: int | None) -> tuple[Standing, Meeting]:
    if meeting_id is not None:
        meeting = work.session.get(Meeting, meeting_id)
        if meeting is None:
            raise NotForYou("that meeting")
        standing = require(work, actor, meeting.panel_id, Verb.SCHEDULE, noun="that meeting")
    else:
        standing = find_panel(work, actor, where, Verb.SCHEDULE)
        meeting = _upcoming(work, standing)
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


def _count(work: Work, actor: Actor, meeting: Meeting, *states: FlagState) -> int:
    return work.session.exec(
        select(func.count())
        .select_from(Flag)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(col(Flag.meeting_id) == id_of(meeting), col(Flag.state).in_(states), readable(actor.person_id))
    ).one()


def _view(work: Work, standing: Standing, meeting: Meeting) -> MeetingView:
    panel: Panel = standing.panel
    starts_at = local_time(work, panel, meeting.starts_at)
    reads = standing.may(Verb.READ_CASES)
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
        flags_open=_count(work, standing.actor, meeting, FlagState.OPEN) if reads else 0,
        cases_accepted=_count(work, standing.actor, meeting, FlagState.ACCEPTED) if reads else 0,
        agenda_version=meeting.agenda_version,
    )
