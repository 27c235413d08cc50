"""The children that a panel heard in a period, as a spreadsheet with a row for each hearing, for inspections."""

from collections.abc import Iterable
from datetime import date

from bot.documents.spreadsheet import Sheet, render_sheet
from bot.documents.word import Facts


class HeardRow(Facts):
    """One child at one meeting: what the panel knew and decided, and how many actions the panel gave."""

    case: str  #: reference
    heard_on: date
    panel: str
    age_band: str
    legal_status: str
    themes: str
    level_before: str
    level_after: str
    decisions: str
    actions: int
    actions_open: int  #: of these, not accepted by the panel yet
    next_on: date | None = None  #: the earliest day by which a decision is reviewed or done


COLUMNS = (
    ("Child", 14),
    ("Heard", 11),
    ("Panel", 18),
    ("Age band", 11),
    ("Legal status", 16),
    ("Themes", 24),
    ("Level before", 15),
    ("Level after", 15),
    ("Decisions", 38),
    ("Next by", 11),
    ("Actions", 9),
    ("Open", 7),
)
_ABOUT = 6  # columns of the first page, up to the themes; levels, decisions and actions are on the second


def render_children_heard(rows: Iterable[HeardRow], *, title: str, marking: str, made_on: date) -> bytes:
    """Return the list of children heard as an Excel workbook. The same rows always give the same bytes."""
    empty = "No child was heard."
    sheet = Sheet("Children", title, marking, made_on, COLUMNS, empty, turns_after=_ABOUT, repeats=2)
    return render_sheet(
        sheet,
        (
            (
                row.case,
                row.heard_on,
                row.panel,
                row.age_band,
                row.legal_status,
                row.themes,
                row.level_before,
                row.level_after,
                row.decisions,
                row.next_on,
                row.actions,
                row.actions_open,
            )
            for row in rows
        ),
    )
