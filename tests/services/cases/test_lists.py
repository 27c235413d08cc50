"""What people read of a case: its hearings, what is flagged next, and nothing of what is kept from them."""

from datetime import date

import pytest
from sqlmodel import col

from bot.errors import NotForYou
from bot.models.cases import Flag
from bot.models.vocabulary import DecisionKind
from bot.records.meeting.deciding import DecisionForm
from bot.services.actions import changes, tracker
from bot.services.agenda import triage
from bot.services.agenda.owed import GATHERINGS
from bot.services.cases import interests, lists, withdrawing
from bot.services.diary import panels
from bot.services.home import overview
from bot.services.meeting import discussion, opening
from bot.slack.cases import views
from tests.county import SHIRE, WEST, user_id
from tests.risks import level
from tests.services.conftest import NO_PANEL, Play

STANDARD, MEDIUM, HIGH = (level("ceraf", key) for key in ("standard", "medium", "high"))


@pytest.mark.databases("sqlite")
def test_an_old_assessment_is_shown_as_stale(play: Play) -> None:
    play.flags("WEST-0001", assessed_on=date(2025, 12, 23))
    play.flags("WEST-0002", assessed_on=date(2025, 12, 25))
    assert [(flag.reference, flag.is_stale) for flag in play.does("chair", lists.list_flags, WEST).flags] == [
        ("WEST-0001", True),
        ("WEST-0002", False),
    ]


def test_a_history_has_every_hearing_newest_first_and_what_came_of_it(play: Play) -> None:
    play.accepted("WEST-0001")
    given = play.does(
        "coordinator",
        changes.add_action,
        WEST,
        holder_user_id=user_id("nurse"),
        text="Ring the school nurse",
        due="2026-03-09",
        case_reference="WEST-0001",
    )
    play.at(3, 24, 14)
    decision = DecisionForm(
        DecisionKind.RETAIN, "Risk is not falling.", review=date(2026, 4, 21), risk_after=("ceraf", "high")
    )
    play.holds({"WEST-0001": decision})
    play.at(4, 21, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.STEP_DOWN, "Settled.", risk_after=("ceraf", "standard"))})
    history = play.does("nurse", lists.case_history, "west-0001")
    assert (history.reference, history.district) == ("WEST-0001", "West")
    told = [(one.flag.meeting_at.date(), one.decisions) for one in history.hearings]
    assert [
        (day, *((one.kind, one.rationale, one.risk_before, one.risk_after, one.review_on) for one in made))
        for day, made in told
    ] == [
        (
            date(2026, 4, 21),
            (DecisionKind.STEP_DOWN, "Settled.", HIGH, STANDARD, None),
        ),
        (
            date(2026, 3, 24),
            (
                DecisionKind.RETAIN,
                "Risk is not falling.",
                level("ceraf", "medium"),
                level("ceraf", "high"),
                date(2026, 4, 21),
            ),
        ),
    ]
    assert [action.id for action in history.actions] == [given.id]
    assert play.audited("read")[-1] == ("case", 1, "nurse")


