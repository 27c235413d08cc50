"""Nothing waits unseen: what is owed a hearing comes by itself, every list counts it, and who owes a step is told."""

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import pytest
from sqlmodel import col

from bot.domain.case_origin import FLAGGED_HERE, Passed
from bot.models.outbox import OutboxRow
from bot.models.panels import Membership
from bot.models.vocabulary import CloseReason, DecisionKind, FlagState, Role
from bot.records.meeting.deciding import DecisionForm
from bot.records.meeting.outcomes import CaseOutcome, outcomes_for
from bot.services.actions import accepting, changes
from bot.services.agenda import owed, papers, triage
from bot.services.agenda.owed import GATHERINGS
from bot.services.agenda.triage import Verdict
from bot.services.cases import closed_items, flags, lists, withdrawing
from bot.services.diary import prompts
from bot.services.home import overview
from bot.services.leaving.places import PLACES
from bot.services.meeting import discussion, opening
from bot.services.rescheduling import meetings
from bot.slack.agenda import views as agenda_views
from bot.slack.cases import views as cases_views
from bot.slack.meeting import closing_views
from bot.slack.meeting import views as meeting_views
from tests.county import SHIRE, WEST, flag_form, user_id
from tests.documents.word_files import texts
from tests.services.conftest import Play, Stage, unseen
from tests.statements import counting

pytestmark = pytest.mark.databases("sqlite")

ESCALATE = DecisionForm(DecisionKind.ESCALATE, "Three districts are touched.", risk_after=("ceraf", "high"))
STEP_DOWN = DecisionForm(DecisionKind.STEP_DOWN, "He is safe.")


