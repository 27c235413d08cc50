"""Cuts connections to a database that has stopped answering, since no time-out of its own server's ends such a wait.

PostgreSQL's `statement_timeout` is kept by PostgreSQL. When its processes are stopped or its host has gone, a thread
would wait for as long as that lasts, and the person with it.
"""

import contextlib
import socket
import threading
import time

_LOOK_SECONDS = 0.05


class Watch:
    """One thread that shuts sockets whose time has passed; the call that waits on one then fails at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._guarded: dict[int, tuple[float, socket.socket]] = {}
        self._something = threading.Event()
        self._thread: threading.Thread | None = None

    def guard(self, key: int, connection: socket.socket, until: float) -> None:
        """Shut the connection at a moment of the monotonic clock, unless it is released before."""
        with self._lock:
            self._guarded[key] = (until, connection)
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
                now = time.monotonic()
                overdue = [key for key, (until, _) in self._guarded.items() if until <= now]
                for key in overdue:
                    with contextlib.suppress(OSError):  # it has gone already
                        self._guarded[key][1].shutdown(socket.SHUT_RDWR)
                    del self._guarded[key]
                if not self._guarded:
                    self._something.clear()
                    continue
            time.sleep(_LOOK_SECONDS)
