"""A risk assessment that was still to be made: seen as missing, counted, added, and chased until it is made."""

from datetime import date
from typing import Any

import pytest

from bot.documents.meeting_facts import case_fields
from bot.documents.papers import presented
from bot.domain.risk import RiskKey
from bot.models.vocabulary import CloseReason, DecisionKind, FlagState
from bot.records.access.queries import Where
from bot.records.meeting.deciding import DecisionForm
from bot.services.agenda import triage
from bot.services.agenda.owed import GATHERINGS
from bot.services.cases import assessments, closed_items, editing, interests, lists, merging
from bot.services.cases.assessments import ASSESSMENT_PROMPTS
from bot.services.cases.flags import flag_case
from bot.services.cases.withdrawing import withdraw_flag
from bot.services.meeting import discussion, opening
from bot.services.rescheduling import meetings
from bot.slack.cases import views
from tests.county import SHIRE, WEST, flag_form, user_id
from tests.risks import level
from tests.services.conftest import NO_PANEL, Play

pytestmark = pytest.mark.databases("sqlite")

#: What the form gives when no assessment has been made.
DUE: dict[str, Any] = {
    "risk_level": "",
    "assessed_on": "",
    "risk_tool": "",
    "assessment_due_on": date(2026, 3, 10),
}
MADE = {"risk_tool": "ceraf", "risk_level": "high", "assessed_on": "2026-03-09"}
ONLY_PRESENTER = ["socialworker"]
WITH_CHAIRS = ["chair", "vicechair", "socialworker"]


def flags_unassessed(
    play: Play, reference: str = "WEST-0001", who: str = "socialworker", where: Where = WEST, **more: Any
) -> int:
    form = flag_form(reference, **{**DUE, **more})
    form = type(form)(form.reference, {name: value for name, value in form.given.items() if value != ""})
    return play.does(who, flag_case, where, form).id


def told(play: Play) -> list[str]:
    """Return who is reminded by a tick now."""
    before = len(play.sent("assessments_prompt"))
    play.ticks(ASSESSMENT_PROMPTS)
    return [who for _, who in play.sent("assessments_prompt")[before:]]


def hears(play: Play, who: str) -> list[str]:
    """Return the cases that a person is reminded of as their own."""
    prompt = play.does(who, assessments.compose_assessments)
    return [flag.reference for flag in prompt.own] if prompt else []


def meets(play: Play, decisions: dict[str, DecisionForm]) -> None:
    """Hold the meeting of 24 March."""
    play.at(3, 24, 14)
    play.compiles()
    play.holds(decisions)


def retained(review: str = "in 2 months", risk_after: RiskKey | None = None) -> DecisionForm:
    return DecisionForm(DecisionKind.RETAIN, "Keep.", review=review, risk_after=risk_after)


def accepts(play: Play, flag_id: int) -> None:
    play.does("chair", triage.triage_flag, flag_id, triage.Verdict.ACCEPT)


def test_a_case_is_flagged_before_its_assessment_is_made(play: Play) -> None:
    flags_unassessed(play)
    (flag,) = play.does("chair", triage.flags_to_triage, WEST).waiting
    assert (flag.facts.risk_tool, flag.facts.risk_level, flag.facts.assessed_on) == (None, None, None)
    assert flag.facts.assessment_due_on == date(2026, 3, 10)


@pytest.mark.databases("sqlite", "postgresql")
def test_what_is_not_assessed_is_counted_and_stands_with_the_highest_risk(play: Play) -> None:
    play.flags("WEST-0003", risk_level="high")
    flags_unassessed(play, "WEST-0002")
    play.flags("WEST-0001", risk_level="medium")
    listed = play.does("chair", lists.list_flags, WEST)
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
        ({"risk_level": "high"}, "Give the assessment, or the day by which it is due: not both."),
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
    own = play.does("socialworker", assessments.compose_assessments)
    assert own is not None
    assert ([flag.reference for flag in own.own], own.others) == (["WEST-0001", "WEST-0002"], ())
    play.does("socialworker", assessments.add_assessment, flag_id, MADE)
    to_chair = play.does("chair", assessments.compose_assessments)
    assert to_chair is not None
    assert (to_chair.own, [flag.reference for flag in to_chair.others]) == ((), ["WEST-0002"])
    assert play.does("nurse", assessments.compose_assessments) is None
    assert play.does("outsider", assessments.compose_assessments) is None