def told(play: Play, kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Return who is told by a kind of notice, and the facts of it, in order."""
    names = {number: key for key, number in play.county.person.items()}
    with play.store.reading() as work:
        rows = work.find_all(OutboxRow, col(OutboxRow.kind) == kind, by=[col(OutboxRow.id)])
        return [(names[row.payload["person_id"]], row.payload) for row in rows]


def counts(play: Play, who: str, where: Any) -> set[int]:
    """Return how much waits for a chair, by Home, by the list of cases, and by triage, which comes last."""
    chairing = {one.panel.key: one.waiting for one in play.does(who, overview.home_of).chairing}
    listed = play.does(who, lists.list_flags, where).flags
    return {
        chairing[where.panel_key],
        sum(flag.state is FlagState.OPEN for flag in listed),
        play.does(who, triage.flags_to_triage, where).count,
    }


def escalated(play: Play, reference: str = "WEST-0001", **facts: Any) -> None:
    """West hears a case on 24 March and sends it up."""
    play.accepted(reference, **facts)
    play.at(3, 24, 14)
    play.holds({reference: ESCALATE})


@pytest.mark.databases("sqlite", "postgresql")
def test_an_escalated_case_that_nobody_touches_is_on_every_list_of_the_county_and_its_office_is_told_once(
    play: Play,
) -> None:
    escalated(play)
    assert play.ticks(GATHERINGS) == 1
    assert play.ticks(GATHERINGS) == 0
    assert [who for who, _ in told(play, "cases_sent")] == ["coordinator", "countychair"]
    (waiting,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    assert waiting.sent_because == ESCALATE.rationale
    assert counts(play, "countychair", SHIRE) == {1}
    (flag,) = play.does("countychair", lists.list_flags, SHIRE).flags
    assert flag.origin.words == ("escalated by West Operational MET on 24 March 2026",)
    sent = play.does("countychair", owed.compose_sent, flag.meeting_id, [flag.id])
    assert sent is not None
    text, blocks = agenda_views.sent(sent)
    assert text == "1 case was sent to Shire Operational MET, for the meeting on Tue 31 Mar 2026, 10:00."
    assert "escalated by West Operational MET on 24 March 2026" in str(blocks)
    assert "home.triage" in str(blocks)
    by_coordinator = play.does("coordinator", owed.compose_sent, flag.meeting_id, [flag.id])
    assert by_coordinator is not None
    assert not by_coordinator.may_triage


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("is_accepted", [True, False], ids=["accepted before", "open still"])
def test_what_was_flagged_to_the_county_too_stands_with_what_districts_escalate(play: Play, is_accepted: bool) -> None:
    flag_id = play.flags("WEST-0001", "matron", SHIRE)
    if is_accepted:
        play.does("countychair", triage.triage_flag, flag_id, Verdict.ACCEPT)
        play.compiles(SHIRE)
    escalated(play)
    play.ticks(GATHERINGS)
    if not is_accepted:
        play.does("countychair", triage.triage_flag, flag_id, Verdict.ACCEPT)
    play.compiles(SHIRE)
    items = play.does("countychair", triage.show_agenda, SHIRE).items
    (item,) = [one for one in items if one.flag is not None]
    assert item.flag is not None
    assert (item.title, item.section, item.flag.id) == ("WEST-0001", "escalated-children", flag_id)
    (listed,) = play.does("countychair", lists.list_flags, SHIRE).flags
    for view in (item.flag, listed):
        assert (view.agency_name, [one.agency_name for one in view.concerns]) == ("Health", ["Social Care"])
        assert view.origin.words == ("escalated by West Operational MET on 24 March 2026",)
    # The flagging agency may take its own flag back; what the district sent stays.
    if not is_accepted:
        return
    play.does("matron", withdrawing.withdraw_flag, SHIRE, "WEST-0001", "They moved.")
    (left,) = play.does("countychair", lists.list_flags, SHIRE).flags
    assert (left.agency_name, left.is_escalated, left.state) == ("Social Care", True, FlagState.OPEN)
    assert left.origin.words == ("escalated by West Operational MET on 24 March 2026",)


@pytest.mark.parametrize("is_closed", [True, False], ids=["a closed item", "any other"])
def test_the_level_that_a_district_decided_is_shown_on_the_flag_of_readers_alone(play: Play, is_closed: bool) -> None:
    play.accepted("WEST-0001", "nurse")
    play.at(3, 3)
    play.flags("WEST-0001", "matron", SHIRE)
    if is_closed:
        play.does("chair", closed_items.close_item, WEST, "WEST-0001", "A threat to a witness.")
        play.does("chair", closed_items.end_reader, WEST, "WEST-0001", user_id("matron"), "Not her ward.")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": ESCALATE})
    for sweep in (GATHERINGS, PLACES):
        play.ticks(sweep)
    (flag,) = play.does("matron", lists.list_flags, SHIRE).flags
    assert flag.facts.risk_level == ("medium" if is_closed else "high")


@pytest.mark.parametrize("is_concern", [True, False], ids=["a concern", "its own flag"])
def test_what_an_agency_said_to_the_county_stays_though_a_colleague_said_more_to_a_district_before(
    play: Play, is_concern: bool
) -> None:
    if is_concern:
        play.accepted("WEST-0001")
        play.flags("WEST-0001", "nurse", judgement="Seen at the clinic.")
    else:
        play.accepted("WEST-0001", "nurse", judgement="Seen at the clinic.")
    play.at(3, 3)
    play.flags("WEST-0001", "matron", SHIRE, judgement="Three districts ask.")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": ESCALATE})
    for sweep in (GATHERINGS, PLACES):
        play.ticks(sweep)
    (flag,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    assert (flag.presenter_name, flag.facts.judgement) == ("Matron", "Three districts ask.")
    assert flag.origin.words == ("escalated by West Operational MET on 24 March 2026",)
    # What West decided counts all the same, beside the agency's words or on another agency's concern.
    of_county = [flag.facts.risk_level, *(one.facts.risk_level for one in flag.concerns)]
    assert of_county == (["medium", "high"] if is_concern else ["high"])
    assert told(play, "handed_over") == []


def test_what_a_meeting_left_untriaged_is_said_when_it_is_closed(play: Play) -> None:
    play.flags("WEST-0001")
    play.flags("WEST-0002", "nurse", closed=True)
    play.accepted("WEST-0003")
    play.at(3, 24, 14)
    said = [closing_views.closed(play.holds({}, "chair"))]
    play.at(4, 21, 14)
    said.append(closing_views.closed(play.holds({}, "coordinator")))  # who is no reader of the closed item
    line = "Carried to the next meeting without triage:"
    assert [text.partition(line)[2].partition(".")[0].strip() for text in said] == [
        "2 flagged cases",
        "1 flagged case",
    ]


def test_the_label_of_what_was_sent_stays_until_it_is_heard(play: Play) -> None:
    escalated(play)
    play.ticks(GATHERINGS)
    (waiting,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    play.does("countychair", triage.triage_flag, waiting.id, Verdict.DEFER, "The county hears it in April.")
    play.at(3, 31, 10)
    play.holds({}, "countychair", SHIRE)
    (again,) = play.does("countychair", lists.list_flags, SHIRE).flags
    assert again.origin.words == (
        "escalated by West Operational MET on 24 March 2026",
        "deferred from 31 March 2026",
    )


def test_what_was_not_reached_and_what_was_never_held_say_so_at_the_next_meeting(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    play.does("chair", opening.close_meeting, WEST)
    (carried,) = play.does("chair", lists.list_flags, WEST).flags
    assert carried.origin.words == ("not reached on 24 March 2026",)
    play.at(4, 21, 17)  # nobody opened it
    play.ticks(GATHERINGS)
    (again,) = play.does("chair", lists.list_flags, WEST).flags
    not_reached = "not reached on 24 March 2026"
    assert again.origin.words == (not_reached, "the meeting of 21 April 2026 was not held")
    assert play.compiles() == ["WEST-0001"]
    # The first stays, however often the case is passed over.
    play.at(5, 20)
    later = {"starts_at": datetime.combine(date(2026, 6, 16), time(14)), "venue": "Hall", "reason": "One more."}
    play.does("coordinator", meetings.add_meeting, WEST, **later)
    play.ticks(GATHERINGS)
    last = play.does("chair", lists.case_history, "WEST-0001").hearings[0].flag
    assert last.origin.words == (not_reached, "the meeting of 19 May 2026 was not held")


@pytest.mark.parametrize("recorded", ["a note", "an action", "nothing"])
def test_a_case_that_was_heard_without_a_decision_says_so_wherever_it_is_shown(play: Play, recorded: str) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    given = {"holder_user_id": user_id("nurse"), "due": "21 April", "text": "Ring the school"}
    if recorded == "a note":
        play.does("chair", discussion.add_note, WEST, "Seen at the clinic.")
    elif recorded == "an action":
        play.does("chair", changes.add_action, WEST, **given)
    play.does("chair", opening.close_meeting, WEST)
    listed = play.does("chair", lists.list_flags, WEST).flags
    assert {one.reference: one.origin.words for one in listed} == {
        "WEST-0001": ("heard on 24 March 2026 without a decision",),
        "WEST-0002": ("not reached on 24 March 2026",),
    }
    found = play.does("socialworker", outcomes_for, play.county.west_meetings[0])
    assert found is not None
    assert found.cases == (
        CaseOutcome("WEST-0001", (), Passed.UNDECIDED),
        CaseOutcome("WEST-0002", (), Passed.NOT_REACHED),
    )
    came_of = {
        reference: [one.passed for one in play.does("chair", lists.case_history, reference).hearings]
        for reference in ("WEST-0001", "WEST-0002")
    }
    assert came_of == {"WEST-0001": [None, Passed.UNDECIDED], "WEST-0002": [None, Passed.NOT_REACHED]}


def test_a_review_says_since_when_it_is_owed(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 4, 21))})
    (review,) = play.does("chair", lists.list_flags, WEST).flags
    assert review.origin.words == ("for review, decided on 24 March 2026",)
    assert review.state is FlagState.ACCEPTED


TRANSFERRED = (DecisionForm(DecisionKind.TRANSFER, "They moved.", area="Northshire"),)
REFERRED_AND_RETAINED = (
    DecisionForm(DecisionKind.NRM, "He was moved to sell drugs.", review=date(2026, 4, 21)),
    DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 5, 19)),
)


@pytest.mark.parametrize(
    ("made", "is_opened", "came_from"),
    [
        (TRANSFERRED, True, ("transfer to another area, decided on 24 March 2026", "not reached on 21 April 2026")),
        (
            REFERRED_AND_RETAINED,
            False,
            (
                "NRM referral, due 21 April 2026, for review, decided on 24 March 2026",
                "the meeting of 21 April 2026 was not held",
            ),
        ),
    ],
)
def test_what_agencies_said_for_a_meeting_that_passed_a_case_over_counts_beside_an_older_decision(
    play: Play, made: tuple[DecisionForm, ...], is_opened: bool, came_from: tuple[str, ...]
) -> None:
    play.accepted("WEST-0001", missing_episodes=7)
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    for decision in made:
        play.does("chair", discussion.decide, WEST, decision)
    play.does("chair", opening.close_meeting, WEST)
    play.flags("WEST-0001", judgement="Calmer at home.", missing_episodes=1)
    play.flags("WEST-0001", "nurse", judgement="Seen at the clinic.")
    play.at(4, 21, 14)
    if is_opened:
        play.opens()
        play.does("chair", opening.close_meeting, WEST)
    play.at(4, 23)
    play.ticks(GATHERINGS)
    flag = play.does("chair", lists.case_history, "WEST-0001").hearings[0].flag
    assert (flag.meeting_at.date(), flag.state, flag.origin.words) == (date(2026, 5, 19), FlagState.ACCEPTED, came_from)
    assert (flag.facts.judgement, flag.facts.missing_episodes) == ("Calmer at home.", 1)
    assert [(one.agency_name, one.facts.judgement) for one in flag.concerns] == [("Health", "Seen at the clinic.")]


def heard_twice(play: Play, *references: str) -> None:
    """West hears cases on 24 March and on 7 April, and on 21 April, when the first decision is due, it doesn't meet."""
    nrm = DecisionForm(DecisionKind.NRM, "He was moved to sell drugs.", review=date(2026, 4, 21))
    for reference in references:
        play.accepted(reference)
    play.at(3, 24, 14)
    play.holds(dict.fromkeys(references, nrm))
    play.at(3, 30)
    extra = {
        "starts_at": datetime.combine(date(2026, 4, 7), time(14)),
        "venue": "Civic Centre",
        "reason": "Many cases.",
    }
    play.does("coordinator", meetings.add_meeting, WEST, **extra)
    for reference in references:
        play.accepted(reference)
    play.at(4, 7, 14)
    retain = DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 5, 19))
    play.holds(dict.fromkeys(references, retain))
    play.at(4, 22)


