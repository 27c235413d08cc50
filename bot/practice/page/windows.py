"""Windows: each is one person looking at one place, told of every change as it happens."""

import asyncio
import contextlib
import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.practice.page.screen import Marks, Surroundings, screen
from bot.practice.workspace.records import Json
from bot.practice.workspace.state import Change
from bot.practice.workspace.workspace import Workspace

#: Changes that come together are shown together: a reply, its modal and the unread marks are one picture.
TOGETHER_SECONDS = 0.012
#: Some things change without the workspace noticing, such as a socket of the bot's that broke.
LOOK_AGAIN_SECONDS = 1.0


class Windows:
    """Every open window; lives on the server's event loop."""

    def __init__(self, workspace: Workspace, surroundings: Surroundings, marks: Marks) -> None:
        self._workspace = workspace
        self._surroundings = surroundings
        self._marks = marks

    async def serve(self, socket: WebSocket) -> None:
        """Show one window until it closes."""
        await socket.accept()
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await _Window(socket, self._workspace, self._surroundings, self._marks).run()


class _Window:
    """One open window: `look` is what its person looks at."""

    def __init__(self, socket: WebSocket, workspace: Workspace, surroundings: Surroundings, marks: Marks) -> None:
        self._socket = socket
        self._workspace = workspace
        self._surroundings = surroundings
        self._marks = marks
        self._look: Json | None = None
        self._news = asyncio.Event()
        self._shown: dict[str, str] = {}

    async def run(self) -> None:
        loop = asyncio.get_running_loop()

        def wake(_change: Change | None = None) -> None:
            # Called under the state's lock, on any thread: it may only leave a note.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._news.set)

        stops = [self._workspace.state.watch(wake), self._surroundings.watch(wake)]
        listening = asyncio.create_task(self._listen())
        try:
            while not listening.done():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), LOOK_AGAIN_SECONDS)
                if not listening.done():
                    await asyncio.sleep(TOGETHER_SECONDS)
                    self._news.clear()
                    await self._show()
        finally:
            for stop in stops:
                stop()
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await listening

    async def _listen(self) -> None:
        """Hear what the window looks at; ends when it closes."""
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                given = json.loads(await self._socket.receive_text())
                if isinstance(given, dict) and str(given.get("as")) in self._workspace.state.users:
                    self._look = given
                    self._shown.clear()
                    self._news.set()
        self._news.set()

    async def _show(self) -> None:
        if self._look is None or str(self._look.get("as")) not in self._workspace.state.users:
            return
        for name, part in (await run_in_threadpool(self._parts, dict(self._look))).items():
            # Only what changed is sent: a window then draws only what changed.
            written = json.dumps(part, ensure_ascii=False, separators=(",", ":"))
            if self._shown.get(name) != written:
                self._shown[name] = written
                await self._socket.send_text(f'{{"part":"{name}","shown":{written}}}')

    def _parts(self, look: Json) -> dict[str, Any]:
        parts = screen(
            self._workspace.state,
            self._marks,
            str(look["as"]),
            place=look.get("place"),
            thread=look.get("thread"),
            looking=bool(look.get("looking")),
        )
        # The people come first: everything after them is drawn with their names.
        return {"people": parts.pop("people"), **parts, **self._surroundings.parts()}
