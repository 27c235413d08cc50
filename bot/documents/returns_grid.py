"""The grid of agencies' returns as a spreadsheet, with a row for each case and a column for each agency."""

from collections.abc import Sequence
from datetime import date

from bot.documents.spreadsheet import Cell, Sheet, Tinted, render_sheet
from bot.documents.word import capital

_ACROSS = 9  # agencies that fit on one page; of more, half are on a second page
_AWAITED = ("#B3141D", "#FFFFFF")  # as an overdue action in the tracker


def render_grid(
    agencies: Sequence[str],
    rows: Sequence[tuple[str, Sequence[str]]],
    *,
    title: str,
    marking: str,
    made_on: date,
) -> bytes:
    """Return the grid of returns as an Excel workbook. The same rows always give the same bytes.

    Missing returns are coloured. Each row has a case's reference and, for each agency, its return in a few words.
    """
    columns = (("Case", 13), *((agency, 15) for agency in agencies))
    turns_after = 0 if len(agencies) <= _ACROSS else 1 + (len(agencies) + 1) // 2
    sheet = Sheet("Returns", title, marking, made_on, columns, "No return is asked for.", turns_after)
    return render_sheet(sheet, ([reference, *map(_cell, cells)] for reference, cells in rows))


def _cell(said: str) -> Cell:
    if said == "not asked":
        return None
    return Tinted(capital(said), *_AWAITED) if said == "still to come" else capital(said)
