"""The action tracker: every action as a row of a spreadsheet that can be sorted, filtered and printed."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from bot.documents.spreadsheet import Cell, Sheet, Tinted, render_sheet
from bot.documents.word import Facts, capital
from bot.domain.states import Rag
from bot.models.vocabulary import ActionKind, ActionState, Priority, Word


class TrackerRow(Facts):
    """One action, as it is on the day that the tracker is made. The fields are the spreadsheet's columns, in order."""

    number: int
    case: str = ""  #: reference, or the heading it came from
    kind: ActionKind = ActionKind.OTHER
    text: str
    agency: str
    holder: str
    due: date
    rag: Rag
    state: ActionState
    panel: str
    priority: Priority = Priority.NORMAL
    extensions: int = 0
    agreed_on: date | None = None
    reported_on: date | None = None
    reported_by: str = ""
    accepted_on: date | None = None
    accepted_by: str = ""
    chased: int = 0  #: the number of days on which a person was reminded of it
    last_word: str = ""  #: the latest line of its history


# The heading of each field of a row, and its width in characters. On A4 the columns take two pages: the action, and its
# outcome.
COLUMNS = (
    ("No.", 5),
    ("Case", 13),
    ("Kind", 11),
    ("Action", 32),
    ("Agency", 15),
    ("Holder", 13),
    ("Due", 11),
    ("RAG", 8),
    ("State", 13),
    ("Panel", 14),
    ("Priority", 8),
    ("Extended", 10),
    ("Given", 11),
    ("Reported", 11),
    ("Reported by", 12),
    ("Accepted", 11),
    ("Accepted by", 12),
    ("Chased", 8),
    ("Last word", 18),
)

_TO_DO = 9  # up to the state

# Colours of background and text. Each pair has a contrast of at least 4.5 to 1 (WCAG 2.2, AA).
RAG_COLOURS = {
    Rag.BLUE: ("#1F4E9C", "#FFFFFF"),
    Rag.GREEN: ("#C6EFCE", "#004D13"),
    Rag.AMBER: ("#FFD68A", "#5A3300"),
    Rag.RED: ("#B3141D", "#FFFFFF"),
    Rag.CLOSED: ("#E3E3E3", "#1F1F1F"),
}


def render_action_tracker(rows: Iterable[TrackerRow], *, title: str, marking: str, made_on: date) -> bytes:
    """Return the tracker as an Excel workbook. The same rows always give the same bytes."""
    sheet = Sheet("Actions", title, marking, made_on, COLUMNS, empty="No actions.", turns_after=_TO_DO)
    return render_sheet(sheet, ([_cell(value) for _, value in row] for row in rows))


def _cell(value: Any) -> Cell:
    if isinstance(value, Rag):
        return Tinted(value.value.capitalize(), *RAG_COLOURS[value])
    cell: Cell = capital(value.label) if isinstance(value, Word) else value
    return cell
