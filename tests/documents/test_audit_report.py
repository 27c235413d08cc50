"""The audit report as a spreadsheet program opens it."""

import io
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

from bot.documents.audit_report import COLUMNS, ReportRow, render_audit_report
from tests.documents.word_files import audit

READ = ReportRow(
    number=7,
    at=datetime(2026, 12, 8, 9, 30, 5),  # noqa: DTZ001 - a spreadsheet knows no zones
    person="=Sam",
    agency="R&D <Health>",
    verb="read",
    noun="case",
    noun_id=3,
    case="SAMPLE-0001",
    panel="North MET",
    outcome="done",
)
ASKED = ReportRow(
    number=8,
    at=datetime(2026, 12, 8, 9, 31),  # noqa: DTZ001
    person="Not enrolled",
    account="T01.U02",
    verb="history",
    noun="case",
    noun_id=12,
    outcome="refused",
)
APPROVED = READ.model_copy(update={"verb": "approve", "noun": "minutes", "case": "", "sha256": "ab" * 32})
PLACED = READ.model_copy(update={"verb": "ask_extension", "noun": "action", "noun_id": 4127, "about": "Jo"})


def made(*rows: ReportRow) -> bytes:
    return render_audit_report(rows, title="Audit: R&D", marking="OFFICIAL-SENSITIVE", made_on=date(2026, 12, 8))


def sheet(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content)).active


def test_each_entry_is_a_row_in_words() -> None:
    rows = [[cell.value for cell in row] for row in sheet(made(READ, ASKED, PLACED, APPROVED)).iter_rows()]
    nothing = [None] * (len(COLUMNS) - 1)
    nine, later = READ.at, ASKED.at
    assert rows == [
        ["Audit: R&D", *nothing],
        ["OFFICIAL-SENSITIVE. Made on 8 December 2026.", *nothing],
        [heading for heading, _ in COLUMNS],
        [7, nine, "=Sam", "R&D <Health>", "Read case", None, "", "SAMPLE-0001", "North MET", "Done", "", ""],
        [8, later, "Not enrolled", "", "Asked for: case history", 12, "", "", "", "Refused", "T01.U02", ""],
        [
            7,
            nine,
            "=Sam",
            "R&D <Health>",
            "Ask extension action",
            4127,
            "Jo",
            "SAMPLE-0001",
            "North MET",
            "Done",
            "",
            "",
        ],
        [7, nine, "=Sam", "R&D <Health>", "Approve minutes", 3, "", "", "North MET", "Done", "", "ab" * 32],
    ]


def test_no_text_is_a_formula_and_a_moment_is_one_to_the_second() -> None:
    (cells,) = sheet(made(READ)).iter_rows(min_row=4)
    assert {cell.data_type for cell in cells} <= {"n", "s", "d"}
    assert (cells[1].data_type, cells[1].number_format) == ("d", "dd mmm yyyy hh:mm:ss")


def test_it_scrolls_filters_and_prints_on_a4_landscape() -> None:
    content = sheet(made(READ, ASKED))
    assert {
        "frozen": content.freeze_panes,
        "filter": content.auto_filter.ref,
        "repeated": content.print_title_rows,
        "landscape": content.page_setup.orientation,
        "paper": int(content.page_setup.paperSize),
        "in full size on two pages": (content.page_setup.scale, [found.id for found in content.col_breaks.brk]),
        "header": (content.oddHeader.left.text, content.oddHeader.right.text),
    } == {
        "frozen": "A4",
        "filter": "A3:L5",
        "repeated": "$3:$3",
        "landscape": "landscape",
        "paper": 9,
        "in full size on two pages": (None, [6]),
        "header": ("OFFICIAL-SENSITIVE", "Audit: R&&D"),
    }


def test_it_is_sound_and_the_same_rows_give_the_same_bytes() -> None:
    assert audit(made(READ, ASKED), ".xlsx") == []
    assert made(READ) == made(READ)


def test_a_report_of_nothing_says_so() -> None:
    content = made()
    assert (sheet(content)["A4"].value, audit(content, ".xlsx")) == ("The audit has no such entry.", [])
