"""Words and patterns of British dates, with their meaning, shared by all modules that read typed dates.

These modules read due phrases, rules for meetings, days after a command and dates of birth. Each adds patterns of its
own.
"""

import calendar
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import count
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
    """Return a regular expression that matches any of the words, the longest first."""
    return "|".join(sorted(words, key=len, reverse=True))


def number(word: str) -> int:
    """Return the number that digits or a number word stand for."""
    return NUMBER_OF[word] if word in NUMBER_OF else int(word)


def date_words(day: date) -> str:
    """Return a date in words, such as 27 November 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def full_date(day: date) -> str:
    """Return a date in words with its weekday, such as Friday 27 November 2026."""
    return f"{WEEKDAYS[day.weekday()]} {date_words(day)}"


def short_date(day: date) -> str:
    """Return a short date with its weekday, such as Fri 27 Nov 2026."""
    return f"{WEEKDAYS[day.weekday()][:3]} {day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def ordinal(n: int) -> str:
    """Return a number with its ending, such as 1st, 2nd or 15th."""
    suffix = "th" if 11 <= n % 100 <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{suffix}"


def listed(words: Iterable[str], conjunction: str = "and") -> str:
    """Return the words as a list with commas and a conjunction, such as "Monday, Tuesday and Friday"."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} {conjunction} {last}" if first else last


def days_in_month(year: int, month: int) -> int:
    """Return how many days the month has."""
    return calendar.monthrange(year, month)[1]


def day_in(year: int, month: int, day: int) -> date | None:
    """Return the date, or None if the calendar has no such day."""
    there = year > 0 and 1 <= month <= 12 and 1 <= day <= days_in_month(year, month)
    return date(year, month, day) if there else None


def nearest_weekday(on: date, weekday: int) -> date:
    """Return the day nearest to `on`, at most three days away, that falls on this weekday."""
    return on + timedelta(days=(weekday - on.weekday() + 3) % 7 - 3)


def not_that_weekday(on: date, weekday: int) -> str:
    """Return a sentence that corrects a date's weekday, such as "3 March 2026 is a Tuesday, not a Monday"."""
    return f"{date_words(on)} is a {WEEKDAYS[on.weekday()]}, not a {WEEKDAYS[weekday]}"


# The pieces of dates as regular expressions in lower case; `YearDay.of` reads their named parts.
WEEKDAY: Final = f"(?P<weekday>{any_of(WEEKDAY_OF)})"
ON: Final = f"(?:{WEEKDAY} )?"  #: the weekday that may stand before a date
DAY: Final = "(?P<day>[0-9]{1,2})"
TH: Final = "(?:st|nd|rd|th)"
ANY_MONTH: Final = f"(?:{any_of(MONTH_OF)})"
MONTH: Final = f"(?P<month>{ANY_MONTH})"
FIGURE: Final = "(?P<month>[0-9]{1,2})"  #: a month in figures
YEAR: Final = "(?P<year>[0-9]{4}|[0-9]{2})"
FULL_YEAR: Final = "(?P<year>[0-9]{4})"
DAY_MONTH: Final = rf"(?:the )?{DAY}{TH}? ?(?:of )?{MONTH}\b"
MONTH_DAY: Final = rf"{MONTH} (?:the )?{DAY}{TH}?"
SLASHED: Final = f"{DAY}/{FIGURE}"
ISO: Final = f"{FULL_YEAR}-{FIGURE}-{DAY}"


#: A day with its month as people write it, day first, in all its spellings.
NAMED_DAYS: Final = (
    f"{ON}{DAY_MONTH}(?: {YEAR})?",
    f"{ON}{SLASHED}(?:/{YEAR})?",
    f"{ON}{DAY}(?P<mark>[.-]){FIGURE}(?P=mark){YEAR}",
    f"{ON}{ISO}",
)


def unnamed(shape: str) -> str:
    """Return the pattern without its group names, so that it can be repeated inside another pattern."""
    return re.sub(r"\?P<\w+>", "?:", shape)


def parts_of(found: re.Match[str]) -> Mapping[str, str]:
    """Return the named parts of a match. A part that was not typed, or that the pattern lacks, is an empty string."""
    return defaultdict(str, found.groupdict(""))


