"""Minutes in Slack: messages that say whether minutes are drafted, approved and so on.

The text of the minutes is shown only in files and forms.
"""

from bot.domain.language.day_words import listed
from bot.domain.minutes import APPROVED_STATES, approved_by
from bot.models.vocabulary import Accuracy, MinutesState
from bot.records.meeting.accuracy import LastMinutes
from bot.records.minutes.queries import MinutesView
from bot.services.minutes.approving import DraftView, RemarksView
from bot.services.minutes.circulating import ReceiptsView
from bot.slack.blocks import (
    button,
    buttons,
    context,
    counted,
    escape,
    field,
    modal,
    moment,
    paragraphs,
    section,
    spoken,
    sure,
    text_input,
)
from bot.slack.request import Block, Said, View


def which(minutes: MinutesView) -> str:
    """Return words that name minutes: their panel, meeting and version."""
    return f"{escape(minutes.panel_title)}, {moment(minutes.starts_at)}, version {minutes.version}"


def drafted(minutes: MinutesView) -> str:
    """Return a sentence saying that a draft of the minutes is written and on its way, and who approves it."""
    lines = [
        f"Draft minutes of {which(minutes)}: {counted(minutes.items, 'item')}, {counted(minutes.actions, 'action')}.",
        escape(minutes.sitting),
    ]
    if minutes.state is MinutesState.WITH_CHAIR:
        lines += [
            "The Word file is on its way to you and the chair.",
            f"{escape(listed(minutes.approvers, 'or'))} can approve the minutes with `/minutes approve "
            f"{minutes.panel_key}`.",
        ]
    else:
        lines += ["The Word file is on its way to you.", approved_by(())]
    return " ".join(filter(None, lines))


def approved(minutes: MinutesView) -> str:
    """Return a message saying that minutes are approved.

    If the record was corrected since the last version, the message says that a new version must be approved first.
    """
    if minutes.is_rewritten:
        return (
            "The record has changed since the last version, so the minutes are not approved yet. "
            f"The new draft, {which(minutes)}, is on its way to you, and says what was corrected. "
            "Read the new draft, and approve it there."
        )
    said = f"The minutes of {which(minutes)} are approved, so nobody can change them now. I'm telling members."
    if minutes.annex is None:
        return said
    if minutes.annex:
        return f"{said} {escape(listed(minutes.annex, 'or'))} must approve what you recorded on closed items."
    return (
        f"{said} Another reader must approve what you recorded on closed items, but there is none. To name one: "
        "`/case add-reader`."
    )


def sent_back(minutes: MinutesView) -> str:
    """Return a sentence saying that a draft is sent back to the person who drafted it."""
    return f"You have sent back the draft minutes of {which(minutes)}. I'm telling the person who drafted them."


def exported(minutes: MinutesView) -> str:
    """Return a sentence saying that the Word file with the minutes is on its way."""
    mark = "approved" if minutes.state in APPROVED_STATES else "draft"
    return f"The minutes of {which(minutes)} ({mark}) are on their way to your direct messages."


def told(minutes: MinutesView) -> Said:
    """Return a message telling a member that minutes are approved and where to get them."""
    text = (
        f"The minutes of {which(minutes)} are approved. "
        f"`/minutes export {minutes.panel_key}` sends you the Word file, with everything that you may see."
    )
    return text, (section(text), buttons(button("Got it", "minutes.got", minutes.id)))


def got(minutes: MinutesView) -> str:
    """Return a sentence to a member, saying that the bot has recorded that they have the minutes."""
    return f"Noted: you have the minutes of {which(minutes)}."


def to_look_at(found: DraftView) -> Said:
    """Return the message on a new draft to a person who writes or approves minutes, with the buttons they may use."""
    minutes = found.minutes
    by = "" if found.may_approve else f" {approved_by([escape(name) for name in minutes.approvers])}"
    text = f"Draft minutes of {which(minutes)}, drafted by {escape(found.drafted_by)}.{by} The Word file is above."
    return text, (section(text), buttons(*draft_buttons(found)))


