"""Queries on meetings and series: which is open or next, which was not held, and which would clash."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from sqlalchemy import ColumnElement, and_, bindparam, func, or_
from sqlalchemy import select as tables_select
from sqlmodel import col, select

from bot.domain.deadlines import FRIDAY, MeetingDeadlines, free_times, is_bank_holiday, meeting_deadlines
from bot.domain.language.day_words import full_date
from bot.domain.language.identifiers import room_of
from bot.domain.language.rhythm_rule import Recurrence
from bot.domain.language.rhythm_words import parse_rule
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel, Series, SharedChannel
from bot.models.people import Agency, Person
from bot.models.vocabulary import FlagState, MeetingState, Role
from bot.records.access.queries import Standing, holds_at, local_time, panels_where, readable, today_at, zone_of
from bot.store.rows import id_of, table_of
from bot.store.unit_of_work import Work

_MEETING, _PANEL, _PLACE = table_of(Meeting), table_of(Panel), table_of(Membership)
_PERSON, _AGENCY = table_of(Person), table_of(Agency)
_OPEN = select(Meeting).where(col(Meeting.panel_id) == bindparam("panel"), col(Meeting.state) == MeetingState.OPEN)


def lock_diary(work: Work, *panel_ids: int) -> None:
    """Lock these panels' diaries and have the session read its rows again.

    Other transactions that change the panels' meetings or flags wait. Transactions that only refer to a panel don't.
    Call this before taking any other lock, so that transactions don't deadlock.
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
    """Lock a meeting if it is open, so that it can't close before this transaction ends. Return whether it is open."""
    return work.execute(_STILL_OPEN, {"number": meeting_id}).first() is not None


def open_meeting(work: Work, panel_id: int) -> Meeting | None:
    """Return the panel's open meeting, or None if no meeting is open."""
    return work.session.execute(_OPEN, {"panel": panel_id}).scalars().first()


def is_coming(work: Work) -> ColumnElement[bool]:
    """Return the SQL condition on Meeting, true if the meeting is scheduled and its end has not passed."""
    return and_(col(Meeting.state) == MeetingState.SCHEDULED, col(Meeting.ends_at) > work.now)


def not_held(work: Work, panel_ids: Collection[int]) -> list[Meeting]:
    """Return these panels' past meetings that were neither opened nor recorded as held elsewhere, earliest first."""
    return work.find_all(
        Meeting,
        col(Meeting.panel_id).in_(panel_ids),
        col(Meeting.state) == MeetingState.SCHEDULED,
        col(Meeting.starts_at) < work.now,
        col(Meeting.ends_at) <= work.now,
        col(Meeting.elsewhere_at).is_(None),
        by=[col(Meeting.starts_at), col(Meeting.id)],
    )


def is_not_held(work: Work, meeting: Meeting) -> bool:
    """Return whether the meeting is past, and was neither opened nor recorded as held elsewhere."""
    is_over = meeting.state is MeetingState.SCHEDULED and meeting.ends_at <= work.now
    return is_over and meeting.elsewhere_at is None


def next_meeting(work: Work, panel_id: int) -> Meeting | None:
    """Return the panel's next meeting to be held, or None if no meeting is coming."""
    return work.find(Meeting, col(Meeting.panel_id) == panel_id, is_coming(work), by=[col(Meeting.starts_at)])


#: The SQL condition on Meeting, true if it takes cases. An extraordinary meeting is for one case and takes no other.
TAKES_CASES: Final = col(Meeting.is_extraordinary).is_(False)


def next_for_cases(work: Work, panel_id: int) -> Meeting | None:
    """Return the panel's next meeting that takes cases, or None if no such meeting is coming."""
    there = (col(Meeting.panel_id) == panel_id, is_coming(work), TAKES_CASES)
    return work.find(Meeting, *there, by=[col(Meeting.starts_at)])


def first_coming(work: Work, *, for_cases: bool = False) -> ColumnElement[Any]:
    """Return a subquery on Panel for the id of its next meeting. With `for_cases`, the meeting must take cases."""
    coming = select(Meeting.id).where(col(Meeting.panel_id) == col(Panel.id), is_coming(work))
    if for_cases:
        coming = coming.where(TAKES_CASES)
    return coming.order_by(col(Meeting.starts_at)).limit(1).correlate(Panel).scalar_subquery()