def plain_phrase(phrase: str) -> str:
    """Return a phrase in lower case and single spaces, without commas, apostrophes and surrounding punctuation."""
    plain = re.sub(r"['’]", "", phrase.casefold())
    return re.sub(r"[\s,]+", " ", plain).strip(' .!?;:()[]"–-')


@dataclass(frozen=True, slots=True)
class YearDay:
    """A day and month as people write them, perhaps without a year. The day may not exist, such as 30 February."""

    month: int
    day: int | None  #: none for the last day of the month
    year: int | None = None
    weekday: int | None = None  #: said with a day whose year is open, so that the two can be compared once it is known
    at: time | None = None  #: the time, if there are several meetings on that day

    @classmethod
    def of(cls, parts: Mapping[str, str], this_century: int = 99) -> "YearDay":
        """Return the day that the named parts of a matched pattern give.

        A two-digit year up to `this_century` is in this century, a higher one in the last century.
        """
        day, month, year = parts["day"], parts["month"].casefold(), parts["year"]
        century = 0 if len(year) != 2 else 2000 if int(year) <= this_century else 1900
        return cls(
            MONTH_OF.get(month) or int(month),
            int(day) if day else None,
            century + int(year) if year else None,
            WEEKDAY_OF.get(parts["weekday"]),
        )

    @classmethod
    def named(cls, phrase: str) -> "YearDay | None":
        """Return the day that the whole phrase names, such as "3 March".

        Return None if no pattern in `NAMED_DAYS` matches the phrase.
        """
        shapes = (re.fullmatch(shape, plain_phrase(phrase)) for shape in NAMED_DAYS)
        found = next(filter(None, shapes), None)
        named = cls.of(parts_of(found)) if found else None
        return named if named and 1 <= named.month <= len(MONTHS) else None

    @classmethod
    def of_date(cls, on: date) -> "YearDay":
        """Return the day, month and year of a date as a YearDay."""
        return cls(on.month, on.day, on.year)

    def __str__(self) -> str:
        weekday = "" if self.weekday is None else WEEKDAYS[self.weekday]
        day = "the end of" if self.day is None else str(self.day)
        at = f"{self.at:%H:%M}" if self.at else ""
        return " ".join(filter(None, [weekday, day, MONTHS[self.month - 1], str(self.year or ""), at]))

    def on(self) -> date | None:
        """Return the date, or None if the day or year is missing or the calendar has no such day."""
        return None if self.day is None or self.year is None else day_in(self.year, self.month, self.day)

    def on_or_after(self, earliest: date) -> date:
        """Return the date if the year is known, or else the first date with this day and month from `earliest` on."""
        if self.year is not None:
            return self._first([self.year])
        return self._first(count(earliest.year), from_on=earliest)

    def until(self, latest: date) -> list[date]:
        """Return the dates up to `latest` that this day may mean, the latest first.

        If the day has no year, the dates are in the last eight years.
        """
        years = [self.year] if self.year is not None else range(latest.year, latest.year - 8, -1)
        days = (day_in(year, self.month, self.day or 0) for year in years)
        return [day for day in days if day and day <= latest and self.weekday in (None, day.weekday())]

    def last_before(self, latest: date) -> date:
        """Return the last date with this day and month before `latest`. The day's own year is ignored."""
        return self._first(count(latest.year, -1), before=latest)

    def settled(self, earliest: date) -> "YearDay":
        """Return the same day, with the year filled in if it is missing.

        The year is then the first in which the day falls on or after `earliest`.
        """
        return YearDay(self.month, self.day, self.on_or_after(earliest).year)

    def _first(self, years: Iterable[int], from_on: date = date.min, before: date = date.max) -> date:
        # A 29 February may be eight years off, over the end of a century.
        days = (day_in(year, self.month, self.day or days_in_month(year, self.month)) for year in years)
        return next(day for day in days if day and from_on <= day < before)


#: Characters that keyboards and word processors put in place of plain ones. Characters without a width are removed.
_TYPOGRAPHY: Final = {
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u200b": "", "\u00ad": "", "\ufeff": "",
}  # fmt: skip
_AROUND: Final = " \t.!;\"'\u2018\u2019\u201c\u201d\u200b\ufeff"


