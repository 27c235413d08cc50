"""The action tracker as a spreadsheet program opens it."""

import io
import subprocess
import sys
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from bot.documents.action_tracker import COLUMNS, RAG_COLOURS, TrackerRow, render_action_tracker
from bot.domain.states import Rag
from bot.models.vocabulary import ActionKind, ActionState, Priority
from tests.documents.word_files import audit

ROW = TrackerRow(
    number=8,
    panel="North MET",
    case="SAMPLE-0001",
    kind=ActionKind.NRM,
    text="=1+1",
    agency="R&D <Police>",
    holder="+44",
    due=date(2026, 12, 22),
    rag=Rag.RED,
    state=ActionState.NOT_POSSIBLE,
    priority=Priority.HIGH,
    extensions=1,
    agreed_on=date(2026, 12, 8),
    reported_on=date(2026, 12, 21),
    reported_by="=A1",
    chased=3,
    last_word="@cmd\x07\nhttps://example.org",
)


def made(*rows: TrackerRow) -> bytes:
    return render_action_tracker(rows, title="Actions: R&D", marking="OFFICIAL-SENSITIVE", made_on=date(2026, 12, 8))


def sheet(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content)).active


def test_each_action_is_a_row_of_text_numbers_and_real_dates() -> None:
    rows = [[cell.value for cell in row] for row in sheet(made(ROW)).iter_rows()]
    nothing = [None] * (len(COLUMNS) - 1)
    assert rows == [
        ["Actions: R&D", *nothing],
        ["OFFICIAL-SENSITIVE. Made on 8 December 2026.", *nothing],
        [heading for heading, _ in COLUMNS],
        [
            8,
            "SAMPLE-0001",
            "NRM",
            "=1+1",
            "R&D <Police>",
            "+44",
            datetime(2026, 12, 22),  # noqa: DTZ001 - a spreadsheet knows no zones
            "Red",
            "No longer possible (circumstances changed)",
            "North MET",
            "High",
            1,
            datetime(2026, 12, 8),  # noqa: DTZ001
            datetime(2026, 12, 21),  # noqa: DTZ001
            "=A1",
            None,
            "",
            3,
            "@cmd\nhttps://example.org",
        ],
    ]


def test_text_that_looks_like_a_formula_stays_text() -> None:
    cells = {cell.column_letter: cell.data_type for cell in sheet(made(ROW))[4]}
    assert cells == dict(zip("ABCDEFGHIJKLMNOPQRS", "nsssssdssssnddsnsns", strict=True))
    assert [cell.hyperlink for cell in sheet(made(ROW))[4]] == [None] * len(COLUMNS)


def test_the_colour_is_said_in_words_too() -> None:
    content = sheet(made(*(ROW.model_copy(update={"rag": rag}) for rag in Rag)))
    shown = [(content.cell(row, 8).value, content.cell(row, 8).fill.fgColor.rgb[2:]) for row in range(4, 9)]
    assert shown == [(rag.value.capitalize(), RAG_COLOURS[rag][0][1:]) for rag in Rag]


def test_it_prints_large_enough_to_be_read() -> None:
    # Of Arial 11: ten and a half points and more. All on one page would be five.
    content = sheet(made(ROW))
    assert int(content.page_setup.scale) >= 96
    assert not content.sheet_properties.pageSetUpPr.fitToPage  # which would undo the scale


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("rag", list(Rag))
def test_every_colour_can_be_read(rag: Rag) -> None:
    dark, light = sorted(map(luminance, RAG_COLOURS[rag]))
    assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG 2.2, AA


def test_it_scrolls_filters_and_prints_as_it_should() -> None:
    content = sheet(made(ROW, ROW))
    assert {
        "frozen": content.freeze_panes,
        "filter": content.auto_filter.ref,
        "repeated": content.print_title_rows,
        "landscape": content.page_setup.orientation,
        "paper": int(content.page_setup.paperSize),
        "its numbers again on the second page": content.print_title_cols,
        "second page": [found.id for found in content.col_breaks.brk],
        "one after the other": content.page_setup.pageOrder,
        "without the title, which each page has at its head": content.print_area,
        "header": (content.oddHeader.left.text, content.oddHeader.right.text),
        "footer": (content.oddFooter.left.text, content.oddFooter.center.text, content.oddFooter.right.text),
    } == {
        "frozen": "A4",
        "filter": "A3:S5",
        "repeated": "$3:$3",
        "landscape": "landscape",
        "paper": 9,
        "its numbers again on the second page": "$A:$A",
        "second page": [9],
        "one after the other": "overThenDown",
        "without the title, which each page has at its head": "'Actions'!$A$3:$S$5",
        "header": ("OFFICIAL-SENSITIVE", "Actions: R&&D"),
        "footer": ("OFFICIAL-SENSITIVE", "Made on 8 December 2026.", "Page &P of &N"),
    }


def test_it_is_sound_and_the_same_rows_give_the_same_bytes() -> None:
    assert audit(made(ROW), ".xlsx") == []
    assert made(ROW) == made(ROW)


def test_the_first_workbook_of_a_process_is_made_like_those_after_it() -> None:
    first = "import sys; from tests.documents.test_action_tracker import ROW, made; sys.stdout.buffer.write(made(ROW))"
    made(ROW)
    assert subprocess.run([sys.executable, "-c", first], capture_output=True, check=True).stdout == made(ROW)


def test_a_tracker_without_actions_says_so() -> None:
    content = made()
    assert (sheet(content)["A4"].value, audit(content, ".xlsx")) == ("No actions.", [])
