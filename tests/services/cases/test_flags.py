"""Flagging a case: by reference, with judgement in words, and without telling anybody what is kept from them."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from bot.domain.case_facts import CaseFacts
from bot.errors import Mistake, NotForYou
from bot.models.cases import Case, Flag
from bot.models.people import Area
from bot.models.vocabulary import (
    AgeBand,
    FlagState,
    LegalStatus,
    Theme,
    Urgency,
)
from bot.records.access.queries import Where, identify_in
from bot.records.cases.queries import FlagView
from bot.services.agenda import triage
from bot.services.cases import flags as cases_flags
from bot.services.cases import interests, lists, withdrawing
from bot.services.rescheduling import meetings
from bot.slack.cases import views
from tests.county import SHIRE, TEAM, WEST, flag_form, user_id
from tests.risks import level
from tests.services.conftest import LONDON, NO_PANEL, Play, unseen

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.databases("sqlite", "postgresql")
def test_a_flag_is_answered_with_what_was_said(play: Play) -> None:
    view = play.does("socialworker", cases_flags.flag_case, WEST, flag_form("west-0001"))
    assert view == FlagView(
        id=1,
        case_id=1,
        reference="WEST-0001",
        state=FlagState.OPEN,
        facts=CaseFacts(
            age_band=AgeBand.FROM_14_TO_15,
            legal_status=LegalStatus.CIN,
            urgency=Urgency.ROUTINE,
            themes=(Theme.MISSING,),
            risk_tool="ceraf",
            risk_level="medium",
            assessed_on=date(2026, 2, 16),
            judgement="More worried than the score says.",
            asked_of_panel="A shared plan.",
            missing_episodes=2,
            interviews_offered=2,
            interviews_within_72h=1,
        ),
        risk=level("ceraf", "medium"),
        is_late=False,
        is_escalated=False,
        is_repeat=False,
        is_stale=False,
        is_closed_item=False,
        agency_name="Social Care",
        presenter_id=play.county.person["socialworker"],
        presenter_name="Socialworker",
        flagged_at=view.flagged_at,
        panel_id=view.panel_id,
        panel_key="west-met",
        panel_title="West Operational MET",
        meeting_id=play.county.west_meetings[0],
        meeting_at=datetime(2026, 3, 24, 14, 0, tzinfo=LONDON),
        last_heard_on=None,
    )
    assert play.audited("flag") == [("case", 1, "socialworker")]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"reference": "Jo Smith"}, "reference"),
        ({"judgement": " "}, "Write your professional judgement: what the score does not capture."),
        ({"judgement": "Lives at SO23 8UJ."}, "postcode"),
        ({"asked_of_panel": ""}, "Say what you want the panel to do for this child."),
        ({"asked_of_panel": "Call jo@example.org"}, "e-mail"),
        ({"themes": ()}, "Choose at least one theme."),
        ({"assessed_on": date(2026, 3, 3)}, "The assessment cannot be dated in the future."),
        ({"missing_episodes": -1}, "Give a number between 0 and 999."),
        ({"interviews_offered": 1000}, "Give a number between 0 and 999."),
        ({"interviews_within_72h": 3}, "More interviews done than offered: check the two numbers."),
        (
            {"risk_tool": "seraf", "score": 16, "risk_level": "moderate"},
            "A SERAF score of 16 is significant, not moderate.",
        ),
        (
            {"risk_tool": "ceraf", "risk_level": "moderate"},
            "CERAF has no level “moderate”. Its levels are standard, medium and high.",
        ),
        (
            {"risk_tool": "dash", "risk_level": "high"},
            "This panel doesn't use the tool “dash”. It uses CERAF, SERAF, London categories and another tool.",
        ),
    ],
)
def test_what_is_wrong_with_a_flag_is_said_and_nothing_is_kept(
    play: Play, facts: dict[str, Any], sentence: str
) -> None:
    form = flag_form(**{"reference": "WEST-0001", **facts})
    assert sentence in play.refused("socialworker", cases_flags.flag_case, WEST, form)
    assert play.does("chair", lists.list_flags, WEST).flags == ()
    assert play.refused("chair", lists.case_history, "WEST-0001").startswith("I can't find case WEST-0001")


@pytest.mark.parametrize(("who", "where", "key"), [("socialworker", WEST, "west"), ("chair", SHIRE, "shire")])
def test_a_district_that_the_form_did_not_offer_is_refused_like_one_that_is_not_there(
    play: Play, who: str, where: Where, key: str
) -> None:
    tried = [flag_form("WEST-0001", district_key=each) for each in (key, "nowhere")]
    told = {play.refused(who, cases_flags.flag_case, where, form) for form in tried}
    assert told == {str(NotForYou("that district"))}


def test_a_flag_to_the_county_panel_names_its_district(play: Play) -> None:
    play.does("chair", cases_flags.flag_case, SHIRE, flag_form("WEST-0001", district_key="west"))
    with play.store.reading() as work:
        (case,) = work.find_all(Case)
        assert work.session.get_one(Area, case.area_id).key == "west"


@pytest.mark.databases("sqlite", "postgresql")
def test_a_case_is_flagged_to_a_meeting_once(play: Play) -> None:
    play.flags("WEST-0001")
    play.flags("WEST-0001", "nurse")
    for who in ("socialworker", "vicechair", "nurse", "matron"):
        assert play.refused(who, cases_flags.flag_case, WEST, flag_form("WEST-0001")) == (
            "WEST-0001 is flagged to that meeting already. To change the flag: `/case edit WEST-0001`."
        )
    assert len(play.does("chair", lists.list_flags, WEST).flags) == 1


def test_a_known_reference_without_its_hyphen_makes_no_second_case(play: Play) -> None:
    """For a person who may not read the case, it is as new as any other."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0666", closed=True)
    with pytest.raises(Mistake, match=r"^WEST-0001 is known already. If you mean that child, write WEST-0001\.$"):
        play.does("nurse", cases_flags.flag_case, WEST, flag_form("WEST0001"))
    assert play.does("nurse", cases_flags.flag_case, WEST, flag_form("WEST0666")).reference == "WEST0666"


