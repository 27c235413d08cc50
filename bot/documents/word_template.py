"""Fills the fields of one Word template in a sandbox, or only checks the fields. Faults name their paragraph."""

import difflib
import io
import re
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from traceback import walk_tb
from types import SimpleNamespace
from typing import Any, Literal, get_args, get_origin

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError, nodes
from jinja2.exceptions import SecurityError, TemplateRuntimeError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel

from bot.documents.active_content import active_content
from bot.documents.agency_pack import TEMPLATE as PACK
from bot.documents.agency_pack import PackFacts, pack_fields
from bot.documents.agenda import AgendaFacts, AgendaItemFacts, agenda_fields
from bot.documents.extract import TEMPLATE as EXTRACT
from bot.documents.extract import ExtractFacts, HearingFacts, extract_fields
from bot.documents.meeting_facts import PresentedCase
from bot.documents.minutes import ANNEX, DecisionFacts, ItemFacts, MinutesFacts, minutes_fields
from bot.documents.summary import TEMPLATE as SUMMARY
from bot.documents.summary import SummaryFacts, SummaryItem, summary_fields
from bot.documents.template_faults import explain_failure, explain_syntax
from bot.documents.template_remarks import COMMENT_PARTS, cleaned, drop_traces, half_tag_in, hidden_styles, remarks_on
from bot.documents.word import WORKER, DocumentProperties, Facts, Fault, WordWorker, find_template, render_word, worded
from bot.errors import Misconfigured

Found = tuple[int, str, str]  # line of the source, the wrong name, a sentence

ANYTHING: Any = object()  # a value whose fields are not known here: nothing is said about it
LOOP = {"index": 1, "index0": 0, "first": True, "last": True, "length": 1, "revindex": 1, "revindex0": 0}
SAME = {"list", "sort", "reverse", "selectattr", "rejectattr", "select", "reject", "unique"}
BUILT_IN = {"range", "dict", "lipsum", "cycler", "joiner", "namespace"}


class _Walk:
    """A walk over a template's tags. `found` collects a fault for each field that the example facts lack."""

    def __init__(self, tree: nodes.Template, facts: Mapping[str, Any]) -> None:
        self.found: list[Found] = []
        self.block(tree.body, dict(facts))

    def block(self, body: list[nodes.Node], scope: dict[str, Any]) -> None:
        for node in body:
            self.statement(node, scope)

    def statement(self, node: nodes.Node, scope: dict[str, Any]) -> None:
        if isinstance(node, nodes.For):
            value = self.value(node.iter, scope)
            inner = scope | {"loop": LOOP}
            _bind(inner, node.target, value[0] if isinstance(value, list) and value else ANYTHING)
            if node.test is not None:
                self.value(node.test, inner)
            self.block(node.body, inner)
            self.block(node.else_, scope)
        elif isinstance(node, nodes.Assign):
            _bind(scope, node.target, self.value(node.node, scope))
        elif isinstance(node, nodes.Macro):
            scope[node.name] = ANYTHING
            self.block(node.body, scope | {argument.name: ANYTHING for argument in node.args})
        elif isinstance(node, nodes.With):
            inner = dict(scope)
            for target, given in zip(node.targets, node.values, strict=True):
                _bind(inner, target, self.value(given, scope))
            self.block(node.body, inner)
        else:
            for child in node.iter_child_nodes():
                self.value(child, scope) if isinstance(child, nodes.Expr) else self.statement(child, scope)

    def value(self, node: nodes.Node, scope: dict[str, Any]) -> Any:
        if isinstance(node, nodes.Name):
            if node.name in scope:
                return scope[node.name]
            if node.name not in BUILT_IN:
                self.found.append((node.lineno, node.name, _missing(node.name, scope)))
            return ANYTHING
        if isinstance(node, nodes.Getattr):
            return self.field(node, node.attr, scope)
        if isinstance(node, nodes.Getitem):
            if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
                return self.field(node, node.arg.value, scope)
            held = self.value(node.node, scope)
            self.value(node.arg, scope)
            return held[0] if isinstance(held, list) and held else ANYTHING
        if isinstance(node, nodes.Filter) and node.node is not None:
            held = self.value(node.node, scope)
            for argument in node.args:
                self.value(argument, scope)
            if node.name in SAME:
                return held
            return held[0] if node.name in ("first", "last") and isinstance(held, list) and held else ANYTHING
        for child in node.iter_child_nodes():
            self.value(child, scope)
        return ANYTHING

    def field(self, node: nodes.Getattr | nodes.Getitem, name: str, scope: dict[str, Any]) -> Any:
        held = self.value(node.node, scope)
        path = f"{_path(node.node)}.{name}"
        if name.startswith("_"):
            self.found.append((node.lineno, name, f"`{name}` may not be used in a template"))
        elif isinstance(held, dict):
            if name in held:
                return held[name]
            self.found.append((node.lineno, name, _missing(path, held)))
        elif isinstance(held, list):
            said = f"`{_path(node.node)}` is a list; take its entries one by one in a loop"
            self.found.append((node.lineno, name, said))
        elif held is not ANYTHING and not hasattr(held, name):
            self.found.append((node.lineno, name, f"`{_path(node.node)}` is a single field and has no `{name}`"))
        return ANYTHING


