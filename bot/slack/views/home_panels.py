"""Panels on App Home: the next meeting of each, and what it asks of who sits there, chairs it or keeps its diary."""

from collections.abc import Sequence

from bot.models.vocabulary import Reply
from bot.services.home.overview import ChairCard, PanelCard
from bot.slack.reply import Block
from bot.slack.views.blocks import button, buttons, context, counted, escape, header, plain, section
from bot.slack.views.days import day, moment
from bot.slack.views.home_turning import CHAIRED, DIARY, PANELS, Places, turning

_REPLIED = {Reply.COMING: "you are coming", Reply.DEPUTY: "your deputy comes", Reply.APOLOGIES: "you sent apologies"}


def panels(cards: Sequence[PanelCard], turned: Places) -> list[Block]:
    """The panels that somebody sits on, soonest meeting first, and what waits for their answer."""
    waits = sum(card.may_reply and card.reply is None for card in cards)
    owed = sum(card.returns_owed for card in cards)
    blocks: list[Block] = [header("Your next meetings")]
    if waits or owed:
        said = [counted(waits, "invitation")] if waits else []
        said += [counted(owed, "return")] if owed else []
        blocks.append(context(f"Waiting for your answer: {', '.join(said)}."))
    first, shown = turned.page("panels", cards, PANELS)
    for card in shown:
        blocks += [section(_card(card)), *_row(_card_buttons(card))]
    return [*blocks, *turning("panels", len(cards), first, PANELS)]


def diary(cards: Sequence[PanelCard], turned: Places) -> list[Block]:
    """The panels whose diary somebody keeps."""
    blocks: list[Block] = [header("Your panels' next meetings")]
    first, shown = turned.page("diary", cards, DIARY)
    for card in shown:
        made = _card_buttons(card)[:1]
        blocks.append(section(_card(card), made[0] if made else None))
    return [*blocks, *turning("diary", len(cards), first, DIARY)]


def _card_buttons(card: PanelCard) -> list[Block]:
    under = f"{card.meeting_id}:{card.at}"
    made = []
    if card.may_reply and card.reply is None:
        made.append(button("I am coming", "invitation.coming", under, style="primary"))
        if card.may_send_deputy:
            made.append(button("A deputy comes", "invitation.deputy", under))
        made.append(button("Apologies", "invitation.apologies", under))
    elif card.may_reply:
        made.append(button("Change my answer", "invitation.change", under))
    if card.returns_owed:
        made.append(button("Make the returns", "returns.mine", card.meeting_id, style="primary"))
    return made


def _row(made: list[Block]) -> list[Block]:
    return [buttons(*made)] if made else []


def _card(card: PanelCard) -> str:
    roles = ", ".join(role.label for role in card.roles) or "administrator"
    where = f" in <#{card.channel_id}>" if card.channel_id else ""
    lines = [f"*{escape(card.title)}*{where} · {roles}", _when(card)]
    if card.returns_owed:
        lines.append(f"{counted(card.returns_owed, 'return')} to make for your agency")
    return "\n".join(lines)


def _when(card: PanelCard) -> str:
    if card.is_open:
        return "*The meeting is being held now.*"
    if card.next_at is None:
        return "No meeting in the diary."
    said = f"Next {moment(card.next_at)}" + (f", {escape(card.venue)}" if card.venue else "")
    if card.reply is not None:
        return f"{said} · {_REPLIED[card.reply]}"
    return f"{said} · *please answer the invitation*" if card.may_reply else said


def chairing(cards: Sequence[ChairCard], turned: Places) -> list[Block]:
    """The panels that somebody chairs, each with all that waits for them."""
    blocks: list[Block] = [header("Panels you chair")]
    first, shown = turned.page("chairing", cards, CHAIRED)
    for card in shown:
        blocks += [section(_chaired(card)), *_row(_chair_buttons(card))]
    return [*blocks, *turning("chairing", len(cards), first, CHAIRED)]


def _chaired(card: ChairCard) -> str:
    lines = [_card(card.panel)]
    if card.forecast and not card.panel.is_open:
        lines.append(f"Quorum: {escape(card.forecast)}")
    waits = []
    if card.waiting:
        waits.append(f"{card.waiting} flagged and waiting for you")
    if card.gaps:
        waits.append(f"{counted(card.gaps, 'return')} missing")
    if card.to_confirm:
        waits.append(f"{counted(card.to_confirm, 'action')} to confirm")
    if waits:
        lines.append(" · ".join(waits))
    if card.overdue:
        agencies = ", ".join(f"{escape(agency)} {count}" for agency, count in card.overdue[:6])
        more = f" and {len(card.overdue) - 6} more" if len(card.overdue) > 6 else ""
        lines.append(f":red_circle: overdue actions: {agencies}{more}")
    if card.to_approve:
        lines.append(f"Minutes to approve: {', '.join(day(at.date()) for at in card.to_approve[:4])}")
    if not (waits or card.overdue or card.to_approve):
        lines.append("Nothing waits for you.")
    return "\n".join(lines)


def _chair_buttons(card: ChairCard) -> list[Block]:
    made = _card_buttons(card.panel)
    key = card.panel.key
    if card.waiting:
        made.append(button("Triage", "home.triage", key, style="primary"))
    if card.gaps:
        made.append(button("Returns", "returns.gaps", card.panel.meeting_id))
    if card.forecast and not card.panel.is_open:
        made.append(button("Replies", "invitation.replies", card.panel.meeting_id))
    if card.to_confirm:
        made.append(button("Confirm actions", "home.confirm", key))
    if card.to_approve:
        on = card.to_approve[0].date()
        approve = button(f"Approve minutes of {on.day} {on:%B}", "home.approve", f"{key}:{on.isoformat()}")
        approve["confirm"] = {
            "title": plain("Approve the minutes?"),
            "text": plain(f"{card.panel.title}, {day(on)}. Approved minutes never change, and members are told."),
            "confirm": plain("Approve"),
            "deny": plain("Not yet"),
        }
        made.append(approve)
    return made