def test_a_flag_is_withdrawn_by_its_agency_or_who_compiles(play: Play) -> None:
    play.accepted("WEST-0001")
    play.compiles()
    assert play.refused("nurse", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved.") == (
        "Another agency flagged this case. Ask that agency, the chair or the co-ordinator to withdraw it."
    )
    assert (
        play.does("vicechair", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved.").state is FlagState.WITHDRAWN
    )
    assert play.agenda() == []
    assert play.refused("socialworker", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved.").startswith(
        "I can't find a flag"
    )
    play.flags("WEST-0001", "nurse")


def test_a_flag_stays_once_its_meeting_has_begun(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    assert play.refused("socialworker", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved.") == (
        "The meeting has begun. The chair will record the decision on this item."
    )


@pytest.mark.databases("sqlite", "postgresql")
def test_what_is_flagged_while_a_meeting_is_due_goes_to_the_one_after(play: Play) -> None:
    play.at(3, 24, 14)
    view = play.does("socialworker", cases_flags.flag_case, WEST, flag_form("WEST-0001"))
    assert view.meeting_at == datetime(2026, 4, 21, 14, 0, tzinfo=LONDON)


def test_a_panel_without_a_meeting_says_so(play: Play) -> None:
    with play.store.work() as work:
        work.session.execute(text("UPDATE meeting SET state = 'cancelled'"))
    assert play.refused("socialworker", cases_flags.flag_case, WEST, flag_form("WEST-0001")) == (
        "West Operational MET has no meeting in the diary yet, so nothing was saved. Ask its co-ordinator."
    )


def test_flagging_a_closed_case_answers_as_if_it_were_new(play: Play) -> None:
    play.flags("WEST-0666", closed=True)
    unknown = play.does("nurse", cases_flags.flag_case, WEST, flag_form("WEST-0777"))
    hidden = play.does("nurse", cases_flags.flag_case, WEST, flag_form("WEST-0666"))
    differing = {"id", "case_id", "reference", "flagged_at"}
    for field in FlagView.__dataclass_fields__:
        if field not in differing:
            assert getattr(hidden, field) == getattr(unknown, field), field
    listed = play.does("chair", lists.list_flags, WEST).flags
    assert [flag.reference for flag in listed] == ["WEST-0666", "WEST-0777"]
    listed = play.does("nurse", lists.list_flags, WEST).flags
    assert [flag.reference for flag in listed] == ["WEST-0666", "WEST-0777"]
    own = [play.does("nurse", lists.case_history, reference) for reference in ("WEST-0666", "WEST-0777")]
    assert [[hearing.flag.presenter_name for hearing in history.hearings] for history in own] == [["Nurse"], ["Nurse"]]
    again = [play.refused("nurse", cases_flags.flag_case, WEST, flag_form(r)) for r in ("WEST-0666", "WEST-0777")]
    assert again[0].replace("0666", "0777") == again[1]
    for reference in ("WEST-0666", "WEST-0777"):
        assert (
            play.does("nurse", withdrawing.withdraw_flag, WEST, reference, "They moved.").state is FlagState.WITHDRAWN
        )
    gone = [play.refused("nurse", lists.case_history, reference) for reference in ("WEST-0666", "WEST-0777")]
    assert gone[0].replace("0666", "0777") == gone[1]


def test_the_history_of_a_closed_case_shows_a_stranger_only_what_they_said(play: Play) -> None:
    play.flags("WEST-0666", closed=True)
    said = {"age_band": AgeBand.FROM_16_TO_17, "legal_status": LegalStatus.S31}
    for reference in ("WEST-0666", "WEST-0777"):
        play.flags(reference, "nurse", **said)
    hidden, new = (
        views.history(play.does("nurse", lists.case_history, reference)) for reference in ("WEST-0666", "WEST-0777")
    )
    assert str(hidden).replace("0666", "0777") == str(new)
    assert "16 to 17 · looked after (S31)" in str(new)
    told = play.does("chair", lists.case_history, "WEST-0666").hearings
    by_agency = {one.flag.agency_name: one.flag.facts.age_band for one in told}
    assert by_agency == {"Social Care": AgeBand.FROM_14_TO_15, "Health": AgeBand.FROM_16_TO_17}


def test_the_district_of_a_case_shows_once_the_own_chair_has_accepted_it(play: Play) -> None:
    flag = play.flags("WEST-0001")
    assert play.does("nurse", lists.case_history, "WEST-0001").district == ""
    play.does("chair", triage.triage_flag, flag, triage.Verdict.ACCEPT)
    assert play.does("nurse", lists.case_history, "WEST-0001").district == "West"


def test_closing_a_known_case_leaves_it_to_its_flaggers_and_the_chairs(play: Play) -> None:
    play.flags("WEST-0001")
    play.does("coordinator", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved.")
    play.flags("WEST-0001", closed=True)
    assert play.refused("nurse", lists.case_history, "WEST-0001").startswith("I can't find case WEST-0001")
    assert play.does("chair", lists.case_history, "WEST-0001").reference == "WEST-0001"


def test_only_who_runs_the_meeting_declares_for_another_person(play: Play) -> None:
    play.accepted("WEST-0001")
    sentence = "Only the chair and the co-ordinator can declare another member's interest, or take it back."
    assert play.refused("constable", interests.declare_interest, WEST, "WEST-0001", user_id("nurse")) == sentence
    assert play.does("chair", interests.declare_interest, WEST, "WEST-0001", user_id("nurse")).name == "Nurse"


def _stands(play: Play) -> list[tuple[int, FlagState]]:
    """Return the meeting and state of every flag, oldest first."""
    with play.store.reading() as work:
        flags = work.session.exec(select(Flag).order_by(col(Flag.id))).all()
        return [(play.county.west_meetings.index(flag.meeting_id), flag.state) for flag in flags]


def _folded(play: Play) -> None:
    """Health's flag, deferred to April, and social care's, accepted for March, which is cancelled."""
    first = play.flags("WEST-0001", "nurse")
    play.does("chair", triage.triage_flag, first, triage.Verdict.DEFER, "Not ready yet.")
    play.accepted("WEST-0001", "socialworker")
    play.does("coordinator", meetings.cancel_meeting, WEST, reason="No room.")


@pytest.mark.databases("sqlite", "postgresql")
def test_an_accepted_flag_folded_into_another_comes_back_when_that_is_withdrawn(play: Play) -> None:
    _folded(play)
    accepted, deferred = FlagState.ACCEPTED, FlagState.DEFERRED
    assert _stands(play) == [(0, deferred), (1, accepted), (1, deferred)]
    assert play.compiles() == ["WEST-0001"]
    play.does("nurse", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved.")
    assert _stands(play) == [(0, deferred), (1, FlagState.WITHDRAWN), (1, accepted)]
    assert play.compiles() == ["WEST-0001"]


def test_an_agency_withdraws_its_folded_flag_and_the_others_is_heard(play: Play) -> None:
    _folded(play)
    play.does("socialworker", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved.")
    assert _stands(play) == [(0, FlagState.DEFERRED), (1, FlagState.ACCEPTED), (1, FlagState.WITHDRAWN)]
    play.does("nurse", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved.")
    assert [state for _, state in _stands(play)] == [FlagState.DEFERRED, FlagState.WITHDRAWN, FlagState.WITHDRAWN]
    assert play.compiles() == []


@pytest.mark.databases("sqlite", "postgresql")
def test_what_is_folded_follows_its_flag_from_meeting_to_meeting(play: Play) -> None:
    _folded(play)
    play.does("coordinator", meetings.cancel_meeting, WEST, reason="No room either.")
    assert _stands(play) == [(0, FlagState.DEFERRED), (2, FlagState.ACCEPTED), (2, FlagState.DEFERRED)]
    play.does("nurse", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved.")
    assert play.compiles() == ["WEST-0001"]


@pytest.mark.databases("sqlite", "postgresql")
def test_a_flag_deferred_to_where_another_is_waiting_comes_back_when_that_is_withdrawn(play: Play) -> None:
    for who in ("nurse", "socialworker"):
        flag_id = play.flags("WEST-0001", who)
        play.does("chair", triage.triage_flag, flag_id, triage.Verdict.DEFER, "Not ready yet.")
    deferred = FlagState.DEFERRED
    assert _stands(play) == [(0, deferred), (1, FlagState.OPEN), (0, deferred), (1, deferred)]
    play.does("nurse", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved.")
    assert _stands(play) == [(0, deferred), (1, FlagState.WITHDRAWN), (0, deferred), (1, FlagState.OPEN)]
    play.does("socialworker", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved.")
    assert _stands(play)[-1] == (1, FlagState.WITHDRAWN)


def test_only_who_may_flag_cases_does_and_only_while_they_have_a_place(play: Play) -> None:
    form = flag_form("WEST-0001")
    for use_case, given in ((cases_flags.panel_to_hear, ()), (cases_flags.flag_case, (form,))):
        assert play.refused("outsider", use_case, WEST, *given) == NO_PANEL
        assert play.refused("observer", use_case, WEST, *given) == (
            "On West Operational MET, minute-takers and observers can't flag cases."
        )
    with play.store.work() as work:
        _, here = identify_in(work, TEAM, user_id("nurse"), "CWEST")
    play.loses_place("nurse")  # while her command waits
    late = Where(channel_id="CWEST", here=here)
    assert play.refused("nurse", cases_flags.flag_case, late, form) == NO_PANEL
    assert play.does("chair", lists.list_flags, WEST).flags == ()


def test_a_flag_of_a_closed_item_is_answered_to_a_stranger_as_of_a_new_case_and_only_its_readers_are_told(
    play: Play,
) -> None:
    play.accepted("WEST-0666", closed=True)
    view = play.does("nurse", cases_flags.flag_case, WEST, flag_form("WEST-0666"))
    shown = (view.state, view.agency_name, view.concerns, view.is_merged, view.is_closed_item)
    assert shown == (FlagState.OPEN, "Health", (), False, False)
    assert sorted(play.sent("closed_flag")) == [
        ("closed_flag", "chair"),
        ("closed_flag", "socialworker"),
        ("closed_flag", "vicechair"),
    ]


def test_a_strangers_flag_of_a_closed_item_is_told_only_to_its_readers(play: Play) -> None:
    play.flags("WEST-0666", closed=True)
    flag_id = play.flags("WEST-0666", "nurse")
    for who in ("nurse", "coordinator", "outsider"):
        assert play.refused(who, lists.closed_flag_for_notice, flag_id) == unseen("that flag")
    assert play.does("socialworker", lists.closed_flag_for_notice, flag_id).agency_name == "Health"
