"""How often a child was missing, read from words behind a case reference."""

import pytest

from bot.domain.language.case_words import missing_episodes


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("missing 3 times this month", "3"),
        ("missing twice since Friday", "2"),
        ("missing x4", "4"),
        ("gone missing four times", "4"),
        ("3 missing episodes", "3"),
        ("two mispers last week", "2"),
        ("missing 3 times, 3 missing episodes", "3"),
        ("missing 3 days", ""),
        ("missing since 3 May", ""),
        ("not missing 3 times", ""),
        ("missing twice or 3 missing episodes", ""),
        ("older friends", ""),
    ],
)
def test_missing_episodes_are_counted_where_the_words_are_clear(typed: str, said: str) -> None:
    assert missing_episodes(typed) == said
