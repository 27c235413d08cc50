"""The result of reading a due phrase: one day, two possible days, no day, a day that doesn't exist, or a past day."""

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
YEARS_AHEAD: Final = 2  # a later day is a typing slip, not a plan
_FURTHEST: Final = relativedelta(years=YEARS_AHEAD)
MOST_OFFERS: Final = 3


class DueKind(StrEnum):
    """The kinds of result when a due phrase is read."""

    ONE_DAY = "one day"
    TWO_READINGS = "two readings"
    NO_DAY = "no day"
    NO_SUCH_DAY = "no such day"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class DueReading:
    """The result of reading one due phrase: its day or days, the days to suggest, and the reason for a refusal."""

    kind: DueKind
    days: tuple[date, ...] = ()  #: the day, or the two that it may mean, the likelier first; else empty
    offers: tuple[date, ...] = ()  #: days that would be accepted; empty when it is one day
    reason: str = ""  #: why it is refused, as a sentence; empty when it is one day

    def refusal(self) -> Mistake:
        """Return the Mistake to raise, with the reason and the days that would be accepted."""
        return Mistake(f"{self.reason} Try {alternatives(map(full_date, self.offers))}.", days=self.offers)


@dataclass(frozen=True, slots=True)
class DueTerms:
    """The facts that decide what a due phrase means: today, and the panel's meetings, short names and bank holidays."""

    today: date
    meetings_on: Sequence[date] = ()  #: the panel's coming meetings, the next one first
    subdivision: str = "ENG"  #: the part of the country whose bank holidays count
    panel_words: frozenset[str] = frozenset({"met"})  #: short names of the panel's own kind, in lower case


@dataclass(frozen=True, slots=True)
class Asked(DueTerms):
    """A due phrase together with the facts on which its meaning depends."""

    phrase: str = ""  #: as typed, for the answer
    limit: date = field(init=False)  #: the last day that is accepted

    def __post_init__(self) -> None:
        object.__setattr__(self, "limit", self.today + _FURTHEST)

    @classmethod
    def of(cls, phrase: str, terms: DueTerms) -> "Asked":
        """Return a due phrase together with the facts in `terms`."""
        return cls(terms.today, terms.meetings_on, terms.subdivision, terms.panel_words, phrase)

    def in_range(self, day: date) -> bool:
        """Return whether the day is between today and the last day accepted for a due date."""
        return self.today <= day <= self.limit

    def coming(self, weekday: int) -> date:
        """Return the next date after today that falls on this weekday."""
        return self.today + timedelta(days=(weekday - self.today.weekday() - 1) % 7 + 1)

    def monday(self, weeks: int = 0) -> date:
        """Return the Monday of this week, or of the week `weeks` weeks later."""
        return self.today - timedelta(days=self.today.weekday()) + weeks * ONE_WEEK

    def upcoming(self, day: int, month: int) -> date | None:
        """Return the next date with this day and month from today on, or None if it is too far ahead for a due date."""
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
        """Return the result for a phrase that means one day.

        A past day, or a day too far ahead, is refused with the reason.
        """
        if day < self.today:
            later = self.upcoming(min(day.day, 28) if day.month == 2 else day.day, day.month)
            return self.past(f"{full_date(day)} has passed.", later)
        if day > self.limit:
            far = f"{full_date(day)} is more than two years ahead."
            return self.nothing(far, self.limit, self.working(self.today + relativedelta(months=6)))
        return DueReading(DueKind.ONE_DAY, (day,))

    def either(self, first: date, second: date, reason: str = "") -> DueReading:
        """Return the result for a phrase that may mean the day `first` or the day `second`.

        If both are the same day, the result is this one day. One of two days may be past. Only days that are accepted
        for a due date are suggested.
        """
        if first == second:
            return self.one(first)
        reason = reason or f'People read "{self.phrase}" in two ways.'
        return DueReading(DueKind.TWO_READINGS, (first, second), self.offered(first, second, most=2), reason)

    def nothing(self, reason: str = "", *offers: date | None) -> DueReading:
        """Return the result for a phrase that names no day. `offers` are days to suggest."""
        reason = reason or f'"{self.phrase}" does not name a day.'
        return DueReading(DueKind.NO_DAY, (), self.offered(*offers), reason)

    def no_such(self, reason: str, *offers: date | None) -> DueReading:
        """Return the result for a phrase that names a day which the calendar doesn't have.

        `offers` are days to suggest.
        """
        return DueReading(DueKind.NO_SUCH_DAY, (), self.offered(*offers, most=2), reason)

    def past(self, reason: str, *offers: date | None) -> DueReading:
        """Return the result for a phrase that names a day which has passed. `offers` are coming days to suggest."""
        return DueReading(DueKind.PAST, (), self.offered(*offers, most=2), reason)

    def offered(self, *offers: date | None, most: int = MOST_OFFERS) -> tuple[date, ...]:
        """Return up to `most` days to suggest for a due date.

        The days of `offers` that are accepted for a due date come first, and then usual days such as next Friday.
        """
        month_on = self.working(self.today + relativedelta(months=1))
        usual = (self.coming(FRIDAY), self.working(self.today + 2 * ONE_WEEK), *self.meetings_on[:1], month_on)
        chosen: dict[date, None] = {}
        for offer in (*offers, *usual):
            if offer is not None and self.in_range(offer) and len(chosen) < most:
                chosen.setdefault(offer)
        return tuple(chosen)


class OfAnyDay(Asked):
    """A due phrase read as if every day were a working day, so that its result may be a day off."""

    def working(self, day: date) -> date:
        """Return the day itself, since here every day counts as a working day."""
        return day

    def last_working(self, day: date) -> date:
        """Return the day itself, since here every day counts as a working day."""
        return day


def month_of(asked: Asked, month: int) -> date:
    """Return the first day of this month if its number is `month`, or else of the next month with this number."""
    return date(asked.today.year + (month < asked.today.month), month, 1)


def end_of_month(day: date) -> date:
    """Return the last day of the month that contains `day`."""
    return day.replace(day=days_in_month(day.year, day.month))


def thirds(asked: Asked, first: date, last: date) -> Iterable[date]:
    """Return three working days: at the beginning, in the middle and at the end of a period."""
    middle = first + (last - first) / 2
    return asked.working(max(first, asked.today)), asked.working(middle), asked.last_working(last)
