"""Deliveries to the app and their acknowledgements.

If an event can't be delivered, it is sent again. A person's act is delivered only once.
"""

import asyncio
import contextlib
import hashlib
import hmac
import http.client
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import urlencode, urlsplit

from bot.practice.stopwatch import Stopwatch
from bot.practice.workspace.records import Json
from bot.practice.workspace.state import State

Kind = Literal["slash_commands", "interactive", "events_api"]
Reason = Literal["ok", "timeout", "unreachable", "client_error", "server_error", "bad_response"]

#: Seconds before each retry of an event (Events API, "retries"): at once, after one minute, after five minutes.
RETRY_AFTER = (0.0, 60.0, 300.0)

#: The word in the retry header for each failure of the attempt before (Events API: X-Slack-Retry-Reason).
RETRY_REASONS = {
    "timeout": "http_timeout",
    "unreachable": "connection_failed",
    "client_error": "http_error",
    "server_error": "http_error",
}


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The result of one attempt to deliver. `payload` is the JSON or text in the app's answer, if there is any."""

    reason: Reason
    payload: Any = None


@dataclass(slots=True)
class Delivery:
    """One delivery to the app: its payload, whether the app may answer with content, and the result of each attempt."""

    kind: Kind
    payload: Json
    accepts_response: bool
    attempts: list[Acknowledgement] = field(default_factory=list)

    @property
    def acknowledged(self) -> bool:
        """Return whether the app has acknowledged the delivery."""
        return any(attempt.reason == "ok" for attempt in self.attempts)


class Transport(Protocol):
    """A way to reach the app: over a socket or by a signed POST."""

    async def send(self, delivery: Delivery, *, attempt: int, reason: str) -> Acknowledgement:
        """Make one attempt to deliver, and return the result.

        Wait for the acknowledgement no longer than Slack would.
        """


class Courier:
    """Sends deliveries to the app. Any thread may call its methods, while its tasks run on the server's event loop."""

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
        """Set the event loop on which deliveries are sent, and the identity of the thread that runs this loop."""
        self._loop = loop
        self._thread = thread

    def detach(self) -> None:
        """Cancel all repeated deliveries that have not begun. Call this on the event loop."""
        for task in list(self._tasks):
            task.cancel()

    def ask(self, delivery: Delivery) -> Acknowledgement:
        """Deliver a person's act and return the app's answer.

        Raise RuntimeError if the server's own thread calls this.
        """
        if self._loop is None:
            return Acknowledgement("unreachable")
        if threading.get_ident() == self._thread:
            raise RuntimeError("a person cannot wait for the app on the server's own thread")
        with self.state.lock:
            self.deliveries.append(delivery)
        return asyncio.run_coroutine_threadsafe(self._once(delivery, 0, ""), self._loop).result()

    def tell(self, delivery: Delivery) -> None:
        """Deliver an event in the background, with retries like Slack's. The caller may hold the lock of `state`."""
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
        # An event that waits a minute for its next attempt doesn't count as under way, so that no test waits for it.
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


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return Slack's `v0` signature of a body, made over `v0:timestamp:body`."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()


class HttpDelivery:
    """Posts deliveries to one request URL, without TLS. Each POST has its own thread, so the event loop never waits."""

    def __init__(
        self, request_url: str, signing_secret: str, stopwatch: Stopwatch, *, acknowledge_within: float
    ) -> None:
        self.request_url = request_url
        self.acknowledge_within = acknowledge_within
        self._secret = signing_secret
        self._stopwatch = stopwatch
        # A thread for each POST under way, so that none waits for another.
        self._threads = ThreadPoolExecutor(1000, thread_name_prefix="practice-post")

    async def send(self, delivery: Delivery, *, attempt: int, reason: str) -> Acknowledgement:
        """Post one delivery: commands as a form, interactivity as `payload=` and events as JSON."""
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
        """Send Slack's `url_verification`. Return whether the challenge came back (Events API: request URLs)."""
        challenge = hashlib.sha256(str(time.time_ns()).encode()).hexdigest()
        body: Json = {"token": "practice", "challenge": challenge, "type": "url_verification"}
        answer = await self._post(json.dumps(body).encode(), "application/json", {})
        given = answer.payload.get("challenge") if isinstance(answer.payload, dict) else answer.payload
        return answer.reason == "ok" and given == challenge

    async def _post(self, body: bytes, content_type: str, headers: dict[str, str]) -> Acknowledgement:
        # The real time, and not the moved clock: receivers refuse requests older than five real minutes.
        timestamp = str(int(time.time()))
        signed = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self._secret, timestamp, body),
            **headers,
        }
        address = urlsplit(self.request_url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port)
        until = self._stopwatch.seconds() + self.acknowledge_within
        loop = asyncio.get_running_loop()
        answer = loop.run_in_executor(self._threads, _answer, connection, address.path or "/", body, signed)
        try:
            if await self._stopwatch.in_time(answer, until):
                return answer.result()
            return Acknowledgement("timeout")
        finally:
            answer.cancel()  # a thread that comes back late must not call a loop that has ended
            connected = connection.sock
            if connected is not None:
                # Slack hangs up once the answer has come or is too late.
                with contextlib.suppress(OSError):
                    connected.shutdown(socket.SHUT_RDWR)


def _answer(connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> Acknowledgement:
    try:
        with contextlib.closing(connection):
            connection.request("POST", path, body, headers)
            with connection.getresponse() as response:
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
