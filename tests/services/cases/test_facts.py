"""What an agency says of a case is carried whole, from the form to the next meeting and onto paper."""

from datetime import date
from typing import Any

from bot.documents.papers import presented
from bot.domain.case_facts import NARRATIVE, CaseFacts
from bot.models.vocabulary import (
    AgeBand,
    DecisionKind,
    LegalStatus,
    Purpose,
    RiskLevel,
    RiskTool,
    Theme,
    Urgency,
)
from bot.services.agenda import triage
from bot.services.agenda.triage import Verdict
from bot.services.cases.flags import FlagForm, flag_case
from bot.services.meeting.discussion import DecisionForm
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
    "risk_tool": RiskTool.SERAF,
    "risk_level": RiskLevel.HIGH,
    "score": 17,
    "assessed_on": date(2026, 2, 16),
    "judgement": "More worried than the score says.",
    "childs_voice": "I want to stay at my school.",
    "asked_of_panel": "A shared plan.",
    "missing_episodes": 4,
    "interviews_offered": 3,
    "interviews_within_72h": 2,
}


def test_every_fact_but_the_day_that_stands_for_an_assessment_is_tried_here() -> None:
    left_out = CaseFacts(age_band=AgeBand.UNDER_11, legal_status=LegalStatus.NOT_OPEN)
    assert {*SAID, "assessment_due_on"} == set(CaseFacts.model_fields)
    assert not [name for name, said in SAID.items() if getattr(left_out, name) == said]


def test_what_is_said_is_carried_to_a_later_meeting_and_onto_paper(play: Play) -> None:
    said = CaseFacts.model_validate(SAID)
    flag = play.does("socialworker", flag_case, WEST, FlagForm("WEST-0001", SAID))
    assert flag.facts == said
    play.does("chair", triage.triage_flag, flag.id, Verdict.DEFER, "There is no time.")
    play.at(3, 24, 14)
    play.holds({})
    (waiting,) = play.does("chair", triage.flags_to_triage, WEST).waiting
    assert waiting.facts == said
    assert presented(waiting).model_dump(include=set(SAID)) == SAID


def test_what_is_retained_comes_back_for_review(play: Play) -> None:
    flag = play.does("socialworker", flag_case, WEST, FlagForm("WEST-0001", SAID))
    play.does("chair", triage.triage_flag, flag.id, Verdict.ACCEPT)
    play.compiles()
    play.at(3, 24, 14)
    decided = DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 4, 21), risk_after=RiskLevel.MEDIUM)
    play.holds({"WEST-0001": decided})
    play.at(4, 1)
    play.compiles()
    items = play.does("chair", triage.show_agenda, WEST).items
    (facts,) = [item.flag.facts for item in items if item.flag is not None]
    changed = {"purpose": Purpose.REVIEW, "risk_level": RiskLevel.MEDIUM}
    # An agenda in chat shows none of the words, so they stay sealed.
    unread = dict.fromkeys(NARRATIVE, "")
    assert facts == CaseFacts.model_construct(**(SAID | changed | unread))