@pytest.mark.databases("sqlite", "postgresql")
def test_an_assessment_is_added_by_the_agency_that_flagged(play: Play) -> None:
    flag_id = flags_unassessed(play)
    assert play.refused("nurse", assessments.add_assessment, flag_id, MADE) == (
        "Another agency flagged this case, so that agency adds the assessment."
    )
    assert play.refused("outsider", assessments.add_assessment, flag_id, MADE).startswith("I can't find that case")
    play.at(3, 10)
    view = play.does("socialworker", assessments.add_assessment, flag_id, MADE)
    assert (view.facts.risk_level, view.facts.assessed_on, view.facts.assessment_due_on) == (
        "high",
        date(2026, 3, 9),
        None,
    )
    assert play.audited("assess") == [("case", view.case_id, "socialworker")]
    again = play.refused("socialworker", assessments.add_assessment, flag_id, MADE)
    assert again == "WEST-0001 already has its assessment."
    assert play.does("chair", lists.list_flags, WEST).unassessed == 0


def test_what_is_wrong_with_an_added_assessment_is_said(play: Play) -> None:
    flag_id = flags_unassessed(play)
    late = {**MADE, "assessed_on": "2026-03-09"}
    assert play.refused("socialworker", assessments.add_assessment, flag_id, late) == (
        "The assessment cannot be dated in the future."
    )
    scored = {**MADE, "assessed_on": "2026-02-16", "risk_tool": "seraf", "risk_level": "significant", "score": "3"}
    assert play.refused("socialworker", assessments.add_assessment, flag_id, scored).startswith(
        "A SERAF score of 3 is not at risk, not significant."
    )


def test_a_case_is_found_for_its_assessment_by_reference(play: Play) -> None:
    flag_id = flags_unassessed(play)
    assert play.does("socialworker", assessments.flag_to_assess, WEST, "west-0001").flag.id == flag_id
    missing = play.refused("socialworker", assessments.flag_to_assess, WEST, "WEST-0009")
    assert missing.startswith("I can't find a flag for WEST-0009")


@pytest.mark.parametrize("decisions", [{"WEST-0001": retained()}, {}], ids=["retained", "not heard"])
@pytest.mark.databases("sqlite", "postgresql")
def test_an_assessment_due_after_its_meeting_is_chased_until_it_is_made(
    play: Play, decisions: dict[str, DecisionForm]
) -> None:
    accepts(play, flags_unassessed(play, assessment_due_on=date(2026, 3, 27)))
    meets(play, decisions)
    assert told(play) == []
    play.at(3, 27)
    assert told(play) == ONLY_PRESENTER
    play.at(4, 6)
    assert told(play) == []
    play.at(4, 8)  # Easter lies between: five working days after 27 March is 7 April
    play.does("chair", triage.flags_to_triage, WEST)  # what was not heard comes back
    assert (told(play), hears(play, "socialworker")) == (WITH_CHAIRS, ["WEST-0001"])
    play.at(4, 9)
    assert told(play) == []
    flag = play.does("socialworker", assessments.flag_to_assess, WEST, "WEST-0001").flag
    play.does("socialworker", assessments.add_assessment, flag.id, MADE)
    assert (hears(play, "socialworker"), hears(play, "chair")) == ([], [])
    play.at(5, 18)
    play.does("chair", triage.flags_to_triage, WEST)
    assert play.does("chair", lists.list_flags, WEST).unassessed == 0


