"""The dates of a rule on the command line: what they are, why one moved, and what would be right instead."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from bot.documents.dates import as_json, as_lines, dates_of
from bot.domain.panel_definition import PanelDefinition
from bot.errors import Mistake
from tests.domain.offers import offers_in

TODAY = date(2026, 4, 1)


def found(panel_definitions: Mapping[str, PanelDefinition], words: str, **asked: Any) -> Any:
    return dates_of(words, panel_definitions, today=TODAY, **asked)


def test_the_table_says_why_a_date_moved(panel_definitions: Mapping[str, PanelDefinition]) -> None:
    dates = found(panel_definitions, "first Monday of the month at 9.30", count="2")
    assert as_lines(dates, None) == [
        "first Monday of the month at 09:30",
        "Deadlines as for District Operational MET.",
        "For another kind of panel, add --definition KEY.",
        "",
        "meeting                 flags open  flags close  triage      agenda      returns     summary     "
        "draft minutes  approved minutes",
        "Tue  7 Apr 2026, 09:30  Fri 13 Mar  Fri 20 Mar   Tue 24 Mar  Fri 27 Mar  Wed  1 Apr  Wed  8 Apr  "
        "Tue 14 Apr     Tue 21 Apr        instead of Mon  6 Apr: bank holiday",
        "Tue  5 May 2026, 09:30  Mon 13 Apr  Mon 20 Apr   Wed 22 Apr  Mon 27 Apr  Thu 30 Apr  Wed  6 May  "
        "Tue 12 May     Tue 19 May        instead of Mon  4 May: bank holiday",
    ]


def test_a_chosen_kind_of_panel_is_named_without_the_hint(panel_definitions: Mapping[str, PanelDefinition]) -> None:
    dates = found(panel_definitions, "first Monday of the month at 9.30", count="1", definition="mase")
    assert as_lines(dates, None)[:3] == [
        "first Monday of the month at 09:30",
        "Deadlines as for Multi-Agency Sexual Exploitation panel.",
        "",
    ]


@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_narrow_terminal_gets_paragraphs_that_fit(
    panel_definitions: Mapping[str, PanelDefinition], width: int
) -> None:
    lines = as_lines(found(panel_definitions, "first Monday of the month at 9.30"), width)
    assert max(len(line) for line in lines) <= max(width, 60)
    assert sum("instead of" in line for line in lines) == 2


def test_programs_get_offsets_and_dates(panel_definitions: Mapping[str, PanelDefinition]) -> None:
    listed = json.loads(as_json(found(panel_definitions, "2nd Tue at 2pm", start="2026-10-01", count="2")))
    assert [one["starts_at"] for one in listed] == ["2026-10-13T14:00:00+01:00", "2026-11-10T14:00:00+00:00"]
    assert listed[0]["deadlines"] == {
        "flags_open": "2026-09-22",
        "flags_close": "2026-09-29",
        "triage": "2026-10-01",
        "agenda": "2026-10-06",
        "returns": "2026-10-09",
        "summary": "2026-10-14",
        "draft_minutes": "2026-10-20",
        "approved_minutes": "2026-10-27",
    }


@pytest.mark.parametrize(
    ("words", "count"), [("every Tuesday", 12), ("every Tuesday for 3 meetings", 3), ("every Tuesday until July", 17)]
)
def test_twelve_unless_the_rule_says(panel_definitions: Mapping[str, PanelDefinition], words: str, count: int) -> None:
    assert len(found(panel_definitions, words).meetings) == count


@pytest.mark.parametrize(
    ("words", "asked", "sentence"),
    [
        ("every Tuesday", {"count": "0"}, "A series of zero meetings has no dates; try --count 1"),
        ("every Tuesday", {"count": "-3"}, "A series has from 1 to 260 meetings, not -3; try --count 1."),
        ("every Tuesday", {"count": "1e3"}, '--count takes a whole number, not "1e3"; try --count 12.'),
        (
            "every Tuesday",
            {"start": "2026-02-31"},
            "There is no 2026-02-31: February 2026 has 28 days; try --from 2026-02-28.",
        ),
        (
            "every Tuesday",
            {"start": "2026-13-01"},
            "There is no 2026-13-01: a year has 12 months; try --from 2026-12-01.",
        ),
        (
            "every Tuesday",
            {"start": "3/3/26"},
            '--from takes a day as year-month-day, not "3/3/26"; try --from 2026-04-01.',
        ),
        (
            "last Sunday of March at 01:30",
            {"start": "2026-03-01"},
            "There is no 01:30 on Sunday 29 March 2026, because the clocks go forward; the nearest time is 02:00.",
        ),
        (
            "weekly on Wednesdays until March",
            {"start": "2026-06-01"},
            "The series would end on Tuesday 31 March 2026, before it starts on Monday 1 June 2026; "
            'if next year is meant, try "every Wednesday until the end of March 2027".',
        ),
        ("every Tuesday", {"start": "0000-00-00"}, "0000-00-00 is out of reach; try --from 2026-04-01."),
        (
            "every Tuesday",
            {"start": "2026-00-40"},
            "There is no 2026-00-40: a year has 12 months; try --from 2026-01-31.",
        ),
        (
            "every 6 weeks on Tuesday",
            {"start": "2026-02-30"},
            "There is no 2026-02-30: February 2026 has 28 days; try --from 2026-02-28.",
        ),
        (
            "every 6 weeks from 3 March",
            {"start": "2026-03-10"},
            "Tuesday 3 March 2026 has gone by; say from which year the series counts; "
            'try "every 6 weeks from 3 March 2026" or "every 6 weeks from 3 March 2027".',
        ),
    ],
)
def test_what_cannot_be_is_answered_with_what_would_be_right(
    panel_definitions: Mapping[str, PanelDefinition], words: str, asked: dict[str, str], sentence: str
) -> None:
    with pytest.raises(Mistake) as refused:
        found(panel_definitions, words, **asked)
    assert str(refused.value).startswith(sentence)
    for offered in re.findall(r"try --from ([0-9-]+)", sentence):
        assert found(panel_definitions, words, start=offered).meetings
    for offered in offers_in(sentence):
        assert found(panel_definitions, offered, **asked).meetings


@pytest.mark.parametrize(
    ("words", "start", "said_back"),
    [
        ("every 6 weeks from 3 March", "2026-01-10", "every 6 weeks from 3 March 2026"),
        ("every 6 weeks from 3 March", "2026-12-10", "every 6 weeks from 3 March 2027"),
        ("every 6 weeks from 3 March", "2026-04-10", "every 6 weeks from 3 March 2027"),
        (
            "every Tuesday from August until November",
            None,
            "every Tuesday from 1 August 2026 until the end of November 2026",
        ),
        ("weekly on Wednesdays until July", None, "every Wednesday until the end of July 2026"),
        ("every 6 weeks from Tuesday 7 April", None, "every 6 weeks from 7 April 2026"),
    ],
)
def test_the_years_that_were_left_open_are_said(
    panel_definitions: Mapping[str, PanelDefinition], words: str, start: str | None, said_back: str
) -> None:
    assert found(panel_definitions, words, start=start).rule == said_back


def test_an_unknown_kind_of_panel_is_answered_with_those_there_are(
    panel_definitions: Mapping[str, PanelDefinition],
) -> None:
    with pytest.raises(Mistake) as refused:
        found(panel_definitions, "every Tuesday", definition="mas")
    named = ", ".join(sorted(panel_definitions))
    assert str(refused.value) == f'There is no panel definition "mas"; there are {named}. Did you mean "mase"?'
