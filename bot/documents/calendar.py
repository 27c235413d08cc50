"""Meetings as calendars read them (RFC 5545 and 5546): one file a meeting, one feed a person, never a case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from bot.documents.calendar_zone import zone_component

_PRODUCT = "-//panelbot//Panel diary//EN"
#: Nobody answers calendar mail here; `.invalid` is nobody's for ever (RFC 2606).
_ORGANISER = "mailto:panelbot@panelbot.invalid"
_REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CalendarMeeting:
    """What a calendar shows of one meeting."""

    uid: str  #: the same for ever
    sequence: int  #: rises with each change
    title: str  #: the panel's; calendars are seen by others, so no case is named here or anywhere
    starts_at: datetime  #: the panel's own time
    ends_at: datetime
    venue: str
    is_cancelled: bool
    notes: Sequence[str] = ()  #: a line each, such as the dates that hang on the meeting


def meeting_file(meeting: CalendarMeeting, *, made_at: datetime) -> bytes:
    """One meeting to import; importing a later file moves it, or takes it out of the calendar once it is cancelled."""
    return _written([meeting], "CANCEL" if meeting.is_cancelled else "PUBLISH", made_at)


def diary_file(meetings: Iterable[CalendarMeeting], *, name: str, made_at: datetime) -> bytes:
    """Somebody's meetings together, to subscribe to or to import; cancelled ones stay in it, as such."""
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
