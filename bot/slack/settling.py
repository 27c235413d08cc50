"""Finds out what became of a request whose connection broke during the commit, and tells the person."""

import logging
import threading
from collections import deque

from bot.slack.delivery import Delivery
from bot.slack.incidents import incident
from bot.slack.screens import Screens
from bot.store.requests import was_answered
from bot.store.unit_of_work import Store

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
#: Slack takes answers through a response address for half an hour.
_MOST_TRIES = 1_800

SAVED = "What you asked for a moment ago ({what}) was saved. You don't need to do it again."
NOT_SAVED = "What you asked for a moment ago ({what}) was not saved. Please try again."


class Settling:
    """One thread, begun when it is first needed, that asks until the database answers."""

    def __init__(self, store: Store, screens: Screens, *, pause: float = PAUSE_SECONDS) -> None:
        self._store = store
        self._screens = screens
        self._pause = pause
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Delivery, int]] = deque()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def find_out(self, delivery: Delivery) -> None:
        """Tell the person whether this was saved, as soon as that is certain."""
        with self._lock:
            self._waiting.append((delivery, 0))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="settling", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._stopping.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                delivery, tries = self._waiting.popleft()
            try:
                was_saved = was_answered(self._store, delivery.key)
            except Exception as away:  # noqa: BLE001 - asked again until the database is back
                incident(away)
                if tries < _MOST_TRIES:
                    with self._lock:
                        self._waiting.append((delivery, tries + 1))
                self._stopping.wait(self._pause)
            else:
                self._tell(delivery, was_saved)

    def _tell(self, delivery: Delivery, was_saved: bool) -> None:
        # Of what was typed only the command is named: a direct message stays in Slack.
        what = f"`{delivery.name}`" if delivery.kind == "command" else "a form" if delivery.view else "a button"
        said = (SAVED if was_saved else NOT_SAVED).format(what=what)
        if delivery.response_url is not None:
            self._screens.whisper(delivery.response_url, said)
        else:
            self._screens.tell(delivery.user_id, said)
