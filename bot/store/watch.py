"""Cuts connections to a database that has stopped answering, since no time-out of its own server's ends such a wait.

PostgreSQL's `statement_timeout` is kept by PostgreSQL. When its processes are stopped or its host has gone, a thread
would wait for as long as that lasts, and the person with it.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_LOOK_SECONDS = 0.05


@dataclass(slots=True)
class _Guarded:
    connection: socket.socket
    until: float
    is_waiting: Callable[[], bool]
    has_waited: bool = False  #: at the last look


class Watch:
    """One thread that shuts sockets on which an answer is overdue; the call that waits on one then fails at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._guarded: dict[int, _Guarded] = {}
        self._something = threading.Event()
        self._thread: threading.Thread | None = None

    def guard(self, key: int, connection: socket.socket, until: float, is_waiting: Callable[[], bool]) -> None:
        """Shut the connection when it waits for its server after a moment of the monotonic clock, until released.

        One that does not wait is left alone: then it is this process that takes so long, and it will see that itself.
        """
        with self._lock:
            self._guarded[key] = _Guarded(connection, until, is_waiting)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="database-watch", daemon=True)
                self._thread.start()
        if not self._something.is_set():
            self._something.set()

    def release(self, key: int) -> None:
        """Leave the connection alone."""
        with self._lock:
            self._guarded.pop(key, None)

    def _run(self) -> None:
        while True:
            self._something.wait()
            with self._lock:
                self._cut_overdue(time.monotonic())
                if not self._guarded:
                    self._something.clear()
                    continue
            time.sleep(_LOOK_SECONDS)

    def _cut_overdue(self, now: float) -> None:
        for key, guarded in list(self._guarded.items()):
            if guarded.until > now:
                continue
            # Twice in a row: one look may fall into a statement that is just being answered.
            if guarded.is_waiting() and guarded.has_waited:
                with contextlib.suppress(OSError):  # it has gone already
                    guarded.connection.shutdown(socket.SHUT_RDWR)
                del self._guarded[key]
            else:
                guarded.has_waited = guarded.is_waiting()
