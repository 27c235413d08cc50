"""How Slack reaches the bot: over an outgoing socket, or by signed HTTP."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk.signature import SignatureVerifier

from bot.services.calendars import FEED_PATH
from bot.slack.feeds import CalendarFeeds
from bot.slack.manifest import PATH
from bot.slack.reaching import reached

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

CONCURRENCY = 16
PING_SECONDS = 5.0
#: A socket that has not answered a ping for this long is dead, whatever it says of itself.
SILENCE_SECONDS = 20.0
FAREWELL_SECONDS = 1.0
_MOST_BYTES = 1_000_000  # a view has at most 250 kB
_WEB = "application/x-www-form-urlencoded"


class Socket:
    """Socket Mode with a watch on the pings: `is_connected()` may say yes on a dead socket.

    Uses slack_sdk's websocket_client: after a server restart it was back in 7 s, the builtin client in 52 s.
    """

    def __init__(self, app: App, app_token: str) -> None:
        self._handler = SocketModeHandler(
            app, app_token, web_client=app.client, ping_interval=PING_SECONDS, concurrency=CONCURRENCY
        )
        self._stopping = threading.Event()
        self._session: Any = None
        self._since = 0.0
        self._watch = threading.Thread(target=self._keep_watch, name="socket-watch", daemon=True)

    def start(self) -> None:
        """Connect, and stay connected; returns at once. Raises Misconfigured when Slack refuses the token."""

        def connect() -> None:
            self._handler.connect()  # type: ignore[no-untyped-call]

        reached(connect, setting="SLACK_APP_TOKEN", address=self._handler.app.client.base_url)
        self._watch.start()

    def stop(self) -> None:
        """Let what is being answered finish, then close."""
        self._stopping.set()
        if self._watch.is_alive():
            self._watch.join()
        client = self._handler.client
        client.closed = True
        client.auto_reconnect_enabled = False
        client.message_processor.shutdown()  # type: ignore[no-untyped-call]
        client.message_workers.shutdown(wait=True)
        # Everything is answered. The closing handshake alone can take the client ten seconds, which nobody needs.
        farewell = threading.Thread(target=self._handler.close, name="socket-close", daemon=True)
        farewell.start()
        farewell.join(FAREWELL_SECONDS)

    def is_connected(self) -> bool:
        """Whether a socket is open and has answered its pings."""
        return bool(self._handler.client.is_connected()) and not self._is_silent()

    def _is_silent(self) -> bool:
        session: Any = self._handler.client.current_session
        if session is not self._session:
            self._session, self._since = session, time.time()
        return is_silent(
            asked=getattr(session, "last_ping_tm", 0.0) or 0.0,
            answered=getattr(session, "last_pong_tm", 0.0) or 0.0,
            since=self._since,
        )

    def _keep_watch(self) -> None:
        while not self._stopping.wait(PING_SECONDS):
            if not self._is_silent():
                continue
            log.warning("the socket has fallen silent; connecting anew")
            try:
                self._handler.client.connect_to_new_endpoint(force=True)
            except Exception as away:  # noqa: BLE001 - tried again at the next look
                log.warning("could not connect: %s", type(away).__name__)


def is_silent(*, asked: float, answered: float, since: float) -> bool:
    """Whether pings have gone unanswered for too long, counting from the last answer or the socket's beginning."""
    return asked - max(answered, since) > SILENCE_SECONDS


class Door:
    """A WSGI application: `/slack/events`, signed, `/healthz`, and people's calendar feeds.

    The signature is checked over the raw bytes before anything is parsed. Bolt's own adapter parses first, answers
    500 to a malformed signature, logs the body of a wrong one, and loses every form with the word "payload" in it.
    """

    def __init__(
        self, app: App, signing_secret: str, feeds: CalendarFeeds, is_healthy: Callable[[], bool] = lambda: True
    ) -> None:
        self._app = app
        self._feeds = feeds
        self._verifier = SignatureVerifier(signing_secret)
        self._is_healthy = is_healthy

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith(FEED_PATH):
            feed = self._feeds.answer(path, environ["REQUEST_METHOD"], environ.get("HTTP_IF_NONE_MATCH", ""))
            start_response(feed.status, list(feed.headers))
            return [feed.body]
        status, content_type, body = self._answer(environ)
        start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body)))])
        return [body]

    def _answer(self, environ: "WSGIEnvironment") -> tuple[str, str, bytes]:
        path, method = environ.get("PATH_INFO"), environ.get("REQUEST_METHOD")
        if path == "/healthz" and method in ("GET", "HEAD"):
            return ("200 OK", "text/plain", b"ok") if self._is_healthy() else _problem("503 Service Unavailable")
        if path != PATH:
            return _problem("404 Not Found")
        if method == "GET" and "ssl_check=1" in environ.get("QUERY_STRING", ""):
            return "200 OK", "text/plain", b""  # Slack looks at the certificate now and then (slash commands)
        if method != "POST":
            return _problem("405 Method Not Allowed")
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            return _problem("400 Bad Request")
        if int(length) > _MOST_BYTES:
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
        response = self._app.dispatch(BoltRequest(mode="socket_mode", body=body))
        content_type = response.headers.get("content-type", ["text/plain"])[0]
        return f"{response.status} {_PHRASES.get(response.status, 'OK')}", content_type, response.body.encode()

    def _is_signed(self, raw: bytes, environ: "WSGIEnvironment") -> bool:
        timestamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "")
        signature = environ.get("HTTP_X_SLACK_SIGNATURE", "")
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 12 and signature.isascii()):
            return False
        try:
            return self._verifier.is_valid(raw, timestamp, signature)
        except ValueError:  # bytes that are not UTF-8: Slack sends none
            return False


_PHRASES = {200: "OK", 404: "Not Found", 500: "Internal Server Error"}


def _problem(status: str) -> tuple[str, str, bytes]:
    return status, "text/plain", status.encode()


def _parsed(raw: bytes, content_type: str) -> dict[str, Any]:
    """The payload of a signed body. Raises ValueError for what Slack does not send."""
    if content_type.partition(";")[0].strip().lower() != _WEB:
        body = json.loads(raw)
    else:
        form = dict(parse_qsl(raw.decode(), keep_blank_values=True))
        body = json.loads(form["payload"]) if "payload" in form else form
    if not isinstance(body, dict):
        raise ValueError("a payload is an object")
    return body


def serve_http(build: Callable[[], tuple[Any, Callable[[], None]]], *, host: str, port: int) -> None:
    """Serve signed HTTP until told to end; blocks.

    `build` is called once in the worker process, since threads and database connections do not survive a fork, and
    returns the WSGI application and what to call at the end.
    """
    from gunicorn.app.base import BaseApplication  # noqa: PLC0415 - only this way of serving needs it

    endings: list[Callable[[], None]] = []

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
        """gunicorn, set up in code."""

        def load_config(self) -> None:
            """One process with threads: the courier and the clock live in it."""
            for name, value in {
                "bind": f"{host}:{port}",
                "workers": 1,
                "worker_class": "gthread",
                "threads": CONCURRENCY,
                "loglevel": "warning",
                "control_socket_disable": True,  # a second way in, and two bots on one machine would share it
                "keepalive": 75,
                "graceful_timeout": 15,
                "worker_exit": lambda _server, _worker: [end() for end in endings],
            }.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            """Called in the worker."""
            application, end = build()
            endings.append(end)
            return application

    Server().run()
