"""Rhythms as people write them, each with what it means to practitioners or why it is refused."""

from datetime import date
from pathlib import Path

import pytest

from bot.documents.dates import dates_of
from bot.documents.panel_files import load_panel_definitions
from bot.errors import Mistake

ASKED_ON = date(2026, 11, 28)
#: A rule, its kind, and the first days that it means.
CASES = [
    line.split("\t")
    for line in (Path(__file__).parent / "cases" / "rhythms.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
#: Read as the weekday of the day on which it is asked for, which the preview shows.
TAKES_THE_DAY = "6 weekly"
#: A position from the end other than the last is refused.
NO_POSITION = "second last Friday of the month"


def first_days(rule: str) -> list[str]:
    """The first three meetings of a rule, as ISO times."""
    found = dates_of(rule, load_panel_definitions(), today=ASKED_ON)
    return [meeting.starts_at.isoformat() for meeting in found.meetings[:3]]


@pytest.mark.parametrize(("rule", "days"), [(rule, days.split()) for rule, kind, days in CASES if kind == "one rule"])
def test_one_rule_has_the_days_that_people_mean(rule: str, days: list[str]) -> None:
    if rule == NO_POSITION:
        with pytest.raises(Mistake):
            first_days(rule)
        return
    assert [found[: len(day)] for found, day in zip(first_days(rule), days, strict=False)] == days


@pytest.mark.parametrize(("rule", "kind"), [(rule, kind) for rule, kind, _ in CASES if kind != "one rule"])
def test_what_is_no_rule_is_refused_with_what_would_be(rule: str, kind: str) -> None:
    if rule == TAKES_THE_DAY:
        assert len(first_days(rule)) == 3
        return
    with pytest.raises(Mistake, match=r'; try ".+"\.$') as refused:
        first_days(rule)
    if kind == "two readings":
        assert str(refused.value).count('" or "') == 1
