"""Small Word templates for tests, and what is read back from a document."""

import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from openxml_audit import OpenXmlValidator


def template(*paragraphs: str, header: str = "") -> bytes:
    """Return a Word file with these paragraphs, and perhaps a header."""
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def opened(document: bytes) -> Any:
    """Return the document as python-docx reads it."""
    return Document(io.BytesIO(document))


def texts(document: bytes) -> list[str]:
    """Return every paragraph with text, in order, those in tables as `| cell | cell |` rows."""
    return [text for text in _texts(opened(document).element.body) if text]


def _texts(body: Any) -> Iterator[str]:
    for child in body.iterchildren():
        if child.tag == qn("w:p"):
            yield _text(child)
        elif child.tag == qn("w:tbl"):
            for row in child.iter(qn("w:tr")):
                yield f"| {' | '.join(_text(cell) for cell in row.iter(qn('w:tc')))} |"


def _text(element: Any) -> str:
    marks = {qn("w:tab"): "\t", qn("w:br"): "\n"}
    parts = [piece.text or "" if piece.tag == qn("w:t") else marks.get(piece.tag, "") for piece in element.iter()]
    return "".join(parts).strip("\t ")


def audit(document: bytes, suffix: str = ".docx") -> list[str]:
    """Return what an Open XML validator finds wrong."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"made{suffix}"
        path.write_bytes(document)
        return [str(error) for error in OpenXmlValidator().validate(path).errors]


def part(document: bytes, name: str) -> str:
    """Return one part of the package as text."""
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        return package.read(name).decode()