def open_or_next(work: Work, panel_ids: Collection[int], *, for_cases: bool = False) -> dict[int, Meeting]:
    """Return a dict from panel id to the open or else next meeting. With `for_cases`, the next must take cases."""
    held = select(Meeting.id).where(col(Meeting.panel_id) == col(Panel.id), col(Meeting.state) == MeetingState.OPEN)
    one = func.coalesce(held.correlate(Panel).scalar_subquery(), first_coming(work, for_cases=for_cases))
    numbers = select(one).select_from(Panel).where(col(Panel.id).in_(panel_ids))
    return {meeting.panel_id: meeting for meeting in work.find_all(Meeting, col(Meeting.id).in_(numbers))}


def meeting_after(work: Work, panel_id: int, moment: datetime) -> Meeting | None:
    """Return the panel's first scheduled meeting that takes cases and begins after `moment`, or None."""
    return work.find(Meeting, *_starts_after(panel_id, moment), TAKES_CASES, by=[col(Meeting.starts_at)])


def meetings_after(work: Work, panel_id: int, moment: datetime, *, most: int | None = None) -> list[Meeting]:
    """Return the panel's scheduled meetings that begin after `moment`, the soonest first, at most `most`."""
    return work.find_all(Meeting, *_starts_after(panel_id, moment), by=[col(Meeting.starts_at)], most=most)


def _starts_after(panel_id: int, moment: datetime) -> tuple[ColumnElement[bool], ...]:
    is_scheduled = col(Meeting.state) == MeetingState.SCHEDULED
    return col(Meeting.panel_id) == panel_id, is_scheduled, col(Meeting.starts_at) > moment


def last_closed_meeting(work: Work, panel_id: int, before: datetime | None = None) -> Meeting | None:
    """Return the panel's last closed meeting, or None. With `before`, meetings from that moment on don't count."""
    conditions = [col(Meeting.panel_id) == panel_id, col(Meeting.state) == MeetingState.CLOSED]
    if before is not None:
        conditions.append(col(Meeting.starts_at) < before)
    return work.find(Meeting, *conditions, by=[col(Meeting.starts_at).desc()])


def last_closing(work: Work, panel_id: int, before: datetime) -> datetime | None:
    """Return the last time before `before` at which a meeting of the panel closed, or None."""
    query = select(func.max(col(Meeting.closed_at))).where(col(Meeting.panel_id) == panel_id)
    return work.session.exec(query.where(col(Meeting.closed_at) < before)).one()


def meetings_of(work: Work, panel_id: int) -> list[Meeting]:
    """Return the panel's open and scheduled meetings, the soonest first, except those whose end has passed."""
    is_there = col(Meeting.state).in_([MeetingState.SCHEDULED, MeetingState.OPEN])
    to_end = col(Meeting.ends_at) > work.now
    return work.find_all(Meeting, col(Meeting.panel_id) == panel_id, is_there, to_end, by=[col(Meeting.starts_at)])


MOST_CHOICES = 100  # what a menu can hold


@dataclass(frozen=True, slots=True)
class MeetingChoice:
    """A meeting as a choice in a menu."""

    id: int
    starts_at: datetime  #: the panel's own time
    is_next: bool
    in_series: bool


@dataclass(frozen=True, slots=True)
class OfMeeting:
    """The fields that each view about a meeting has in common. Times are in the panel's time zone."""

    meeting_id: int
    panel_key: str
    panel_title: str
    starts_at: datetime
    ends_at: datetime
    venue: str


def of_meeting(work: Work, panel: Panel, meeting: Meeting) -> tuple[int, str, str, datetime, datetime, str]:
    """Return the values for the fields of `OfMeeting`, in their order."""
    starts_at, ends_at = (local_time(work, panel, moment) for moment in (meeting.starts_at, meeting.ends_at))
    return id_of(meeting), panel.key, panel.title, starts_at, ends_at, meeting.venue


@dataclass(frozen=True, slots=True)
class MeetingView:
    """One meeting as people see it. Times are in the panel's time zone."""

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
    flags_open: int  #: flags that need triage and that the reader may see; 0 if the reader may not read cases
    cases_accepted: int
    is_not_held: bool = False  #: it is over, and nobody opened it or recorded what happened

    @property
    def cases(self) -> int:
        """Return how many cases would move with the meeting. Only cases that the reader may see are counted."""
        return self.flags_open + self.cases_accepted


