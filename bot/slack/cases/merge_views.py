"""Merging two references of one child in chat: the preview, the result, and the message to the panel's members."""

from bot.services.cases.merging import Half, Merge, MergeNotice
from bot.slack.blocks import button, context, counted, escape, field, modal, moment, section, text_input
from bot.slack.pages import FIRST
from bot.slack.request import Said, View


def preview(found: Merge, seen: str, *, reason: str = "", again: bool = False) -> View:
    """Return a form for a chair that shows what merging two references would do, and asks why.

    `seen` is a checksum of what is shown. With `again` a line says that something has changed since the last preview.
    """
    old, kept = escape(found.old.reference), escape(found.kept.reference)
    lines = [
        f"*{old}* and *{kept}* become one case, *{kept}*.",
        f"• On your panels, {old} has {_brings(found.old)}, and {kept} has {_brings(found.kept)}. Decisions, returns, "
        f"assessments and NRM referrals move to {kept} with the flags and actions.",
        f"• After that, if you type {old} anywhere, you get {kept}. Lists and papers show both references.",
        f"• {kept} keeps its responsible district.",
        "• If a person has declared an interest in one of the two, they can no longer see either.",
    ]
    if found.shared:
        listed = "; ".join(f"{escape(title)}, {moment(at)}" for title, at in found.shared)
        lines.append(f"• The two cases become one agenda item at: {listed}.")
    if found.is_closed:
        lines.append("• Both are closed items with the same readers. That doesn't change.")
    lines.append("\n*You can't undo this.* Check that both references are for the same child.")
    changed = [context("Something has changed since you opened this. Please check again.")] if again else []
    asked = field(
        "reason",
        "How do you know?",
        text_input(initial=reason, lines=True, most=1000),
        hint="People who can read the case on your panel will see your answer in the case history.",
    )
    metadata = {
        "panel": found.panel_key,
        "old": found.old.reference,
        "kept": found.kept.reference,
        "seen": seen,
    }
    blocks = [*changed, section("\n".join(lines)), asked]
    return modal("case.merge", "Merge references", blocks, submit="Merge", metadata=metadata)


def _brings(half: Half) -> str:
    return f"{counted(half.flags, 'flag')} and {counted(half.actions, 'open action')}"


def merged(found: Merge) -> str:
    """Return a sentence saying that two references are one case now."""
    old, kept = escape(found.old.reference), escape(found.kept.reference)
    return f"*{old}* is now part of *{kept}*. `/case history {kept}` shows the history of both."


def told(notice: MergeNotice) -> Said:
    """Return a message telling members of a panel that two references of a case were merged."""
    text = (
        f"*{escape(notice.old_reference)}* and *{escape(notice.reference)}* are the same child, and now one case: "
        f"{escape(notice.by_name)} merged them for {escape(notice.panel_title)}. "
        f"Use *{escape(notice.reference)}* from now on. If you type the old reference, you get this one."
    )
    return text, (section(text, button("Open", "case.history", f"{notice.reference}|{FIRST}")),)
