"""Times of day in words: every form that people write, and what is no clear time."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.domain.language.clock_words import SaidTime, impossible_time, read_clock

NOW = datetime(2026, 4, 7, 14, 40, 12, tzinfo=ZoneInfo("Europe/London"))


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        *(
            (typed, time(14, 30))
            for typed in [
                "at 2.30pm",
                "2:30 pm",
                "2.30 p.m.",
                "14:30",
                "14.30",
                "1430",
                "1430hrs",
                "14h30",
                "half two",
                "half past two",
                "at half 2",
                "2.30ish",
                "14:30pm",
                "10 mins ago",
                "ten minutes ago",
                "2.30",
            ]
        ),
        *((typed, time(0, 10)) for typed in ["00:10", "at 0.10", "0010", "ten past 0", "12:10am"]),
        *(
            (typed, time(14))
            for typed in ["2pm", "at 2", "2 o'clock", "two o’clock", "2ish", "about 2ish", "around two", "2 p.m."]
        ),
        ("quarter to 3", time(14, 45)),
        ("a quarter past two", time(14, 15)),
        ("ten past 2", time(14, 10)),
        ("20 past two", time(14, 20)),
        ("twenty five past two", time(14, 25)),
        ("ten to three pm", time(14, 50)),
        ("half an hour ago", time(14, 10)),
        ("an hour ago", time(13, 40)),
        ("12 noon", time(12)),
        ("9.45am", time(9, 45)),
    ],
)
def test_a_time_is_read(typed: str, at: time) -> None:
    assert read_clock(typed, NOW) == SaidTime(at)


@pytest.mark.parametrize("typed", ["", "just now", "zara arrived"])
def test_no_time_is_said(typed: str) -> None:
    assert read_clock(typed, NOW) == SaidTime()


@pytest.mark.parametrize(
    "typed", ["2.75", "at 25", "10 past", "before item 6", "at 2.15 or 2.30", "just after 2", "5 mins early"]
)
def test_what_is_no_clear_time_is_told_apart_from_no_time(typed: str) -> None:
    assert read_clock(typed, NOW) == SaidTime(is_unclear=True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("5 May at 25:00", "25:00"),
        ("10:75", "10:75"),
        ("to 8 April 24:30", "24:30"),
        ("at 10.75", "10.75"),
        ("at 26.00", "26.00"),
        ("26pm", "26pm"),
        *((typed, "") for typed in ["23:59", "24:00", "at 25.12.26", "due 31.12", "25 pupils", "1:2:60", "item 6:75a"]),
    ],
)
def test_a_time_that_does_not_exist_is_found(typed: str, said: str) -> None:
    assert impossible_time(typed) == said
