"""Slips in a rule that are seen once it is known from when its dates are asked for."""

from datetime import date
from typing import Any

import pytest

from bot.domain.language.rhythm_words import parse_rule
from bot.domain.recurrence import occurrences
from bot.errors import Mistake
from tests.domain.definitions import a_definition
from tests.domain.offers import offers_in

TODAY = date(2027, 1, 4)


@pytest.mark.parametrize(
    ("words", "limits", "sentence"),
    [
        (
            "every Monday",
            {},
            'Say when the series ends, such as "until the end of July" or "for 12 meetings".',
        ),
        ("every Monday", {"count": 0}, "A series has from 1 to 260 meetings, not 0."),
        ("every Monday", {"count": 261}, "A series has from 1 to 260 meetings, not 261."),
        (
            "every Monday",
            {"until": date(2026, 12, 31)},
            "The series would end on Thursday 31 December 2026, before it starts on Monday 4 January 2027.",
        ),
        (
            "every Monday until 3 March 2026",
            {},
            "The series would end on Tuesday 3 March 2026, before it starts on Monday 4 January 2027; "
            'try "every Monday until 3 March 2027".',
        ),
        (
            "every Friday until 6 January",
            {},
            '"every Friday until 6 January" gives no meeting from Monday 4 January 2027 until Wednesday 6 January '
            '2027; try "every Friday until 8 January 2027".',
        ),
        (
            "every Friday from 6 January until 5 January 2027",
            {},
            "The series would end on Tuesday 5 January 2027, before it starts on Wednesday 6 January 2027; "
            'try "every Friday from 6 January until 5 January 2028".',
        ),
        (
            "every 6 weeks from Tuesday 7 April",
            {},
            "7 April 2027 is a Wednesday, not a Tuesday; "
            'try "every 6 weeks from 6 April 2027" or "every 6 weeks from 7 April 2027".',
        ),
        (
            "every Friday until Tuesday 7 April",
            {},
            "7 April 2027 is a Wednesday, not a Tuesday; "
            'try "every Friday until 6 April 2027" or "every Friday until 7 April 2027".',
        ),
        (
            "every 6 weeks from 10 December",
            {},
            "Thursday 10 December 2026 has gone by; say from which year the series counts; "
            'try "every 6 weeks from 10 December 2026" or "every 6 weeks from 10 December 2027".',
        ),
        (
            "every 6 weeks from Thursday 10 December",
            {},
            "Thursday 10 December 2026 has gone by; say from which year the series counts; "
            'try "every 6 weeks from 10 December 2026".',
        ),
        (
            "every Tuesday until 1 January",
            {},
            "The series would end on Friday 1 January 2027, before it starts on Monday 4 January 2027; "
            'if next year is meant, try "every Tuesday until 1 January 2028".',
        ),
        (
            "every Monday",
            {"until": date(2037, 1, 1)},
            'That makes more than 260 meetings; end the series earlier, or try "every Monday for 260 meetings".',
        ),
    ],
)
def test_a_series_without_sensible_limits_is_refused(words: str, limits: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Mistake) as refused:
        occurrences(parse_rule(words), start=TODAY, definition=a_definition(), **limits)
    assert str(refused.value) == sentence
    if not limits and "; try" in sentence:
        for offer in offers_in(sentence):
            assert occurrences(parse_rule(offer), start=TODAY, count=1, definition=a_definition())


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("every Monday from 5 July", "Mon 05 Jul 2027"),  # nearer than that of last year
        ("every Monday from 4 January", "Mon 04 Jan 2027"),  # today
        ("every Monday from 3 July 2026", "Mon 04 Jan 2027"),
        ("every week from Tuesday 5 January", "Tue 05 Jan 2027"),
    ],
)
def test_a_first_day_without_its_year_is_the_next_unless_it_has_just_gone_by(words: str, first: str) -> None:
    (meeting,) = occurrences(parse_rule(words), start=TODAY, count=1, definition=a_definition())
    assert f"{meeting.starts_at:%a %d %b %Y}" == first
