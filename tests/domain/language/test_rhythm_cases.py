"""Rhythms as people write them, each with what it means to practitioners or why it is refused."""

import re
from datetime import date
from pathlib import Path

import pytest

from bot.documents.dates import dates_of
from bot.documents.panel_files import load_panel_definitions
from bot.domain.recurrence import Occurrence
from bot.errors import Mistake

ASKED_ON = date(2026, 11, 28)


def cases(file: str) -> list[list[str]]:
    """Return the rows of a file of cases: a rule, its kind, and what it means."""
    lines = (Path(__file__).parent / "cases" / file).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


CASES = cases("rhythms.tsv") + cases("rhythms_further.tsv")
FURTHER = cases("rhythms_as_typed.tsv")


def meetings_of(rule: str) -> tuple[Occurrence, ...]:
    return dates_of(rule, load_panel_definitions(), today=ASKED_ON).meetings


def offers_of(rule: str) -> list[str]:
    """Return what is offered instead of a rule that is refused."""
    with pytest.raises(Mistake, match=r'; (?:if next year is meant, )?try ".+"\.$') as refused:
        meetings_of(rule)
    return re.findall('"([^"]+)"', str(refused.value).rpartition("try ")[2])


@pytest.mark.parametrize(("rule", "days"), [(rule, days.split()) for rule, kind, days in CASES if kind == "one rule"])
def test_one_rule_has_the_days_that_people_mean(rule: str, days: list[str]) -> None:
    first = [meeting.starts_at.isoformat() for meeting in meetings_of(rule)]
    assert [found[: len(day)] for found, day in zip(first, days, strict=False)] == days


@pytest.mark.parametrize(("rule", "kind"), [(rule, kind) for rule, kind, _ in CASES if kind != "one rule"])
def test_what_is_no_rule_is_refused_with_what_would_be(rule: str, kind: str) -> None:
    assert len(offers_of(rule)) in ([2] if kind == "two readings" else [1, 2])


@pytest.mark.parametrize(
    ("rule", "first", "last", "count"),
    [(rule, *means.split()) for rule, kind, means in FURTHER if kind == "one rule"],
)
def test_a_rule_has_its_first_and_its_last_day(rule: str, first: str, last: str, count: str) -> None:
    found = [f"{meeting.starts_at:%Y-%m-%dT%H:%M}" for meeting in meetings_of(rule)]
    assert (found[0], found[-1], str(len(found))) == (first, last, count)


@pytest.mark.parametrize(
    ("rule", "kind", "offers"),
    [(rule, kind, offers.split(" | ")) for rule, kind, offers in FURTHER if kind != "one rule"],
)
def test_what_a_rule_would_have_to_cut_is_refused_with_what_it_can_say(rule: str, kind: str, offers: list[str]) -> None:
    assert offers_of(rule) == offers
    for offer in offers:
        assert meetings_of(offer)
