"""What an agency says of a case when it asks a panel to hear it: one record, carried whole from form to papers."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.domain.language.identifiers import accept_text
from bot.domain.risk import seraf_level
from bot.errors import Mistake
from bot.models.vocabulary import AgeBand, LegalStatus, RiskLevel, RiskTool, Theme, Urgency

MOST_SCORE = 99
MAX_COUNTED = 999  # missing episodes and interviews: more is a slip of the finger

_Word = TypeVar("_Word")
#: Files and forms have text only: these alone are turned into another type, also where a record is strict.
Chosen = Annotated[_Word, Field(strict=False)]
Count = Annotated[int, Field(ge=0, le=MAX_COUNTED)]


class Narrative:
    """Marks text in an agency's own words, which is sealed under the case's key."""

    def __init__(self, missing: str) -> None:
        self.missing = missing  #: what people read who leave it out


class CaseFacts(BaseModel):
    """The facts of a flagged case. Each has the same name in the form, on the flag's row, in a file and on paper."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    age_band: Chosen[AgeBand]
    legal_status: Chosen[LegalStatus]
    urgency: Chosen[Urgency] = Urgency.ROUTINE
    themes: Chosen[tuple[Chosen[Theme], ...]] = ()
    risk_tool: Chosen[RiskTool]
    risk_level: Chosen[RiskLevel]
    score: Annotated[int, Field(ge=0, le=MOST_SCORE)] | None = None
    assessed_on: date | None = None
    judgement: Annotated[str, Narrative("Write your professional judgement: what the score does not capture.")] = ""
    asked_of_panel: Annotated[str, Narrative("Say what you ask of the panel for this child.")] = ""
    missing_episodes: Count = 0  #: since last time
    interviews_offered: Count = 0  #: return interviews
    interviews_within_72h: Count = 0

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield the field and the sentence of each fact that does not go with another."""
        if self.interviews_within_72h > self.interviews_offered:
            yield "interviews_within_72h", "More interviews done than offered: check the two numbers."
        if self.risk_tool is RiskTool.SERAF and self.score is not None:
            level = seraf_level(self.score)
            if level is not self.risk_level:
                yield (
                    "risk_level",
                    f"A SERAF score of {self.score} is {level.label}, not {self.risk_level.label}. "
                    "Where your judgement differs, choose another tool and say so in the judgement.",
                )


#: The fields in an agency's own words, in their order, with what people read who leave one out.
NARRATIVE: dict[str, str] = {
    name: mark.missing
    for name, described in CaseFacts.model_fields.items()
    for mark in described.metadata
    if isinstance(mark, Narrative)
}


def accept_facts(given: Mapping[str, object], today: date) -> CaseFacts:
    """Return the facts that were put into a form, text trimmed. Raises Mistake on the field that is wrong."""
    words = {
        name: accept_text(str(given.get(name, "")), field=name, missing=missing) for name, missing in NARRATIVE.items()
    }
    try:
        facts = CaseFacts.model_validate({**given, **words})
    except ValidationError as wrong:
        fault = wrong.errors()[0]
        raise Mistake(_sentence(fault["type"], str(fault["loc"][0])), field=str(fault["loc"][0])) from None
    if not facts.themes:
        raise Mistake("Choose at least one theme.", field="themes")
    if facts.assessed_on is None:
        raise Mistake("Choose a day.", field="assessed_on")
    if facts.assessed_on > today:
        raise Mistake("The assessment cannot be dated in the future.", field="assessed_on")
    for field, sentence in facts.contradictions():
        raise Mistake(sentence, field=field)
    return facts


def _sentence(fault: str, field: str) -> str:
    if fault.startswith("int"):
        return "Give a whole number."
    if fault in ("greater_than_equal", "less_than_equal"):
        return f"Give a number between 0 and {MOST_SCORE if field == 'score' else MAX_COUNTED}."
    return "Choose a day." if fault.startswith("date") else "Choose one of the answers."
