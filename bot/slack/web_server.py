"""The web server under the door: waitress, with a deadline for headers and bodies, and an end that drops no answer.

One thread reads all connections and hands a request to the pool once it is there whole, so a connection that stalls
keeps nobody from being answered.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask

from bot.errors import Misconfigured

CONCURRENCY = 16
#: The WSGI name under which a request says when its first byte came in, on the monotonic clock.
ARRIVED = "panelbot.arrived"
MOST_BYTES: Final = 1_000_000  # a view has at most 250 kB
MOST_HEADER_BYTES: Final = 32_768
#: From the first byte of a request to its last; Slack itself waits three seconds for everything.
READING_SECONDS = 10.0
#: How long a connection without a request stays: Slack's proxies keep theirs about a minute.
IDLE_SECONDS = 75.0
#: How long a server that was told to end waits for what is being answered: longer than anything may take.
ENDING_SECONDS = 10.0
_CONNECTIONS: Final = 1_000
_LOOK_SECONDS: Final = 0.25


class _Request(HTTPRequestParser):  # type: ignore[misc]  # waitress ships no types
    """A request that knows when it began to come in."""

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.arrived = time.monotonic()


class _Task(WSGITask):  # type: ignore[misc]  # as above
    """Tells the application when its request came in: waiting for a thread counts for whoever waits for an answer."""

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment."""
        environ: dict[str, Any] = super().get_environment()
        environ[ARRIVED] = self.request.arrived
        return environ


class _Channel(HTTPChannel):  # type: ignore[misc]  # as above
    """One connection."""

    task_class = _Task
    parser_class = _Request

    def __init__(self, *given: Any, **named: Any) -> None:
        self._heard = time.monotonic()
        self._has_asked = False
        super().__init__(*given, **named)

    def received(self, data: bytes) -> bool:
        """Take what came in."""
        self._heard = time.monotonic()
        self._has_asked = True
        return bool(super().received(data))

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being answered and no answer is on its way."""
        return not self.requests and not self.total_outbufs_len

    def is_overdue(self, now: float, reading: float, idle: float) -> bool:
        """Whether the rest of its request, or its next one, has let itself be waited for too long."""
        if self.requests:
            return False
        if self.request is not None:
            arrived: float = self.request.arrived
            return now > arrived + reading
        return now > self._heard + (idle if self._has_asked else reading)


class WebServer(TcpWSGIServer):  # type: ignore[misc]  # as above
    """Serves one WSGI application until `end` is called; `run` blocks and belongs to one thread."""

    channel_class = _Channel

    def __init__(
        self,
        application: Any,
        *,
        host: str,
        port: int,
        reading_seconds: float = READING_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        """Listen. Raises OSError where the address is taken."""
        adjustments = Adjustments(
            listen=f"{host}:{port}",
            threads=CONCURRENCY,
            ident=None,
            connection_limit=_CONNECTIONS,
            cleanup_interval=_LOOK_SECONDS,
            asyncore_use_poll=True,
            max_request_body_size=MOST_BYTES,
            max_request_header_size=MOST_HEADER_BYTES,
            log_socket_errors=False,
        )
        # That requests wait for a thread is no news of its own: what waits too long is given up and logged there.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._reading_seconds = reading_seconds
        self._idle_seconds = idle_seconds
        self._ending = threading.Event()
        super().__init__(application, map={}, adj=adjustments)

    def maintenance(self, now: float) -> None:  # noqa: ARG002 - of the time of day; deadlines are of the monotonic clock
        """Close what has stalled."""
        moment = time.monotonic()
        for channel in list(self.active_channels.values()):
            if channel.is_overdue(moment, self._reading_seconds, self._idle_seconds):
                channel.will_close = True

    def run(self) -> None:
        """Serve until told to end, then finish what is being answered and take nothing new."""
        while not self._ending.is_set():
            self._turn()
        self.accepting = False
        self.del_channel()  # listens no longer; the trigger stays, which tells of answers that are ready
        self.socket.close()
        deadline = time.monotonic() + ENDING_SECONDS
        while time.monotonic() < deadline:
            for channel in list(self.active_channels.values()):
                if channel.is_idle:
                    channel.handle_close()
            if not self.active_channels:
                break
            self._turn()
        self.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._map, ignore_all=True)

    def end(self) -> None:
        """Let `run` come to its end; may be called from a signal's handler."""
        self._ending.set()
        self.pull_trigger()

    def _turn(self) -> None:
        wasyncore.loop(timeout=_LOOK_SECONDS, use_poll=True, map=self._map, count=1)


def serve_http(build: Callable[[], tuple[Any, Callable[[], None]]], *, host: str, port: int) -> None:
    """Serve signed HTTP until told to end; blocks.

    `build` returns the WSGI application and what to call at the end; it is called once the address is taken, and who
    connects meanwhile waits. Raises Misconfigured where it is taken already.
    """
    built: list[Any] = []

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        return built[0](environ, start_response)

    try:
        server = WebServer(application, host=host, port=port)
    except OSError as taken:
        raise Misconfigured(f"PANELBOT_PORT: {host}:{port} cannot be listened on ({taken.strerror}).") from None
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.end())
    served, end = build()
    built.append(served)
    try:
        server.run()
    finally:
        end()
