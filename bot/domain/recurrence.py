"""The dates of a series, worked out from its rule: local dates first, then the hour, then the panel's time zone.

When a series gets a new rule, its first meeting takes the first new date, its second meeting the second, and so on.
Each meeting thus keeps its flags, returns and answers.
"""

from collections.abc import Collection, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import takewhile, tee
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from dateutil.rrule import MO, MONTHLY, WEEKLY, rrule
from dateutil.tz import datetime_exists

from bot.domain.deadlines import (
    FRIDAY,
    ONE_DAY,
    is_bank_holiday,
    is_working_day,
    next_working_day,
    previous_working_day,
)
from bot.domain.language.day_words import YearDay, alternatives, full_date, nearest_weekday, not_that_weekday
from bot.domain.language.rhythm_rule import MOST_MEETINGS, Picks, Recurrence, Unit
from bot.domain.panel_definition import PanelDefinition
from bot.errors import Mistake

_JUST_NOW: Final = timedelta(days=31)


def refuse_slips(rule: Recurrence, start: date) -> None:
    """Raise Mistake if a rule begins on a day just passed, ends before it begins, or gives a date the wrong weekday."""
    if rule.begins is not None:
        _refuse_begin_gone_by(rule, rule.begins, start)
        _refuse_other_weekday(rule, "begins", rule.begins, start)
    if rule.ends is None:
        return
    first = rule.first_day(start)
    _refuse_other_weekday(rule, "ends", rule.ends, first)
    last = rule.ends.on_or_after(first)
    if rule.ends.year is None and rule.begins is None and last.year > first.year:
        _refuse_end_of_another_year(rule, rule.ends, first, last)
    if last < first:
        later = replace(rule.ends, year=None).settled(first)
        raise Mistake(
            f"The series would end on {full_date(last)}, before it starts on {full_date(first)}; "
            f'try "{replace(rule, ends=later).describe()}".'
        )


def _refuse_begin_gone_by(rule: Recurrence, begins: YearDay, start: date) -> None:
    """Raise Mistake for a first day without a year that passed within the last month.

    The year would be a guess: this year, next year and a typing slip are all possible. A day that passed longer ago is
    taken to be next year's, and the bot's answer shows that year.
    """
    if begins.year is not None:
        return
    gone, following = begins.last_before(start), begins.on_or_after(start)
    days = [day for day in (gone, following) if begins.weekday in (None, day.weekday())]
    if start - gone <= _JUST_NOW and days:
        offers = (replace(rule, begins=YearDay(begins.month, begins.day, day.year)).settled(start) for day in days)
        raise Mistake(
            f"{full_date(gone)} has gone by; say from which year the series counts; "
            f"try {alternatives(offer.describe() for offer in offers)}."
        )


def _refuse_end_of_another_year(rule: Recurrence, ends: YearDay, first: date, last: date) -> None:
    """Raise Mistake for a last day without a year if it falls in a later year than the first day.

    Next year may be meant, or the day may be a typing slip. However, a full date that passed more than a month ago is
    taken to be next year's, such as "until 30 March" said in November.
    """
    gone = ends.on_or_after(first.replace(month=1, day=1))
    if ends.day is not None and first - gone > _JUST_NOW:
        return
    was = f"{full_date(gone)}, before" if gone < first else f"{full_date(last)}, in another year than"
    raise Mistake(
        f"The series would end on {was} it starts on {full_date(first)}; "
        f'if next year is meant, try "{replace(rule, ends=replace(ends, year=last.year)).describe()}".'
    )


def _refuse_other_weekday(rule: Recurrence, part: str, day: YearDay, earliest: date) -> None:
    """Raise Mistake if the rule's first or last day was typed with the wrong weekday for its date."""
    on = day.on_or_after(earliest)
    if day.weekday is None or day.weekday == on.weekday():
        return
    offers = [YearDay.of_date(each) for each in (nearest_weekday(on, day.weekday), on)]
    rules = (replace(rule, begins=offer) if part == "begins" else replace(rule, ends=offer) for offer in offers)
    raise Mistake(f"{not_that_weekday(on, day.weekday)}; try {alternatives(each.describe() for each in rules)}.")


