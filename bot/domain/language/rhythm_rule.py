"""A rule for a series of meetings: its parts, and the words that say it back."""

from dataclasses import dataclass, replace
from datetime import date, time
from enum import StrEnum
from typing import Final

from bot.domain.language.day_words import MONTHS, WEEKDAYS, days_in_month, month_end, ordinal

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
