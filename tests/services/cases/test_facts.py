"""What an agency says of a case is carried whole, from the form to the next meeting and onto paper."""

from datetime import date
from typing import Any

import pytest

from bot.documents.papers import presented
from bot.domain.case_facts import ASSESSMENT, WITHOUT_WORDS, CaseFacts
from bot.domain.optional_facts import Answer
from bot.errors import Mistake
from bot.models.cases import Case, Flag
from bot.models.vocabulary import (
    AgeBand,
    DecisionKind,
    FlagState,
    LegalStatus,
    Purpose,
    Theme,
    Urgency,
)
from bot.records.cases.changes import columns_of
from bot.records.meeting.deciding import DecisionForm
from bot.services.agenda import triage
from bot.services.agenda.triage import Verdict
from bot.services.cases import lists
from bot.services.cases.editing import edit_flag
from bot.services.cases.flags import FlagForm, flag_case
from bot.services.cases.withdrawing import withdraw_flag
from bot.services.rescheduling import meetings
from tests.county import WEST
from tests.services.conftest import Play

#: Nothing is what it would be if it were left out.
SAID: dict[str, Any] = {
    "age_band": AgeBand.FROM_16_TO_17,
    "legal_status": LegalStatus.S31,
    "purpose": Purpose.NEW,
    "lead_professional": "Social Care, social worker",
    "urgency": Urgency.STATUTORY,
    "themes": (Theme.MISSING, Theme.CUCKOOING),
    "risk_tool": "seraf",
    "risk_level": "significant",
    "score": 17,
    "assessed_on": date(2026, 2, 16),
    "judgement": "More worried than the score says.",
    "childs_voice": "I want to stay at my school.",
    "asked_of_panel": "A shared plan.",
    "missing_episodes": 4,
    "interviews_offered": 3,
    "interviews_within_72h": 2,
    "answers": (
        {
            "key": "exploitation_form",
            "title": "Form of exploitation",
            "chosen": ("online", "gang"),
            "said": "online, by a gang or group",
        },
        {"key": "education", "title": "Education", "chosen": ("excluded",), "said": "suspended or excluded"},
        {"key": "agencies_involved", "title": "Agencies already involved", "chosen": (), "said": "Youth justice."},
    ),
}

#: The same as a form gives it: an optional fact by the keys of its choices, or in words.
GIVEN = SAID | {
    "answers": {
        "agencies_involved": "Youth  justice.",
        "education": "excluded",
        "exploitation_form": ["gang", "online"],
        "agrees": "",
    }
}

#: What a case that comes back says of the time since it was heard.
FROM_NOUGHT = {"missing_episodes": 0, "interviews_offered": 0, "interviews_within_72h": 0}


def test_every_fact_but_the_day_that_stands_for_an_assessment_is_tried_here() -> None:
    left_out = CaseFacts(age_band=AgeBand.UNDER_11, legal_status=LegalStatus.NOT_OPEN)
    assert {*SAID, "assessment_due_on"} == set(CaseFacts.model_fields)
    assert not [name for name, said in SAID.items() if getattr(left_out, name) == said]


def test_what_is_said_is_carried_to_a_later_meeting_and_onto_paper(play: Play) -> None:
    said = CaseFacts.model_validate(SAID)
    flag = play.does("socialworker", flag_case, WEST, FlagForm("WEST-0001", GIVEN))
    assert flag.facts == said
    play.does("chair", triage.triage_flag, flag.id, Verdict.DEFER, "There is no time.")
    play.at(3, 24, 14)
    play.holds({})
    (waiting,) = play.does("chair", triage.flags_to_triage, WEST).waiting
    assert waiting.facts == said
    assert presented(waiting).model_dump(include=set(SAID)) == SAID


