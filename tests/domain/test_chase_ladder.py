"""Reminders: who, when, and never out of hours."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.chase_ladder import JOINS_AT, Recipient, last_due_on, step_on, within_working_hours
from bot.domain.panel_definition import ChaseLadder
from bot.models.vocabulary import ChaseStep

LONDON = ZoneInfo("Europe/London")
LADDER = ChaseLadder()
DUE = date(2026, 11, 27)  # a Friday


def _reached(due_on: date, today: date, ladder: ChaseLadder) -> ChaseStep | None:
    """Return the highest rung whose last due date is not before this one."""
    reached = [step for step in ChaseStep if due_on <= last_due_on(step, today, ladder)]
    return reached[-1] if reached else None


def test_the_ladder_is_climbed_in_working_days() -> None:
    climbed = [_reached(DUE, date(2026, 11, 23) + timedelta(days=n), LADDER) for n in range(13)]
    assert climbed == [
        None,  # Monday
        ChaseStep.BEFORE,  # Tuesday, three working days before
        ChaseStep.BEFORE,
        ChaseStep.BEFORE,
        ChaseStep.DUE,  # Friday, the day itself
        ChaseStep.DUE,  # the weekend adds nothing
        ChaseStep.DUE,
        ChaseStep.OVERDUE,  # Monday
        ChaseStep.OVERDUE,
        ChaseStep.DEPUTY,  # Wednesday
        ChaseStep.DEPUTY,
        ChaseStep.CHAIR,  # Friday
        ChaseStep.CHAIR,
    ]


def test_after_a_long_outage_only_the_highest_rung_is_due() -> None:
    assert _reached(DUE, date(2027, 3, 1), LADDER) == ChaseStep.CHAIR


def test_an_action_due_at_a_weekend_is_recalled_on_the_friday_and_overdue_on_the_monday() -> None:
    saturday = date(2026, 11, 28)
    assert [step_on(saturday, step, LADDER) for step in ChaseStep] == [
        date(2026, 11, 25),
        date(2026, 11, 27),
        date(2026, 11, 30),
        date(2026, 12, 2),
        date(2026, 12, 4),
    ]


def test_a_panel_may_climb_faster_by_its_own_calendar() -> None:
    brisk = ChaseLadder(before=-1, overdue=1, deputy=2, chair=3)
    assert step_on(date(2026, 3, 16), ChaseStep.OVERDUE, brisk, "NIR") == date(2026, 3, 18)
    assert _reached(DUE, date(2026, 12, 2), brisk) == ChaseStep.CHAIR


@pytest.mark.parametrize("subdivision", ["ENG", "SCT", "NIR"])
@pytest.mark.parametrize("ladder", [LADDER, ChaseLadder(before=-20, overdue=20, deputy=40, chair=60)])
def test_the_last_due_date_of_a_rung_parts_those_that_reached_it_from_those_that_did_not(
    ladder: ChaseLadder, subdivision: str
) -> None:
    for n in range(60):  # over Christmas
        today = date(2026, 11, 20) + timedelta(days=n)
        for step in ChaseStep:
            last = last_due_on(step, today, ladder, subdivision)
            days = [last + timedelta(days=n) for n in range(-20, 21)]
            assert [step_on(day, step, ladder, subdivision) <= today for day in days] == [day <= last for day in days]


def test_each_recipient_joins_at_a_rung_of_their_own() -> None:
    assert JOINS_AT == {
        Recipient.HOLDER: ChaseStep.BEFORE,
        Recipient.DEPUTY_OR_LEAD: ChaseStep.DEPUTY,
        Recipient.CHAIR: ChaseStep.CHAIR,
    }


@pytest.mark.parametrize(
    ("now", "may_send"),
    [
        ("2026-11-27 08:59", False),
        ("2026-11-27 09:00", True),
        ("2026-11-27 16:59", True),
        ("2026-11-27 17:00", False),  # Friday evening → Monday
        ("2026-11-28 12:00", False),
        ("2026-12-24 18:00", False),  # over Christmas and its substitute day
        ("2026-03-27 18:00", False),  # over the clock change
    ],
)
def test_a_digest_waits_for_working_hours(now: str, may_send: bool) -> None:
    local = datetime.fromisoformat(now).replace(tzinfo=LONDON)
    assert within_working_hours(local, "ENG") is may_send
