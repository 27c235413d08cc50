"""App Home: what one person owes, and where they are expected next."""

from bot.services.home import HomeView, PanelCard
from bot.slack.emergencies import NOT_FOR_EMERGENCIES
from bot.slack.reply import Block, View
from bot.slack.views.actions import line
from bot.slack.views.blocks import VIEW_BLOCKS, button, buttons, context, divider, escape, header, page, section
from bot.slack.views.days import moment


def home(view: HomeView) -> View:
    """One person's Home."""
    below: list[Block] = [divider(), header("Your panels")]
    below += [section(_card(card)) for card in view.panels[:20]] or [section("You are on no panel yet.")]
    below += [
        divider(),
        context("`/action help` · `/case help` · `/agenda help` · `/meeting help` · `/minutes help` · `/panel help`"),
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