def view_meeting(work: Work, standing: Standing, meeting: Meeting) -> MeetingView:
    """Return the view of a meeting for one reader. A meeting that is not in the diary yet has the id 0."""
    return view_meetings(work, [(standing, meeting)])[0]


def view_meetings(work: Work, meetings: Sequence[tuple[Standing, Meeting]]) -> list[MeetingView]:
    """Return the views of meetings for one reader, in the order given. Their flags are counted in one statement."""
    stored = [(one.actor, meeting.id) for one, meeting in meetings if meeting.id and one.may(Verb.READ_CASES)]
    flags = flags_at(work, stored[0][0], [number for _, number in stored]) if stored else {}
    return [_view_meeting(work, standing, meeting, flags) for standing, meeting in meetings]


def _view_meeting(
    work: Work, standing: Standing, meeting: Meeting, flags: dict[tuple[int, FlagState], int]
) -> MeetingView:
    number = meeting.id or 0
    panel: Panel = standing.panel
    starts_at = local_time(work, panel, meeting.starts_at)
    return MeetingView(
        id=number,
        panel_id=standing.panel_id,
        panel_key=panel.key,
        panel_title=panel.title,
        starts_at=starts_at,
        ends_at=local_time(work, panel, meeting.ends_at),
        venue=meeting.venue,
        state=meeting.state,
        deadlines=meeting_deadlines(work.definition(panel.definition), starts_at.date()),
        today=today_at(work, panel),
        flags_open=flags.get((number, FlagState.OPEN), 0),
        cases_accepted=flags.get((number, FlagState.ACCEPTED), 0),
        is_not_held=is_not_held(work, meeting),
    )


def upcoming_meeting(work: Work, standing: Standing, *, for_cases: bool = False) -> Meeting:
    """Return the panel's open or else next meeting, as `open_or_next` does. Raise Mistake if there is none."""
    meeting = open_or_next(work, [standing.panel_id], for_cases=for_cases).get(standing.panel_id)
    if meeting is None:
        create = f"To add meetings: `/panel create second Tuesday of the month at 14:00 {standing.panel.key}`."
        how = create if standing.may(Verb.SCHEDULE) else "The panel's co-ordinator can add meetings."
        raise Mistake(f"{standing.panel.title} has no meeting in the diary. {how}")
    return meeting


def count_flags(work: Work, actor: Actor, meeting: Meeting, *states: FlagState, unassessed: bool = False) -> int:
    """Return how many flags in the given states the person may see. With `unassessed`, count only unassessed ones."""
    missing = (col(Flag.assessment_due_on).is_not(None),) if unassessed else ()
    return sum(flags_at(work, actor, [id_of(meeting)], col(Flag.state).in_(states), *missing).values())


def flags_at(
    work: Work, actor: Actor, meeting_ids: Collection[int], *conditions: ColumnElement[bool]
) -> dict[tuple[int, FlagState], int]:
    """Return a dict from (meeting id, state) to the number of flags that meet `conditions` and the person may see."""
    rows = work.session.execute(
        select(col(Flag.meeting_id), col(Flag.state), func.count())
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(col(Flag.meeting_id).in_(meeting_ids), readable(actor.person_id), *conditions)
        .group_by(col(Flag.meeting_id), col(Flag.state))
    )
    return {(meeting_id, state): count for meeting_id, state, count in rows}


def choices_of(work: Work, standing: Standing, meetings: list[Meeting]) -> tuple[MeetingChoice, ...]:
    """Return the meetings as choices in a menu, in this order. Those that don't fit into a menu are left out."""
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
    """Return whether a series has no end, so that new meetings are added to it as time passes."""
    return count is None and rule.times is None and rule.ends is None


def rules_in_force(work: Work, panel_id: int) -> list[Recurrence]:
    """Return the rules of the panel's series that have coming meetings."""
    coming = select(Meeting.series_id).where(*_starts_after(panel_id, work.now))
    rows = work.session.exec(
        select(Series.rule)
        .where(col(Series.panel_id) == panel_id, col(Series.ended_at).is_(None), col(Series.id).in_(coming))
        .order_by(col(Series.id))
    )
    return [parse_rule(rule) for rule in rows]


FAR_MONTHS = 18  # a new date later than this is probably a typing mistake


