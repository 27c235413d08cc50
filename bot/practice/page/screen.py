"""What one window shows, as JSON: the list of conversations, one conversation, open modals and the Home tab.

Each window belongs to one person who looks at one conversation, and gets every change as it happens.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.practice.workspace.records import Channel, File, Json, Message, User, View
from bot.practice.workspace.state import State
from bot.practice.workspace.workspace import Workspace

#: How many messages of a conversation a window shows, the newest ones. Nobody scrolls back further here.
MOST_MESSAGES = 200


#: The `ts` up to which each person has read each conversation, by their ids. All windows of a person share it.
Marks = dict[tuple[str, str], str]


def places(state: State, marks: Marks, user: User) -> list[Json]:
    """Return the conversations in a person's list as JSON, channels first. The caller holds the lock."""
    shown = [
        channel
        for channel in state.channels.values()
        if state.can_read(user, channel) and (channel.kind in {"public", "private"} or user.id in channel.members)
    ]
    shown.sort(key=lambda channel: (channel.kind in {"im", "mpim"}, channel.name, channel.id))
    return [_place(state, marks, user, channel) for channel in shown]


def _place(state: State, marks: Marks, user: User, channel: Channel) -> Json:
    seen = marks.get((user.id, channel.id), "")
    unread = sum(1 for one in state.messages[channel.id] if one.ts > seen and one.user != user.id)
    return {
        "id": channel.id,
        "kind": channel.kind,
        "title": title(state, user, channel),
        "with": next((member for member in channel.members if member != user.id), user.id),
        "is_app": channel.kind == "im" and state.bot.id in channel.members,
        "is_member": user.id in channel.members,
        "archived": channel.archived,
        "shared": bool(channel.shared_with),
        "members": len([member for member in channel.members if member != state.bot.id]),
        "unread": unread,
    }


def title(state: State, user: User, channel: Channel) -> str:
    """Return the name under which a conversation is in a person's list."""
    if channel.kind in {"public", "private"}:
        return channel.name
    others = [state.users[member].real_name for member in channel.members if member != user.id]
    return ", ".join(others) or user.real_name


def conversation(state: State, user: User, channel_id: str, thread_ts: str | None) -> Json | None:
    """Return one conversation as JSON, or None if the person may not see it. The caller holds the lock."""
    channel = state.channels.get(channel_id)
    if channel is None or not state.can_read(user, channel):
        return None
    everything = state.seen(user, channel_id)
    top = [one for one in everything if one.thread_ts in (None, one.ts) or one.broadcast]
    thread = [one for one in everything if thread_ts is not None and thread_ts in (one.ts, one.thread_ts)]
    return {
        "id": channel_id,
        "for": user.id,
        "messages": [message(state, one) for one in top[-MOST_MESSAGES:]],
        "older": max(0, len(top) - MOST_MESSAGES),
        "thread": None if not thread else {"ts": thread_ts, "messages": [message(state, one) for one in thread]},
        "may_write": user.id in channel.members and not channel.archived,
    }


def message(state: State, shown: Message) -> Json:
    """Return a message as JSON for the page."""
    return {
        "channel": shown.channel,
        "ts": shown.ts,
        "user": shown.user,
        "is_bot": shown.bot_id is not None or shown.user == state.bot.id,
        "name": shown.username or state.users[shown.user].real_name,
        "text": shown.text,
        "blocks": shown.blocks,
        "attachments": shown.attachments,
        "files": [file(one) for one in shown.files],
        "ephemeral": shown.ephemeral_to is not None,
        "edited": shown.edited_ts is not None,
        "subtype": shown.subtype,
        "thread_ts": shown.thread_ts,
        "replies": len(shown.repliers),
        "repliers": list(dict.fromkeys(shown.repliers))[:3],
        "latest_reply": shown.latest_reply,
    }


def file(shown: File) -> Json:
    """Return the id, name, title and size of a file as JSON for the page."""
    return {"id": shown.id, "name": shown.name, "title": shown.title or shown.name, "size": shown.length}


def view(shown: View) -> Json:
    """Return a modal or Home tab as JSON, with the values of its fields."""
    definition = shown.definition
    return {
        "id": shown.id,
        "hash": shown.hash,
        "kind": shown.kind,
        "callback_id": definition.get("callback_id", ""),
        "title": definition.get("title"),
        "submit": definition.get("submit"),
        "close": definition.get("close"),
        "submit_disabled": definition.get("submit_disabled", False),
        "blocks": shown.blocks,
        "values": shown.values,
    }


def person(state: State, user: User) -> Json:
    """Return an account as JSON for the page."""
    return {
        "id": user.id,
        "name": user.name,
        "real_name": user.real_name,
        "is_bot": user.is_bot,
        "is_foreign": user.team_id != state.team.id,
        "is_guest": user.is_guest or user.is_single_channel_guest,
        "team": state.teams[user.team_id].name,
        "deleted": user.deleted,
        "tz": user.tz,
    }


