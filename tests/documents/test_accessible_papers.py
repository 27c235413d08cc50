"""Each paper as assistive technology meets it: headings, language, header rows, titles, marking and page numbers."""

import io
import re
from itertools import pairwise

import pytest
from docx.oxml.ns import qn
from openpyxl import load_workbook

from tests.documents.every_paper import PAPERS, SHEETS, SHIPPED
from tests.documents.word_files import audit, opened, part, texts

pytestmark = pytest.mark.slow  # papers are written by a process of their own

#: How a paper is called in its properties, where it isn't called as its template.
TITLES = {
    "annex": "Closed annex",
    "agency-pack": "Pack for Example Police",
    "extract": "Extract from minutes",
    "summary": "Decisions and actions",
}


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_a_paper_can_be_read_by_everyone(name: str) -> None:
    made = PAPERS[name]()
    document = opened(made)
    levels = [int(one.style.name[-1]) for one in document.paragraphs if one.style.name.startswith("Heading")]
    assert levels[0] == 1
    assert [(a, b) for a, b in pairwise(levels) if b > a + 1] == []
    assert [one.style.name for one in document.paragraphs].count("Title") == 1
    styles = part(made, "word/styles.xml")
    assert set(re.findall(r'<w:lang [^>]*w:val="([^"]+)"', styles)) == {"en-GB"}
    for heading in ("Heading1", "Heading2", "Heading3", "Tableheading"):
        style = re.search(rf'<w:style [^>]*w:styleId="{heading}".*?</w:style>', styles, re.DOTALL)
        assert style is not None
        assert "<w:keepNext/>" in style[0]  # none stays behind at the end of a page
    for table in document.element.body.iter(qn("w:tbl")):
        rows = list(table.iter(qn("w:tr")))
        assert [row.find(f".//{qn('w:tblHeader')}") is not None for row in rows] == [True] + [False] * (len(rows) - 1)
        assert list(table.iter(qn("w:gridSpan"), qn("w:vMerge"))) == []
        assert table.find(f".//{qn('w:tblCaption')}") is not None
    assert document.core_properties.title.startswith(TITLES.get(name, name.rpartition("-")[2].capitalize()) + ": ")
    assert document.core_properties.language == "en-GB"
    head, foot = document.sections[0].header, document.sections[0].footer
    assert head.paragraphs[0].text.startswith("OFFICIAL-SENSITIVE\t")
    assert foot.paragraphs[-1].text.startswith("OFFICIAL-SENSITIVE\tPage ")
    codes = [code.text.strip() for code in foot._element.iter(qn("w:instrText"))]
    assert codes == ["PAGE", "NUMPAGES"]
    for picture in document.element.body.iter(qn("wp:docPr")):
        assert picture.get("descr")
    # What names a fact stands out from it, in black and white too.
    facts = [one for one in document.paragraphs if one.style.name == "Fact" and "\t" in one.text]
    assert [one.text for one in facts if not one.runs[0].bold] == []
    assert facts
    assert audit(made) == []


def test_every_template_that_ships_is_a_paper() -> None:
    assert sorted(PAPERS) == [name.removesuffix(".docx") for name in SHIPPED]


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_a_sheet_can_be_read_by_everyone(name: str) -> None:
    made = SHEETS[name]()
    book = load_workbook(io.BytesIO(made))
    (sheet,) = book.worksheets
    assert (book.properties.title, book.properties.creator) == (sheet["A1"].value, "panelbot")
    assert (sheet.print_title_rows, sheet.freeze_panes) == ("$3:$3", "A4")  # the heading row, on each page
    assert [cell.value for cell in sheet[3] if not cell.value] == []
    assert sheet.merged_cells.ranges == set()
    assert sheet.oddHeader.left.text == sheet.oddFooter.left.text == "OFFICIAL-SENSITIVE"
    assert sheet.oddFooter.right.text == "Page &P of &N"
    assert int(sheet.page_setup.scale or 100) >= 90  # of 11 points
    fonts = {(cell.font.name, cell.font.sz >= 11) for row in sheet.iter_rows() for cell in row if cell.value}
    assert fonts == {("Arial", True)}
    assert audit(made) == []


def test_the_list_of_an_inspection_says_this() -> None:
    (sheet,) = load_workbook(io.BytesIO(SHEETS["children heard"]())).worksheets
    rows = [[str(cell.value) for cell in row if cell.value is not None] for row in sheet.iter_rows()]
    assert rows == [
        ["Children heard, Example MET"],
        ["OFFICIAL-SENSITIVE. Made on 8 December 2026."],
        [
            *("Child", "Heard", "Panel", "Age band", "Legal status", "Themes", "Level before", "Level after"),
            *("Decisions", "Next by", "Actions", "Open"),
        ],
        [
            *("SAMPLE-0001", "2026-12-08 00:00:00", "Example MET", "14 to 15", "Child in need", "Missing"),
            *("Medium (CERAF)", "High (CERAF)", "Retain and review by 12 January 2027", "2027-01-12 00:00:00"),
            *("2", "1"),
        ],
    ]


def test_an_annex_says_of_its_items_what_the_minutes_say() -> None:
    annex, minutes = (texts(PAPERS[name]()) for name in ("annex", "minutes"))
    begins = annex.index("Discussion and decisions")
    assert annex[: annex.index("Matters arising: outstanding actions")] == [
        "Example District Operational MET: closed annex",
        "Draft, version 2. Not yet approved by the chair.",
        "When\tTuesday 8 December 2026, 14:00 to 16:00",
        "Where\tExample House, room 2",
        "Chair\tSam Sample",
        "This annex is for named readers of these items only. It goes with the minutes of the meeting and is kept "
        "apart from them.",
    ]
    of_items = minutes[minutes.index("Discussion and decisions") : minutes.index("Actions from this meeting")]
    assert annex[begins : begins + len(of_items)] == of_items


def test_a_pack_says_of_its_items_what_the_minutes_say_and_nothing_else() -> None:
    pack, minutes = (texts(PAPERS[name]()) for name in ("agency-pack", "minutes"))
    begins = pack.index("Discussion and decisions")
    of_items = minutes[minutes.index("Discussion and decisions") : minutes.index("Actions from this meeting")]
    assert pack[begins:] == [
        *of_items,
        "Next meeting",
        "Tuesday 12 January 2027, 14:00, Example House.",
        "Confidentiality",
        "What is shared here is shared to protect children.",
        "By staying you agree to keep it safe.",
    ]
