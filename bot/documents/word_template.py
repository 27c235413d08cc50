"""One Word template and its fields: rendered in a sandbox, checked without rendering, faults told by paragraph."""

import difflib
import io
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError, TemplateRuntimeError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.documents.field_walk import walk_fields

Fault = tuple[str, str]  # place such as "paragraph 12", and a sentence

TAG = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
ZIP_TIME = struct.pack("<HH", 0, 1 << 5 | 1)  # 1 January 1980, midnight: the earliest a zip file knows


class TemplateRefused(Exception):
    """The template cannot be rendered; `fault` says where and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class Group:
    """A group of fields: `{{ panel.title }}` is the field `title` of the group `panel`."""

    __slots__ = ("fields",)

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = {name: _grouped(value) for name, value in fields.items()}


def _grouped(value: Any) -> Any:
    if isinstance(value, dict):
        return Group(value)
    return [_grouped(inner) for inner in value] if isinstance(value, list) else value


def _printed(value: Any) -> Any:
    if isinstance(value, Group | list):
        names = ", ".join(value.fields) if isinstance(value, Group) else "its entries, in a loop"
        raise TemplateRuntimeError(f"this is not one field but several: name {names}")
    return "" if value is None else value


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of every template: no attribute of Python within reach, markup in facts stays text."""

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, finalize=_printed)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A field of a group, which is data and needs no guard; anything else as the sandbox allows."""
        if type(obj) is Group:
            try:
                return obj.fields[attribute]
            except KeyError:
                return self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`group["field"]` is `group.field`."""
        return self.getattr(obj, argument) if type(obj) is Group else super().getitem(obj, argument)


class PlacedTemplate(DocxTemplate):  # type: ignore[misc]  # docxtpl ships no types
    """A template that knows which paragraph each line of its patched source came from."""

    source = ""
    part: Any = None

    def render_xml_part(self, src_xml: str, part: Any, context: Any, jinja_env: Any = None) -> str:
        """Remember what is being rendered, for the place of a fault."""
        self.source, self.part = re.sub(r"<w:p([ >])", r"\n<w:p\1", src_xml), part
        return str(super().render_xml_part(src_xml, part, context, jinja_env))

    def paragraph(self, line: int | None, name: str = "") -> str:
        """The place of a line of the source: of its tag that holds `name`, or else of its first."""
        if line is None or self.part is None:
            return ""
        root = parse_xml(self.part.blob)
        tags = [
            number
            for number, paragraph in enumerate(root.iter(qn("w:p")), 1)
            for _ in TAG.finditer("".join(text.text or "" for text in paragraph.iter(qn("w:t"))))
        ]
        starts = list(TAG.finditer(self.source))
        lines = [self.source.count("\n", 0, found.start()) + 1 for found in starts]
        here = [index for index, at in enumerate(lines) if at == line] or [
            index for index, at in enumerate(lines) if at < line
        ][-1:]
        named = [index for index in here if name and re.search(rf"\b{re.escape(name)}\b", starts[index][0])]
        index = (named or here or [0])[0]
        if len(tags) != len(starts) or not tags:
            return ""
        where = re.search(r"/(header|footer)\d*\.xml$", str(self.part.partname))
        return f"{where[1]}, paragraph {tags[index]}" if where else f"paragraph {tags[index]}"


def opened(template: bytes) -> PlacedTemplate:
    """The template, if it is a Word document that loads nothing from elsewhere; raises `TemplateRefused`."""
    try:
        document = PlacedTemplate(io.BytesIO(template))
        document.init_docx()
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        raise TemplateRefused(("", "is not a Word document (.docx); open it in Word and save it as one")) from error
    for part in document.docx.part.package.iter_parts():
        for relation in part.rels.values():
            if relation.is_external and relation.reltype != RELATIONSHIP_TYPE.HYPERLINK:
                raise TemplateRefused(("", "loads a picture, template or object from elsewhere; embed it instead"))
    return document


def render(template: bytes, facts: Any, properties: Any) -> bytes:
    """The document; the same template, facts and properties give the same bytes. Raises `TemplateRefused`."""
    document = opened(template)
    try:
        document.render({name: _grouped(value) for name, value in facts.items()}, Sandbox(), autoescape=True)
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        raise TemplateRefused(_explained(document, error, facts)) from error
    core = document.docx.core_properties
    core.title, core.subject, core.language = properties["title"], properties["subject"], "en-GB"
    core.author = core.last_modified_by = "panelbot"
    core.created = core.modified = datetime.fromisoformat(properties["made_at"])
    core.revision = 1
    written = io.BytesIO()
    document.save(written)
    return _timeless(written.getvalue())


