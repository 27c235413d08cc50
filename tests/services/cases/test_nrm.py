"""Referrals to the National Referral Mechanism: recorded where the panel decided on one, and followed to their end."""

from dataclasses import replace
from datetime import date

import pytest

from bot.models.vocabulary import DecisionKind, FirstResponder, GuardianOffer, NrmOutcome, NrmRoute
from bot.records.cases.nrm import ReferralFacts
from bot.records.meeting.deciding import DecisionForm
from bot.services.agenda import triage
from bot.services.cases import lists, nrm
from bot.services.cases.interests import declare_interest
from bot.services.meeting import discussion, opening
from bot.slack.cases import nrm_views
from bot.slack.cases.views import history
from bot.slack.meeting import views
from tests.county import SHIRE, WEST
from tests.services.conftest import Play

NRM = DecisionForm(DecisionKind.NRM, "He was moved to sell drugs.", review=date(2026, 3, 31))
MADE = ReferralFacts(date(2026, 3, 26), FirstResponder.LOCAL_AUTHORITY, NrmRoute.AUTHORITY)
POSITIVE = replace(MADE, reasonable=NrmOutcome.POSITIVE, reasonable_on=date(2026, 4, 2))
CONCLUDED = replace(
    POSITIVE, conclusive=NrmOutcome.NEGATIVE, conclusive_on=date(2026, 5, 18), guardian=GuardianOffer.YES
)
LINE = "• Referred Thu 26 Mar 2026 by local authority, Single Competent Authority · "