@pytest.mark.parametrize(
    "decision",
    [
        DecisionForm(DecisionKind.CLOSE, "Moved.", close_reason=CloseReason.MOVED),
        DecisionForm(DecisionKind.STEP_DOWN, "Settled."),
    ],
)
def test_a_case_that_the_panel_has_done_with_is_not_chased(play: Play, decision: DecisionForm) -> None:
    flag_id = flags_unassessed(play, assessment_due_on=date(2026, 3, 27))
    accepts(play, flag_id)
    meets(play, {"WEST-0001": decision})
    play.at(4, 8)
    assert told(play) == []
    refused = play.refused("socialworker", assessments.add_assessment, flag_id, MADE)
    assert refused == "The panel no longer has WEST-0001. Flag it again with the assessment."


def test_a_case_that_the_panel_closes_when_it_comes_back_is_not_chased(play: Play) -> None:
    accepts(play, flags_unassessed(play, assessment_due_on=date(2026, 4, 24)))
    meets(play, {"WEST-0001": retained("next meeting")})
    play.at(4, 21, 14)
    play.compiles()
    play.holds({"WEST-0001": DecisionForm(DecisionKind.STEP_DOWN, "Settled.")})
    play.at(4, 24)
    assert told(play) == []


def test_who_was_reminded_is_not_reminded_again_when_the_flag_moves(play: Play) -> None:
    deferred = flags_unassessed(play)
    flags_unassessed(play, "WEST-0002")
    play.at(3, 10)
    assert told(play) == ONLY_PRESENTER
    play.does("chair", triage.triage_flag, deferred, triage.Verdict.DEFER, "Wait, please.")
    assert told(play) == []
    play.does("coordinator", meetings.cancel_meeting, WEST, reason="The room is flooded.")
    play.at(3, 11)
    assert (told(play), hears(play, "socialworker")) == ([], ["WEST-0001", "WEST-0002"])
    # A message of before the deferral still opens the form.
    found = play.does("socialworker", assessments.assessment_to_add, deferred).flag
    assert found.meeting_id == play.county.west_meetings[1]


def test_who_was_reminded_is_not_reminded_again_when_it_is_carried_forward(play: Play) -> None:
    accepts(play, flags_unassessed(play))
    play.at(3, 10)
    assert told(play) == ONLY_PRESENTER
    play.at(3, 17)
    assert told(play) == WITH_CHAIRS
    meets(play, {})
    play.at(3, 25)
    play.does("chair", triage.flags_to_triage, WEST)
    assert told(play) == []


def test_adding_one_assessment_reminds_nobody_of_the_other_again(play: Play) -> None:
    first = flags_unassessed(play, assessment_due_on=date(2026, 3, 9))
    flags_unassessed(play, "WEST-0002", assessment_due_on=date(2026, 3, 14))  # a Saturday
    play.at(3, 9)
    assert told(play) == ONLY_PRESENTER
    play.at(3, 16)
    assert told(play) == WITH_CHAIRS
    play.does("socialworker", assessments.add_assessment, first, MADE)
    assert told(play) == []


@pytest.mark.databases("sqlite", "postgresql")
def test_an_agency_owes_one_assessment_of_a_case_at_all_panels(play: Play) -> None:
    at_west = flags_unassessed(play, who="matron")
    flags_unassessed(play, who="matron", where=SHIRE)
    flags_unassessed(play, "WEST-0002", "matron", SHIRE)
    play.at(3, 10)
    assert (told(play), hears(play, "matron")) == (["matron"], ["WEST-0001", "WEST-0002"])
    play.does("matron", assessments.add_assessment, at_west, MADE)
    assert hears(play, "matron") == ["WEST-0002"]
    (flag,) = [one for one in play.does("matron", lists.list_flags, SHIRE).flags if one.reference == "WEST-0001"]
    assert (flag.facts.risk_level, flag.facts.assessment_due_on) == ("high", None)


def test_a_flag_with_its_assessment_ends_the_wait_of_an_earlier_one(play: Play) -> None:
    flag_id = flags_unassessed(play)
    play.does("chair", triage.triage_flag, flag_id, triage.Verdict.DEFER, "Wait, please.")
    play.at(3, 9)
    play.flags("WEST-0001", assessed_on=date(2026, 3, 9))
    play.at(3, 10)
    assert told(play) == []
    assert play.refused("socialworker", assessments.flag_to_assess, WEST, "WEST-0001").endswith(
        "already has its assessment."
    )


