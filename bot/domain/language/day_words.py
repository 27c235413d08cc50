"""The words for days, months and small numbers, and dates written out: shared by all that people type."""

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


#: What keyboards and word processors make of plain characters; a letter without a place on the page is left out.
_TYPOGRAPHY: Final = {
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u200b": "", "\u00ad": "", "\ufeff": "",
}  # fmt: skip
_AROUND: Final = " \t.!;\"'\u2018\u2019\u201c\u201d\u200b\ufeff"


@dataclass(frozen=True, slots=True)
class TypedWords:
    """What somebody typed, and the same in plain words."""

    said: str  #: as typed, with single spaces
    plain: str  #: in small letters
    places: tuple[tuple[int, int], ...]  #: for each letter of `plain`, from where to where it stands in `said`

    @classmethod
    def of(cls, text: str) -> "TypedWords":
        """The words of a text, without the quotation marks or full stop around them."""
        said = " ".join(text.split()).strip(_AROUND)
        letters = [
            (letter, (at, at + 1))
            for at, typed in enumerate(said)
            for letter in _TYPOGRAPHY.get(typed, typed).casefold()
        ]
        return cls(said, "".join(letter for letter, _ in letters), tuple(place for _, place in letters))

    def replaced(self, pattern: re.Pattern[str], by: str) -> "TypedWords":
        """With other words in the place of each match; all of them stand where the match was typed."""
        plain, places, done = "", list[tuple[int, int]](), 0
        for found in pattern.finditer(self.plain):
            other = found.expand(by)
            plain += self.plain[done : found.start()] + other
            places += [*self.places[done : found.start()], *([self.place(*found.span())] * len(other))]
            done = found.end()
        return TypedWords(self.said, plain + self.plain[done:], (*places, *self.places[done:]))

    def without(self, start: int, end: int) -> "TypedWords":
        """Without some of the plain words and the space after them."""
        while self.plain[end : end + 1] == " ":
            end += 1
        return TypedWords(self.said, self.plain[:start] + self.plain[end:], self.places[:start] + self.places[end:])

    def place(self, start: int, end: int) -> tuple[int, int]:
        """From where to where in `said` some of the plain words were typed."""
        places = self.places[start:end]
        return min(begin for begin, _ in places), max(finish for _, finish in places)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of the words that has one of the known shapes."""

    words: TypedWords
    found: re.Match[str]

    def __getitem__(self, part: str) -> str:
        """A named part in plain words; empty where the shape has none, or it was not typed."""
        return self.found.groupdict().get(part) or ""

    def typed(self, part: str | int = 0) -> str:
        """A part, or the whole, as it was typed."""
        begin, end = self.words.place(*self.found.span(part))
        return self.words.said[begin:end]

    def reworded(self, part: str | int, *others: str) -> tuple[str, ...]:
        """All that was typed, with other words in the place of a part."""
        begin, end = self.words.place(*self.found.span(part))
        said = self.words.said
        return tuple(f"{said[:begin]}{other}{said[end:]}" for other in others)


class Unreadable(Exception):
    """Words that cannot be, with why.

    `meant` is all that may have been meant, each as the whole of what could be typed; `otherwise` are guesses, of which
    the first that can be read is offered; `word` is the place of a word that no rule has.
    """

    def __init__(
        self,
        sentence: str,
        meant: Sequence[str] = (),
        *,
        otherwise: Sequence[str] = (),
        word: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.meant = meant
        self.otherwise = otherwise
        self.word = word


def alternatives(offers: Iterable[str]) -> str:
    """What could be typed instead, each in quotation marks."""
    return " or ".join(f'"{offer}"' for offer in offers)
