"""A series under a new rule: its k-th meeting goes to the k-th new date, so that meetings keep what hangs on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.language.rhythm_rule import Recurrence, Unit
from bot.domain.recurrence import Occurrence


class Scope(StrEnum):
    """How far a change by hand reaches."""

    THIS = "this"  # this meeting alone
    FOLLOWING = "following"  # this and all that follow in its series
    ALL = "all"  # every coming meeting of its series


@dataclass(frozen=True, slots=True)
class Slot:
    """One meeting of a series that is to come."""

    meeting_id: int
    starts_at: datetime
    stays: bool  #: it was cancelled by hand, or its agenda is out: the new rule does not move it


@dataclass(frozen=True, slots=True)
class Rearrangement:
    """What becomes of each slot, and which dates are without one."""

    moved: tuple[tuple[int, Occurrence], ...]
    kept: tuple[tuple[int, Occurrence], ...]  #: stays where it is, in the place of this date
    surplus: tuple[int, ...]
    added: tuple[Occurrence, ...]


def rearrange(slots: Sequence[Slot], dates: Sequence[Occurrence]) -> Rearrangement:
    """Pair the slots with the dates in order; one that stays takes up its date: nothing is made there."""
    ordered = sorted(slots, key=lambda slot: slot.starts_at)
    pairs = list(zip(ordered, dates, strict=False))
    return Rearrangement(
        moved=tuple((slot.meeting_id, one) for slot, one in pairs if not slot.stays),
        kept=tuple((slot.meeting_id, one) for slot, one in pairs if slot.stays),
        surplus=tuple(slot.meeting_id for slot in ordered[len(pairs) :] if not slot.stays),
        added=tuple(dates[len(pairs) :]),
    )


def has_same_rhythm(before: Recurrence, after: Recurrence) -> bool:
    """Whether both rules give equally many dates in equal time: the k-th of one stands for that of the other."""
    return (before.unit, before.every, len(before.positions), len(before.weekdays), before.months) == (
        after.unit,
        after.every,
        len(after.positions),
        len(after.weekdays),
        after.months,
    )


def period_of(rule: Recurrence, day: date) -> date:
    """The first day of the week, month or quarter that a day lies in: from there a new rule may give its date."""
    if rule.unit is Unit.WEEK:
        return day - timedelta(days=day.weekday())
    months = 3 if rule.unit is Unit.QUARTER else 1
    return day.replace(day=1, month=day.month - (day.month - 1) % months)
