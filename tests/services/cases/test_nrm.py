"""Referrals to the National Referral Mechanism: recorded where the panel decided on one, and followed to their end."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import col

from bot.models.cases import NrmReferral
from bot.models.meetings import Decision
from bot.models.outbox import OutboxRow
from bot.models.panels import Membership
from bot.models.vocabulary import DecisionKind, FirstResponder, GuardianOffer, NrmOutcome, NrmRoute
from bot.records.cases.nrm import ReferralFacts
from bot.records.meeting.deciding import DecisionForm
from bot.services.agenda import triage
from bot.services.cases import closed_items, lists, nrm
from bot.services.cases.interests import declare_interest
from bot.services.cases.nrm_chasing import NRM_CHASES, compose_awaited
from bot.services.meeting import discussion, opening
from bot.slack.cases import nrm_views
from bot.slack.cases.views import history
from bot.slack.meeting import views
from tests.county import SHIRE, WEST, user_id
from tests.services.conftest import NO_PANEL, Play

NRM = DecisionForm(DecisionKind.NRM, "He was moved to sell drugs.", review=date(2026, 3, 31))
MADE = ReferralFacts(date(2026, 3, 26), FirstResponder.LOCAL_AUTHORITY, NrmRoute.AUTHORITY)
POSITIVE = replace(MADE, reasonable=NrmOutcome.POSITIVE, reasonable_on=date(2026, 4, 2))
CONCLUDED = replace(
    POSITIVE, conclusive=NrmOutcome.NEGATIVE, conclusive_on=date(2026, 5, 18), guardian=GuardianOffer.YES
)
LINE = "• Referred Thu 26 Mar 2026 by local authority, Single Competent Authority · "


@pytest.fixture
def followed(play: Play) -> Play:
    """Let West decide in March on a referral of WEST-0001 and of WEST-0666, a closed item. It is 27 March."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.accepted("WEST-0666", closed=True)
    play.at(3, 24, 14)
    play.holds({"WEST-0001": NRM, "WEST-0002": replace(NRM, kind=DecisionKind.STEP_DOWN), "WEST-0666": NRM})
    play.at(3, 27)
    return play


@pytest.fixture
def decided(followed: Play) -> Play:
    """It is 18 May."""
    followed.at(5, 18)
    return followed


def told(play: Play) -> list[str]:
    """Return who is reminded by a tick now."""
    before = len(play.sent("nrm_awaited"))
    count = play.ticks(NRM_CHASES)
    people = [who for _, who in play.sent("nrm_awaited")[before:]]
    assert count == len(people)
    return people


def keys(play: Play) -> list[str]:
    """Return the keys of all reminders, in order."""
    with play.store.reading() as work:
        rows = work.find_all(OutboxRow, col(OutboxRow.kind) == "nrm_awaited", by=[col(OutboxRow.id)])
        return [row.key for row in rows]


def hears(play: Play, who: str, grounds: str = "reasonable") -> list[str]:
    """Return the cases of all referrals of which a reminder would tell this person now."""
    with play.store.reading() as work:
        numbers = [row.id or 0 for row in work.find_all(NrmReferral)]
    return [one.reference for one in play.does(who, compose_awaited, [(number, grounds) for number in numbers])]


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
        (replace(MADE, reasonable=NrmOutcome.POSITIVE), "On which day was the decision on reasonable grounds made?"),
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
    assert said.startswith("West Operational MET has not decided on an NRM referral for WEST-0002.")
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


