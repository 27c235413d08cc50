"""What a rule for a series says besides its rhythm: the hour, the first and the last day, how many meetings."""

import re
from datetime import date, time, timedelta
from typing import Final

from bot.domain.day_words import (
    MONTH_OF,
    MONTHS,
    NUMBERS,
    WEEKDAY_OF,
    WEEKDAYS,
    any_of,
    date_words,
    days_in_month,
    number,
)
from bot.domain.recurrence_rule import YearDay
from bot.domain.typed_words import Phrase, Unreadable

MOST_MEETINGS: Final = 260  # five years of weeks
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2199  #: in which a series may begin; ends are read beyond it, since one may follow that beginning
_LEAP_YEAR: Final = 2024

_MONTHS: Final = any_of(MONTH_OF)
_YEAR: Final = "(?P<year>2[0-2][0-9]{2}(?![0-9:.]))"
_SHORT_YEAR: Final = rf"(?:{_YEAR}|(?P<short_year>[0-9]{{2}})(?![0-9:.]))"
_WEEKDAY: Final = f"(?:(?P<weekday>{any_of(WEEKDAY_OF)}) )?"
_DAY: Final = "(?P<day>[0-9]{1,2})"
_MONTH: Final = "(?P<month>[0-9]{1,2})"
_OTHER_NUMBER: Final = r"(?![0-9:./]| ?[ap]m\b| meetings?\b| times\b)"  # "from April 9.30", "from April 6 meetings"
_DATES: Final = (
    rf"{_WEEKDAY}(?:the )?{_DAY}(?:st|nd|rd|th)? (?:of )?(?P<month>{_MONTHS})\b(?: {_YEAR})?",
    rf"{_WEEKDAY}(?P<month>{_MONTHS}) (?:the )?{_DAY}(?:st|nd|rd|th)?{_OTHER_NUMBER}(?: {_YEAR})?",
    rf"{_WEEKDAY}{_DAY}/{_MONTH}(?:/{_SHORT_YEAR})?",
    rf"{_WEEKDAY}{_DAY}[.-]{_MONTH}[.-]{_SHORT_YEAR}",
    rf"{_WEEKDAY}{_YEAR}-{_MONTH}-{_DAY}",
    rf"(?:the )?(?P<end>end of )?(?P<month>{_MONTHS})\b(?: {_YEAR})?",
)
_DATE_SHAPES: Final = tuple(re.compile(shape) for shape in _DATES)
#: Any of them, without the names of its parts.
DATE: Final = re.sub(r"\?P<\w+>", "?:", "|".join(_DATES))

BEGINS: Final = re.compile(rf"\b(?:from|starting|beginning)(?: from)?(?: on| in)? (?P<date>{DATE})")
ENDS: Final = re.compile(rf"\b(?:until|till) (?P<date>{DATE})")
TIMES: Final = re.compile(rf"\b(?:for )?(?P<times>[0-9]{{1,6}}|{any_of(NUMBERS)}) (?:meetings?|times)\b")
AT: Final = re.compile(
    r"(?<![0-9/:.-])(?:\bat )?(?P<clock>(?P<noon>noon|midday)\b"
    r"|(?P<hour12>[0-9]{1,2})(?:[:.](?P<minute12>[0-9]{2}))? ?(?P<half>am|pm)\b"
    r"|(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})(?![0-9/:.])"
    r"|(?<=at )(?P<together>[0-9]{4})(?![0-9/:.])"
    r"|(?<=at )(?P<bare>[0-9]{1,2})(?![0-9/:.]))"
)


def begins(phrase: Phrase) -> YearDay:
    """The first day; that of a month where only the month is said."""
    shaped, end = _shaped(phrase)
    day, year = int(shaped["day"]) if shaped["day"] else None if end else 1, _year(shaped)
    if year is not None and year > LAST_YEAR:
        raise Unreadable(f'"{phrase.typed()}" is out of reach')
    return _year_day(phrase, shaped, day, _month(phrase, shaped), year)


def ends(phrase: Phrase) -> YearDay:
    """The last day; before a month where only the month is said."""
    shaped, end = _shaped(phrase)
    day, month, year = int(shaped["day"]) if shaped["day"] else None, _month(phrase, shaped), _year(shaped)
    if day is None and not end:
        # "Until July" ends when July comes; said back as "until the end of June", so that nobody is surprised.
        year = year - 1 if year is not None and month == 1 else year
        month = (month - 2) % 12 + 1
    if year is not None and year < FIRST_YEAR:
        raise Unreadable(f'"{phrase.typed()}" is long gone')
    return _year_day(phrase, shaped, day, month, year)


