"""A template that runs or loads something is refused with the part that does, by the check and when a paper is made."""

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document

from bot.documents.active_content import active_content
from bot.documents.word import DocumentProperties, WordWorker, render_word
from bot.documents.word_template import check_template
from bot.errors import Misconfigured
from tests.documents.word_files import template

#: Each template is read in a process of its own.
pytestmark = pytest.mark.slow

PROPERTIES = DocumentProperties(title="Minutes")
WORD = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HYPERLINK = f"{WORD}/hyperlink"


@pytest.fixture(scope="module")
def worker() -> Iterator[WordWorker]:
    worker = WordWorker()
    yield worker
    worker.close()


def refused(worker: WordWorker, folder: Path, content: bytes) -> str:
    """Return the one sentence with which both the check and the rendering refuse this template."""
    path = folder / "t.docx"
    path.write_bytes(content)
    (told,) = check_template(path, "minutes", worker=worker)
    with pytest.raises(Misconfigured) as error:
        render_word(content, {}, properties=PROPERTIES, name="t.docx", worker=worker)
    assert error.value.faults == (told,)
    return told


def package(*, changed: tuple[str, str, str] | None = None, added: dict[str, bytes] | None = None) -> bytes:
    """Return a small Word file in which one part has other words, or with more parts."""
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(template("x"))) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if changed is not None and name == changed[0]:
                assert changed[1].encode() in content
                content = content.replace(changed[1].encode(), changed[2].encode())
            new.writestr(name, content)
        for name, content in (added or {}).items():
            new.writestr(name, content)
    return written.getvalue()


def with_relation(part: str, kind: str, target: str, *, external: bool = True) -> bytes:
    """Return a Word file with one more relationship."""
    document = Document(BytesIO(template("x")))
    parts = {str(one.partname).lstrip("/"): one for one in document.part.package.iter_parts()}
    kind = kind if "/" in kind else f"{WORD}/{kind}"
    if external:
        parts[part].relate_to(target, kind, is_external=True)
    else:
        parts[part].relate_to(parts[target], kind)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def with_run(*pieces: str) -> bytes:
    """Return a Word file whose one paragraph has these pieces: "{", "|" and "}" for a field, others as its code."""
    marks = {"{": "begin", "|": "separate", "}": "end"}
    runs = "".join(
        f'<w:r><w:fldChar w:fldCharType="{marks[piece]}"/></w:r>'
        if piece in marks
        else f"<w:r><w:instrText>{piece}</w:instrText></w:r>"
        for piece in pieces
    )
    return package(changed=("word/document.xml", "<w:t>x</w:t>", f"<w:t>x</w:t></w:r>{runs}<w:r>"))


def with_simple_field(code: str) -> bytes:
    """Return a Word file with a field in one element."""
    field = f'<w:t>x</w:t></w:r><w:fldSimple w:instr="{code}"/><w:r>'
    return package(changed=("word/document.xml", "<w:t>x</w:t>", field))


@pytest.mark.parametrize(
    ("part", "kind", "target"),
    [
        ("word/settings.xml", "attachedTemplate", "https://example.org/x.dotm"),
        ("word/settings.xml", "attachedTemplate", "file:///C:/x.dotm"),
        ("word/document.xml", "image", "https://example.org/pixel.png"),
        ("word/document.xml", "oleObject", "https://example.org/sheet.xls"),
        ("word/document.xml", "frame", "https://example.org/"),
        ("word/document.xml", "subDocument", "file:///C:/other.docx"),
    ],
)
def test_what_is_loaded_from_elsewhere(worker: WordWorker, tmp_path: Path, part: str, kind: str, target: str) -> None:
    assert refused(worker, tmp_path, with_relation(part, kind, target)) == (
        f"t.docx, {part}: loads something from elsewhere ({kind}); put it into the template itself, or take it out"
    )


def test_a_link_that_people_click_is_no_fault(worker: WordWorker, tmp_path: Path) -> None:
    content = with_relation("word/document.xml", HYPERLINK, "https://example.org/policy")
    (tmp_path / "t.docx").write_bytes(content)
    assert check_template(tmp_path / "t.docx", "minutes", worker=worker) == []


@pytest.mark.parametrize("kind", ["oleObject", "control", "aFChunk"])
def test_an_object_inside(worker: WordWorker, tmp_path: Path, kind: str) -> None:
    content = with_relation("word/document.xml", kind, "word/styles.xml", external=False)
    assert refused(worker, tmp_path, content) == (
        f"t.docx, word/document.xml: holds an object that can run or hide a program ({kind}); take it out"
    )