@pytest.mark.databases("sqlite", "postgresql")
def test_an_awaited_decision_is_chased_when_it_is_due_and_every_ten_working_days(followed: Play) -> None:
    (made,) = followed.does("nurse", nrm.record_referral, WEST, 1, MADE).referrals
    for day, hour, people in (
        (1, 10, []),
        (2, 8, []),  # the fifth working day, before anyone is at work
        (2, 9, ["nurse"]),
        (2, 16, []),
        (17, 16, []),  # Easter lies between
        (20, 8, []),
        (20, 9, ["nurse"]),
    ):
        followed.at(4, day, hour)
        assert (day, hour, told(followed)) == (day, hour, people)
    followed.at(4, 21)
    followed.does("minutetaker", nrm.record_referral, WEST, 1, POSITIVE, made.id)
    # Thirty days after 2 April is a Saturday, before a bank holiday.
    for month, day, people in ((5, 1, []), (5, 2, []), (5, 4, []), (5, 5, ["minutetaker"]), (5, 18, [])):
        followed.at(month, day)
        assert (month, day, told(followed)) == (month, day, people)
    followed.does("nurse", nrm.record_referral, WEST, 1, CONCLUDED, made.id)
    followed.at(5, 19)
    assert (told(followed), hears(followed, "nurse", "conclusive")) == ([], [])
    assert keys(followed) == [
        "nrm-awaited:1:reasonable:2026-04-02:0",
        "nrm-awaited:1:reasonable:2026-04-20:0",
        "nrm-awaited:1:conclusive:2026-05-05:0",
    ]


@pytest.mark.databases("sqlite", "postgresql")
def test_a_pilot_panel_is_given_45_days_and_negative_grounds_are_the_end(followed: Play) -> None:
    of_pilot = replace(MADE, route=NrmRoute.PILOT_PANEL)
    (made,) = followed.does("nurse", nrm.record_referral, WEST, 1, of_pilot).referrals
    followed.at(5, 8)
    assert told(followed) == []
    followed.at(5, 11)  # the 45th day is a Sunday
    assert told(followed) == ["nurse"]
    ended = replace(of_pilot, reasonable=NrmOutcome.NEGATIVE, reasonable_on=date(2026, 5, 11))
    followed.does("nurse", nrm.record_referral, WEST, 1, ended, made.id)
    followed.at(7, 1)
    assert (told(followed), hears(followed, "nurse"), hears(followed, "nurse", "conclusive")) == ([], [], [])


def test_five_working_days_after_a_sunday_end_on_the_friday(decided: Play) -> None:
    decided.does("nurse", nrm.record_referral, WEST, 1, replace(MADE, referred_on=date(2026, 5, 17)))
    decided.at(5, 21)
    assert told(decided) == []
    decided.at(5, 22)
    assert told(decided) == ["nurse"]


@pytest.mark.databases("sqlite", "postgresql")
def test_two_processes_and_a_corrected_day_remind_nobody_twice(followed: Play) -> None:
    (made,) = followed.does("nurse", nrm.record_referral, WEST, 1, MADE).referrals
    followed.at(4, 2)
    with followed.store.reading() as work:
        (piece,) = NRM_CHASES.find(work)
    for expected in (1, 0):
        with followed.store.work() as work:
            assert NRM_CHASES.do(work, piece) == expected
    followed.does("nurse", nrm.record_referral, WEST, 1, replace(MADE, referred_on=date(2026, 3, 27)), made.id)
    followed.at(4, 7)  # on which it is due by the corrected day
    assert (told(followed), hears(followed, "nurse")) == ([], ["WEST-0001"])
    followed.at(4, 20)
    assert told(followed) == ["nurse"]


@pytest.mark.parametrize("leaves", [True, False], ids=["left the panel", "has an interest"])
def test_where_who_wrote_it_can_no_longer_record_a_decision_the_coordinators_are_asked(
    followed: Play, leaves: bool
) -> None:
    followed.does("nurse", nrm.record_referral, WEST, 1, MADE)
    if leaves:
        with followed.store.work() as work:
            for place in work.find_all(Membership, col(Membership.person_id) == followed.county.person["nurse"]):
                place.ended_at = work.now
                work.session.add(place)
    else:
        followed.does("nurse", declare_interest, WEST, "WEST-0001")
    followed.at(4, 2)
    assert told(followed) == ["coordinator"]
    assert (hears(followed, "coordinator"), hears(followed, "nurse")) == (["WEST-0001"], [])
    assert hears(followed, "countychair") == []  # who has no place on West