def _bind(scope: dict[str, Any], target: nodes.Node, value: Any) -> None:
    if isinstance(target, nodes.Name):
        scope[target.name] = value
        return
    for name in target.find_all(nodes.Name):
        scope[name.name] = ANYTHING


def _path(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    return "…"


def _missing(path: str, known: Mapping[str, Any]) -> str:
    """Return a sentence saying that the field at `path` does not exist, with the closest name in `known`."""
    group, dot, name = path.rpartition(".")
    if not dot and isinstance(known.get(f"{name}s"), list):
        return f"`{name}` is known only inside its loop: `{{%p for {name} in {name}s %}}` … `{{%p endfor %}}`"
    close = difflib.get_close_matches(name, list(known), n=1)
    hint = f"; did you mean `{group}{dot}{close[0]}`?" if close else ""
    return f"the field `{path}` does not exist{hint}"


_PARAGRAPH = re.compile(r"<w:p(?: [^>]*)?>.*?</w:p>", re.DOTALL)  # as docxtpl finds them
_BREAK = re.compile(r"[\t\n\a\f]")
TAG = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)


class TemplateRefused(Exception):
    """Raised when a template can't be filled. `fault` is the place and a sentence that says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


def _grouped(value: Any) -> Any:
    """Return the value with its dictionaries turned into objects.

    A template can then use a field whose name is also the name of a dictionary's method, such as `{{ panel.items }}`.
    """
    if isinstance(value, dict):
        return SimpleNamespace(**{name: _grouped(inner) for name, inner in value.items()})
    return [_grouped(inner) for inner in value] if isinstance(value, list) else value


def _printed(value: Any) -> Any:
    if isinstance(value, SimpleNamespace | list):
        names = ", ".join(vars(value)) if isinstance(value, SimpleNamespace) else "its entries, in a loop"
        raise TemplateRuntimeError(f"this is not one field but several: name {names}")
    return "" if value is None else value


class Sandbox(ImmutableSandboxedEnvironment):
    """The Jinja environment of every template.

    Tags can't reach Python's attributes, and markup in facts is printed as text.
    """

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, finalize=_printed)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an attribute of an object in a template.

        A field of a group of fields is returned directly. Any other attribute is checked by Jinja's sandbox.
        """
        if type(obj) is SimpleNamespace and attribute in obj.__dict__ and attribute[:1] != "_":
            return obj.__dict__[attribute]
        return super().getattr(obj, attribute)


class PlacedTemplate(DocxTemplate):  # type: ignore[misc]  # docxtpl ships no types
    """A template that knows which paragraph each line of its source is from, so that a fault can name its paragraph."""

    source = ""
    part: Any = None

    def reads(self, part: Any, source: str) -> None:
        """Keep the source of a part of the document, with a line break before each of its paragraphs."""
        self.source, self.part = re.sub(r"<w:p([ >])", r"\n<w:p\1", source), part

    def render_xml_part(self, src_xml: str, part: Any, context: Any, jinja_env: Any = None) -> str:
        """Return one part of the document, filled in. The part is kept too, so that a fault can name its place."""
        self.reads(part, src_xml)
        return str(super().render_xml_part(src_xml, part, context, jinja_env))

    def resolve_listing(self, xml: str) -> str:
        """Turn line ends and tabs in filled fields into Word's own line breaks and tabs.

        Only paragraphs with a line end or tab are changed. The same method of docxtpl takes apart all text of all
        paragraphs, which is a third of the time that docxtpl needs.
        """
        resolve = super().resolve_listing
        return _PARAGRAPH.sub(lambda found: resolve(found[0]) if _BREAK.search(found[0]) else found[0], xml)

    def paragraph(self, line: int | None, name: str = "") -> str:
        """Return which paragraph contains a line of the template's source, in words such as "paragraph 12".

        If the line has several tags, return the paragraph of the tag with `name`, or else of the first tag.
        """
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
        return self.place(tags[index])

    def place(self, number: int) -> str:
        """Return the place of a paragraph in words, such as "paragraph 12" or "header, paragraph 2".

        `number` is the paragraph's number in its part of the document, such as a header. The part is the one read last.
        """
        where = re.search(r"/(header|footer)\d*\.xml$", str(self.part.partname))
        return f"{where[1]}, paragraph {number}" if where else f"paragraph {number}"


