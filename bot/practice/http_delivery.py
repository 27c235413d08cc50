"""The same deliveries as signed POSTs (docs.slack.dev authentication/verifying-requests-from-slack)."""

import asyncio
import contextlib
import hashlib
import hmac
import http.client
import json
import socket
import threading
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.practice.delivery import Acknowledgement, Delivery
from bot.practice.records import Json
from bot.practice.stopwatch import Stopwatch


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the `v0` signature over `v0:timestamp:body`."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()


class HttpDelivery:
    """Posts to one request URL and reads the answer; a POST runs in a thread so that the loop stays free."""

    def __init__(
        self, request_url: str, signing_secret: str, stopwatch: Stopwatch, *, acknowledge_within: float
    ) -> None:
        self.request_url = request_url
        self.acknowledge_within = acknowledge_within
        self._secret = signing_secret
        self._stopwatch = stopwatch

    async def send(self, delivery: Delivery, *, attempt: int, reason: str) -> Acknowledgement:
        """Post once: form for commands, `payload=` for interactivity, JSON for events."""
        if delivery.kind == "events_api":
            kind, body = "application/json", json.dumps(delivery.payload).encode()
        else:
            fields = (
                delivery.payload if delivery.kind == "slash_commands" else {"payload": json.dumps(delivery.payload)}
            )
            kind, body = "application/x-www-form-urlencoded", urlencode(fields).encode()
        headers = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason} if attempt else {}
        answer = await self._post(body, kind, headers)
        return answer if delivery.accepts_response else Acknowledgement(answer.reason)

    async def challenge(self) -> bool:
        """Do Slack's `url_verification` handshake; True when the challenge came back (Events API: request URLs)."""
        challenge = hashlib.sha256(str(time.time_ns()).encode()).hexdigest()
        body: Json = {"token": "practice", "challenge": challenge, "type": "url_verification"}
        answer = await self._post(json.dumps(body).encode(), "application/json", {})
        given = answer.payload.get("challenge") if isinstance(answer.payload, dict) else answer.payload
        return answer.reason == "ok" and given == challenge

    async def _post(self, body: bytes, content_type: str, headers: dict[str, str]) -> Acknowledgement:
        # The real clock, not practice mode's: receivers refuse anything older than five real minutes.
        timestamp = str(int(time.time()))
        signed = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self._secret, timestamp, body),
            **headers,
        }
        post = _Post(self.request_url, body, signed)
        until = self._stopwatch.seconds() + self.acknowledge_within
        answer = post.begin(asyncio.get_running_loop())
        try:
            if await self._stopwatch.in_time(answer, until):
                return answer.result()
            return Acknowledgement("timeout")
        finally:
            post.hang_up()


class _Post:
    """One POST in a thread of its own, which can be given up from outside."""

    def __init__(self, url: str, body: bytes, headers: dict[str, str]) -> None:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port)
        self._target = f"{parts.path or '/'}?{parts.query}".removesuffix("?")
        self._body, self._headers = body, headers

    def begin(self, loop: asyncio.AbstractEventLoop) -> "asyncio.Future[Acknowledgement]":
        """Send; what came of it arrives in the future, on its loop."""
        answer: asyncio.Future[Acknowledgement] = loop.create_future()

        def tell(came_of_it: Acknowledgement) -> None:
            if not answer.done():
                answer.set_result(came_of_it)

        def run() -> None:
            came_of_it = self._answer()
            with contextlib.suppress(RuntimeError):  # the workspace has stopped meanwhile
                loop.call_soon_threadsafe(tell, came_of_it)

        threading.Thread(target=run, name="practice-post", daemon=True).start()
        return answer

    def hang_up(self) -> None:
        """End the wait for an answer, as Slack does once it has come or is too late."""
        connected = self._connection.sock
        if connected is not None:
            with contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)

    def _answer(self) -> Acknowledgement:
        try:
            with contextlib.closing(self._connection):
                self._connection.request("POST", self._target, self._body, self._headers)
                with self._connection.getresponse() as response:
                    if response.status >= 300:
                        return Acknowledgement("client_error" if response.status < 500 else "server_error")
                    return Acknowledgement("ok", _content(response.headers.get_content_type(), response.read()))
        except (OSError, http.client.HTTPException):
            return Acknowledgement("unreachable")


def _content(content_type: str, body: bytes) -> Any:
    text = body.decode(errors="replace")
    if not text:
        return None
    if content_type == "application/json":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
