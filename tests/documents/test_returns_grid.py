"""The grid of returns as a spreadsheet program opens it."""

import io
from datetime import date
from typing import Any

from openpyxl import load_workbook

from bot.documents.returns_grid import render_grid
from tests.documents.word_files import audit

ROWS = [
    ("SAMPLE-0001", ("answered", "still to come", "not asked")),
    ("SAMPLE-0002", ("nothing to add", "not known", "still to come")),
]


def made(*rows: tuple[str, tuple[str, ...]]) -> bytes:
    return render_grid(
        ("=Council", "Health", "Police"),
        rows,
        title="Returns to North MET, 8 December 2026",
        marking="OFFICIAL-SENSITIVE",
        made_on=date(2026, 12, 3),
    )


def sheet(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content)).active


def test_cases_go_down_agencies_across_and_a_gap_is_said_in_words_and_colour() -> None:
    found = sheet(made(*ROWS))
    assert [[cell.value for cell in row] for row in found.iter_rows()] == [
        ["Returns to North MET, 8 December 2026", None, None, None],
        ["OFFICIAL-SENSITIVE. Made on 3 December 2026.", None, None, None],
        ["Case", "=Council", "Health", "Police"],
        ["SAMPLE-0001", "Answered", "Still to come", None],
        ["SAMPLE-0002", "Nothing to add", "Not known", "Still to come"],
    ]
    coloured = {cell.value for row in found.iter_rows(min_row=4) for cell in row if cell.fill.fgColor.rgb == "FFB3141D"}
    assert coloured == {"Still to come"}


def test_it_is_sound_and_the_same_rows_give_the_same_bytes() -> None:
    assert made(*ROWS) == made(*ROWS)
    assert audit(made(*ROWS), ".xlsx") == []


def test_a_grid_without_cases_says_so() -> None:
    assert sheet(made()).cell(4, 1).value == "No return is asked for."


def test_more_agencies_than_fit_on_a_page_are_on_a_second_one() -> None:
    def printed(agencies: int) -> tuple[bool, list[int], str | None]:
        names = [f"Agency {number}" for number in range(agencies)]
        content = sheet(
            render_grid(names, [], title="Returns", marking="OFFICIAL-SENSITIVE", made_on=date(2026, 12, 3))
        )
        is_fitted = bool(content.sheet_properties.pageSetUpPr.fitToPage)
        return is_fitted, [found.id for found in content.col_breaks.brk], content.print_title_cols

    assert printed(9) == (True, [], None)  # ten points and less
    assert printed(12) == (False, [7], "$A:$A")
