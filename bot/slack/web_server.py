"""The web server and its routes: waitress, with deadlines for slow requests.

When the server stops, it finishes the answers that it has begun. One thread reads all connections and hands a request
to the pool once the whole request has arrived. So a stalled connection delays nobody. `Door` checks signatures, and
answers Slack and calendar programs.
"""

import json
import logging
import re
import signal
import threading
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from slack_bolt import App
from slack_sdk.signature import SignatureVerifier
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask

from bot.errors import Misconfigured
from bot.services.diary.calendars import FEED_PATH, fetch_feed
from bot.slack.app import ARRIVED
from bot.slack.incidents import incident
from bot.slack.manifest import PATH
from bot.slack.payloads import dispatch
from bot.store.unit_of_work import Store

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

CONCURRENCY = 16
#: The WSGI name for the time at which the first byte of a request arrived, on the monotonic clock.
WSGI_ARRIVED = "panelbot.arrived"
MOST_BYTES: Final = 1_000_000  # a view has at most 250 kB
MOST_HEADER_BYTES: Final = 32_768
#: The time in seconds from a request's first byte to its last. Slack itself waits three seconds for an answer.
READING_SECONDS = 10.0
#: How many seconds a connection stays open without a request. Slack's proxies keep theirs about a minute.
IDLE_SECONDS = 75.0
#: How many seconds a stopping server waits for current answers. This is longer than any answer may take.
ENDING_SECONDS = 10.0
_CONNECTIONS: Final = 1_000
_LOOK_SECONDS: Final = 0.25


class _Request(HTTPRequestParser):  # type: ignore[misc]  # waitress ships no types
    """A request that records the time of its first byte."""

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.arrived = time.monotonic()


class _Task(WSGITask):  # type: ignore[misc]  # as above
    """A task that tells the application when its request arrived.

    Slack's time limit includes the time that a request waits for a thread.
    """

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment with the request's time of arrival."""
        environ: dict[str, Any] = super().get_environment()
        environ[WSGI_ARRIVED] = self.request.arrived
        return environ


class _Channel(HTTPChannel):  # type: ignore[misc]  # as above
    """One connection to the server, which records when it last received bytes."""

    task_class = _Task
    parser_class = _Request

    def __init__(self, *given: Any, **named: Any) -> None:
        self._heard = time.monotonic()
        self._has_asked = False
        super().__init__(*given, **named)

    def received(self, data: bytes) -> bool:
        """Handle received bytes and record the time. Return what waitress's own method returns."""
        self._heard = time.monotonic()
        self._has_asked = True
        return bool(super().received(data))

    @property
    def is_idle(self) -> bool:
        """Return whether no request is being answered and nothing is left to send."""
        return not self.requests and not self.total_outbufs_len

    def is_overdue(self, now: float, reading: float, idle: float) -> bool:
        """Return whether the server has waited too long for a request on this connection.

        A request may take `reading` seconds to arrive. The first request must begin within `reading` seconds, and each
        later one within `idle` seconds after the connection last received bytes.
        """
        if self.requests:
            return False
        if self.request is not None:
            arrived: float = self.request.arrived
            return now > arrived + reading
        return now > self._heard + (idle if self._has_asked else reading)


class WebServer(TcpWSGIServer):  # type: ignore[misc]  # as above
    """A server of one WSGI application. `run` returns only after another thread has called `end`."""

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
        """Listen on the host and port. Raise OSError if the address is in use."""
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
        # Waitress need not warn that requests wait for a thread: the listener logs those that wait too long.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._reading_seconds = reading_seconds
        self._idle_seconds = idle_seconds
        self._ending = threading.Event()
        super().__init__(application, map={}, adj=adjustments)

    def maintenance(self, now: float) -> None:  # noqa: ARG002 - of the time of day; deadlines are of the monotonic clock
        """Close connections that have stalled."""
        moment = time.monotonic()
        for channel in list(self.active_channels.values()):
            if channel.is_overdue(moment, self._reading_seconds, self._idle_seconds):
                channel.will_close = True

    def run(self) -> None:
        """Serve until `end` is called. Then take no new connections and finish the current answers."""
        while not self._ending.is_set():
            self._turn()
        self.accepting = False
        self.del_channel()  # stop listening; the trigger stays, since it wakes the loop when an answer is ready
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
        """Make `run` stop. The handler of a signal may call this."""
        self._ending.set()
        self.pull_trigger()

    def _turn(self) -> None:
        wasyncore.loop(timeout=_LOOK_SECONDS, use_poll=True, map=self._map, count=1)


def serve_http(build: Callable[[], tuple[Any, Callable[[], None]]], *, host: str, port: int) -> None:
    """Serve HTTP until the process gets SIGINT or SIGTERM. The call returns only then.

    `build` is called once the bot listens on the address. It returns the WSGI application and a function to call at the
    end. Requests that arrive before `build` returns must wait. Raise Misconfigured if the address is in use.
    """
    built: list[Any] = []

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        return built[0](environ, start_response)

    try:
        server = WebServer(application, host=host, port=port)
    except OSError as taken:
        raise Misconfigured(
            f"Can't listen on {host}:{port} ({taken.strerror}). Set PANELBOT_PORT to a free port, and PANELBOT_HOST to "
            "an address of this machine."
        ) from None
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.end())
    served, end = build()
    built.append(served)
    try:
        server.run()
    finally:
        end()


