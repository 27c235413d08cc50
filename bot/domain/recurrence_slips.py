"""Slips in the first or last day of a rule, which are seen once it is known from when its dates are asked for."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from bot.domain.day_words import full_date
from bot.domain.recurrence_clauses import nearest_weekday, not_that_weekday
from bot.domain.recurrence_rule import Recurrence, YearDay
from bot.domain.typed_words import alternatives
from bot.errors import Mistake

_JUST_NOW: Final = timedelta(days=31)


def refuse_slips(rule: Recurrence, start: date) -> None:
    """Raise Mistake for a day that has gone by, that is another weekday, or an end before the beginning."""
    if rule.begins is not None:
        _refuse_begin_gone_by(rule, rule.begins, start)
        _refuse_other_weekday(rule, "begins", rule.begins, start)
    if rule.ends is None:
        return
    first = max(start, rule.begins.on_or_after(start)) if rule.begins else start
    _refuse_other_weekday(rule, "ends", rule.ends, first)
    last = rule.ends.on_or_after(first)
    if rule.ends.year is None and last.year > first.year:
        _refuse_end_of_another_year(rule, rule.ends, first, last)
    if last < first:
        later = replace(rule.ends, year=None).settled(first)
        raise Mistake(
            f"The series would end on {full_date(last)}, before it starts on {full_date(first)}; "
            f'try "{replace(rule, ends=later).describe()}".'
        )


def _refuse_begin_gone_by(rule: Recurrence, begins: YearDay, start: date) -> None:
    """A first day without its year that went by just now: it may be meant, or next year's, or be a slip.

    Longer ago, the next one is meant, and the rule is said back with its year.
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
    """An end without its year, gone by in the year of the start: next year may be meant, or a slip."""
    gone = ends.on_or_after(first.replace(month=1, day=1))
    was = f"{full_date(gone)}, before" if gone < first else f"{full_date(last)}, in another year than"
    raise Mistake(
        f"The series would end on {was} it starts on {full_date(first)}; "
        f'if next year is meant, try "{replace(rule, ends=replace(ends, year=last.year)).describe()}".'
    )


def _refuse_other_weekday(rule: Recurrence, part: str, day: YearDay, earliest: date) -> None:
    """A weekday beside a day whose year was open: in the year that is meant the two must agree."""
    if day.weekday is None:
        return
    on = day.on_or_after(earliest)
    if on.weekday() == day.weekday:
        return
    offers = [YearDay(each.month, each.day, each.year) for each in (nearest_weekday(on, day.weekday), on)]
    rules = (replace(rule, begins=offer) if part == "begins" else replace(rule, ends=offer) for offer in offers)
    raise Mistake(f"{not_that_weekday(on, day.weekday)}; try {alternatives(each.describe() for each in rules)}.")