@pytest.mark.databases("sqlite", "postgresql")
def test_of_a_closed_item_readers_alone_are_reminded(followed: Play) -> None:
    followed.does("socialworker", nrm.record_referral, WEST, 3, MADE)
    followed.at(4, 2)
    assert told(followed) == ["socialworker"]
    assert [hears(followed, who) for who in ("socialworker", "chair", "coordinator", "nurse")] == [
        ["WEST-0666"],
        ["WEST-0666"],
        [],
        [],
    ]
    followed.does("chair", closed_items.end_reader, WEST, "WEST-0666", user_id("socialworker"), "Not theirs.")
    followed.at(4, 20)
    # No co-ordinator may read it, so the chair who may is reminded.
    assert (told(followed), hears(followed, "socialworker")) == (["chair"], [])
    followed.loses_place("chair")
    followed.at(5, 5)
    assert (told(followed), hears(followed, "vicechair")) == (["vicechair"], ["WEST-0666"])
    followed.does("vicechair", closed_items.name_reader, WEST, "WEST-0666", user_id("coordinator"), "Follows it.")
    followed.at(5, 19)
    assert (told(followed), hears(followed, "coordinator")) == (["coordinator"], ["WEST-0666"])


def test_a_referral_whose_decision_was_undone_is_not_chased(followed: Play) -> None:
    followed.does("nurse", nrm.record_referral, WEST, 1, MADE)
    followed.at(4, 2)
    with followed.store.work() as work:
        for decision in work.find_all(Decision, col(Decision.kind) == DecisionKind.NRM):
            decision.undone_at = work.now
            work.session.add(decision)
    assert (told(followed), hears(followed, "nurse")) == ([], [])


def test_one_message_names_all_that_is_awaited_the_longest_due_first(followed: Play) -> None:
    followed.does("socialworker", nrm.record_referral, WEST, 3, replace(POSITIVE, reasonable_on=date(2026, 3, 27)))
    followed.does("socialworker", nrm.record_referral, WEST, 1, MADE)
    followed.at(4, 27)
    asked = [(1, "conclusive"), (2, "reasonable"), (1, "reasonable"), (4711, "reasonable")]
    text, blocks = nrm_views.awaited(followed.does("socialworker", compose_awaited, asked))
    assert text == "2 NRM decisions are awaited."
    said = [block["text"]["text"] for block in blocks if block["type"] == "section"]
    assert said == [
        text,
        "*WEST-0001* · reasonable grounds awaited since Thu 26 Mar 2026, due Thu 2 Apr 2026 · West Operational MET",
        "*WEST-0666* · conclusive grounds awaited since Fri 27 Mar 2026, due from Sun 26 Apr 2026 · "
        "West Operational MET",
    ]
    pressed = [element["value"] for block in blocks if block["type"] == "actions" for element in block["elements"]]
    assert pressed == ["west-met:1", "west-met:3"]


def test_the_history_and_the_card_say_what_is_awaited_since_when_and_when_it_is_due(followed: Play) -> None:
    (made,) = followed.does("nurse", nrm.record_referral, WEST, 1, MADE).referrals
    rest = "independent guardian offered: not recorded"
    line = f"{LINE}reasonable grounds awaited since Thu 26 Mar 2026, due Thu 2 Apr 2026 · {rest}"
    assert line in str(history(followed.does("constable", lists.case_history, "WEST-0001")))
    followed.at(4, 3)
    found = followed.does("nurse", nrm.record_referral, WEST, 1, POSITIVE, made.id)
    line = (
        f"{LINE}reasonable grounds positive Thu 2 Apr 2026 · "
        f"conclusive grounds awaited since Thu 2 Apr 2026, due from Sat 2 May 2026 · {rest}"
    )
    assert nrm_views.recorded(found).splitlines()[1] == line
    followed.at(5, 19, 14)
    followed.opens()
    _, card = views.current(followed.goes_to("WEST-0001"))
    assert line in str(card)


@pytest.mark.databases("sqlite")
def test_only_who_reads_a_panels_cases_follows_or_records_a_referral(decided: Play) -> None:
    for use_case, given in (
        (nrm.referrals_to_follow, ("WEST-0001",)),
        (nrm.referrals_of_case, (1,)),
        (nrm.record_referral, (1, MADE)),
    ):
        assert decided.refused("outsider", use_case, WEST, *given) == NO_PANEL
        assert decided.refused("observer", use_case, WEST, *given) == (
            "On West Operational MET, observers can't see cases."
        )
