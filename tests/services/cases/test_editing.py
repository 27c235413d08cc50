"""An agency changes its own flag until the chair has ruled on it; what it said before stays in the history."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlmodel import col

from bot.domain.case_facts import CaseFacts
from bot.models.cases import FlagEdit
from bot.models.vocabulary import DecisionKind, FlagState, Urgency
from bot.records.cases.queries import FlagChange
from bot.records.meeting.deciding import DecisionForm
from bot.services.agenda import triage
from bot.services.agenda.owed import GATHERINGS
from bot.services.cases import editing, flags, lists
from bot.slack.cases import views
from tests.county import WEST, flag_form
from tests.risks import level
from tests.services.conftest import LONDON, NO_PANEL, Play, unseen

pytestmark = pytest.mark.databases("sqlite")


def facts(play: Play, who: str = "socialworker", reference: str = "WEST-0001", **other: Any) -> dict[str, Any]:
    """Return what the form of an edit is filled in with, apart from what is given."""
    found = play.does(who, editing.flag_to_edit, WEST, reference)
    said = {name: value for name, value in found.flag.facts.model_dump().items() if value not in (None, "")}
    return {**said, **other}


def edits(play: Play, who: str, reference: str = "WEST-0001") -> tuple[FlagChange, ...]:
    """Return the edits of a case's newest flag as its history shows them."""
    return play.does(who, lists.case_history, reference).hearings[0].edits


