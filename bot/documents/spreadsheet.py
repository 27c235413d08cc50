"""Writes rows as an Excel workbook that can be sorted, filtered and printed on A4."""

import io
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

import xlsxwriter

from bot.documents.word import printable
from bot.domain.language.day_words import date_words

LINE_HEIGHT = 15  # points, for Arial 11
#: The width of a digit in Arial 11, the font of all cells, and of a cell's edge. Column widths are counted in digits.
_DIGIT, _EDGE = 8.2, 5  # pixels; Excel takes 8, LibreOffice the width that the font gives
_PAGE_WIDTH = 1015  # pixels of 96 to the inch on A4 across, without the margins and a little less
_MOST_HIGH = 409  # points, of a row in Excel
_MOST_TEXT = 32_767  # characters, of a cell in Excel; a longer text is not written at all
_CUT = "… (shortened to what a cell can hold)"
HEADER_ROW = 2  # under the title and the line that says when it was made


class Tinted(NamedTuple):
    """Words on a coloured background. Both colours are `#RRGGBB`."""

    words: str
    back: str
    front: str


#: The value of one cell. Its moments have no time zone, since spreadsheets have none.
Cell = str | int | date | datetime | Tinted | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The title, the columns and the other facts of a spreadsheet, without its rows.

    Each column has a heading and a width in characters.
    """

    name: str
    title: str
    marking: str
    made_on: date
    columns: Sequence[tuple[str, int]]
    empty: str  #: the sentence shown if there are no rows
    turns_after: int = 0  #: columns on the first printed page, if all on one page would be too small; 0: one page wide
    repeats: int = 1  #: first columns that are repeated on the second printed page


def render_sheet(sheet: Sheet, rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return the rows as an Excel workbook. Text that begins with an equals sign stays text.

    The same rows give the same bytes, since the workbook is dated `made_on` at noon.
    """
    written = io.BytesIO()
    texts = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    # The library writes into the properties that it is given, so each workbook gets its own.
    arial = {"default_format_properties": dict(_ARIAL), "default_column_width": 72}
    with xlsxwriter.Workbook(written, {"in_memory": True, **texts, **arial}) as book:
        _Writer(book, sheet).fill(rows)
    return written.getvalue()


def _fitted(text: str) -> str:
    """Return the text, cut to the length that a cell can hold. A cut text ends with a remark that says so."""
    return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - len(_CUT)] + _CUT


_ARIAL = {"font_name": "Arial", "font_size": 11}


class _Writer:
    def __init__(self, book: xlsxwriter.Workbook, about: Sheet) -> None:
        self.book, self.columns, self.empty = book, about.columns, about.empty
        self.turns_after, self.repeats = about.turns_after, about.repeats
        self.title, self.marking, self.made_on = printable(about.title), printable(about.marking), about.made_on
        created = datetime.combine(about.made_on, time(12))
        book.set_properties({"title": self.title, "subject": self.marking, "author": "panelbot", "created": created})
        font = _ARIAL
        self.cell = font | {"valign": "top", "align": "left", "text_wrap": True, "border": 1, "border_color": "#BFC5D2"}
        self.sheet = book.add_worksheet(about.name)
        self.heading = book.add_format(font | {"bold": True, "font_size": 16, "font_color": "#1F3864"})
        self.plain = book.add_format(font | {"bold": True})
        self.head = book.add_format(self.cell | {"bold": True, "bg_color": "#1F3864", "font_color": "#FFFFFF"})
        self.text = book.add_format(self.cell)
        self.date = book.add_format(self.cell | {"num_format": "dd mmm yyyy"})
        self.moment = book.add_format(self.cell | {"num_format": "dd mmm yyyy hh:mm:ss"})
        self.tints: dict[tuple[str, str], Any] = {}

    def fill(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write the title, the headings and the rows, and set how the sheet is printed."""
        sheet = self.sheet
        sheet.write_string(0, 0, self.title, self.heading)
        sheet.write_string(1, 0, f"{self.marking}. Made on {date_words(self.made_on)}.", self.plain)
        self._row_height(HEADER_ROW, [f"{heading} ▼" for heading, _ in self.columns])  # the mark of the filter
        for column, (heading, width) in enumerate(self.columns):
            sheet.set_column(column, column, width)
            sheet.write_string(HEADER_ROW, column, printable(heading), self.head)
        at = HEADER_ROW
        for row in rows:
            at += 1
            self._row(at, row)
        if at == HEADER_ROW:
            at += 1
            sheet.write_string(at, 0, self.empty, self.plain)
        sheet.freeze_panes(HEADER_ROW + 1, 0)
        sheet.autofilter(HEADER_ROW, 0, at, len(self.columns) - 1)
        self._print_setup(at)

    def _row_height(self, at: int, cells: Sequence[Cell]) -> None:
        self.sheet.set_row(at, min(_MOST_HIGH, LINE_HEIGHT * self._lines(cells) + 3))

    def _row(self, at: int, cells: Sequence[Cell]) -> None:
        self._row_height(at, cells)
        for column, value in enumerate(cells):
            if isinstance(value, Tinted):
                self.sheet.write_string(at, column, value.words, self._tint(value.back, value.front))
            elif isinstance(value, str):
                self.sheet.write_string(at, column, _fitted(printable(value)), self.text)
            elif isinstance(value, int):
                self.sheet.write_number(at, column, value, self.text)
            elif value is None:
                self.sheet.write_blank(at, column, None, self.text)
            else:
                is_moment = isinstance(value, datetime)
                self.sheet.write_datetime(at, column, value, self.moment if is_moment else self.date)

    def _tint(self, back: str, front: str) -> Any:
        if (back, front) not in self.tints:
            colours = {"bold": True, "bg_color": back, "font_color": front}
            self.tints[back, front] = self.book.add_format(self.cell | colours)
        return self.tints[back, front]

    def _lines(self, cells: Sequence[Cell]) -> int:
        """Return how many lines the fullest cell of a row needs.

        The row's height is set to this, since some programs don't fit the height to the text themselves.
        """
        return max(
            sum(len(textwrap.wrap(line, int(width * 1.15))) or 1 for line in printable(value).splitlines() or [""])
            for value, (_, width) in zip(cells, self.columns, strict=True)
            if isinstance(value, str)
        )

    def _print_setup(self, last: int) -> None:
        sheet, marking = self.sheet, self.marking.replace("&", "&&")
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.8)  # inches
        sheet.set_header(f'&L&"Arial,Bold"{marking}&R&"Arial,Regular"{self.title.replace("&", "&&")[:100]}')
        made = f"Made on {date_words(self.made_on)}."
        sheet.set_footer(f'&L&"Arial,Bold"{marking}&C&"Arial,Regular"{made}&R&"Arial,Regular"Page &P of &N')
        sheet.repeat_rows(HEADER_ROW)
        first = 0
        if self.turns_after:
            widths = [_DIGIT * width + _EDGE for _, width in self.columns]
            pages = sum(widths[: self.turns_after]), sum((*widths[: self.repeats], *widths[self.turns_after :]))
            sheet.set_print_scale(min(100, int(100 * _PAGE_WIDTH / max(pages))))
            sheet.set_v_pagebreaks([self.turns_after])
            sheet.repeat_columns(0, self.repeats - 1)
            sheet.print_across()  # the second page of a row comes next
            first = HEADER_ROW  # the title is in the page header, since repeated columns would cut it off
        else:
            sheet.fit_to_pages(1, 0)
        sheet.print_area(first, 0, last, len(self.columns) - 1)