_ADDRESS = re.compile(re.escape(FEED_PATH) + r"([A-Za-z0-9_-]{20,100})\.ics")


#: An HTTP status, headers and a body.
HttpAnswer = tuple[str, list[tuple[str, str]], bytes]


def answer_feed(store: Store, path: str, method: str, known_tag: str) -> HttpAnswer:
    """Return the answer to a calendar program. `known_tag` is the version that the program has (If-None-Match).

    The answer is the same for a wrong address, a revoked address and the address of a person who left. The address is
    never logged.
    """
    if method not in ("GET", "HEAD"):
        return _said("405 Method Not Allowed")
    try:
        found = _ADDRESS.fullmatch(path)
        if found is None or store.public_url is None:
            return _said("404 Not Found")
        with store.reading() as work:
            feed = fetch_feed(work, found[1])
    except Exception as unexpected:  # noqa: BLE001 - the server would log the address with it
        incident(unexpected)
        return _said("503 Service Unavailable")
    if feed is None:
        return _said("404 Not Found")
    # Programs must ask before they use a stored feed, since its owner's access may have ended.
    headers = [("ETag", f'"{feed.tag}"'), ("Cache-Control", "private, no-cache")]
    if feed.tag in known_tag:
        return "304 Not Modified", headers, b""
    plain = [("Content-Type", "text/calendar; charset=utf-8"), ("X-Content-Type-Options", "nosniff")]
    length = ("Content-Length", str(len(feed.content)))
    return "200 OK", [*plain, *headers, length], feed.content if method == "GET" else b""


def _said(status: str) -> HttpAnswer:
    body = status.encode()
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    return status, headers, body


_WEB = "application/x-www-form-urlencoded"


class Door:
    """The WSGI application for Slack's signed requests to `/slack/events`, `/healthz`, and people's calendar feeds.

    Signatures are checked on the raw bytes before a body is parsed. Bolt's own adapter parses first, answers 500 to a
    malformed signature, logs bodies with a wrong one, and loses every form with the word "payload" in it.
    """

    def __init__(self, app: App, signing_secret: str, store: Store, is_healthy: Callable[[], bool]) -> None:
        self._app = app
        self._store = store
        self._verifier = SignatureVerifier(signing_secret)
        self._is_healthy = is_healthy

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request through WSGI."""
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith(FEED_PATH):
            known_tag = environ.get("HTTP_IF_NONE_MATCH", "")
            status, headers, body = answer_feed(self._store, path, environ["REQUEST_METHOD"], known_tag)
        else:
            status, content_type, body = self._answer(environ)
            headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
        start_response(status, headers)
        return [body]

    def _answer(self, environ: "WSGIEnvironment") -> tuple[str, str, bytes]:
        path, method = environ.get("PATH_INFO"), environ.get("REQUEST_METHOD")
        if path == "/healthz" and method in ("GET", "HEAD"):
            return ("200 OK", "text/plain", b"ok") if self._is_healthy() else _problem("503 Service Unavailable")
        if path != PATH:
            return _problem("404 Not Found")
        if method == "GET" and "ssl_check=1" in environ.get("QUERY_STRING", ""):
            return "200 OK", "text/plain", b""  # Slack checks the certificate from time to time (slash commands)
        if method != "POST":
            return _problem("405 Method Not Allowed")
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            return _problem("400 Bad Request")
        if int(length) > MOST_BYTES:
            return _problem("413 Content Too Large")
        raw = environ["wsgi.input"].read(int(length))
        if not self._is_signed(raw, environ):
            return _problem("401 Unauthorized")
        try:
            body = _parsed(raw, environ.get("CONTENT_TYPE", ""))
        except ValueError:
            return _problem("400 Bad Request")
        if body.get("ssl_check") == "1":
            return "200 OK", "text/plain", b""
        # X-Slack-Request-Timestamp would be less exact: whole seconds, by the clock of another machine.
        context = {ARRIVED: environ.get(WSGI_ARRIVED)}
        response = dispatch(self._app, self._store, body, context)
        content_type = response.headers.get("content-type", ["text/plain"])[0]
        return f"{response.status} {HTTPStatus(response.status).phrase}", content_type, response.body.encode()

    def _is_signed(self, raw: bytes, environ: "WSGIEnvironment") -> bool:
        timestamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "")
        signature = environ.get("HTTP_X_SLACK_SIGNATURE", "")
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 12 and signature.isascii()):
            return False
        try:
            return self._verifier.is_valid(raw, timestamp, signature)
        except ValueError:  # bytes that are not UTF-8: Slack sends none
            return False


def _problem(status: str) -> tuple[str, str, bytes]:
    return status, "text/plain", status.encode()


def _parsed(raw: bytes, content_type: str) -> dict[str, Any]:
    """Return the payload of a signed body. Raise ValueError if Slack would not send such a body."""
    if content_type.partition(";")[0].strip().lower() != _WEB:
        body = _json(raw)
    else:
        form = dict(parse_qsl(raw.decode(), keep_blank_values=True))
        body = _json(form["payload"]) if "payload" in form else form
    if not isinstance(body, dict):
        raise ValueError("a payload is an object")
    return body


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("a payload is not that deep") from None