def test_a_part_with_macros(worker: WordWorker, tmp_path: Path) -> None:
    # No relationship leads to it: what is in the package counts, not what a reader of Word files comes across.
    assert refused(worker, tmp_path, package(added={"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"})) == (
        "t.docx, word/vbaProject.bin: holds macros; in Word, save the template as a document without them (.docx)"
    )


def test_a_document_with_macros_under_another_name(worker: WordWorker, tmp_path: Path) -> None:
    content = package(
        changed=(
            "[Content_Types].xml",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            "application/vnd.ms-word.document.macroEnabled.main+xml",
        )
    )
    assert refused(worker, tmp_path, content) == (
        "t.docx, word/document.xml: is of a document with macros; in Word, save the template as one without them "
        "(.docx)"
    )


DANGEROUS = "which loads or runs something outside the document; take it out"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (with_run("{", "DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe", "|", "}"), "DDEAUTO"),
        (with_run("{", " D", "DE", ' "Excel" "sheet"', "}"), "DDE"),
        (with_run("{", ' IF 1 = 1 "', "{", "dde Excel x", "}", '"', "}"), "DDE"),
        (with_run("{", "PAGE", "|", "{", "INCLUDETEXT x", "}", "}"), "INCLUDETEXT"),
        (with_simple_field("INCLUDEPICTURE &quot;https://example.org/pixel.png&quot; \\d"), "INCLUDEPICTURE"),
        (with_simple_field("  includetext file.docx"), "INCLUDETEXT"),
        (with_simple_field("LINK Excel.Sheet.12 a.xlsx"), "LINK"),
    ],
)
def test_a_field_that_loads_or_runs(worker: WordWorker, tmp_path: Path, content: bytes, name: str) -> None:
    assert refused(worker, tmp_path, content) == f"t.docx, word/document.xml: has a field {name}, {DANGEROUS}"


@pytest.mark.parametrize("before", ["", " ", "D"])
def test_a_field_named_by_another_field(worker: WordWorker, tmp_path: Path, before: str) -> None:
    content = with_run("{", before, "{", "QUOTE 68 68 69", "}", " Excel x", "}")
    assert refused(worker, tmp_path, content) == (
        "t.docx, word/document.xml: has a field whose name another field works out; take it out"
    )


def test_a_field_completed_by_a_tag_is_found_in_the_paper(worker: WordWorker) -> None:
    content = with_run("{", "D{{ rest }}", "}")
    facts = {"rest": "DEAUTO cmd"}
    with pytest.raises(Misconfigured) as error:
        render_word(content, facts, properties=PROPERTIES, name="t.docx", worker=worker)
    assert error.value.faults == (f"t.docx, word/document.xml: has a field DDEAUTO, {DANGEROUS}",)
    assert render_word(content, {"rest": "OCPROPERTY x"}, properties=PROPERTIES, worker=worker).startswith(b"PK")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_part_in_another_encoding_is_read_all_the_same(worker: WordWorker, tmp_path: Path, encoding: str) -> None:
    with zipfile.ZipFile(BytesIO(with_simple_field("DDE x"))) as made:
        source = made.read("word/document.xml").decode().partition("?>")[2]
    content = package(added={"word/footnotes.xml": source.encode(encoding)})
    assert refused(worker, tmp_path, content) == f"t.docx, word/footnotes.xml: has a field DDE, {DANGEROUS}"


def test_fields_of_every_day_are_no_fault(worker: WordWorker, tmp_path: Path) -> None:
    content = with_run("{", " PAGE ", "|", "}", "{", ' IF "', "{", "NUMPAGES", "}", '" = 1 "a" "b"', "|", "}")
    (tmp_path / "t.docx").write_bytes(content)
    assert check_template(tmp_path / "t.docx", "minutes", worker=worker) == []


def test_a_field_is_found_in_whatever_encoding_its_part_is_written() -> None:
    field = '<w:p><w:fldSimple w:instr="INCLUDETEXT C:\\secret.txt"/></w:p>'
    plain = package(changed=("word/document.xml", "<w:body>", f"<w:body>{field}"))
    with zipfile.ZipFile(BytesIO(plain)) as old:
        written = old.read("word/document.xml").decode()
    for encoding in ("UTF-8", "UTF-16", "UTF-32", "ISO-8859-1"):
        body = written[written.index("?>") + 2 :]
        content = f'<?xml version="1.0" encoding="{encoding}"?>{body}'.encode(encoding)
        other = BytesIO()
        with zipfile.ZipFile(BytesIO(plain)) as old, zipfile.ZipFile(other, "w") as new:
            for name in old.namelist():
                new.writestr(name, content if name == "word/document.xml" else old.read(name))
        assert list(active_content(other.getvalue())) == [
            (
                "word/document.xml",
                "has a field INCLUDETEXT, which loads or runs something outside the document; take it out",
            )
        ], encoding
