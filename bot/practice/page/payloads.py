"""For developers and for readers: what a message or view looks like on the wire, what went to and fro, and files."""

from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.practice.records import File
from bot.practice.workspace import Workspace

_LATEST = 40
_GONE = PlainTextResponse("This file is not here, or not for you.", status_code=404)


class Papers:
    """What can be fetched by address; each look is made as one person."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def payload(self, request: Request) -> Response:
        """Return a message or view in Slack's own shape, if this person sees it."""
        query, state = request.query_params, self._workspace.state
        with state.lock:
            if "view" in query:
                view = state.views.get(query["view"])
                if view is not None and view.user == query.get("as"):
                    return JSONResponse(view.payload())
            else:
                user, channel = state.users.get(query.get("as", "")), state.channels.get(query.get("channel", ""))
                if user is not None and channel is not None and state.can_read(user, channel):
                    for one in [*state.messages[channel.id], *state.ephemerals.get(user.id, [])]:
                        if one.ts == query.get("ts") and one.channel == channel.id:
                            return JSONResponse(one.payload(state.base_url))
        return JSONResponse({"error": "It is gone."}, status_code=404)

    def traffic(self, _request: Request) -> Response:
        """Return what the bot was sent and what it called last, the newest first."""
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
        """Give out a file that stands in a message this person sees."""
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
        if user is None:
            return None
        for channel in state.channels.values():
            if state.can_read(user, channel):
                for message in state.messages[channel.id]:
                    for file in message.files:
                        if file.id == file_id:
                            return file
        return None


def _short(value: object) -> object:
    """Bytes of files and the like say nothing to a reader."""
    return value if not isinstance(value, str | bytes) or len(value) < 20_000 else f"({len(value)} characters)"
