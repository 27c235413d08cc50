"""More time, counted from the day that is due now."""

from datetime import date

import pytest

from bot.domain.language.due_reading import DueTerms
from bot.domain.language.more_time import longer_by

DUE = date(2026, 3, 24)  # a Tuesday
TERMS = DueTerms(date(2026, 3, 17))


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("by a week", date(2026, 3, 31)),
        ("two more weeks", date(2026, 4, 7)),
        ("2 more weeks", date(2026, 4, 7)),
        ("a week longer", date(2026, 3, 31)),
        ("another week", date(2026, 3, 31)),
        ("for another fortnight", date(2026, 4, 7)),
        ("an extra 5 working days", date(2026, 3, 31)),
        ("pushed back by 2 days", date(2026, 3, 26)),
    ],
)
def test_a_count_is_added_to_the_present_day(typed: str, day: date) -> None:
    assert longer_by(typed, DUE, TERMS) == day


def test_a_time_alone_counts_from_a_day_that_has_not_passed() -> None:
    assert (longer_by("1 week", DUE, TERMS), longer_by("3 weeks", DUE, TERMS)) == (date(2026, 3, 31), date(2026, 4, 14))
    assert longer_by("1 week", DUE, DueTerms(DUE)) == date(2026, 3, 31)
    assert longer_by("1 week", DUE, DueTerms(date(2026, 3, 25))) is None


@pytest.mark.parametrize("typed", ["in 2 weeks", "by Friday", "31 March", "by 3 April", "next meeting", "soon"])
def test_any_other_phrase_is_a_day_of_its_own(typed: str) -> None:
    assert longer_by(typed, DUE, TERMS) is None
