"""Who is reminded of an action, when, and at what hours: people are chased, not hounded."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.panel_definition import ChaseLadder
from bot.domain.working_days import (
    add_working_days,
    is_working_day,
    next_working_day,
    previous_working_day,
)
from bot.models.vocabulary import ChaseStep

OPENS_AT: Final = time(9, 0)
CLOSES_AT: Final = time(17, 0)

#: Local time at which the one digest of the day goes out.
DIGEST_AT: Final = OPENS_AT


class Recipient(StrEnum):
    """Whom a rung of the ladder reaches."""

    HOLDER = "holder"  # the person who has the action now
    DEPUTY_OR_LEAD = "deputy_or_lead"  # the holder's deputy, or the agency's lead where there is none
    CHAIR = "chair"


_RECIPIENTS: Final = {
    ChaseStep.BEFORE: (Recipient.HOLDER,),
    ChaseStep.DUE: (Recipient.HOLDER,),
    ChaseStep.OVERDUE: (Recipient.HOLDER,),
    ChaseStep.DEPUTY: (Recipient.HOLDER, Recipient.DEPUTY_OR_LEAD),
    # After an outage this may be the first rung sent: nobody is taken to the chair without hearing of it.
    ChaseStep.CHAIR: (Recipient.HOLDER, Recipient.CHAIR),
}


def recipients(step: ChaseStep) -> tuple[Recipient, ...]:
    """Whom the rung reaches, the holder first."""
    return _RECIPIENTS[step]


def step_on(due_on: date, step: ChaseStep, ladder: ChaseLadder, subdivision: str = "ENG") -> date:
    """The working day on which the rung is climbed for an action due that day.

    Nobody reads a reminder on a Saturday: where the due date is no working day, the reminder "of the day"
    goes out on the working day before, while there is still time to act.
    """
    if step is ChaseStep.DUE:
        return previous_working_day(due_on, subdivision)
    days: int = getattr(ladder, step.value)
    return add_working_days(due_on, days, subdivision)


def step_reached(due_on: date, today: date, ladder: ChaseLadder, subdivision: str = "ENG") -> ChaseStep | None:
    """The highest rung reached by today, or nothing before the first.

    After an outage the caller sends this one only and counts the lower ones as passed.
    """
    reached = [step for step in ChaseStep if step_on(due_on, step, ladder, subdivision) <= today]
    return reached[-1] if reached else None


def within_working_hours(now_local: datetime, subdivision: str) -> bool:
    """Whether a message may go out at this wall-clock time: a working day, from 09:00 until before 17:00.

    `subdivision` is that of the panel whose message it is, and has no default: bank holidays differ.
    """
    return is_working_day(now_local.date(), subdivision) and OPENS_AT <= now_local.time() < CLOSES_AT


def digest_time(now_local: datetime, subdivision: str = "ENG") -> datetime:
    """The first moment from `now_local` on at which a digest may go out, in the same zone."""
    if within_working_hours(now_local, subdivision):
        return now_local
    day = now_local.date() if now_local.time() < OPENS_AT else now_local.date() + timedelta(days=1)
    return datetime.combine(next_working_day(day, subdivision), DIGEST_AT, tzinfo=now_local.tzinfo)
