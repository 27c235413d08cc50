"""A time zone as calendars want it: its clock changes as rules, each at the wall-clock time just before it.

Ours, because the library's own puts the onset of summer time an hour late (RFC 5545, 3.6.5: the onset is told in the
time that holds until then), and lists dates where older calendar programs understand rules alone.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

_YEARS = 10  # enough to tell the last Sunday of a month from the fourth
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class _Change:
    """One clock change; `onset` is the wall clock just before it."""

    onset: datetime
    before: timedelta
    after: timedelta
    name: str
    is_summer: bool


@cache
def zone_component(key: str, first_year: int) -> Timezone:
    """The VTIMEZONE of an IANA zone, right from the beginning of that year on while its rules stay as they are."""
    zone = ZoneInfo(key)
    component = Timezone()
    component.add("tzid", key)
    begins = datetime(first_year, 1, 1, tzinfo=zone)
    offset = _offset(begins)
    component.add_component(
        _observance([_Change(begins.replace(tzinfo=None), offset, offset, begins.tzname() or key, bool(begins.dst()))])
    )
    alike: dict[tuple[object, ...], list[_Change]] = defaultdict(list)
    for change in _changes(zone, first_year):
        onset = change.onset
        alike[change.before, change.after, change.name, onset.month, onset.weekday(), onset.time()].append(change)
    for changes in alike.values():
        component.add_component(_observance(changes))
    return component


def _observance(changes: list[_Change]) -> TimezoneDaylight | TimezoneStandard:
    first = changes[0]
    part = TimezoneDaylight() if first.is_summer else TimezoneStandard()
    part.add("dtstart", first.onset)
    part.add("tzname", first.name)
    part.add("tzoffsetfrom", first.before)
    part.add("tzoffsetto", first.after)
    if len(changes) == _YEARS:
        part.add("rrule", _rule(changes))
    elif len(changes) > 1:  # a zone whose changes follow the moon has no rule to tell
        part.add("rdate", [one.onset for one in changes[1:]])
    return part


def _rule(changes: list[_Change]) -> vRecur:
    """Yearly on the weekday that all the changes fall on, counted from the month's end where that always holds."""
    first = changes[0].onset
    is_last = all(one.onset.day + 7 > monthrange(one.onset.year, one.onset.month)[1] for one in changes)
    week = -1 if is_last else (first.day + 6) // 7
    return vRecur(freq="YEARLY", bymonth=first.month, byday=f"{week}{_DAYS[first.weekday()]}")


def _changes(zone: ZoneInfo, first_year: int) -> Iterator[_Change]:
    moment = datetime(first_year, 1, 1, tzinfo=UTC)
    end = datetime(first_year + _YEARS, 1, 1, tzinfo=UTC)
    while moment < end:
        later = moment + timedelta(days=1)
        if _offset(moment.astimezone(zone)) != _offset(later.astimezone(zone)):
            yield _change(zone, moment, later)
        moment = later


def _change(zone: ZoneInfo, early: datetime, late: datetime) -> _Change:
    while late - early > timedelta(minutes=1):
        middle = early + (late - early) / 2
        if _offset(middle.astimezone(zone)) == _offset(early.astimezone(zone)):
            early = middle
        else:
            late = middle
    after = late.replace(second=0, microsecond=0).astimezone(zone)
    before = _offset(early.astimezone(zone))
    onset = (after.astimezone(UTC) + before).replace(tzinfo=None)
    return _Change(onset, before, _offset(after), after.tzname() or "", bool(after.dst()))


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta(0)
