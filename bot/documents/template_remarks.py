"""What people leave in a Word template without meaning to: deleted words, comments, hidden text, misplaced tags.

Text that Word doesn't show or print is removed, so that it never appears in a paper. When a template is checked, its
author is told of such text.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from docx.opc.oxml import serialize_part_xml
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from bot.documents.word import Fault, counted

#: XML elements of changes that Track Changes remembers, and of comments.
_GONE: Final = frozenset(
    qn(f"w:{name}")
    for name in (
        "del", "moveFrom", "rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "tblPrExChange", "trPrChange",
        "tcPrChange", "tblGridChange", "numberingChange", "moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart",
        "moveToRangeEnd", "commentRangeStart", "commentRangeEnd", "commentReference", "annotationRef",
    )
)  # fmt: skip
_ACCEPTED: Final = frozenset({qn("w:ins"), qn("w:moveTo")})
_DELETED: Final = (qn("w:del"), qn("w:moveFrom"))
_OFF: Final = {"0", "false", "off"}
#: Ends of the types of relationships to parts with comments and their authors.
COMMENT_PARTS: Final = frozenset({"comments", "commentsExtended", "commentsIds", "commentsExtensible", "people"})

_TAG: Final = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
_OF_PARAGRAPH: Final = re.compile(r"\{%-?\s*p\s.*?%\}", re.DOTALL)
_OF_ROW: Final = re.compile(r"\{%-?\s*tr\s")
_SINGLE: Final = re.compile(r"(?<![{%#])\{\s*([a-z_]+(?:\.[a-z_]+)*)\s*\}(?![}%#])")
_HALF: Final = re.compile(r"\{\{|\{%|\}\}|%\}")  # of a tag that is not whole
#: How other programs write a field: «panel.title», <<panel.title>>, [panel.title].
_OF_OTHERS: Final = re.compile(r"(?:\u00ab|<<|\[)\s*([a-z_]+(?:\.[a-z_]+)+)\s*(?:\u00bb|>>|\])")


def drop_traces(root: Any, hidden_styles: Collection[str]) -> None:
    """Remove deleted words, hidden words, comments and earlier formatting from a part of a document."""
    for row in list(root.iter(qn("w:tr"))):
        if _is_deleted(row) or _is_hidden_row(row):
            row.getparent().remove(row)
    for run in list(root.iter(qn("w:r"))):
        if _is_hidden(run, hidden_styles) or run.find(qn("w:commentReference")) is not None:
            run.getparent().remove(run)
    for element in list(root.iter(*_GONE)):
        if element.getparent() is not None:
            element.getparent().remove(element)
    for element in list(root.iter(*_ACCEPTED)):
        parent, at = element.getparent(), element.getparent().index(element)
        for child in reversed(list(element)):
            parent.insert(at + 1, child)
        parent.remove(element)


def _is_deleted(row: Any) -> bool:
    return row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None


def _is_hidden_row(row: Any) -> bool:
    return _is_on(row.find(f"{qn('w:trPr')}/{qn('w:hidden')}"))


def hidden_styles(styles: Any) -> frozenset[str]:
    """Return the ids of the styles that hide text, by their own setting or by that of the style they are based on."""
    each = {style.get(qn("w:styleId"), ""): style for style in styles.iter(qn("w:style"))}

    def hides(name: str, seen: frozenset[str] = frozenset()) -> bool:
        style = None if name in seen else each.get(name)
        if style is None:
            return False
        own = style.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
        base = style.find(qn("w:basedOn"))
        return _is_on(own) if own is not None else base is not None and hides(base.get(qn("w:val"), ""), seen | {name})

    return frozenset(filter(hides, each))


def _is_on(switch: Any) -> bool:
    return switch is not None and switch.get(qn("w:val"), "true") not in _OFF


def _is_hidden(run: Any, styles: Collection[str]) -> bool:
    own = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
    if own is not None:
        return _is_on(own)
    style = run.find(f"{qn('w:rPr')}/{qn('w:rStyle')}")
    if style is not None and style.get(qn("w:val")) in styles:
        return True
    paragraph = next(run.iterancestors(qn("w:p")), None)
    style = None if paragraph is None else paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return style is not None and style.get(qn("w:val")) in styles


def remarks_on(
    parts: Collection[tuple[str, bytes]], styles: Any, needs: Collection[tuple[str, str]]
) -> Iterator[Fault]:
    """Yield a remark on each likely mistake in a template, with its paragraph.

    `parts` are the document, its headers and its footers, each after its name. `needs` are the lists that the paper
    should print, each with the remark for a template that lacks this list.
    """
    hidden, texts, comments = hidden_styles(styles), dict[str, list[str]](), 0
    for where, content in parts:
        root = parse_xml(content)
        comments += len(list(root.iter(qn("w:commentReference"))))
        for place, paragraph in _placed(where, root):
            yield from ((place, said) for said in _traces(paragraph, hidden))
        drop_traces(root, hidden)
        for place, paragraph in _placed(where, root):
            text = _text(paragraph)
            texts.setdefault(where, []).append(text)
            yield from ((place, said) for said in _misplaced(paragraph, text))
    if comments:
        yield "", f"has {counted(comments, 'comment')}, which no paper shows; delete them in Word under Review"
    everything = "\n".join(line for lines in texts.values() for line in lines)
    tags = " ".join(_TAG.findall(everything))
    if not tags:
        yield "", "has no field: each paper made from it would say the same. The README beside the templates names them"
        return
    for names, said in needs:
        if not re.search(rf"\b(?:{names})\b", tags):
            yield "", said
    edges = "\n".join(line for where, lines in texts.items() if where for line in lines)
    if "panel.marking" not in edges:
        yield "", "shows the marking on no page: put `{{ panel.marking }}` into its header or footer"


def _placed(where: str, root: Any) -> Iterator[tuple[str, Any]]:
    for number, paragraph in enumerate(root.iter(qn("w:p")), 1):
        yield (f"{where}, paragraph {number}" if where else f"paragraph {number}"), paragraph


def _text(paragraph: Any) -> str:
    return "".join(text.text or "" for text in paragraph.iter(qn("w:t")))


def _traces(paragraph: Any, hidden: Collection[str]) -> Iterator[str]:
    if any(True for _ in paragraph.iter(*_DELETED)) or any(map(_is_deleted, paragraph.iterancestors(qn("w:tr")))):
        yield "has words that were deleted with Track Changes; no paper shows them. Accept the change in Word"
    in_hidden_row = any(map(_is_hidden_row, paragraph.iterancestors(qn("w:tr")))) and bool(_text(paragraph))
    if in_hidden_row or any(_is_hidden(run, hidden) and _text(run) for run in paragraph.iter(qn("w:r"))):
        yield "has hidden text; no paper shows it. Delete it in Word, or show it"


def is_half(text: str) -> bool:
    """Return whether a paragraph has braces that belong to no whole tag, such as `{{ panel.title }`."""
    return _HALF.search(_TAG.sub("", text)) is not None


def half_tag_in(part: bytes) -> int | None:
    """Return the number of the first paragraph of a part that has half a tag, or None if all tags are whole."""
    paragraphs = enumerate(parse_xml(part).iter(qn("w:p")), 1)
    return next((number for number, paragraph in paragraphs if is_half(_text(paragraph))), None)


def _misplaced(paragraph: Any, text: str) -> Iterator[str]:
    if is_half(text):
        yield (
            "has braces that don't match and are printed as they are; a field has two on each side: `{{ panel.title }}`"
        )
    for found in _OF_OTHERS.finditer(_TAG.sub("", text)):
        yield f"`{found[0]}` is printed as it is; a field is written `{{{{ {found[1]} }}}}`"
    for found in _SINGLE.finditer(text):
        yield f"`{{{found[1]}}}` has single braces and is printed as it is; a field has two: `{{{{ {found[1]} }}}}`"
    if _OF_PARAGRAPH.search(text) and _OF_PARAGRAPH.sub("", text).strip():
        yield "has words beside a `{%p … %}` tag; they disappear with it. Give the tag a paragraph of its own"
    row = next(paragraph.iterancestors(qn("w:tr")), None)
    if row is not None and _OF_ROW.search(text) and _TAG.sub("", "".join(map(_text, row.iter(qn("w:p"))))).strip():
        yield "has words in the row of a `{%tr … %}` tag; they disappear with it. Give the tag a row of its own"


def cleaned(content: bytes, hidden: Collection[str]) -> bytes:
    """Return a part of a document, such as the footnotes, without deleted words, hidden words and comments."""
    root = parse_xml(content)
    drop_traces(root, hidden)
    return bytes(serialize_part_xml(root))
