"""A second agency's concern counts and comes along: in the order of cases, at the next meeting and at the county."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.domain.case_origin import Passed
from bot.domain.flag_state import LIVE_STATES
from bot.models.vocabulary import DecisionKind, FlagState, Urgency
from bot.records.meeting.outcomes import CaseOutcome, outcomes_for
from bot.services.agenda import triage
from bot.services.agenda.owed import GATHERINGS
from bot.services.agenda.triage import Verdict
from bot.services.cases import lists, reviews, withdrawing
from bot.services.meeting import discussion, opening
from bot.services.meeting.discussion import DecisionForm
from bot.slack.cases import views as cases_views
from tests.county import SHIRE, WEST
from tests.services.conftest import Play, Stage
from tests.statements import counting

pytestmark = pytest.mark.databases("sqlite")

SAID = ("More worried than the score says.", "A shared plan.")
ESCALATE = DecisionForm(DecisionKind.ESCALATE, "Three districts are touched.")
RETAIN = DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 4, 21))
CLINIC = {"risk_level": "high", "judgement": "Seen at the clinic.", "asked_of_panel": "A mentor."}


def flagged_by_two(play: Play, reference: str = "WEST-0001", **facts: Any) -> None:
    """Social care and health flag a case, and the chair accepts it."""
    play.flags(reference)
    play.accepted(reference, "nurse", **CLINIC | facts)


def concerns(play: Play, who: str, reference: str = "WEST-0001") -> list[tuple[str, ...]]:
    """Return what agencies say beside the flag by which the newest meeting hears a case."""
    hearings = play.does(who, lists.case_history, reference).hearings
    flag = next(one.flag for one in hearings if one.flag.state in LIVE_STATES)
    return [
        (
            flag.panel_key,
            one.agency_name,
            one.risk.words if one.risk else "",
            one.facts.judgement,
            one.facts.asked_of_panel,
            one.review.answer.value if one.review else "",
        )
        for one in flag.concerns
    ]


OF_HEALTH = ("Health", "CERAF: high", "Seen at the clinic.", "A mentor.")


@pytest.mark.databases("sqlite", "postgresql")
def test_the_most_pressing_of_the_agencies_levels_counts_in_every_list(play: Play) -> None:
    play.flags("WEST-0001", risk_level="standard")
    play.flags("WEST-0002", risk_level="medium")
    play.flags("WEST-0003", risk_level="standard")
    play.flags("WEST-0001", "nurse", risk_level="high")
    play.flags("WEST-0003", "nurse", risk_level="standard", urgency=Urgency.STATUTORY)
    pressing = ["WEST-0003", "WEST-0001", "WEST-0002"]
    waiting = play.does("chair", triage.flags_to_triage, WEST).waiting
    listed = play.does("chair", lists.list_flags, WEST).flags
    assert [flag.reference for flag in waiting] == [flag.reference for flag in listed] == pressing
    assert [cases_views.marks(flag) for flag in listed] == [
        "routine · CERAF: standard · Health flags it too: statutory, CERAF: standard",
        "routine · CERAF: standard · Health flags it too: CERAF: high",
        "routine · CERAF: medium",
    ]
    for flag in waiting:
        play.does("chair", triage.triage_flag, flag.id, Verdict.ACCEPT)
    assert play.compiles() == pressing
    accepted = play.does("chair", triage.accepted_flags, WEST).flags
    assert [flag.reference for flag in accepted] == pressing


def test_a_review_keeps_what_a_second_agency_said_and_asks_both_what_has_changed(play: Play) -> None:
    flagged_by_two(play)
    play.at(3, 24, 14)
    play.holds({"WEST-0001": RETAIN})
    assert concerns(play, "chair") == [("west-met", *OF_HEALTH, "awaited")]
    (listed,) = play.does("chair", lists.list_flags, WEST).flags
    assert listed.origin.words == ("for review, decided on 24 March 2026",)
    play.at(4, 7)
    asked = {who: play.does(who, reviews.compose_reviews, listed.meeting_id) for who in ("socialworker", "nurse")}
    assert {who: [one.reference for one in found.asked] for who, found in asked.items() if found} == {
        "socialworker": ["WEST-0001"],
        "nurse": ["WEST-0001"],
    }
    of_health = asked["nurse"]
    assert of_health is not None
    play.does("nurse", reviews.say_unchanged, of_health.asked[0].flag_id)
    assert concerns(play, "chair") == [("west-met", *OF_HEALTH, "unchanged")]
    # The level of the second agency counts on the agenda of the next meeting too.
    play.accepted("WEST-0002", risk_level="medium")
    assert play.compiles() == ["WEST-0002", "WEST-0001"]  # new cases have a heading before the reviews
    play.at(4, 21, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 5, 19))})
    assert concerns(play, "chair") == [("west-met", *OF_HEALTH, "awaited")]


def test_what_a_second_agency_says_again_replaces_what_it_said_at_the_hearing_until_it_is_withdrawn(play: Play) -> None:
    flagged_by_two(play)
    play.at(3, 24, 14)
    play.holds({"WEST-0001": RETAIN})
    play.at(3, 30)
    play.flags("WEST-0001", "nurse", risk_level="standard", judgement="Calmer.", asked_of_panel="Nothing more.")
    assert concerns(play, "chair") == [("west-met", "Health", "CERAF: standard", "Calmer.", "Nothing more.", "")]
    play.at(4, 7)
    (listed,) = play.does("chair", lists.list_flags, WEST).flags
    assert play.does("nurse", reviews.compose_reviews, listed.meeting_id) is None
    play.does("nurse", withdrawing.withdraw_flag, WEST, "WEST-0001", "A mistake.")
    assert concerns(play, "chair") == [("west-met", *OF_HEALTH, "awaited")]
    assert play.does("nurse", reviews.compose_reviews, listed.meeting_id) is not None
    # The panel's own decision is taken off with all that it brought.
    play.does("coordinator", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved.")
    assert play.does("chair", lists.list_flags, WEST).flags == ()


def test_a_second_agency_that_flagged_since_is_not_asked_at_a_review_after_a_meeting_not_held(play: Play) -> None:
    flagged_by_two(play)
    play.at(3, 24, 14)
    play.holds({"WEST-0001": replace(RETAIN, review=date(2026, 5, 19))})
    play.at(3, 30)
    play.accepted("WEST-0001", "constable", judgement="Found at night.")
    play.flags("WEST-0001", "nurse", judgement="Calmer.", asked_of_panel="Nothing more.", risk_level="standard")
    play.at(4, 23)  # nobody opened the meeting of 21 April
    play.ticks(GATHERINGS)
    assert sorted(concerns(play, "chair")) == [
        ("west-met", "Health", "CERAF: standard", "Calmer.", "Nothing more.", "changed"),
        ("west-met", "Social Care", "CERAF: medium", *SAID, "awaited"),
    ]


def test_the_level_that_the_panel_decided_replaces_those_of_all_agencies(play: Play) -> None:
    flagged_by_two(play)
    play.at(3, 24, 14)
    play.holds({"WEST-0001": replace(RETAIN, risk_after=("ceraf", "standard"))})
    (listed,) = play.does("chair", lists.list_flags, WEST).flags
    assert cases_views.marks(listed).split(" · ")[1] == "CERAF: standard"
    assert [one[2] for one in concerns(play, "chair")] == ["CERAF: standard"]


def test_a_case_that_is_sent_up_keeps_what_a_second_agency_said(play: Play) -> None:
    flagged_by_two(play)
    play.flags("WEST-0002", risk_level="medium", urgency=Urgency.ROUTINE)
    play.does("chair", triage.triage_flag, play.does("chair", lists.list_flags, WEST).flags[-1].id, Verdict.ACCEPT)
    play.at(3, 24, 14)
    play.holds({"WEST-0002": ESCALATE, "WEST-0001": ESCALATE})
    play.ticks(GATHERINGS)
    first, second = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    assert (first.reference, second.reference) == ("WEST-0001", "WEST-0002")
    assert [(one.agency_name, one.risk and one.risk.words, one.facts.judgement) for one in first.concerns] == [
        ("Health", "CERAF: high", "Seen at the clinic.")
    ]
    play.does("countychair", triage.triage_flag, first.id, Verdict.DEFER, "The county hears it in April.")
    again = next(one for one in play.does("countychair", lists.case_history, "WEST-0001").hearings)
    assert [one.facts.judgement for one in again.flag.concerns] == ["Seen at the clinic."]


def test_who_may_not_read_a_closed_item_sees_nothing_of_what_comes_back_of_their_concern(play: Play) -> None:
    play.accepted("WEST-0666", closed=True)
    play.flags("WEST-0666", "nurse")
    play.at(3, 24, 14)
    play.holds({"WEST-0666": RETAIN})
    assert concerns(play, "chair", "WEST-0666") == [("west-met", "Health", "CERAF: medium", *SAID, "awaited")]
    assert play.does("nurse", lists.list_flags, WEST).flags == ()
    play.at(4, 7)
    (listed,) = play.does("chair", lists.list_flags, WEST).flags
    assert play.does("nurse", reviews.compose_reviews, listed.meeting_id) is None
    # As with a new reference, they may flag it.
    play.flags("WEST-0666", "nurse")


def test_concerns_are_brought_along_in_as_many_statements_for_many_cases(stage: Stage) -> None:
    def asked(count: int) -> int:
        with stage() as play:
            references = [f"WEST-{number:04}" for number in range(1, count + 1)]
            for reference in references:
                flagged_by_two(play, reference)
            play.at(3, 24, 14)
            play.holds(dict.fromkeys(references, ESCALATE))
            with counting(play.store.engine) as statements:
                assert play.ticks(GATHERINGS)
        return sum(statement.startswith("SELECT") for statement in statements)

    assert asked(2) == asked(5)


@pytest.mark.parametrize("is_before", [True, False])
def test_what_another_agency_flags_while_the_panel_meets_does_not_take_the_place_of_its_review(
    play: Play, is_before: bool
) -> None:
    flagged_by_two(play)
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    if is_before:
        play.flags("WEST-0001", "constable", judgement="Found at night.")
    play.does("chair", discussion.decide, WEST, RETAIN)
    if not is_before:
        play.flags("WEST-0001", "constable", judgement="Found at night.")
    play.does("chair", opening.close_meeting, WEST)
    assert play.ticks(GATHERINGS) == 0
    (listed,) = play.does("chair", lists.list_flags, WEST).flags
    assert (listed.agency_name, listed.state) == ("Police", FlagState.ACCEPTED)
    assert listed.origin.words == ("for review, decided on 24 March 2026",)
    assert concerns(play, "chair") == [
        ("west-met", "Social Care", "CERAF: medium", *SAID, "awaited"),
        ("west-met", *OF_HEALTH, "awaited"),
    ]


def test_what_the_county_s_own_agency_flags_does_not_take_the_place_of_what_a_district_sends(play: Play) -> None:
    play.accepted("WEST-0001")
    play.flags("WEST-0001", "matron", SHIRE, judgement="Seen at the county's clinic.")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": ESCALATE})
    play.ticks(GATHERINGS)
    (waiting,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    assert (waiting.agency_name, waiting.origin.words, waiting.sent_because) == (
        "Health",
        ("escalated by West Operational MET on 24 March 2026",),
        ESCALATE.rationale,
    )
    assert [(one.agency_name, one.facts.judgement) for one in waiting.concerns] == [("Social Care", SAID[0])]
    assert ("cases_sent", "countychair") in play.sent("cases_sent")


def test_what_another_agency_flags_does_not_take_the_place_of_a_case_that_was_not_reached(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    play.flags("WEST-0001", "constable", judgement="Found at night.")
    play.does("chair", opening.close_meeting, WEST)
    (listed,) = play.does("chair", lists.list_flags, WEST).flags
    assert (listed.agency_name, listed.state) == ("Police", FlagState.ACCEPTED)
    assert listed.origin.words == ("not reached on 24 March 2026",)
    assert [one[1] for one in concerns(play, "chair")] == ["Social Care"]


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("is_triaged", [True, False], ids=["not reached", "not triaged"])
def test_a_second_agency_hears_that_a_meeting_did_not_reach_the_case(play: Play, is_triaged: bool) -> None:
    flag_id = play.flags("WEST-0001")
    play.flags("WEST-0001", "nurse", **CLINIC)
    if is_triaged:
        play.does("chair", triage.triage_flag, flag_id, Verdict.ACCEPT)
    play.at(3, 24, 14)
    play.holds({})
    assert [who for _, who in play.sent("case_outcomes")] == ["socialworker", "nurse"]
    play.flags("WEST-0001", "constable")  # since then, so for the next meeting
    for who in ("socialworker", "nurse"):
        found = play.does(who, outcomes_for, play.county.west_meetings[0])
        assert found is not None
        passed = Passed.NOT_REACHED if is_triaged else Passed.NOT_TRIAGED
        assert found.cases == (CaseOutcome("WEST-0001", (), passed),)
        assert found.goes_on == date(2026, 4, 21)
    assert play.does("constable", outcomes_for, play.county.west_meetings[0]) is None