def draft_buttons(found: DraftView) -> list[Block]:
    """Return the buttons about a draft that this reader may use: approve, send back, look through."""
    minutes = found.minutes
    made: list[Block] = []
    if found.may_approve:
        confirm = sure(
            "Approve the minutes?",
            f"{minutes.panel_title}, version {minutes.version}. Approved minutes never change. I'll tell members.",
            "Approve",
        )
        made.append(button("Approve", "minutes.approve", minutes.id, style="primary", confirm=confirm))
        made.append(button("Send back", "minutes.send_back", minutes.id))
    made.append(button("Look through", "minutes.look", minutes.id))
    return made


def send_back_form(minutes: MinutesView) -> View:
    """Return the form that asks what should change in a draft."""
    return modal(
        "minutes.send_back",
        "Send back",
        [
            context(which(minutes)),
            field(
                "remarks",
                "What should be different?",
                text_input(lines=True),
                hint="The person who drafted the minutes can read this.",
            ),
        ],
        submit="Send back",
        metadata={"minutes": minutes.id},
    )


def was_sent_back(found: RemarksView) -> Said:
    """Return a message telling a minute-taker that a draft was sent back. A button shows the remarks."""
    text = (
        f"{escape(found.by_name)} sent back the draft minutes of {escape(found.panel_title)}, "
        f"{moment(found.starts_at)}, version {found.version}, with remarks. Once you have dealt with the remarks, "
        f"`/minutes draft {found.panel_key}` writes the next version."
    )
    return text, (
        section(text),
        buttons(
            button("Read the remarks", "minutes.remarks", found.minutes_id),
            button("Look through", "minutes.look", found.minutes_id),
        ),
    )


def remarks(found: RemarksView) -> View:
    """Return a modal with the remarks that a person wrote when they sent a draft back."""
    about = f"{escape(found.panel_title)}, version {found.version}, {escape(found.by_name)} on {moment(found.at)}:"
    return modal("minutes.remarks", "Sent back", [context(about), spoken(found.remarks)], submit=None)


def annex(minutes: MinutesView) -> Said:
    """Return a message asking a named reader to approve closed items, since the minutes' approver recorded them."""
    text = (
        f"The minutes of {which(minutes)} are approved, except the closed items that the approver recorded. "
        f"As a reader of those items, read them (`/minutes export {minutes.panel_key}`) and approve them. "
        f"If something is wrong, add a correction: `/minutes amend {minutes.panel_key}`."
    )
    confirm = sure("Approve closed items?", "Approve only if you have read what the minutes say on them.", "Approve")
    approve = button("Approve closed items", "minutes.annex", minutes.id, style="primary", confirm=confirm)
    return text, (section(text), buttons(approve))


def annex_approved(minutes: MinutesView) -> str:
    """Return a sentence saying that the closed items of minutes are approved."""
    return f"The closed items in the minutes of {which(minutes)} that needed your approval are approved."


def receipts(found: ReceiptsView) -> View:
    """Return a modal with the people who were told of approved minutes. Those who have not acknowledged come first."""
    lines = [
        f"• *{escape(one.name)}* ({escape(one.agency_name)}): "
        + (
            f"has them, {moment(one.acknowledged_at)}"
            if one.acknowledged_at
            else f"told {moment(one.told_at)}, no answer"
        )
        for one in found.receipts
    ]
    about = context(f"{escape(found.panel_title)}, {moment(found.starts_at)}")
    return modal("minutes.receipts", "Who has the minutes", [about, *paragraphs(lines)], submit=None)


def confirmed(found: LastMinutes) -> Said:
    """Return a message saying whether the last minutes were found accurate.

    If not, a button opens an amendment slip.
    """
    if found.answer is Accuracy.ACCURATE:
        text = f"Noted: the minutes {found.words} are accurate."
        return text, (section(text),)
    text = (
        f"Noted: the minutes {found.words} are confirmed with corrections. "
        "Write each correction as a slip, or as a note here."
    )
    return text, (section(text), buttons(button("Write a slip", "minutes.amend", found.minutes_id or 0)))