def test_what_is_retained_comes_back_for_review(play: Play) -> None:
    flag = play.does("socialworker", flag_case, WEST, FlagForm("WEST-0001", GIVEN))
    play.does("chair", triage.triage_flag, flag.id, Verdict.ACCEPT)
    play.compiles()
    play.at(3, 24, 14)
    decided = DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 4, 21), risk_after=("seraf", "moderate"))
    play.holds({"WEST-0001": decided})
    play.at(4, 1)
    play.compiles()
    items = play.does("chair", triage.show_agenda, WEST).items
    (facts,) = [item.flag.facts for item in items if item.flag is not None]
    changed = {"purpose": Purpose.REVIEW, "risk_level": "moderate"}
    # An agenda in chat shows none of the words, so they stay sealed.
    unread = WITHOUT_WORDS
    assert facts == CaseFacts.model_construct(**(SAID | changed | unread | FROM_NOUGHT))


def test_what_comes_back_by_another_tool_leaves_the_score_of_the_first_behind(play: Play) -> None:
    flag = play.does("socialworker", flag_case, WEST, FlagForm("WEST-0001", GIVEN))
    play.does("chair", triage.triage_flag, flag.id, Verdict.ACCEPT)
    play.compiles()
    play.at(3, 24, 14)
    decided = DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 4, 21), risk_after=("london", "category_2"))
    play.holds({"WEST-0001": decided})
    play.at(4, 1)
    play.compiles()
    items = play.does("chair", triage.show_agenda, WEST).items
    (facts,) = [item.flag.facts for item in items if item.flag is not None]
    assert (SAID["score"], facts.score, facts.risk_tool, facts.risk_level) == (17, None, "london", "category_2")


#: What an agency says first, without an assessment, and what it says when it flags the case again.
BEFORE = {name: SAID[name] for name in SAID if name not in ASSESSMENT} | {
    "purpose": Purpose.REVIEW,
    "childs_voice": "I want to go home.",
    "assessment_due_on": date(2026, 3, 20),
}


def _deferred_then_flagged_again(play: Play) -> int:
    """Flag a case to March, defer it to April, and flag it to March with newer facts. Return the newer flag."""
    flag = play.does("socialworker", flag_case, WEST, FlagForm("WEST-0001", BEFORE | {"answers": GIVEN["answers"]}))
    play.does("chair", triage.triage_flag, flag.id, Verdict.DEFER, "There is no time.")
    play.at(3, 9)
    return play.does("socialworker", flag_case, WEST, FlagForm("WEST-0001", GIVEN)).id


def _at_next_meeting(play: Play) -> list[tuple[FlagState, CaseFacts]]:
    waiting = play.does("chair", triage.flags_to_triage, WEST).waiting
    listed = play.does("chair", lists.list_flags, WEST).flags
    words = {flag.id: flag.facts for flag in waiting}
    return [(flag.state, words.get(flag.id, flag.facts)) for flag in listed]


UNREAD = CaseFacts.model_construct(**(SAID | WITHOUT_WORDS))


@pytest.mark.parametrize("by", ["deferring", "cancelling", "not coming to it"])
def test_the_newest_facts_of_an_agency_come_to_the_later_meeting(play: Play, by: str) -> None:
    newer = _deferred_then_flagged_again(play)
    if by == "deferring":
        play.does("chair", triage.triage_flag, newer, Verdict.DEFER, "There is no time again.")
    elif by == "cancelling":
        play.does("coordinator", meetings.cancel_meeting, WEST, reason="Room flooded.")
    play.at(3, 24, 14)
    if by != "cancelling":
        play.holds({})
    play.at(3, 25)
    assert _at_next_meeting(play) == [(FlagState.OPEN, CaseFacts.model_validate(SAID))]
    play.does("socialworker", withdraw_flag, WEST, "WEST-0001", "They moved.")
    assert _at_next_meeting(play) == []