def test_two_hearings_are_told_apart_by_as_many_questions_for_many_cases(stage: Stage) -> None:
    def asked(count: int) -> int:
        with stage() as play:
            heard_twice(play, *(f"WEST-{number:04}" for number in range(1, count + 1)))
            with counting(play.store.engine) as statements:
                assert play.ticks(GATHERINGS)
        return sum(statement.startswith("SELECT") for statement in statements)

    assert asked(2) == asked(5)


def test_the_newer_of_two_hearings_is_named_where_a_decision_of_it_falls_due_after_a_meeting_passed_over(
    play: Play,
) -> None:
    heard_twice(play, "WEST-0001")
    play.ticks(GATHERINGS)
    flag = play.does("chair", lists.case_history, "WEST-0001").hearings[0].flag
    assert flag.origin.words == (
        "for review, decided on 7 April 2026",
        "NRM referral, due 21 April 2026, decided on 24 March 2026",
        "the meeting of 21 April 2026 was not held",
    )


def test_decisions_of_two_meetings_that_fall_due_at_one_are_both_named_there(play: Play) -> None:
    """What the meeting of May itself decides changes nothing in why the case came to it."""
    nrm = DecisionForm(DecisionKind.NRM, "He was moved to sell drugs.", review=date(2026, 5, 5))
    retain = DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 5, 19))
    both = ("for review, decided on 21 April 2026", "NRM referral, due 5 May 2026, decided on 24 March 2026")
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": nrm})
    play.accepted("WEST-0001")
    play.at(4, 21, 13)
    play.holds({"WEST-0001": retain})
    (flag,) = play.does("chair", lists.list_flags, WEST).flags
    assert flag.origin.words == both
    play.at(5, 19, 13)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.CLOSE, "He is safe.", close_reason=CloseReason.RISK_REDUCED)})
    history = play.does("chair", lists.case_history, "WEST-0001")
    assert [one.flag.origin.words for one in history.hearings if one.flag.id == flag.id] == [both]


