"""Faults for rehearsing outages: the next calls of a Web API method fail in a chosen way."""

import threading
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which a call fails. `effect` says whether the called method does its work before the call fails."""

    kind: str
    effect: bool = False
    retry_after: int = 0
    status: int = 500
    seconds: float = 0.0
    error: str = ""

    @classmethod
    def rate_limited(cls, retry_after: int = 1) -> "Fault":
        """Return a fault that answers 429 with `Retry-After` in seconds and does no work (Web API: rate limits)."""
        return cls("rate_limited", retry_after=retry_after)

    @classmethod
    def server_error(cls, status: int = 500, *, effect: bool = False) -> "Fault":
        """Return a fault that answers with a server error. With `effect`, the called method does its work first."""
        return cls("server_error", status=status, effect=effect)

    @classmethod
    def drop_after_accept(cls) -> "Fault":
        """Return a fault that closes the connection after the work is done.

        The caller can't tell whether the work was done.
        """
        return cls("drop", effect=True)

    @classmethod
    def drop_before_accept(cls) -> "Fault":
        """Return a fault that closes the connection before any work is done.

        The caller can't tell whether the work was done.
        """
        return cls("drop")

    @classmethod
    def slow(cls, seconds: float) -> "Fault":
        """Return a fault that does the method's work at once but answers only after this many real seconds."""
        return cls("slow", effect=True, seconds=seconds)

    @classmethod
    def api_error(cls, error: str) -> "Fault":
        """Return a fault that answers `{"ok": false, "error": …}`, such as `fatal_error`, and does no work."""
        return cls("api_error", error=error)

    @classmethod
    def page(cls, status: int = 200, *, effect: bool = False) -> "Fault":
        """Return a fault that answers with an HTML page instead of Slack's JSON, as a proxy would.

        With `effect`, the called method does its work first.
        """
        return cls("page", status=status, effect=effect)

    @classmethod
    def body(cls, text: str, status: int = 200, *, effect: bool = False) -> "Fault":
        """Return a fault that answers with `text`: a body that Slack would not send, such as `[]`.

        With `effect`, the called method does its work first.
        """
        return cls("body", status=status, effect=effect, error=text)

    @classmethod
    def disconnect_sockets(cls) -> "Fault":
        """Return a fault that breaks every Socket Mode connection without warning.

        The method itself answers as usual.
        """
        return cls("disconnect_sockets", effect=True)


class Faults:
    """The faults set for the next calls of each method. A fault under `*` applies to the next call of any method."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: dict[str, deque[Fault]] = {}
        self._standing: dict[str, Fault] = {}

    def next(self, method: str, fault: Fault, times: int = 1) -> None:
        """Let the next `times` calls of `method` fail with this fault, after the faults that were set before."""
        with self._lock:
            self._queues.setdefault(method, deque()).extend([fault] * times)

    def begin(self, method: str, fault: Fault) -> None:
        """Let every call of `method` fail with this fault until `end` is called.

        Use this for a fault that lasts, such as a revoked token or a proxy that answers in Slack's place.
        """
        with self._lock:
            self._standing[method] = fault

    def end(self, method: str) -> None:
        """End the fault that `begin` set for `method`."""
        with self._lock:
            self._standing.pop(method, None)

    def clear(self) -> None:
        """Remove all queued faults and all faults set by `begin`."""
        with self._lock:
            self._queues.clear()
            self._standing.clear()

    def take(self, method: str, *, whichever: bool = True) -> Fault | None:
        """Remove and return the next fault for a call of `method`, or return None if the call should work.

        `whichever` includes the faults under `*`. A fault set by `begin` is returned without being removed.
        """
        with self._lock:
            for name in (method, "*") if whichever else (method,):
                queue = self._queues.get(name)
                if queue:
                    return queue.popleft()
                if name in self._standing:
                    return self._standing[name]
        return None