# A rule whose dates are all skipped ("every 52 weeks" on Christmas Day) must not be followed for ever.
_FURTHEST: Final = relativedelta(years=60)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One meeting that a rule gives."""

    starts_at: datetime  #: aware, in the panel's zone
    rule_on: date  #: the date that the rule gave
    moved: str | None  #: why the meeting is on another date: "bank holiday" or "weekend"


def occurrences(
    rule: Recurrence,
    *,
    start: date,
    count: int | None = None,
    until: date | None = None,
    definition: PanelDefinition,
    nearest_hour: bool = False,
) -> tuple[Occurrence, ...]:
    """Return the meetings of the series from `start` on, in order, at most one on a day.

    The rule itself may have a beginning, an end or a number of meetings. The narrower limits then count. The first and
    last day are included. A meeting that is moved must lie between the first and last day, both before and after the
    move. A rule such as "every six weeks" counts from its first date.

    The definition says whether a date on a bank holiday is moved, skipped or kept. The definition also says this for a
    day of the month, such as the 15th, that falls on a weekend. A meeting that would move to the day of another meeting
    is dropped. Skipped and dropped dates do not count as meetings.

    Raise Mistake if the series has no end, no meetings or more than 260, or if its first or last day looks like a slip.
    Raise Mistake also if its hour doesn't exist on a day when the clocks change. With `nearest_hour`, the next hour
    that exists is taken instead.
    """
    refuse_slips(rule, start)
    first = rule.begins.on_or_after(start) if rule.begins else start
    earliest = rule.first_day(start)
    ends = [until, rule.ends.on_or_after(earliest) if rule.ends else None]
    last = min((day for day in ends if day is not None), default=None)
    wanted = min((n for n in (count, rule.times) if n is not None), default=None)
    _refuse_limits(earliest, last, wanted)

    held: dict[date, Occurrence] = {}
    for meeting_on, rule_on, moved in _held(rule, earliest, first, last, definition):
        starts_at = _at(meeting_on, rule, definition, nearest_hour)
        held.setdefault(meeting_on, Occurrence(starts_at, rule_on, moved))
        if wanted is not None and len(held) == wanted:
            break
        if len(held) > MOST_MEETINGS:
            most = replace(rule, ends=None, times=MOST_MEETINGS).describe()
            raise Mistake(f'That makes more than {MOST_MEETINGS} meetings; end the series earlier, or try "{most}".')
    if not held:
        raise _without_dates(rule, earliest, first, last, definition)
    return tuple(held[day] for day in sorted(held))


def anchored(rule: Recurrence, given: Sequence[Occurrence]) -> Recurrence:
    """Return the rule with its first date fixed, so that a series continued later keeps its rhythm.

    The first date is the earliest that the rule gave, even if another meeting is held first. For instance, if the rule
    gives Friday and Saturday, and Friday's meeting is moved to after Easter, the first date is still that Friday.
    """
    return rule.anchored(min(one.rule_on for one in given))


def _refuse_limits(start: date, last: date | None, wanted: int | None) -> None:
    if wanted is None and last is None:
        raise Mistake('Say when the series ends, such as "until the end of July" or "for 12 meetings".')
    if wanted is not None and not 1 <= wanted <= MOST_MEETINGS:
        raise Mistake(f"A series has from 1 to {MOST_MEETINGS} meetings, not {wanted}.")
    if last is not None and last < start:
        raise Mistake(f"The series would end on {full_date(last)}, before it starts on {full_date(start)}.")


def _without_dates(
    rule: Recurrence, start: date, first: date, last: date | None, definition: PanelDefinition
) -> Mistake:
    """Return the error for a rule that gives no meeting: its period is too short, or each of its days is left out."""
    ahead = _held(rule, start, first, None, definition)
    soonest = next((max(meeting_on, rule_on) for meeting_on, rule_on, _ in ahead), None)
    if soonest is None or last is None:
        return Mistake(
            f'"{rule.describe()}" gives no meeting: each of its days is a bank holiday or at a weekend, and this panel '
            "leaves those out; choose another day, or another rule for bank holidays."
        )
    enough = replace(rule, ends=YearDay.of_date(soonest)).describe()
    return Mistake(
        f'"{rule.describe()}" gives no meeting from {full_date(start)} until {full_date(last)}; try "{enough}".'
    )


def _held(
    rule: Recurrence, start: date, first: date, last: date | None, definition: PanelDefinition
) -> Iterator[tuple[date, date, str | None]]:
    """Yield each meeting's day, the day that the rule gave, and the reason why these two days differ.

    The reason is None if the days are the same. A meeting that would move to another day is left out if the rule gives
    a date on that day anyway.
    """
    end = last or start + _FURTHEST
    given = _weekly if rule.unit is Unit.WEEK else _in_periods
    (dates,) = tee(given(rule, first, definition), 1)
    for rule_on in takewhile(lambda day: day <= end, dates):
        meeting_on, reason = _moved(rule_on, rule, definition)
        if meeting_on is None or not start <= meeting_on <= end or rule_on < start:
            continue
        # One copy of the iterator looks ahead, so the other still gives every date.
        if meeting_on == rule_on or meeting_on != next(day for day in copy(dates) if day >= meeting_on):
            yield meeting_on, rule_on, reason


def _moved(day: date, rule: Recurrence, definition: PanelDefinition) -> tuple[date | None, str | None]:
    subdivision = definition.bank_holiday_subdivision
    # "Saturday" means Saturday, but people who say "the 15th" have not checked its weekday.
    weekend = day.weekday() > FRIDAY and rule.picks is Picks.DAY
    holiday = is_bank_holiday(day, subdivision)
    if definition.bank_holidays == "keep" or not (weekend or holiday):
        return day, None
    reason = "bank holiday" if holiday else "weekend"
    if definition.bank_holidays == "skip":
        return None, reason
    move = next_working_day if definition.bank_holidays == "next" else previous_working_day
    return move(day, subdivision), reason


def _at(day: date, rule: Recurrence, definition: PanelDefinition, nearest_hour: bool) -> datetime:
    """Return the start of a meeting on that day in the panel's zone. If the clocks repeat the hour, take the first."""
    local = datetime.combine(day, rule.at or time.fromisoformat(definition.start))
    zone = ZoneInfo(definition.timezone)
    valid = local
    while not datetime_exists(valid, zone):
        valid += timedelta(minutes=1)
    if valid != local and not nearest_hour:
        raise Mistake(
            f"There is no {local:%H:%M} on {full_date(day)}, because the clocks go forward; "
            f"the nearest time is {valid:%H:%M}."
        )
    return valid.replace(tzinfo=zone)


