"""Exports of several papers at once: the message that shows how far an export is, and then its result."""

from bot.models.exports import ExportState
from bot.services.minutes.exporting import ExportView
from bot.slack.blocks import button, buttons, escape, section
from bot.slack.request import Said


def shown(found: ExportView) -> Said:
    """Return a message with the progress of an export, and a button to cancel it while it is being made."""
    text = _text(found)
    if found.state is not ExportState.WAITING:
        return text, (section(text),)
    return text, (section(text), buttons(button("Cancel", "minutes.export_cancel", found.id)))


def _text(found: ExportView) -> str:
    title = escape(found.title)
    match found.state:
        case ExportState.WAITING if found.total is None:
            return f"{title}: I'm gathering the papers."
        case ExportState.WAITING:
            return f"{title}: I've made {found.done} of {found.total} papers."
        case ExportState.CANCELLED:
            return f"{title}: I've stopped making the papers. You get none."
        case ExportState.FAILED:
            return f"{title}: I found no papers that I can send you. Ask again, or ask for fewer."
    return f"{title}: {found.total} papers, sent to you as one zip. Keep it safe."


def begun(found: ExportView) -> str:
    """Return a sentence saying that the bot has begun to make the papers of an export."""
    return f"{escape(found.title)}: I'm making the papers. I'll show you in a direct message how many are ready."