def screen(state: State, marks: Marks, user_id: str, *, place: str | None, thread: str | None, looking: bool) -> Json:
    """Return everything that one window shows, as JSON. With `looking`, mark the messages shown as read."""
    with state.lock:
        user = state.users[user_id]
        shown: Any = None if place is None else conversation(state, user, place, thread)
        if shown is not None and looking and (said := state.messages[shown["id"]]):
            marks[user_id, shown["id"]] = said[-1].ts
        home = state.homes.get(user_id)
        return {
            "places": places(state, marks, user),
            "place": shown,
            "modals": [view(one) for one in state.stack(user_id)],
            "home": None if home is None else view(state.views[home]),
            "people": [person(state, one) for one in state.users.values()],
        }


_LATEST = 40
_GONE = PlainTextResponse("This file is not here, or not for you.", status_code=404)


class Papers:
    """Answers the page's requests for a message's JSON, for the latest traffic with the bot, or for a file."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def payload(self, request: Request) -> Response:
        """Return a message or view in Slack's own JSON, if the person who asks can see it."""
        query, state = request.query_params, self._workspace.state
        with state.lock:
            if "view" in query:
                view = state.views.get(query["view"])
                if view is not None and view.user == query.get("as"):
                    return JSONResponse(view.payload())
            else:
                user = state.users.get(query.get("as", ""))
                for one in [] if user is None else state.seen(user, query.get("channel", "")):
                    if one.ts == query.get("ts"):
                        return JSONResponse(one.payload(state.base_url))
        return JSONResponse({"error": "It is gone."}, status_code=404)

    def traffic(self, _request: Request) -> Response:
        """Return the latest deliveries to the bot and the bot's latest calls, the newest first."""
        sent: list[dict[str, Any]] = [
            {
                "kind": one.kind,
                "payload": one.payload,
                "answers": [{"reason": attempt.reason, "payload": attempt.payload} for attempt in one.attempts],
            }
            for one in self._workspace.deliveries[-_LATEST:]
        ]
        called = [
            {"method": one.method, "args": {key: _short(value) for key, value in one.args.items()}, "error": one.error}
            for one in self._workspace.calls[-_LATEST:]
        ]
        return JSONResponse({"deliveries": sent[::-1], "calls": called[::-1]})

    def download(self, request: Request) -> Response:
        """Return a file, if the person who asks can see a message with the file."""
        state = self._workspace.state
        with state.lock:
            file = self._visible(request.query_params.get("as", ""), request.path_params["file"])
        if file is None or file.content is None:
            return _GONE
        return Response(
            file.content,
            media_type="application/octet-stream",
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}"},
        )

    def _visible(self, user_id: str, file_id: str) -> File | None:
        state = self._workspace.state
        user = state.users.get(user_id)
        seen = [] if user is None else [one for channel in state.channels for one in state.seen(user, channel)]
        return next((file for one in seen for file in one.files if file.id == file_id), None)


def _short(value: object) -> object:
    """Return a value, or only a note of its length if it is text or bytes of 20,000 characters or more."""
    return value if not isinstance(value, str | bytes) or len(value) < 20_000 else f"({len(value)} characters)"


#: How many seconds a change waits for others. A reply, its modal and the unread marks then show at once.
TOGETHER_SECONDS = 0.012
#: How often a window looks for changes that the workspace doesn't notice, such as a broken socket of the bot.
LOOK_AGAIN_SECONDS = 1.0


class Window:
    """A browser window and its connection. It shows one person's screen, and what each function in `looks` returns."""

    def __init__(
        self, socket: WebSocket, workspace: Workspace, looks: Mapping[str, Callable[[], Any]], marks: Marks
    ) -> None:
        self._socket = socket
        self._workspace = workspace
        self._looks = looks
        self._marks = marks
        self._look: Json | None = None
        self._news = asyncio.Event()
        self._shown: dict[str, str] = {}

    async def serve(self) -> None:
        """Keep the window up to date until it closes."""
        await self._socket.accept()
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self._run()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()

        def wake() -> None:
            # Any thread calls this, under the state's lock, so it must not wait.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._news.set)

        listening = asyncio.create_task(self._listen())
        try:
            with self._workspace.state.watched(wake):
                while not listening.done():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._news.wait(), LOOK_AGAIN_SECONDS)
                    if not listening.done():
                        await asyncio.sleep(TOGETHER_SECONDS)
                        self._news.clear()
                        await self._show()
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await listening

    async def _listen(self) -> None:
        """Receive from the browser which person and conversation the window shows, until the window closes."""
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
            # Only changed parts are sent, so that the window draws only these again.
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
        # People come first, since the window needs their names to draw the other parts.
        return {"people": parts.pop("people"), **parts, **{name: look() for name, look in self._looks.items()}}