def remarks_on(work: Work, standing: Standing, starts_at: datetime) -> tuple[str, ...]:
    """Return sentences about anything unusual in a new date. `starts_at` is the panel's local time."""
    day, zone = starts_at.date(), zone_of(work, standing.panel)
    definition = work.definition(standing.panel.definition)
    today = today_at(work, standing.panel)
    said = []
    if is_bank_holiday(day, definition.bank_holiday_subdivision):
        said.append(f"That day is a bank holiday, a {day:%A}.")
    elif day.weekday() > FRIDAY:
        said.append(f"That day is a {day:%A}.")
    if day > today + relativedelta(months=FAR_MONTHS):
        said.append(f"That day is more than {FAR_MONTHS} months ahead.")
    if starts_at.replace(tzinfo=zone).utcoffset() != starts_at.replace(tzinfo=zone, fold=1).utcoffset():
        said.append(f"The clocks go back that night and {starts_at:%H:%M} comes twice: the first of the two is meant.")
    closed_on = meeting_deadlines(definition, day).flags_close
    if closed_on < today:
        said.append(f"The last day for flags was {full_date(closed_on)}, so any new flag is late.")
    return tuple(said)


ROOM_TAKEN: Final = "the room is taken"
_AROUND: Final = timedelta(days=21)  # ten working days to either side, with bank holidays between
_CORE: Final = (Role.CHAIR, Role.VICE_CHAIR, Role.REPRESENTATIVE)


@dataclass(frozen=True, slots=True)
class Clash:
    """One date on which a person or a room is needed at two meetings, with free times near that date."""

    starts_at: datetime  #: the panel's own time
    reasons: tuple[str, ...]  #: what is needed twice, each with the other panel where the reader may see its diary
    free: tuple[datetime, ...]  #: the nearest times without a clash


class _Other(NamedTuple):
    """A meeting in the diary that may clash with a new date."""

    panel_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    is_in_room: bool  #: the meeting is in the room asked about


class _Shared(NamedTuple):
    """What two panels share: whether they have the same chair, and how many core members are on both."""

    chairs: bool = False
    people: int = 0  #: core members who are on both panels


def clashes_at(
    work: Work,
    standing: Standing,
    starts: Sequence[datetime],
    *,
    lasts: timedelta,
    venue: str,
    except_for: Sequence[int] = (),
) -> tuple[Clash, ...]:
    """Return the clashes that meetings of the panel at the times `starts` would have with other meetings.

    Meetings in `except_for` don't count. The free times offered clash neither with the diary nor with the other times
    in `starts`.
    """
    if not starts:
        return ()
    begins = sorted(at.astimezone(UTC) for at in starts)
    shared = _shared(work, standing)
    most = work.definition(standing.panel.definition).clashing_members
    zone = zone_of(work, standing.panel)
    rivals = [panel_id for panel_id, common in shared.items() if common.chairs or common.people >= most]
    panel_ids = [standing.panel_id, *rivals]
    others = _others(work, begins[0] - _AROUND, begins[-1] + lasts + _AROUND, except_for, panel_ids, room_of(venue))
    # Find the meetings that can clash at all. There are usually few.
    near: list[tuple[_Other, list[str]]] = []
    for other in others:
        common = shared.get(other.panel_id, _Shared())
        needed = []
        if other.panel_id == standing.panel_id:
            needed.append("this panel meets already")
        else:
            if common.chairs:
                needed.append("the chair is in another meeting")
            if other.is_in_room:
                needed.append(ROOM_TAKEN)
            if common.people >= most:
                needed.append(f"{common.people} core members are in another meeting")
        if needed:
            near.append((other, needed))

    def in_the_way(begin: datetime) -> list[tuple[_Other, list[str]]]:
        return [(other, needed) for other, needed in near if other.starts_at < begin + lasts and begin < other.ends_at]

    def is_asked_about(begin: datetime, *, instead_of: datetime) -> bool:
        overlapping = begins[bisect_right(begins, begin - lasts) : bisect_left(begins, begin + lasts)]
        return any(other != instead_of for other in overlapping)

    def nearest_free(to: datetime) -> tuple[datetime, ...]:
        def is_free(local: datetime, _end: datetime) -> bool:
            begin = local.replace(tzinfo=zone).astimezone(UTC)
            return begin > work.now and not in_the_way(begin) and not is_asked_about(begin, instead_of=to)

        wanted = to.astimezone(zone).replace(tzinfo=None)
        return tuple(at.replace(tzinfo=zone) for at in free_times(wanted, lasts, is_free, subdivision))

    subdivision = work.definition(standing.panel.definition).bank_holiday_subdivision
    hits = [(begin, them) for begin in begins if (them := in_the_way(begin))]
    seen = {id_of(panel) for panel in panels_where(work, standing.actor, Verb.SEE_DIARY)} if hits else set()
    return tuple(
        Clash(
            starts_at=begin.astimezone(zone),
            reasons=tuple(_said(reason, other, seen, zone) for other, needed in them for reason in needed),
            free=nearest_free(begin),
        )
        for begin, them in hits
    )


