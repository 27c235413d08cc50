"""The words for days, months and small numbers, and dates written out: shared by all that people type."""

import calendar
from collections.abc import Iterable
from datetime import date
from typing import Final

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_UNITS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS: Final = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
#: One to ninety-nine.
NUMBERS: Final = (*_UNITS, *_TEENS, *(ten + unit for ten in _TENS for unit in ("", *(f"-{one}" for one in _UNITS))))

#: Every spelling of a weekday in lower case → Monday 0 to Sunday 6.
WEEKDAY_OF: Final = {
    **{name.lower(): n for n, name in enumerate(WEEKDAYS)},
    **{name.lower()[:3]: n for n, name in enumerate(WEEKDAYS)},
    "tues": 1, "weds": 2, "thur": 3, "thurs": 3,
}  # fmt: skip

#: Every spelling of a month in lower case → 1 to 12.
MONTH_OF: Final = {
    **{name.lower(): n for n, name in enumerate(MONTHS, 1)},
    **{name.lower()[:3]: n for n, name in enumerate(MONTHS, 1)},
    "sept": 9,
}  # fmt: skip

#: Small numbers as words in lower case → the number.
NUMBER_OF: Final = {"a": 1, "an": 1, **{name: n for n, name in enumerate(NUMBERS, 1)}}


def any_of(words: Iterable[str]) -> str:
    """A regular expression that matches any of the words, the longest first."""
    return "|".join(sorted(words, key=len, reverse=True))


def number(word: str) -> int:
    """The number that digits or a number word stand for."""
    return NUMBER_OF[word] if word in NUMBER_OF else int(word)


def date_words(day: date) -> str:
    """A date in words, such as 27 November 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def full_date(day: date) -> str:
    """A date in words with its weekday, such as Friday 27 November 2026."""
    return f"{WEEKDAYS[day.weekday()]} {date_words(day)}"


def ordinal(n: int) -> str:
    """A day of the month as people write it, such as 1st, 2nd or 15th."""
    suffix = "th" if 11 <= n % 100 <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{suffix}"


def days_in_month(year: int, month: int) -> int:
    """How many days the month has."""
    return calendar.monthrange(year, month)[1]


def month_end(year: int, month: int) -> date:
    """The last day of the month."""
    return date(year, month, days_in_month(year, month))
