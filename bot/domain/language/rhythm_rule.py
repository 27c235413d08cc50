"""The rule for a series of meetings: its parts, its wording, and how each typed clause is read."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, time
from enum import StrEnum
from typing import Final

from bot.domain.language.day_words import (
    ANY_MONTH,
    DAY,
    DAY_MONTH,
    FIGURE,
    MONTH,
    MONTH_DAY,
    MONTH_OF,
    MONTHS,
    NUMBER_OF,
    NUMBERS,
    ON,
    SLASHED,
    TH,
    WEEKDAY_OF,
    WEEKDAYS,
    Phrase,
    Unreadable,
    YearDay,
    any_of,
    date_words,
    days_in_month,
    listed,
    nearest_weekday,
    not_that_weekday,
    number,
    ordinal,
    parts_of,
    unnamed,
)

LAST: Final = -1
LAST_BUT_ONE: Final = -2
ORDINALS: Final = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
    "last": LAST, "penultimate": LAST_BUT_ONE,
}  # fmt: skip
#: Higher numbers are written in figures.
_POSITION_WORDS: Final = {n: word for word, n in ORDINALS.items() if n <= 5} | {LAST_BUT_ONE: "last but one"}
MOST_MEETINGS: Final = 260  # five years of weeks
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2199  #: in which a series may begin; ends are read beyond it, since one may follow that beginning
_LEAP_YEAR: Final = 2024


class Unit(StrEnum):
    """The units in which a rule counts."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"  # of the calendar year

    @property
    def months(self) -> int:
        """Return how many months the unit has: 3 for a quarter, 1 for a month."""
        return 3 if self is Unit.QUARTER else 1


class Picks(StrEnum):
    """The kinds of day that a rule can pick from a month or quarter."""

    WEEKDAY = "weekday"  # the second Tuesday
    WORKING_DAY = "working day"  # the last working day
    DAY = "day"  # the 15th, the last day


@dataclass(frozen=True, slots=True)
class Recurrence:
    """The rule for a series of meetings. `parse_rule` can read the words that `describe` returns for a rule."""

    unit: Unit
    every: int = 1  #: a meeting in every so many units; always 1 for quarters
    weekdays: tuple[int, ...] = ()  #: Monday 0; a weekly rule without them takes the weekday on which it begins
    picks: Picks | None = None  #: none for weekly rules
    positions: tuple[int, ...] = ()  #: 1 is the first, -1 the last, -2 the last but one; for days of the month, the day
    at: time | None = None  #: None: the panel's usual hour
    begins: YearDay | None = None
    ends: YearDay | None = None  #: the last day on which a meeting may be held
    times: int | None = None  #: how many meetings
    months: tuple[int, ...] = ()  #: only in these, January 1; every month when empty

    def describe(self) -> str:
        """Return the rule in standard wording, such as "second Tuesday of the month at 14:00", which `parse_rule` can
        read.
        """
        clauses = (
            self._rhythm(),
            f"at {self.at:%H:%M}" if self.at is not None else "",
            f"from {self.begins}" if self.begins else "",
            f"until {self.ends}" if self.ends else "",
            f"for {self.times} meeting{'s' * (self.times > 1)}" if self.times else "",
        )
        return " ".join(filter(None, clauses))

    def _rhythm(self) -> str:
        if self.unit is Unit.WEEK:
            days = listed([WEEKDAYS[day] for day in self.weekdays])
            if self.every <= 2:
                return f"every {'other ' * (self.every == 2)}{days or 'week'}"
            return f"every {self.every} weeks" + (f" on {days}" if days else "")
        if self.unit is Unit.QUARTER:
            return f"{self._picked()} of each quarter"
        if self.months:
            return f"{self._picked()} of {listed([MONTHS[month - 1] for month in self.months])}"
        if self.every > 1:
            return f"every {self.every} months on the {self._picked()}"
        return f"monthly on the {self._picked()}" if self._numbered() else f"{self._picked()} of the month"

    def _numbered(self) -> bool:
        return self.picks is Picks.DAY and all(position > 0 for position in self.positions)

    def _picked(self) -> str:
        if self.picks is Picks.DAY:
            days = listed([ordinal(day) if day > 0 else _POSITION_WORDS[day] for day in self.positions])
            return days if self._numbered() else f"{days} day"
        words = listed([_POSITION_WORDS.get(position) or ordinal(position) for position in self.positions])
        what = WEEKDAYS[self.weekdays[0]] if self.picks is Picks.WEEKDAY else self.picks
        return f"{words} {what}"

    def first_day(self, start: date) -> date:
        """Return the first day on which a meeting may be held, not before `start`."""
        return max(start, self.begins.on_or_after(start)) if self.begins else start

    def settled(self, start: date) -> "Recurrence":
        """Return the rule with a year added to its first and last day, if they lack one.

        The year is the first one that fits from `start` on.
        """
        ends = self.ends and self.ends.settled(self.first_day(start))
        return replace(self, begins=self.begins and self.begins.settled(start), ends=ends)

    def anchored(self, first: date) -> "Recurrence":
        """Return the rule with `first` as its first day.

        If the rule's last day lacks a year, take the first year that fits from `first` on.
        """
        return replace(self, begins=YearDay.of_date(first)).settled(first)

    def meetings_a_year(self) -> float:
        """Return the approximate number of meetings that the rule gives in a year."""
        if self.unit is Unit.WEEK:
            return 52 * max(1, len(self.weekdays)) / self.every
        periods = len(self.months) or 12 / self.unit.months / self.every
        return periods * len(self.positions)


