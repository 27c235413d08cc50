"""Counts of days, weeks, months or hours in due phrases: "in 2 weeks", "10 working days", "6-8 weeks"."""

from datetime import date, timedelta
from typing import Final

from dateutil.relativedelta import relativedelta

from bot.domain.deadlines import ONE_DAY, add_working_days
from bot.domain.language.day_words import NUMBER_OF, any_of, number
from bot.domain.language.due_dates import Said
from bot.domain.language.due_reading import YEARS_AHEAD, Asked, DueReading

COUNT: Final = f"(?P<count>[0-9]{{1,4}}|(?:a )?couple of|(?:another )?(?:{any_of(NUMBER_OF)})|another)"
UNIT: Final = (
    "(?:(?:calendar|full|more|further|extra) )?"
    "(?P<unit>working day|business day|wdays?|w/?ds?|w/days?|day|week|fortnight|month|mth|year|hour|hr|h)s?"
)
WITHIN: Final = (
    "(?:(?:in|within|inside|under|up to|no more than|not more than|at most|a maximum of|(?:in )?less than"
    "|over|during|in under) )?(?:the )?(?:next )?"
)
COUNT_AND_UNIT: Final = f"{COUNT} {UNIT}"


def _counted_by_hours(count: int, asked: Asked) -> DueReading:
    days = count // 24
    return asked.one(asked.working(asked.today + days * ONE_DAY) if days else asked.today)


_HOURS: Final = frozenset({"hour", "hr", "h"})
_STEPS: Final = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "fortnight": relativedelta(weeks=2),
    "month": relativedelta(months=1),
    "mth": relativedelta(months=1),
    "year": relativedelta(years=1),
}


def count_of(word: str) -> int:
    """Return the number that digits, a number word or "a couple of" stand for."""
    word = word.removeprefix("another").strip()
    return 2 if word.endswith("couple of") else number(word or "1")


def counted_from(day: date, count: int, unit: str, asked: Asked) -> date:
    """Return the day that is `count` units after `day`, or before `day` if `count` is negative.

    If that day is no working day, return the next working day in the same direction. A count of hours is not moved.
    """
    if unit in _HOURS:
        return day + count // 24 * ONE_DAY
    if unit not in _STEPS:
        # Even four digits are counted in no noticeable time; the limit then refuses most of them.
        return add_working_days(day, count, asked.subdivision)
    there = day + count * _STEPS[unit]
    return asked.working(there) if count > 0 else asked.last_working(there)


def too_many_years(unit: str, count: int) -> bool:
    """Return whether the unit is a year and `count` years is further ahead than a due date may be."""
    return unit == "year" and count > YEARS_AHEAD


def counted(said: Said, asked: Asked) -> DueReading:
    """Return the day that "in 2 weeks" or "10 working days" means, from today or tomorrow."""
    unit, count = said["unit"], count_of(said["count"])
    if count == 0:
        return asked.nothing("That leaves no time for the action.", asked.today, asked.today + ONE_DAY)
    if unit in _HOURS:
        return _counted_by_hours(count, asked)
    if too_many_years(unit, count):
        return asked.nothing(f'"{asked.phrase}" is more than two years ahead.', asked.limit)
    day = asked.today + (ONE_DAY if said["tomorrow"] else timedelta())
    return asked.one(counted_from(day, count, unit, asked))


def span(said: Said, asked: Asked) -> DueReading:
    """Refuse a range such as "6-8 weeks", and suggest the days at its beginning, middle and end."""
    low, high, unit = number(said["low"]), number(said["count"]), said["unit"]
    if unit in _HOURS or too_many_years(unit, max(low, high)):
        return asked.nothing()
    ends = [counted_from(asked.today, count, unit, asked) for count in (low, (low + high) // 2, high)]
    return asked.nothing(f'"{asked.phrase}" is a span of time, not a day.', ends[0], ends[2], ends[1])
