"""Words that would do something elsewhere do nothing on any paper: they are printed as they were typed."""

import io
from collections.abc import Callable
from typing import Any, Final, TypeVar

import mammoth
import pytest
from openpyxl import load_workbook

from bot.documents.action_tracker import render_action_tracker
from bot.documents.agency_pack import render_pack
from bot.documents.agenda import render_agenda
from bot.documents.audit_report import render_audit_report
from bot.documents.children_heard import render_children_heard
from bot.documents.extract import render_extract
from bot.documents.minutes import render_minutes
from bot.documents.returns_grid import render_grid
from bot.documents.summary import render_summary
from bot.documents.word import Facts
from tests.documents.every_paper import HEARD, MADE_ON, MARKING
from tests.documents.example_meeting import AGENDA, EXTRACT, MINUTES, PACK, SUMMARY
from tests.documents.test_action_tracker import ROW
from tests.documents.test_audit_report import READ
from tests.documents.word_files import audit, part, texts

pytestmark = pytest.mark.slow  # papers are written by a process of their own

#: A template's tags, a formula, marks that turn what follows round, control characters, markup.
TYPED: Final = "{{7*7}}{%p if x %} =HYPERLINK(1) \u202egpj\u2066\u202c \x00\x07\x1b\ud800 <w:p>&amp; ]]>"
PRINTED: Final = "{{7*7}}{%p if x %} =HYPERLINK(1) gpj  <w:p>&amp; ]]>"
#: Facts that are keys of our own vocabulary, and no text that people type.
KEYS: Final = ("risk_tool", "risk_level", "quorum_missing")
_Some = TypeVar("_Some", bound=Facts)


def saying(facts: _Some, change: Callable[[str], str]) -> _Some:
    """Return facts with each text in them changed, those of the facts in them too."""

    def changed(value: Any) -> Any:
        if type(value) is str:  # no word of a vocabulary
            return change(value)
        if isinstance(value, Facts):
            return saying(value, change)
        return tuple(map(changed, value)) if isinstance(value, tuple) else value

    return facts.model_copy(update={name: changed(value) for name, value in facts if value and name not in KEYS})


def with_typed(text: str) -> str:
    return f"{TYPED} {text}"


PAPERS: Final[dict[str, Callable[[Callable[[str], str]], bytes]]] = {
    "agenda": lambda change: render_agenda(saying(AGENDA, change)),
    "minutes": lambda change: render_minutes(saying(MINUTES, change)),
    "annex": lambda change: render_minutes(saying(MINUTES, change), template_name="annex.docx"),
    "summary": lambda change: render_summary(saying(SUMMARY, change)),
    "extract": lambda change: render_extract(saying(EXTRACT, change)),
    "agency-pack": lambda change: render_pack(saying(PACK, change)),
}
SHEETS: Final[dict[str, Callable[[Callable[[str], str]], bytes]]] = {
    "action log": lambda change: render_action_tracker(
        [saying(ROW, change)], title=change("Actions"), marking=MARKING, made_on=MADE_ON
    ),
    "children heard": lambda change: render_children_heard(
        [saying(HEARD, change)], title=change("Heard"), marking=MARKING, made_on=MADE_ON
    ),
    "returns": lambda change: render_grid(
        [change("Police")],
        [(change("SAMPLE-0001"), [change("known")])],
        title=change("Returns"),
        marking=MARKING,
        made_on=MADE_ON,
    ),
    "audit report": lambda change: render_audit_report(
        [saying(READ, change)], title=change("Audit"), marking=MARKING, made_on=MADE_ON
    ),
}


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_a_paper_prints_what_was_typed_and_does_nothing(name: str) -> None:
    made = PAPERS[name](with_typed)
    printed = "\n".join(texts(made))
    assert printed.count("{{7*7}}{%p if x %} =HYPERLINK(1) gpj") > 5
    assert PRINTED in " ".join(mammoth.extract_raw_text(io.BytesIO(made)).value.split(" "))
    assert [sign for sign in "\u202e\u2066\u202c\x00\x07\x1b" if sign in printed] == []
    assert "49" not in printed.replace("2049", "")
    body = part(made, "word/document.xml")
    assert [tag for tag in ("<w:fldSimple", "<w:instrText", "<w:hyperlink") if tag in body] == []
    assert audit(made) == []


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_a_sheet_prints_what_was_typed_and_works_nothing_out(name: str) -> None:
    made = SHEETS[name](lambda text: f'=HYPERLINK("a","b") {TYPED} {text}')
    (sheet,) = load_workbook(io.BytesIO(made)).worksheets
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert [cell.hyperlink for cell in cells if cell.hyperlink] == []
    assert sum(f'=HYPERLINK("a","b") {PRINTED}' in str(cell.value) for cell in cells) >= 2
    assert audit(made, ".xlsx") == []


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_forty_thousand_characters_are_printed_whole(name: str) -> None:
    made = PAPERS[name](lambda text: f"{text} {'word ' * 8_000}end." if "station" in text else text)
    assert any(len(text) > 40_000 and text.count("word") == 8_000 for text in texts(made))
    assert audit(made) == []


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_a_cell_that_holds_no_more_says_so_and_the_sheet_opens(name: str) -> None:
    made = SHEETS[name](lambda text: text if text in ("Actions", "Heard", "Returns", "Audit") else "word " * 8_000)
    (sheet,) = load_workbook(io.BytesIO(made)).worksheets
    values = [str(cell.value) for row in sheet.iter_rows(min_row=4) for cell in row if cell.value is not None]
    long = [value for value in values if len(value) > 1_000]
    assert long
    assert {(len(value), value[-37:]) for value in long} == {(32_767, "… (shortened to what a cell can hold)")}
    assert max(float(row.height or 0) for row in sheet.row_dimensions.values()) <= 409
    assert audit(made, ".xlsx") == []
