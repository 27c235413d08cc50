"""Socket Mode: the bot's outgoing sockets to Slack. Each is replaced before Slack closes it.

Every few hours Slack announces that it will close a socket some seconds later. The bot then opens a new socket, and
keeps the old one until all envelopes that came over the old one are answered.
"""

import contextlib
import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from socket import SHUT_RDWR
from typing import Any, Final

import websocket
from slack_bolt import App
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.slack.app import ARRIVED, reached
from bot.slack.payloads import dispatch
from bot.slack.sender import tls_context
from bot.store.unit_of_work import Store

log = logging.getLogger(__name__)

CONCURRENCY = 16
PING_SECONDS = 5.0
#: A socket without any message for this long, not even an answer to a ping, counts as dead.
SILENCE_SECONDS = 20.0
#: How long a replaced socket is kept. Slack closes it about ten seconds after its announcement.
RETIRED_SECONDS = 30.0
_HANDSHAKE_SECONDS: Final = 5.0
_FAREWELL_SECONDS: Final = 0.5
_SETTLED_SECONDS: Final = 5.0
_LONGEST_PAUSE: Final = 30.0  # seconds between tries while Slack cannot be reached

_BROKEN = (websocket.WebSocketException, OSError, ValueError)


class Line:
    """One socket to Slack. A thread of its own reads envelopes, and each is answered on the socket it came over."""

    def __init__(self, url: str, owner: "Socket") -> None:
        """Connect to Slack. Raise WebSocketException or OSError if the connection fails."""
        options = {"context": tls_context()} if url.startswith("wss:") else None
        self._socket = websocket.create_connection(
            url, timeout=_HANDSHAKE_SECONDS, sslopt=options, enable_multithread=True, skip_utf8_validation=True
        )
        self._socket.settimeout(1.0)
        self._owner = owner
        self._heard = self._pinged = time.monotonic()
        self._lock = threading.Lock()
        self._unanswered = 0
        self._retired: float | None = None
        self.has_greeted = threading.Event()
        self.is_open = True
        self._thread = threading.Thread(target=self._run, name="socket", daemon=True)

    def start(self) -> None:
        """Start the thread that reads the socket."""
        self._thread.start()

    def retire(self) -> None:
        """Mark the socket as replaced.

        The socket ends when Slack closes it, or after RETIRED_SECONDS with nothing to answer.
        """
        self._retired = time.monotonic()

    @property
    def is_retired(self) -> bool:
        """Return whether the socket is marked as replaced."""
        return self._retired is not None

    def reply(self, envelope_id: str, payload: dict[str, Any] | None) -> None:
        """Acknowledge an envelope, with `payload` as the answer if it is not None.

        Errors are ignored: if the socket is gone, Slack no longer waits for the acknowledgement.
        """
        answer: dict[str, Any] = {"envelope_id": envelope_id}
        if payload is not None:
            answer["payload"] = payload
        with contextlib.suppress(*_BROKEN):
            self._socket.send(json.dumps(answer))

    def answered(self) -> None:
        """Count one envelope that came over this socket as answered."""
        with self._lock:
            self._unanswered -= 1

    def close(self) -> None:
        """Close the socket, which ends its thread."""
        self.is_open = False
        with contextlib.suppress(*_BROKEN, AttributeError):  # its thread may have closed it meanwhile
            self._socket.send_close()
            self._socket.sock.shutdown(SHUT_RDWR)  # type: ignore[union-attr]  # suppressed
        if self._thread.is_alive():
            self._thread.join(_FAREWELL_SECONDS)

    def _run(self) -> None:
        try:
            while self.is_open:
                self._read()
                now = time.monotonic()
                if is_silent(heard=self._heard, now=now):
                    log.warning("the socket has fallen silent; connecting again")
                    break
                if self._retired is not None and now > self._retired + RETIRED_SECONDS and not self._unanswered:
                    break
                if now > max(self._heard, self._pinged) + PING_SECONDS:
                    self._pinged = now
                    self._socket.ping()
        except _BROKEN as broken:
            if self.is_open and not self.is_retired:
                log.warning("the socket has broken off: %s", type(broken).__name__)
        finally:
            self.is_open = False
            with contextlib.suppress(*_BROKEN):
                self._socket.shutdown()  # type: ignore[no-untyped-call]
            self._owner.lost(self)

    def _read(self) -> None:
        try:
            opcode, frame = self._socket.recv_data_frame(control_frame=True)
        except websocket.WebSocketTimeoutException:
            return
        self._heard = time.monotonic()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            self.is_open = False
        elif opcode == websocket.ABNF.OPCODE_TEXT:
            self._take(json.loads(frame.data), self._heard)

    def _take(self, message: Any, arrived: float) -> None:
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "hello":
            self.has_greeted.set()
        elif kind == "disconnect":
            self._owner.announced(self, str(message.get("reason")))
        elif kind is not None and isinstance(message.get("envelope_id"), str):
            with self._lock:
                self._unanswered += 1
            self._owner.take(self, message, arrived)