def _timeless(document: bytes) -> bytes:
    """The zip file with one fixed time on every entry, in the local headers and in the directory."""
    fixed = bytearray(document)
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        for entry in archive.infolist():
            fixed[entry.header_offset + 10 : entry.header_offset + 14] = ZIP_TIME
        at = archive.start_dir
    while fixed[at : at + 4] == b"PK\x01\x02":
        fixed[at + 12 : at + 16] = ZIP_TIME
        name, extra, comment = struct.unpack_from("<HHH", fixed, at + 28)
        at += 46 + name + extra + comment
    return bytes(fixed)


def check_fields(template: bytes, facts: Any) -> list[Fault]:
    """Every tag that cannot be read and every field that the example `facts` do not have."""
    document = opened(template)
    faults: list[Fault] = []
    environment = Sandbox()
    for part, source in _sources(document):
        document.source, document.part = re.sub(r"<w:p([ >])", r"\n<w:p\1", source), part
        try:
            tree = environment.parse(document.source)
            environment.compile(tree)  # unknown filters and tests show only here
            tree = environment.parse(document.source)
        except TemplateSyntaxError as error:
            faults.append(_explained(document, error, facts))
            continue
        for line, name, said in walk_fields(tree, facts):
            faults.append((document.paragraph(line, name), said))
    return list(dict.fromkeys(faults))


def _sources(document: PlacedTemplate) -> Iterator[tuple[Any, str]]:
    yield document.docx.part, document.patch_xml(document.get_xml())
    for kind in (document.HEADER_URI, document.FOOTER_URI):
        for _, part in document.get_headers_footers(kind):
            yield part, document.patch_xml(document.get_part_xml(part))


def _explained(document: PlacedTemplate, error: Exception, facts: Mapping[str, Any]) -> Fault:
    line = _line(error)
    if isinstance(error, TemplateSyntaxError):
        return document.paragraph(line), f"the tag cannot be read: {_quoted(error.message or '')}"
    if isinstance(error, SecurityError):
        name = next(iter(re.findall(r"attribute '(\w+)'", str(error))), "")
        what = f"`{name}`" if name else "what this tag does"
        return document.paragraph(line, name), f"{what} may not be used in a template"
    if isinstance(error, UndefinedError):
        return _undefined(document, str(error), line, facts)
    if isinstance(error, TemplateRuntimeError):
        return document.paragraph(line), _quoted(str(error))
    return document.paragraph(line), f"the tag cannot be worked out ({type(error).__name__}: {error})"


def _undefined(document: PlacedTemplate, told: str, line: int | None, facts: Mapping[str, Any]) -> Fault:
    if missing := re.match(r"'(\w+)' is undefined", told):
        place = document.paragraph(line, missing[1])
        return place, f"the field `{missing[1]}` does not exist{suggestion(missing[1], facts)}"
    name = next(iter(re.findall(r"(?:attribute|element) '?(\w+)'?", told)), "")
    place = document.paragraph(line, name)
    if told.startswith("'None'"):
        return place, f"`{name}` is asked of something that may be empty; put an if around it"
    for wrong, said in ((found, said) for _, found, said in _walk_line(document, facts) if found == name):
        return document.paragraph(line, wrong), said
    return place, f"the field `{name}` does not exist"


def _walk_line(document: PlacedTemplate, facts: Mapping[str, Any]) -> Iterator[tuple[int, str, str]]:
    try:
        yield from walk_fields(Sandbox().parse(document.source), facts)
    except TemplateSyntaxError:
        return


def suggestion(name: str, known: Mapping[str, Any]) -> str:
    """`; did you mean …?` when a known name is close."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _line(error: Exception) -> int | None:
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    line, frame = None, error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == "<template>":
            line = frame.tb_lineno
        frame = frame.tb_next
    return line


def _quoted(told: str) -> str:
    told = re.sub(r"<[^>]+>", "", told)
    return told[:1].lower() + told[1:].rstrip(".")