def _said(reason: str, other: _Other, seen: set[int], zone: ZoneInfo) -> str:
    """Return the reason of a clash in words. Name the other panel and time if the person may see that panel's diary."""
    if other.panel_id not in seen:
        return reason
    starts_at, ends_at = other.starts_at.astimezone(zone), other.ends_at.astimezone(zone)
    return f"{reason} ({other.title}, {starts_at:%H:%M} to {ends_at:%H:%M})"


def _others(
    work: Work, first: datetime, last: datetime, except_for: Sequence[int], panel_ids: Sequence[int], room: str | None
) -> list[_Other]:
    """Return the meetings between two moments that belong to these panels, or that are in the room `room`."""
    venues: list[str] = []
    if room is not None:
        # Rooms are compared by spelling, which needs Python. There are far fewer venues than meetings.
        every = work.execute(tables_select(_MEETING.c.venue).distinct()).scalars()
        venues = [venue for venue in every if room_of(venue) == room]
    is_in_room = _MEETING.c.venue.in_(venues)
    rows = work.execute(
        tables_select(_MEETING.c.panel_id, _PANEL.c.title, _MEETING.c.starts_at, _MEETING.c.ends_at, is_in_room)
        .join(_PANEL, _PANEL.c.id == _MEETING.c.panel_id)
        .where(
            _PANEL.c.is_active,
            _MEETING.c.state.in_([MeetingState.SCHEDULED, MeetingState.OPEN]),
            _MEETING.c.ends_at > first,
            _MEETING.c.starts_at < last,
            _MEETING.c.id.not_in(except_for),
            or_(_MEETING.c.panel_id.in_(panel_ids), is_in_room),
        )
        .order_by(_MEETING.c.starts_at)
    )
    return [_Other(*row) for row in rows]


def _shared(work: Work, standing: Standing) -> dict[int, _Shared]:
    """Return a dict from the id of every other panel to what it shares with this panel: the chair, and core members."""
    quorum = work.definition(standing.panel.definition).quorum
    needed = {*quorum.all_of, *quorum.any_of, *quorum.of}
    core: dict[int, set[int]] = defaultdict(set)
    chairs: dict[int, set[int]] = defaultdict(set)
    vice_chairs: dict[int, set[int]] = defaultdict(set)
    rows = work.execute(
        tables_select(_PLACE.c.panel_id, _PLACE.c.person_id, _PLACE.c.role, _AGENCY.c.kind)
        .join(_PERSON, _PERSON.c.id == _PLACE.c.person_id)
        .join(_AGENCY, _AGENCY.c.id == _PERSON.c.agency_id)
        .where(_PLACE.c.role.in_(_CORE), _PERSON.c.left_at.is_(None), holds_at(work.now))
    )
    for panel_id, person_id, role, kind in rows:
        if not needed or kind in needed:
            core[panel_id].add(person_id)
        if role is Role.CHAIR:
            chairs[panel_id].add(person_id)
        elif role is Role.VICE_CHAIR:
            vice_chairs[panel_id].add(person_id)

    def presiding(panel_id: int) -> set[int]:
        """Return the chair of a panel, or its vice-chairs if it has no chair."""
        return chairs[panel_id] or vice_chairs[panel_id]

    ours = standing.panel_id
    return {
        panel_id: _Shared(bool(presiding(panel_id) & presiding(ours)), len(core[panel_id] & core[ours]))
        for panel_id in {*core, *chairs, *vice_chairs}
        if panel_id != ours
    }


def is_shared(work: Work, channel_id: str) -> bool:
    """Return whether people of another Slack workspace can see the channel, as Slack last reported."""
    return work.session.get(SharedChannel, channel_id) is not None
