"""Minutes of 60 cases and 300 actions, sandboxed in a process of their own, against bare docxtpl on the same data."""

import statistics
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

from docxtpl import DocxTemplate

from bench.tables import show, verdict
from bot.documents.example_meeting import MINUTES
from bot.documents.minutes import MinutesFacts, minutes_fields, render_minutes
from bot.documents.word import find_template

GOAL = 1.5
CASES = 60
ACTIONS_EACH = 5
ROUNDS = 5


def main() -> None:
    """Measure in turns and print."""
    facts = _long_meeting()
    fields = minutes_fields(facts)
    template = find_template(None, "minutes.docx")
    render_minutes(MINUTES)  # the worker process is there, as it is in a bot that has run for a while
    ours, bare = [], []
    for _ in range(ROUNDS):
        bare.append(_seconds(lambda: _bare(template, fields)))
        ours.append(_seconds(lambda: render_minutes(facts)))
    ratio = statistics.median(mine / theirs for mine, theirs in zip(ours, bare, strict=True))
    show(
        f"Minutes of {CASES} cases and {CASES * ACTIONS_EACH} actions",
        ("", "bare docxtpl, s", "panelbot, s", "ratio", f"at most {GOAL}"),
        [
            [
                "Word file",
                f"{statistics.median(bare):.2f}",
                f"{statistics.median(ours):.2f}",
                f"{ratio:.2f}",
                verdict(ratio, GOAL),
            ]
        ],
    )


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


def _long_meeting() -> MinutesFacts:
    pattern = next(item for item in MINUTES.items if item.case is not None)
    items = []
    for number in range(1, CASES + 1):
        reference = f"SAMPLE-{number:04}"
        given = [
            pattern.actions[0].model_copy(update={"number": number * ACTIONS_EACH + turn, "case": reference})
            for turn in range(ACTIONS_EACH)
        ]
        items.append(pattern.model_copy(update={"number": number, "title": reference, "actions": tuple(given)}))
    return MINUTES.model_copy(update={"items": tuple(items)})
