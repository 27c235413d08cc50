"""Days, times and places that are typed after a command which opens a form."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest

from bot.domain.language.diary_words import (
    SaidChange,
    SaidDay,
    read_days,
    read_extra,
    read_meeting,
    read_move,
    read_venue,
    says_day,
    says_for_good,
)
from bot.errors import NoSuchTime

TODAY = date(2026, 4, 15)


@pytest.mark.parametrize("read", [read_move, read_meeting, read_extra])
def test_a_time_that_does_not_exist_is_refused(read: Callable[[str, date], SaidChange]) -> None:
    with pytest.raises(NoSuchTime, match="\u201c25:00\u201d is no time of day"):
        read("5 May at 25:00", TODAY)


FIFTH, MAY = SaidDay(5, 5), SaidDay(month=5)
TWELFTH = date(2026, 5, 12)
NEXT_TWELFTH = TWELFTH  # the first after the 15th of April


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("5 May to 12 May", SaidChange(FIFTH, TWELFTH)),
        ("the meeting on Tue 5th May to Tuesday 12th of May", SaidChange(FIFTH, TWELFTH)),
        ("5/5 -> 12/5", SaidChange(FIFTH, TWELFTH)),
        ("May 5 to May 12th", SaidChange(FIFTH, TWELFTH)),
        ("may meeting to 12th", SaidChange(MAY, TWELFTH)),
        ("the may one to the 12th at 2pm", SaidChange(MAY, TWELFTH, time(14))),
        ("next meeting to 12 May 14:30", SaidChange(SaidDay(is_next=True), TWELFTH, time(14, 30))),
        ("next meeting to the 12th", SaidChange(SaidDay(is_next=True), NEXT_TWELFTH)),
        ("next meeting to 12th at 10am", SaidChange(SaidDay(is_next=True), NEXT_TWELFTH, time(10))),
        ("5 May to 2.30pm", SaidChange(FIFTH, None, time(14, 30))),
        ("5 May to 2.30", SaidChange(FIFTH, None, time(14, 30))),  # panels meet by day, as in attendance
        ("5 May", SaidChange(FIFTH)),
        ("to 12 May", SaidChange(None, TWELFTH)),
        ("the may meeting back by a week", SaidChange(MAY, later_by=timedelta(weeks=1))),
        ("5 May by 3 days", SaidChange(FIFTH, later_by=timedelta(days=3))),
        ("5 May by a fortnight", SaidChange(FIFTH, later_by=timedelta(weeks=2))),
    ],
)
def test_a_move_says_which_meeting_and_to_when(typed: str, said: SaidChange) -> None:
    assert read_move(typed, TODAY) == said


@pytest.mark.parametrize(
    "typed",
    [
        "5 May to next Friday",  # two readings
        "5 May to Friday 12 May",  # which is a Tuesday
        "5 May to 31 June",
        "5 May to later in the month",
        "5 May to 12 May instead of the county",
        "all of them",
    ],
)
def test_what_is_not_clear_is_said_to_be_so(typed: str) -> None:
    found = read_move(typed, TODAY)
    assert not found.is_clear
    assert found.to in (None, TWELFTH)


@pytest.mark.parametrize(
    ("typed", "meeting", "is_clear"),
    [
        ("5th may", FIFTH, True),
        ("the June one", SaidDay(month=6), True),
        ("next meeting", SaidDay(is_next=True), True),
        ("5 May 2026", SaidDay(5, 5, 2026), True),
        ("the 5th", SaidDay(5), True),
        ("5 May because of half term", FIFTH, False),
        ("everything", None, False),
    ],
)
def test_which_meeting_is_meant(typed: str, meeting: SaidDay | None, is_clear: bool) -> None:
    assert read_meeting(typed, TODAY) == SaidChange(meeting, is_clear=is_clear)


def test_a_day_means_the_meetings_on_it() -> None:
    assert FIFTH.matches(date(2027, 5, 5))
    assert not SaidDay(5, 5, 2026).matches(date(2027, 5, 5))
    assert MAY.matches(date(2026, 5, 30))
    assert not SaidDay(is_next=True).matches(TODAY)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("an extra one 19 May 2pm", SaidChange(None, date(2026, 5, 19), time(14))),
        ("19/5 at 14:00 in the Town Hall", SaidChange(None, date(2026, 5, 19), time(14), venue="the Town Hall")),
        ("one on 19 May at noon", SaidChange(None, date(2026, 5, 19), time(12))),
        (
            "another 19 May 10am at Council offices, room 2",
            SaidChange(None, date(2026, 5, 19), time(10), venue="Council offices, room 2"),
        ),
        ("one more on the 19th", SaidChange(None, is_clear=False)),
        ("19 May at 2", SaidChange(None, date(2026, 5, 19), is_clear=False)),
    ],
)
def test_an_extra_meeting(typed: str, said: SaidChange) -> None:
    assert read_extra(typed, TODAY) == said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Town Hall for 5 May", SaidChange(FIFTH, venue="Town Hall")),
        ("5 May to the Town Hall", SaidChange(FIFTH, venue="the Town Hall")),
        ("5 may: Room 2, Civic Centre", SaidChange(FIFTH, venue="Room 2, Civic Centre")),
        ("is now Room 12 for the May meeting", SaidChange(MAY, venue="Room 12")),
        ("to Town Hall from now on", SaidChange(None, venue="Town Hall", and_later=True)),
        ("Town Hall", SaidChange(None, venue="Town Hall")),
        ("Town Hall from 5 May", SaidChange(FIFTH, venue="Town Hall", and_later=True)),
        ("Town Hall from 5 May on", SaidChange(FIFTH, venue="Town Hall", and_later=True)),
        ("Town Hall for all meetings from 5 May onwards", SaidChange(FIFTH, venue="Town Hall", and_later=True)),
        ("Town Hall from next time", SaidChange(SaidDay(is_next=True), venue="Town Hall", and_later=True)),
        ("Town Hall starting in May", SaidChange(MAY, venue="Town Hall", and_later=True)),
        ("from 5 May and all after it's at Town Hall", SaidChange(FIFTH, venue="Town Hall", and_later=True)),
        ("Town Hall for all meetings", SaidChange(None, venue="Town Hall", and_later=True)),
        ("the all meetings room", SaidChange(None, venue="the all meetings room")),
        ("5 May", SaidChange(FIFTH)),
        ("Library 2 from June", SaidChange(SaidDay(month=6), venue="Library 2", and_later=True)),
        (
            "Civic Centre, Suite 12 starting 2 June",
            SaidChange(SaidDay(2, 6), venue="Civic Centre, Suite 12", and_later=True),
        ),
        ("Meeting Room 3 May", SaidChange(SaidDay(month=5), venue="Meeting Room 3", is_clear=False)),
        ("Room 4/5 for 5 May", SaidChange(SaidDay(5, 5), venue="Room 4/5", is_clear=False)),
    ],
)
def test_a_venue_with_or_without_its_meeting(typed: str, said: SaidChange) -> None:
    assert read_venue(typed) == said


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("for 7 May", (date(2026, 5, 7), date(2026, 5, 7), True)),
        ("while I\u2019m away 20-24 april", (date(2026, 4, 20), date(2026, 4, 24), True)),
        ("from the 20th to the 24th of April", (date(2026, 4, 20), date(2026, 4, 24), True)),
        ("20th april until 1st may", (date(2026, 4, 20), date(2026, 5, 1), True)),
        ("until 1 May", (None, date(2026, 5, 1), True)),
        ("from 1 May", (date(2026, 5, 1), None, True)),
        ("next week", (None, None, False)),
        ("on 7 May at the county panel", (date(2026, 5, 7), date(2026, 5, 7), False)),
    ],
)
def test_from_when_to_when(typed: str, days: tuple[date | None, date | None, bool]) -> None:
    assert read_days(typed, TODAY) == days


def test_a_word_that_says_a_day() -> None:
    assert [word for word in ("may", "12/5", "west-met", "hall", "5") if says_day(word)] == ["may", "12/5"]
    assert says_for_good("until further notice")
    assert not says_for_good("until 1 May")


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("until end of july", (None, date(2026, 7, 31), True)),
        ("until the end of May", (None, date(2026, 5, 31), True)),  # a Sunday
        ("for june", (date(2026, 6, 1), date(2026, 6, 30), True)),
        ("for april", (TODAY, date(2026, 4, 30), True)),
        ("for the whole of March", (date(2027, 3, 1), date(2027, 3, 31), True)),
        ("tomorrow", (date(2026, 4, 16), date(2026, 4, 16), True)),
        ("until half term", (None, None, False)),
        ("until next Friday", (None, None, False)),  # two readings
    ],
)
def test_days_without_a_date(typed: str, days: tuple[date | None, date | None, bool]) -> None:
    assert read_days(typed, TODAY) == days


@pytest.mark.parametrize(
    ("typed", "to", "at"),
    [
        ("14 May 10-12", date(2026, 5, 14), time(10)),
        ("14 May 2-4pm", date(2026, 5, 14), time(14)),
        ("14 May 2-4", date(2026, 5, 14), time(14)),
        ("14 May 2026 10.30\u201312", date(2026, 5, 14), time(10, 30)),
        ("14 May 11am to 1pm", date(2026, 5, 14), time(11)),
        ("14 May 10-1pm", date(2026, 5, 14), time(10)),
        ("14/5 10 til 12", date(2026, 5, 14), time(10)),
        ("14 May 10 to noon", date(2026, 5, 14), time(10)),
        ("10-12 May", None, None),
        ("12-5", None, None),
    ],
)
def test_a_span_of_time_begins_at_its_first_time(typed: str, to: date | None, at: time | None) -> None:
    extra = read_extra(typed, date(2026, 3, 1))
    assert (extra.to, extra.at, extra.is_clear) == (to, at, False)
    if at is not None:
        moved = read_move(f"7 April to {typed}", date(2026, 3, 1))
        assert (moved.meeting, moved.to, moved.at) == (SaidDay(7, 4), to, at)
