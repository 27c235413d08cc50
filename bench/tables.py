"""Prints figures as tables, or as JSON with one object for each figure. A script gives `show` a table of texts.

Each text that is a number, such as "1.5 s", is a figure. A text made by `verdict` has the goal of the figure before it.
With `--json`, each figure is printed as `{"bench", "title", "database", "concurrency", "row", "figure", "value",
"goal", "met"}`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

_DATABASES = {"sqlite": "sqlite", "postgresql": "postgresql"}
_CONCURRENCY = frozenset({"at once", "people at once", "concurrency"})
#: A verdict may be about seconds where the table shows milliseconds.
_SCALES = (1.0, 1000.0)
_NUMBER = re.compile(r"[-+]?\d[\d,]*(\.\d+)?")


class _Output:
    """How figures are printed, and which have missed their goals. The command line sets this once for each script."""

    def __init__(self) -> None:
        self.bench = ""
        self.as_json = False
        self.missed: list[str] = []
        self.console = Console()


_output = _Output()


class Verdict(str):
    """A cell of a table, "yes" or "NO", that also has a figure and its goal."""

    value: float
    goal: float
    met: bool


def begin(bench: str, *, as_json: bool) -> None:
    """Set the name of the script whose figures follow, and whether they are printed as JSON."""
    _output.bench, _output.as_json = bench, as_json


def missed() -> list[str]:
    """Return a line for each figure printed so far that missed its goal."""
    return list(_output.missed)


def verdict(value: float, goal: float, *, at_least: bool = False) -> str:
    """Return the cell "yes" or "NO", which says whether a figure met its goal.

    The goal is an upper limit or, with `at_least`, a lower one.
    """
    met = value >= goal if at_least else value <= goal
    word = Verdict("yes" if met else "NO")
    word.value, word.goal, word.met = value, goal, met
    return word


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print one table, or its figures as JSON. Numbers are aligned on the right."""
    found = [figure for row in rows for figure in figures(title, columns, row)]
    _output.missed += [_told(one) for one in found if one["met"] is False]
    if _output.as_json:
        for figure in found:
            print(json.dumps({"bench": _output.bench, **figure}), flush=True)
        return
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    for row in rows:
        table.add_row(*row)
    _output.console.print(table)


def _told(figure: Mapping[str, Any]) -> str:
    at_once = "" if figure["concurrency"] is None else f", {figure['concurrency']} at once"
    where = f"{_output.bench}: {figure['title']}, {figure['row']}{at_once}"
    return f"{where}: {figure['figure']} {figure['value']:.4g}, goal {figure['goal']:g}"


def figures(title: str, columns: Sequence[str], row: Sequence[str]) -> list[dict[str, Any]]:
    """Return the figures in one row of a table. A figure has a goal if a verdict follows it."""
    named = {column: cell for column, cell in zip(columns, row, strict=True) if not isinstance(cell, Verdict)}
    words = [cell for cell in named.values() if _number(cell) is None]
    concurrency = next((_number(cell) for column, cell in named.items() if column in _CONCURRENCY), None)
    shared = {
        "title": title,
        "database": next((_DATABASES[word.lower()] for word in words if word.lower() in _DATABASES), None),
        "concurrency": None if concurrency is None else int(concurrency),
        "row": " ".join(word for word in words if word),
    }
    found: dict[str, dict[str, Any]] = {}
    for column, cell in zip(columns, row, strict=True):
        if isinstance(cell, Verdict):
            judged = _judged(list(found.values()), cell)
            judged["goal"], judged["met"] = cell.goal * judged.pop("scale", 1.0), cell.met
        elif column not in _CONCURRENCY and (value := _number(cell)) is not None:
            found[column] = {**shared, "figure": column, "value": value, "goal": None, "met": None}
    return list(found.values())


def _judged(before: list[dict[str, Any]], word: Verdict) -> dict[str, Any]:
    """Return the figure that a verdict is about: the last one in `before` with the verdict's value.

    The figure may be rounded or in milliseconds.
    """
    for figure in reversed(before):
        for scale in _SCALES:
            shown, exact = figure["value"], word.value * scale
            if figure["goal"] is None and abs(shown - exact) <= max(0.5 if exact >= 10 else 0.051, 0.006 * abs(exact)):
                figure["value"], figure["scale"] = exact, scale
                return figure
    return before[-1]


def _number(cell: str) -> float | None:
    match = _NUMBER.match(cell.strip())
    if match is None or cell.strip()[match.end() :].strip() not in {"", "×", "s", "ms", "MB", "%"}:
        return None
    return float(match[0].replace(",", ""))
