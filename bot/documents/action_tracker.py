"""The action tracker: every action as a row of a spreadsheet that can be sorted, filtered and printed."""

import io
import textwrap
from collections.abc import Iterable
from datetime import date, datetime, time

import xlsxwriter

from bot.documents.word import Facts, capital, printable
from bot.domain.language.day_words import date_words
from bot.domain.states import Rag
from bot.models.vocabulary import ActionKind, ActionState, Priority, Word


class TrackerRow(Facts):
    """One action as it stands on the day of the tracker."""

    number: int
    panel: str
    case: str = ""  #: reference, or the heading it came from
    kind: ActionKind = ActionKind.OTHER
    text: str
    agency: str
    holder: str
    due: date
    rag: Rag
    state: ActionState
    priority: Priority = Priority.NORMAL
    extensions: int = 0
    agreed_on: date | None = None
    last_word: str = ""  #: the latest line of its history


# Heading of each field of a row in their order, and width in characters; together they print on A4 landscape at about
# seven tenths of their size.
COLUMNS = (
    ("No.", 6),
    ("Panel", 17),
    ("Case", 14),
    ("Kind", 13),
    ("Action", 36),
    ("Agency", 18),
    ("Holder", 15),
    ("Due", 12),
    ("RAG", 9),
    ("State", 17),
    ("Priority", 9),
    ("Extended", 10),
    ("Agreed", 12),
    ("Last word", 26),
)
LINE_HEIGHT = 15  # points, for Arial 11

# Background and text: each pair has a contrast of at least 4.5 to 1 (WCAG 2.2, AA).
RAG_COLOURS = {
    Rag.BLUE: ("#1F4E9C", "#FFFFFF"),
    Rag.GREEN: ("#C6EFCE", "#004D13"),
    Rag.AMBER: ("#FFD68A", "#5A3300"),
    Rag.RED: ("#B3141D", "#FFFFFF"),
}

HEADER_ROW = 2  # under the title and the line that says when it was made


def render_action_tracker(rows: Iterable[TrackerRow], *, title: str, marking: str, made_on: date) -> bytes:
    """The tracker as an Excel workbook; text that begins with an equals sign stays text.

    The same rows give the same bytes: the workbook is dated `made_on`, at noon.
    """
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(written, options) as book:
        _Tracker(book, printable(title), printable(marking), made_on).fill(rows)
    return written.getvalue()


class _Tracker:
    def __init__(self, book: xlsxwriter.Workbook, title: str, marking: str, made_on: date) -> None:
        self.title, self.marking, self.made_on = title, marking, made_on
        book.set_properties(
            {"title": title, "subject": marking, "author": "panelbot", "created": datetime.combine(made_on, time(12))}
        )
        font = {"font_name": "Arial", "font_size": 11}
        cell = font | {"valign": "top", "align": "left", "text_wrap": True, "border": 1, "border_color": "#BFC5D2"}
        self.sheet = book.add_worksheet("Actions")
        self.heading = book.add_format(font | {"bold": True, "font_size": 16, "font_color": "#1F3864"})
        self.plain = book.add_format(font | {"bold": True})
        self.head = book.add_format(cell | {"bold": True, "bg_color": "#1F3864", "font_color": "#FFFFFF"})
        self.text = book.add_format(cell)
        self.date = book.add_format(cell | {"num_format": "dd mmm yyyy"})
        self.rag = {
            rag: book.add_format(cell | {"bold": True, "bg_color": back, "font_color": front})
            for rag, (back, front) in RAG_COLOURS.items()
        }

    def fill(self, rows: Iterable[TrackerRow]) -> None:
        """Title, heading row, one row for each action, and how it all prints."""
        sheet = self.sheet
        sheet.write_string(0, 0, self.title, self.heading)
        sheet.write_string(1, 0, f"{self.marking}. Made on {date_words(self.made_on)}.", self.plain)
        for column, (heading, width) in enumerate(COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(HEADER_ROW, column, heading, self.head)
        at = HEADER_ROW
        for row in rows:
            at += 1
            self._row(at, row)
        if at == HEADER_ROW:
            at += 1
            sheet.write_string(at, 0, "No actions.", self.plain)
        sheet.freeze_panes(HEADER_ROW + 1, 0)
        sheet.autofilter(HEADER_ROW, 0, at, len(COLUMNS) - 1)
        self._print_setup(at)

    def _row(self, at: int, row: TrackerRow) -> None:
        cells = [capital(value.label) if isinstance(value, Word) else value for _, value in row]
        self.sheet.set_row(at, LINE_HEIGHT * _lines(cells) + 3)
        for column, value in enumerate(cells):
            if isinstance(value, Rag):
                self.sheet.write_string(at, column, value.value.capitalize(), self.rag[value])
            elif isinstance(value, str):
                self.sheet.write_string(at, column, printable(value), self.text)
            elif isinstance(value, int):
                self.sheet.write_number(at, column, value, self.text)
            elif value is None:
                self.sheet.write_blank(at, column, None, self.text)
            else:
                self.sheet.write_datetime(at, column, value, self.date)

    def _print_setup(self, last: int) -> None:
        sheet, marking = self.sheet, self.marking.replace("&", "&&")
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.8)  # inches
        sheet.set_header(f'&L&"Arial,Bold"{marking}&R&"Arial,Regular"{self.title.replace("&", "&&")[:100]}')
        sheet.set_footer(f'&L&"Arial,Bold"{marking}&R&"Arial,Regular"Page &P of &N')
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADER_ROW)
        sheet.print_area(0, 0, last, len(COLUMNS) - 1)


def _lines(cells: Iterable[object]) -> int:
    """How many lines the fullest cell wraps to: spreadsheets do not all work this out when they open a file."""
    return max(
        sum(len(textwrap.wrap(line, int(width * 1.15))) or 1 for line in printable(value).splitlines() or [""])
        for value, (_, width) in zip(cells, COLUMNS, strict=True)
        if isinstance(value, str)
    )
