"""The stopwatch of the workspace, which decides whether an answer came within the seconds that Slack allows."""

import asyncio
import contextlib
import threading
import time
from typing import Any

#: Slack's time limit for an app's acknowledgement (slash commands, interactivity, Events API).
ACKNOWLEDGE_SECONDS = 3.0
#: The longest wait for anything that should happen. It ends with an error, so that no test or demo hangs.
GIVE_UP_SECONDS = 120.0


class Stopwatch:
    """A stopwatch that shows real seconds."""

    def seconds(self) -> float:
        """Return the stopwatch's present value in seconds. Only the difference between two values means something."""
        return time.monotonic()

    async def reaches(self, reading: float) -> None:
        """Wait until the stopwatch shows at least `reading` seconds."""
        await asyncio.sleep(max(0.0, reading - self.seconds()))

    async def in_time(self, answer: "asyncio.Future[Any]", until: float) -> bool:
        """Wait for an answer until the stopwatch shows `until` seconds. Return whether the answer came."""
        end = asyncio.ensure_future(self.reaches(until))
        try:
            await asyncio.wait({answer, end}, return_when=asyncio.FIRST_COMPLETED)
            return answer.done()
        finally:
            end.cancel()


class HeldStopwatch(Stopwatch):
    """A stopwatch that moves only when told to, so that nothing times out because a machine is slow.

    `reaches` also returns after GIVE_UP_SECONDS of real time, so that an app that hangs counts as too late.
    """

    def __init__(self, reading: float = 0.0) -> None:
        self._reading = reading
        self._lock = threading.Lock()
        self._waiting: dict[asyncio.Future[None], float] = {}  # to the reading that each waits for

    def seconds(self) -> float:
        """Return the stopwatch's value in seconds, which changes only when `passes` moves it."""
        return self._reading

    @property
    def is_watched(self) -> bool:
        """Return whether any wait for the stopwatch is still going on, such as for an answer that has not come."""
        return bool(self._waiting)

    def passes(self, seconds: float) -> None:
        """Move the stopwatch forward, and end every wait whose time has come. Any thread may call this."""
        with self._lock:
            self._reading += seconds
            for reached in [one for one, reading in self._waiting.items() if reading <= self._reading]:
                del self._waiting[reached]
                with contextlib.suppress(RuntimeError):  # its loop has ended meanwhile
                    reached.get_loop().call_soon_threadsafe(_resolve, reached)

    async def reaches(self, reading: float) -> None:
        """Wait until `passes` has moved the stopwatch to at least `reading` seconds."""
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._lock:
            if self._reading >= reading:
                return
            self._waiting[reached] = reading
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GIVE_UP_SECONDS):
                    await reached
        finally:
            with self._lock:
                self._waiting.pop(reached, None)


def _resolve(reached: "asyncio.Future[None]") -> None:
    if not reached.done():
        reached.set_result(None)