_YEAR: Final = "(?P<year>2[0-2][0-9]{2}(?![0-9:.]))"
_ANY_YEAR: Final = "(?P<year>(?:2[0-2][0-9]{2}|[0-9]{2})(?![0-9:.]))"
_OTHER_NUMBER: Final = r"(?![0-9:./]| ?[ap]m\b| meetings?\b| times\b)"  # "from April 9.30", "from April 6 meetings"
_DATES: Final = (
    f"{ON}{DAY_MONTH}(?: {_YEAR})?",
    f"{ON}{MONTH_DAY}{_OTHER_NUMBER}(?: {_YEAR})?",
    f"{ON}{SLASHED}(?:/{_ANY_YEAR})?",
    f"{ON}{DAY}[.-]{FIGURE}[.-]{_ANY_YEAR}",
    f"{ON}{_YEAR}-{FIGURE}-{DAY}",
    rf"(?:the )?(?P<end>end of )?{MONTH}\b(?: {_YEAR})?",
)
_DATE_SHAPES: Final = tuple(re.compile(shape) for shape in _DATES)
_DATE: Final = unnamed("|".join(_DATES))

BEGINS: Final = re.compile(rf"\b(?:from|starting|beginning)(?: from)?(?: on| in)? (?P<date>{_DATE})")
ENDS: Final = re.compile(rf"\b(?:until|till) (?P<date>{_DATE})")
TIMES: Final = re.compile(rf"\b(?:for )?(?P<times>[0-9]{{1,6}}|{any_of(NUMBERS)}) (?:meetings?|times)\b")
AT: Final = re.compile(
    r"(?<![0-9/:.-])(?:\bat )?(?P<clock>(?P<noon>noon|midday)\b"
    r"|(?P<hour12>[0-9]{1,2})(?:[:.](?P<minute12>[0-9]{2}))? ?(?P<half>am|pm)\b"
    r"|(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})(?![0-9/:.])"
    r"|(?<=at )(?P<together>[0-9]{4})(?![0-9/:.])"
    r"|(?<=at )(?P<bare>[0-9]{1,2})(?![0-9/:.]))"
)


def _begins(phrase: Phrase) -> YearDay:
    """Return the day on which the series begins. A month without a day means its first day."""
    written, end = _written(phrase)
    if written.year is not None and written.year > LAST_YEAR:
        raise Unreadable(f'"{phrase.typed()}" is out of reach')
    return _existing(phrase, replace(written, day=1) if written.day is None and not end else written)


def _ends(phrase: Phrase) -> YearDay:
    """Return the last possible day of the series. A month without a day means its last day."""
    written, _ = _written(phrase)
    return _existing(phrase, written)


def _times(phrase: Phrase) -> int:
    """Return how many meetings `phrase` asks for. Raise Unreadable unless it asks for 1 to MOST_MEETINGS."""
    wanted = number(phrase["times"])
    if not 1 <= wanted <= MOST_MEETINGS:
        raise Unreadable(
            f"A series has from 1 to {MOST_MEETINGS} meetings, not {wanted}",
            phrase.reworded("times", str(1 if wanted < 1 else MOST_MEETINGS)),
        )
    return wanted