def _weekly(rule: Recurrence, first: date, _: PanelDefinition) -> Iterator[date]:
    weekdays = rule.weekdays or (first.weekday(),)
    while first.weekday() not in weekdays:
        first += ONE_DAY
    # The dates have no zone on purpose: a week is seven dates, even if the clocks change. The week begins on Monday
    # here, even if a program has set another first weekday in the calendar module.
    begin = datetime.combine(first, time())
    return (day.date() for day in rrule(WEEKLY, begin, interval=rule.every, wkst=MO, byweekday=weekdays))


def _in_periods(rule: Recurrence, first: date, definition: PanelDefinition) -> Iterator[date]:
    """Yield the dates of a rule that counts in months or quarters, from `first` on.

    A rule for "every two months" counts from the first month that has a date.
    """
    opening, subdivision = period_of(rule, first), definition.bank_holiday_subdivision
    while not any(day >= first for day in _picked(rule, opening, subdivision)):
        opening += relativedelta(months=rule.unit.months)
    begin = datetime.combine(opening, time())
    for month in rrule(MONTHLY, begin, interval=rule.unit.months * rule.every):
        yield from (day for day in _picked(rule, month.date(), subdivision) if day >= first)


def _picked(rule: Recurrence, opening: date, subdivision: str) -> list[date]:
    if rule.months and opening.month not in rule.months:
        return []
    closing = opening + relativedelta(months=rule.unit.months)
    days = [opening + timedelta(days=n) for n in range((closing - opening).days)]
    if rule.picks is Picks.WORKING_DAY:
        days = [day for day in days if is_working_day(day, subdivision)]
    elif rule.picks is Picks.WEEKDAY:
        days = [day for day in days if day.weekday() in rule.weekdays]
    indices = (position - 1 if position > 0 else position for position in rule.positions)
    return sorted({days[index] for index in indices if index < len(days)})


