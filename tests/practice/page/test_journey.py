"""One whole cycle of a panel, lived through in three browsers by typing and clicking only."""

import io
import re
from collections.abc import Callable

import docx
import pytest
from playwright.sync_api import expect

from bot.practice.mode import PracticeMode
from tests.practice.page.window import PATIENCE, Window

pytestmark = pytest.mark.slow
JUDGEMENT = "Found twice at one address far from home, with a new phone."
RATIONALE = "Risk is high and the work has only begun."
TASK = "agree a safe route to school with the family"
FLAG = {
    "Urgency": "Statutory",
    "Age": "14 to 15",
    "Legal status": "Child in need",
    "Themes": ["County lines", "Missing"],
    "Risk tool and level": "CERAF: high",
    "Date assessed": "2026-03-09",
    "Professional judgement": JUDGEMENT,
    "Your request to the panel": "Agree who speaks with the child.",
}


def test_three_people_live_through_one_cycle(practice: PracticeMode, opens: Callable[..., Window]) -> None:
    farah, rhys, morgan = (opens(practice, user_id) for user_id in ("U0FARAH", "U0RHYS", "U0MORGAN"))

    # Police flag a case; what looks like a telephone number is caught before it is saved.
    farah.types("/case flag SAMPLE-0101")
    form = farah.sees_form("Flag a case")
    farah.fills_in({**FLAG, "Professional judgement": f"{JUDGEMENT} Ring 07700 900123."})
    farah.presses("Flag", form)
    expect(form.locator(".wrong:visible")).to_contain_text("phone number", timeout=PATIENCE)
    farah.fills_in({"Professional judgement": JUDGEMENT})
    farah.presses("Flag", form)
    expect(farah.sees_form("Done")).to_contain_text("SAMPLE-0101 is flagged to Harrowmere")
    farah.presses("Close", farah.form.locator(".modal-foot"))
    expect(farah.form).to_have_count(0)

    # The chair accepts it, and the co-ordinator circulates the agenda.
    rhys.types("/agenda triage")
    triage = rhys.sees_form("Triage")
    expect(triage).to_contain_text(JUDGEMENT)
    flag = triage.locator(".actions").nth(_place(triage.locator(".section").all_inner_texts(), "SAMPLE-0101"))
    rhys.presses("Accept", flag)
    expect(triage).to_contain_text("SAMPLE-0101 is accepted.", timeout=PATIENCE)
    rhys.page.keyboard.press("Escape")
    expect(rhys.form).to_have_count(0)
    morgan.types("/agenda publish")
    expect(morgan.sees("Published. I'm telling members")).to_contain_text("Only visible to you")

    # The day of the meeting.
    morgan.travels("Next meeting")
    expect(morgan.page.locator(".clock-face")).to_have_text(re.compile(r"Tue 7 Apr, 13:5\d"))
    morgan.types("/meeting open")
    # Police, social care and health: without one of them the first case would not come up.
    for window in (farah, rhys, morgan, opens(practice, "U0AMARA")):
        window.presses("I'm here", window.sees("is open"))
        window.sees("You are recorded as attending Harrowmere")
    item = re.search(r"(\d+)\. SAMPLE-0101", morgan.sees("Published").inner_text())
    assert item is not None
    morgan.types(f"/meeting next {item[1]}")
    morgan.sees("Request to the panel")
    morgan.presses("Record", morgan.sees("Now: SAMPLE-0101"))
    form = morgan.sees_form("Record SAMPLE-0101")
    # The guide is at this step, and fills in a decision; the newcomer puts their own reason in its place.
    morgan.presses("Fill in an example", form)
    morgan.fills_in({"Rationale": RATIONALE})
    morgan.presses("Save", form)
    expect(form.get_by_text("Saved: decision (retain and review).").first).to_be_visible(timeout=PATIENCE)
    morgan.presses("Close", form)
    expect(morgan.form).to_have_count(0)
    expect(farah.sees("Now: SAMPLE-0101")).to_contain_text("Decided: Retain and review", timeout=PATIENCE)
    morgan.types(f"/action add @farah {TASK} by Friday 17 April")
    expect(morgan.sees("recorded about SAMPLE-0101")).to_contain_text("@Farah Siddiqi")
    morgan.types("/meeting close")
    morgan.presses("Close the meeting", morgan.sees("is still open"))
    morgan.sees("is closed")

    # Minutes: drafted, approved, downloaded, read.
    morgan.types("/minutes draft")
    morgan.sees("Draft minutes of Harrowmere")
    rhys.types("/minutes approve")
    rhys.sees("are approved, so nobody can change them now")
    morgan.types("/minutes export")
    morgan.goes("panelbot")
    with morgan.page.expect_download() as download:
        morgan.sees("minutes-approved").locator(".file", has_text="approved").click()
    words = _words(download.value.path().read_bytes())
    assert "SAMPLE-0101" in words
    assert RATIONALE in words
    assert f"{TASK[0].upper()}{TASK[1:]}" in words
    assert "DRAFT" not in words

    # The reminder comes three working days before the day it is due, and police are done.
    for _ in ("the summary is due", "flags open for May", "the first rung of the ladder"):
        farah.travels("Next deadline")
    farah.goes("panelbot")
    digest = farah.sees("1 action needs you")
    expect(farah.page.locator(".clock-face")).to_have_text("Tue 14 Apr, 09:01")
    farah.presses("Done", digest)
    expect(farah.sees("is reported done")).to_be_visible()


def _place(sections: list[str], reference: str) -> int:
    """Return the position of the flag about this case. Each flag begins with its reference."""
    heads = [text for text in sections if re.match(r"SAMPLE-\d+ ·", text)]
    return next(index for index, text in enumerate(heads) if text.startswith(reference))


def _words(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    edges = [paragraph.text for section in document.sections for paragraph in section.header.paragraphs]
    return "\n".join([*edges, *(paragraph.text for paragraph in document.paragraphs), *cells])
