"""Measures making the minutes of 60 and of 300 cases in a sandboxed process.

The times are compared with those of docxtpl alone on the same data.
"""

import resource
import statistics
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

from docxtpl import DocxTemplate

from bench.tables import show, verdict
from bot.documents.minutes import MinutesFacts, minutes_fields, render_minutes
from bot.documents.word import WORKER, find_template
from tests.documents.example_meeting import MINUTES

GOALS = {60: 1.15, 300: 1.3}  #: how many times bare docxtpl's time minutes of so many cases may take
MEGABYTES = 220.0
ACTIONS_EACH = 5
ROUNDS = 5


def main() -> None:
    """Measure, and print a table of times and a table of memory."""
    render_minutes(MINUTES)  # the worker process is there, as it is in a bot that has run for a while
    columns = ("", "bare docxtpl, s", "panelbot, s", "ratio", "met")
    show("Minutes as a Word file", columns, [_in_turns(cases, goal) for cases, goal in GOALS.items()])
    WORKER.close()
    # Of the largest process that has ended: the worker, or one of those that it forks for a document each.
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    longest = f"{max(GOALS)} cases"
    show(
        "Memory of the process that renders",
        ("", "MB", f"under {MEGABYTES:.0f} MB"),
        [[longest, f"{used:.0f}", verdict(used, MEGABYTES)]],
    )


def _in_turns(cases: int, goal: float) -> list[str]:
    """Measure panelbot and docxtpl alternately for minutes of this many cases. Return the row of the table."""
    facts = _long_meeting(cases)
    fields = minutes_fields(facts)
    template = find_template(None, "minutes.docx")
    ours, bare = [], []
    for _ in range(ROUNDS):
        bare.append(_seconds(lambda: _bare(template, fields)))
        ours.append(_seconds(lambda: render_minutes(facts)))
    ratio = statistics.median(mine / theirs for mine, theirs in zip(ours, bare, strict=True))
    return [
        f"{cases} cases and {cases * ACTIONS_EACH} actions, at most {goal} times",
        f"{statistics.median(bare):.2f}",
        f"{statistics.median(ours):.2f}",
        f"{ratio:.2f}",
        verdict(ratio, goal),
    ]


def _seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def _bare(template: bytes, fields: dict[str, Any]) -> bytes:
    document = DocxTemplate(BytesIO(template))
    document.render(fields, autoescape=True)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _long_meeting(cases: int) -> MinutesFacts:
    pattern = next(item for item in MINUTES.items if item.case is not None)
    items = []
    for number in range(1, cases + 1):
        reference = f"SAMPLE-{number:04}"
        given = [
            pattern.actions[0].model_copy(update={"number": number * ACTIONS_EACH + turn, "case": reference})
            for turn in range(ACTIONS_EACH)
        ]
        items.append(pattern.model_copy(update={"number": str(number), "title": reference, "actions": tuple(given)}))
    return MINUTES.model_copy(update={"items": tuple(items)})
