"""Working days, a meeting's deadlines before and after it, and free times near it.

Working days are Monday to Friday without bank holidays, for England, Wales, Scotland or Northern Ireland.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import cache, lru_cache
from itertools import islice
from typing import Final

# Loaded here, since the first command of a process would otherwise wait 0.2 s for it.
import holidays.countries

from bot.domain.panel_definition import PanelDefinition

ONE_DAY = timedelta(days=1)
FRIDAY = 4
OPENS_AT: Final = time(9)  #: people's working hours; a meeting ends before they do
CLOSES_AT: Final = time(17)


@cache
def _bank_holidays(subdivision: str, year: int) -> frozenset[date]:
    # Plain "GB" lacks Easter Monday, so the subdivision is never left out.
    return frozenset(holidays.country_holidays("GB", subdiv=subdivision, years=year))


def is_bank_holiday(day: date, subdivision: str = "ENG") -> bool:
    """Return whether the day is a bank holiday. Substitute days count."""
    return day in _bank_holidays(subdivision, day.year)


def is_working_day(day: date, subdivision: str = "ENG") -> bool:
    """Return whether the day is a working day: from Monday to Friday, and not a bank holiday."""
    return day.weekday() <= FRIDAY and not is_bank_holiday(day, subdivision)


def next_working_day(day: date, subdivision: str = "ENG") -> date:
    """Return the day itself if it is a working day, else the first one after it."""
    while not is_working_day(day, subdivision):
        day += ONE_DAY
    return day


def previous_working_day(day: date, subdivision: str = "ENG") -> date:
    """Return the day itself if it is a working day, else the last one before it."""
    while not is_working_day(day, subdivision):
        day -= ONE_DAY
    return day


@lru_cache(maxsize=4096)
def add_working_days(day: date, days: int, subdivision: str = "ENG") -> date:
    """Return the working day that is `days` working days after `day`, or before it if `days` is negative.

    `day` itself is not counted, so one working day after a Saturday is the Monday. With zero `days`, return `day`
    itself or, if it is no working day, the next one.
    """
    if days == 0:
        return next_working_day(day, subdivision)
    step, move = (ONE_DAY, next_working_day) if days > 0 else (-ONE_DAY, previous_working_day)
    for _ in range(abs(days)):
        day = move(day + step, subdivision)
    return day


def working_days_between(start: date, end: date, subdivision: str = "ENG") -> int:
    """Return the number of working days after `start` up to and including `end`.

    The number is negative if `end` is earlier than `start`.
    """
    step, sign = (ONE_DAY, 1) if end >= start else (-ONE_DAY, -1)
    count = 0
    while start != end:
        start += step
        count += is_working_day(start, subdivision)
    return sign * count


def first_day(guess: date, holds: Callable[[date], bool]) -> date:
    """Return the first day on which `holds` is true, if `holds` is false before that day and true from then on.

    The search starts at `guess`, which should be at most a few days away from the result.
    """
    while holds(guess - ONE_DAY):
        guess -= ONE_DAY
    while not holds(guess):
        guess += ONE_DAY
    return guess


_BEFORE: Final = frozenset({"flags_open", "flags_close", "triage", "agenda", "returns"})


@dataclass(frozen=True, slots=True)
class MeetingDeadlines:
    """The deadlines of one meeting, earliest first. Each is a working day."""

    flags_open: date  #: representatives are asked for cases
    flags_close: date  #: later flags need the chair's yes
    triage: date  #: the chair accepts, defers or signposts
    agenda: date  #: the agenda is circulated and returns are asked for
    returns: date  #: each agency has said what it will bring
    summary: date  #: decisions and actions are out
    draft_minutes: date  #: the chair has a draft
    approved_minutes: date  #: approved and circulated


def returns_due_on(deadline: date, meeting_on: date, published_on: date | None, subdivision: str = "ENG") -> date:
    """Return the day by which returns to a meeting are due, which is the deadline unless the agenda came out after it.

    Then they are due on the next working day after the agenda came out, and at the latest on the day of the meeting.
    """
    if published_on is None or published_on <= deadline:
        return deadline
    return min(add_working_days(published_on, 1, subdivision), meeting_on)


def meeting_deadlines(definition: PanelDefinition, meeting_on: date) -> MeetingDeadlines:
    """Return a meeting's deadlines, counted in working days from the day of the meeting as the definition says.

    The day of the meeting itself is not counted. A deadline of zero days is the day of the meeting. If the meeting is
    not on a working day, deadlines before the meeting move to the working day before. Deadlines after the meeting move
    to the next working day.
    """
    subdivision = definition.bank_holiday_subdivision
    eve = previous_working_day(meeting_on, subdivision)

    def falls_on(name: str, days: int) -> date:
        return eve if days == 0 and name in _BEFORE else add_working_days(meeting_on, days, subdivision)

    return MeetingDeadlines(**{name: falls_on(name, days) for name, days in definition.deadlines.model_dump().items()})


def last_day_reached(definition: PanelDefinition, deadline: str, today: date) -> date:
    """Return the latest day of a meeting for which the deadline named `deadline` may have come by `today`.

    `deadline` is a field of MeetingDeadlines. The returned day may be a few days too late, but never too early.
    """
    days: int = getattr(definition.deadlines, deadline)
    subdivision = definition.bank_holiday_subdivision
    if days > 0:
        return today
    # For a meeting on the n-th working day from today, the deadline n working days before it has come. For a later
    # meeting it has not.
    return add_working_days(today, max(-days, 1), subdivision)


def ask_again_on(asked_on: date, agenda_on: date, meeting_on: date, subdivision: str) -> date | None:
    """Return the day from which members without an answer are asked once more, or None if it is too late to ask.

    Members are asked again on the day on which the agenda goes out, but at the latest on the working day before the
    meeting. A member who was invited late gets two working days to answer, or one if the meeting is that near. No one
    is asked after the day of the meeting.
    """
    the_day_before = add_working_days(meeting_on, -1, subdivision)
    tomorrow, time_to_answer = (add_working_days(asked_on, days, subdivision) for days in (1, 2))
    day = max(min(agenda_on, the_day_before), min(time_to_answer, the_day_before), tomorrow)
    return day if day <= meeting_on else None


_RUNS_EMPTY: Final = timedelta(days=28)  # a diary that ends sooner is shown as running empty


class Lateness(Enum):
    """The kinds of delay with a panel's meetings, such as late minutes, as shown to the person who keeps the diary."""

    TRIAGE = "triage"  # the cut-off for flags has passed, and some need triage
    AGENDA = "agenda"  # not published at its deadline
    SUMMARY = "summary"  # decisions and actions are not out: nobody has drafted yet
    DRAFT = "draft"  # nobody has drafted, and the deadline of the draft minutes has passed
    APPROVAL = "approval"  # a draft that the chair has not approved in time
    RECEIPT = "receipt"  # members have not acknowledged approved minutes
    NOT_HELD = "not held"  # the meeting is over, was never opened, and nobody recorded what happened
    EMPTY = "empty"  # hardly a meeting is left in the diary


