"""An invitation on the page: it is drawn, answered by a click, counted by the chair, and its file downloads."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import vobject
from playwright.sync_api import expect

from bot.practice.mode import PracticeMode
from tests.practice.page.window import Window

pytestmark = pytest.mark.slow


def test_a_person_is_invited_answers_and_takes_the_meeting_home(
    practice: PracticeMode, opens: Callable[..., Window]
) -> None:
    farah = opens(practice, "U0FARAH")
    farah.travels("Next deadline")
    farah.goes("panelbot")
    asked = farah.sees("Harrowmere District Operational MET meets on Tue 7 Apr 2026, 14:00")
    farah.presses("I am coming", asked)
    answered = farah.sees("You are coming.")
    expect(answered.get_by_role("button", name="I am coming")).to_have_count(0)
    farah.presses("Change", answered)
    farah.presses("Apologies", farah.sees("Leave it"))
    farah.sees_form("Apologies")
    farah.fills_in({"What your agency sends instead": "Patrols were stepped up."})
    farah.presses("Send apologies", farah.form)
    farah.sees_form("Done")
    farah.page.keyboard.press("Escape")
    answered = farah.sees("You have sent apologies.")
    farah.presses("Calendar file", answered)
    with farah.page.expect_download() as download:
        farah.page.locator("a.file", has_text=".ics").last.click()
    assert download.value.suggested_filename == "harrowmere-2026-04-07.ics"
    event = vobject.readOne(download.value.path().read_bytes().decode()).vevent
    assert event.summary.value == "Harrowmere District Operational MET"
    assert event.dtstart.value.astimezone(UTC) == datetime(2026, 4, 7, 13, 0, tzinfo=UTC)

    morgan = opens(practice, "U0MORGAN")
    morgan.types("/meeting replies")
    shown = morgan.sees_form("Who is coming")
    expect(shown).to_contain_text("Patrols were stepped up.")
    expect(shown).to_contain_text("Not quorate yet: no answer from")
