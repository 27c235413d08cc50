"""A window of the page, worked by typing and clicking only."""

import re
from typing import Any

from playwright.sync_api import Browser, Locator, expect

from bot.practice.mode import PracticeMode

PATIENCE = 60_000  # milliseconds; every wait ends as soon as what it waits for is there


class Window:
    """One person's window in a browser of their own."""

    def __init__(self, browser: Browser, practice: PracticeMode, user_id: str, place: str, **more: Any) -> None:
        self.practice = practice
        self.user_id = user_id
        context: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, **more}
        self.context = browser.new_context(locale="en-GB", timezone_id="Europe/London", **context)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.expected_gaps = 0
        self.is_closed = False
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type in {"error", "warning"} else None,
        )
        self.page.goto(f"{practice.address}/#{user_id}/{place}")
        expect(self.page.locator("#main .place-head").first).to_be_visible(timeout=PATIENCE)

    def close(self) -> None:
        """Close the browser's context."""
        self.is_closed = True
        self.context.close()

    # --- looking ----------------------------------------------------------------------------------------

    @property
    def form(self) -> Locator:
        """Return the modal on top."""
        return self.page.locator("#modal[open]")

    @property
    def gaps(self) -> int:
        """Return how many blocks or elements the page could not show."""
        return self.page.locator(".gap").count()

    @property
    def messages(self) -> Locator:
        """Return what is said in the place that is open."""
        return self.page.locator("#main .message")

    def sees(self, words: str | re.Pattern[str]) -> Locator:
        """Wait for a message with these words. Return the newest."""
        found = self.messages.filter(has_text=words).last
        expect(found).to_be_visible(timeout=PATIENCE)
        return found

    def sees_form(self, title: str) -> Locator:
        """Wait for the modal with this title. Return it."""
        expect(self.form.locator("#modal-title")).to_have_text(title, timeout=PATIENCE)
        return self.form

    # --- doing ------------------------------------------------------------------------------------------

    def types(self, line: str) -> None:
        """Type into the message box and press Enter."""
        box = self.page.locator("#composer-text")
        box.click()
        box.press_sequentially(line)
        box.press("Enter")

    def presses(self, name: str, within: Locator | None = None) -> None:
        """Press a button by what stands on it."""
        (within or self.page).get_by_role("button", name=name, exact=True).first.click()

    def fills_in(self, fields: dict[str, Any]) -> None:
        """Fill in the fields of the modal by their labels: text, an option by its words, a list of boxes to tick."""
        for label, value in fields.items():
            row = self.form.locator(".input").filter(has=self.page.locator(".label", has_text=re.compile(rf"^{label}")))
            if isinstance(value, list):
                row.locator("summary").click()
                for option in value:
                    row.get_by_role("checkbox", name=option).check()
                row.locator("summary").click()
            elif row.locator("select").count():
                row.locator("select").select_option(label=value)
            else:
                row.locator("input, textarea").fill(value)

    def goes(self, title: str) -> None:
        """Go to a place by its name in the list."""
        self.page.locator("#sidebar .place", has_text=title).first.click()

    def travels(self, way: str) -> None:
        """Move the clock and wait until it has arrived."""
        self.page.locator(".clock-menu > summary").click()
        self.page.locator(".travel-menu").get_by_role("button", name=way).click()
        expect(self.page.locator("#journey")).to_be_visible(timeout=PATIENCE)
        expect(self.page.locator("#journey")).to_be_hidden(timeout=4 * PATIENCE)