def late_before_meeting(
    dates: MeetingDeadlines, today: date, *, waits: bool, has_agenda: bool
) -> list[tuple[Lateness, date]]:
    """Return what is late before a meeting, each with its deadline: triage, the agenda, both or neither.

    `waits` says whether flags need triage by the chair.
    """
    found = []
    if waits and dates.flags_close < today:
        found.append((Lateness.TRIAGE, dates.flags_close))
    if not has_agenda and dates.agenda <= today:
        found.append((Lateness.AGENDA, dates.agenda))
    return found


def late_after_meeting(dates: MeetingDeadlines, today: date, *, is_drafted: bool) -> tuple[Lateness, date] | None:
    """Return what is late after a meeting was held, such as its draft minutes, with the deadline.

    Return None if nothing is late.
    """
    if is_drafted:
        return (Lateness.APPROVAL, dates.approved_minutes) if dates.approved_minutes <= today else None
    if dates.draft_minutes <= today:
        return Lateness.DRAFT, dates.draft_minutes
    return (Lateness.SUMMARY, dates.summary) if dates.summary <= today else None


def runs_empty(last_at: datetime | None, now: datetime) -> bool:
    """Return whether the diary has no meeting later than four weeks from now.

    `last_at` is when the diary's last meeting begins, or None if there is no meeting.
    """
    return last_at is None or last_at <= now + _RUNS_EMPTY


FREE_TIMES: Final = 3  # enough to choose from, few enough to read
_FURTHEST: Final = 10  # working days to either side
_STEP: Final = timedelta(minutes=30)


def free_times(
    starts_at: datetime, lasts: timedelta, is_free: Callable[[datetime, datetime], bool], subdivision: str
) -> tuple[datetime, ...]:
    """Return up to three free times near `starts_at`: one on the same day, the others at the same hour on other days.

    All of them are on working days.
    """
    same_day = islice((at for at in _other_hours(starts_at, lasts) if is_free(at, at + lasts)), 1)
    days = (at for at in _other_days(starts_at, subdivision) if is_free(at, at + lasts))
    found = list(same_day) if is_working_day(starts_at.date(), subdivision) else []
    return tuple(sorted([*found, *islice(days, FREE_TIMES - len(found))]))


def _other_hours(starts_at: datetime, lasts: timedelta) -> list[datetime]:
    opening, closing = (datetime.combine(starts_at.date(), at) for at in (OPENS_AT, CLOSES_AT))
    hours = [opening + step * _STEP for step in range((closing - lasts - opening) // _STEP + 1)]
    return sorted((hour for hour in hours if hour != starts_at), key=lambda hour: (abs(hour - starts_at), hour))


def _other_days(starts_at: datetime, subdivision: str) -> Iterator[datetime]:
    for days in range(1, _FURTHEST + 1):
        for step in (days, -days):
            day = add_working_days(starts_at.date(), step, subdivision)
            yield datetime.combine(day, starts_at.time())
