"""Each paper as assistive technology meets it: headings, language, header rows, titles, marking and page numbers."""

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from docx.oxml.ns import qn

from bot.documents.agency_pack import render_pack
from bot.documents.agenda import render_agenda
from bot.documents.extract import render_extract
from bot.documents.minutes import render_minutes
from bot.documents.summary import render_summary
from tests.documents.example_meeting import AGENDA, EXTRACT, MINUTES, PACK, SUMMARY
from tests.documents.word_files import audit, opened, part

pytestmark = pytest.mark.slow  # papers are written by a process of their own

PAPERS: dict[str, Callable[[], bytes]] = {
    "agenda": lambda: render_agenda(AGENDA),
    "minutes": lambda: render_minutes(MINUTES),
    "annex": lambda: render_minutes(MINUTES, template_name="annex.docx"),
    "summary": lambda: render_summary(SUMMARY),
    "extract": lambda: render_extract(EXTRACT),
    "pack": lambda: render_pack(PACK),
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
    assert document.core_properties.title
    assert document.core_properties.language == "en-GB"
    head, foot = document.sections[0].header, document.sections[0].footer
    assert head.paragraphs[0].text.startswith("OFFICIAL-SENSITIVE\t")
    assert foot.paragraphs[-1].text.startswith("OFFICIAL-SENSITIVE\tPage ")
    codes = [code.text.strip() for code in foot._element.iter(qn("w:instrText"))]
    assert codes == ["PAGE", "NUMPAGES"]
    assert audit(made) == []
