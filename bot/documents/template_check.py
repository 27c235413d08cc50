"""Whether a Word template will work, before a meeting depends on it."""

from pathlib import Path
from typing import Any, Literal

from bot.documents.agenda import agenda_fields
from bot.documents.example_meeting import AGENDA, EMPTY_AGENDA, EMPTY_MINUTES, MINUTES
from bot.documents.minutes import minutes_fields
from bot.documents.word import WORKER, DocumentProperties, WordWorker, find_template, render_word, worded
from bot.errors import Misconfigured

Kind = Literal["agenda", "minutes"]


def check_template(path: Path, kind: Kind | None = None, *, worker: WordWorker = WORKER) -> list[str]:
    """Every fault of a template, each as `FILE, paragraph N: sentence`; none when it will work.

    Without `kind` the template is taken for what it fits better. Fields are held against an example that
    has them all; then the template is rendered with that example and with one in which little happened.
    """
    try:
        template = find_template(path.parent, path.name)
    except Misconfigured as error:
        return list(error.faults)
    kinds: tuple[Kind, ...] = (kind,) if kind else ("minutes", "agenda")
    return min((_faults(template, path.name, one, worker) for one in kinds), key=_misfit)


def _misfit(faults: list[str]) -> tuple[bool, int]:
    """How badly a template fits a kind: using the other kind's own group is worse than any number of faults."""
    foreign = ("the field `agenda` does not exist", "the field `minutes` does not exist")
    return any(fault.endswith(foreign) for fault in faults), len(faults)


def _faults(template: bytes, name: str, kind: Kind, worker: WordWorker) -> list[str]:
    full, empty = _examples(kind)
    found, _ = worker.ask({"operation": "check", "facts": full}, template)
    if found:
        return [worded(name, fault) for fault in found]
    for fields in (full, empty):
        try:
            render_word(template, fields, properties=DocumentProperties(name), name=name, worker=worker)
        except Misconfigured as error:
            return list(error.faults)
    return []


def _examples(kind: Kind) -> tuple[dict[str, Any], dict[str, Any]]:
    # Fields are looked up in the first entry of a list: put the item that has them all, the case, in front.
    if kind == "agenda":
        full, empty = agenda_fields(AGENDA), agenda_fields(EMPTY_AGENDA)
    else:
        full, empty = minutes_fields(MINUTES), minutes_fields(EMPTY_MINUTES)
    return full | {"items": sorted(full["items"], key=lambda item: item["case"] is None)}, empty