def test_the_flag_that_waits_is_found_beside_one_of_another_agency(play: Play) -> None:
    waiting = flags_unassessed(play)
    play.does("chair", triage.triage_flag, waiting, triage.Verdict.DEFER, "Wait, please.")
    play.flags("WEST-0001", "nurse")
    found = play.does("socialworker", assessments.flag_to_assess, WEST, "WEST-0001").flag
    assert (found.meeting_id, found.facts.assessment_due_on) == (play.county.west_meetings[1], date(2026, 3, 10))
    assert play.refused("nurse", assessments.flag_to_assess, WEST, "WEST-0001") == (
        "Another agency flagged this case, so that agency adds the assessment."
    )


def test_what_a_presenter_with_an_interest_owes_is_asked_of_their_deputy(play: Play) -> None:
    flags_unassessed(play, who="nurse")
    play.does("nurse", interests.declare_interest, WEST, "WEST-0001")
    play.at(3, 10)
    assert (told(play), hears(play, "midwife"), hears(play, "nurse")) == (["midwife"], ["WEST-0001"], [])
    play.does("midwife", interests.declare_interest, WEST, "WEST-0001")
    play.at(3, 11)
    assert (told(play), hears(play, "matron")) == (["matron"], ["WEST-0001"])


def test_what_is_flagged_after_the_days_reminder_is_told_with_the_next(play: Play) -> None:
    flags_unassessed(play)
    play.at(3, 10)
    assert told(play) == ONLY_PRESENTER
    play.at(3, 10, 11)
    flags_unassessed(play, "WEST-0002")
    assert told(play) == []
    play.at(3, 11)
    assert (told(play), hears(play, "socialworker")) == (ONLY_PRESENTER, ["WEST-0001", "WEST-0002"])
    play.at(3, 12)
    assert told(play) == []


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("closed", [True, False], ids=["closed item", "new case"])
def test_a_closed_item_is_assessed_and_chased_as_a_new_case_is(play: Play, closed: bool) -> None:
    if closed:
        play.flags("WEST-0001", "matron", closed=True)
        play.does("matron", withdraw_flag, WEST, "WEST-0001", "They moved.")
        beside = flags_unassessed(play, who="matron")
        flags_unassessed(play, who="midwife")
    flag_id = flags_unassessed(play, who="nurse")
    play.at(3, 10)
    assert told(play) == (["nurse", "midwife", "matron"] if closed else ["nurse"])
    prompt = play.does("nurse", assessments.compose_assessments)
    assert prompt is not None
    (own,) = prompt.own
    assert (own.reference, own.state, own.is_closed_item, prompt.others) == ("WEST-0001", FlagState.OPEN, False, ())
    view = play.does("nurse", assessments.flag_to_assess, WEST, "west-0001").flag
    assert (view.id, view.state, view.is_closed_item) == (flag_id, FlagState.OPEN, False)
    added = play.does("nurse", assessments.add_assessment, flag_id, MADE)
    assert (added.facts.risk_level, added.state, added.is_closed_item) == ("high", FlagState.OPEN, False)
    assert hears(play, "nurse") == []
    if closed:  # and none of them learns of another
        assert (hears(play, "midwife"), hears(play, "matron")) == (["WEST-0001"], ["WEST-0001"])
        play.does("matron", assessments.add_assessment, beside, MADE)
        assert (hears(play, "midwife"), hears(play, "matron")) == (["WEST-0001"], [])
    play.does("nurse", withdraw_flag, WEST, "WEST-0001", "They moved.")
    assert play.refused("nurse", assessments.add_assessment, flag_id, MADE) == "WEST-0001 already has its assessment."