class Socket:
    """The connection to Slack: one current socket, earlier ones that are ending, and threads that answer envelopes."""

    def __init__(self, app: App, app_token: str, store: Store) -> None:
        self._app = app
        self._store = store
        self._app_token = app_token
        self._pool = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="listener")
        self._change = threading.Condition()
        self._current: Line | None = None
        self._lines: set[Line] = set()
        self._is_stopping = False
        self._connected_at = -_SETTLED_SECONDS
        self._keeper = threading.Thread(target=self._keep_connected, name="socket-keeper", daemon=True)

    def start(self) -> None:
        """Connect, and connect again whenever the socket ends. Raise Misconfigured if Slack refuses the token."""
        address = self._app.client.base_url
        url = reached(self._new_address, setting="SLACK_APP_TOKEN", address=address)
        with contextlib.suppress(*_BROKEN):  # the keeper goes on trying
            self._connect(url)
        self._keeper.start()

    def stop(self) -> None:
        """Take no new envelopes, finish the current answers, and close the sockets."""
        with self._change:
            self._is_stopping = True
            self._change.notify_all()
        if self._keeper.is_alive():
            self._keeper.join()
        self._pool.shutdown(wait=True)
        with self._change:
            lines = list(self._lines)
        for line in lines:
            line.close()

    def take(self, line: Line, envelope: dict[str, Any], arrived: float) -> None:
        """Answer an envelope in the pool of threads.

        After `stop`, ignore the envelope, so that Slack reports a failure to the person.
        """
        with self._change:
            if not self._is_stopping:
                self._pool.submit(self._answer, line, envelope, arrived)
                return
        line.answered()

    def announced(self, line: Line, reason: str) -> None:
        """Mark a socket as replaced after Slack has announced that it will be closed. A new socket is then opened."""
        log.info("Slack will close the socket (%s)", reason)
        with self._change:
            line.retire()
            self._change.notify_all()

    def lost(self, line: Line) -> None:
        """Remove a socket that has closed."""
        with self._change:
            self._lines.discard(line)
            if self._current is line:
                self._current = None
            self._change.notify_all()

    def _answer(self, line: Line, envelope: dict[str, Any], arrived: float) -> None:
        try:
            response = dispatch(self._app, self._store, envelope.get("payload"), {ARRIVED: arrived})
            if response.status != 200:  # not acknowledged: Slack delivers an event again
                return
            kind = response.headers.get("content-type", [""])[0]
            payload: dict[str, Any] | None = None
            if response.body:
                payload = json.loads(response.body) if kind.startswith("application/json") else {"text": response.body}
            line.reply(str(envelope["envelope_id"]), payload)
        finally:
            line.answered()

    def _keep_connected(self) -> None:
        tries = 0
        while True:
            with self._change:
                self._change.wait_for(lambda: self._is_stopping or self._current is None or self._current.is_retired)
                # A socket that breaks within seconds counts as a failed try, so that the pauses grow.
                if not tries and time.monotonic() < self._connected_at + _SETTLED_SECONDS:
                    tries = 1
                if tries:
                    self._change.wait_for(lambda: self._is_stopping, min(_LONGEST_PAUSE, 0.25 * 2.0 ** min(tries, 7)))
                if self._is_stopping:
                    return
            tries = 0 if self._reconnected() else tries + 1

    def _reconnected(self) -> bool:
        try:
            self._connect(self._new_address())
        except (SlackClientError, *_BROKEN) as away:
            word = away.response.get("error") if isinstance(away, SlackApiError) else type(away).__name__
            log.warning("could not connect: %s", word)
            return False
        return True

    def _new_address(self) -> str:
        return str(self._app.client.apps_connections_open(app_token=self._app_token)["url"])

    def _connect(self, url: str) -> None:
        """Open a new socket. Once Slack has greeted on it, make it the current one and mark the others as replaced."""
        line = Line(url, self)
        with self._change:
            self._lines.add(line)
        line.start()
        if not line.has_greeted.wait(_HANDSHAKE_SECONDS):
            line.close()
            raise TimeoutError
        with self._change:
            self._current = line if line.is_open else None
            self._connected_at = time.monotonic()
            for other in self._lines - {line}:
                other.retire()


def is_silent(*, heard: float, now: float) -> bool:
    """Return whether nothing has come over a socket for too long, although the bot pings a quiet socket."""
    return now - heard > SILENCE_SECONDS
