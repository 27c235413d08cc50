"""Each paper in other programs' eyes: readers that share no code with what wrote it find all of it, and no fault.

mammoth and docx2python read Word files, openpyxl and calamine spreadsheets; `make proof` asks LibreOffice as well.
"""

import io
import re
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import mammoth
import pytest
from docx.oxml.ns import qn
from docx2python import docx2python
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from tests.documents.every_paper import MARKING, PAPERS, SHEETS
from tests.documents.word_files import opened, texts

pytestmark = pytest.mark.slow  # papers are written by a process of their own

#: What mammoth makes of the styles of the shipped templates. It remarks on any other.
STYLES = """
p[style-name='Title'] => h1.title:fresh
p[style-name='Status'] => p.status:fresh
p[style-name='Fact'] => p.fact:fresh
p[style-name='Label'] => p.label:fresh
p[style-name='Decision'] => p.decision:fresh
p[style-name='Action'] => p.action:fresh
p[style-name='Table heading'] => p.head:fresh
p[style-name='Table text'] => p.cell:fresh
"""


class _Page(HTMLParser):
    """Collects from a page its headings with their level, and its tables row by row."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.headings: list[tuple[int, str]] = []
        self.rows: list[tuple[str, ...]] = []
        self._text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append(())
        if re.fullmatch("h[1-6]|t[dh]", tag):
            self._text = ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), self._text))
        elif tag in ("td", "th"):
            self.rows[-1] = (*self.rows[-1], self._text)


def written_headings(made: bytes) -> list[tuple[int, str]]:
    """Return the title and headings as they were written, the title as one of the first level."""
    levels = {"Title": 1, "Heading 1": 1, "Heading 2": 2, "Heading 3": 3}
    found = opened(made).paragraphs
    return [(levels[one.style.name], one.text) for one in found if one.style.name in levels]


def written_rows(made: bytes) -> list[tuple[str, ...]]:
    """Return the rows of all tables as they were written."""
    rows = opened(made).element.body.iter(qn("w:tr"))
    return [tuple("".join(cell.itertext(qn("w:t"))) for cell in row.iter(qn("w:tc"))) for row in rows]


def words(text: str) -> list[str]:
    """Return the words of a text, so that readers may break its lines each in their own way."""
    return text.split()


def written_words(made: bytes) -> list[str]:
    """Return all words of a paper as they were written, table rows without the bars between their cells."""
    return words(" ".join(re.sub(r"^\||\|$|(?<= )\|(?= )", " ", text) for text in texts(made)))


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_mammoth_finds_headings_rows_and_words(name: str) -> None:
    made = PAPERS[name]()
    page = mammoth.convert_to_html(io.BytesIO(made), style_map=STYLES)
    assert [str(one) for one in page.messages] == []
    found = _Page(page.value)
    assert found.headings == written_headings(made)
    assert found.rows == written_rows(made)
    raw = mammoth.extract_raw_text(io.BytesIO(made))
    assert words(raw.value) == written_words(made)


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_docx2python_finds_words_marking_and_properties(name: str) -> None:
    made = PAPERS[name]()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with docx2python(io.BytesIO(made)) as found:
            body = " ".join(_leaves(found.body))
            head, foot = (" ".join(_leaves(part)) for part in (found.header, found.footer))
            properties, comments, notes = found.core_properties, found.comments, [*_leaves(found.footnotes)]
    assert words(body) == written_words(made)
    state = [] if name == "agency-pack" else ["DRAFT"]
    assert words(head) == [MARKING, *state]
    assert words(foot)[-5:] == [MARKING, "Page", "1", "of", "1"]
    assert (comments, [note for note in notes if note]) == ([], [])
    assert (properties["creator"], properties["language"], properties["subject"]) == ("panelbot", "en-GB", MARKING)


def _leaves(nested: Any) -> Iterator[str]:
    """Yield each text of nested lists."""
    if isinstance(nested, str):
        yield nested
    else:
        for each in nested:
            yield from _leaves(each)


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_calamine_and_openpyxl_find_the_same_rows(name: str) -> None:
    made = SHEETS[name]()
    book = CalamineWorkbook.from_filelike(io.BytesIO(made))
    (sheet,) = book.sheet_names
    rust = book.get_sheet_by_name(sheet).to_python()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        python = load_workbook(io.BytesIO(made))
    rows = [[cell.value for cell in row] for row in python[sheet].iter_rows()]
    assert [[_same(value) for value in row] for row in rust] == [[_same(value) for value in row] for row in rows]
    assert len(rows) > 3
    assert {cell.data_type for row in python[sheet].iter_rows() for cell in row} <= {"s", "n", "d"}  # and no formula


def _same(value: Any) -> Any:
    """Return a value as both readers give it: a day as text, a whole number as one, nothing as nothing."""
    if hasattr(value, "isoformat"):
        return value.isoformat().removesuffix("T00:00:00")
    return None if value == "" else value


@pytest.mark.proof
@pytest.mark.parametrize("name", sorted({**PAPERS, **SHEETS}))
def test_libreoffice_prints_every_word(name: str, tmp_path: Path) -> None:
    made, suffix = (PAPERS[name](), "docx") if name in PAPERS else (SHEETS[name](), "xlsx")
    (tmp_path / f"paper.{suffix}").write_bytes(made)
    office, reads = shutil.which("soffice"), shutil.which("pdftotext")
    assert office is not None, "LibreOffice is missing: sh .ci/system-packages office"
    assert reads is not None, "pdftotext is missing: sh .ci/system-packages office"
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [office, "--headless", profile, "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, f"paper.{suffix}"], cwd=tmp_path, capture_output=True, check=True)
    printed = subprocess.run([reads, "-layout", "paper.pdf", "-"], cwd=tmp_path, capture_output=True, check=True)
    pages = printed.stdout.decode().removesuffix("\f").split("\f")
    of = str(len(pages))
    assert [re.search(r"Page (\d+) of (\d+)", page)[0] for page in pages] == [  # type: ignore[index]
        f"Page {number} of {of}" for number in range(1, len(pages) + 1)
    ]
    assert [page for page in pages if page.count(MARKING) < 2] == []  # at head and foot of each page
    if suffix == "docx":
        wanted = written_words(made)
    else:
        (sheet,) = load_workbook(io.BytesIO(made)).worksheets
        cells = " ".join(cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "s")
        wanted = words(cells.replace(f"{MARKING}.", MARKING))  # in the head of a page it is no sentence
    found = set(words(printed.stdout.decode()))
    assert [word for word in wanted if word not in found] == []
