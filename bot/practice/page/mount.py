"""Puts the page beside the workspace's own addresses."""

from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from bot.practice.page.controls import Controls
from bot.practice.page.deeds import Deeds
from bot.practice.page.directory import directory
from bot.practice.page.guard import Guard
from bot.practice.page.payloads import Papers
from bot.practice.page.screen import Marks
from bot.practice.page.surroundings import Surroundings
from bot.practice.page.windows import Windows
from bot.slack.registry import Registry

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
    """Give the workspace its page; before it starts."""
    workspace = practice.workspace
    surroundings, marks = Surroundings(), Marks()
    controls = Controls(practice, surroundings, marks)
    windows = Windows(workspace, surroundings, marks)
    papers = Papers(workspace)

    async def who_and_what(_request: Request) -> Response:
        return JSONResponse(directory(workspace, practice.county, registry))

    workspace.serve_also(
        [
            Route("/", _static(lambda _: "index.html"), methods=["GET"]),
            Route("/favicon.ico", _static(lambda _: "mark.svg"), methods=["GET"]),
            Route("/page/static/{name}", _static(lambda request: request.path_params["name"]), methods=["GET"]),
            Route("/page/directory", who_and_what, methods=["GET"]),
            Route("/page/do/{deed}", Deeds(workspace).answer, methods=["POST"]),
            Route("/page/control/{control}", controls.answer, methods=["POST"]),
            Route("/page/payload", papers.payload, methods=["GET"]),
            Route("/page/traffic", papers.traffic, methods=["GET"]),
            Route("/page/file/{file}/{name}", papers.download, methods=["GET"]),
            WebSocketRoute("/page/live", windows.serve),
        ],
        Guard,
    )
    return controls


def _static(named: Callable[[Request], str]) -> Callable[[Request], Response]:
    """The page's own files, read anew each time: they are small, and whoever works on them sees the change."""

    def serve(request: Request) -> Response:
        name = named(request)
        kind = _KINDS.get(name.rpartition(".")[2])
        # A name without a slash stays within its folder.
        if kind is None or "/" in name or "\\" in name or name.startswith("."):
            return PlainTextResponse("not found", status_code=404)
        try:
            content = (_STATIC / name).read_bytes()
        except FileNotFoundError:
            return PlainTextResponse("not found", status_code=404)
        return Response(content, media_type=kind, headers={"Cache-Control": "no-cache"})

    return serve
