"""One case in the meeting, recorded from the board in one form, while another member watches the board."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from bot.practice.mode import PracticeMode
from bot.store.outbox import CHANNEL_GAP_SECONDS
from tests.practice.page.window import PATIENCE, Window

pytestmark = pytest.mark.slow

NOTES = ("Seen at the station twice.", "Attended the clinic.", "The plan is a month old.")


class Counting:
    """Presses buttons in a window, and counts what is pressed that opens, saves, adds, closes or moves."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.pressed: list[str] = []

    def presses(self, name: str, within: Locator) -> None:
        self.window.presses(name, within)
        self.pressed.append(name)


def holds_meeting(practice: PracticeMode, opens: Callable[..., Window]) -> tuple[str, Window, Window]:
    """Return a case, and the co-ordinator and the police in the quorate meeting that discusses it."""
    rhys, morgan, farah = (opens(practice, one) for one in ("U0RHYS", "U0MORGAN", "U0FARAH"))
    rhys.types("/agenda triage")
    triage = rhys.sees_form("Triage")
    expect(triage).to_contain_text("SAMPLE-")
    (case, *_) = re.findall(r"SAMPLE-\d+", triage.inner_text())
    rhys.presses("Accept", triage)
    expect(triage).to_contain_text(f"{case} is accepted.", timeout=PATIENCE)
    rhys.page.keyboard.press("Escape")
    morgan.travels("Next meeting")
    morgan.types("/meeting open")
    for window in (farah, rhys, morgan, opens(practice, "U0AMARA"), opens(practice, "U0ESME")):
        window.presses("I'm here", window.sees("is open"))
        window.sees("You are recorded as attending Harrowmere")
    morgan.presses("Agenda", board(morgan))
    found = re.search(rf"(\d+)\. {case}", morgan.sees(case).inner_text())
    assert found is not None
    morgan.types(f"/meeting next {found[1]}")
    morgan.sees("Request to the panel")
    return case, morgan, farah


def board(window: Window) -> Locator:
    """Return the board of the meeting as this person sees it."""
    return window.messages.filter(has=window.page.get_by_role("button", name="Move to the bottom")).last


def test_a_case_is_recorded_in_six_presses_and_others_see_each_save(
    practice: PracticeMode, opens: Callable[..., Window], capsys: pytest.CaptureFixture[str]
) -> None:
    practice.store.channel_gap = CHANNEL_GAP_SECONDS  # as others see it: what is printed is the real wait
    case, morgan, farah = holds_meeting(practice, opens)
    expect(board(farah)).to_contain_text(f"Now: {case}", timeout=PATIENCE)
    hand, waits = Counting(morgan), list[float]()
    morgan.page.evaluate("window.clicks = 0; document.addEventListener('click', () => window.clicks++, true)")

    hand.presses("Record", board(morgan))
    form = morgan.sees_form(f"Record {case}")
    morgan.fills_in(
        {
            "Wendleshire Constabulary": NOTES[0],
            "Wendle Valley Health Trust": NOTES[1],
            "Wendleshire Children's Social Care": NOTES[2],
            "Decision": "Retain and review",
            "Rationale": "The work has only begun.",
            "Due date, or": "next meeting",
            "Who": "Farah Siddiqi",
            "What(?! it)": "step up patrols at the bus station",
            "Due date(?!,)": "Friday 17 April",
        }
    )
    hand.presses("Save", form)
    began = time.monotonic()
    expect(form).to_contain_text("Saved: ", timeout=PATIENCE)
    expect(board(farah)).to_contain_text("Recorded: 3 notes", timeout=PATIENCE)
    waits.append(time.monotonic() - began)
    expect(board(farah)).to_contain_text("Retain and review by Tue 5 May 2026")
    expect(form).to_contain_text("Decided already: retain and review by Tue 5 May 2026")
    morgan.fills_in(
        {
            "Decision": "NRM referral",
            "Rationale": "Moved to sell drugs.",
            "Due date, or": "Friday 17 April",
            "Who": "Esme Fairbrother",
            "What(?! it)": "refer to the NRM",
            "Due date(?!,)": "Friday 17 April",
        }
    )
    hand.presses("Save", form)
    began = time.monotonic()
    expect(board(farah)).to_contain_text("NRM referral, due Fri 17 Apr 2026", timeout=PATIENCE)
    waits.append(time.monotonic() - began)
    expect(board(farah).get_by_text("Action", exact=False).first).to_be_visible()
    expect(form).to_contain_text("Decided already: retain and review by Tue 5 May 2026; NRM", timeout=PATIENCE)
    hand.presses("Close", form.locator(".modal-foot"))
    expect(morgan.form).to_have_count(0)
    hand.presses("Next", board(morgan))
    expect(board(farah)).not_to_contain_text(f"Now: {case}", timeout=PATIENCE)

    clicks = morgan.page.evaluate("window.clicks")
    with capsys.disabled():
        print(
            f"\nOne case: {len(hand.pressed)} presses ({', '.join(hand.pressed)}), {clicks} clicks in all; "
            f"others saw the saves after {', '.join(f'{wait:.1f} s' for wait in waits)}."
        )
    assert len(hand.pressed) <= 6
    for secret in (*NOTES, "only begun", "sell drugs", "patrols"):
        expect(board(farah)).not_to_contain_text(secret)
