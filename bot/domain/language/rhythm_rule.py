"""A rule for a series of meetings: its parts, the words that say it back, and how each clause of them is read."""

import re
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.language.day_words import (
    MONTH_OF,
    MONTHS,
    NUMBERS,
    WEEKDAY_OF,
    WEEKDAYS,
    Phrase,
    Unreadable,
    any_of,
    date_words,
    days_in_month,
    month_end,
    number,
    ordinal,
)

LAST: Final = -1
_POSITIONS: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", LAST: "last"}


class Unit(StrEnum):
    """In what a rule counts."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"  # of the calendar year


class Picks(StrEnum):
    """What a rule counts positions of, inside a month or quarter."""

    WEEKDAY = "weekday"  # the second Tuesday
    WORKING_DAY = "working day"  # the last working day
    DAY = "day"  # the 15th, the last day


@dataclass(frozen=True, slots=True)
class YearDay:
    """A day that may leave its year open, and may be the end of a month."""

    month: int
    day: int | None  #: none for the last day of the month
    year: int | None = None
    weekday: int | None = None  #: said with a day whose year is open, so that the two can be compared once it is known

    def __str__(self) -> str:
        weekday = "" if self.weekday is None else WEEKDAYS[self.weekday]
        day = "the end of" if self.day is None else str(self.day)
        return " ".join(filter(None, [weekday, day, MONTHS[self.month - 1], str(self.year or "")]))

    def on_or_after(self, earliest: date) -> date:
        """The day itself where its year is known, else the first such day from `earliest` on."""
        if self.year is not None:
            return self._in(self.year)
        year = earliest.year
        # A 29 February may be eight years off, over the end of a century.
        while not self._exists(year) or self._in(year) < earliest:
            year += 1
        return self._in(year)

    def last_before(self, latest: date) -> date:
        """The last such day before `latest`, whatever its own year."""
        year = latest.year
        while not self._exists(year) or self._in(year) >= latest:
            year -= 1
        return self._in(year)

    def settled(self, earliest: date) -> "YearDay":
        """The same day with its year, counted from `earliest` where that is open."""
        return YearDay(self.month, self.day, self.on_or_after(earliest).year)

    def _exists(self, year: int) -> bool:
        return self.day is None or self.day <= days_in_month(year, self.month)

    def _in(self, year: int) -> date:
        return month_end(year, self.month) if self.day is None else date(year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """When a panel meets, as a rule; `describe` says it in words that parse back to the same rule."""

    unit: Unit
    every: int = 1  #: each so many units; always 1 for quarters
    weekdays: tuple[int, ...] = ()  #: Monday 0; a weekly rule without them takes the weekday on which it begins
    picks: Picks | None = None  #: none for weekly rules
    positions: tuple[int, ...] = ()  #: 1 is the first, -1 the last; for days of the month, the day
    at: time | None = None  #: the panel's usual hour when none
    begins: YearDay | None = None
    ends: YearDay | None = None  #: the last day on which a meeting may be held
    times: int | None = None  #: how many meetings
    months: tuple[int, ...] = ()  #: only in these, January 1; every month when empty

    def describe(self) -> str:
        """The rule in its one canonical wording, such as "second Tuesday of the month at 14:00"."""
        words = [self._rhythm()]
        if self.at is not None:
            words.append(f"at {self.at:%H:%M}")
        if self.begins is not None:
            words.append(f"from {self.begins}")
        if self.ends is not None:
            words.append(f"until {self.ends}")
        if self.times is not None:
            words.append(f"for {self.times} meeting{'s' if self.times > 1 else ''}")
        return " ".join(words)

    def _rhythm(self) -> str:
        if self.unit is Unit.WEEK:
            days = _and([WEEKDAYS[day] for day in self.weekdays])
            if self.every == 1:
                return f"every {days or 'week'}"
            if self.every == 2:
                return f"every other {days or 'week'}"
            return f"every {self.every} weeks" + (f" on {days}" if days else "")
        if self.unit is Unit.QUARTER:
            return f"{self._picked()} of each quarter"
        if self.months:
            return f"{self._picked()} of {_and([MONTHS[month - 1] for month in self.months])}"
        if self.every > 1:
            return f"every {self.every} months on the {self._picked()}"
        return f"monthly on the {self._picked()}" if self._numbered() else f"{self._picked()} of the month"

    def _numbered(self) -> bool:
        return self.picks is Picks.DAY and LAST not in self.positions

    def _picked(self) -> str:
        if self.picks is Picks.DAY:
            days = _and(["last" if day == LAST else ordinal(day) for day in self.positions])
            return days if self._numbered() else f"{days} day"
        words = _and([_POSITIONS.get(position) or ordinal(position) for position in self.positions])
        what = WEEKDAYS[self.weekdays[0]] if self.picks is Picks.WEEKDAY else self.picks
        return f"{words} {what}"

    def settled(self, start: date) -> "Recurrence":
        """The same rule with the years that it leaves open, where its dates are asked for from `start` on."""
        begins = self.begins and self.begins.settled(start)
        first = max(start, begins.on_or_after(start)) if begins else start
        return replace(self, begins=begins, ends=self.ends and self.ends.settled(first))

    def anchored(self, first: date) -> "Recurrence":
        """The same rule, begun on a day that it gave; a year left open in its end is settled from there."""
        return replace(self, begins=YearDay(first.month, first.day, first.year)).settled(first)

    def meetings_a_year(self) -> float:
        """How many dates the rhythm gives in a year, about."""
        if self.unit is Unit.WEEK:
            return 52 * max(1, len(self.weekdays)) / self.every
        periods = 4 if self.unit is Unit.QUARTER else len(self.months) or 12 / self.every
        return periods * len(self.positions)


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


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


ORDINALS: Final = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
    "last": LAST,
}  # fmt: skip
_MOST_WEEKS: Final = 52
_MOST_MONTHS: Final = 24
_LATEST_SURE_DAY: Final = 28  # every month has one
_MOST_WORKING_DAYS: Final = 15
_MOST_WEEKDAYS: Final = {Unit.MONTH: 5, Unit.QUARTER: 13}

_WEEKDAY_NAME: Final = f"(?:{any_of(WEEKDAY_OF)})s?"
_WEEKDAYS: Final = f"(?P<weekdays>{_WEEKDAY_NAME}(?: (?:and )?{_WEEKDAY_NAME})*)"
_COUNT: Final = f"(?:other|[0-9]{{1,4}}|{any_of(NUMBERS)})"
_NTH: Final = f"(?:{any_of(set(ORDINALS) - {'first', 'last'})}|[0-9]{{1,3}}(?:st|nd|rd|th))"
_MANY: Final = f"(?:(?P<every>{_COUNT}) )?"
_EVERY: Final = f"(?:(?P<every>{_COUNT}|{_NTH}) )?"
_ORDINAL: Final = f"(?:{any_of(ORDINALS)}|[0-9]{{1,3}}(?:st|nd|rd|th))"
_POSITION_WORDS: Final = f"(?P<positions>{_ORDINAL}(?: (?:and )?(?:the )?{_ORDINAL})*)"
_NUMBERED: Final = "[0-9]{1,2}(?:st|nd|rd|th)?"
_DAYS: Final = f"(?P<positions>{_NUMBERED}(?: (?:and )?(?:the )?{_NUMBERED})*)"
_WHAT: Final = f"(?P<what>{_WEEKDAY_NAME}|working day|business day|day)"
_MONTH_NAMES: Final = any_of(MONTH_OF)

_OF: Final = f"(?P<of> (?:(?:of|in) (?:(?:the|a) )?|(?:(?:of|in) )?(?:each|every) {_EVERY})(?P<unit>month|quarter)s?)"
_IN_MONTHS: Final = f"(?: of| in|) (?P<months>(?:{_MONTH_NAMES})(?: (?:and )?(?:{_MONTH_NAMES}))*)"
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
        f"(?:on )?(?:the |every |each )?{_POSITION_WORDS} {_WHAT}{_OF}?",
        f"(?:on )?(?:the )?{_POSITION_WORDS}{_OF}",
        f"(?:on )?(?:the )?{_POSITION_WORDS} {_WHAT} (?P<frequency>monthly|quarterly)",
        f"{_MANY}(?P<frequency>monthly|quarterly|twice monthly|twice a month)(?: on)? (?:the )?{_POSITION_WORDS}"
        f"(?: {_WHAT})?",
        f"(?:every|each) {_EVERY}(?P<unit>month|quarter)s?(?: on)? (?:the )?{_POSITION_WORDS}(?: {_WHAT})?",
        # in some months of the year
        f"{_YEARLY}{_POSITION_WORDS} {_WHAT}{_IN_MONTHS}{_A_YEAR}",
        f"{_YEARLY}{_DAYS}{_IN_MONTHS}{_A_YEAR}",
        f"{_YEARLY}(?P<months>{_MONTH_NAMES}) (?:the )?{_DAYS}{_A_YEAR}",
    )
)


def read_rhythm(phrase: Phrase) -> Recurrence:
    """What the words of one of the shapes mean. Raises Unreadable for a day that there is not, or with two meanings."""
    if phrase["months"]:
        return _in_months(phrase)
    if not phrase["positions"]:
        return _weekly(phrase)
    frequency, unit = phrase["frequency"], Unit.MONTH
    if frequency == "quarterly" or phrase["unit"] == "quarter":
        unit = Unit.QUARTER
    every = _every(phrase, _MOST_MONTHS, "month")
    positions = _positions(phrase)
    if unit is Unit.QUARTER and every > 1:
        raise Unreadable(
            "Quarters are those of the calendar year",
            phrase.reworded(0, f"every {3 * every} months on the {phrase['positions']} {phrase['what'] or 'day'}"),
        )
    if frequency.startswith("twice") and len(positions) != 2:
        both = "first and third Tuesday of the month"
        raise Unreadable(f'"{phrase.typed("frequency")}" needs two days', phrase.reworded(0, both))
    if phrase["what"] in ("", "day"):
        _refuse_day_of_period(phrase, positions, unit)
        return Recurrence(unit, every, (), Picks.DAY, positions)
    _refuse_position(phrase, positions, unit)
    _refuse_two_ways(phrase, positions)
    return _picking(phrase, unit, every, positions)


def _weekly(phrase: Phrase) -> Recurrence:
    frequency, weekdays = phrase["frequency"], _weekdays(phrase["weekdays"])
    weeks = 2 if frequency == "fortnightly" or phrase["unit"] == "fortnight" else 1
    every = weeks * _every(phrase, _MOST_WEEKS // weeks, "week" if weeks == 1 else "fortnight")
    if frequency.startswith("twice") and len(weekdays) != 2:
        raise Unreadable(
            f'"{phrase.typed("frequency")}" needs two days', phrase.reworded(0, "every Monday and Thursday")
        )
    return Recurrence(Unit.WEEK, every, weekdays)


def _in_months(phrase: Phrase) -> Recurrence:
    """Only in some months of the year: "last Sunday of March", "first Monday of January and July", "every 3 March"."""
    months = tuple(sorted({MONTH_OF[month] for month in phrase["months"].replace(" and ", " ").split()}))
    positions = _positions(phrase)
    if phrase["what"] in ("", "day"):
        for month in months:
            for day in positions:
                if day != LAST and (missing := missing_day(day, month)):
                    sentence, nearest = missing
                    raise Unreadable(sentence, phrase.reworded("positions", ordinal(nearest)))
        return Recurrence(Unit.MONTH, 1, (), Picks.DAY, positions, months=months)
    _refuse_position(phrase, positions, Unit.MONTH)
    return _picking(phrase, Unit.MONTH, 1, positions, months)


def _picking(
    phrase: Phrase, unit: Unit, every: int, positions: tuple[int, ...], months: tuple[int, ...] = ()
) -> Recurrence:
    if _counts_working_days(phrase):
        return Recurrence(unit, every, (), Picks.WORKING_DAY, positions, months=months)
    return Recurrence(unit, every, _weekdays(phrase["what"]), Picks.WEEKDAY, positions, months=months)


def _counts_working_days(phrase: Phrase) -> bool:
    return phrase["what"] in ("working day", "business day")


def _weekdays(words: str) -> tuple[int, ...]:
    named = words.replace(" and ", " ").split()
    return tuple(sorted({WEEKDAY_OF[day] if day in WEEKDAY_OF else WEEKDAY_OF[day[:-1]] for day in named}))


def _positions(phrase: Phrase) -> tuple[int, ...]:
    words = phrase["positions"]
    if re.fullmatch(rf"{_ORDINAL} last", words):
        first = words.removesuffix(" last")
        raise Unreadable("I count from the first, or take the last", phrase.reworded("positions", f"{first} and last"))
    found = {_nth(word) for word in words.split() if word not in ("and", "the")}
    return tuple(sorted(found, key=lambda position: (position == LAST, position)))


def _nth(word: str) -> int:
    return ORDINALS[word] if word in ORDINALS else int(word.rstrip("stndrh"))


def _every(phrase: Phrase, most: int, unit: str) -> int:
    word = phrase["every"]
    if not word:
        return 1
    every = 2 if word == "other" else _nth(word) if re.fullmatch(_NTH, word) else number(word)
    if not 1 <= every <= most:
        nearest = str(1 if every < 1 else most)
        raise Unreadable(
            f"A series can run every 1 to {most} {unit}s, not every {every}", phrase.reworded("every", nearest)
        )
    return every


def _refuse_day_of_period(phrase: Phrase, positions: tuple[int, ...], unit: Unit) -> None:
    if unit is Unit.QUARTER and positions != (LAST,):
        days = (f"{phrase['positions']} working day of each quarter", f"monthly on the {phrase['positions']}")
        raise Unreadable("A quarter has no such day", phrase.reworded(0, *days))
    if not all(day == LAST or 1 <= day <= _LATEST_SURE_DAY for day in positions):
        meant = phrase.reworded(0, "last day of the month", "monthly on the 28th")
        raise Unreadable("Not every month has that day", meant)


def _refuse_position(phrase: Phrase, positions: tuple[int, ...], unit: Unit) -> None:
    most = _MOST_WORKING_DAYS if _counts_working_days(phrase) else _MOST_WEEKDAYS[unit]
    if not all(position == LAST or 1 <= position <= most for position in positions):
        what = "working day" if _counts_working_days(phrase) else WEEKDAYS[_weekdays(phrase["what"])[0]]
        raise Unreadable(
            f"I count to the {ordinal(most)} {what} of a {unit}, or take the last",
            phrase.reworded("positions", "last"),
        )


def _refuse_two_ways(phrase: Phrase, positions: tuple[int, ...]) -> None:
    """ "Every second Thursday" is a fortnight to some and a date in the month to others."""
    bare = not (phrase["of"] or phrase["frequency"] or phrase["unit"])
    if not bare or not phrase.found[0].startswith(("every", "each")) or {1, LAST} & set(positions):
        return
    meant = [f"{phrase['positions']} {phrase['what']} of the month"]
    if not _counts_working_days(phrase):
        day = phrase["what"]
        meant.insert(0, f"every other {day}" if positions == (2,) else f"every {positions[0]} weeks on {day}")
    raise Unreadable(f'People read "{phrase.typed()}" in two ways', phrase.reworded(0, *meant))
