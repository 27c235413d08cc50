"""The children that a panel heard in a period, a row for each hearing, as an inspection asks for them."""

from collections.abc import Iterable
from datetime import date

from bot.documents.spreadsheet import Sheet, render_sheet
from bot.documents.word import Facts


class HeardRow(Facts):
    """One child at one meeting: what the panel knew, decided and gave to do."""

    case: str  #: reference
    panel: str
    heard_on: date
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
    ("Child", 16),
    ("Panel", 22),
    ("Heard", 12),
    ("Age band", 12),
    ("Legal status", 18),
    ("Themes", 26),
    ("Level before", 16),
    ("Level after", 16),
    ("Decisions", 40),
    ("Next by", 12),
    ("Actions", 9),
    ("Open", 7),
)


def render_children_heard(rows: Iterable[HeardRow], *, title: str, marking: str, made_on: date) -> bytes:
    """Return the list as an Excel workbook, the same bytes for the same rows."""
    sheet = Sheet("Children", title, marking, made_on, COLUMNS, empty="No child was heard.")
    return render_sheet(
        sheet,
        (
            (
                row.case,
                row.panel,
                row.heard_on,
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
