"""Calendar files as another library reads them, and as a calendar client follows them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from dateutil import tz

from bot.documents.calendar import CalendarMeeting, diary_file, meeting_file, zone_component

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MEETING = CalendarMeeting(
    uid="2f6d0b",
    sequence=0,
    title="Westmoor Operational MET",
    starts_at=datetime(2026, 3, 10, 14, 0, tzinfo=LONDON),
    ends_at=datetime(2026, 3, 10, 16, 0, tzinfo=LONDON),
    venue="Committee room 2; Westmoor, town hall",
    is_cancelled=False,
    notes=("Flag cases by Tue 24 February.", "Returns by Fri 6 March."),
)


class CalendarClient:
    """What a calendar program does with the files it is given: by UID and SEQUENCE (RFC 5546, 2.1.4 and 3.2.5)."""

    def __init__(self) -> None:
        self.entries: dict[str, Any] = {}

    def receives(self, file: bytes) -> None:
        calendar = vobject.readOne(file.decode())
        for event in calendar.vevent_list:
            uid, sequence = event.uid.value, int(event.sequence.value)
            known = self.entries.get(uid)
            if known is not None and sequence < int(known.sequence.value):
                continue
            if calendar.method.value == "CANCEL" or event.status.value == "CANCELLED":
                self.entries.pop(uid, None)
            else:
                self.entries[uid] = event

    def shows(self) -> list[tuple[str, datetime]]:
        return sorted((event.summary.value, event.dtstart.value.astimezone(UTC)) for event in self.entries.values())


def test_another_library_reads_what_was_written() -> None:
    calendar = vobject.readOne(meeting_file(MEETING, made_at=NOW).decode())
    event = calendar.vevent
    assert (calendar.method.value, calendar.version.value) == ("PUBLISH", "2.0")
    assert event.uid.value == "2f6d0b@panelbot.invalid"
    assert (event.sequence.value, event.status.value, event.transp.value) == ("0", "CONFIRMED", "OPAQUE")
    assert getattr(event, "class").value == "PRIVATE"
    assert event.summary.value == "Westmoor Operational MET"
    assert event.location.value == "Committee room 2; Westmoor, town hall"
    assert event.description.value == "Flag cases by Tue 24 February.\nReturns by Fri 6 March."
    assert event.dtstart.value.astimezone(UTC) == datetime(2026, 3, 10, 14, 0, tzinfo=UTC)
    assert event.dtend.value - event.dtstart.value == timedelta(hours=2)
    assert event.dtstamp.value == NOW


def test_the_hour_is_right_on_both_sides_of_each_clock_change() -> None:
    for day in ((2026, 3, 27), (2026, 3, 30), (2026, 10, 23), (2026, 10, 26), (2031, 3, 31), (2031, 10, 27)):
        starts_at = datetime(*day, 14, 0, tzinfo=LONDON)
        moved = replace(MEETING, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
        event = vobject.readOne(meeting_file(moved, made_at=NOW).decode()).vevent
        assert event.dtstart.value.astimezone(UTC) == starts_at.astimezone(UTC), day


@pytest.mark.parametrize("key", ["Europe/London", "Europe/Paris", "America/New_York", "Asia/Tokyo", "Australia/Sydney"])
def test_the_zone_in_a_file_is_the_zone_itself(key: str) -> None:
    """Read by dateutil, which here knows only what the file says."""
    text = f"BEGIN:VCALENDAR\r\n{zone_component(key, 2026).to_ical().decode()}END:VCALENDAR\r\n"
    read, zone = tz.tzical(StringIO(text)).get(key), ZoneInfo(key)
    moment, end = datetime(2026, 1, 2, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
    while moment < end:
        wall = moment.astimezone(zone)
        hours_of_a_change = wall.utcoffset() != (moment + timedelta(days=1)).astimezone(zone).utcoffset()
        for hour in range(24) if hours_of_a_change else (0,):
            wall = (moment + timedelta(hours=hour)).astimezone(zone)
            assert wall.replace(tzinfo=read).utcoffset() == wall.utcoffset(), wall
        moment += timedelta(days=1)


def test_a_meeting_that_is_moved_and_then_cancelled_leaves_a_calendar_as_it_should() -> None:
    client = CalendarClient()
    client.receives(meeting_file(MEETING, made_at=NOW))
    later = MEETING.starts_at + timedelta(days=21)
    moved = replace(MEETING, sequence=1, starts_at=later, ends_at=later + timedelta(hours=2))
    client.receives(meeting_file(moved, made_at=NOW))
    assert client.shows() == [("Westmoor Operational MET", datetime(2026, 3, 31, 13, 0, tzinfo=UTC))]
    client.receives(meeting_file(MEETING, made_at=NOW))  # an old file, opened once more
    assert client.shows() == [("Westmoor Operational MET", datetime(2026, 3, 31, 13, 0, tzinfo=UTC))]
    client.receives(meeting_file(replace(moved, sequence=2, is_cancelled=True), made_at=NOW))
    assert client.shows() == []


def test_a_cancellation_says_so_in_method_and_status() -> None:
    calendar = vobject.readOne(meeting_file(replace(MEETING, sequence=1, is_cancelled=True), made_at=NOW).decode())
    assert (calendar.method.value, calendar.vevent.status.value) == ("CANCEL", "CANCELLED")
    assert calendar.vevent.uid.value == "2f6d0b@panelbot.invalid"
    assert calendar.vevent.organizer.value == "mailto:panelbot@panelbot.invalid"


def test_a_feed_holds_every_meeting_once_with_one_zone_and_says_how_often_to_look() -> None:
    other = replace(MEETING, uid="81c2aa", title="Easterby MASE", is_cancelled=True, sequence=3)
    file = diary_file([MEETING, other], name="Panels of Nurse Bell", made_at=NOW)
    calendar = vobject.readOne(file.decode())
    assert [event.status.value for event in calendar.vevent_list] == ["CONFIRMED", "CANCELLED"]
    assert len(calendar.vtimezone_list) == 1
    assert calendar.contents["x-wr-calname"][0].value == "Panels of Nurse Bell"
    assert calendar.contents["refresh-interval"][0].value == "PT1H"
    client = CalendarClient()
    client.receives(file)
    assert client.shows() == [("Westmoor Operational MET", datetime(2026, 3, 10, 14, 0, tzinfo=UTC))]


def test_a_feed_without_meetings_is_still_a_calendar() -> None:
    calendar = vobject.readOne(diary_file([], name="Panels of Nurse Bell", made_at=NOW).decode())
    assert "vevent" not in calendar.contents


def test_written_read_and_written_again_it_is_the_same() -> None:
    file = meeting_file(MEETING, made_at=NOW)
    again = vobject.readOne(vobject.readOne(file.decode()).serialize())
    first = vobject.readOne(file.decode())
    for name in ("uid", "sequence", "summary", "location", "status", "description"):
        assert getattr(again.vevent, name).value == getattr(first.vevent, name).value
    assert again.vevent.dtstart.value.astimezone(UTC) == first.vevent.dtstart.value.astimezone(UTC)


def test_lines_fold_and_signs_are_escaped_so_that_a_title_cannot_add_a_line() -> None:
    sly = replace(MEETING, title="MET\r\nSTATUS:CANCELLED\r\nX: " + "very " * 40 + "long, and; more")
    file = meeting_file(sly, made_at=NOW)
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
    assert vobject.readOne(file.decode()).vevent.status.value == "CONFIRMED"