@pytest.mark.databases("sqlite", "postgresql")
def test_what_was_said_before_is_kept_sealed_and_shown_in_the_history(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    play.at(3, 3, 11, 30)
    given = facts(play, urgency=Urgency.URGENT, judgement="She was hurt.", missing_episodes=3, risk_level="high")
    changed = play.does("vicechair", editing.edit_flag, flag_id, given)  # a colleague of the agency
    assert changed.facts == CaseFacts.model_validate(given)
    with play.store.reading() as work:
        (row,) = work.find_all(FlagEdit)
        assert b"More worried" not in row.before
    (one,) = edits(play, "nurse")
    assert one.names == ("urgency", "risk_level", "judgement", "missing_episodes")
    assert (one.by_name, one.at.replace(second=0, microsecond=0)) == (
        "Vicechair",
        datetime(2026, 3, 3, 11, 30, tzinfo=LONDON),
    )
    assert one.before is not None
    assert (one.before.urgency, one.before.judgement) == (Urgency.ROUTINE, "More worried than the score says.")
    assert one.risk == level("ceraf", "medium")
    shown = str(views.history(play.does("nurse", lists.case_history, "WEST-0001")))
    assert "Changed by Vicechair on Tue 3 Mar 2026, 11:30. Before:" in shown
    said = ("Urgency: routine", "Judgement: More worried than the score says.", "Missing episodes: 2")
    assert "\\n".join((*said, "Risk level: CERAF: medium")) in shown
    assert play.audited("edit") == [("case", 1, "vicechair")]


def test_each_edit_shows_what_stood_before_it(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    for words in ("Second.", "Third."):
        play.does("socialworker", editing.edit_flag, flag_id, facts(play, judgement=words))
    assert [one.before.judgement for one in edits(play, "chair") if one.before] == [
        "Second.",
        "More worried than the score says.",
    ]
    (waiting,) = play.does("chair", triage.flags_to_triage, WEST).waiting
    assert waiting.facts.judgement == "Third."


def test_what_is_wrong_or_the_same_is_said_and_nothing_is_kept(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    for other, sentence in (
        ({"judgement": "Lives at SO23 8UJ."}, "postcode"),
        ({"interviews_within_72h": 9}, "More interviews done than offered: check the two numbers."),
        ({"assessed_on": date(2026, 3, 9)}, "The assessment cannot be dated in the future."),
        ({}, "You haven't changed anything yet. Change an answer, or close the form."),
    ):
        assert sentence in play.refused("socialworker", editing.edit_flag, flag_id, facts(play, **other))
    assert edits(play, "socialworker") == ()


def test_after_the_chairs_yes_the_refusal_says_what_to_do_instead(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    given = facts(play, judgement="She was hurt.")
    play.does("chair", triage.triage_flag, flag_id, triage.Verdict.ACCEPT)
    said = (
        "The chair has accepted WEST-0001 for 24 March 2026, so the flag can't change now. Say in the "
        "meeting what has changed, or withdraw the case (`/case withdraw WEST-0001 west-met because REASON`) "
        "and flag it "
        "again."
    )
    assert play.refused("socialworker", editing.flag_to_edit, WEST, "WEST-0001") == said
    assert play.refused("socialworker", editing.edit_flag, flag_id, given) == said
    play.at(3, 24, 14)
    play.opens()
    assert play.refused("socialworker", editing.flag_to_edit, WEST, "WEST-0001") == (
        "The meeting that hears WEST-0001 has begun. Tell the meeting what has changed."
    )


def test_a_review_is_answered_by_a_flag_of_its_own(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 4, 21))})
    play.at(4, 1)
    play.ticks(GATHERINGS)
    assert play.refused("socialworker", editing.flag_to_edit, WEST, "WEST-0001") == (
        "The panel itself decided to hear WEST-0001 again. To say what has changed: `/case flag WEST-0001 west-met`."
    )


def test_another_agency_adds_its_own_flag_and_then_changes_that(play: Play) -> None:
    first = play.flags("WEST-0001")
    assert play.refused("nurse", editing.flag_to_edit, WEST, "WEST-0001") == (
        "Another agency flagged WEST-0001. To add what your agency knows: `/case flag WEST-0001 west-met`."
    )
    play.does("nurse", flags.flag_case, WEST, flag_form("WEST-0001", judgement="Seen at the clinic."))
    assert facts(play, "nurse")["judgement"] == "Seen at the clinic."
    own = play.does("nurse", editing.flag_to_edit, WEST, "WEST-0001").flag.id
    assert own != first
    play.does("nurse", editing.edit_flag, own, facts(play, "nurse", judgement="Seen twice."))
    (waiting,) = play.does("chair", triage.flags_to_triage, WEST).waiting
    assert waiting.facts.judgement == "More worried than the score says."
    assert [one.facts.judgement for one in waiting.concerns] == ["Seen twice."]


def test_who_may_not_read_a_closed_item_changes_their_own_words_as_of_a_new_case(play: Play) -> None:
    theirs = play.flags("WEST-0666", closed=True)
    own = play.does("nurse", flags.flag_case, WEST, flag_form("WEST-0666")).id
    play.flags("WEST-0777", "nurse")
    play.does("chair", triage.triage_flag, theirs, triage.Verdict.ACCEPT)
    for reference in ("WEST-0666", "WEST-0777"):
        found = play.does("nurse", editing.flag_to_edit, WEST, reference).flag
        assert (found.state, found.is_closed_item, found.concerns) == (FlagState.OPEN, False, ())
    play.does("nurse", editing.edit_flag, own, facts(play, "nurse", "WEST-0666", judgement="Seen twice."))
    assert [len(edits(play, "nurse", "WEST-0666"))] == [1]
    for who in ("matron", "constable"):
        hidden = play.refused(who, editing.flag_to_edit, WEST, "WEST-0666")
        assert hidden == play.refused(who, editing.flag_to_edit, WEST, "WEST-0999").replace("0999", "0666")
        assert play.refused(who, editing.edit_flag, own, {}).startswith("I can't find that flag")


def test_an_assessment_that_follows_reaches_the_agencys_other_flags(play: Play) -> None:
    unassessed = {"risk_tool": None, "risk_level": None, "assessed_on": None, "assessment_due_on": date(2026, 3, 9)}
    flag_id = play.flags("WEST-0001", **unassessed)
    made = facts(play, risk_tool="ceraf", risk_level="high", assessed_on=date(2026, 3, 1))
    del made["assessment_due_on"]
    changed = play.does("socialworker", editing.edit_flag, flag_id, made)
    assert changed.risk == level("ceraf", "high")
    (one,) = edits(play, "socialworker")
    assert one.before is not None
    assert one.before.assessment_due_on == date(2026, 3, 9)


def test_the_history_offers_the_edit_to_the_agency_until_the_chair_has_ruled(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    places = [play.does(who, lists.case_history, "WEST-0001").edited_at for who in ("socialworker", "nurse")]
    assert places == ["west-met", ""]
    play.does("chair", triage.triage_flag, flag_id, triage.Verdict.ACCEPT)
    assert play.does("socialworker", lists.case_history, "WEST-0001").edited_at == ""
    with play.store.reading() as work:
        assert work.find(FlagEdit, col(FlagEdit.flag_id) == flag_id) is None


def test_a_second_agency_may_edit_its_flag_until_the_chair_accepts_the_case_or_the_meeting_begins(play: Play) -> None:
    first = play.flags("WEST-0001")
    play.flags("WEST-0001", "nurse")
    play.flags("WEST-0002")
    places = [play.does("nurse", lists.case_history, "WEST-0001").edited_at]
    play.does("chair", triage.triage_flag, first, triage.Verdict.ACCEPT)
    places.append(play.does("nurse", lists.case_history, "WEST-0001").edited_at)
    places.append(play.does("socialworker", lists.case_history, "WEST-0002").edited_at)
    play.at(3, 24, 14)
    play.opens()
    places.append(play.does("socialworker", lists.case_history, "WEST-0002").edited_at)
    assert places == ["west-met", "", "west-met", ""]


def test_only_who_may_flag_cases_corrects_a_flag(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    given = facts(play, judgement="She was hurt.")
    assert play.refused("outsider", editing.flag_to_edit, WEST, "WEST-0001") == NO_PANEL
    assert play.refused("observer", editing.flag_to_edit, WEST, "WEST-0001") == (
        "On West Operational MET, minute-takers and observers can't flag cases."
    )
    play.loses_place("socialworker")
    assert play.refused("socialworker", editing.edit_flag, flag_id, given) == unseen("that flag")
    assert edits(play, "chair") == ()
