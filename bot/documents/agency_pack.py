"""One agency's pack from a meeting: its own actions first, then the items that the reader may see."""

from pathlib import Path
from typing import Any

from bot.documents.meeting_facts import ActionFacts, action_fields, render_meeting
from bot.documents.minutes import MinutesFacts, amendment_fields, minutes_fields
from bot.documents.word import counted, sentence

TEMPLATE = "agency-pack.docx"


class PackFacts(MinutesFacts):
    """Everything that one agency's pack says. `actions` are only the agency's own actions."""

    agency: str
    earlier: tuple[ActionFacts, ...] = ()  #: what the agency still owes the panel from before this meeting


def render_pack(facts: PackFacts, template_dir: Path | None = None) -> bytes:
    """Return the pack as a Word document. The same facts always give the same bytes.

    Raise Misconfigured if the template is missing or faulty.
    """
    return render_meeting(f"Pack for {facts.agency}", facts, pack_fields(facts), template_dir, TEMPLATE)


def pack_fields(facts: PackFacts) -> dict[str, Any]:
    """Return the fields of the pack's template, as `minutes_templates/README.md` describes them."""
    new, before = len(facts.actions or ()), len(facts.earlier)
    said = f"{counted(new, 'action')} from this meeting, {counted(before, 'action')} from before it"
    return minutes_fields(facts) | {
        "pack": {"agency": facts.agency, "count": sentence(said)},
        # Amendments of an item are printed with the item.
        "amendments": [amendment_fields(one) for one in facts.amendments if not one.item],
        "earlier": [action_fields(action) for action in facts.earlier],
    }