@pytest.mark.parametrize("is_deferred", [False, True])
def test_a_review_that_is_also_sent_by_another_panel_shows_both_and_the_sender_hears_of_it(
    play: Play, is_deferred: bool
) -> None:
    escalated(play)
    (waiting,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    play.does("countychair", triage.triage_flag, waiting.id, Verdict.ACCEPT)
    play.at(3, 31, 10)
    retain = DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 4, 28))
    play.holds({"WEST-0001": retain}, "countychair", SHIRE)
    play.at(4, 1)
    play.accepted("WEST-0001", "nurse")
    play.at(4, 21, 14)
    play.holds({"WEST-0001": replace(ESCALATE, rationale="A fourth district is touched.")})
    play.ticks(GATHERINGS)
    came_from = (
        "escalated by West Operational MET on 21 April 2026",
        "for review, decided on 31 March 2026",
    )
    (flag,) = play.does("countychair", lists.list_flags, SHIRE).flags
    assert flag.origin.words == came_from
    card = play.does("countychair", lists.case_history, "WEST-0001").hearings[0].flag
    assert (card.id, card.origin.words, card.sent_because) == (flag.id, came_from, "A fourth district is touched.")
    before = len(told(play, "flag_triaged")), len(told(play, "case_outcomes"))
    if is_deferred:
        later = {"starts_at": datetime.combine(date(2026, 5, 26), time(10)), "venue": "Hall", "reason": "Many cases."}
        play.does("coordinator", meetings.add_meeting, SHIRE, **later)
        play.does("countychair", triage.triage_flag, flag.id, Verdict.DEFER, "The county hears it in May.")
        assert "chair" in [who for who, _ in told(play, "flag_triaged")[before[0] :]]
        assert play.does("chair", triage.triaged_flag_for_notice, flag.id)[1] == "The county hears it in May."
        again = play.does("countychair", lists.case_history, "WEST-0001").hearings[0].flag
        assert (again.state, again.origin.words) == (FlagState.OPEN, (*came_from, "deferred from 28 April 2026"))
        return
    play.at(4, 28, 10)
    play.holds({"WEST-0001": STEP_DOWN}, "countychair", SHIRE)
    assert "chair" in [who for who, _ in told(play, "case_outcomes")[before[1] :]]
    found = play.does("chair", outcomes_for, flag.meeting_id)
    assert found is not None
    assert [(one.reference, one.decided) for one in found.cases] == [("WEST-0001", ((DecisionKind.STEP_DOWN, None),))]


