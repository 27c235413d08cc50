"""Flagging a case: by reference, with judgement in words, and without telling anybody what is kept from them."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import text

from bot.models.vocabulary import (
    AgeBand,
    DecisionKind,
    FlagState,
    LegalStatus,
    RiskLevel,
    RiskTool,
    Theme,
    Urgency,
)
from bot.services import actions, agendas, cases, discussion, home, interests, meetings, panels
from bot.services.discussion import DecisionForm
from bot.store.casebook import FlagView
from tests.county import WEST, flag_form, user_id
from tests.services.conftest import LONDON, Play


def test_a_flag_is_answered_with_what_was_said(play: Play) -> None:
    view = play.does("socialworker", cases.flag_case, WEST, flag_form("west-0001"))
    assert view == FlagView(
        id=1,
        case_id=1,
        reference="WEST-0001",
        state=FlagState.OPEN,
        urgency=Urgency.ROUTINE,
        is_late=False,
        is_escalated=False,
        is_repeat=False,
        is_stale=False,
        is_closed_item=False,
        age_band=AgeBand.FROM_14_TO_15,
        legal_status=LegalStatus.CIN,
        risk_tool=RiskTool.CERAF,
        risk_level=RiskLevel.MEDIUM,
        score=None,
        assessed_on=date(2026, 2, 16),
        themes=(Theme.MISSING,),
        missing_episodes=2,
        interviews_offered=2,
        interviews_within_72h=1,
        agency_name="Social Care",
        presenter_id=play.county.person["socialworker"],
        presenter_name="Socialworker",
        flagged_at=view.flagged_at,
        panel_id=view.panel_id,
        panel_key="west-met",
        panel_title="West Operational MET",
        meeting_id=play.county.west_meetings[0],
        meeting_at=datetime(2026, 3, 24, 14, 0, tzinfo=LONDON),
        judgement="More worried than the score says.",
        asked_of_panel="A shared plan.",
        last_heard_on=None,
    )
    assert play.audited("flag") == [("case", 1, "socialworker")]


def test_an_old_assessment_is_shown_as_stale(play: Play) -> None:
    play.flags("WEST-0001", assessed_on=date(2025, 12, 23))
    play.flags("WEST-0002", assessed_on=date(2025, 12, 25))
    assert [(flag.reference, flag.is_stale) for flag in play.does("chair", cases.list_flags, WEST)] == [
        ("WEST-0001", True),
        ("WEST-0002", False),
    ]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"reference": "Jo Smith"}, "reference"),
        ({"judgement": " "}, "Write your professional judgement: what the score does not capture."),
        ({"judgement": "Lives at SO23 8UJ."}, "postcode"),
        ({"asked_of_panel": ""}, "Say what you ask of the panel for this child."),
        ({"asked_of_panel": "Call jo@example.org"}, "e-mail"),
        ({"themes": ()}, "Choose at least one theme."),
        ({"assessed_on": date(2026, 3, 3)}, "The assessment cannot be dated in the future."),
        ({"missing_episodes": -1}, "Give a number between 0 and 999."),
        ({"interviews_offered": 1000}, "Give a number between 0 and 999."),
        ({"interviews_within_72h": 3}, "More interviews done than offered: check the two numbers."),
        (
            {"risk_tool": RiskTool.SERAF, "score": 16, "risk_level": RiskLevel.MEDIUM},
            "A SERAF score of 16 is high, not medium.",
        ),
        ({"district_key": "nowhere"}, "I know no district nowhere. Choose one of west."),
    ],
)
def test_what_is_wrong_with_a_flag_is_said_and_nothing_is_kept(
    play: Play, facts: dict[str, Any], sentence: str
) -> None:
    form = flag_form(**{"reference": "WEST-0001", **facts})
    assert sentence in play.refused("socialworker", cases.flag_case, WEST, form)
    assert play.does("chair", cases.list_flags, WEST) == ()
    assert play.refused("chair", cases.case_history, "WEST-0001").startswith("I can't find case WEST-0001")


def test_a_case_is_flagged_to_a_meeting_once(play: Play) -> None:
    play.flags("WEST-0001")
    assert play.refused("nurse", cases.flag_case, WEST, flag_form("WEST-0001")) == (
        "WEST-0001 is flagged to that meeting already. To change what it says, withdraw it first: "
        "`/case withdraw WEST-0001`."
    )


def test_a_flag_is_withdrawn_by_its_agency_or_who_compiles(play: Play) -> None:
    play.accepted("WEST-0001")
    play.compiles()
    assert play.refused("nurse", cases.withdraw_flag, WEST, "WEST-0001") == (
        "Another agency flagged this case; ask them, the chair or the co-ordinator to withdraw it."
    )
    assert play.does("vicechair", cases.withdraw_flag, WEST, "WEST-0001").state is FlagState.WITHDRAWN
    assert play.agenda() == []
    assert play.refused("socialworker", cases.withdraw_flag, WEST, "WEST-0001").startswith("I can't find a flag")
    play.flags("WEST-0001", "nurse")


def test_a_flag_stays_once_its_meeting_has_begun(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    assert play.refused("socialworker", cases.withdraw_flag, WEST, "WEST-0001") == (
        "The meeting has begun. Let the chair record what becomes of this item."
    )


def test_what_is_flagged_while_a_meeting_is_due_goes_to_the_one_after(play: Play) -> None:
    play.at(3, 24, 14)
    view = play.does("socialworker", cases.flag_case, WEST, flag_form("WEST-0001"))
    assert view.meeting_at == datetime(2026, 4, 21, 14, 0, tzinfo=LONDON)


def test_a_panel_without_a_meeting_says_so(play: Play) -> None:
    with play.store.work() as work:
        work.session.execute(text("UPDATE meeting SET state = 'cancelled'"))
    assert play.refused("socialworker", cases.flag_case, WEST, flag_form("WEST-0001")) == (
        "West Operational MET has no meeting in the diary yet. Ask its co-ordinator; nothing was saved."
    )


def test_a_history_has_every_hearing_newest_first_and_what_came_of_it(play: Play) -> None:
    play.accepted("WEST-0001")
    given = play.does(
        "coordinator",
        actions.add_action,
        WEST,
        holder_user_id=user_id("nurse"),
        text="Ring the school nurse",
        due="2026-03-09",
        case_reference="WEST-0001",
    )
    play.at(3, 24, 14)
    decision = DecisionForm(
        DecisionKind.RETAIN, "Risk is not falling.", review=date(2026, 4, 21), risk_after=RiskLevel.HIGH
    )
    play.holds({"WEST-0001": decision})
    play.at(4, 21, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.STEP_DOWN, "Settled.", risk_after=RiskLevel.STANDARD)})
    history = play.does("nurse", cases.case_history, "west-0001")
    assert (history.reference, history.district) == ("WEST-0001", "West")
    told = [(one.flag.meeting_at.date(), one.decision) for one in history.hearings]
    assert [
        (day, made and (made.kind, made.rationale, made.risk_before, made.risk_after, made.review_on))
        for day, made in told
    ] == [
        (
            date(2026, 4, 21),
            (DecisionKind.STEP_DOWN, "Settled.", RiskLevel.HIGH, RiskLevel.STANDARD, None),
        ),
        (
            date(2026, 3, 24),
            (DecisionKind.RETAIN, "Risk is not falling.", RiskLevel.MEDIUM, RiskLevel.HIGH, date(2026, 4, 21)),
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
        actions.add_action,
        WEST,
        holder_user_id=user_id("socialworker"),
        text="See the family",
        due="2026-03-02",
        case_reference="WEST-0666",
    )
    play.compiles()
    everything = [
        play.does("constable", cases.list_flags, WEST),
        play.does("constable", agendas.show_agenda, WEST),
        play.does("constable", actions.list_actions, WEST, "all"),
        play.does("constable", actions.list_actions, WEST, "overdue"),
        play.does("constable", panels.show_next_meeting, WEST),
        play.does("constable", home.home_of),
        play.does("constable", cases.case_history, "WEST-0001"),
    ]
    assert "0666" not in repr(everything)
    assert "See the family" not in repr(everything)
    assert play.does("constable", panels.show_next_meeting, WEST).cases_accepted == 1
    assert play.does("chair", panels.show_next_meeting, WEST).cases_accepted == 2
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0666")
    play.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.STEP_DOWN, "Too secret to say."))
    current = play.does("constable", discussion.current_item, WEST)
    assert (current.item, current.notes, current.decision, current.given) == (None, (), None, ())
    assert current.count == play.does("chair", discussion.current_item, WEST).count - 1
    closing = play.does("coordinator", meetings.close_meeting, WEST)
    assert "0666" not in repr(closing)
    # The co-ordinator, who reads no closed item, is told of as many decisions as they may read.
    assert closing.decisions == 0


def test_flagging_a_closed_case_answers_as_if_it_were_new(play: Play) -> None:
    play.flags("WEST-0666", closed=True)
    unknown = play.does("nurse", cases.flag_case, WEST, flag_form("WEST-0777"))
    hidden = play.does("nurse", cases.flag_case, WEST, flag_form("WEST-0666"))
    differing = {"id", "case_id", "reference", "flagged_at"}
    for field in FlagView.__dataclass_fields__:
        if field not in differing:
            assert getattr(hidden, field) == getattr(unknown, field), field
    assert [flag.reference for flag in play.does("chair", cases.list_flags, WEST)] == ["WEST-0666", "WEST-0777"]
    assert [flag.reference for flag in play.does("nurse", cases.list_flags, WEST)] == ["WEST-0666", "WEST-0777"]
    own = [play.does("nurse", cases.case_history, reference) for reference in ("WEST-0666", "WEST-0777")]
    assert [[hearing.flag.presenter_name for hearing in history.hearings] for history in own] == [["Nurse"], ["Nurse"]]
    again = [play.refused("nurse", cases.flag_case, WEST, flag_form(r)) for r in ("WEST-0666", "WEST-0777")]
    assert again[0].replace("0666", "0777") == again[1]
    for reference in ("WEST-0666", "WEST-0777"):
        assert play.does("nurse", cases.withdraw_flag, WEST, reference).state is FlagState.WITHDRAWN
    gone = [play.refused("nurse", cases.case_history, reference) for reference in ("WEST-0666", "WEST-0777")]
    assert gone[0].replace("0666", "0777") == gone[1]


def test_closing_a_known_case_leaves_it_to_its_flaggers_and_the_chairs(play: Play) -> None:
    play.flags("WEST-0001")
    play.does("coordinator", cases.withdraw_flag, WEST, "WEST-0001")
    play.flags("WEST-0001", closed=True)
    assert play.refused("nurse", cases.case_history, "WEST-0001").startswith("I can't find case WEST-0001")
    assert play.does("chair", cases.case_history, "WEST-0001").reference == "WEST-0001"


def test_somebody_who_declares_an_interest_sees_no_trace_of_the_case(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    assert play.does("nurse", interests.declare_interest, WEST, "WEST-0002").name == "Nurse"
    play.compiles()
    seen = [
        play.does("nurse", cases.list_flags, WEST),
        play.does("nurse", agendas.show_agenda, WEST),
        play.does("nurse", panels.show_next_meeting, WEST),
    ]
    assert "WEST-0002" not in repr(seen)
    assert play.does("nurse", panels.show_next_meeting, WEST).cases_accepted == 1
    assert play.refused("nurse", cases.case_history, "WEST-0002").startswith("I can't find case WEST-0002")
    assert play.does("nurse", interests.declare_interest, WEST, "WEST-0001").name == "Nurse"


def test_only_who_runs_the_meeting_declares_for_somebody_else(play: Play) -> None:
    play.accepted("WEST-0001")
    sentence = "Only the chair and the co-ordinator declare an interest for somebody else, or take it back."
    assert play.refused("constable", interests.declare_interest, WEST, "WEST-0001", user_id("nurse")) == sentence
    assert play.does("chair", interests.declare_interest, WEST, "WEST-0001", user_id("nurse")).name == "Nurse"
