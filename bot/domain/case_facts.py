"""The facts that an agency gives when it flags a case. The form, the database, files and papers share them.

This module also says how old an assessment may be, and how soon after a hearing a case counts as a repeat.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated

from dateutil.relativedelta import relativedelta
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.domain.deadlines import first_day
from bot.domain.language.due_reading import YEARS_AHEAD
from bot.domain.language.identifiers import MAX_TEXT, accept_text
from bot.domain.optional_facts import Answer
from bot.domain.panel_definition import MOST_SCORE, Chosen, RiskTool
from bot.domain.risk import check_risk
from bot.errors import Mistake
from bot.models.vocabulary import AgeBand, LegalStatus, Purpose, Theme, Urgency


def is_stale(assessed_on: date | None, on: date, months: int) -> bool:
    """Return whether on day `on` an assessment is older than `months` calendar months, or was never made.

    Exactly `months` months is still fresh. SERAF guidance asks for a new assessment at least every three months, and so
    does Jay recommendation 1.
    """
    # The same day of a later month, or that month's last day: 30 November plus three months is 28 February.
    return assessed_on is None or assessed_on + relativedelta(months=months) < on


def fresh_from(on: date, months: int) -> date:
    """Return the earliest day of an assessment that still counts as fresh on day `on`, by the rule of `is_stale`."""
    return first_day(on - relativedelta(months=months), lambda day: not is_stale(day, on, months))


def is_repeat(last_heard_on: date | None, on: date, months: int) -> bool:
    """Return whether the case was last heard at most `months` calendar months before day `on`."""
    return last_heard_on is not None and last_heard_on + relativedelta(months=months) >= on


MAX_COUNTED = 999  # missing episodes and interviews: a higher number is a typing slip

Count = Annotated[int, Field(ge=0, le=MAX_COUNTED)]
RiskWord = Annotated[str, Field(min_length=1, max_length=40)]
Words = Annotated[str, Field(max_length=MAX_TEXT)]


class Narrative:
    """A mark on fields of CaseFacts that hold an agency's own words. These words are sealed under the case's key."""

    def __init__(self, missing: str = "") -> None:
        self.missing = missing  #: the error if it is left out; empty if it may be left out


class CaseFacts(BaseModel):
    """The facts of a flagged case. A fact has the same name in the form, on the flag's row, in a file and on paper."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    age_band: Chosen[AgeBand]
    legal_status: Chosen[LegalStatus]
    purpose: Chosen[Purpose] | None = None  #: none: flagged before this was asked
    lead_professional: Annotated[Words, Narrative()] = ""  #: agency and role, not a name
    urgency: Chosen[Urgency] = Urgency.ROUTINE
    themes: Chosen[tuple[Chosen[Theme], ...]] = ()
    risk_tool: RiskWord | None = None  #: of the panel's definition
    risk_level: RiskWord | None = None  #: of that tool
    score: Annotated[int, Field(ge=0, le=MOST_SCORE)] | None = None
    assessed_on: date | None = None
    assessment_due_on: date | None = None  #: if no assessment has been made, in place of tool, level and day
    judgement: Annotated[Words, Narrative("Write your professional judgement: what the score does not capture.")] = ""
    childs_voice: Annotated[Words, Narrative()] = ""  #: what the child says, and who heard it
    asked_of_panel: Annotated[Words, Narrative("Say what you want the panel to do for this child.")] = ""
    missing_episodes: Count = 0  #: since last time
    interviews_offered: Count = 0  #: return interviews
    interviews_within_72h: Count = 0
    answers: Chosen[tuple[Answer, ...]] = ()  #: to the panel's further questions; sealed, as narrative is

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield a field and a sentence for each fact that contradicts another fact."""
        if self.interviews_within_72h > self.interviews_offered:
            yield "interviews_within_72h", "More interviews done than offered: check the two numbers."


#: The fields in an agency's own words, in their order, each with the error if it is left out.
NARRATIVE: dict[str, str] = {
    name: mark.missing
    for name, described in CaseFacts.model_fields.items()
    for mark in described.metadata
    if isinstance(mark, Narrative)
}


#: Empty values for an agency's words, for readers who are shown the facts without them.
WITHOUT_WORDS: dict[str, object] = {**dict.fromkeys(NARRATIVE, ""), "answers": ()}

#: The fields that are given once an assessment has been made.
ASSESSMENT = ("risk_tool", "risk_level", "score", "assessed_on", "assessment_due_on")


def accept_facts(
    given: Mapping[str, object],
    today: date,
    tools: Sequence[RiskTool] | None = None,
    answers: Sequence[Answer] = (),
) -> CaseFacts:
    """Return the facts from a form or a file, with spaces around text removed.

    Raise Mistake, attached to the field at fault, if a fact is missing, wrong or contradicts another. Without `tools`
    the risk level is not checked, as when a file is read before the panel is known. `answers` are the answers to the
    panel's optional facts, already checked by `accept_answers`.
    """
    words = {
        name: accept_text(str(given.get(name, "")), field=name, missing=missing, today=today)
        for name, missing in NARRATIVE.items()
    }
    facts = _validated({**given, **words, "answers": answers})
    if not facts.themes:
        raise Mistake("Choose at least one theme.", field="themes")
    return _checked(facts, today, tools)


def accept_assessment(
    facts: CaseFacts, given: Mapping[str, object], today: date, tools: Sequence[RiskTool]
) -> CaseFacts:
    """Return the facts with a new assessment from `given`.

    Raise Mistake, attached to the field at fault, if the assessment is wrong.
    """
    return _checked(_validated({**facts.model_dump(), "assessment_due_on": None, **given}), today, tools)


def _validated(given: Mapping[str, object]) -> CaseFacts:
    try:
        return CaseFacts.model_validate(dict(given))
    except ValidationError as wrong:
        fault = wrong.errors()[0]
        field = str(fault["loc"][0])
        raise Mistake(_sentence(fault["type"], field), field=field) from None


def _checked(facts: CaseFacts, today: date, tools: Sequence[RiskTool] | None) -> CaseFacts:
    """Return the facts. Raise Mistake, attached to the field at fault, if a fact is wrong on day `today`."""
    _check_assessment(facts, today)
    if tools is not None and facts.risk_tool is not None and facts.risk_level is not None:
        check_risk(tools, (facts.risk_tool, facts.risk_level), facts.score)
    for field, sentence in facts.contradictions():
        raise Mistake(sentence, field=field)
    return facts


def _check_assessment(facts: CaseFacts, today: date) -> None:
    """Raise Mistake unless the facts have either a complete assessment or the day by which it is due."""
    made = (facts.assessed_on, facts.risk_level, facts.risk_tool)
    if facts.assessment_due_on is None:
        if facts.assessed_on is None:
            raise Mistake("Choose the day of the assessment, or the day by which it is due.", field="assessed_on")
        if facts.risk_level is None:
            raise Mistake("Choose the level that the assessment came to.", field="risk_level")
        if facts.risk_tool is None:
            raise Mistake("Choose the tool of the assessment.", field="risk_tool")
        if facts.assessed_on > today:
            raise Mistake("The assessment cannot be dated in the future.", field="assessed_on")
    elif any(made) or facts.score is not None:
        raise Mistake("Give the assessment, or the day by which it is due: not both.", field="assessment_due_on")
    elif facts.assessment_due_on < today:
        raise Mistake("Choose a day from today on by which the assessment is due.", field="assessment_due_on")
    elif facts.assessment_due_on > today + relativedelta(years=YEARS_AHEAD):
        raise Mistake(f"Choose a day within {YEARS_AHEAD} years for the assessment.", field="assessment_due_on")


def _sentence(fault: str, field: str) -> str:
    if fault.startswith("int"):
        return "Give a whole number."
    if fault in ("greater_than_equal", "less_than_equal"):
        return f"Give a number between 0 and {MOST_SCORE if field == 'score' else MAX_COUNTED}."
    return "Choose a day." if fault.startswith("date") else "Choose one of the answers."
