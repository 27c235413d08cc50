"""The board of a meeting in the panel's channel, for everyone to see. It shows states and counts, and no details."""

from bot.domain.decisions import until_word
from bot.domain.panel_definition import MARKING
from bot.models.vocabulary import ActionKind, ActionState
from bot.services.meeting.board import BoardAction, BoardItem, BoardView
from bot.slack.blocks import (
    MESSAGE_BLOCKS,
    button,
    buttons,
    capital,
    context,
    counted,
    cut,
    day,
    escape,
    header,
    moment,
    section,
)
from bot.slack.meeting.closing_views import close_button
from bot.slack.meeting.statement_views import here_button, whole_statement
from bot.slack.request import Block, Said

_MOST_ACTIONS = 20  # actions of one item on the board; the rest are only counted


def board(found: BoardView) -> Said:
    """Return the board of an open meeting or, once the meeting is closed, its result."""
    if found.is_over:
        return _summary(found)
    text = f"The meeting of {escape(found.panel_title)} is open."
    if found.item is not None:
        text = f"{escape(found.panel_title)}: {escape(found.item.title)}"
    blocks: list[Block] = [
        header(f"{found.panel_title} is open"),
        context(f"{MARKING} · {moment(found.starts_at)} · {_time(found)}"),
        section(f"{_item_line(found)}\n{_left(found)}"),
    ]
    if found.item is not None:
        blocks.append(section(_recorded(found.item)))
    blocks.append(context(_room(found)))
    if not found.has_begun:
        blocks += [
            *whole_statement(found.confidentiality),
            context(
                "If you press *I'm here*, you accept this statement. That includes observers. "
                "If you can't come, send the minute-taker your apologies and what your agency knows."
            ),
        ]
    blocks += _controls(found)
    return text, tuple(blocks[:MESSAGE_BLOCKS])


def _time(found: BoardView) -> str:
    used = round((found.now - found.opened_at).total_seconds() / 60)
    over = f", *{used - found.planned} over*" if used > found.planned else ""
    return f"opened at {found.opened_at:%H:%M} · {used} of {found.planned} minutes used{over}"


def _item_line(found: BoardView) -> str:
    item = found.item
    if item is None:
        if not found.has_begun:
            return "*Welcome.* Press *Next* to go to the first item."
        return "*No item is being discussed.*" if found.left else "*That was the last item.*"
    used = round((found.now - item.since).total_seconds() / 60)
    over = f", *{used - item.minutes} over*" if used > item.minutes else ""
    return (
        f"*Now: {escape(item.title)}*\n"
        f"Since {item.since:%H:%M}, planned until {item.until:%H:%M} ({counted(item.minutes, 'minute')}{over})"
    )


def _left(found: BoardView) -> str:
    """Return how many agenda items are still to be heard, including any before the current item."""
    if not found.left:
        return "No other item is left."
    return f"{counted(found.left, 'item' if found.item is None else 'other item')} left."


def _recorded(item: BoardItem) -> str:
    """Return what is recorded for the current item: how many notes, which kinds of decisions, and the actions."""
    said = [counted(item.notes, "note")] if item.notes else []
    if item.dissents:
        said.append(counted(item.dissents, "dissent"))
    lines = [f"*Recorded:* {', '.join(said)}" if said else "*Recorded:* no notes yet"]
    if item.decisions:
        words = [capital(kind.label) + (f"{until_word(kind)} {day(on)}" if on else "") for kind, on in item.decisions]
        lines.append(f"*Decided:* {'; '.join(map(escape, words))}")
    elif item.is_case:
        lines.append("*Decided:* nothing yet")
    shown = item.actions[:_MOST_ACTIONS]
    lines += [f"• {_action(one)}" for one in shown]
    if len(item.actions) > len(shown):
        lines.append(f"… and {counted(len(item.actions) - len(shown), 'more action', 'more actions')}")
    return cut("\n".join(lines), 2900)


def _action(one: BoardAction) -> str:
    state = "" if one.state is ActionState.OPEN else f", {one.state.label}"
    kind = "" if one.kind is ActionKind.OTHER else f"{escape(one.kind.label)}, "
    return (
        f"Action *{one.id}*: {kind}{escape(one.agency_name)} ({escape(one.holder_name)}), by {day(one.due_on)}{state}"
    )


def _room(found: BoardView) -> str:
    """Return how many people of each agency are here, and whether the meeting is quorate."""
    here = ", ".join(f"{escape(name)} {number}" for name, number in found.here) or "nobody yet"
    quorum = "Quorate" if found.quorum.met else f"*Not quorate:* no {escape(', '.join(found.quorum.missing))}"
    interim = " · *Interim discussion: no decisions*" if found.is_interim else ""
    return cut(f"{quorum}{interim} · Here: {here}", 2900)


def _controls(found: BoardView) -> list[Block]:
    under = f"{found.panel_key}:{found.item.id if found.item else 0}"
    first = [] if found.item is None else [button("Open item", "meeting.item", under)]
    if found.item is not None:
        first += [button("Record", "meeting.record", under), button("Action", "action.for_item", under)]
    more = [
        button("Agenda", "meeting.agenda", f"{under}:{found.meeting_id}"),
        button("Move to the bottom", "meeting.board", under),
    ]
    if not found.has_begun:  # everyone presses this first, while the statement is shown above
        here = button("I'm here", "meeting.acknowledge", found.meeting_id, style="primary")
        return [buttons(here, button("Next", "meeting.next", under), *more)]
    first.append(
        close_button(found.panel_key, found.meeting_id)
        if not found.left
        else button("Next", "meeting.next", under, style="primary")
    )
    return [buttons(*first), buttons(here_button(found.meeting_id), *more)]


def _summary(found: BoardView) -> Said:
    """Return the board of a closed meeting: how many items were heard, and how many decisions and actions recorded."""
    closed = f" until {found.closed_at:%H:%M}" if found.closed_at else ""
    text = f"The meeting of {escape(found.panel_title)} is closed."
    decided = "; ".join(f"{escape(kind.label)} {number}" for kind, number in found.decisions) or "none"
    lines = [
        f"*{counted(found.heard, 'item')}* discussed, {counted(found.actions, 'action')} given",
        f"*Decisions:* {decided}",
    ]
    if found.left:
        lines.append(f"*Not reached or without a decision:* {counted(found.left, 'item')}")
    if not found.quorum.met:
        lines.append(f"*Not quorate:* no {escape(', '.join(found.quorum.missing))}")
    lines.append(
        f"*Next meeting:* {moment(found.next_meeting_at)}"
        if found.next_meeting_at
        else "*Next meeting:* none in the diary"
    )
    return text, (
        header(f"{found.panel_title} is closed"),
        context(f"{MARKING} · {moment(found.starts_at)} · opened at {found.opened_at:%H:%M}{closed}"),
        section("\n".join(lines)),
        context(
            "I'll send you your own actions in a message. Once the minutes are approved, `/minutes export` sends you "
            "the minutes."
        ),
    )


def moved(panel_title: str) -> str:
    """Return a sentence saying that the board will be posted again at the bottom of the channel."""
    return f"The board of *{escape(panel_title)}* is moving to the bottom of its channel."
