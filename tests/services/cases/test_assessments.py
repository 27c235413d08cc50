"""A risk assessment that was still to be made: seen as missing, counted, asked for, added."""

from datetime import date
from typing import Any

import pytest

from bot.models.vocabulary import RiskLevel, RiskTool
from bot.services.agenda import triage
from bot.services.cases import assessments, casebook
from bot.services.cases.assessments import ASSESSMENT_PROMPTS
from bot.services.cases.flags import flag_case
from tests.county import WEST, flag_form
from tests.services.conftest import Play

pytestmark = pytest.mark.databases("sqlite")

#: What the form gives when no assessment has been made; the tool stands there by itself.
DUE: dict[str, Any] = {
    "risk_level": "",
    "assessed_on": "",
    "risk_tool": RiskTool.CERAF,
    "assessment_due_on": date(2026, 3, 10),
}
MADE = {"risk_tool": "ceraf", "risk_level": "high", "assessed_on": "2026-03-09"}


def flags_unassessed(play: Play, reference: str = "WEST-0001", **more: Any) -> int:
    form = flag_form(reference, **{**DUE, **more})
    form = type(form)(form.reference, {name: value for name, value in form.given.items() if value != ""})
    return play.does("socialworker", flag_case, WEST, form).id


def test_a_case_is_flagged_before_its_assessment_is_made(play: Play) -> None:
    flags_unassessed(play)
    (flag,) = play.does("chair", triage.flags_to_triage, WEST).waiting
    assert (flag.facts.risk_tool, flag.facts.risk_level, flag.facts.assessed_on) == (None, None, None)
    assert flag.facts.assessment_due_on == date(2026, 3, 10)


@pytest.mark.databases("sqlite", "postgresql")
def test_what_is_not_assessed_is_counted_and_stands_with_the_highest_risk(play: Play) -> None:
    play.flags("WEST-0003", risk_level=RiskLevel.HIGH)
    flags_unassessed(play, "WEST-0002")
    play.flags("WEST-0001", risk_level=RiskLevel.MEDIUM)
    listed = play.does("chair", casebook.list_flags, WEST)
    assert (listed.count, listed.unassessed) == (3, 1)
    waiting = play.does("chair", triage.flags_to_triage, WEST)
    assert waiting.unassessed == 1
    # Never assessed counts as stale, which goes before what is fresh.
    in_order = ["WEST-0002", "WEST-0003", "WEST-0001"]
    assert [flag.reference for flag in waiting.waiting] == in_order
    for flag in waiting.waiting:
        play.does("chair", triage.triage_flag, flag.id, triage.Verdict.ACCEPT)
    assert play.compiles() == in_order
    assert play.does("chair", triage.flags_to_triage, WEST).unassessed == 1


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"assessment_due_on": date(2026, 3, 1)}, "Choose a day from today on by which the assessment is due."),
        ({"assessment_due_on": date(2028, 3, 3)}, "Choose a day within 2 years for the assessment."),
        ({"risk_level": RiskLevel.HIGH}, "Give the assessment, or the day by which it is due: not both."),
        ({"assessed_on": date(2026, 2, 1)}, "Give the assessment, or the day by which it is due: not both."),
        ({"assessment_due_on": ""}, "Choose the day of the assessment, or the day by which it is due."),
        (
            {"assessment_due_on": "", "assessed_on": date(2026, 2, 1)},
            "Choose the level that the assessment came to.",
        ),
    ],
)
def test_an_assessment_is_given_or_its_day_is(play: Play, facts: dict[str, Any], sentence: str) -> None:
    form = flag_form("WEST-0001", **{**DUE, **facts})
    form = type(form)(form.reference, {name: value for name, value in form.given.items() if value != ""})
    assert play.refused("socialworker", flag_case, WEST, form) == sentence


