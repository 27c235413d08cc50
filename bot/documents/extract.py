"""The part of a panel's minutes about one child, for that child's file.

An extract says nothing of other children, and does not say who declared an interest.
"""

from datetime import date
from pathlib import Path
from typing import Any

from bot.documents.meeting_facts import ActionFacts, action_fields, paragraphs_of
from bot.documents.minutes import ItemFacts, digest_words, item_fields
from bot.documents.word import DocumentProperties, Facts, counted, find_template, render_word, sentence
from bot.domain.language.day_words import date_words, listed

TEMPLATE = "extract.docx"


class HearingFacts(Facts):
    """One meeting that heard the case, with all that its minutes say about the case."""

    on: date
    when: str  #: "Tuesday 8 December 2026, 14:00 to 16:00", in the panel's zone
    venue: str = ""
    chair: str
    agencies: tuple[str, ...] = ()  #: those that were present
    version: int = 1
    approved_on: date | None = None  #: none: this is a draft
    digest: str = ""  #: digest of the approved minutes from which this is taken
    item: ItemFacts
    outstanding: tuple[ActionFacts, ...] = ()  #: earlier actions on the case


class ExtractFacts(Facts):
    """Everything that an extract tells one reader about one child, taken from one panel's minutes."""

    panel: str
    reference: str
    confidentiality: str  #: an empty line begins a new paragraph
    marking: str = "OFFICIAL-SENSITIVE"
    made_on: date
    made_for: str  #: name and agency of the person who asked
    hearings: tuple[HearingFacts, ...]  #: the earliest first


def render_extract(facts: ExtractFacts, template_dir: Path | None = None) -> bytes:
    """Return the extract as a Word document. The same facts always give the same bytes.

    Raise Misconfigured if the template is missing or faulty. The document's title has no case reference, since other
    programs show the title beside the file's name.
    """
    title = f"Extract from minutes: {facts.panel}"
    properties = DocumentProperties(title, subject=facts.marking, made_on=facts.made_on)
    template = find_template(template_dir, TEMPLATE)
    return render_word(template, extract_fields(facts), properties=properties, name=TEMPLATE)


def extract_fields(facts: ExtractFacts) -> dict[str, Any]:
    """Return the fields of the extract's template, as `minutes_templates/README.md` describes them."""
    drafts = [hearing.on for hearing in facts.hearings if hearing.approved_on is None]
    said = f"Made on {date_words(facts.made_on)} for {facts.made_for}, from the minutes of "
    said += counted(len(facts.hearings), "meeting")
    if drafts:
        said += f"; those of {listed(map(date_words, drafts))} are not approved yet"
    return {
        "panel": {"title": facts.panel, "marking": facts.marking},
        "extract": {
            "reference": facts.reference,
            "draft": "DRAFT" if drafts else "",
            "status": sentence(said),
            "confidentiality": paragraphs_of(facts.confidentiality),
        },
        "hearings": [_hearing_fields(hearing) for hearing in facts.hearings],
    }


def _hearing_fields(hearing: HearingFacts) -> dict[str, Any]:
    approved = hearing.approved_on
    status = f"approved on {date_words(approved)}" if approved else "a draft that is not approved yet"
    return {
        "when": hearing.when,
        "venue": hearing.venue or "Venue to be confirmed",
        "chair": hearing.chair,
        "agencies": listed(hearing.agencies) or "Not recorded",
        "status": f"Minutes, version {hearing.version}, {status}.",
        "digest": digest_words(hearing.digest),
        "item": item_fields(hearing.item),
        "outstanding": [action_fields(action) for action in hearing.outstanding],
    }
