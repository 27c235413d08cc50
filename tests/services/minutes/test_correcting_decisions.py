"""Decisions put right or added in a draft have the effects that they would have had at the meeting, or are refused."""

from datetime import date

import pytest
from sqlmodel import col

from bot.models.cases import Flag
from bot.models.meetings import Decision
from bot.models.vocabulary import CloseReason, CorrectionKind, DecisionKind, FlagState
from bot.records.meeting.deciding import DecisionForm
from bot.records.meeting.outcomes import outcomes_for
from bot.services.agenda.owed import GATHERINGS
from bot.services.cases import lists
from bot.services.meeting import discussion, opening
from bot.services.minutes import approving, correcting, papers
from bot.services.minutes.correcting_decisions import DecisionInDraft, offer_decision, save_decision
from bot.services.minutes.looking import Changed, DraftPage
from tests.county import SHIRE, WEST
from tests.services.conftest import Play
from tests.services.minutes.test_correcting import newest, page_of_case, said

CLOSED = DecisionForm(DecisionKind.CLOSE, "Contact is rebuilt.", close_reason=CloseReason.RISK_REDUCED)
APRIL = date(2026, 4, 21)  # the next meeting


def held(play: Play, *decisions: DecisionForm) -> Play:
    """Hear WEST-0001 on 24 March with these decisions, and draft the minutes."""
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    for one in decisions:
        play.does("chair", discussion.decide, WEST, one)
    play.does("chair", opening.close_meeting, WEST)
    play.does("minutetaker", papers.draft_minutes, WEST)
    return play


def offered(play: Play, kind: DecisionKind | None = None) -> DecisionInDraft:
    """Open the form of the decision of this kind, or of a new one."""
    page = page_of_case(play)
    keys = [int(one.key.removeprefix("decision.")) for one in page.entries if one.decision and one.decision is kind]
    return play.does("chair", offer_decision, page.minutes_id, page.page, page.item_id, keys[0] if keys else None)


def saves(play: Play, form: DecisionForm, kind: DecisionKind | None = None, reason: str = "Misheard.") -> DraftPage:
    found = offered(play, kind)
    number = found.decision.id if found.decision else None
    of_draft = (found.minutes_id, found.item_id, number, form)
    return play.does("chair", save_decision, *of_draft, mark=found.mark, reason=reason, page=found.page)


def refused(play: Play, form: DecisionForm, kind: DecisionKind | None = None, reason: str = "Misheard.") -> str:
    found = offered(play, kind)
    number = found.decision.id if found.decision else None
    of_draft = (found.minutes_id, found.item_id, number, form)
    return play.refused("chair", save_decision, *of_draft, mark=found.mark, reason=reason)


def flags(play: Play) -> list[tuple[int, FlagState]]:
    """Return the meeting and the state of each flag of the case at West."""
    with play.store.reading() as work:
        return [(one.meeting_id, one.state) for one in work.find_all(Flag, by=[col(Flag.id)])]


def test_a_forgotten_decision_to_close_takes_the_case_off_the_next_meeting(play: Play) -> None:
    held(play)
    march, april = play.county.west_meetings[:2]
    assert flags(play) == [(march, FlagState.ACCEPTED), (april, FlagState.ACCEPTED)]
    page = saves(play, CLOSED, reason="It was decided and not written.")
    assert (page.saved, [one.decision for one in page.entries]) == (1, [DecisionKind.CLOSE])
    (change,) = page.changes
    assert (change.kind, change.before, change.after, change.reason, change.by_name) == (
        CorrectionKind.FORGOTTEN,
        "",
        "Close (risk reduced). Contact is rebuilt. CERAF: medium.",
        "It was decided and not written.",
        "Chair",
    )
    assert flags(play) == [(march, FlagState.ACCEPTED), (april, FlagState.WITHDRAWN)]
    play.ticks(GATHERINGS)
    assert play.does("chair", lists.list_flags, WEST).flags == ()
    found = play.does("socialworker", outcomes_for, march)
    assert found is not None
    assert found.cases[0].decided == ((DecisionKind.CLOSE, None),)
    assert play.sent("case_outcomes") == [("case_outcomes", "socialworker")] * 2
    assert play.sent("flag_withdrawn") == [("flag_withdrawn", "socialworker")]
    # Approved, it is in the minutes.
    play.does("chair", approving.approve_minutes, WEST)
    play.does("chair", approving.approve_minutes, WEST)
    item = next(one for one in said(play).items if one.title == "WEST-0001")
    assert (item.is_reached, [one.kind for one in item.decisions]) == (True, [DecisionKind.CLOSE])


def test_a_forgotten_review_makes_the_case_that_was_carried_over_a_review(play: Play) -> None:
    held(play)
    saves(play, DecisionForm(DecisionKind.RETAIN, "Watch.", review=APRIL, risk_after=("ceraf", "high")))
    (review,) = play.does("chair", lists.list_flags, WEST).flags
    assert (review.origin.words, review.risk and review.risk.title) == (
        ("for review, decided on 24 March 2026",),
        "high",
    )
    # Another day takes it off that meeting, and the day before brings it there again.
    saves(play, DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 5, 19)), DecisionKind.RETAIN)
    assert play.does("chair", lists.list_flags, WEST).flags == ()
    page = page_of_case(play)
    (entry,) = page.entries
    moved = Changed(entry.key, entry.text, entry.mark, APRIL)
    of_page = (page.minutes_id, page.item_id, [moved])
    play.does("minutetaker", correcting.correct_item, *of_page, reason="April after all.", page=page.page)
    assert [one.reference for one in play.does("chair", lists.list_flags, WEST).flags] == ["WEST-0001"]


