"""The chase ladder: which people are reminded of an action, on which day and at what hours."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from bot.domain.deadlines import (
    CLOSES_AT,
    ONE_DAY,
    OPENS_AT,
    add_working_days,
    first_day,
    is_working_day,
    previous_working_day,
)
from bot.domain.panel_definition import ChaseLadder
from bot.models.vocabulary import ChaseStep


class Recipient(StrEnum):
    """The people who can be told at a step of the ladder."""

    HOLDER = "holder"  # the person who has the action now
    DEPUTY_OR_LEAD = "deputy_or_lead"  # the holder's deputy, or the agency's lead where there is none
    CHAIR = "chair"


#: The first step at which each recipient is told: the holder at this step and all later ones, the others once each.
#: Nobody is skipped: if an outage delays reminders until the chair's step, the deputy or lead is told then too.
JOINS_AT: Final = {
    Recipient.HOLDER: ChaseStep.BEFORE,
    Recipient.DEPUTY_OR_LEAD: ChaseStep.DEPUTY,
    Recipient.CHAIR: ChaseStep.CHAIR,
}


def step_on(due_on: date, step: ChaseStep, ladder: ChaseLadder, subdivision: str = "ENG") -> date:
    """Return the working day on which a step of the ladder is reached for an action due on `due_on`.

    If the due date is not a working day, the reminder for that day goes out on the working day before, when the holder
    can still act.
    """
    if step is ChaseStep.DUE:
        return previous_working_day(due_on, subdivision)
    return add_working_days(due_on, getattr(ladder, step.value), subdivision)


@lru_cache(maxsize=1024)
def last_due_on(step: ChaseStep, today: date, ladder: ChaseLadder, subdivision: str = "ENG") -> date:
    """Return the latest due date of an action that has reached this step of the ladder by `today`.

    Every earlier due date has reached the step too, so a query can use this date as its bound.
    """
    guess = today - timedelta(days=getattr(ladder, step.value))
    return first_day(guess, lambda due_on: step_on(due_on, step, ladder, subdivision) > today) - ONE_DAY


def within_working_hours(now_local: datetime, subdivision: str) -> bool:
    """Return whether a message may go out at this local time: on a working day, from 09:00 until before 17:00.

    `subdivision` is the part of the country to which the sending panel belongs. Bank holidays depend on it, so every
    caller must give it.
    """
    return is_working_day(now_local.date(), subdivision) and OPENS_AT <= now_local.time() < CLOSES_AT