def opened(template: bytes) -> PlacedTemplate:
    """Remove deleted text, hidden text and comments from a template, and return it ready to be filled.

    Raise TemplateRefused if it is no Word document, or has active content such as macros.
    """
    try:
        _refuse(active_content(template))
        _refuse(_strict(template))
        document = PlacedTemplate(io.BytesIO(template))
        document.init_docx()
        _drop_unseen(document)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        raise TemplateRefused(("", "is not a Word document (.docx); open it in Word and save it as one")) from error
    return document


def _strict(template: bytes) -> Iterator[Fault]:
    with zipfile.ZipFile(io.BytesIO(template)) as package:
        if b"http://purl.oclc.org/ooxml/" in package.read("word/document.xml")[:_OPENING]:
            yield "", "is saved as Strict Open XML; in Word, save it again as “Word Document (.docx)”"


_OPENING = 4096  # bytes in which a part names its language


def _drop_unseen(document: PlacedTemplate) -> None:
    """Remove deleted words, hidden words and comments from all parts of a document."""
    main = document.docx.part
    hidden = hidden_styles(document.docx.styles.element)
    drop_traces(main.element, hidden)
    for number, relation in list(main.rels.items()):
        kind = relation.reltype.rpartition("/")[2]
        if kind in COMMENT_PARTS:
            del main.rels[number]
        elif kind in ("header", "footer"):
            drop_traces(relation.target_part.element, hidden)
        elif kind in ("footnotes", "endnotes"):
            relation.target_part._blob = cleaned(relation.target_part.blob, hidden)


def remark_on(template: bytes, needs: Collection[tuple[str, str]]) -> list[Fault]:
    """Return a remark on each likely mistake in a template, with the paragraph that has the mistake.

    `needs` are the lists that the paper should print, each with the remark for a template that lacks this list. Raise
    TemplateRefused if the template can't be opened.
    """
    opened(template)
    main = Document(io.BytesIO(template)).part
    parts = [("", main.blob)]
    for relation in main.rels.values():
        if (kind := relation.reltype.rpartition("/")[2]) in ("header", "footer"):
            parts.append((kind, relation.target_part.blob))
    return list(dict.fromkeys(remarks_on(parts, main.document.styles.element, needs)))


def _refuse(faults: Iterator[Fault]) -> None:
    for fault in faults:
        raise TemplateRefused(fault)


def render(template: bytes, facts: Any, properties: Any) -> bytes:
    """Return the filled document. The same template, facts and properties give the same bytes.

    Raise TemplateRefused if the template can't be filled.
    """
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
    _refuse(active_content(written.getvalue()))  # a tag may have completed the code of a field
    return _timeless(written.getvalue())


def _timeless(document: bytes) -> bytes:
    """Return a document's zip file with every entry dated 1 January 1980, so that equal documents have equal bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as made, zipfile.ZipFile(written, "w") as timeless:
        for entry in made.infolist():
            timeless.writestr(zipfile.ZipInfo(entry.filename), made.read(entry), zipfile.ZIP_DEFLATED)
    return written.getvalue()


def check_fields(template: bytes, facts: Any) -> list[Fault]:
    """Return a fault for each tag that can't be read, and for each field that is not in the example `facts`."""
    document = opened(template)
    faults: list[Fault] = []
    environment = Sandbox()
    for part, source in _sources(document):
        document.reads(part, source)
        try:
            environment.compile(document.source)  # unknown filters and tests show only here
            tree = environment.parse(document.source)
        except TemplateSyntaxError as error:
            faults.append(_explained(document, error, facts))
            continue
        for line, name, said in _Walk(tree, facts).found:
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
        half = half_tag_in(document.part.blob)
        return document.place(half) if half else document.paragraph(line), explain_syntax(error.message or "")
    if isinstance(error, SecurityError):
        name = next(iter(re.findall(r"attribute '(\w+)'", str(error))), "")
        what = f"`{name}`" if name else "what this tag does"
        return document.paragraph(line, name), f"{what} may not be used in a template"
    if isinstance(error, UndefinedError):
        return _undefined(document, str(error), line, facts)
    if isinstance(error, TemplateRuntimeError):
        return document.paragraph(line), _quoted(str(error))
    return document.paragraph(line), explain_failure(error)


def _undefined(document: PlacedTemplate, told: str, line: int | None, facts: Mapping[str, Any]) -> Fault:
    if missing := re.match(r"'(\w+)' is undefined", told):
        return document.paragraph(line, missing[1]), _missing(missing[1], facts)
    name = next(iter(re.findall(r"(?:attribute|element) '?(\w+)'?", told)), "")
    place = document.paragraph(line, name)
    if told.startswith("'None'"):
        return place, f"`{name}` is asked of something that may be empty; put an if around it"
    found = _Walk(Sandbox().parse(document.source), facts).found
    return place, next((said for _, wrong, said in found if wrong == name), f"the field `{name}` does not exist")