@pytest.fixture
def decided(play: Play) -> Play:
    """Let West decide in March on a referral of WEST-0001 and of WEST-0666, a closed item. It is 20 May."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.accepted("WEST-0666", closed=True)
    play.at(3, 24, 14)
    play.holds({"WEST-0001": NRM, "WEST-0002": replace(NRM, kind=DecisionKind.STEP_DOWN), "WEST-0666": NRM})
    play.at(5, 18)
    return play


@pytest.mark.databases("sqlite", "postgresql")
def test_a_referral_is_recorded_and_followed_and_a_second_one_kept_beside_it(decided: Play) -> None:
    found = decided.does("nurse", nrm.referrals_to_follow, WEST, "west-0001")
    assert (found.reference, found.referrals) == ("WEST-0001", ())
    (made,) = decided.does("nurse", nrm.record_referral, WEST, found.case_id, MADE).referrals
    for facts in (POSITIVE, CONCLUDED):
        changed = decided.does("minutetaker", nrm.record_referral, WEST, found.case_id, facts, made.id)
        assert [(one.id, one.facts) for one in changed.referrals] == [(made.id, facts)]
    again = replace(MADE, referred_on=date(2026, 5, 18), route=NrmRoute.PILOT_PANEL)
    both = decided.does("nurse", nrm.record_referral, WEST, found.case_id, again)
    assert [one.facts for one in both.referrals] == [CONCLUDED, again]
    assert decided.refused("nurse", nrm.record_referral, WEST, found.case_id, MADE) == (
        "A referral of that day is already recorded. Change that referral."
    )
    assert [who for *_, who in decided.audited("nrm")] == ["nurse", "minutetaker", "minutetaker", "nurse"]
    assert nrm_views.recorded(both).splitlines()[1] == (
        f"{LINE}reasonable grounds positive Thu 2 Apr 2026 · conclusive grounds negative Mon 18 May 2026 · "
        "independent guardian offered: yes"
    )


def test_it_is_shown_in_the_history_and_on_the_card(decided: Play) -> None:
    decided.does("nurse", nrm.record_referral, WEST, 1, POSITIVE)
    seen = decided.does("constable", lists.case_history, "WEST-0001")
    assert f"{LINE}reasonable grounds positive" in str(history(seen))
    decided.at(5, 19, 14)
    decided.opens()
    _, card = views.current(decided.goes_to("WEST-0001"))
    assert f"{LINE}reasonable grounds positive" in str(card)
    assert "'case.nrm:west-met:1'" in str(card)
    _, card = views.current(decided.goes_to("WEST-0666"))
    assert "none is recorded yet" in str(card)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (replace(MADE, referred_on=date(2026, 5, 19)), "That day has not come yet."),
        (replace(MADE, reasonable=NrmOutcome.POSITIVE), "On which day was it decided on reasonable grounds?"),
        (
            replace(MADE, reasonable_on=date(2026, 4, 2)),
            "The decision on reasonable grounds is awaited, so it has no day yet.",
        ),
        (
            replace(MADE, conclusive=NrmOutcome.NEGATIVE, conclusive_on=date(2026, 5, 2)),
            "A decision on conclusive grounds needs positive reasonable grounds first.",
        ),
        (
            replace(CONCLUDED, reasonable=NrmOutcome.NEGATIVE),
            "A decision on conclusive grounds needs positive reasonable grounds first.",
        ),
        (
            replace(CONCLUDED, conclusive_on=date(2026, 4, 1)),
            "That day is before the day of the earlier step. Please check both.",
        ),
        (
            replace(POSITIVE, reasonable_on=date(2026, 3, 25)),
            "That day is before the day of the earlier step. Please check both.",
        ),
    ],
)
def test_what_cannot_be_is_refused(decided: Play, facts: ReferralFacts, sentence: str) -> None:
    assert decided.refused("nurse", nrm.record_referral, WEST, 1, facts) == sentence
    assert decided.does("nurse", nrm.referrals_of_case, WEST, 1).referrals == ()


def test_without_a_decision_in_force_nothing_is_recorded(decided: Play) -> None:
    said = decided.refused("nurse", nrm.referrals_to_follow, WEST, "WEST-0002")
    assert said.startswith("West Operational MET has not decided on an NRM referral of WEST-0002.")
    assert decided.refused("nurse", nrm.record_referral, WEST, 2, MADE) == said


def test_who_may_not_read_a_case_learns_nothing_of_its_referral(decided: Play) -> None:
    decided.does("socialworker", nrm.record_referral, WEST, 3, MADE)
    missing = decided.refused("nurse", nrm.referrals_to_follow, WEST, "WEST-0987")
    assert decided.refused("nurse", nrm.referrals_to_follow, WEST, "WEST-0666").replace("0666", "0987") == missing
    gone = decided.refused("nurse", nrm.referrals_of_case, WEST, 4711)
    assert decided.refused("nurse", nrm.referrals_of_case, WEST, 3) == gone
    assert decided.refused("nurse", nrm.record_referral, WEST, 3, MADE) == gone
    # One who flagged the reference, too, sees their own flag and nothing else.
    decided.flags("WEST-0666", "constable")
    assert decided.does("constable", lists.case_history, "WEST-0666").referrals == ()
    assert decided.refused("constable", nrm.referrals_of_case, WEST, 3) == gone
    decided.does("nurse", declare_interest, WEST, "WEST-0001")
    assert decided.refused("nurse", nrm.referrals_of_case, WEST, 1) == gone
    assert decided.refused("countychair", nrm.referrals_of_case, SHIRE, 1) == gone


def test_another_panel_sees_a_referral_once_its_chair_accepted_the_case_and_changes_nothing(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    for form in (NRM, DecisionForm(DecisionKind.ESCALATE, "Three districts are touched.")):
        play.does("chair", discussion.decide, WEST, form)
    play.does("chair", opening.close_meeting, WEST)
    play.at(3, 27)
    play.does("nurse", nrm.record_referral, WEST, 1, MADE)
    (waiting,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    assert play.does("countychair", lists.case_history, "WEST-0001").referrals == ()
    play.does("countychair", triage.triage_flag, waiting.id, triage.Verdict.ACCEPT)
    assert [one.facts for one in play.does("countychair", lists.case_history, "WEST-0001").referrals] == [MADE]
    assert "has not decided on an NRM referral" in play.refused("countychair", nrm.referrals_of_case, SHIRE, 1)
