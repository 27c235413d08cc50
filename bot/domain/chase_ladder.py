"""Who is reminded of an action, when, and at what hours: people are chased, not hounded."""

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
    """Who a rung of the ladder reaches."""

    HOLDER = "holder"  # the person who has the action now
    DEPUTY_OR_LEAD = "deputy_or_lead"  # the holder's deputy, or the agency's lead where there is none
    CHAIR = "chair"


#: The rung at which each joins: the holder hears of every rung from there on, the others of their own rung once.
#: Nobody is jumped over: where an outage let the chair's rung come first, the deputy or lead hears then too.
JOINS_AT: Final = {
    Recipient.HOLDER: ChaseStep.BEFORE,
    Recipient.DEPUTY_OR_LEAD: ChaseStep.DEPUTY,
    Recipient.CHAIR: ChaseStep.CHAIR,
}


def step_on(due_on: date, step: ChaseStep, ladder: ChaseLadder, subdivision: str = "ENG") -> date:
    """Return the working day on which a rung of the ladder is reached for an action due on a day.

    Nobody reads a reminder on a Saturday: where the due date is no working day, the reminder "of the day" goes out on
    the working day before, while there is still time to act.
    """
    if step is ChaseStep.DUE:
        return previous_working_day(due_on, subdivision)
    return add_working_days(due_on, getattr(ladder, step.value), subdivision)


@lru_cache(maxsize=1024)
def last_due_on(step: ChaseStep, today: date, ladder: ChaseLadder, subdivision: str = "ENG") -> date:
    """Return the latest due date for which the rung has been reached today.

    Later due dates reach a rung no earlier, so that this one date bounds a query for what is due.
    """
    guess = today - timedelta(days=getattr(ladder, step.value))
    return first_day(guess, lambda due_on: step_on(due_on, step, ladder, subdivision) > today) - ONE_DAY


def within_working_hours(now_local: datetime, subdivision: str) -> bool:
    """Return whether a message may go out at this wall-clock time: a working day, from 09:00 until before 17:00.

    `subdivision` is that of the panel whose message it is, and has no default: bank holidays differ.
    """
    return is_working_day(now_local.date(), subdivision) and OPENS_AT <= now_local.time() < CLOSES_AT