def test_the_panels_level_is_no_assessment(play: Play) -> None:
    accepts(play, flags_unassessed(play, assessment_due_on=date(2026, 4, 27)))
    play.accepted("WEST-0002", risk_level="medium")
    meets(play, {each: retained("next meeting", ("ceraf", "standard")) for each in ("WEST-0001", "WEST-0002")})
    play.at(4, 1)
    play.does("chair", triage.flags_to_triage, WEST)
    listed = play.does("chair", lists.list_flags, WEST)
    assert [(one.reference, one.facts.risk_level) for one in listed.flags] == [
        ("WEST-0001", None),
        ("WEST-0002", "standard"),
    ]
    assert (listed.unassessed, play.compiles()) == (1, ["WEST-0001", "WEST-0002"])


def test_an_assessment_added_after_the_decision_stands_at_the_next_meeting(play: Play) -> None:
    flag_id = flags_unassessed(play, assessment_due_on=date(2026, 3, 27))
    accepts(play, flag_id)
    play.at(3, 24, 14)
    play.compiles()
    play.opens()
    play.goes_to("WEST-0001")
    play.does("chair", discussion.decide, WEST, retained("next meeting", ("ceraf", "standard")))
    play.does("socialworker", assessments.add_assessment, flag_id, {**MADE, "assessed_on": "2026-03-24"})
    play.does("chair", opening.close_meeting, WEST)
    play.at(4, 1)
    play.does("chair", triage.flags_to_triage, WEST)
    (flag,) = play.does("chair", lists.list_flags, WEST).flags
    assert (flag.facts.risk_level, flag.facts.assessed_on) == ("high", date(2026, 3, 24))
    on_paper = case_fields(presented(flag), risk_before=None, risk_after=level("ceraf", "standard"))
    assert on_paper["risk"] == "Not assessed before, standard (by CERAF) after discussion"


ESCALATED = DecisionForm(DecisionKind.ESCALATE, "Three districts are touched.")


@pytest.mark.databases("sqlite", "postgresql")
def test_what_a_second_agency_promised_is_chased_once_until_it_is_made(play: Play) -> None:
    accepts(play, play.flags("WEST-0001"))
    flags_unassessed(play, who="nurse")
    play.at(3, 10)
    assert (told(play), hears(play, "nurse"), hears(play, "socialworker")) == (["nurse"], ["WEST-0001"], [])
    assert told(play) == []
    play.at(3, 17)
    assert told(play) == ["chair", "vicechair", "nurse"]
    meets(play, {"WEST-0001": retained("next meeting")})
    play.ticks(GATHERINGS)
    play.at(3, 26)
    assert (told(play), hears(play, "nurse")) == ([], ["WEST-0001"])
    found = play.does("nurse", assessments.flag_to_assess, WEST, "WEST-0001").flag
    play.does("nurse", assessments.add_assessment, found.id, MADE)
    assert (hears(play, "nurse"), hears(play, "chair")) == ([], [])
    (flag,) = play.does("chair", lists.list_flags, WEST).flags
    assert [one.risk and one.risk.words for one in flag.concerns] == ["CERAF: high"]


@pytest.mark.parametrize("sent", [False, True], ids=["closed by the panel", "sent to the county"])
def test_a_second_agencys_promise_is_owed_wherever_the_case_goes_and_until_it_is_closed(play: Play, sent: bool) -> None:
    accepts(play, play.flags("WEST-0001", "chair"))
    flags_unassessed(play, who="matron", assessment_due_on=date(2026, 3, 26))
    closing = DecisionForm(DecisionKind.CLOSE, "Moved.", close_reason=CloseReason.MOVED)
    meets(play, {"WEST-0001": ESCALATED if sent else closing})
    play.ticks(GATHERINGS)
    play.at(3, 26)
    assert (told(play), hears(play, "matron")) == ((["matron"], ["WEST-0001"]) if sent else ([], []))


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("other", ["WEST-0002", "WEST-0001"], ids=["of the merged flag", "of the kept one"])
@pytest.mark.parametrize("who", ["nurse", "socialworker"])
def test_what_was_promised_with_either_of_two_merged_references_is_chased_once(
    play: Play, other: str, who: str
) -> None:
    promised = "WEST-0001" if other == "WEST-0002" else "WEST-0002"
    accepts(play, play.flags(promised))
    accepts(play, flags_unassessed(play, other, who))
    play.does("chair", merging.merge_references, WEST, "WEST-0002", "WEST-0001", "The health number is the same.")
    play.at(3, 10)
    assert (told(play), hears(play, who)) == ([who], ["WEST-0001"])
    assert told(play) == []