def _at(phrase: Phrase) -> time:
    """Return the time of day. Raise Unreadable if it doesn't exist or could be morning or afternoon."""
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


#: Each clause that is not the rhythm, by the part of the rule that it gives, in the order in which clauses are looked
#: for.
CLAUSES: Final[dict[str, tuple[re.Pattern[str], Callable[[Phrase], object]]]] = {
    "begins": (BEGINS, _begins),
    "ends": (ENDS, _ends),
    "times": (TIMES, _times),
    "at": (AT, _at),
}


def _written(phrase: Phrase) -> tuple[YearDay, bool]:
    """Return the date typed in a phrase, and whether the phrase means the end of a month."""
    shaped = (shape.fullmatch(phrase["date"]) for shape in _DATE_SHAPES)
    parts = parts_of(next(filter(None, shaped)))
    return YearDay.of(parts), bool(parts["end"])


def _existing(phrase: Phrase, written: YearDay) -> YearDay:
    """Return the day as it was written. Raise Unreadable if it doesn't exist or falls on another weekday."""
    day, month, year, weekday = written.day, written.month, written.year, written.weekday
    if day is None:
        return written
    if not 1 <= month <= 12:
        meant = phrase.reworded("date", str(YearDay(day, month, year))) if 1 <= day <= 12 else ()
        raise Unreadable(f'There is no month {month}; I read the day first, as in "3/11" for 3 November', meant)
    if missing := _missing_day(day, month, year):
        sentence, nearest = missing
        raise Unreadable(sentence, phrase.reworded("date", str(YearDay(month, nearest, year))))
    on = written.on()
    if on is None:
        return written
    if weekday is not None and on.weekday() != weekday:
        meant = phrase.reworded("date", date_words(nearest_weekday(on, weekday)), date_words(on))
        raise Unreadable(not_that_weekday(on, weekday), meant)
    return YearDay.of_date(on)


def _missing_day(day: int, month: int, year: int | None = None) -> tuple[str, int] | None:
    """Return a sentence saying that the month has no such day, and the nearest day that the month always has.

    Return None if the day exists. Without a year, 29 February exists.
    """
    longest, surest = days_in_month(year or _LEAP_YEAR, month), days_in_month(year or _LEAP_YEAR + 1, month)
    if 1 <= day <= longest:
        return None
    when = MONTHS[month - 1] if year is None else f"{MONTHS[month - 1]} {year}"
    has = str(longest) if longest == surest else f"{surest} or {longest}"
    return f"There is no {day} {when}: {when} has {has} days", min(max(day, 1), surest)


_FIGURES: Final = {**NUMBER_OF, **ORDINALS, "other": 2}
_MOST: Final = {"week": 52, "fortnight": 26, "month": 24}
_LATEST_SURE_DAY: Final = 28  # every month has one
_MOST_WORKING_DAYS: Final = 15
_MOST_WEEKDAYS: Final = {Unit.MONTH: 5, Unit.QUARTER: 13}

_WEEKDAY_NAME: Final = f"(?:{any_of(WEEKDAY_OF)})s?"
_WEEKDAYS: Final = f"(?P<weekdays>{_WEEKDAY_NAME}(?: (?:and )?{_WEEKDAY_NAME})*)"
_COUNT: Final = f"(?:other|[0-9]{{1,4}}|{any_of(NUMBERS)})"
_NTH: Final = f"(?:{any_of(set(ORDINALS) - {'first', 'last', 'penultimate'})}|[0-9]{{1,3}}{TH})"
_MANY: Final = f"(?:(?P<every>{_COUNT}) )?"
_EVERY: Final = f"(?:(?P<every>{_COUNT}|{_NTH}) )?"
_ORDINAL: Final = f"(?:{any_of(ORDINALS)}|[0-9]{{1,3}}{TH})"
_POSITIONS: Final = f"(?P<positions>{_ORDINAL}(?: (?:and )?(?:the )?{_ORDINAL})*)"
_NUMBERED: Final = f"[0-9]{{1,2}}{TH}?"
_DAYS: Final = f"(?P<positions>{_NUMBERED}(?: (?:and )?(?:the )?{_NUMBERED})*)"
_WHAT: Final = f"(?P<what>{_WEEKDAY_NAME}|working day|business day|day)"

