"""Getting something to the app and its acknowledgement back; events are tried again, a person's action is not."""

import asyncio
import threading
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from bot.practice.records import Json
from bot.practice.state import State

Kind = Literal["slash_commands", "interactive", "events_api"]
Reason = Literal["ok", "timeout", "unreachable", "client_error", "server_error", "bad_response"]

#: Events API, "retries": nearly at once, after a minute, after five minutes.
RETRY_AFTER = (0.0, 60.0, 300.0)

#: How the retry header calls what went wrong before (Events API: X-Slack-Retry-Reason).
RETRY_REASONS = {
    "timeout": "http_timeout",
    "unreachable": "connection_failed",
    "client_error": "http_error",
    "server_error": "http_error",
}


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What came of one attempt: `payload` is the JSON or text in the answer, if it carried any."""

    reason: Reason
    payload: Any = None


@dataclass(slots=True)
class Delivery:
    """One thing for the app: its payload, whether an answer may carry content, and what came of each attempt."""

    kind: Kind
    payload: Json
    accepts_response: bool
    attempts: list[Acknowledgement] = field(default_factory=list)

    @property
    def acknowledged(self) -> bool:
        """Tell whether the app has confirmed it."""
        return any(attempt.reason == "ok" for attempt in self.attempts)


class Transport(Protocol):
    """How a delivery travels: over a socket or as a signed POST."""

    async def send(self, delivery: Delivery, *, attempt: int, reason: str) -> Acknowledgement:
        """Deliver once and wait for the acknowledgement at most the acknowledgement time."""


class Courier:
    """Sends deliveries from any thread; lives on the server's event loop."""

    def __init__(self, state: State, transport: Transport, *, retry_after: tuple[float, ...]) -> None:
        self.state = state
        self.transport = transport
        self.retry_after = retry_after
        self.deliveries: list[Delivery] = []
        self.under_way = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: int | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def attach(self, loop: asyncio.AbstractEventLoop, thread: int | None) -> None:
        """Start on this loop, which runs in the thread with this identity."""
        self._loop = loop
        self._thread = thread

    def detach(self) -> None:
        """Drop every retry still to come; called on the loop."""
        for task in list(self._tasks):
            task.cancel()

    def ask(self, delivery: Delivery) -> Acknowledgement:
        """Deliver what a person did and wait for the answer; not from the server's own thread."""
        if self._loop is None:
            return Acknowledgement("unreachable")
        if threading.get_ident() == self._thread:
            raise RuntimeError("a person cannot wait for the app on the server's own thread")
        with self.state.lock:
            self.deliveries.append(delivery)
        return asyncio.run_coroutine_threadsafe(self._once(delivery, 0, ""), self._loop).result()

    def tell(self, delivery: Delivery) -> None:
        """Deliver an event in the background, again and again as Slack does; the caller may hold the lock."""
        if self._loop is None or self._loop.is_closed():
            return
        self.deliveries.append(delivery)
        self.under_way += 1
        self._loop.call_soon_threadsafe(self._begin, delivery)

    def _begin(self, delivery: Delivery) -> None:
        task = asyncio.get_running_loop().create_task(self._until_acknowledged(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _until_acknowledged(self, delivery: Delivery) -> None:
        try:
            came_of_it = await self._once(delivery, 0, "")
            for number, pause in enumerate(self.retry_after, start=1):
                if came_of_it.reason == "ok":
                    break
                if pause:
                    await self._rest(pause)
                came_of_it = await self._once(delivery, number, RETRY_REASONS.get(came_of_it.reason, "http_error"))
        finally:
            self._count(-1)

    async def _rest(self, pause: float) -> None:
        # An event that waits a minute for its next attempt is not under way: nobody should have to wait for it.
        self._count(-1)
        try:
            await asyncio.sleep(pause)
        finally:
            self._count(1)

    def _count(self, more: int) -> None:
        with self.state.lock:
            self.under_way += more
            self.state.wake()

    async def _once(self, delivery: Delivery, attempt: int, reason: str) -> Acknowledgement:
        came_of_it = await self.transport.send(delivery, attempt=attempt, reason=reason)
        with self.state.lock:
            delivery.attempts.append(came_of_it)
            self.state.wake()
        return came_of_it
