"""Every kind of paper that ships, made of the invented meeting: Word files and spreadsheets."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

import minutes_templates
from bot.documents.action_tracker import render_action_tracker
from bot.documents.agency_pack import render_pack
from bot.documents.agenda import render_agenda
from bot.documents.audit_report import render_audit_report
from bot.documents.children_heard import HeardRow, render_children_heard
from bot.documents.extract import render_extract
from bot.documents.minutes import render_minutes
from bot.documents.returns_grid import render_grid
from bot.documents.summary import render_summary
from tests.documents.example_meeting import AGENDA, EXTRACT, MINUTES, PACK, SUMMARY
from tests.documents.test_action_tracker import ROW
from tests.documents.test_audit_report import READ

MARKING: Final = "OFFICIAL-SENSITIVE"
MADE_ON: Final = date(2026, 12, 8)
SHIPPED: Final = sorted(path.name for path in Path(minutes_templates.__file__).parent.glob("*.docx"))

#: By what the paper is called, what makes it: each template that ships is in it.
PAPERS: Final[dict[str, Callable[[], bytes]]] = {
    "summary": lambda: render_summary(SUMMARY),
    "extract": lambda: render_extract(EXTRACT),
    "agency-pack": lambda: render_pack(PACK),
    "annex": lambda: render_minutes(MINUTES, template_name="annex.docx"),
    **{
        name.removesuffix(".docx"): partial(render_agenda, AGENDA, template_name=name)
        for name in SHIPPED
        if name.endswith("agenda.docx")
    },
    **{
        name.removesuffix(".docx"): partial(render_minutes, MINUTES, template_name=name)
        for name in SHIPPED
        if name.endswith("minutes.docx")
    },
}

HEARD: Final = HeardRow(
    case="SAMPLE-0001",
    panel="Example MET",
    heard_on=MADE_ON,
    age_band="14 to 15",
    legal_status="Child in need",
    themes="Missing",
    level_before="Medium (CERAF)",
    level_after="High (CERAF)",
    decisions="Retain and review by 12 January 2027",
    actions=2,
    actions_open=1,
    next_on=date(2027, 1, 12),
)

SHEETS: Final[dict[str, Callable[[], bytes]]] = {
    "action log": lambda: render_action_tracker(
        [ROW], title="Actions of Example MET", marking=MARKING, made_on=MADE_ON
    ),
    "children heard": lambda: render_children_heard(
        [HEARD], title="Children heard, Example MET", marking=MARKING, made_on=MADE_ON
    ),
    "returns": lambda: render_grid(
        ["Police", "Health"],
        [("SAMPLE-0001", ("known to us", "still to come")), ("SAMPLE-0002", ("not asked", "not known to us"))],
        title="Returns to Example MET",
        marking=MARKING,
        made_on=MADE_ON,
    ),
    "audit report": lambda: render_audit_report([READ], title="Audit of Example MET", marking=MARKING, made_on=MADE_ON),
}