@pytest.mark.parametrize("is_held", [True, False])
def test_the_yes_of_the_chair_to_newer_facts_comes_to_the_later_meeting(play: Play, is_held: bool) -> None:
    play.does("chair", triage.triage_flag, _deferred_then_flagged_again(play), Verdict.ACCEPT)
    if is_held:
        play.compiles()
        play.at(3, 24, 14)
        play.holds({})
    else:
        play.does("coordinator", meetings.cancel_meeting, WEST, reason="Room flooded.")
    play.at(3, 25)
    assert play.compiles() == ["WEST-0001"]
    assert _at_next_meeting(play) == [(FlagState.ACCEPTED, UNREAD)]
    play.does("chair", triage.triage_flag, 2, Verdict.DEFER, "There is no time again.")
    assert play.compiles() == []


def test_what_the_panel_retained_comes_to_where_older_facts_wait(play: Play) -> None:
    play.does("chair", triage.triage_flag, _deferred_then_flagged_again(play), Verdict.ACCEPT)
    play.compiles()
    play.at(3, 24, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 4, 21))})
    play.at(3, 25)
    assert play.compiles() == ["WEST-0001"]
    assert _at_next_meeting(play) == [
        (FlagState.ACCEPTED, UNREAD.model_copy(update={"purpose": Purpose.REVIEW, **FROM_NOUGHT}))
    ]


def test_another_agencys_newer_facts_replace_nothing(play: Play) -> None:
    flag = play.does("nurse", flag_case, WEST, FlagForm("WEST-0001", BEFORE | {"answers": GIVEN["answers"]}))
    play.does("chair", triage.triage_flag, flag.id, Verdict.DEFER, "There is no time.")
    play.does("socialworker", flag_case, WEST, FlagForm("WEST-0001", GIVEN))
    play.at(3, 24, 14)
    play.holds({})
    play.at(3, 25)
    for _ in range(2):
        assert _at_next_meeting(play) == [(FlagState.OPEN, CaseFacts.model_validate(BEFORE))]
    play.does("nurse", withdraw_flag, WEST, "WEST-0001", "They moved.")
    assert _at_next_meeting(play) == [(FlagState.OPEN, CaseFacts.model_validate(SAID))]


def test_what_a_panel_does_not_ask_stays_when_its_flag_is_edited(play: Play) -> None:
    flag = play.does("socialworker", flag_case, WEST, FlagForm("WEST-0001", GIVEN))
    with play.store.work() as work:
        row, case = work.session.get_one(Flag, flag.id), work.session.get_one(Case, flag.case_id)
        elsewhere = Answer(key="town_band", title="Town band", chosen=("b",), said="band B")
        facts = flag.facts.model_copy(update={"answers": (*flag.facts.answers, elsewhere)})
        row.answers = columns_of(work, case, facts)["answers"]
    answers = {"agencies_involved": "Youth justice.", "exploitation_form": ["online"]}
    edited = play.does("socialworker", edit_flag, flag.id, SAID | {"answers": answers}).facts.answers
    assert [answer.words for answer in edited] == [
        "Form of exploitation: online",
        "Agencies already involved: Youth justice.",
        "Town band: band B",
    ]


@pytest.mark.parametrize(
    ("key", "given"), [("education", "elsewhere"), ("education", ["excluded", "home"]), ("exploitation_form", ["x"])]
)
def test_an_answer_that_is_not_offered_is_refused_at_its_field(play: Play, key: str, given: object) -> None:
    form = FlagForm("WEST-0001", SAID | {"answers": {key: given}})
    with pytest.raises(Mistake) as refused:
        play.does("socialworker", flag_case, WEST, form)
    assert (str(refused.value), refused.value.field) == ("Choose one of the answers.", f"optional_{key}")


def test_answers_in_words_hold_no_identifier_and_are_sealed(play: Play) -> None:
    born = {"agencies_involved": "Born 3 May 2010."}
    with pytest.raises(Mistake) as refused:
        play.does("socialworker", flag_case, WEST, FlagForm("WEST-0001", SAID | {"answers": born}))
    assert refused.value.field == "optional_agencies_involved"
    flag = play.does("socialworker", flag_case, WEST, FlagForm("WEST-0001", GIVEN))
    with play.store.reading() as work:
        sealed = work.session.get_one(Flag, flag.id).answers
    assert sealed is not None
    assert b"Youth justice" not in sealed
