"""The audit report as a spreadsheet, for people who check access.

Each entry is a row that says who did or read what.
"""

from collections.abc import Iterable
from datetime import date, datetime

from bot.documents.spreadsheet import Cell, Sheet, render_sheet
from bot.documents.word import Facts, capital


class ReportRow(Facts):
    """One entry of the audit, in words that people can read."""

    number: int
    at: datetime  #: the county's own time, without a zone
    person: str  #: the person's name, or words for a person not enrolled or for the bot
    agency: str = ""
    account: str = ""  #: in a refusal, the Slack workspace and user
    verb: str
    noun: str
    noun_id: int | None = None
    about: str = ""  #: the name of the person concerned
    case: str = ""  #: reference
    panel: str = ""
    outcome: str
    sha256: str = ""  #: of the file, or of the version of the minutes, that was made, approved or given


# Headings, with widths in characters. On A4 the columns take two pages: who did what, and what it was about.
COLUMNS = (
    ("Entry", 8),
    ("When", 21),
    ("Who", 20),
    ("Agency", 20),
    ("What they did", 24),
    ("Number", 9),
    ("Person concerned", 18),
    ("Case", 14),
    ("Panel", 18),
    ("Result", 9),
    ("Slack account", 24),
    ("SHA-256 of the paper", 18),
)
_DONE = 6  # columns of the first page, up to the number


def render_audit_report(rows: Iterable[ReportRow], *, title: str, marking: str, made_on: date) -> bytes:
    """Return the report as an Excel workbook. The same rows always give the same bytes."""
    empty = "The audit has no such entry."
    sheet = Sheet("Audit", title, marking, made_on, COLUMNS, empty, turns_after=_DONE)
    return render_sheet(sheet, map(_cells, rows))


def _cells(row: ReportRow) -> list[Cell]:
    # In a refusal `noun` is the command that was typed, and `verb` the word after it.
    words = f"{row.noun} {row.verb}" if row.outcome == "refused" else f"{row.verb} {row.noun}"
    said = words.replace("_", " ").replace(".", " ")
    what = f"Asked for: {said}" if row.outcome == "refused" else capital(said)
    number = None if row.noun == "case" and row.outcome != "refused" else row.noun_id
    return [
        row.number,
        row.at,
        row.person,
        row.agency,
        what,
        number,
        row.about,
        row.case,
        row.panel,
        capital(row.outcome),
        row.account,
        row.sha256,
    ]
