"""The page's routes, and the guard of the practice server, which lets in only the bot and the practice page."""

from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from bot.practice.page.controls import Controls
from bot.practice.page.deeds import Deeds
from bot.practice.page.directory import directory
from bot.practice.page.screen import Marks, Papers, Window
from bot.slack.registry import Registry

#: Headers with which the browser shows no text as HTML and loads nothing from other sites.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_OURS = frozenset({"same-origin", "none"})  # "none": typed into the address bar, or a link in a terminal


class Guard:
    """Refuses requests from pages of other sites, and requests under a host name that is not this machine's own.

    The addresses of the local Slack are guarded too, since the practice tokens are no secret.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on an HTTP request or a WebSocket, or refuse it with one line that says why."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        why = refusal(scope)
        if why is None:
            await self._app(scope, receive, send if scope["type"] == "websocket" else _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": why})
        else:
            await PlainTextResponse(f"{why}\n", status_code=403)(scope, receive, send)


def refusal(scope: Scope) -> str | None:
    """Return why a request is refused, or None if it is allowed."""
    headers = Headers(scope=scope)
    port = scope["server"][1]
    host = headers.get("host", "")
    if host not in {f"127.0.0.1:{port}", f"localhost:{port}"}:
        return "Practice mode answers only to its own address on this machine."
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return "Practice mode does not answer pages of other sites."
    site = headers.get("sec-fetch-site", "none")
    if site not in _OURS and not _is_visit(scope, headers):
        return "Practice mode does not answer pages of other sites."
    return None


def _is_visit(scope: Scope, headers: Headers) -> bool:
    """Return whether a browser asks only to show the practice page, as after a click on a link."""
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and urlsplit(scope["path"]).path == "/"
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers


if TYPE_CHECKING:
    from bot.practice.mode import PracticeMode

_KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_STATIC = files("bot.practice.page") / "static"


def mount(practice: "PracticeMode", registry: Registry) -> Controls:
    """Add the page's routes and the guard to the workspace, before it starts. Return the controls."""
    workspace = practice.workspace
    marks: Marks = {}
    controls = Controls(practice, marks)
    papers = Papers(workspace)

    async def who_and_what(_request: Request) -> Response:
        return JSONResponse(directory(workspace, practice.county, registry))

    async def live(socket: WebSocket) -> None:
        await Window(socket, workspace, controls.looks, marks).serve()

    workspace.serve_also(
        [
            Route("/", _static, methods=["GET"]),
            Route("/page/static/{name}", _static, methods=["GET"]),
            Route("/page/directory", who_and_what, methods=["GET"]),
            Route("/page/do/{deed}", Deeds(workspace).answer, methods=["POST"]),
            Route("/page/control/{control}", controls.answer, methods=["POST"]),
            Route("/page/payload", papers.payload, methods=["GET"]),
            Route("/page/traffic", papers.traffic, methods=["GET"]),
            Route("/page/file/{file}/{name}", papers.download, methods=["GET"]),
            WebSocketRoute("/page/live", live),
        ],
        Guard,
    )
    return controls


def _static(request: Request) -> Response:
    """Return one of the page's own files. The file is read for each request, so that changes show at once."""
    there = {entry.name: entry for entry in _STATIC.iterdir()}
    name = request.path_params.get("name", "index.html")
    if name not in there:
        return PlainTextResponse("not found", status_code=404)
    kind = _KINDS.get(name.rpartition(".")[2])
    return Response(there[name].read_bytes(), media_type=kind, headers={"Cache-Control": "no-cache"})
