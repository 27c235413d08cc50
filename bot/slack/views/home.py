"""App Home: what one person owes, and where they are expected next."""

from collections.abc import Sequence

from bot.services.home import HomeView, PanelCard
from bot.services.undelivered import Undelivered
from bot.slack.emergencies import NOT_FOR_EMERGENCIES
from bot.slack.reply import Block, View
from bot.slack.views.actions import line
from bot.slack.views.blocks import VIEW_BLOCKS, button, buttons, context, cut, divider, escape, header, page, section
from bot.slack.views.days import moment


def home(view: HomeView, undelivered: Sequence[Undelivered] = ()) -> View:
    """One person's Home; who keeps a diary also sees what is stranded on its way to its people."""
    below: list[Block] = [*_stranded(undelivered), divider(), header("Your panels")]
    below += [section(_card(card)) for card in view.panels[:20]] or [section("You are on no panel yet.")]
    below += [
        divider(),
        context(
            "`/action help` · `/case help` · `/agenda help` · `/meeting help` · `/minutes help` · `/panel help` · "
            "`/people help`"
        ),
        context(NOT_FOR_EMERGENCIES),
    ]
    count = len(view.actions)
    top: list[Block] = [header(f"Your open actions ({count})" if count else "Your open actions")]
    if not count:
        top.append(section("Nothing is open. Thank you."))
    groups = [
        [
            section(line(action)),
            buttons(
                button("Done", "action.done", action.id, style="primary"),
                button("More time", "action.more_time", action.id),
                button("Show", "action.show", action.id),
            ),
        ]
        for action in view.actions
    ]
    more = "`/action list mine` has them all."
    body = page(groups, most_blocks=VIEW_BLOCKS - len(top) - len(below), more=more)
    return {"type": "home", "blocks": [*top, *body, *below]}


def _stranded(undelivered: Sequence[Undelivered]) -> list[Block]:
    if not undelivered:
        return []
    blocks: list[Block] = [
        divider(),
        header("Messages that need you"),
        context("Nobody knows whether these arrived, or Slack refused them. They are never repeated by themselves."),
    ]
    for one in undelivered:
        what = "may or may not have arrived" if one.may_have_arrived else "was refused by Slack"
        why = f" ({escape(cut(one.error, 80))})" if one.error else ""
        blocks.append(section(f"*{escape(one.addressee)}*: {one.kind} {what}{why} · {moment(one.since)}"))
        blocks.append(
            buttons(
                button("Send again", "undelivered.send", one.id),
                button("Let it be", "undelivered.let_be", one.id),
            )
        )
    return blocks


def _card(card: PanelCard) -> str:
    roles = ", ".join(role.label for role in card.roles) or "administrator"
    where = f" in <#{card.channel_id}>" if card.channel_id else ""
    if card.is_open:
        when = "*The meeting is being held now.*"
    elif card.next_at is not None:
        when = f"Next {moment(card.next_at)}" + (f", {escape(card.venue)}" if card.venue else "")
    else:
        when = "No meeting in the diary."
    lines = [f"*{escape(card.title)}*{where} · {roles}", when]
    if card.waiting:
        lines.append(f"{card.waiting} flagged and waiting for you: `/agenda triage {card.key}`")
    if card.to_confirm:
        lines.append(f"{card.to_confirm} to confirm: `/action list done {card.key}`")
    return "\n".join(lines)


def refused(sentence: str) -> View:
    """The Home of somebody whom nobody enrolled."""
    return {"type": "home", "blocks": [section(sentence)]}
