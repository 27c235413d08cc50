"""Emoji, which are overlooked where days and numbers are read."""

import pytest

from bot.domain.language.due_phrases import recognises
from bot.domain.language.due_sentences import split_due
from bot.domain.language.pictures import without_first_pictures, without_last_pictures, without_pictures


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("Friday \U0001f44d", "Friday"),
        ("Friday\U0001f44d\U0001f3fd", "Friday"),
        ("Friday \u2764\ufe0f", "Friday"),
        ("Friday :blush:", "Friday"),
        ("Friday :+1::skin-tone-3:", "Friday"),
        ("\U0001f600 Friday", "Friday"),
        ("12:30:00", "12:30:00"),
        ("case:WEST-0001", "case:WEST-0001"),
        ("note: see :", "note: see :"),
    ],
)
def test_emoji_and_their_names_are_left_out(typed: str, left: str) -> None:
    assert without_pictures(typed) == left


def test_those_elsewhere_are_kept() -> None:
    assert without_last_pictures("\U0001f600 rang mum \U0001f600 :blush:") == "\U0001f600 rang mum"
    assert without_first_pictures("\U0001f600 :blush: rang mum \U0001f600") == "rang mum \U0001f600"


@pytest.mark.parametrize(
    "phrase", ["mon 13 apr \U0001f44d", "by 5pm Friday :blush:", "next meeting \U0001f64f\U0001f3fb"]
)
def test_a_day_is_read_beside_them(phrase: str) -> None:
    assert recognises(phrase)
    assert split_due(f"send it {phrase}", without_by=True)[1] is not None
