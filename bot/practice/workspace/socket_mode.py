"""Socket Mode: tickets, connections, envelopes, acknowledgements (docs.slack.dev apis/events-api/using-socket-mode)."""

import asyncio
import contextlib
import json
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.practice.workspace.calls import Call
from bot.practice.workspace.delivery import Acknowledgement, Delivery
from bot.practice.workspace.records import Json
from bot.practice.workspace.state import State

MAX_CONNECTIONS = 10  # using-socket-mode: "up to 10 open WebSocket connections at the same time"
CONNECTION_SECONDS = 18_060  # what hello announces; Slack refreshes connections every few hours
REFRESH_SECONDS = 10  # from the announcement to the end of a connection that is refreshed
DEBUG_SECONDS = 360  # using-socket-mode: debug_reconnects=true shortens it

DisconnectReason = Literal["warning", "refresh_requested", "link_disabled"]


@dataclass(eq=False, slots=True)
class Connection:
    """One open socket of the app, with the envelopes that wait for an acknowledgement."""

    socket: WebSocket
    number: int
    unanswered: dict[str, "asyncio.Future[Acknowledgement]"] = field(default_factory=dict)
    retiring: bool = False


class SocketMode:
    """The server's end of all sockets. Its methods run on the server's event loop, except `open`."""

    def __init__(self, state: State, *, acknowledge_within: float) -> None:
        self.state = state
        self.acknowledge_within = acknowledge_within
        self.connections: list[Connection] = []
        self.late: list[str] = []
        self._tickets: set[str] = set()
        self._opened = 0
        self._turn = 0
        self._closing: set[asyncio.Task[None]] = set()

    def open(self, _call: Call) -> Json:
        """Answer apps.connections.open with the address of a socket, for the app-level token only."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        address = self.state.base_url.replace("http://", "ws://")
        return {"url": f"{address}/link/?ticket={ticket}&app_id={self.state.app_id}"}

    async def serve(self, socket: WebSocket) -> None:
        """Serve one socket until it closes. A ticket opens one socket only, and no more than ten may be open."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(4001)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        if len(self.connections) >= MAX_CONNECTIONS:
            await socket.send_text(self._farewell("too_many_websockets"))
            await socket.close()
            return
        connection = Connection(socket, self._opened)
        self._opened += 1
        self.connections.append(connection)
        seconds = DEBUG_SECONDS if socket.query_params.get("debug_reconnects") == "true" else CONNECTION_SECONDS
        hello = {
            "type": "hello",
            "num_connections": len(self.connections),
            "debug_info": {
                "host": f"applink-{connection.number}",
                "build_number": 1,
                "approximate_connection_time": seconds,
            },
            "connection_info": {"app_id": self.state.app_id},
        }
        try:
            await socket.send_text(json.dumps(hello))
            self.state.wake()
            while True:
                self._acknowledged(connection, await socket.receive_text())
        except (WebSocketDisconnect, RuntimeError):
            # The socket is gone, so no acknowledgement can come over it any more.
            pass
        finally:
            if connection in self.connections:
                self.connections.remove(connection)
            for future in connection.unanswered.values():
                if not future.done():
                    future.set_result(Acknowledgement("unreachable"))
            self.state.wake()

    def _acknowledged(self, connection: Connection, text: str) -> None:
        try:
            answer: Any = json.loads(text)
        except ValueError:
            return
        envelope = answer.get("envelope_id") if isinstance(answer, dict) else None
        future = connection.unanswered.get(envelope) if isinstance(envelope, str) else None
        if future is None or future.done():
            if isinstance(envelope, str):
                self.late.append(envelope)
            return
        future.set_result(Acknowledgement("ok", answer.get("payload")))

    def _farewell(self, reason: str) -> str:
        host = {"host": "applink-0"}
        return json.dumps({"type": "disconnect", "reason": reason, "debug_info": host})

    async def send(self, delivery: Delivery, *, attempt: int, reason: str) -> Acknowledgement:
        """Send an envelope over the next socket, so that all sockets get their share.

        Wait until the app acknowledges the envelope on the same socket. Return how the delivery ended.
        """
        ready = [connection for connection in self.connections if not connection.retiring] or self.connections
        if not ready:
            return Acknowledgement("unreachable")
        self._turn += 1
        connection = ready[self._turn % len(ready)]
        envelope: Json = {
            "envelope_id": str(uuid.uuid4()),
            "payload": delivery.payload,
            "type": delivery.kind,
            "accepts_response_payload": delivery.accepts_response,
        }
        if delivery.kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": "timeout" if reason else ""}
        future: asyncio.Future[Acknowledgement] = asyncio.get_running_loop().create_future()
        connection.unanswered[envelope["envelope_id"]] = future
        until = self.state.stopwatch.seconds() + self.acknowledge_within
        try:
            await connection.socket.send_text(json.dumps(envelope))
        except (WebSocketDisconnect, RuntimeError):
            return Acknowledgement("unreachable")
        if not await self.state.stopwatch.in_time(future, until):
            future.cancel()
            return Acknowledgement("timeout")
        answer = future.result()
        # Slack ignores content in the answer if the envelope said that it accepts none.
        return answer if delivery.accepts_response else Acknowledgement(answer.reason)

    async def disconnect(self, reason: DisconnectReason) -> None:
        """Tell the app that every connection will close.

        With `link_disabled`, close all connections immediately. With `refresh_requested`, close each connection after
        ten seconds, or once the app has opened another one and answered all envelopes. With `warning`, close none.
        """
        for connection in list(self.connections):
            connection.retiring = True
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                await connection.socket.send_text(self._farewell(reason))
                if reason == "link_disabled":
                    await connection.socket.close()
                elif reason == "refresh_requested":
                    task = asyncio.get_running_loop().create_task(self._close_later(connection))
                    self._closing.add(task)
                    task.add_done_callback(self._closing.discard)

    async def _close_later(self, connection: Connection) -> None:
        with contextlib.suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(REFRESH_SECONDS):
                while all(other.retiring for other in self.connections) or any(
                    not future.done() for future in connection.unanswered.values()
                ):
                    await asyncio.sleep(0.02)
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await connection.socket.close()
