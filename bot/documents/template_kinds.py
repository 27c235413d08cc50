"""Kinds of Word templates: which file belongs to which paper, what it should print, how one looks."""

from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Final

from bot.documents.word import WORKER, DocumentProperties, WordWorker, find_template, render_word, worded
from bot.documents.word_template import TEMPLATES, Kind, examples
from bot.errors import Misconfigured

#: By what people call a paper: its file as it ships, and its kind.
PAPERS: Final[dict[str, tuple[str, Kind]]] = {
    "agenda": ("agenda.docx", "agenda"),
    "minutes": ("minutes.docx", "minutes"),
    **{name.removesuffix(".docx"): (name, kind) for name, kind in TEMPLATES.items()},
}
_ITEMS: Final = ("items|cases", "prints no items: no loop goes through `items`")
_ACTIONS: Final = ("actions", "prints no actions: no loop goes through `actions`")
#: The lists that a paper of each kind prints, as its fields name them, and what is said where one is missing.
_NEEDS: Final[dict[Kind, tuple[tuple[str, str], ...]]] = {
    "agenda": (_ITEMS,),
    "minutes": (_ITEMS, _ACTIONS),
    "summary": (_ITEMS, _ACTIONS),
    "pack": (_ITEMS, _ACTIONS),
    "extract": (("hearings", "prints no meeting: no loop goes through `hearings`"),),
}
_MADE_ON: Final = date(2026, 12, 8)  #: of an example; a preview is the same on each day


def paper_called(name: str) -> tuple[str, Kind]:
    """Return the file and the kind of a paper by its name. Raises Misconfigured."""
    if name not in PAPERS:
        raise Misconfigured(f"{name}: there is no such paper. There are {', '.join(sorted(PAPERS))}.")
    return PAPERS[name]


def remark_template(path: Path, kind: Kind, *, worker: WordWorker = WORKER) -> list[str]:
    """Return what is doubtful in a template but no fault, each as `FILE, paragraph N: sentence`."""
    template = find_template(path.parent, path.name)
    found, _ = worker.ask({"operation": "remark", "needs": [list(need) for need in _NEEDS[kind]]}, template)
    return [worded(path.name, remark) for remark in found]


def preview_paper(name: str, template: Path | None = None) -> bytes:
    """Return a paper filled with invented facts, in the shipped template or in this one. Raises Misconfigured."""
    shipped, kind = paper_called(name)
    content = find_template(None, shipped) if template is None else find_template(template.parent, template.name)
    full, _ = examples(kind)
    properties = DocumentProperties(f"Preview: {name}", made_on=_MADE_ON)
    return render_word(content, full, properties=properties, name=template.name if template else shipped)


def new_template(name: str) -> bytes:
    """Return the shipped template of a paper, for a clerk to begin with. Raises Misconfigured."""
    shipped, _ = paper_called(name)
    return (files("minutes_templates") / shipped).read_bytes()
