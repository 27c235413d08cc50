"""Amendment slips to minutes: the form, the slip with buttons to decide about it, and messages about the decision."""

from bot.records.minutes.slips import SlipView
from bot.services.minutes.amending import SlipForm
from bot.slack.blocks import (
    button,
    buttons,
    context,
    escape,
    field,
    modal,
    moment,
    section,
    select,
    spoken,
    text_input,
)
from bot.slack.request import Block, Said, View

WHOLE = "0"  #: the option for the minutes as a whole


def form(found: SlipForm) -> View:
    """Return the form for an amendment slip: what the approved minutes should say, and why."""
    options = [
        (WHOLE, "The minutes as a whole"),
        *((str(number), label) for number, label in found.items),
    ]
    blocks = [
        context(f"{escape(found.panel_title)}, {moment(found.starts_at)}, version {found.version}"),
        field("item", "Which item?", select(options)),
        field("says", "What should the minutes say?", text_input(lines=True)),
        field(
            "reason",
            "Why?",
            text_input(most=300),
            hint="I'll print this with the minutes, and send it to everyone who has the minutes and may see the item.",
        ),
    ]
    return modal(
        "minutes.amend", "Amend minutes", blocks, submit="Ask the chair", metadata={"minutes": found.minutes_id}
    )


def written(slip: SlipView) -> str:
    """Return a sentence saying that an amendment slip is written and needs approval."""
    return f"The chair has your correction slip to the minutes of {_which(slip)}. I'll tell you what the chair decides."


def asked(slip: SlipView) -> Said:
    """Return a message asking a person to approve or refuse an amendment slip. A button shows the slip's words."""
    about = f", about {escape(slip.item)}" if slip.item else ""
    text = (
        f"{escape(slip.written_by)} wrote a correction slip to the approved minutes of {_which(slip)}{about}. "
        "Please approve or refuse the slip."
    )
    return text, (section(text), buttons(button("Read the slip", "minutes.slip", slip.id, style="primary")))


def told(slip: SlipView) -> Said:
    """Return a message saying whether a slip was approved, to its author or a person who has the minutes."""
    about = f", about {escape(slip.item)}" if slip.item else ""
    if not slip.is_approved:
        text = f"{escape(slip.decided_by)} refused the correction slip to the minutes of {_which(slip)}{about}."
        return text, (section(text), buttons(button("Read the slip", "minutes.slip", slip.id)))
    text = (
        f"{escape(slip.decided_by)} approved a correction to the minutes of {_which(slip)}: "
        f"slip {slip.number}{about}. "
        f"`/minutes export {slip.panel_key}` sends you the minutes with the slip."
    )
    return text, (section(text), buttons(button("Read the slip", "minutes.slip", slip.id)))


def slip(found: tuple[SlipView, bool]) -> View:
    """Return a modal with an amendment slip. It has buttons to approve or refuse the slip if the reader may do so."""
    one, may_decide = found
    head = f"*{escape(one.item) or 'The minutes as a whole'}* · {_which(one)}"
    blocks: list[Block] = [
        context(head),
        section("*The minutes should say:*"),
        spoken(one.says),
        section("*Because:*"),
        spoken(one.reason),
        context(f"{escape(one.written_by)}, {moment(one.written_at)}{_became(one)}"),
    ]
    if one.refusal:
        blocks += [section("*Refused because:*"), spoken(one.refusal)]
    if may_decide:
        approve = button("Approve slip", "minutes.slip_approve", one.id, style="primary")
        blocks.append(buttons(approve, button("Refuse", "minutes.slip_refuse", one.id)))
    title = f"Slip {one.number}" if one.number else "Slip"
    return modal("minutes.slip", title, blocks, submit=None)


def refusal_form(found: SlipView) -> View:
    """Return the form that asks why an amendment slip is refused."""
    about = f"*{escape(found.item) or 'The minutes as a whole'}* · {_which(found)}"
    hint = "The person who wrote the slip can read this."
    blocks = [context(about), field("refusal", "Why are you refusing it?", text_input(lines=True), hint=hint)]
    return modal("minutes.slip_refuse", "Refuse slip", blocks, submit="Refuse", metadata={"slip": found.id})


def _became(one: SlipView) -> str:
    if one.decided_at is None:
        return ""
    return f" · {'approved' if one.is_approved else 'refused'} by {escape(one.decided_by)}, {moment(one.decided_at)}"


def decided(slip: SlipView) -> str:
    """Return a sentence to the person who decided about a slip, saying whether the slip is approved."""
    if slip.is_approved:
        return f"You have approved slip {slip.number}. I'm telling everyone who has the minutes and may see the item."
    return "You have refused the slip. I'm telling the person who wrote it."


def _which(slip: SlipView) -> str:
    return f"{escape(slip.panel_title)}, {moment(slip.starts_at)}"
