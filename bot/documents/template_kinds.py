"""Kinds of Word template: which file belongs to which paper, what each should print, and a preview."""

from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Final

from bot.documents.word import WORKER, DocumentProperties, WordWorker, find_template, render_word, worded
from bot.documents.word_template import TEMPLATES, Kind, examples
from bot.errors import Misconfigured

#: The papers by the names that people use, each with its shipped file and its kind.
PAPERS: Final[dict[str, tuple[str, Kind]]] = {
    "agenda": ("agenda.docx", "agenda"),
    "minutes": ("minutes.docx", "minutes"),
    **{name.removesuffix(".docx"): (name, kind) for name, kind in TEMPLATES.items()},
}
_ITEMS: Final = ("items|cases", "prints no items: no loop goes through `items`")
_ACTIONS: Final = ("actions", "prints no actions: no loop goes through `actions`")
#: Lists that a paper of each kind should print: the names of its fields, and the remark if a template has none of them.
_NEEDS: Final[dict[Kind, tuple[tuple[str, str], ...]]] = {
    "agenda": (_ITEMS,),
    "minutes": (_ITEMS, _ACTIONS),
    "summary": (_ITEMS, _ACTIONS),
    "pack": (_ITEMS, _ACTIONS),
    "extract": (("hearings", "prints no meeting: no loop goes through `hearings`"),),
}
_MADE_ON: Final = date(2026, 12, 8)  #: the date of an example, so that a preview is the same on every day


def paper_called(name: str) -> tuple[str, Kind]:
    """Return the file name and the kind of a paper's shipped template. Raise Misconfigured for an unknown paper."""
    if name not in PAPERS:
        raise Misconfigured(f"{name}: there is no such paper. There are {', '.join(sorted(PAPERS))}.")
    return PAPERS[name]


def remark_template(path: Path, kind: Kind, *, worker: WordWorker = WORKER) -> list[str]:
    """Return remarks on what is probably a mistake in a template, though allowed, each as `FILE, paragraph N:
    sentence`.
    """
    template = find_template(path.parent, path.name)
    found, _ = worker.ask({"operation": "remark", "needs": [list(need) for need in _NEEDS[kind]]}, template)
    return [worded(path.name, remark) for remark in found]


def preview_paper(name: str, template: Path | None = None) -> bytes:
    """Return a paper filled with invented facts, from the given template or the shipped one.

    Raise Misconfigured if no paper is called `name`, or if the template is missing or faulty.
    """
    shipped, kind = paper_called(name)
    content = find_template(None, shipped) if template is None else find_template(template.parent, template.name)
    full, _ = examples(kind)
    properties = DocumentProperties(f"Preview: {name}", made_on=_MADE_ON)
    return render_word(content, full, properties=properties, name=template.name if template else shipped)


def new_template(name: str) -> bytes:
    """Return the shipped template of a paper, for a person to change in Word.

    Raise Misconfigured if `name` is no paper.
    """
    shipped, _ = paper_called(name)
    return (files("minutes_templates") / shipped).read_bytes()
