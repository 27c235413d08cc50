"""The door for signed HTTP and calendar feeds: what is let in, and what it is answered."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from slack_bolt import App, BoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.services.diary.calendars import FEED_PATH, fetch_feed
from bot.slack import web_server
from bot.slack.app import ARRIVED
from bot.slack.incidents import incident
from bot.slack.manifest import PATH
from bot.store.unit_of_work import Store

_ADDRESS = re.compile(re.escape(FEED_PATH) + r"([A-Za-z0-9_-]{20,100})\.ics")


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """One answer over HTTP."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


class CalendarFeeds:
    """Answers calendar programs. Wrong, revoked and left are one and the same answer; the address is never logged."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def answer(self, path: str, method: str, known_tag: str = "") -> FeedAnswer:
        """One request; `known_tag` is what the calendar program has already (If-None-Match)."""
        if method not in ("GET", "HEAD"):
            return _said("405 Method Not Allowed")
        try:
            found = _ADDRESS.fullmatch(path)
            if found is None or self._store.public_url is None:
                return _said("404 Not Found")
            with self._store.reading() as work:
                feed = fetch_feed(work, found[1])
        except Exception as unexpected:  # noqa: BLE001 - the server would log the address with it
            incident(unexpected)
            return _said("503 Service Unavailable")
        if feed is None:
            return _said("404 Not Found")
        # Whoever's access ends gets nothing at the next look, so nobody may keep it without looking.
        headers = (("ETag", f'"{feed.tag}"'), ("Cache-Control", "private, no-cache"))
        if feed.tag in known_tag:
            return FeedAnswer("304 Not Modified", headers)
        plain = ("Content-Type", "text/calendar; charset=utf-8"), ("X-Content-Type-Options", "nosniff")
        length = ("Content-Length", str(len(feed.content)))
        return FeedAnswer("200 OK", (*plain, *headers, length), feed.content if method == "GET" else b"")


def _said(status: str) -> FeedAnswer:
    body = status.encode()
    headers = (("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"))
    return FeedAnswer(status, headers, body)


if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

_WEB = "application/x-www-form-urlencoded"


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
        if int(length) > web_server.MOST_BYTES:
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
        # X-Slack-Request-Timestamp is no better measure: whole seconds, of another machine's clock.
        context = {ARRIVED: environ.get(web_server.ARRIVED)}
        response = self._app.dispatch(BoltRequest(mode="socket_mode", body=body, context=context))
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