def times(phrase: Phrase) -> int:
    """How many meetings there are."""
    wanted = number(phrase["times"])
    if not 1 <= wanted <= MOST_MEETINGS:
        raise Unreadable(
            f"A series has from 1 to {MOST_MEETINGS} meetings, not {wanted}",
            phrase.reworded("times", str(1 if wanted < 1 else MOST_MEETINGS)),
        )
    return wanted


def at(phrase: Phrase) -> time:
    """The hour on the panel's clocks."""
    if phrase["noon"]:
        return time(12, 0)
    half, together = phrase["half"], phrase["together"]
    digits = phrase["hour12"] or together[:2] or phrase["hour"] or phrase["bare"]
    hour, minute = int(digits), int(phrase["minute12"] or together[2:] or phrase["minute"] or 0)
    if hour > 23 or minute > 59 or (half and not 1 <= hour <= 12):
        usual = ("at 14:00", "at 09:30")
        meant = (f"at {hour:02}:{minute:02}",) if hour <= 23 and minute <= 59 else usual
        raise Unreadable(f'"{phrase.typed("clock")}" is no time of day', phrase.reworded(0, *meant))
    if half:
        return time(hour % 12 + (12 if half == "pm" else 0), minute)
    if 1 <= hour <= 6 and len(digits) == 1:
        meant = (f"at {hour + 12}:{minute:02}", f"at 0{hour}:{minute:02}")
        raise Unreadable(f'"{phrase.typed("clock")}" may be morning or afternoon', phrase.reworded(0, *meant))
    return time(hour, minute)


def _shaped(phrase: Phrase) -> tuple[dict[str, str], bool]:
    """The parts of the date, and whether it is the end of its month."""
    found = next(filter(None, (shape.fullmatch(phrase["date"]) for shape in _DATE_SHAPES)))
    parts = {part: said or "" for part, said in found.groupdict().items()}
    usual = dict.fromkeys(("weekday", "day", "month", "year", "short_year", "end"), "")
    return usual | parts, bool(parts.get("end"))


def _month(phrase: Phrase, shaped: dict[str, str]) -> int:
    month = MONTH_OF.get(shaped["month"]) or int(shaped["month"])
    if 1 <= month <= 12:
        return month
    other = int(shaped["day"])
    swapped = f"{month} {MONTHS[other - 1]} {_year(shaped) or ''}".strip() if 1 <= other <= 12 else ""
    raise Unreadable(
        f'There is no month {month}; I read the day first, as in "3/11" for 3 November',
        phrase.reworded("date", swapped) if swapped else (),
    )


def _year(shaped: dict[str, str]) -> int | None:
    if shaped["short_year"]:
        return FIRST_YEAR + int(shaped["short_year"])
    return int(shaped["year"]) if shaped["year"] else None


def _year_day(phrase: Phrase, shaped: dict[str, str], day: int | None, month: int, year: int | None) -> YearDay:
    """A day that exists, and is the weekday that stands beside it."""
    if day is None:
        return YearDay(month, None, year)
    if missing := missing_day(day, month, year):
        sentence, nearest = missing
        raise Unreadable(sentence, phrase.reworded("date", f"{nearest} {MONTHS[month - 1]} {year or ''}".strip()))
    weekday = WEEKDAY_OF[shaped["weekday"]] if shaped["weekday"] else None
    if year is None or weekday is None:
        return YearDay(month, day, year, weekday)
    on = date(year, month, day)
    if on.weekday() != weekday:
        meant = phrase.reworded("date", date_words(nearest_weekday(on, weekday)), date_words(on))
        raise Unreadable(not_that_weekday(on, weekday), meant)
    return YearDay(month, day, year)


def not_that_weekday(on: date, weekday: int) -> str:
    """That a day is another weekday than the one said with it."""
    return f"{date_words(on)} is a {WEEKDAYS[on.weekday()]}, not a {WEEKDAYS[weekday]}"


def nearest_weekday(on: date, weekday: int) -> date:
    """The nearest such weekday: at most three days off."""
    return on + timedelta(days=(weekday - on.weekday() + 3) % 7 - 3)


def missing_day(day: int, month: int, year: int | None = None) -> tuple[str, int] | None:
    """That its month has no such day, in its year or, where that is open, in any; and the nearest it always has."""
    longest, surest = days_in_month(year or _LEAP_YEAR, month), days_in_month(year or _LEAP_YEAR + 1, month)
    if 1 <= day <= longest:
        return None
    when = MONTHS[month - 1] if year is None else f"{MONTHS[month - 1]} {year}"
    has = str(longest) if longest == surest else f"{surest} or {longest}"
    return f"There is no {day} {when}: {when} has {has} days", min(max(day, 1), surest)
