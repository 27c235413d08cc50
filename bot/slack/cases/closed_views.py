"""Closed items in chat: who can see a case and why, for chairs, and messages to people whose access changed."""

from collections.abc import Sequence

from bot.models.vocabulary import AccessChange
from bot.services.cases.closed_items import AccessLine, ChangeNotice, ClosedItem, Reader
from bot.slack.blocks import context, counted, divider, escape, how_many_fit, modal, moment, section, spoken
from bot.slack.request import Block, View

_DONE = {
    AccessChange.CLOSED: "closed by",
    AccessChange.OPENED: "opened by",
    AccessChange.NAMED: "named a reader by",
    AccessChange.ENDED: "removed as a reader by",
}
_MOST_LINES = 30


def closed(item: ClosedItem) -> str:
    """Return a sentence saying that a case is now a closed item, and who can see it."""
    reference, panel = escape(item.reference), escape(item.panel_key)
    return (
        f"*{reference}* is a closed item now. Other people no longer see it in lists, agendas or reminders. Messages "
        f"already sent still show the reference. Files already sent stay in Slack until Slack removes them. An "
        f"administrator "
        f"can remove those files: `panelbot slack-files --case {reference} --remove`.\n"
        f"{_readers(item)}\nTo undo this: `/case open-item {reference} {panel} because REASON`."
    )


def opened(item: ClosedItem) -> str:
    """Return a sentence saying that a case is no longer a closed item."""
    reference, panel = escape(item.reference), escape(item.panel_key)
    return (
        f"*{reference}* is no longer a closed item. Everyone who reads cases on its panels sees it again. "
        f"I'm telling its readers. To undo this: `/case close-item {reference} {panel} because REASON`."
    )


def changed(item: ClosedItem) -> str:
    """Return a sentence saying who can read a closed item, after a reader was named or removed."""
    return f"*{escape(item.reference)}*: {_readers(item)}"


def shown(item: ClosedItem) -> View:
    """Return a modal for a chair: who can see a case, and each change of its readers with who made it and why."""
    close = f"/case close-item {escape(item.reference)} {escape(item.panel_key)} because REASON"
    says = _readers(item) if item.is_closed else f"This is not a closed item. To make it a closed item: `{close}`."
    groups = [_line(line) for line in reversed(item.history)]
    fit = how_many_fit(groups, most_blocks=_MOST_LINES)
    older = [context(f"{counted(len(groups) - fit, 'older change', 'older changes')} not shown.")]
    blocks = [section(says), divider(), *(block for group in groups[:fit] for block in group)]
    return modal("notice", item.reference, [*blocks, *(older if fit < len(groups) else [])], submit=None)


def told(notice: ChangeNotice) -> str:
    """Return a message telling one person that a case was closed or opened, or that a reader was named or removed."""
    panel, by, reference = escape(notice.panel_title), escape(notice.by_name), escape(notice.reference)
    person = "you" if notice.is_you else escape(notice.person_name)
    why = f" `/case readers {reference} {escape(notice.panel_key)}` shows why." if notice.panel_key else ""
    said = {
        AccessChange.CLOSED: f"*{reference}* is now a closed item: {by} closed it for {panel}. You can still see it.",
        AccessChange.OPENED: f"*{reference}* is no longer a closed item: {by} opened it for {panel}.",
        AccessChange.NAMED: f"*{reference}*, a closed item of {panel}: {by} named {person} as a reader.",
        AccessChange.ENDED: f"*{reference}*, a closed item of {panel}: {by} removed {person} as a reader.",
    }
    if not notice.reference:
        return f"You are no longer a reader of a closed item of {panel}. If you think that is wrong, ask {by}."
    return said[notice.kind] + why


def _readers(item: ClosedItem) -> str:
    apart = f" Named as readers, but stepped back: {_people(item.stepped_back)}." if item.stepped_back else ""
    return f"Only these people see the case: {_people(item.readers)}.{apart}{_keeping(item)}"


def _keeping(item: ClosedItem) -> str:
    """Return a sentence naming people who still hold actions on a case they can't see, with commands to change this."""
    if not item.keepers:
        return ""
    held = "; ".join(f"{escape(one.name)}: {', '.join(map(str, one.actions))}" for one in item.keepers)
    number = item.keepers[0].actions[0]
    reference, panel = escape(item.reference), escape(item.panel_key)
    return (
        f"\nThese people keep their actions on the case, but no longer see the words or the reference: {held}. "
        f"To pass an action on: `/action reassign {number} @name`. "
        f"To let a person see the case: `/case add-reader {reference} @name {panel} because REASON`."
    )


def _people(readers: Sequence[Reader]) -> str:
    return ", ".join(
        f"{escape(one.name)} ({escape(one.agency_name)}{f', {one.office.label}' if one.office else ''})"
        for one in readers
    )


def _line(line: AccessLine) -> list[Block]:
    what = f"{_DONE[line.kind]} {escape(line.by_name)}"
    who = f"{escape(line.person_name)}: " if line.person_name else ""
    return [context(f"{moment(line.at)} · {who}{what}"), spoken(line.reason)]
