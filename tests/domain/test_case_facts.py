"""Risk levels and how long things stay fresh."""

from datetime import date

import pytest

from bot.domain.case_facts import is_repeat, is_stale


@pytest.mark.parametrize(
    ("assessed_on", "last_fresh_day"),
    [
        (date(2026, 8, 22), date(2026, 11, 22)),
        (date(2026, 8, 31), date(2026, 11, 30)),  # November has no 31st
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
    ],
)
def test_an_assessment_is_stale_the_day_after_three_months(assessed_on: date, last_fresh_day: date) -> None:
    the_day_after = date.fromordinal(last_fresh_day.toordinal() + 1)
    assert [is_stale(assessed_on, day, 3) for day in (last_fresh_day, the_day_after)] == [False, True]


def test_an_assessment_that_was_never_made_is_stale() -> None:
    assert is_stale(None, date(2026, 11, 22), 3)


def test_a_case_heard_a_year_ago_to_the_day_is_a_repeat_and_the_next_day_not() -> None:
    heard = date(2025, 11, 22)
    assert [is_repeat(heard, date(2026, 11, day), 12) for day in (22, 23)] == [True, False]
    assert not is_repeat(None, date(2026, 11, 22), 12)
