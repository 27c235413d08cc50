"""Working days of England and Wales (or Scotland, Northern Ireland): Monday to Friday, less bank holidays."""

from datetime import date, timedelta
from functools import cache, lru_cache

# Loaded with this module rather than by the first command of a process, which it would keep waiting for 0.2 s.
import holidays.countries

ONE_DAY = timedelta(days=1)
FRIDAY = 4


@cache
def _bank_holidays(subdivision: str, year: int) -> frozenset[date]:
    # Plain "GB" lacks Easter Monday, so the subdivision is never left out.
    return frozenset(holidays.country_holidays("GB", subdiv=subdivision, years=year))


def is_bank_holiday(day: date, subdivision: str = "ENG") -> bool:
    """Whether the day is a bank holiday, substitute days included."""
    return day in _bank_holidays(subdivision, day.year)


def is_working_day(day: date, subdivision: str = "ENG") -> bool:
    """Whether people are at work: Monday to Friday and no bank holiday."""
    return day.weekday() <= FRIDAY and not is_bank_holiday(day, subdivision)


def next_working_day(day: date, subdivision: str = "ENG") -> date:
    """The day itself if it is a working day, else the first one after it."""
    while not is_working_day(day, subdivision):
        day += ONE_DAY
    return day


def previous_working_day(day: date, subdivision: str = "ENG") -> date:
    """The day itself if it is a working day, else the last one before it."""
    while not is_working_day(day, subdivision):
        day -= ONE_DAY
    return day


@lru_cache(maxsize=4096)
def add_working_days(day: date, days: int, subdivision: str = "ENG") -> date:
    """The day that many working days later, or earlier where `days` is negative.

    The day itself is never counted, so one working day after a Saturday is the Monday. Zero is the day
    itself, or the next working day where it is none.
    """
    if days == 0:
        return next_working_day(day, subdivision)
    step = ONE_DAY if days > 0 else -ONE_DAY
    for _ in range(abs(days)):
        day += step
        while not is_working_day(day, subdivision):
            day += step
    return day


def working_days_between(start: date, end: date, subdivision: str = "ENG") -> int:
    """How many working days lie from `start` (not counted) to `end` (counted); negative when `end` is earlier."""
    step, sign = (ONE_DAY, 1) if end >= start else (-ONE_DAY, -1)
    count = 0
    while start != end:
        start += step
        count += is_working_day(start, subdivision)
    return sign * count
