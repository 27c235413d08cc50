"""Dates in due phrases: with or without a year, public holidays such as Easter, and weeks that begin on a date.

A date without a year means the next such date. If the last such date passed within a month, the phrase may be a slip,
so the person is asked which date they mean.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

from bot.domain.deadlines import FRIDAY, ONE_DAY
from bot.domain.language.day_words import (
    DAY,
    DAY_MONTH,
    FIGURE,
    FULL_YEAR,
    MONTH,
    MONTH_OF,
    MONTHS,
    NAMED_DAYS,
    ON,
    TH,
    WEEKDAY,
    WEEKDAY_OF,
    YEAR,
    YearDay,
    any_of,
    day_in,
    days_in_month,
    full_date,
    nearest_weekday,
    not_that_weekday,
    ordinal,
)
from bot.domain.language.due_reading import ONE_WEEK, Asked, DueKind, DueReading, end_of_month

#: A date without a year that passed at most this long ago may be a slip: the year, or the date itself, may be wrong.
JUST_PASSED: Final = timedelta(days=30)
Said = Mapping[str, str]
Reader = Callable[[Said, Asked], DueReading]


def named_day(said: Said, asked: Asked) -> DueReading:
    """Return the day that a written date means, with or without a year and a weekday."""
    written = YearDay.of(said)
    day, month, year = written.day or 0, written.month, written.year
    if 12 < month <= 31 and 1 <= day <= 12:
        swapped = asked.upcoming(month, day)
        return asked.no_such(f'I read the day first, and "{asked.phrase}" has no month {month}.', swapped)
    if not 1 <= month <= 12 or day == 0:
        return asked.no_such(f'"{asked.phrase}" is no date.')
    if year is not None:
        on = written.on()
        return _agreeing(on, written.weekday, asked) if on else _no_such_day(month, year, asked)
    return _without_year(written, day, month, asked)


def _without_year(written: YearDay, day: int, month: int, asked: Asked) -> DueReading:
    """Return the day that a date without a year means: the next such date.

    Return two days if such a date passed in the last 30 days, or only that one if it fits a weekday typed with it.
    """
    on = asked.upcoming(day, month)
    just_passed = next(
        (
            there
            for year in (asked.today.year, asked.today.year - 1)
            if (there := day_in(year, month, day)) and asked.today - JUST_PASSED <= there < asked.today
        ),
        None,
    )
    if just_passed and written.weekday == just_passed.weekday():
        return asked.one(just_passed)
    if on is None and just_passed is None:
        return _no_such_day(month, asked.today.year + (month < asked.today.month), asked)
    if just_passed and on and written.weekday is None:
        return asked.either(just_passed, on, f"{full_date(just_passed)} has passed.")
    return _agreeing(on or just_passed or asked.today, written.weekday, asked)


def _no_such_day(month: int, year: int, asked: Asked) -> DueReading:
    last = days_in_month(year or asked.today.year, month)
    end = day_in(year, month, last)
    offers = (end, end + ONE_DAY) if end else ()
    return asked.no_such(f"{MONTHS[month - 1]} {year} has {last} days.", *offers, asked.upcoming(last, month))


def _agreeing(day: date, weekday: int | None, asked: Asked) -> DueReading:
    if weekday in (None, day.weekday()):
        return asked.one(day)
    nearest = nearest_weekday(day, weekday)
    other = nearest if nearest >= asked.today else nearest + ONE_WEEK
    return asked.either(day, other, f"{not_that_weekday(day, weekday)}.")


def _day_of_month(said: Said, asked: Asked) -> DueReading:
    """Return the date that a bare day of the month means: "the 15th", "Friday the 9th"."""
    day, today, weekday = int(said["day"]), asked.today, WEEKDAY_OF.get(said["weekday"])
    if not 1 <= day <= 31:
        return asked.no_such(f'"{asked.phrase}" is no date.')
    if day == today.day and weekday is None and not (said["this"] or said["next"]):
        reason = f'Today is the {ordinal(day)}, so "{asked.phrase}" may be either.'
        after = day_in((today + relativedelta(months=1)).year, (today + relativedelta(months=1)).month, day)
        return asked.either(today, after or end_of_month(today + relativedelta(months=1)), reason)
    this_month = (day >= today.day or said["this"]) and not said["next"]
    first = today.replace(day=1) + relativedelta(months=0 if this_month else 1)
    on = day_in(first.year, first.month, day)
    if on is None:
        return _no_such_day(first.month, first.year, asked)
    return _agreeing(on, weekday, asked)


def _in_year(said: Said, asked: Asked) -> DueReading:
    year = asked.today.year + (said["this"] == "next")
    return named_day({**said, "year": str(year)}, asked)


def _month_with_number(said: Said, asked: Asked) -> DueReading:
    """Return the day that "January 9" means.

    Return two days for "Jan 26", which may be 26 January or the end of January 2026.
    """
    month, figure = MONTH_OF[said["month"]], int(said["day"])
    reading = named_day(said, asked)
    end = end_of_month(date(2000 + figure, month, 1)) if not said["th"] and not said["weekday"] else None
    if end is None or not asked.in_range(end) or not reading.days:
        return reading
    return asked.either(reading.days[-1], end, f'"{asked.phrase}" may be the day or the month.')


def _dotted(said: Said, asked: Asked) -> DueReading:
    """Return the day that "9.1" means as a date. Refuse a number such as "9.30", which looks like a time of day."""
    if int(said["month"]) > 12 or (len(said["month"]) == 2 and said["month"] in {"00"}):
        return asked.nothing(f'"{asked.phrase}" looks like an hour, not a day.', asked.today)
    return named_day(said, asked)


def _week_of(said: Said, asked: Asked) -> DueReading:
    """Return the two days that "w/c 12 January" may mean: this day, and the Friday of its week.

    Return only the Friday if the first day has passed.
    """
    written = YearDay.of(said)
    day = written.on() if written.year else _in_this_week_or_later(written, asked)
    if day is None:
        return named_day(said, asked)
    friday = day - timedelta(days=day.weekday()) + FRIDAY * ONE_DAY
    if day < asked.today <= friday:
        return asked.one(asked.last_working(friday))
    return asked.either(day, friday, f'"{asked.phrase}" is a week, not a day.') if friday > day else asked.one(day)


def _weekday_in_week(said: Said, asked: Asked) -> DueReading:
    """Return the day that "Thursday in the week commencing 12 January" means."""
    found = named_day(said, asked)
    if found.kind is not DueKind.ONE_DAY:
        return found
    begins = found.days[0]
    return asked.one(begins + (WEEKDAY_OF[said["of_it"]] - begins.weekday()) * ONE_DAY)


def _end_of_week_of(said: Said, asked: Asked) -> DueReading:
    found = named_day(said, asked)
    if found.kind is not DueKind.ONE_DAY:
        return found
    begins = found.days[0]
    return asked.one(asked.last_working(begins + (FRIDAY - begins.weekday()) * ONE_DAY))


def _in_this_week_or_later(written: YearDay, asked: Asked) -> date | None:
    years = range(asked.monday().year, asked.limit.year + 1)
    days = (day_in(year, written.month, written.day or 0) for year in years)
    return next((day for day in days if day and day >= asked.monday()), None)


def _easter(_: Said, asked: Asked) -> DueReading:
    sunday = feast_day(easter, asked)
    return asked.either(sunday, asked.working_before(sunday))


def _christmas(_: Said, asked: Asked) -> DueReading:
    day = feast_day(lambda year: date(year, 12, 25), asked)
    return asked.either(day, asked.working_before(day))


def feast_day(in_year: Callable[[int], date], asked: Asked) -> date:
    """Return the next date of a yearly holiday, today included. `in_year` gives the holiday's date in a year."""
    return next(day for year in (0, 1) if (day := in_year(asked.today.year + year)) >= asked.today)