_OF: Final = f"(?P<of> (?:(?:of|in) (?:(?:the|a) )?|(?:(?:of|in) )?(?:each|every) {_EVERY})(?P<unit>month|quarter)s?)"
_IN_MONTHS: Final = f"(?: of| in|) (?P<months>{ANY_MONTH}(?: (?:and )?{ANY_MONTH})*)"
_YEARLY: Final = "(?:(?:yearly|annually|(?:every|each) year|every|each|on) )?(?:on )?(?:the )?"
_A_YEAR: Final = "(?: yearly| annually| (?:every|each) year)?"
SAME_DAY_TWICE: Final = re.compile(rf"\b({_ORDINAL}) ({_WEEKDAY_NAME}) and (?:the )?({_ORDINAL}) \2\b")

RHYTHMS: Final = tuple(
    re.compile(shape)
    for shape in (
        # weekly
        f"(?:every |each |on )?{_WEEKDAYS}",
        f"(?:every|each) (?P<every>{_COUNT}) {_WEEKDAYS}",
        f"{_MANY}(?P<frequency>weekly|fortnightly|twice weekly|twice a week)(?:(?: on)?(?: a| the)? {_WEEKDAYS})?",
        f"(?:every |each |on )?{_WEEKDAYS} (?P<frequency>weekly|fortnightly)",
        f"(?:every|each) {_EVERY}(?P<unit>week|fortnight)s?(?:(?: on)?(?: a| the)? {_WEEKDAYS})?",
        # monthly and quarterly
        f"(?:on )?(?:the |every |each )?{_POSITIONS} {_WHAT}{_OF}?",
        f"(?:on )?(?:the )?{_POSITIONS}{_OF}",
        f"(?:on )?(?:the )?{_POSITIONS} {_WHAT} (?P<frequency>monthly|quarterly)",
        f"{_MANY}(?P<frequency>monthly|quarterly|twice monthly|twice a month)(?: on)? (?:the )?{_POSITIONS}"
        f"(?: {_WHAT})?",
        f"(?:every|each) {_EVERY}(?P<unit>month|quarter)s?(?: on)? (?:the )?{_POSITIONS}(?: {_WHAT})?",
        # in some months of the year
        f"{_YEARLY}{_POSITIONS} {_WHAT}{_IN_MONTHS}{_A_YEAR}",
        f"{_YEARLY}{_DAYS}{_IN_MONTHS}{_A_YEAR}",
        f"{_YEARLY}(?P<months>{ANY_MONTH}) (?:the )?{_DAYS}{_A_YEAR}",
    )
)


def read_rhythm(phrase: Phrase) -> Recurrence:
    """Return the rule that a phrase in a known form means, such as "second Tuesday of the month".

    Raise Unreadable for a day that doesn't exist or a phrase with two meanings.
    """
    if not phrase["positions"]:
        return _weekly(phrase)
    unit = Unit.QUARTER if "quarter" in phrase["unit"] + phrase["frequency"] else Unit.MONTH
    every, positions = _every(phrase, "month"), _positions(phrase)
    months = tuple(sorted({MONTH_OF[month] for month in phrase["months"].replace(" and ", " ").split()}))
    if unit is Unit.QUARTER and every > 1:
        raise Unreadable(
            "Quarters are those of the calendar year",
            phrase.reworded(0, f"every {3 * every} months on the {phrase['positions']} {phrase['what'] or 'day'}"),
        )
    _refuse_once(phrase, positions, "first and third Tuesday of the month")
    if phrase["what"] in ("", "day"):
        _refuse_day(phrase, positions, unit, months)
        return Recurrence(unit, every, (), Picks.DAY, positions, months=months)
    counts_working_days = phrase["what"] in ("working day", "business day")
    weekdays = () if counts_working_days else _weekdays(phrase["what"])
    most = _MOST_WORKING_DAYS if counts_working_days else _MOST_WEEKDAYS[unit]
    if not all(position < 0 or 1 <= position <= most for position in positions):
        what = WEEKDAYS[weekdays[0]] if weekdays else "working day"
        raise Unreadable(
            f"I count to the {ordinal(most)} {what} of a {unit}, or take the last",
            phrase.reworded("positions", "last"),
        )
    _refuse_two_ways(phrase, positions, counts_working_days)
    return Recurrence(unit, every, weekdays, Picks.WEEKDAY if weekdays else Picks.WORKING_DAY, positions, months=months)


