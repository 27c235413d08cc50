"""What people leave in a template without meaning it is on no paper, and they are told where it stands."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from bot.documents.template_kinds import PAPERS, new_template, preview_paper, remark_template
from bot.documents.word import DocumentProperties, render_word
from bot.documents.word_template import Kind, check_template, kind_of
from bot.errors import Misconfigured
from tests.documents.word_files import audit, part, texts

pytestmark = pytest.mark.slow  # each template is opened in a process of its own

SHIPPED = Path(__file__).parents[2] / "minutes_templates"
SOUND = ("{{ panel.title }}", "{%p for item in items %}", "{{ item.title }}", "{%p endfor %}", "{{ actions | length }}")
RUN = '<w:r {}><w:t xml:space="preserve">{}</w:t></w:r>'


def document(*paragraphs: str, header: str = "{{ panel.marking }}") -> Any:
    made = Document()
    for text in paragraphs:
        made.add_paragraph(text)
    made.sections[0].header.paragraphs[0].text = header
    return made


def saved(made: Any) -> bytes:
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def remarked(tmp_path: Path, made: Any, kind: Kind = "minutes") -> list[str]:
    path = tmp_path / "ours.docx"
    path.write_bytes(saved(made))
    return remark_template(path, kind)


def rendered(made: Any) -> bytes:
    facts = {"panel": {"title": "West", "marking": "OFFICIAL-SENSITIVE"}, "items": [{"title": "One"}], "actions": []}
    return render_word(saved(made), facts, properties=DocumentProperties("Ours"))


def changed(kind: str, words: str, text: str = "w:t") -> Any:
    """Return a run that was deleted or put in with Track Changes."""
    run = f'<w:r><{text} xml:space="preserve">{words}</{text}></w:r>'
    return parse_xml(f'<w:{kind} {nsdecls("w")} w:id="1" w:author="A Clerk">{run}</w:{kind}>')


def hide(run: Any) -> None:
    run._r.get_or_add_rPr().append(OxmlElement("w:vanish"))


def test_a_sound_template_is_not_remarked_on(tmp_path: Path) -> None:
    assert remarked(tmp_path, document(*SOUND)) == []


def test_what_was_deleted_is_left_out_and_what_was_put_in_stays(tmp_path: Path) -> None:
    made = document(*SOUND)
    last = made.add_paragraph("Kept.")
    last._p.append(changed("del", "SECRET", "w:delText"))
    last._p.append(changed("moveFrom", "MOVED"))
    last._p.append(changed("ins", " Added."))
    table = made.add_table(2, 1)
    table.cell(1, 0).text = "SECRETROW"
    table.rows[1]._tr.get_or_add_trPr().append(OxmlElement("w:del"))
    assert remarked(tmp_path, made) == [
        "ours.docx, paragraph 6: has words that were deleted with Track Changes; no paper shows them. Accept the "
        "change in Word",
        "ours.docx, paragraph 8: has words that were deleted with Track Changes; no paper shows them. Accept the "
        "change in Word",
    ]
    paper = rendered(made)
    assert texts(paper)[3] == "Kept. Added."
    assert not re.search("SECRET|MOVED|A Clerk", part(paper, "word/document.xml"))
    assert audit(paper) == audit(rendered(document(*SOUND)))


def test_hidden_text_is_left_out_whether_it_is_hidden_itself_or_by_its_style(tmp_path: Path) -> None:
    made = document(*SOUND)
    hide(made.paragraphs[0].add_run("SECRET"))
    style = made.styles.add_style("Hidden", 1)
    style.element.get_or_add_rPr().append(OxmlElement("w:vanish"))
    made.add_paragraph("SECRET", style="Hidden")
    based = made.styles.add_style("Based on it", 1)
    based.base_style = style
    made.add_paragraph("SECRET", style="Based on it")
    table = made.add_table(2, 1)
    table.cell(1, 0).text = "SECRET"
    table.rows[1]._tr.get_or_add_trPr().append(OxmlElement("w:hidden"))
    hide(made.sections[0].header.paragraphs[0].add_run("SECRET"))
    assert remarked(tmp_path, made) == [
        "ours.docx, paragraph 1: has hidden text; no paper shows it. Delete it in Word, or show it",
        "ours.docx, paragraph 6: has hidden text; no paper shows it. Delete it in Word, or show it",
        "ours.docx, paragraph 7: has hidden text; no paper shows it. Delete it in Word, or show it",
        "ours.docx, paragraph 9: has hidden text; no paper shows it. Delete it in Word, or show it",
        "ours.docx, header, paragraph 1: has hidden text; no paper shows it. Delete it in Word, or show it",
    ]
    paper = rendered(made)
    with zipfile.ZipFile(io.BytesIO(paper)) as package:
        assert not [name for name in package.namelist() if b"SECRET" in package.read(name)]


def test_comments_are_on_no_paper(tmp_path: Path) -> None:
    made = document(*SOUND)
    made.add_comment(made.paragraphs[0].runs, text="SECRET", author="A Clerk", initials="AC")
    assert remarked(tmp_path, made) == [
        "ours.docx: has 1 comment, which no paper shows; delete them in Word under Review"
    ]
    paper = rendered(made)
    with zipfile.ZipFile(io.BytesIO(paper)) as package:
        assert not [name for name in package.namelist() if b"SECRET" in package.read(name) or "comments" in name]
    assert audit(paper) == audit(rendered(document(*SOUND)))


@pytest.mark.parametrize(
    ("paragraphs", "header", "said"),
    [
        (
            ("Nothing to fill in.",),
            "x",
            ["has no field: each paper made from it would say the same. The README beside the templates names them"],
        ),
        (
            ("{{ panel.title }}",),
            "OFFICIAL",
            [
                "prints no items: no loop goes through `items`",
                "prints no actions: no loop goes through `actions`",
                "shows the marking on no page: put `{{ panel.marking }}` into its header or footer",
            ],
        ),
        (
            (*SOUND, "{ panel.title } and {panel.chair}, {not.a field}"),
            "{{ panel.marking }}",
            [
                "paragraph 6: `{panel.title}` has single braces and is printed as it is; a field has two: "
                "`{{ panel.title }}`",
                "paragraph 6: `{panel.chair}` has single braces and is printed as it is; a field has two: "
                "`{{ panel.chair }}`",
            ],
        ),
        (
            (*SOUND, "{items} { panel.title }} <<panel.chair>> «panel.venue» [panel.when] {{ panel.title }}"),
            "{{ panel.marking }}",
            [
                "paragraph 6: has braces that don't match and are printed as they are; a field has two on each side: "
                "`{{ panel.title }}`",
                "paragraph 6: `<<panel.chair>>` is printed as it is; a field is written `{{ panel.chair }}`",
                "paragraph 6: `«panel.venue»` is printed as it is; a field is written `{{ panel.venue }}`",
                "paragraph 6: `[panel.when]` is printed as it is; a field is written `{{ panel.when }}`",
                "paragraph 6: `{items}` has single braces and is printed as it is; a field has two: `{{ items }}`",
            ],
        ),
        (
            (*SOUND, "Note: {%p if items %}", "x", "{%p endif %}"),
            "{{ panel.marking }}",
            [
                "paragraph 6: has words beside a `{%p … %}` tag; they disappear with it. Give the tag a paragraph of "
                "its own"
            ],
        ),
    ],
)
def test_what_can_hardly_be_meant_is_remarked_on(
    tmp_path: Path, paragraphs: tuple[str, ...], header: str, said: list[str]
) -> None:
    found = remarked(tmp_path, document(*paragraphs, header=header))
    assert found == [f"ours.docx, {one}" if one.startswith("paragraph") else f"ours.docx: {one}" for one in said]


def test_words_in_the_row_of_a_tag_are_remarked_on(tmp_path: Path) -> None:
    made = document(*SOUND)
    table = made.add_table(3, 2)
    for row, (first, second) in zip(
        table.rows,
        (("{%tr for item in items %}", "Lost"), ("{{ item.title }}", ""), ("{%tr endfor %}", "")),
        strict=True,
    ):
        row.cells[0].text, row.cells[1].text = first, second
    assert remarked(tmp_path, made) == [
        "ours.docx, paragraph 6: has words in the row of a `{%tr … %}` tag; they disappear with it. Give the "
        "tag a row of its own"
    ]


def test_strict_open_xml_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "strict.docx"
    with zipfile.ZipFile(io.BytesIO(saved(document(*SOUND)))) as package, zipfile.ZipFile(path, "w") as made:
        for name in package.namelist():
            content = package.read(name).replace(
                b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                b"http://purl.oclc.org/ooxml/wordprocessingml/main",
            )
            made.writestr(name, content)
    assert check_template(path, "minutes") == [
        "strict.docx: is saved as Strict Open XML; in Word, save it again as “Word Document (.docx)”"
    ]


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.docx")), ids=lambda path: path.stem)
def test_the_shipped_templates_are_remarked_on_by_nobody(path: Path) -> None:
    kind = kind_of(path)
    assert (check_template(path, kind), remark_template(path, kind)) == ([], [])


@pytest.mark.parametrize("paper", sorted(PAPERS))
def test_each_paper_can_be_begun_and_looked_at(tmp_path: Path, paper: str) -> None:
    path = tmp_path / "ours.docx"
    path.write_bytes(new_template(paper))
    made = preview_paper(paper, path)
    assert made == preview_paper(paper)
    lines = texts(made)
    assert lines[0].startswith("Example: ")
    assert not any("{" in line for line in lines)
    assert qn("w:p") in {element.tag for element in parse_xml(part(made, "word/document.xml").encode()).iter()}


def test_a_paper_that_does_not_exist_is_told() -> None:
    with pytest.raises(Misconfigured, match=r"^letter: there is no such paper. There are agency-pack, agenda, annex, "):
        preview_paper("letter")