def test_an_agencys_newer_flag_with_its_assessment_answers_what_is_merged_into_it(play: Play) -> None:
    accepts(play, flags_unassessed(play))
    meets(play, {"WEST-0001": retained("next meeting")})
    play.at(4, 1)
    play.ticks(GATHERINGS)
    play.flags("WEST-0001", assessed_on=date(2026, 3, 30))
    assert (told(play), hears(play, "socialworker")) == ([], [])


@pytest.mark.databases("sqlite", "postgresql")
def test_what_a_flagger_who_is_no_reader_promised_is_asked_of_them_without_a_word_of_the_county(play: Play) -> None:
    accepts(play, flags_unassessed(play, who="matron", assessment_due_on=date(2026, 3, 26)))
    play.does("chair", closed_items.close_item, WEST, "WEST-0001", "A colleague is named.")
    play.does("chair", closed_items.end_reader, WEST, "WEST-0001", user_id("matron"), "Not her ward.")
    meets(play, {"WEST-0001": ESCALATED})
    play.ticks(GATHERINGS)
    play.at(3, 26)
    assert told(play) == ["matron"]
    prompt = play.does("matron", assessments.compose_assessments)
    assert prompt is not None
    assert [(one.reference, one.panel_key, one.is_escalated) for one in prompt.own] == [
        ("WEST-0001", "west-met", False)
    ]
    play.does("matron", assessments.add_assessment, prompt.own[0].id, MADE)
    (sent,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    assert (sent.facts.risk_level, sent.facts.assessed_on) == ("high", date(2026, 3, 9))


def test_a_second_agency_is_told_of_its_own_assessment_not_of_the_first_ones(play: Play) -> None:
    form = flag_form("WEST-0001", **DUE)
    given = {name: value for name, value in form.given.items() if value != ""}
    said = [
        views.flagged(play.does("socialworker", flag_case, WEST, type(form)("WEST-0001", given))),
        views.flagged(play.does("nurse", flag_case, WEST, flag_form("WEST-0001"))),
        views.flagged(play.does("chair", flag_case, WEST, type(form)("WEST-0001", given))),
    ]
    missing = "The panel will see: *not assessed yet, due Tue 10 Mar 2026*."
    assert [missing in one for one in said] == [True, False, True]
    assert ["The panel hears it once, for all agencies that flagged it." in one for one in said] == [False, True, True]


def test_only_who_may_flag_cases_is_offered_one_to_assess(play: Play) -> None:
    flags_unassessed(play)
    assert play.refused("outsider", assessments.flag_to_assess, WEST, "WEST-0001") == NO_PANEL
    assert play.refused("observer", assessments.flag_to_assess, WEST, "WEST-0001") == (
        "On West Operational MET, minute-takers and observers can't flag cases."
    )


def test_an_edit_by_who_may_not_read_the_case_never_assesses_a_colleagues_flag(play: Play) -> None:
    flags_unassessed(play)
    play.does("chair", closed_items.close_item, WEST, "WEST-0001", "A sibling sits near.")
    play.does("chair", closed_items.name_reader, WEST, "WEST-0001", user_id("midwife"), "Her ward.")
    flags_unassessed(play, who="midwife")
    flag_id = flags_unassessed(play, who="nurse")
    facts = play.does("nurse", editing.flag_to_edit, WEST, "WEST-0001").flag.facts
    said = {name: value for name, value in facts.model_dump().items() if value not in (None, "")}
    given = {**said, **MADE, "assessed_on": date(2026, 2, 16), "assessment_due_on": None}
    edited = play.does("nurse", editing.edit_flag, flag_id, given)
    assert edited.risk == level("ceraf", "high")
    play.at(3, 10)
    assert sorted(told(play)) == ["midwife", "socialworker"]