def test_who_flagged_a_case_and_who_sent_it_hear_what_became_of_it(play: Play) -> None:
    escalated(play)
    assert [who for who, _ in told(play, "case_outcomes")] == ["socialworker"]
    found = play.does("socialworker", outcomes_for, play.county.west_meetings[0])
    assert found is not None
    assert found.cases == (CaseOutcome("WEST-0001", ((DecisionKind.ESCALATE, None),)),)
    (waiting,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    play.does("countychair", triage.triage_flag, waiting.id, Verdict.ACCEPT)
    play.at(3, 31, 10)
    play.opens("countychair", SHIRE)
    play.does("countychair", opening.close_meeting, SHIRE)
    assert [who for who, _ in told(play, "case_outcomes")][1:] == ["chair", "socialworker"]
    sender = play.does("chair", outcomes_for, play.county.shire_meetings[0])
    assert sender is not None
    assert sender.cases == (CaseOutcome("WEST-0001", (), Passed.NOT_REACHED),)
    assert sender.goes_on == date(2026, 4, 28)
    # The social worker has no place on the county's panel, and hears what their own panel's history shows.
    flagger = play.does("socialworker", outcomes_for, play.county.shire_meetings[0])
    assert flagger is not None
    assert flagger.cases == sender.cases


@pytest.mark.parametrize("way", ["deferred", "withdrawn", "heard"])
def test_where_nobody_chairs_the_panel_that_sent_a_case_its_co_ordinator_hears_what_became_of_it(
    play: Play, way: str
) -> None:
    escalated(play)
    play.ticks(GATHERINGS)
    for who in ("chair", "vicechair"):
        play.loses_place(who)
    (sent,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    before = len(play.sent())
    if way == "deferred":
        play.does("countychair", triage.triage_flag, sent.id, Verdict.DEFER, "The county hears it in April.")
        assert play.does("coordinator", triage.triaged_flag_for_notice, sent.id)[1] == "The county hears it in April."
    elif way == "withdrawn":
        play.does("countychair", withdrawing.withdraw_flag, SHIRE, "WEST-0001", "West works with them.")
        found = play.does("coordinator", withdrawing.withdrawal_for_notice, sent.id)
        assert found is not None
        assert (found.is_sender, found.reason) == (True, "West works with them.")
    else:
        play.does("countychair", triage.triage_flag, sent.id, Verdict.ACCEPT)
        play.at(3, 31, 10)
        step_down = DecisionForm(DecisionKind.STEP_DOWN, "He is safe.")
        play.holds({"WEST-0001": step_down}, "countychair", SHIRE)
        outcome = play.does("coordinator", outcomes_for, play.county.shire_meetings[0])
        assert outcome is not None
        assert outcome.cases == (CaseOutcome("WEST-0001", ((DecisionKind.STEP_DOWN, None),)),)
    kinds = {"deferred": "flag_triaged", "withdrawn": "flag_withdrawn", "heard": "case_outcomes"}
    assert play.sent()[before:].count((kinds[way], "coordinator")) == 1


def test_all_who_flagged_a_case_at_a_district_hear_what_the_county_decides_and_nobody_else_does(play: Play) -> None:
    play.flags("WEST-0001", "constable")
    play.accepted("WEST-0001", "nurse")
    play.accepted("WEST-0666", "socialworker", closed=True)
    play.at(3, 24, 14)
    play.holds({"WEST-0001": ESCALATE, "WEST-0666": ESCALATE})
    play.ticks(GATHERINGS)
    for waiting in play.does("countychair", triage.flags_to_triage, SHIRE).waiting:
        play.does("countychair", triage.triage_flag, waiting.id, Verdict.ACCEPT)
    play.ticks(PLACES)
    play.at(3, 31, 10)
    play.holds({"WEST-0001": STEP_DOWN, "WEST-0666": STEP_DOWN}, "countychair", SHIRE)
    shire = play.county.shire_meetings[0]
    heard = {}
    for who, facts in told(play, "case_outcomes"):
        if facts["meeting_id"] == shire and (found := play.does(who, outcomes_for, shire)) is not None:
            assert who not in heard
            heard[who] = [one.reference for one in found.cases]
    assert heard == {
        "chair": ["WEST-0001", "WEST-0666"],
        "constable": ["WEST-0001"],
        "nurse": ["WEST-0001"],
        "socialworker": ["WEST-0666"],
    }


def test_who_flagged_a_case_hears_no_outcome_that_they_may_no_longer_read(play: Play) -> None:
    play.accepted("WEST-0001", "nurse")
    play.accepted("WEST-0002", "matron")
    play.accepted("WEST-0003", "socialworker")
    play.at(3, 24, 14)
    play.holds(dict.fromkeys(("WEST-0001", "WEST-0002", "WEST-0003"), STEP_DOWN))
    brought = ("nurse", "matron", "socialworker")
    meeting_id = play.county.west_meetings[0]
    assert [play.does(who, outcomes_for, meeting_id) is None for who in brought] == [False, False, False]
    play.does("chair", closed_items.close_item, WEST, "WEST-0001", "A sibling sits near.")
    play.does("chair", closed_items.end_reader, WEST, "WEST-0001", user_id("nurse"), "She moves on.")
    with play.store.work() as work:  # the matron stays as an observer, who reads no cases
        theirs = (col(Membership.person_id) == play.county.person["matron"], col(Membership.role) != Role.OBSERVER)
        for place in work.find_all(Membership, *theirs, col(Membership.panel_id) == play.county.west_id):
            place.role = Role.OBSERVER
            work.session.add(place)
    assert [play.does(who, outcomes_for, meeting_id) is None for who in brought] == [True, True, False]


def test_who_flagged_a_case_hears_that_it_was_not_triaged_in_time(play: Play) -> None:
    play.flags("WEST-0001")
    play.at(3, 24, 14)
    play.holds({})
    found = play.does("socialworker", outcomes_for, play.county.west_meetings[0])
    assert found is not None
    assert found.cases == (CaseOutcome("WEST-0001", (), Passed.NOT_TRIAGED),)
    (again,) = play.does("chair", lists.list_flags, WEST).flags
    assert again.origin.words == ("not triaged for 24 March 2026",)
    assert "• *WEST-0001*: not triaged in time; it comes to the meeting on Tue 21 Apr 2026" in str(
        meeting_views.outcomes(found)
    )


def test_the_chair_who_sent_a_case_hears_that_the_county_deferred_it(play: Play) -> None:
    escalated(play)
    (waiting,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    play.does("countychair", triage.triage_flag, waiting.id, Verdict.DEFER, "The county hears it in April.")
    assert "chair" in [who for who, _ in told(play, "flag_triaged")]
    view, reason = play.does("chair", triage.triaged_flag_for_notice, waiting.id)
    assert (view.reference, view.state, reason) == ("WEST-0001", FlagState.DEFERRED, "The county hears it in April.")
    assert play.refused("vicechair", triage.triaged_flag_for_notice, waiting.id).startswith("I can't find that flag")


def test_nothing_of_a_closed_item_is_told_to_who_may_not_read_it(play: Play) -> None:
    escalated(play, "WEST-0666", closed=True)
    play.ticks(GATHERINGS)
    (flag,) = play.does("countychair", lists.list_flags, SHIRE).flags
    assert play.does("coordinator", owed.compose_sent, flag.meeting_id, [flag.id]) is None
    assert play.does("nurse", outcomes_for, play.county.west_meetings[0]) is None


def test_a_late_flag_asks_the_chair_who_hears_it_or_not_from_the_message(play: Play) -> None:
    play.at(3, 11)
    play.flags("WEST-0001")
    first, second = play.does("chair", lists.list_flags, WEST).flags[0], play.flags("WEST-0002", "nurse")
    assert [who for who, _ in told(play, "late_flag")] == ["chair", "chair"]
    asked = play.does("chair", owed.compose_late, first.id)
    assert asked is not None
    text, blocks = agenda_views.late(asked)
    assert text == (
        "Socialworker (Social Care) flagged *WEST-0001* late to West Operational MET, for the meeting on Tue "
        "24 Mar 2026, 14:00."
    )
    assert "agenda.hear" in str(blocks)
    assert "agenda.later" in str(blocks)
    play.does("chair", triage.triage_flag, first.id, Verdict.ACCEPT)
    assert play.does("chair", owed.compose_late, first.id) is None
    play.does("chair", triage.triage_flag, second, Verdict.DEFER, "The case was flagged after the cut-off.")
    assert play.compiles() == ["WEST-0001"]


def test_each_agency_that_flagged_late_is_told_once_that_the_chair_hears_the_case_or_defers_it(play: Play) -> None:
    play.flags("WEST-0003", "constable")
    play.at(3, 11)
    heard, deferred = play.flags("WEST-0001"), play.flags("WEST-0002", "nurse")
    play.flags("WEST-0001", "nurse", judgement="Seen at the clinic.")
    in_time = play.does("chair", lists.list_flags, WEST).flags[-1]
    assert in_time.reference == "WEST-0003"
    for flag_id in (heard, heard, in_time.id):
        play.does("chair", triage.triage_flag, flag_id, Verdict.ACCEPT)
    play.does("chair", triage.triage_flag, deferred, Verdict.DEFER, "The case was flagged after the cut-off.")
    found = [
        (who, cases_views.triaged_notice(*play.does(who, triage.triaged_flag_for_notice, facts["flag_id"]))[0])
        for who, facts in told(play, "flag_triaged")
    ]
    accepted = "WEST-0001, flagged to West Operational MET, is accepted for the meeting on Tue 24 Mar 2026, 14:00."
    later = "WEST-0002, flagged to West Operational MET, is deferred to a later meeting."
    assert sorted(found) == [("nurse", accepted), ("nurse", later), ("socialworker", accepted)]


def test_who_may_not_read_a_closed_item_is_not_told_that_the_chair_accepted_it(play: Play) -> None:
    play.at(3, 11)
    flag_id = play.flags("WEST-0666", closed=True)
    play.flags("WEST-0666", "nurse")
    play.does("chair", triage.triage_flag, flag_id, Verdict.ACCEPT)
    assert [who for who, _ in told(play, "flag_triaged")] == ["socialworker"]


def test_without_a_chair_the_coordinator_hears_of_a_late_flag_and_can_t_rule_on_it(play: Play) -> None:
    play.at(3, 11)
    for who in ("chair", "vicechair"):
        play.loses_place(who)
    flag_id = play.flags("WEST-0001")
    assert [who for who, _ in told(play, "late_flag")] == ["coordinator"]
    asked = play.does("coordinator", owed.compose_late, flag_id)
    assert asked is not None
    assert "agenda.hear" not in str(agenda_views.late(asked))


def test_what_waits_when_the_meeting_opens_is_said_and_may_still_be_heard(play: Play) -> None:
    play.accepted("WEST-0001")
    flag_id = play.flags("WEST-0002")
    play.at(3, 24, 14)
    room = play.does("chair", opening.open_panel_meeting, WEST)
    assert room.untriaged == 1
    assert meeting_views.opened(room)[0].endswith(
        "\n*1 flagged case needs triage by the chair* before the agenda lists it."
    )
    here = tuple(user_id(who) for who in ("chair", "nurse", "socialworker"))
    play.does("coordinator", opening.record_attendance, WEST, present=here)
    waiting = play.does("chair", triage.flags_to_triage, WEST)
    assert (waiting.is_open, [flag.reference for flag in waiting.waiting]) == (True, ["WEST-0002"])
    play.does("chair", triage.triage_flag, flag_id, Verdict.ACCEPT)
    assert play.agenda() == ["WEST-0001", "WEST-0002"]
    assert play.goes_to("WEST-0002").item is not None
    play.does("chair", discussion.decide, WEST, ESCALATE)
    assert play.does("chair", opening.close_meeting, WEST).decisions == 1


def test_a_triage_prompt_waits_for_something_to_triage(play: Play) -> None:
    play.at(3, 12)
    play.ticks(prompts.PROMPTS)
    assert ("prompt", "chair") not in [one for one in play.sent("prompt") if one[1] == "chair"][1:]
    before = play.sent("prompt")
    play.flags("WEST-0001")
    play.ticks(prompts.PROMPTS)
    assert play.sent("prompt")[len(before) :] == [("prompt", "chair")]
    play.ticks(prompts.PROMPTS)
    assert len(play.sent("prompt")) == len(before) + 1


@pytest.mark.databases("sqlite", "postgresql")
def test_what_a_second_agency_says_stands_beside_the_first_at_one_hearing(play: Play) -> None:
    first = play.flags("WEST-0001")
    said = flag_form("WEST-0001", judgement="The school is worried too.", asked_of_panel="A mentor.")
    assert play.does("nurse", flags.flag_case, WEST, said).id == first
    (flag,) = play.does("chair", triage.flags_to_triage, WEST).waiting
    assert [(one.agency_name, one.person_name, one.facts.asked_of_panel) for one in flag.concerns] == [
        ("Health", "Nurse", "A mentor.")
    ]
    shown = str(cases_views.summary(flag))
    assert "*Health* flags it too, Nurse" in shown
    assert "Judgement: The school is worried too.\\nRequest to the panel: A mentor." in shown
    assert play.refused("matron", flags.flag_case, WEST, flag_form("WEST-0001")) == (
        "WEST-0001 is flagged to that meeting already. To change the flag: `/case edit WEST-0001`."
    )
    play.does("chair", triage.triage_flag, flag.id, Verdict.ACCEPT)
    play.at(3, 24, 14)
    play.holds({"WEST-0001": ESCALATE})
    assert [who for who, _ in told(play, "case_outcomes")] == ["socialworker", "nurse"]


def test_an_agency_says_more_of_a_case_that_comes_back_and_can_t_undo_the_review(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 4, 21))})
    assert play.refused("socialworker", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved.") == (
        "The panel itself decided to hear this case again. Ask the chair to defer it."
    )
    play.does("socialworker", flags.flag_case, WEST, flag_form("WEST-0001", judgement="Calmer at home."))
    (flag,) = play.does("chair", lists.list_flags, WEST).flags
    assert flag.state is FlagState.ACCEPTED
    assert cases_views.flagged(flag).startswith(
        "*WEST-0001* is flagged to West Operational MET on Tue 21 Apr 2026, 14:00, and is on its agenda."
    )
    play.does(
        "socialworker", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved."
    )  # what they said since; the review stands
    assert [one.reference for one in play.does("chair", lists.list_flags, WEST).flags] == ["WEST-0001"]


