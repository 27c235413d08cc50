"""The modals to change an agenda by hand: choose a line, change its position and length, or add another item."""

from bot.models.vocabulary import ItemKind
from bot.services.agenda.lines import MOST_MINUTES, HeadingsView, ItemForm, LineView, Move
from bot.services.agenda.overview import AgendaView
from bot.slack.agenda.views import line
from bot.slack.blocks import (
    button,
    buttons,
    context,
    escape,
    field,
    modal,
    moment,
    number_input,
    radio,
    section,
    select,
    sure,
    text_input,
    tick_boxes,
    word_options,
)
from bot.slack.pages import FIRST, Starts, turning
from bot.slack.request import Block, View

_MOVES = ((Move.UP, "Up"), (Move.DOWN, "Down"), (Move.FIRST, "To the top"), (Move.LAST, "To the end"))
PINNED = "pinned"


def lines(agenda: AgendaView, note: str = "", starts: Starts = FIRST) -> View:
    """Return one page of an agenda as a modal, with a *Change* button at each line."""
    top: list[Block] = [section(note)] if note else []
    top.append(section(f"*{escape(agenda.panel_title)}*, {moment(agenda.starts_at)}"))
    if agenda.version:
        top.append(context("The agenda is published, so a line that you move keeps its number."))
    if not agenda.is_compiled:
        top.append(section("Not compiled yet. To lay out the agenda, type `/agenda compile`."))
    top.append(buttons(button("Add an item", "agenda.item", agenda.panel_key)))
    body = [section(line(item), button("Change", "agenda.line", item.id)) for item in agenda.items]
    starts = starts.at(agenda.first)
    turn = turning("agenda.lines", agenda.panel_key, starts, len(body), agenda.count)
    metadata = {"panel": agenda.panel_key, "starts": str(starts)}
    return modal("agenda.lines", "Change the agenda", [*top, *body, *turn], submit=None, metadata=metadata)


def line_form(found: LineView, starts: str = "") -> View:
    """Return the form that changes an agenda line: its position, its time in minutes, and if the position is fixed."""
    item = found.item
    blocks = [
        section(line(item)),
        field("move", "Move it", select([(move.value, label) for move, label in _MOVES]), optional=True),
        field("minutes", "Minutes", number_input(initial=item.minutes, least=1, most=MOST_MINUTES)),
        field(
            "pin",
            "When the agenda is compiled again",
            tick_boxes((PINNED, "Keep its place"), initial=[PINNED] if item.is_pinned else []),
            hint="If you move a line, it keeps its new place.",
            optional=True,
        ),
    ]
    if item.kind is not None:
        confirm = sure("Remove this item?", "I'll take the item off the agenda.", "Remove", "Keep it")
        blocks.append(buttons(button("Remove", "agenda.remove", item.id, style="danger", confirm=confirm)))
    metadata = {"item": item.id, "panel": found.panel_key, "starts": starts}
    return modal("agenda.line", "Change a line", blocks, metadata=metadata)


def item_form(found: HeadingsView, starts: str = "") -> View:
    """Return the form for an agenda item other than a case: kind, title, presenter, time in minutes, and heading."""
    usual = ItemForm("")
    blocks = [
        context(f"*{escape(found.panel_title)}*, {moment(found.starts_at)}"),
        field("kind", "What it is", radio(word_options(ItemKind), initial=usual.kind.value)),
        field(
            "title", "Title", text_input(most=120), hint="Members read this, so write nothing that identifies a child."
        ),
        field("presenter", "Who brings it", text_input(most=120, placeholder="an agency or a name"), optional=True),
        field("minutes", "Minutes", number_input(initial=usual.minutes, least=1, most=MOST_MINUTES)),
        field("section", "After", select(found.headings, initial=found.headings[-1][0])),
    ]
    metadata = {"panel": found.panel_key, "starts": starts}
    return modal("agenda.item", "Add an item", blocks, submit="Add", metadata=metadata)