def test_a_corrected_kind_sends_the_case_to_the_county(play: Play) -> None:
    held(play, DecisionForm(DecisionKind.STEP_DOWN, "Early help.", risk_judgement="Less."))
    page = saves(
        play, DecisionForm(DecisionKind.ESCALATE, "Two districts.", risk_judgement="More."), DecisionKind.STEP_DOWN
    )
    (change,) = page.changes
    assert (change.kind, change.before, change.after, change.of_name) == (
        CorrectionKind.DECISION,
        "Step down. Early help. CERAF: medium. Less.",
        "Escalate to county. Two districts. CERAF: medium. More.",
        "Chair",
    )
    play.ticks(GATHERINGS)
    assert [one.reference for one in play.does("countychair", lists.list_flags, SHIRE).flags] == ["WEST-0001"]
    # By now the county has it.
    assert refused(play, CLOSED, DecisionKind.ESCALATE) == (
        "This decision sent WEST-0001 to Shire Operational MET, which has it now. Ask the chair there to signpost "
        "the case first. Or approve the minutes, and add a slip: `/minutes amend`."
    )


def test_the_risk_that_the_panel_judged_is_corrected_and_the_earlier_words_are_kept(play: Play) -> None:
    first = DecisionForm(DecisionKind.RETAIN, "Watch.", review=APRIL, risk_after=("ceraf", "high"))
    held(play, first, DecisionForm(DecisionKind.NRM, "He was moved."))
    right = DecisionForm(
        DecisionKind.RETAIN,
        "Watch.",
        review=APRIL,
        risk_after=("ceraf", "standard"),
        risk_assessed_on=date(2026, 3, 24),
        risk_judgement="Contact is rebuilt.",
    )
    page = saves(play, right, DecisionKind.RETAIN)
    assert page.changes[0].after == (
        "Retain and review by 21 April 2026. Watch. CERAF: standard, assessed on 24 March 2026. Contact is rebuilt."
    )
    with play.store.reading() as work:
        rows = work.find_all(Decision, by=[col(Decision.id)])
        assert [(one.kind, one.risk_after, one.superseded_by_id) for one in rows] == [
            (DecisionKind.RETAIN, "standard", None),
            (DecisionKind.NRM, "standard", None),  # it had taken the level over
            (DecisionKind.RETAIN, "high", rows[0].id),
        ]
    (review,) = play.does("chair", lists.list_flags, WEST).flags
    assert (review.risk and review.risk.title, review.facts.assessed_on) == ("standard", date(2026, 3, 24))


def test_what_the_panel_hears_again_by_now_is_not_decided_otherwise(play: Play) -> None:
    held(play, DecisionForm(DecisionKind.RETAIN, "Watch.", review=APRIL))
    play.at(4, 21, 14)
    play.opens()
    sentence = (
        "The meeting of 21 April 2026 has WEST-0001 on its agenda and was opened, so it decides what happens now. You "
        "can correct the rationale and the risk here. For the rest, approve the minutes and add a slip: "
        "`/minutes amend`."
    )
    with play.store.reading() as work:
        before = [one.id for one in work.find_all(Decision)]
    assert refused(play, CLOSED, DecisionKind.RETAIN) == sentence
    assert refused(play, DecisionForm(DecisionKind.NRM, "He was moved.")) == sentence
    with play.store.reading() as work:
        assert [one.id for one in work.find_all(Decision)] == before
    other = DecisionForm(DecisionKind.RETAIN, "Watch closely.", review=APRIL)
    assert saves(play, other, DecisionKind.RETAIN).saved == 1


@pytest.mark.databases("sqlite")
def test_what_is_wrong_with_a_decision_is_refused_and_nothing_is_saved(play: Play) -> None:
    retain = DecisionForm(DecisionKind.RETAIN, "Watch.", review=APRIL)
    held(play, retain, DecisionForm(DecisionKind.NRM, "He was moved."))
    for form, kind, reason, sentence in (
        (
            retain,
            DecisionKind.RETAIN,
            "A.",
            "You haven't changed anything on this page yet. Change something, or go to another page.",
        ),
        (
            DecisionForm(DecisionKind.STRATEGY, "Today."),
            None,
            " ",
            "Why are you correcting it? People who write or approve the minutes can read your reason.",
        ),
        (
            DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 3, 23)),
            DecisionKind.RETAIN,
            "A.",
            "That day is before the meeting. Give a later date.",
        ),
        (
            CLOSED,
            None,
            "A.",
            "Also decided here: retain and review by Tue 21 Apr 2026. Both can't apply. Correct that decision instead.",
        ),
        (
            DecisionForm(DecisionKind.CLOSE, "Done."),
            DecisionKind.RETAIN,
            "A.",
            "Why is the case closed? Choose a reason.",
        ),
    ):
        assert refused(play, form, kind, reason) == sentence
    found = offered(play, DecisionKind.RETAIN)
    saves(play, DecisionForm(DecisionKind.RETAIN, "Watch closely.", review=APRIL), DecisionKind.RETAIN)
    assert found.decision is not None
    of_draft = (found.minutes_id, found.item_id, found.decision.id, CLOSED)
    assert play.refused("minutetaker", save_decision, *of_draft, mark=found.mark, reason="A.") == (
        "Another person changed this since you opened the form: Retain and review by 21 April 2026. Watch closely. "
        "CERAF: medium."
    )
    page = page_of_case(play)
    assert play.refused("nurse", offer_decision, page.minutes_id, page.page, page.item_id, None).startswith(
        "I can't find those minutes"
    )
    play.does("chair", approving.approve_minutes, WEST)
    play.does("chair", approving.approve_minutes, WEST)
    assert play.refused("chair", offer_decision, newest(play), page.page, page.item_id, None) == (
        "These minutes are approved, so nobody can change them. To add a correction: `/minutes amend west-met`."
    )
