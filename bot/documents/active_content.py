"""What a Word template must not contain: macros, embedded objects, and links that load content from elsewhere.

A paper goes to a dozen agencies. Active content in its template would run or be fetched on each of their computers. The
rules for the file's parts, relationships and fields are those of ECMA-376.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from bot.documents.word import Fault

#: Fields that run a program or read a file or an address when Word updates them.
_FIELDS = {
    "DDE", "DDEAUTO", "LINK", "EMBED", "CONTROL", "INCLUDE", "INCLUDEPICTURE", "INCLUDETEXT", "IMPORT", "RD",
    "DATABASE", "MACROBUTTON", "GLOSSARY", "ADDIN", "HTMLACTIVEX",
}  # fmt: skip
#: Ends of the types of relationships to content that runs inside a document or is imported from another format.
_OBJECTS = {"oleObject", "control", "activeXControlBinary", "aFChunk", "vbaProject", "wordVbaData"}
_MACROS = re.compile(r"macroEnabled|vbaProject|vbaData", re.IGNORECASE)
_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"  # byte order marks, and spaces
_NAMED = re.compile(r"\s*\S+\s")  #: a code whose field is named already
_RESULT = "= "  # stands for the code after it has ended: in the result any field may begin


def active_content(document: bytes) -> Iterator[Fault]:
    """Yield a fault for each piece of active content in a Word template: its part of the file, and a sentence.

    Raise zipfile.BadZipFile if the file is no zip package.
    """
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        for name in package.namelist():
            if _MACROS.search(name):
                yield name, "holds macros; in Word, save the template as a document without them (.docx)"
                continue
            content = package.read(name)
            if not content.lstrip(_BEFORE_XML).startswith(b"<"):
                continue  # a picture or a font
            is_about_others = name == "[Content_Types].xml" or name.endswith(".rels")
            if not is_about_others and _is_plain(content) and not _MAY_HOLD_FIELDS.search(content):
                continue  # most of a long document need not be taken apart
            try:
                root = parse_xml(content)
            except SyntaxError:  # not XML, so Word can't read it either
                continue
            if name == "[Content_Types].xml":
                yield from _types(root)
            elif name.endswith(".rels"):
                yield from _relations(name, root)
            else:
                yield from ((name, said) for said in _fields(root))


def _is_plain(content: bytes) -> bool:
    """Return whether these bytes can be searched for element names: they are UTF-8 and define no XML entities."""
    declared = _DECLARED.match(content)
    return declared is not None and b"\0" not in content and b"<!" not in content


_DECLARED = re.compile(rb"<\?xml version=[\"']1\.0[\"'] encoding=[\"']UTF-8[\"']", re.IGNORECASE)
_MAY_HOLD_FIELDS = re.compile(rb"fldSimple|fldChar|instrText")


def _types(root: Any) -> Iterator[Fault]:
    for entry in root:
        if _MACROS.search(entry.get("ContentType", "")):
            part = (entry.get("PartName") or f"*.{entry.get('Extension')}").lstrip("/")
            yield part, "is of a document with macros; in Word, save the template as one without them (.docx)"


def _relations(name: str, root: Any) -> Iterator[Fault]:
    folder, _, file = name.rpartition("_rels/")
    part = folder + file.removesuffix(".rels") or "the document"
    for relation in root:
        kind = relation.get("Type", "").rpartition("/")[2]
        if relation.get("TargetMode") == "External" and relation.get("Type") != RELATIONSHIP_TYPE.HYPERLINK:
            yield part, f"loads something from elsewhere ({kind}); put it into the template itself, or take it out"
        elif kind in _OBJECTS:
            yield part, f"holds an object that can run or hide a program ({kind}); take it out"


def _fields(root: Any) -> Iterator[str]:
    """Yield a sentence for each Word field that a template must not have.

    A field is also found if Word split its code into pieces, or if it is nested in another field.
    """
    for simple in root.iter(qn("w:fldSimple")):
        yield from _field(simple.get(qn("w:instr"), ""))
    codes: list[str] = []  # codes of the open fields, the innermost last
    for element in root.iter(qn("w:fldChar"), qn("w:instrText")):
        kind = element.get(qn("w:fldCharType"))
        if kind == "begin":
            if codes and not _NAMED.match(codes[-1]):
                yield "has a field whose name another field works out; take it out"
            codes.append("")
        elif codes and kind == "separate":
            yield from _field(codes[-1])
            codes[-1] = _RESULT
        elif codes and kind == "end":
            yield from _field(codes.pop())
        elif codes:
            codes[-1] += element.text or ""


def _field(code: str) -> Iterator[str]:
    name = code.split(maxsplit=1)[0].upper() if code.strip() else ""
    if name in _FIELDS:
        yield f"has a field {name}, which loads or runs something outside the document; take it out"
