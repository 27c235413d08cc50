"""Faults that the next calls of a Web API method run into, to rehearse outages."""

import threading
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `effect` says whether the method still does its work first."""

    kind: str
    effect: bool = False
    retry_after: int = 0
    status: int = 500
    seconds: float = 0.0
    error: str = ""

    @classmethod
    def rate_limited(cls, retry_after: int = 1) -> "Fault":
        """Answer HTTP 429 with `Retry-After` in whole seconds; nothing happens (Web API: rate limits)."""
        return cls("rate_limited", retry_after=retry_after)

    @classmethod
    def server_error(cls, status: int = 500, *, effect: bool = False) -> "Fault":
        """Answer with an HTTP error from Slack's side. With `effect` the work was done all the same."""
        return cls("server_error", status=status, effect=effect)

    @classmethod
    def drop_after_accept(cls) -> "Fault":
        """Do the work, then close the connection without an answer: the outcome is unknown to the caller."""
        return cls("drop", effect=True)

    @classmethod
    def drop_before_accept(cls) -> "Fault":
        """Close the connection without an answer and without effect. The caller cannot tell the difference."""
        return cls("drop")

    @classmethod
    def slow(cls, seconds: float) -> "Fault":
        """Do the work at once, and answer this much later (real seconds)."""
        return cls("slow", effect=True, seconds=seconds)

    @classmethod
    def api_error(cls, error: str) -> "Fault":
        """Answer `{"ok": false, "error": …}` without effect, such as `fatal_error` or `internal_error`."""
        return cls("api_error", error=error)

    @classmethod
    def page(cls, status: int = 200, *, effect: bool = False) -> "Fault":
        """Answer with a proxy's page. With `effect` Slack did the work and its own answer was lost."""
        return cls("page", status=status, effect=effect)

    @classmethod
    def body(cls, text: str, status: int = 200, *, effect: bool = False) -> "Fault":
        """Answer with JSON that is not Slack's, such as an empty list; with `effect` as above."""
        return cls("body", status=status, effect=effect, error=text)

    @classmethod
    def disconnect_sockets(cls) -> "Fault":
        """Break every Socket Mode connection without a word while the method answers normally."""
        return cls("disconnect_sockets", effect=True)


class Faults:
    """The queue of faults per method. `*` strikes whichever method comes next."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: dict[str, deque[Fault]] = {}
        self._standing: dict[str, Fault] = {}

    def next(self, method: str, fault: Fault, times: int = 1) -> None:
        """Let the next `times` calls of `method` run into this fault, after those already queued."""
        with self._lock:
            self._queues.setdefault(method, deque()).extend([fault] * times)

    def begin(self, method: str, fault: Fault) -> None:
        """Let every call of `method` run into this fault until `end`: a token that was revoked, a proxy in the way."""
        with self._lock:
            self._standing[method] = fault

    def end(self, method: str) -> None:
        """Let calls of `method` be answered as usual again."""
        with self._lock:
            self._standing.pop(method, None)

    def clear(self) -> None:
        """Forget all faults still to come, and those that stand."""
        with self._lock:
            self._queues.clear()
            self._standing.clear()

    def take(self, method: str, *, whichever: bool = True) -> Fault | None:
        """Return the fault this call runs into, used up, or None. `whichever` looks at those for any method too."""
        with self._lock:
            for name in (method, "*") if whichever else (method,):
                queue = self._queues.get(name)
                if queue:
                    return queue.popleft()
                if name in self._standing:
                    return self._standing[name]
        return None