def _weekly(phrase: Phrase) -> Recurrence:
    weekdays = _weekdays(phrase["weekdays"])
    fortnights = "fortnight" in phrase["unit"] + phrase["frequency"]
    every = _every(phrase, "fortnight") * 2 if fortnights else _every(phrase, "week")
    _refuse_once(phrase, weekdays, "every Monday and Thursday")
    return Recurrence(Unit.WEEK, every, weekdays)


def _refuse_once(phrase: Phrase, days: tuple[int, ...], both: str) -> None:
    """Raise Unreadable for "twice a month" or "twice weekly" without two days.

    `both` is an example with two days, which the error suggests.
    """
    if phrase["frequency"].startswith("twice") and len(days) != 2:
        raise Unreadable(f'"{phrase.typed("frequency")}" needs two days', phrase.reworded(0, both))


def _weekdays(words: str) -> tuple[int, ...]:
    named = words.replace(" and ", " ").split()
    return tuple(sorted({WEEKDAY_OF[day if day in WEEKDAY_OF else day[:-1]] for day in named}))


def _positions(phrase: Phrase) -> tuple[int, ...]:
    words = phrase["positions"].split()
    if len(words) == 2 and words[1] == "last":
        meant = phrase.reworded("positions", f"{words[0]} and last")
        raise Unreadable("I count from the first, or take the last or the last but one", meant)
    found = {_figure(word) for word in words if word not in ("and", "the")}
    return tuple(sorted(found, key=lambda position: (position < 0, position)))


def _figure(word: str) -> int:
    """Return the number that "third", "3rd", "three", "3" or "other" stands for."""
    return _FIGURES.get(word) or int(word.rstrip("stndrh"))


def _every(phrase: Phrase, unit: str) -> int:
    every, most = _figure(phrase["every"] or "1"), _MOST[unit]
    if not 1 <= every <= most:
        raise Unreadable(
            f"A series can run every 1 to {most} {unit}s, not every {every}",
            phrase.reworded("every", str(1 if every < 1 else most)),
        )
    return every


def _refuse_day(phrase: Phrase, positions: tuple[int, ...], unit: Unit, months: tuple[int, ...]) -> None:
    """Raise Unreadable for a day that some of the months, or a quarter, don't have."""
    numbered = [day for day in positions if day >= 0]
    if months:
        for sentence, nearest in filter(None, (_missing_day(day, month) for month in months for day in numbered)):
            raise Unreadable(sentence, phrase.reworded("positions", ordinal(nearest)))
    elif unit is Unit.QUARTER and numbered:
        days = (f"{phrase['positions']} working day of each quarter", f"monthly on the {phrase['positions']}")
        raise Unreadable("A quarter has no such day", phrase.reworded(0, *days))
    elif not all(1 <= day <= _LATEST_SURE_DAY for day in numbered):
        meant = phrase.reworded(0, "last day of the month", "monthly on the 28th")
        raise Unreadable("Not every month has that day", meant)


def _refuse_two_ways(phrase: Phrase, positions: tuple[int, ...], counts_working_days: bool) -> None:
    """Raise Unreadable for "every second Thursday", which may mean every fortnight or the second one in the month."""
    bare = not (phrase["of"] or phrase["frequency"] or phrase["unit"] or phrase["months"])
    if not bare or not phrase.found[0].startswith(("every", "each")) or min(positions) <= 1:
        return
    meant = [f"{phrase['positions']} {phrase['what']} of the month"]
    if not counts_working_days:
        day = phrase["what"]
        meant.insert(0, f"every other {day}" if positions == (2,) else f"every {positions[0]} weeks on {day}")
    raise Unreadable(two_ways(phrase), phrase.reworded(0, *meant))


def two_ways(phrase: Phrase) -> str:
    """Return a sentence which says that a phrase has two meanings."""
    return f'People read "{phrase.typed()}" in two ways'
