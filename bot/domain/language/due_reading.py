"""What a due phrase may come to: one day, two, none, one that the calendar does not have, or one that has passed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from dateutil.relativedelta import relativedelta

from bot.domain.deadlines import FRIDAY, ONE_DAY, next_working_day, previous_working_day
from bot.domain.language.day_words import alternatives, day_in, days_in_month, full_date
from bot.errors import Mistake

ONE_WEEK: Final = timedelta(days=7)
YEARS_AHEAD: Final = 2  # further off is a slip of the finger, not a plan
_FURTHEST: Final = relativedelta(years=YEARS_AHEAD)
MOST_OFFERS: Final = 3


class DueKind(StrEnum):
    """The result of reading a due phrase."""

    ONE_DAY = "one day"
    TWO_READINGS = "two readings"
    NO_DAY = "no day"
    NO_SUCH_DAY = "no such day"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class DueReading:
    """The reading of one phrase, with everything that an answer to it says."""

    kind: DueKind
    days: tuple[date, ...] = ()  #: the day, or the two that it may mean, the likelier first; else empty
    offers: tuple[date, ...] = ()  #: days that would be accepted; empty when it is one day
    reason: str = ""  #: why it is refused, as a sentence; empty when it is one day

    def refusal(self) -> Mistake:
        """Return the refusal: why, and the days that would be accepted."""
        return Mistake(f"{self.reason} Try {alternatives(map(full_date, self.offers))}.", days=self.offers)


@dataclass(frozen=True, slots=True)
class DueTerms:
    """What the meaning of every phrase depends on: the day on which it is said, and the panel."""

    today: date
    meetings_on: Sequence[date] = ()  #: the panel's coming meetings, the next one first
    subdivision: str = "ENG"  #: whose bank holidays count
    panel_words: frozenset[str] = frozenset({"met"})  #: short names of the panel's own kind, in small letters


@dataclass(frozen=True, slots=True)
class Asked(DueTerms):
    """A phrase with all that its meaning depends on."""

    phrase: str = ""  #: as typed, for the answer
    limit: date = field(init=False)  #: the last day that is accepted

    def __post_init__(self) -> None:
        object.__setattr__(self, "limit", self.today + _FURTHEST)

    @classmethod
    def of(cls, phrase: str, terms: DueTerms) -> "Asked":
        """Return a phrase with these terms attached."""
        return cls(terms.today, terms.meetings_on, terms.subdivision, terms.panel_words, phrase)

    def in_range(self, day: date) -> bool:
        """Return whether a due date may be on that day."""
        return self.today <= day <= self.limit

    def coming(self, weekday: int) -> date:
        """Return the next such weekday strictly after today."""
        return self.today + timedelta(days=(weekday - self.today.weekday() - 1) % 7 + 1)

    def monday(self, weeks: int = 0) -> date:
        """Return the Monday of this week, or of one that many weeks later."""
        return self.today - timedelta(days=self.today.weekday()) + weeks * ONE_WEEK

    def upcoming(self, day: int, month: int) -> date | None:
        """Return the next such date from today on, if there is one before the limit."""
        days = (day_in(year, month, day) for year in range(self.today.year, self.limit.year + 1))
        return next((on for on in days if on and self.in_range(on)), None)

    def working(self, day: date) -> date:
        """Return the day itself if it is a working day, else the first one after it."""
        return next_working_day(day, self.subdivision)

    def working_before(self, day: date) -> date:
        """Return the last working day before a day."""
        return previous_working_day(day - ONE_DAY, self.subdivision)

    def last_working(self, day: date) -> date:
        """Return the day itself if it is a working day, else the last one before it."""
        return previous_working_day(day, self.subdivision)

    def one(self, day: date) -> DueReading:
        """Return a day, or why it cannot be a due date: it has passed, or is too far ahead."""
        if day < self.today:
            later = self.upcoming(min(day.day, 28) if day.month == 2 else day.day, day.month)
            return self.past(f"{full_date(day)} has passed.", later)
        if day > self.limit:
            far = f"{full_date(day)} is more than two years ahead."
            return self.nothing(far, self.limit, self.working(self.today + relativedelta(months=6)))
        return DueReading(DueKind.ONE_DAY, (day,))

    def either(self, first: date, second: date, reason: str = "") -> DueReading:
        """Return two possible days. If they are the same, or one is out of range, return one or none.

        A day that has passed still counts as a reading when the other is told apart from it by the year alone.
        """
        if first == second:
            return self.one(first)
        reason = reason or f'People read "{self.phrase}" in two ways.'
        return DueReading(DueKind.TWO_READINGS, (first, second), self.offered(first, second, most=2), reason)

    def nothing(self, reason: str = "", *offers: date | None) -> DueReading:
        """Return the reading of a phrase that names no day, with days to offer instead."""
        reason = reason or f'"{self.phrase}" names no day.'
        return DueReading(DueKind.NO_DAY, (), self.offered(*offers), reason)

    def no_such(self, reason: str, *offers: date | None) -> DueReading:
        """Return the reading of a day that the calendar lacks, with the nearest day that it has."""
        return DueReading(DueKind.NO_SUCH_DAY, (), self.offered(*offers, most=2), reason)

    def past(self, reason: str, *offers: date | None) -> DueReading:
        """Return the refusal of a day that has passed, with coming days to offer."""
        return DueReading(DueKind.PAST, (), self.offered(*offers, most=2), reason)

    def offered(self, *offers: date | None, most: int = MOST_OFFERS) -> tuple[date, ...]:
        """Return the days to offer: those given that are in range, then the usual ones."""
        month_on = self.working(self.today + relativedelta(months=1))
        usual = (self.coming(FRIDAY), self.working(self.today + 2 * ONE_WEEK), *self.meetings_on[:1], month_on)
        chosen: dict[date, None] = {}
        for offer in (*offers, *usual):
            if offer is not None and self.in_range(offer) and len(chosen) < most:
                chosen.setdefault(offer)
        return tuple(chosen)


def month_of(asked: Asked, month: int) -> date:
    """Return the first day of the next such month, this one included."""
    return date(asked.today.year + (month < asked.today.month), month, 1)


def end_of_month(day: date) -> date:
    """Return the last day of the month of a day."""
    return day.replace(day=days_in_month(day.year, day.month))


def thirds(asked: Asked, first: date, last: date) -> Iterable[date]:
    """Return three working days at the beginning, in the middle and at the end of a time."""
    middle = first + (last - first) / 2
    return asked.working(max(first, asked.today)), asked.working(middle), asked.last_working(last)