def _line(error: Exception) -> int | None:
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    frames = walk_tb(error.__traceback__)
    lines = [line for frame, line in frames if frame.f_code.co_filename == "<template>"]
    return lines[-1] if lines else None


def _quoted(told: str) -> str:
    told = re.sub(r"<[^>]+>", "", told)
    return told[:1].lower() + told[1:].rstrip(".")


Kind = Literal["agenda", "minutes", "summary", "extract", "pack"]


def check_template(path: Path, kind: Kind | None = None, *, worker: WordWorker = WORKER) -> list[str]:
    """Return every fault of a template, each as `FILE, paragraph N: sentence`, or an empty list if the template works.

    The template's fields are compared with an example that has all fields. The template is then filled with this
    example, and with one of a meeting in which little happened. Without `kind`, the template is checked as the kind it
    fits best.
    """
    try:
        template = find_template(path.parent, path.name)
    except Misconfigured as error:
        return list(error.faults)
    kinds: tuple[Kind, ...] = (kind,) if kind else tuple(_KINDS)
    return min((_faults(template, path.name, one, worker) for one in kinds), key=_misfit)


def kind_of(path: Path, *, worker: WordWorker = WORKER) -> Kind:
    """Return the kind of paper that a template's fields fit best. Raise Misconfigured if the file can't be read."""
    template = find_template(path.parent, path.name)
    return min(_KINDS, key=lambda one: _misfit(_faults(template, path.name, one, worker)))


def _misfit(faults: list[str]) -> tuple[bool, int]:
    """Return how badly a template with these faults fits a kind of paper, as a sort key.

    A template that uses another kind's group of fields fits worst.
    """
    foreign = tuple(f"the field `{kind}` does not exist" for kind in _KINDS)
    return any(fault.endswith(foreign) for fault in faults), len(faults)


def _faults(template: bytes, name: str, kind: Kind, worker: WordWorker) -> list[str]:
    full, empty = examples(kind)
    found, _ = worker.ask({"operation": "check", "facts": full}, template)
    if found:
        return [worded(name, fault) for fault in found]
    for fields in (full, empty):
        try:
            render_word(template, fields, properties=DocumentProperties(name), name=name, worker=worker)
        except Misconfigured as error:
            return list(error.faults)
    return []


#: For each kind of paper: the type of its facts, the type of an item, and the function that returns its fields. The
#: kind is also the name of a group of fields that no other kind has.
_KINDS: dict[Kind, tuple[type[Facts], type[Facts], Callable[[Any], dict[str, Any]]]] = {
    "minutes": (MinutesFacts, ItemFacts, minutes_fields),
    "agenda": (AgendaFacts, AgendaItemFacts, agenda_fields),
    "summary": (SummaryFacts, SummaryItem, summary_fields),
    "pack": (PackFacts, ItemFacts, pack_fields),
    "extract": (ExtractFacts, HearingFacts, extract_fields),
}

#: Templates that no panel definition names, with their kinds. A file of the same name in the folder replaces one.
TEMPLATES: dict[str, Kind] = {SUMMARY: "summary", EXTRACT: "extract", PACK: "pack", ANNEX: "minutes"}


def examples(kind: Kind) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of two invented meetings: one in which everything happened, and one in which little did."""
    facts, item, fields_of = _KINDS[kind]
    heading = _example(item, is_full=False)
    heard: dict[str, Any] = {}
    if "case" in item.model_fields:
        heard["case"] = _example(PresentedCase, is_full=False)
    if "decisions" in item.model_fields:
        heard["decisions"] = (_example(DecisionFacts, is_full=False),)
    items = (heading, heading.model_copy(update=heard))
    empty = _example(facts, is_full=False).model_copy(update={"items": items})
    return fields_of(_example(facts, is_full=True)), fields_of(empty)


def _example(of: Any, *, is_full: bool) -> Any:
    """Return an invented value of a type. A record gets all its fields, or only the required ones unless `is_full`."""
    inner = get_args(of)
    if get_origin(of) is tuple:
        # Fields are looked up in the first entry of a list, so it gets all of them.
        return _example(inner[0], is_full=True), _example(inner[0], is_full=False)
    if inner:  # a type that may be None, or that has limits
        return _example(inner[0], is_full=is_full)
    if issubclass(of, BaseModel):
        fields = {name: field.annotation for name, field in of.model_fields.items() if is_full or field.is_required()}
        return of(**{name: _example(given, is_full=is_full) for name, given in fields.items()})
    if issubclass(of, Enum):
        return next(iter(of))
    return {str: "Example", int: 1, bool: True, date: date(2026, 12, 8)}[of]
