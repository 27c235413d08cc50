"""Meetings as calendar files (RFC 5545 and 5546), for one meeting or for one person's feed. No file names a case."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vRecur, vText

from bot.domain.language.day_words import days_in_month

_YEARS = 10  # enough to tell the last Sunday of a month from the fourth
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class _Change:
    """One change of a zone's clocks, to or from summer time. `onset` is the local time just before the change."""

    onset: datetime
    before: timedelta
    after: timedelta
    name: str
    is_summer: bool


@cache
def zone_component(key: str, first_year: int) -> Timezone:
    """Return the VTIMEZONE of the IANA zone `key` from the year `first_year` on, by the rules that the zone has now."""
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
    elif len(changes) > 1:  # a zone whose changes follow the moon has no yearly rule
        part.add("rdate", [one.onset for one in changes[1:]])
    return part


def _rule(changes: list[_Change]) -> vRecur:
    """Return the yearly rule for these clock changes, such as the last Sunday of a month.

    The weekday is counted from the end of the month if that fits all changes, and otherwise from the beginning.
    """
    first = changes[0].onset
    is_last = all(one.onset.day + 7 > days_in_month(one.onset.year, one.onset.month) for one in changes)
    week = -1 if is_last else (first.day + 6) // 7
    return vRecur(freq="YEARLY", bymonth=first.month, byday=f"{week}{_DAYS[first.weekday()]}")


def _changes(zone: ZoneInfo, first_year: int) -> Iterator[_Change]:
    first, end = (datetime(year, 1, 1, tzinfo=UTC) for year in (first_year, first_year + _YEARS))
    days = [first + timedelta(days=count) for count in range((end - first).days + 1)]
    for day, following in pairwise(days):
        if _offset(day.astimezone(zone)) != _offset(following.astimezone(zone)):
            yield _change(zone, day)


def _change(zone: ZoneInfo, day: datetime) -> _Change:
    """Return the clock change of `zone` in the 24 hours after `day`. `day` is a moment in UTC."""
    before = _offset(day.astimezone(zone))
    minutes = [day + timedelta(minutes=count) for count in range(24 * 60 + 1)]
    changed = bisect(minutes, False, key=lambda minute: _offset(minute.astimezone(zone)) != before)
    after = minutes[changed].astimezone(zone)
    onset = (minutes[changed] + before).replace(tzinfo=None)
    return _Change(onset, before, _offset(after), after.tzname() or "", bool(after.dst()))


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta(0)


_PRODUCT = "-//panelbot//Panel diary//EN"
#: No one answers mail to this address. The domain `.invalid` never belongs to anyone (RFC 2606).
_ORGANISER = "mailto:panelbot@panelbot.invalid"
_REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CalendarMeeting:
    """The facts of one meeting that a calendar shows. They never include a case."""

    uid: str  #: the same for ever
    sequence: int  #: rises with each change
    title: str  #: the panel's title; other people see calendars, so no field names a case
    starts_at: datetime  #: the panel's own time
    ends_at: datetime
    venue: str
    is_cancelled: bool
    notes: Sequence[str] = ()  #: a line each, such as the meeting's deadlines


def meeting_file(meeting: CalendarMeeting, *, made_at: datetime) -> bytes:
    """Return a calendar file for one meeting.

    If a person opens a later file for the same meeting, their calendar moves the meeting, or removes it if it was
    cancelled.
    """
    return _written([meeting], "CANCEL" if meeting.is_cancelled else "PUBLISH", made_at)


def diary_file(meetings: Iterable[CalendarMeeting], *, name: str, made_at: datetime) -> bytes:
    """Return a person's meetings as one calendar file, to subscribe to or import. Cancelled meetings are marked."""
    return _written(list(meetings), "PUBLISH", made_at, name=name)


def _written(meetings: list[CalendarMeeting], method: str, made_at: datetime, *, name: str = "") -> bytes:
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("name", name)
        calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")  # what Outlook goes by
    years: dict[str, int] = {}
    for meeting in meetings:
        zone = _zone_key(meeting.starts_at)
        years[zone] = min(years.get(zone, meeting.starts_at.year), meeting.starts_at.year)
    for zone, first_year in sorted(years.items()):
        calendar.add_component(zone_component(zone, first_year))
    for meeting in meetings:
        calendar.add_component(_event(meeting, made_at))
    file: bytes = calendar.to_ical()
    return file


def _event(meeting: CalendarMeeting, made_at: datetime) -> Event:
    event = Event()
    event.add("uid", f"{meeting.uid}@panelbot.invalid")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", made_at)
    event.add("dtstart", meeting.starts_at)
    event.add("dtend", meeting.ends_at)
    event.add("summary", meeting.title)
    event.add("status", "CANCELLED" if meeting.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if meeting.is_cancelled else "OPAQUE")
    event.add("class", "PRIVATE")
    organiser = vCalAddress(_ORGANISER)
    organiser.params["cn"] = vText(meeting.title)
    event.add("organizer", organiser)
    if meeting.venue:
        event.add("location", meeting.venue)
    if meeting.notes:
        event.add("description", "\n".join(meeting.notes))
    return event


def _zone_key(moment: datetime) -> str:
    if not isinstance(moment.tzinfo, ZoneInfo):
        raise TypeError("a meeting's times are in its panel's zone")
    return moment.tzinfo.key
