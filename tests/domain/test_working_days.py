"""Working days: the published bank holidays, and arithmetic against a naive count."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.deadlines import (
    add_working_days,
    is_bank_holiday,
    is_working_day,
    next_working_day,
    previous_working_day,
    working_days_between,
)
from tests.domain.bank_holidays import ENGLAND_AND_WALES

#: Farther than any step below goes (40 working days, 90 days), so that all stay in the table: 2024 to 2036.
REACH = timedelta(days=91)
DAYS = st.dates(date(2024, 1, 1) + REACH, date(2036, 12, 31) - REACH)
modestly = settings(max_examples=60, deadline=None)


def test_bank_holidays_are_the_published_ones_for_england_and_wales() -> None:
    every_day = (date(2024, 1, 1) + timedelta(days=n) for n in range(366 + 365 + 365 + 365))
    assert {d for d in every_day if d.weekday() < 5 and is_bank_holiday(d)} == {
        d for d in ENGLAND_AND_WALES if date(2024, 1, 1) <= d <= date(2027, 12, 31)
    }


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 11, 20), True),  # a Friday
        (date(2026, 11, 21), False),  # a Saturday
        (date(2026, 4, 6), False),  # Easter Monday, which plain GB lacks
        (date(2023, 5, 8), False),  # the coronation, once only
        (date(2026, 12, 28), False),  # the substitute for Boxing Day on a Saturday
    ],
)
def test_nobody_works_at_weekends_and_bank_holidays(day: date, working: bool) -> None:
    assert is_working_day(day) is working


def test_subdivisions_have_their_own_bank_holidays() -> None:
    st_patricks_day = date(2026, 3, 17)
    assert [is_working_day(st_patricks_day, s) for s in ("ENG", "WLS", "SCT", "NIR")] == [True, True, True, False]
    assert is_working_day(date(2026, 4, 6), "SCT")  # Scotland works on Easter Monday


def test_ten_working_days_before_a_january_meeting_reach_behind_christmas() -> None:
    assert add_working_days(date(2027, 1, 12), -10) == date(2026, 12, 24)


@pytest.mark.parametrize(
    ("day", "days", "expected"),
    [
        (date(2026, 11, 21), 0, date(2026, 11, 23)),  # zero from a Saturday is the Monday
        (date(2026, 11, 20), 0, date(2026, 11, 20)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (date(2026, 11, 21), -1, date(2026, 11, 20)),
        (date(2026, 4, 2), 1, date(2026, 4, 7)),  # over Easter
    ],
)
def test_counting_starts_after_the_day_itself(day: date, days: int, expected: date) -> None:
    assert add_working_days(day, days) == expected


def test_the_day_itself_is_the_nearest_working_day_when_it_is_one() -> None:
    friday, saturday, monday = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)
    assert (next_working_day(friday), previous_working_day(friday)) == (friday, friday)
    assert (next_working_day(saturday), previous_working_day(saturday)) == (monday, friday)


@modestly
@given(day=DAYS, days=st.integers(-40, 40).filter(bool))
def test_adding_agrees_with_stepping_through_the_calendar(day: date, days: int) -> None:
    step = timedelta(days=1 if days > 0 else -1)
    naive, left = day, abs(days)
    while left:
        naive += step
        if naive.weekday() < 5 and naive not in ENGLAND_AND_WALES:
            left -= 1
    assert add_working_days(day, days) == naive
    assert working_days_between(day, naive) == days


@modestly
@given(day=DAYS, distance=st.integers(0, 90))
def test_between_counts_the_working_days_after_the_start(day: date, distance: int) -> None:
    after = [day + timedelta(days=n) for n in range(1, distance + 1)]
    counted = sum(d.weekday() < 5 and d not in ENGLAND_AND_WALES for d in after)
    assert working_days_between(day, day + timedelta(days=distance)) == counted


def test_between_is_negative_backwards_and_never_counts_the_start() -> None:
    assert working_days_between(date(2026, 11, 23), date(2026, 11, 20)) == -1
    assert working_days_between(date(2026, 11, 23), date(2026, 11, 23)) == 0