def test_a_closed_item_is_absent_everywhere_for_all_but_its_readers(play: Play) -> None:
    """The constable sits on the panel and reads every other case; what could leak is there to leak."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0666", closed=True)
    play.does(
        "chair",
        changes.add_action,
        WEST,
        holder_user_id=user_id("socialworker"),
        text="See the family",
        due="2026-03-02",
        case_reference="WEST-0666",
    )
    play.compiles()
    everything = [
        play.does("constable", lists.list_flags, WEST).flags,
        play.does("constable", triage.show_agenda, WEST),
        play.does("constable", tracker.list_actions, WEST, "all"),
        play.does("constable", tracker.list_actions, WEST, "overdue"),
        play.does("constable", panels.show_next_meeting, WEST),
        play.does("constable", overview.home_of),
        play.does("constable", lists.case_history, "WEST-0001"),
    ]
    assert "WEST-0666" not in repr(everything)
    assert "See the family" not in repr(everything)
    assert play.does("constable", panels.show_next_meeting, WEST).cases_accepted == 1
    assert play.does("chair", panels.show_next_meeting, WEST).cases_accepted == 2
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0666")
    play.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.STEP_DOWN, "Too secret to say."))
    play.does("constable", opening.acknowledge, play.county.west_meetings[0])
    current = play.does("constable", discussion.current_item, WEST)
    assert (current.item, current.notes, current.decisions, current.given) == (None, (), (), ())
    assert current.count == play.does("chair", discussion.current_item, WEST).count - 1
    closing = play.does("coordinator", opening.close_meeting, WEST)
    assert "WEST-0666" not in repr(closing)
    # The co-ordinator, who reads no closed item, is told of as many decisions as they may read.
    assert closing.decisions == 0


def test_a_person_who_declares_an_interest_sees_no_trace_of_the_case(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    assert play.does("nurse", interests.declare_interest, WEST, "WEST-0002").name == "Nurse"
    play.compiles()
    seen = [
        play.does("nurse", lists.list_flags, WEST).flags,
        play.does("nurse", triage.show_agenda, WEST),
        play.does("nurse", panels.show_next_meeting, WEST),
    ]
    assert "WEST-0002" not in repr(seen)
    assert play.does("nurse", panels.show_next_meeting, WEST).cases_accepted == 1
    assert play.refused("nurse", lists.case_history, "WEST-0002").startswith("I can't find case WEST-0002")
    assert play.does("nurse", interests.declare_interest, WEST, "WEST-0001").name == "Nurse"


def test_a_flag_that_another_hearing_served_is_no_deferral_and_a_copy_that_says_nothing_is_not_shown(
    play: Play,
) -> None:
    play.accepted("WEST-0001")
    play.flags("WEST-0001", "nurse", judgement="Seen at the clinic.")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.TRANSFER, "They moved.", area="Northshire")})
    play.at(4, 22)  # nobody opened the meeting of April
    play.ticks(GATHERINGS)
    history = play.does("nurse", lists.case_history, "WEST-0001")
    shown = [(one.flag.meeting_at.date(), one.flag.agency_name, one.flag.is_merged) for one in history.hearings]
    assert shown == [
        (date(2026, 5, 19), "Social Care", False),
        (date(2026, 4, 21), "Social Care", False),
        (date(2026, 3, 24), "Health", True),
        (date(2026, 3, 24), "Social Care", False),
    ]
    assert history.count == 4
    words = str(views.history(history))
    assert "West Operational MET, Tue 24 Mar 2026, 14:00: heard together with another flag" in words
    assert "deferred" not in words


def test_a_closed_item_is_marked_for_its_flagger_too_once_the_chair_accepts_it_and_wherever_it_is_sent(
    play: Play,
) -> None:
    flag_id = play.flags("WEST-0001", closed=True)
    marked = [play.does("socialworker", lists.list_flags, WEST).flags[0].is_closed_item]
    play.does("chair", triage.triage_flag, flag_id, triage.Verdict.ACCEPT)
    marked.append(play.does("socialworker", lists.list_flags, WEST).flags[0].is_closed_item)
    marked.append(play.does("socialworker", lists.case_history, "WEST-0001").hearings[0].flag.is_closed_item)
    play.at(3, 24, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.ESCALATE, "Three districts are touched.")})
    play.ticks(GATHERINGS)
    with play.store.work() as work:  # the county's chair presents it, as no one else there may read it
        (sent,) = work.find_all(Flag, col(Flag.panel_id) == play.county.shire_id)
        sent.person_id = play.county.person["countychair"]
    marked.append(play.does("countychair", lists.list_flags, SHIRE).flags[0].is_closed_item)
    assert marked == [False, True, True, True]


def test_actions_are_listed_by_case_for_those_who_may_read_it(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.accepted("WEST-0666", closed=True)
    for reference in ("WEST-0001", "WEST-0002", "WEST-0666"):
        given = {"holder_user_id": user_id("socialworker"), "text": "See the family", "due": "2026-03-02"}
        play.does("chair", changes.add_action, WEST, **given, case_reference=reference)
    listed = play.does("constable", tracker.list_actions, WEST, "all", about="west-0002")
    assert listed.heading == "All actions of West Operational MET about WEST-0002"
    assert [action.case_reference for action in listed.actions] == ["WEST-0002"]
    assert play.does("constable", tracker.list_actions, WEST, "mine", about="WEST-0001").actions == ()
    (closed,) = play.does("chair", tracker.list_actions, WEST, "open", about="WEST-0666").actions
    assert closed.case_reference == "WEST-0666"
    for reference in ("WEST-0666", "WEST-0999"):
        with pytest.raises(NotForYou, match=f"case {reference}"):
            play.does("constable", tracker.list_actions, WEST, "all", about=reference)
    # What is owed stays listed when the flag is taken back; a case without either is before no panel of theirs.
    play.flags("WEST-0003")
    for reference in ("WEST-0002", "WEST-0003"):
        play.does("socialworker", withdrawing.withdraw_flag, WEST, reference, "They moved.")
    (owed,) = play.does("constable", tracker.list_actions, WEST, "all", about="WEST-0002").actions
    assert owed.case_reference == "WEST-0002"
    with pytest.raises(NotForYou, match="case WEST-0003"):
        play.does("constable", tracker.list_actions, WEST, "all", about="WEST-0003")


@pytest.mark.databases("sqlite")
def test_only_who_reads_cases_lists_them_and_only_the_chair_is_offered_triage(play: Play) -> None:
    play.flags("WEST-0001")
    assert play.refused("outsider", lists.list_flags, WEST) == NO_PANEL
    assert play.refused("observer", lists.list_flags, WEST) == "On West Operational MET, observers can't see cases."
    members = ("chair", "vicechair", "coordinator", "minutetaker", "socialworker", "midwife")
    offered = [who for who in members if play.does(who, lists.list_flags, WEST).may_triage]
    assert offered == ["chair", "vicechair"]