def words_of(rule: Recurrence) -> str:
    """Return the rule in words without its first day, for the meetings that are still to come."""
    begins, weekdays = rule.begins.on() if rule.begins else None, rule.weekdays
    if rule.unit is Unit.WEEK and not weekdays and begins:
        weekdays = (begins.weekday(),)
    return replace(rule, begins=None, weekdays=weekdays).describe()


def taken_among(
    given: Collection[Occurrence], lasts: timedelta, diary: Collection[tuple[datetime, datetime]]
) -> set[datetime]:
    """Return the start times of the `given` meetings that overlap a meeting already in the diary.

    `diary` has the start and end of each meeting in the diary. The new meetings have the length `lasts`.
    """
    wanted = {one.starts_at.astimezone(UTC) for one in given}
    return {begin for begin in wanted if any(starts < begin + lasts and begin < ends for starts, ends in diary)}


class Scope(StrEnum):
    """The meetings of a series that a change affects."""

    THIS = "this"  # this meeting alone
    FOLLOWING = "following"  # this and all that follow in its series
    ALL = "all"  # every coming meeting of its series


@dataclass(frozen=True, slots=True)
class Slot:
    """A coming meeting of a series, with its id and its start. `stays` is True if a new rule must not move it."""

    meeting_id: int
    starts_at: datetime
    stays: bool  #: it was cancelled by hand, or its agenda is out: the new rule does not move it


@dataclass(frozen=True, slots=True)
class Rearrangement:
    """The result of giving a series new dates.

    Meetings are moved, kept on their date, or left over (`surplus`). A date without a meeting gets a new meeting
    (`added`).
    """

    moved: tuple[tuple[int, Occurrence], ...]
    kept: tuple[tuple[int, Occurrence], ...]  #: each meeting that keeps its date, and the new date whose place it takes
    surplus: tuple[int, ...]
    added: tuple[Occurrence, ...]


def rearrange(slots: Sequence[Slot], dates: Sequence[Occurrence]) -> Rearrangement:
    """Pair meetings with dates in order of time: the first meeting gets the first date, and so on.

    Return the result. A meeting that keeps its own date (`stays`) also uses up one new date. No other meeting gets that
    new date.
    """
    ordered = sorted(slots, key=lambda slot: slot.starts_at)
    pairs = list(zip(ordered, dates, strict=False))
    return Rearrangement(
        moved=tuple((slot.meeting_id, one) for slot, one in pairs if not slot.stays),
        kept=tuple((slot.meeting_id, one) for slot, one in pairs if slot.stays),
        surplus=tuple(slot.meeting_id for slot in ordered[len(pairs) :] if not slot.stays),
        added=tuple(dates[len(pairs) :]),
    )


def has_same_rhythm(before: Recurrence, after: Recurrence) -> bool:
    """Return whether two rules give the same number of dates in a period, so that dates can be replaced one by one."""
    first, second = (
        (rule.unit, rule.every, len(rule.positions), len(rule.weekdays), rule.months) for rule in (before, after)
    )
    return first == second


def period_of(rule: Recurrence, day: date) -> date:
    """Return the first day of the week, month or quarter that contains a day, by the unit of the rule."""
    if rule.unit is Unit.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1, month=day.month - (day.month - 1) % rule.unit.months)


def in_phase(rule: Recurrence, series_rule_on: date, definition: PanelDefinition) -> Recurrence:
    """Return the rule, made to count from the week, month or quarter that contains `series_rule_on`.

    "Every six weeks" then counts from that week. A rule that has a beginning, or gives dates in every week or month, is
    returned unchanged.
    """
    if rule.begins is not None or rule.every == 1:
        return rule
    first = occurrences(rule, start=period_of(rule, series_rule_on), count=1, definition=definition)[0].rule_on
    return replace(rule, begins=YearDay.of_date(first))
