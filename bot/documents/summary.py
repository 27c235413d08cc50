"""The decisions and actions of one meeting on a page or two, without any discussion."""

from pathlib import Path
from typing import Any

from bot.documents.meeting_facts import ActionFacts, MeetingFacts, action_fields, meeting_fields, render_meeting
from bot.documents.minutes import Amendment, DecisionFacts, amendment_fields, digest_words
from bot.documents.word import Facts, capital, counted, sentence
from bot.domain.decisions import decision_words
from bot.domain.language.day_words import date_words, listed

TEMPLATE = "summary.docx"


class SummaryItem(Facts):
    """One item of the summary: a case, or another item on which there was a decision or an action."""

    number: str
    key: str = ""  #: of its section in the panel's definition
    section: str
    title: str  #: the case reference, or the heading
    is_case: bool = False
    is_closed_item: bool = False  #: only its named readers see it
    is_reached: bool = True
    note: str = ""  #: why nothing is said of it, where that is not that it was not reached
    decisions: tuple[DecisionFacts, ...] = ()
    actions: tuple[ActionFacts, ...] = ()
    amendments: tuple[Amendment, ...] = ()  #: approved slips to this item


class SummaryFacts(MeetingFacts):
    """Everything that the summary of one meeting's decisions and actions says to one reader."""

    minutes_version: int = 0  #: of the approved minutes; 0: from the record of the meeting
    digest: str = ""  #: of these minutes
    items: tuple[SummaryItem, ...] = ()
    actions: tuple[ActionFacts, ...] = ()  #: all that were given at the meeting
    next_meeting: str = ""
    amendments: tuple[Amendment, ...] = ()  #: approved slips to the minutes as a whole


def render_summary(facts: SummaryFacts, template_dir: Path | None = None) -> bytes:
    """Return the summary as a Word document. The same facts always give the same bytes.

    Raise Misconfigured if the template is missing or faulty.
    """
    return render_meeting("Decisions and actions", facts, summary_fields(facts), template_dir, TEMPLATE)


def summary_fields(facts: SummaryFacts) -> dict[str, Any]:
    """Return the fields of the summary's template, as `minutes_templates/README.md` describes them."""
    heard = sum(item.is_case and item.is_reached and not item.note for item in facts.items)
    decided = sum(len(item.decisions) for item in facts.items)
    counts = (counted(heard, "case"), counted(decided, "decision"), counted(len(facts.actions), "action"))
    status = (
        f"From the approved minutes, version {facts.minutes_version}."
        if facts.minutes_version
        else "From the record of the meeting. Its minutes are not approved yet."
    )
    return meeting_fields(facts) | {
        "summary": {
            "draft": "" if facts.minutes_version else "DRAFT",
            "status": status,
            "digest": digest_words(facts.digest),
            "count": sentence(f"{counts[0]} heard, {listed(counts[1:])}"),
            "next_meeting": sentence(facts.next_meeting) or "No date has been set.",
        },
        "items": [_item_fields(item) for item in facts.items],
        "actions": [action_fields(action) for action in facts.actions],
        "amendments": [amendment_fields(amendment) for amendment in facts.amendments],
    }


def _item_fields(item: SummaryItem) -> dict[str, Any]:
    undecided = "No decision was reached." if item.is_reached else "This item was not reached."
    return {
        "number": item.number,
        "key": item.key,
        "section": item.section,
        "title": f"{item.title} (closed item)" if item.is_closed_item else item.title,
        "line": item.title if item.section == item.title else f"{item.section}: {item.title}",
        "note": item.note or (undecided if item.is_case and not item.decisions else ""),
        "decisions": [{"made": capital(decision_words(one, date_words)) + "."} for one in item.decisions],
        "actions": [action_fields(action) for action in item.actions],
        "amendments": [amendment_fields(amendment) for amendment in item.amendments],
    }
