"""The agenda of one meeting as a Word document, made from its facts and the panel's template."""

from pathlib import Path
from typing import Any

from bot.documents.meeting_facts import (
    ActionFacts,
    MeetingFacts,
    PresentedCase,
    action_fields,
    case_fields,
    meeting_fields,
    render_meeting,
)
from bot.documents.word import Facts, counted, sentence
from bot.domain.agenda_order import length_words
from bot.domain.language.day_words import date_words


class AgendaItemFacts(Facts):
    """One line of the agenda. `starts` is the local time at which it should begin, such as "14:05"."""

    number: str  #: such as "6", or "6a" for an item added after item 6 of a published agenda
    key: str = ""  #: of its section in the panel's definition, for templates that give a section a place of its own
    section: str  #: the heading that it is under
    title: str  #: the heading again, or the case reference
    minutes: int
    starts: str = ""
    prompt: str = ""  #: what the chair is reminded to cover
    presenter: str = ""  #: who brings an item that is no case
    case: PresentedCase | None = None
    tabled: tuple[
        str, ...
    ] = ()  #: under matters arising, a sentence on each case heard urgently since the last meeting


class AgendaFacts(MeetingFacts):
    """Everything that one version of the agenda says to one reader."""

    version: int = 1
    is_draft: bool = False  #: not yet published
    changes: str = ""  #: what has changed since the version before, in sentences
    overrun: str = ""  #: a sentence on by how much the items exceed the meeting
    returns_by: str = ""  #: when agencies answer: "Friday 4 December 2026"
    returned: str = ""  #: which agencies have answered, in a sentence; empty while none has
    items: tuple[AgendaItemFacts, ...] = ()
    outstanding: tuple[ActionFacts, ...] = ()  #: matters arising


def render_agenda(facts: AgendaFacts, template_dir: Path | None = None, template_name: str = "agenda.docx") -> bytes:
    """Return the agenda as a Word document. The same facts always give the same bytes.

    Raise Misconfigured if the template is missing or faulty.
    """
    return render_meeting("Agenda", facts, agenda_fields(facts), template_dir, template_name)


def agenda_fields(facts: AgendaFacts) -> dict[str, Any]:
    """Return the fields of the agenda's template, as `minutes_templates/README.md` describes them."""
    items = [_item_fields(item) for item in facts.items]
    cases = [fields for fields in items if fields["case"]]
    status = "Draft, not yet published" if facts.is_draft else f"Version {facts.version}, {date_words(facts.made_on)}"
    length = length_words(sum(item.minutes for item in facts.items))
    returns = f"Please say by {facts.returns_by} what your agency will bring to each case." if facts.returns_by else ""
    returns = " ".join(filter(None, (returns, facts.returned)))
    return meeting_fields(facts) | {
        "agenda": {
            "draft": "DRAFT" if facts.is_draft else "",
            "version": facts.version,
            "status": " ".join(filter(None, (sentence(status), facts.changes))),
            "returns": returns,
            "case_count": sentence(f"{counted(len(cases), 'child', 'children')} to be discussed"),
            "length": " ".join(filter(None, (sentence(length), facts.overrun))),
        },
        "items": items,
        "cases": cases,
        "outstanding": [action_fields(action) for action in facts.outstanding],
    }


def _item_fields(item: AgendaItemFacts) -> dict[str, Any]:
    marks = []
    if item.case:
        marks = [item.case.urgency.label] if item.case.urgency.value != "routine" else []
        marks += ["late flag"] if item.case.is_late else []
        marks += ["closed item"] if item.case.is_closed_item else []
    line = item.title if item.title == item.section else f"{item.section}: {item.title}"
    return item.model_dump(exclude={"presenter", "case", "tabled"}) | {
        "line": " ".join(map(sentence, (line, *item.tabled))) if item.tabled else line,
        "marks": ", ".join(marks),
        "minutes": f"{item.minutes} min",
        "lead": (item.case.presenter or item.case.agency) if item.case else item.presenter,
        "prompt": sentence(item.prompt),
        "case": case_fields(item.case) if item.case else None,
    }
