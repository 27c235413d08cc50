"""axe-core finds nothing serious on any main view, light or dark."""

from collections.abc import Callable

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import expect

from bot.practice.mode import PracticeMode
from tests.practice.page.window import Window

pytestmark = pytest.mark.slow


def serious(window: Window) -> list[str]:
    """Return what axe finds wrong with the page as it is, with where."""
    found = Axe().run(window.page)["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


def _nothing(_window: Window) -> None:
    """Leave the channel as it opens, with the guide at its side."""


def _form(window: Window) -> None:
    window.types("/case flag SAMPLE-0101")
    form = window.sees_form("Flag a case")
    window.presses("Flag", form)
    form.locator("[aria-invalid]").first.wait_for()


def _triage(window: Window) -> None:
    window.types("/agenda triage")
    window.sees_form("Triage")


def _home(window: Window) -> None:
    window.goes("Home")
    window.page.locator(".home .block").first.wait_for()


def _people(window: Window) -> None:
    window.page.locator(".person-button").click()
    window.page.locator("#sheet[open]").wait_for()


def _menus(window: Window) -> None:
    window.page.locator(".clock-menu > summary").click()
    window.page.get_by_role("button", name="Next meeting").wait_for()


def _tools(window: Window) -> None:
    window.page.locator("#tools details summary").click()


def _completions(window: Window) -> None:
    window.page.locator("#composer-text").press_sequentially("/action ")
    window.page.locator(".completion").first.wait_for()


def _agenda(window: Window) -> None:
    window.types("/agenda show")
    window.sees("Agenda: Harrowmere").hover()


def _payload(window: Window) -> None:
    _agenda(window)
    window.messages.last.locator(".message-tools summary").click()
    window.page.get_by_role("button", name="View payload").last.click()
    window.page.locator("#sheet[open] .payload").wait_for()


def _dates(window: Window) -> None:
    window.types("/panel create every other Thursday at 9.30")
    window.form.get_by_text("Thu ").first.wait_for()


def _replies(window: Window) -> None:
    window.types("/meeting replies")
    window.form.locator(".block").first.wait_for()


def _attendance(window: Window) -> None:
    window.types("/people attendance")
    window.form.locator(".block").first.wait_for()


VIEWS = [
    _nothing,
    _form,
    _triage,
    _people,
    _menus,
    _tools,
    _completions,
    _agenda,
    _payload,
    _dates,
    _replies,
    _attendance,
    _home,
]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(shared: PracticeMode, opens: Callable[..., Window], theme: str) -> None:
    # axe is put into the page, which the page's own policy forbids to everybody else.
    window = opens(shared, "U0RHYS", color_scheme=theme, bypass_csp=True)
    found: dict[str, list[str]] = {}
    for view in VIEWS:
        view(window)
        found[view.__name__] = serious(window)
        window.page.keyboard.press("Escape")
        expect(window.page.locator("dialog[open]")).to_have_count(0)
        if window.page.locator("#composer-text").count():
            window.page.locator("#composer-text").fill("")
    assert found == {view.__name__: [] for view in VIEWS}