def _feast(months: int, day: int) -> Reader:
    return lambda _, asked: asked.one(feast_day(lambda year: date(year, months, day), asked))


def _from_easter(days: int) -> Reader:
    return lambda _, asked: asked.one(feast_day(lambda year: easter(year) + days * ONE_DAY, asked))


_WEEK_OF: Final = "(?:w/?c|w/b|week (?:commencing|beginning|starting))"
#: Each form in full, and what it means.
DATE_FORMS: Final[tuple[tuple[str, Reader], ...]] = (
    *(
        (f"(?:{_WEEK_OF}|(?:the |in the )?week of) {shape}", _week_of)
        for shape in NAMED_DAYS
    ),
    *(
        (f"(?P<of_it>{any_of(WEEKDAY_OF)}) (?:(?:in|of) (?:the )?)?{_WEEK_OF} {shape}", _weekday_in_week)
        for shape in NAMED_DAYS
    ),
    *((f"(?:the )?end of (?:the )?{_WEEK_OF} {shape}", _end_of_week_of) for shape in NAMED_DAYS),
    *((f"(?:w/?e|week ending) {shape}", named_day) for shape in NAMED_DAYS),
    *((shape, named_day) for shape in NAMED_DAYS),
    (rf"{FULL_YEAR}/{FIGURE}/{DAY}", named_day),
    (f"{ON}(?:the )?{DAY}{TH}(?: of (?:the|(?P<this>this)) month)?", _day_of_month),
    (f"(?:the )?{DAY}{TH}? (?P<this>inst)", _day_of_month),
    (f"(?:the )?{DAY}{TH}? (?:of )?(?P<next>next) month", _day_of_month),
    (f"{ON}{DAY_MONTH} (?P<this>this|next) year", _in_year),
    (f"{DAY} {FIGURE} {YEAR}", named_day),
    (f"{WEEKDAY} {DAY}", _day_of_month),
    (f"{ON}{MONTH} (?:the )?{DAY}(?P<th>{TH})?", _month_with_number),
    (f"{ON}{MONTH} (?:the )?{DAY}{TH}? {YEAR}", named_day),
    (rf"{DAY}\.{FIGURE}", _dotted),
    ("easter", _easter),
    ("easter sunday", _from_easter(0)),
    ("good friday", _from_easter(-2)),
    ("easter monday", _from_easter(1)),
    ("christmas|xmas", _christmas),
    ("christmas eve", _feast(12, 24)),
    ("(?:christmas|xmas) day", _feast(12, 25)),
    ("boxing day", _feast(12, 26)),
    ("new years eve", _feast(12, 31)),
    ("new years day", _feast(1, 1)),
)  # fmt: skip
