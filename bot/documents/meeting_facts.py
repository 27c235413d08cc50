"""What agendas and minutes have in common: the facts of a meeting, a case and an action, and their template fields."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bot.documents.word import DocumentProperties, Facts, capital, counted, find_template, render_word, sentence
from bot.domain.case_facts import CaseFacts
from bot.domain.language.day_words import date_words, listed
from bot.domain.risk import Risk
from bot.models.vocabulary import ActionKind, ActionState


class MeetingFacts(Facts):
    """The facts of one meeting, in the words that a document prints."""

    panel: str  #: the panel's title
    when: str  #: "Tuesday 8 December 2026, 14:00 to 16:00", in the panel's zone
    venue: str = ""
    chair: str
    confidentiality: str  #: an empty line begins a new paragraph
    marking: str = "OFFICIAL-SENSITIVE"
    made_on: date  #: the day of the facts; the document carries it as its date


class ActionFacts(Facts):
    """One action as it is now. `case` is the reference of the action's case, or empty."""

    number: int
    kind: ActionKind = ActionKind.OTHER
    text: str
    agency: str
    holder: str
    due: date
    state: ActionState = ActionState.OPEN
    case: str = ""
    reported: str = ""  #: when its holder reported on it, and the report's words, until the panel accepts the report
    heard: str = ""  #: the panel's answer on it at the meeting: "not done yet"
    ended: str = ""  #: how, when and why it left the list of open actions, where it did since the last meeting


class PresentedCase(CaseFacts, Facts):
    """One case as it was flagged, with who presents it. A case has a reference and never a name."""

    risk: Risk | None = None  #: the level among these facts
    agency: str  #: the flagging agency
    presenter: str = ""  #: who brings it
    is_stale: bool = False  #: older than the panel's definition allows
    is_late: bool = False  #: flagged after the cut-off
    is_closed_item: bool = False
    origin: tuple[str, ...] = ()  #: why it is before the panel: "not reached on 24 March 2026"
    also: tuple[str, ...] = ()  #: other references of the child
    concerns: tuple[str, ...] = ()  #: what other agencies that flagged it say, each in sentences
    review: str = ""  #: what the agency says has changed: "nothing has changed, Social Care said on 8 April 2026"
    is_counted: bool = True  #: whether the agency gave the numbers since the last hearing
    earlier: tuple[str, ...] = ()  #: earlier decisions: "8 June 2026: retain and review"


def render_meeting(kind: str, facts: MeetingFacts, fields: Mapping[str, Any], folder: Path | None, name: str) -> bytes:
    """Return a paper about a meeting as a Word document. The same facts always give the same bytes.

    Raise Misconfigured if the template is missing or faulty.
    """
    title = f"{kind}: {facts.panel}, {facts.when}"
    properties = DocumentProperties(title, subject=facts.marking, made_on=facts.made_on)
    return render_word(find_template(folder, name), fields, properties=properties, name=name)


def meeting_fields(facts: MeetingFacts) -> dict[str, Any]:
    """Return the fields of `panel` and `meeting` for Word templates, such as `meeting.venue`."""
    return {
        "panel": {"title": facts.panel, "chair": facts.chair, "marking": facts.marking},
        "meeting": {
            "when": facts.when,
            "venue": facts.venue or "Venue to be confirmed",
            "confidentiality": paragraphs_of(facts.confidentiality),
        },
    }


def paragraphs_of(statement: str) -> list[str]:
    """Return the paragraphs of a text. Paragraphs are separated by empty lines."""
    return [part.strip() for part in statement.split("\n\n") if part.strip()]


def action_fields(action: ActionFacts) -> dict[str, Any]:
    """Return the template fields of one action, for one row of a table of actions."""
    return vars(action) | {
        "kind": "" if _says_kind(action) else capital(action.kind.label),
        "text": sentence(action.text),
        "due": f"{action.due.day} {action.due:%b %Y}",  # short: it stands in a narrow column
        "state": action.ended or _state(action),
    }


def _says_kind(action: ActionFacts) -> bool:
    """Return whether a paper can leave out the kind of an action, since the text names it or the kind is "Other"."""
    return action.kind is ActionKind.OTHER or re.search(rf"\b{action.kind.label}\b", action.text, re.I) is not None


def _state(action: ActionFacts) -> str:
    state = " ".join(filter(None, (capital(action.state.label), action.reported)))
    return f"{state.removesuffix('.')}. At this meeting: {action.heard}" if action.heard else state


def case_fields(
    case: PresentedCase, *, risk_before: Risk | None = None, risk_after: Risk | None = None
) -> dict[str, Any]:
    """Return the fields of a case for Word templates, such as `case.agency` and `case.risk`."""
    return {
        "agency": case.agency,
        "presenter": case.presenter,
        "purpose": capital(case.purpose.label) if case.purpose else "",
        "lead_professional": case.lead_professional,
        "urgency": capital(case.urgency.label),
        "age_band": capital(case.age_band.label),
        "legal_status": capital(case.legal_status.label),
        # If a decision was made before any assessment, papers go on saying so, even after the assessment.
        "risk": _risk(case, risk_before if risk_after else risk_before or case.risk, risk_after),
        "assessed": _assessed(case),
        "is_stale": case.is_stale,
        "is_late": case.is_late,
        "themes": capital(listed(theme.label for theme in case.themes)) or "None named",
        "missing": "; ".join(filter(None, (_missing(case) if case.is_counted else "", case.review))),
        "judgement": sentence(case.judgement),
        "childs_voice": sentence(case.childs_voice),
        "asked_of_panel": sentence(case.asked_of_panel),
        "answers": [sentence(answer.words) for answer in case.answers],
        "earlier": [sentence(words) for words in case.earlier],
        "origin": [sentence(words) for words in case.origin],
        "also": list(case.also),
        "concerns": list(case.concerns),
    }


def _risk(case: PresentedCase, before: Risk | None, after: Risk | None) -> str:
    """Return the case's risk level before and after the meeting, in words.

    Levels of different tools are not compared.
    """
    if before is None:
        return f"Not assessed before, {after.title} (by {after.tool_title}) after discussion" if after else _NOT_YET
    score = f", score {case.score}" if case.score is not None and case.risk_tool == before.tool else ""
    said = f"{capital(before.title)} (by {before.tool_title}{score})"
    if after is None or after == before:
        return f"{said}{'; unchanged' if after else ''}"
    if after.tool == before.tool:
        return f"{said} before, {after.title} after discussion"
    return f"{said} before, {after.title} (by {after.tool_title}) after discussion; the two are not compared"


_NOT_YET = "Not assessed yet"


def _assessed(case: PresentedCase) -> str:
    if case.assessed_on is None:
        return f"Not assessed; due {date_words(case.assessment_due_on)}" if case.assessment_due_on else "Not assessed"
    return f"{date_words(case.assessed_on)}{' – STALE' if case.is_stale else ''}"


def _missing(case: PresentedCase) -> str:
    words = capital(counted(case.missing_episodes, "missing episode"))
    if not case.missing_episodes and not case.interviews_offered:
        return words
    interviews = counted(case.interviews_offered, "return interview")
    if not case.interviews_offered:
        return f"{words}; {interviews} offered"
    return f"{words}; {interviews} offered, {case.interviews_within_72h or 'none'} within 72 hours"
