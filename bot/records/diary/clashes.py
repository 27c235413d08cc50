"""Clashes: the same chair, the same room or too many of the same people in two panels at once, and the way out.

One look at the memberships and one at the diary for a whole series, however many dates it has.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from bot.domain.clashes import free_times, room_of
from bot.domain.permissions import Verb
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import MeetingState, Role
from bot.records.access.clocks import zone_of
from bot.records.access.queries import Standing, holds_at, panels_where
from bot.store.rows import id_of, table_of
from bot.store.unit_of_work import Work

ROOM_TAKEN: Final = "the room is taken"
_AROUND: Final = timedelta(days=21)  # ten working days to either side, with bank holidays between
_MEETING, _PANEL, _PLACE = table_of(Meeting), table_of(Panel), table_of(Membership)
_PERSON, _AGENCY = table_of(Person), table_of(Agency)
_CORE: Final = (Role.CHAIR, Role.VICE_CHAIR, Role.REPRESENTATIVE)


@dataclass(frozen=True, slots=True)
class Clash:
    """One date at which something or somebody is needed in two places."""

    starts_at: datetime  #: the panel's own time
    reasons: tuple[str, ...]  #: what is needed twice, each with the other panel where the reader may see its diary
    free: tuple[datetime, ...]  #: the nearest times without a clash


@dataclass(frozen=True, slots=True)
class _Other:
    panel_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    room: str | None


@dataclass(frozen=True, slots=True)
class _Shared:
    """What two panels have in common."""

    chairs: bool
    people: int  #: core members on both


def clashes_at(
    work: Work,
    standing: Standing,
    starts: Sequence[datetime],
    *,
    lasts: timedelta,
    venue: str,
    besides: Sequence[int] = (),
) -> tuple[Clash, ...]:
    """The clashes of a panel's meetings that would begin then; `besides` are meetings that will not be there.

    The times offered instead are free of what is in the diary and of the other meetings asked about.
    """
    if not starts:
        return ()
    begins = sorted(at.astimezone(UTC) for at in starts)
    shared = _shared(work, standing)
    most = work.definition(standing.panel.definition).clashing_members
    zone = zone_of(work, standing.panel)
    room = room_of(venue)
    rivals = [panel_id for panel_id, common in shared.items() if common.chairs or common.people >= most]
    others = _others(
        work, begins[0] - _AROUND, begins[-1] + lasts + _AROUND, besides, [standing.panel_id, *rivals], room
    )
    # What can get in the way at all: usually few of the meetings there are.
    near: list[tuple[_Other, list[str]]] = []
    for other in others:
        common = shared.get(other.panel_id, _Shared(chairs=False, people=0))
        needed = []
        if other.panel_id == standing.panel_id:
            needed.append("this panel meets already")
        else:
            if common.chairs:
                needed.append("the chair is in another meeting")
            if room is not None and other.room == room:
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

    seen: set[int] | None = None
    found = []
    subdivision = work.definition(standing.panel.definition).bank_holiday_subdivision
    for begin in begins:
        hits = in_the_way(begin)
        if not hits:
            continue
        if seen is None:
            seen = {id_of(panel) for panel in panels_where(work, standing.actor, Verb.SEE_DIARY)}
        found.append(
            Clash(
                starts_at=begin.astimezone(zone),
                reasons=tuple(_said(reason, other, seen, zone) for other, needed in hits for reason in needed),
                free=nearest_free(begin),
            )
        )
    return tuple(found)


def _said(reason: str, other: _Other, seen: set[int], zone: ZoneInfo) -> str:
    """The reason, with the other panel's title for those who may see its diary and for nobody else."""
    if other.panel_id not in seen:
        return reason
    starts_at, ends_at = other.starts_at.astimezone(zone), other.ends_at.astimezone(zone)
    return f"{reason} ({other.title}, {starts_at:%H:%M} to {ends_at:%H:%M})"


def _others(
    work: Work, first: datetime, last: datetime, besides: Sequence[int], panel_ids: Sequence[int], room: str | None
) -> list[_Other]:
    """The meetings in that time of these panels, and of whoever meets in the room."""
    venues: list[str] = []
    if room is not None:
        # Only here is a room known by its spelling; there are far fewer of them than of meetings.
        venues = [venue for (venue,) in work.execute(select(_MEETING.c.venue).distinct()) if room_of(venue) == room]
    rows = work.execute(
        select(
            _MEETING.c.id,
            _MEETING.c.panel_id,
            _PANEL.c.title,
            _MEETING.c.starts_at,
            _MEETING.c.ends_at,
            _MEETING.c.venue,
        )
        .join(_PANEL, _PANEL.c.id == _MEETING.c.panel_id)
        .where(
            _PANEL.c.is_active,
            _MEETING.c.state.in_([MeetingState.SCHEDULED, MeetingState.OPEN]),
            _MEETING.c.ends_at > first,
            _MEETING.c.starts_at < last,
            or_(_MEETING.c.panel_id.in_(panel_ids), _MEETING.c.venue.in_(venues)),
        )
        .order_by(_MEETING.c.starts_at)
    )
    left_out = set(besides)
    return [
        _Other(panel_id, title, starts_at, ends_at, room if venue in venues else None)
        for number, panel_id, title, starts_at, ends_at, venue in rows
        if number not in left_out
    ]


def _shared(work: Work, standing: Standing) -> dict[int, _Shared]:
    """By panel, what it has in common with this one: who presides, and the core of those who must be there."""
    quorum = work.definition(standing.panel.definition).quorum
    needed = {*quorum.all_of, *quorum.any_of, *quorum.of}
    core: dict[int, set[int]] = defaultdict(set)
    chairs: dict[int, set[int]] = defaultdict(set)
    vice_chairs: dict[int, set[int]] = defaultdict(set)
    rows = work.execute(
        select(_PLACE.c.panel_id, _PLACE.c.person_id, _PLACE.c.role, _AGENCY.c.kind)
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
        """The chair, or the vice-chair where there is no chair."""
        return chairs[panel_id] or vice_chairs[panel_id]

    ours = standing.panel_id
    return {
        panel_id: _Shared(bool(presiding(panel_id) & presiding(ours)), len(core[panel_id] & core[ours]))
        for panel_id in {*core, *chairs, *vice_chairs}
        if panel_id != ours
    }