def test_a_flag_of_its_own_comes_from_nowhere(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    (flag,) = play.does("chair", triage.flags_to_triage, WEST).waiting
    assert (flag.id, flag.origin) == (flag_id, FLAGGED_HERE)


def test_what_is_owed_is_looked_for_in_one_statement_however_many_cases_there_are(play: Play) -> None:
    def asked() -> int:
        with play.store.reading() as work, counting(play.store.engine) as statements:
            GATHERINGS.find(work)
        return len(statements)

    few = asked()
    for number in range(12):
        play.accepted(f"WEST-{number:04}")
    assert asked() == few == 1


def test_a_closed_item_that_is_sent_up_is_counted_alike_for_its_readers(play: Play) -> None:
    escalated(play, "WEST-0666", closed=True)
    play.ticks(GATHERINGS)
    assert counts(play, "countychair", SHIRE) == {1}
    assert "Countychair" in [
        one.name for one in play.does("chair", closed_items.show_readers, WEST, "WEST-0666").readers
    ]


def test_who_gets_a_case_reads_what_was_said_where_it_was_sent_from_and_no_one_else_does(play: Play) -> None:
    escalated(play)
    play.ticks(GATHERINGS)
    # Nobody has accepted it at the county yet: its chair reads why it was sent.
    history = play.does("countychair", lists.case_history, "WEST-0001")
    assert [[one.rationale for one in hearing.decisions] for hearing in history.hearings] == [
        [],
        ["Three districts are touched."],
    ]
    (waiting,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    play.does("countychair", triage.triage_flag, waiting.id, Verdict.ACCEPT)
    play.at(3, 31, 10)
    play.opens("countychair", SHIRE)
    current = play.goes_to("WEST-0001", "countychair", SHIRE)
    assert "Three districts are touched." in str(meeting_views.current(current))
    close = DecisionForm(DecisionKind.CLOSE, "Nothing is left to do.", close_reason=CloseReason.RISK_REDUCED)
    play.does("countychair", discussion.decide, SHIRE, close)
    play.does("countychair", opening.close_meeting, SHIRE)
    # The county has sent it to nobody: West reads that it was heard there, and what was decided.
    seen = play.does("vicechair", lists.case_history, "WEST-0001")
    shown = str(cases_views.history(seen))
    assert "Shire Operational MET keeps the record of what was said there." in shown
    assert "Nothing is left to do." not in shown
    assert "Three districts are touched." in shown


def test_the_card_shows_why_a_case_was_retained_and_what_became_of_its_actions(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    given = {"holder_user_id": user_id("nurse"), "due": "2026-04-01"}
    done = play.does("chair", changes.add_action, WEST, text="See the family", **given)
    play.does("chair", changes.add_action, WEST, text="Ring the school", **given)
    play.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 4, 21)))
    play.does("chair", opening.close_meeting, WEST)
    play.does("nurse", changes.complete_action, done.id)
    play.does("chair", accepting.accept_action, done.id)
    play.at(4, 21, 14)
    play.opens()
    card = play.goes_to("WEST-0001")
    assert [action.text for action in card.over] == ["See the family"]
    assert [action.text for action in card.outstanding] == ["Ring the school"]
    shown = str(meeting_views.current(card))
    assert "Watch." in shown
    assert "What happened to earlier actions" in shown


