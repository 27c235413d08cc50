"""Risk levels and how long an assessment and a hearing stay fresh, in calendar months."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from bot.errors import Mistake
from bot.models.vocabulary import RiskLevel

_ONE_DAY = timedelta(days=1)


def _months_after(day: date, months: int) -> date:
    # The same day of a later month, or that month's last day: 30 November plus three months is 28 February.
    return day + relativedelta(months=months)


def is_stale(assessed_on: date | None, on: date, months: int) -> bool:
    """Whether an assessment is older than that many calendar months; one that was never made is.

    SERAF guidance repeats at least every three months (also Jay recommendation 1); on the very day it is
    still fresh.
    """
    return assessed_on is None or _months_after(assessed_on, months) < on


def fresh_from(on: date, months: int) -> date:
    """Return the earliest day of assessment that is not stale yet on that day, as `is_stale` has it."""
    day = on - relativedelta(months=months)
    while not is_stale(day - _ONE_DAY, on, months):
        day -= _ONE_DAY
    while is_stale(day, on, months):
        day += _ONE_DAY
    return day


def is_repeat(last_heard_on: date | None, on: date, months: int) -> bool:
    """Whether a case was heard within that many calendar months before the day, the limits included."""
    return last_heard_on is not None and _months_after(last_heard_on, months) >= on


def seraf_level(score: int) -> RiskLevel:
    """The level of a SERAF score: 0–5 not at risk, 6–10 mild, 11–15 moderate, 16 and over significant.

    `Mistake` for a negative score. Source: the scoring key of the SERAF form.
    """
    if score < 0:
        raise Mistake("A SERAF score is 0 or more.", field="score")
    if score <= 5:
        return RiskLevel.NOT_AT_RISK
    if score <= 10:
        return RiskLevel.STANDARD
    return RiskLevel.MEDIUM if score <= 15 else RiskLevel.HIGH