@pytest.mark.databases("sqlite", "postgresql")
def test_the_presenter_is_reminded_on_the_day_once_and_the_chair_five_working_days_later(play: Play) -> None:
    flags_unassessed(play)
    flags_unassessed(play, "WEST-0002")
    play.at(3, 9)
    assert play.ticks(ASSESSMENT_PROMPTS) == 0
    play.at(3, 10, 7)  # not in their working hours
    assert play.ticks(ASSESSMENT_PROMPTS) == 0
    play.at(3, 10)
    assert (play.ticks(ASSESSMENT_PROMPTS), play.ticks(ASSESSMENT_PROMPTS)) == (1, 0)
    play.at(3, 16)
    assert play.ticks(ASSESSMENT_PROMPTS) == 0
    play.at(3, 17)
    play.ticks(ASSESSMENT_PROMPTS)
    assert play.ticks(ASSESSMENT_PROMPTS) == 0
    assert play.sent("assessments_prompt") == [
        ("assessments_prompt", "socialworker"),
        ("assessments_prompt", "chair"),
        ("assessments_prompt", "vicechair"),
        ("assessments_prompt", "socialworker"),
    ]


def test_a_reminder_says_what_is_missing_now_to_who_may_see_it(play: Play) -> None:
    flag_id = flags_unassessed(play)
    flags_unassessed(play, "WEST-0002")
    play.at(3, 17)
    west = play.county.west_meetings[0]
    own = play.does("socialworker", assessments.compose_assessments, west)
    assert own is not None
    assert ([flag.reference for flag in own.own], own.others) == (["WEST-0001", "WEST-0002"], ())
    play.does("socialworker", assessments.add_assessment, flag_id, MADE)
    to_chair = play.does("chair", assessments.compose_assessments, west)
    assert to_chair is not None
    assert (to_chair.own, [flag.reference for flag in to_chair.others]) == ((), ["WEST-0002"])
    assert play.does("nurse", assessments.compose_assessments, west) is None
    assert play.does("outsider", assessments.compose_assessments, west) is None


@pytest.mark.databases("sqlite", "postgresql")
def test_an_assessment_is_added_by_the_agency_that_flagged(play: Play) -> None:
    flag_id = flags_unassessed(play)
    assert play.refused("nurse", assessments.add_assessment, flag_id, MADE) == (
        "Another agency flagged this case; it adds the assessment."
    )
    assert play.refused("outsider", assessments.add_assessment, flag_id, MADE).startswith("I can't find that case")
    play.at(3, 10)
    view = play.does("socialworker", assessments.add_assessment, flag_id, MADE)
    assert (view.facts.risk_level, view.facts.assessed_on, view.facts.assessment_due_on) == (
        RiskLevel.HIGH,
        date(2026, 3, 9),
        None,
    )
    assert play.audited("assess") == [("case", view.case_id, "socialworker")]
    again = play.refused("socialworker", assessments.add_assessment, flag_id, MADE)
    assert again == "WEST-0001 has its assessment already."
    assert play.does("chair", casebook.list_flags, WEST).unassessed == 0


def test_what_is_wrong_with_an_added_assessment_is_said(play: Play) -> None:
    flag_id = flags_unassessed(play)
    late = {**MADE, "assessed_on": "2026-03-09"}
    assert play.refused("socialworker", assessments.add_assessment, flag_id, late) == (
        "The assessment cannot be dated in the future."
    )
    scored = {**MADE, "assessed_on": "2026-02-16", "risk_tool": "seraf", "score": "3"}
    assert play.refused("socialworker", assessments.add_assessment, flag_id, scored).startswith(
        "A SERAF score of 3 is not at risk, not high."
    )


def test_a_case_is_found_for_its_assessment_by_reference(play: Play) -> None:
    flag_id = flags_unassessed(play)
    assert play.does("socialworker", assessments.flag_to_assess, WEST, "west-0001").id == flag_id
    missing = play.refused("socialworker", assessments.flag_to_assess, WEST, "WEST-0009")
    assert missing.startswith("I can't find a flag for WEST-0009")