def test_the_word_agenda_says_where_a_case_comes_from_why_and_what_a_second_agency_says(play: Play) -> None:
    play.flags("WEST-0001", judgement="Seen with older peers.", asked_of_panel="A plan.")
    play.accepted("WEST-0001", "nurse", risk_level="high", judgement="Seen at the clinic.", asked_of_panel="A mentor.")
    play.does("coordinator", triage.publish_agenda, WEST)
    (flag,) = play.does("constable", lists.list_flags, WEST).flags
    assert cases_views.marks(flag) == "routine · CERAF: medium · Health flags it too: CERAF: high"
    word = texts(play.does("nurse", papers.agenda_document, 1).write())
    second = "Also flagged by\tHealth: CERAF: high. Judgement: Seen at the clinic. Request to the panel: A mentor."
    assert second in word
    play.at(3, 24, 14)
    play.holds({"WEST-0001": ESCALATE})
    play.ticks(GATHERINGS)
    (waiting,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    play.does("countychair", triage.triage_flag, waiting.id, Verdict.ACCEPT)
    play.does("coordinator", triage.publish_agenda, SHIRE)
    word = texts(play.does("matron", papers.agenda_document, waiting.meeting_id).write())
    assert [line for line in word if line.startswith("Comes from")] == [
        "Comes from\tEscalated by West Operational MET on 24 March 2026. Sent on because: Three districts are touched."
    ]


@pytest.mark.parametrize("who", ["observer", "nurse", "outsider"])
def test_only_who_reads_a_panels_cases_is_shown_what_was_sent_to_it(play: Play, who: str) -> None:
    escalated(play)
    play.ticks(GATHERINGS)
    (flag,) = play.does("countychair", lists.list_flags, SHIRE).flags
    assert play.refused(who, owed.compose_sent, flag.meeting_id, [flag.id]) == unseen("that meeting")


@pytest.mark.parametrize("who", ["observer", "countychair", "outsider"])
def test_only_who_reads_a_panels_cases_is_shown_a_late_flag(play: Play, who: str) -> None:
    play.at(3, 18)
    flag_id = play.flags("WEST-0001")
    assert play.refused(who, owed.compose_late, flag_id) == unseen("that flag")


@pytest.mark.parametrize("who", ["observer", "countychair", "outsider"])
def test_an_agenda_paper_is_only_for_who_sees_the_agenda(play: Play, who: str) -> None:
    play.accepted("WEST-0001")
    assert play.refused(who, papers.agenda_document, play.county.west_meetings[0]) == unseen("that agenda")
