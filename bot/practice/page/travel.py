"""Time travel: the clock goes forward in small hops, and at each the ticks run as they would have."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.domain.deadlines import is_working_day
from bot.practice.page.screen import Surroundings
from bot.practice.workspace.records import Json
from bot.store.outbox import count_unfinished

if TYPE_CHECKING:
    from bot.practice.mode import PracticeMode

log = logging.getLogger(__name__)

#: Beyond half a year the sample county's diary is empty.
FARTHEST = timedelta(days=200)
#: What is due is decided by the day and by working hours, so three looks a day miss nothing; a short way is
#: walked in quarters of an hour all the same, since people watch it.
_HOURS = ((9, 1), (13, 0), (16, 59))
_SHORT = timedelta(hours=30)
_QUARTER = timedelta(minutes=15)
_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.02


def hops(start: datetime, target: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the moments to stop at on the way, the target last."""
    if target - start <= _SHORT:
        local = start.astimezone(zone)
        at = local.replace(minute=local.minute // 15 * 15, second=0, microsecond=0) + _QUARTER
        while at < target:
            if is_working_day(at.date()) and 9 <= at.hour < 17:
                yield at
            at += _QUARTER
    else:
        day = start.astimezone(zone).date()
        while day <= target.astimezone(zone).date():
            for hour, minute in _HOURS:
                at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                if start < at < target and is_working_day(day):
                    yield at
            day += timedelta(days=1)
    yield target


class Travel:
    """One journey at a time, in a thread of its own; windows follow it by `look`."""

    def __init__(self, practice: "PracticeMode", surroundings: Surroundings) -> None:
        self._practice = practice
        self._surroundings = surroundings
        self._going: Json | None = None
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()

    @property
    def under_way(self) -> bool:
        """Tell whether the clock is being moved."""
        return self._thread is not None and self._thread.is_alive()

    def look(self) -> Json:
        """How far the workspace's clock is ahead of the machine's, in seconds, and how far a journey has come."""
        ahead = self._practice.clock.now().timestamp() - time.time()
        return {"ahead": round(ahead), "going": self._going}

    def go(self, target: datetime, *, then: Callable[[], None] = lambda: None) -> None:
        """Set out. Raises ValueError when the target lies behind or too far ahead, or a journey is under way."""
        now = self._practice.clock.now()
        if self.under_way:
            raise ValueError("The clock is being moved already.")
        if target <= now:
            raise ValueError("The clock only moves forward.")
        if target - now > FARTHEST:
            raise ValueError("The sample county's diary does not reach that far.")
        self._ending.clear()
        self._going = {"to": target.timestamp(), "at": now.timestamp(), "share": 0.0}
        self._thread = threading.Thread(target=self._walk, args=(now, target, then), name="time-travel", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End a journey at its next hop."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE_SECONDS + 1)

    def _walk(self, start: datetime, target: datetime, then: Callable[[], None]) -> None:
        zone = ZoneInfo(self._practice.county.county.timezone)
        try:
            for at in hops(start, target, zone):
                if self._ending.is_set():
                    return
                self._practice.clock.move_to(max(at, self._practice.clock.now()))
                if self._practice.bot is not None:
                    self._practice.bot.ticks.run_all()
                self._wait_until_quiet()
                share = (at - start) / (target - start)
                self._going = {"to": target.timestamp(), "at": at.timestamp(), "share": round(share, 3)}
                self._surroundings.say()
        finally:
            self._going = None
            then()
            self._surroundings.say()

    def _wait_until_quiet(self) -> None:
        """Let the bot send what fell due, so that messages carry the time they would have had."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline and not self._ending.is_set():
            with self._practice.store.reading() as work:
                if count_unfinished(work.session) == 0:
                    return
            time.sleep(_LOOK_SECONDS)
        if not self._ending.is_set():
            log.warning("travelling on although messages still wait to be sent")
