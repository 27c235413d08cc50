"""The sample county on a moved clock, and a browser that looks at it."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from bot.clock import MovedClock
from bot.practice.mode import PracticeMode
from bot.settings import read_settings
from tests.practice.page.window import PATIENCE, Window

#: A Thursday, 09:30 in London; the panel of Harrowmere meets on Tuesday 7 April.
START = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
expect.set_options(timeout=PATIENCE)
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _start() -> PracticeMode:
    practice = PracticeMode(read_settings(), clock=MovedClock(START), patient=True)
    practice.start(ticking=False)
    return practice


@pytest.fixture
def practice() -> Iterator[PracticeMode]:
    """Yield a county of one's own."""
    with _start() as practice:
        yield practice


@pytest.fixture(scope="module")
def shared() -> Iterator[PracticeMode]:
    """Yield one county for the tests of a module that only look, or look at people of their own."""
    with _start() as practice:
        yield practice


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Yield the system's Chromium; `.ci/system-packages browser` brings it."""
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    assert found is not None, "no Chromium here: run sh .ci/system-packages browser"
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=found, args=_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def opens(browser: Browser) -> Iterator[Callable[..., Window]]:
    """Yield `opens(practice, "U0FARAH")`, which opens a window of a browser of its own.

    The page's complaints fail the test.
    """
    opened: list[Window] = []

    def open_one(
        practice: PracticeMode, user_id: str = "U0MORGAN", place: str = "C0HARROWMERE", **more: object
    ) -> Window:
        window = Window(browser, practice, user_id, place, **more)
        opened.append(window)
        return window

    yield open_one
    gaps = [(window.gaps, window.expected_gaps) for window in opened if not window.is_closed]
    for window in opened:
        window.close()
    assert [found for found, _ in gaps] == [expected for _, expected in gaps]
    assert [complaint for window in opened for complaint in window.complaints] == []