@dataclass(frozen=True, slots=True)
class TypedWords:
    """A text as it was typed (`said`), and in lower case with plain punctuation (`plain`).

    For each letter of `plain`, its position in `said` is kept.
    """

    said: str  #: as typed, with single spaces
    plain: str  #: in lower case, with plain punctuation
    places: tuple[tuple[int, int], ...]  #: for each letter of `plain`, its start and end in `said`

    @classmethod
    def of(cls, text: str) -> "TypedWords":
        """Return a text as TypedWords, without the quotation marks or full stop around the text."""
        said = " ".join(text.split()).strip(_AROUND)
        letters = [
            (letter, (at, at + 1))
            for at, typed in enumerate(said)
            for letter in _TYPOGRAPHY.get(typed, typed).casefold()
        ]
        return cls(said, "".join(letter for letter, _ in letters), tuple(place for _, place in letters))

    def replaced(self, pattern: re.Pattern[str], by: str) -> "TypedWords":
        """Return the words with each match in `plain` replaced. `said` stays as it was typed."""
        words = self
        for found in reversed(list(pattern.finditer(self.plain))):
            words = words._with(*found.span(), found.expand(by))
        return words

    def without(self, start: int, end: int) -> "TypedWords":
        """Cut the letters from position `start` to `end` of `plain`, and the spaces after them. Return the rest."""
        return self._with(start, end + len(self.plain[end:]) - len(self.plain[end:].lstrip(" ")), "")

    def _with(self, start: int, end: int, other: str) -> "TypedWords":
        plain = self.plain[:start] + other + self.plain[end:]
        places = (*self.places[:start], *(self.place(start, end) for _ in other), *self.places[end:])
        return TypedWords(self.said, plain, places)

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where in `said` a part of `plain` begins and ends. The part goes from `start` to `end`."""
        places = self.places[start:end]
        return min(begin for begin, _ in places), max(finish for _, finish in places)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of typed words that matches one of the known patterns."""

    words: TypedWords
    found: re.Match[str]

    def __getitem__(self, part: str) -> str:
        """Return a named part in lower case, or an empty string if the part was not typed or the pattern lacks it."""
        return parts_of(self.found)[part]

    def typed(self, part: str | int = 0) -> str:
        """Return a named part, or the whole match, as it was typed."""
        begin, end = self.words.place(*self.found.span(part))
        return self.words.said[begin:end]

    def reworded(self, part: str | int, *others: str) -> tuple[str, ...]:
        """Return the typed words once for each text in `others`, with the named part replaced by that text."""
        begin, end = self.words.place(*self.found.span(part))
        said = self.words.said
        return tuple(f"{said[:begin]}{other}{said[end:]}" for other in others)


@dataclass(eq=False)
class Unreadable(Exception):
    """The error for typed words that have no clear meaning, with the reason and the rules to suggest instead."""

    sentence: str
    meant: Sequence[str] = ()  #: all that may have been meant, each as the whole of what could be typed
    otherwise: Sequence[str] = ()  #: guesses; the first that can be read is suggested
    word: tuple[int, int] | None = None  #: the position of a word that no rule contains
    left_out: str = ""  #: the typed words that the suggested rules leave out


def alternatives(offers: Iterable[str]) -> str:
    """Return the offers in quotation marks, joined with "or"."""
    return " or ".join(f'"{offer}"' for offer in offers)


_PERIOD: Final = re.compile(
    r"(?:^|[\s,]+)(?P<period>(?:(?:since|from|in|for|during|over)\s+)?(?:the\s+)?"
    rf"(?:(?:last|this|past)\s+(?:year|quarter|month|term|week|(?:\w+\s+)?(?:years|months|weeks))"
    rf"|(?:since|from|in|during)\s+(?:20[0-9]{{2}}|(?:[0-9]{{1,2}}{TH}?\s+)?{ANY_MONTH}\b.*)))[\s.?!]*$",
    re.IGNORECASE,
)


def without_period(text: str) -> tuple[str, str]:
    """Return a text without the period at its end, such as "since January" or "last year", and the period or ""."""
    found = _PERIOD.search(text)
    return (text[: found.start()].rstrip(" ,"), found["period"]) if found else (text, "")
