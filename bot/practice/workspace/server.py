"""The loopback server of the workspace: its HTTP and WebSocket routes, and connections that faults can break."""

import asyncio
import json
import socket
import threading
from asyncio import Transport
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.practice.stopwatch import GIVE_UP_SECONDS
from bot.practice.workspace import files_api, messages_api
from bot.practice.workspace.faults import Fault, Faults
from bot.practice.workspace.findings import ApiError
from bot.practice.workspace.socket_mode import SocketMode
from bot.practice.workspace.state import State
from bot.practice.workspace.web_api import Answer, WebApi, rate_limited, read_body

HOST = "127.0.0.1"

T = TypeVar("T")


class Routes:
    """The handlers for all addresses of the server."""

    def __init__(self, state: State, web_api: WebApi, sockets: SocketMode, faults: Faults) -> None:
        self.state = state
        self.web_api = web_api
        self.sockets = sockets
        self.faults = faults
        self.transports: dict[tuple[str, int], Transport] = {}
        #: The routes of a page beside Slack's own, and the guard in front of all routes.
        self.more: Sequence[BaseRoute] = ()
        self.guard: Callable[[ASGIApp], ASGIApp] = _open_door

    def all(self) -> list[BaseRoute]:
        """Return all routes for starlette."""
        return [
            Route("/api/{method}", self.api, methods=["GET", "POST"]),
            Route("/commands/{rest:path}", self.response_url, methods=["POST"]),
            Route("/actions/{rest:path}", self.response_url, methods=["POST"]),
            Route("/upload/v1/{token}", self.upload, methods=["POST", "PUT"]),
            Route("/files-pri/{file}/{name}", self.download, methods=["GET"]),
            WebSocketRoute("/link/", self.sockets.serve),
            *self.more,
        ]

    async def api(self, request: Request) -> Response:
        """Answer a call of the Web API. A queued fault can make it fail before or after the method does its work."""
        method = request.path_params["method"]
        body = await request.body()
        fault = self.faults.take(method)
        if fault is not None and not fault.effect:
            return await self._strike(fault, request, None)
        answer = _reply(self._answer(method, request, body))
        return answer if fault is None else await self._strike(fault, request, answer)

    def _answer(self, method: str, request: Request, body: bytes) -> Answer:
        try:
            args, is_json = read_body(request.headers.get("content-type", ""), request.url.query, body)
        except ApiError as refused:
            return self.web_api.refused(method, refused.error)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        bearer = token.strip() if scheme.lower() == "bearer" else None
        return self.web_api.call(method, args, is_json=is_json, bearer=bearer)

    async def _strike(self, fault: Fault, request: Request, answer: Response | None) -> Response:
        if fault.kind == "rate_limited":
            return _reply(Answer(rate_limited(), 429, {"Retry-After": str(fault.retry_after)}))
        if fault.kind == "server_error":
            return PlainTextResponse("Internal Server Error", status_code=fault.status)
        if fault.kind == "api_error":
            return _reply(Answer({"ok": False, "error": fault.error}))
        if fault.kind == "page":
            return HTMLResponse("<html><body>This page is not Slack's.</body></html>", status_code=fault.status)
        if fault.kind == "body":
            return Response(fault.error, status_code=fault.status, media_type="application/json")
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "disconnect_sockets":
            self.cut_sockets()
        elif fault.kind == "drop":
            self.cut(request.scope)
            # Let the event loop notice the broken connection before this request ends without an answer.
            await asyncio.sleep(0.01)
        return answer if answer is not None else Response()

    def cut(self, scope: Scope) -> None:
        """Break the TCP connection of a request or socket without warning."""
        transport = self.transports.get(tuple(scope["client"]))
        if transport is not None:
            transport.abort()

    def cut_sockets(self) -> None:
        """Break every Socket Mode connection without warning."""
        for connection in list(self.sockets.connections):
            self.cut(connection.socket.scope)

    async def response_url(self, request: Request) -> Response:
        """Accept a POST to a response_url, unless a fault for `response_url` is set."""
        said = await request.body()

        def take() -> Response:
            try:
                messages_api.receive_response(self.state, request.url.path, json.loads(said))
            except ValueError:
                return PlainTextResponse("invalid_payload", status_code=400)
            except ApiError as refused:
                return PlainTextResponse(refused.error, status_code=404 if refused.error.endswith("_url") else 400)
            return PlainTextResponse("ok")

        return await self._unless_struck("response_url", request, take)

    async def upload(self, request: Request) -> Response:
        """Accept the bytes of a file, unless a fault for `upload` is set."""
        token, body = request.path_params["token"], await request.body()

        def take() -> Response:
            if files_api.receive(self.state, token, body):
                return PlainTextResponse(f"OK - {len(body)}")
            return PlainTextResponse("upload failed", status_code=400)

        return await self._unless_struck("upload", request, take)

    async def _unless_struck(self, name: str, request: Request, take: Callable[[], Response]) -> Response:
        """Return the result of `take`, or make the request fail if a fault for `name` is set.

        At these addresses, an API error is plain text with status 404.
        """
        fault = self.faults.take(name, whichever=False)
        if fault is None:
            return take()
        answer = take() if fault.effect else None
        if fault.kind == "api_error":
            return PlainTextResponse(fault.error, status_code=404)
        return await self._strike(fault, request, answer)

    async def download(self, request: Request) -> Response:
        """Return a file to a caller with the bot token (url_private)."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        file = self.state.files.get(request.path_params["file"])
        if scheme.lower() != "bearer" or not self.web_api.is_bot(token) or file is None or file.content is None:
            return PlainTextResponse("not found", status_code=404)
        return Response(file.content, media_type="application/octet-stream")


def _open_door(app: ASGIApp) -> ASGIApp:
    return app


def _reply(answer: Answer) -> Response:
    return JSONResponse(answer.body, status_code=answer.status, headers=answer.headers)


class Server:
    """A uvicorn server in a thread of its own. `loop` is the event loop of that thread."""

    def __init__(self, routes: Routes, *, port: int, ping_seconds: float) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((HOST, port))
        self.address = f"http://{HOST}:{self._socket.getsockname()[1]}"
        transports = routes.transports

        class CuttableProtocol(H11Protocol):
            """uvicorn's HTTP protocol, which also stores each connection's transport, so that faults can break it."""

            def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
                transports[transport.get_extra_info("peername")[:2]] = transport
                super().connection_made(transport)

        config = uvicorn.Config(
            routes.guard(Starlette(routes=routes.all())),
            http=CuttableProtocol,
            ws="websockets-sansio",
            ws_ping_interval=ping_seconds,
            ws_ping_timeout=ping_seconds,
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._ready = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._serve, name="practice-slack", daemon=True)

    def start(self) -> None:
        """Start the server's thread. Return once it answers requests."""
        self.thread.start()
        self._ready.wait(GIVE_UP_SECONDS)
        if not self._server.started:
            raise RuntimeError("the practice workspace did not start")

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the server's event loop from another thread. Return its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(GIVE_UP_SECONDS)

    def stop(self) -> None:
        """Stop the server and free the port."""
        self._server.should_exit = True
        self.thread.join(GIVE_UP_SECONDS)
        self._socket.close()

    def _serve(self) -> None:
        async def serve() -> None:
            serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
            while not self._server.started and not serving.done():
                await asyncio.sleep(0.005)
            self._ready.set()
            await serving

        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.run(serve())
