"""A workspace with one app, the real slack_sdk client and the real Bolt, on loopback."""

import copy
import json
import ssl
import threading
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError

import pytest
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.practice.stopwatch import GIVE_UP_SECONDS, HeldStopwatch
from bot.practice.workspace.records import Message
from bot.practice.workspace.web_api import RateLimits
from bot.practice.workspace.workspace import Workspace

Json = dict[str, Any]
Call = Callable[..., Json]

#: One TLS context for all clients; slack_sdk otherwise builds one per call, which is slow and never used here.
TLS = ssl.create_default_context()

MANIFEST: Json = {
    "display_information": {"name": "Panelbot"},
    "features": {
        "bot_user": {"display_name": "Panelbot", "always_online": True},
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "slash_commands": [
            {"command": "/action", "description": "Record an action", "usage_hint": "add @who what by when"},
            {"command": "/raw", "description": "Names stay as typed", "should_escape": False},
        ],
        "shortcuts": [
            {
                "name": "Make an action",
                "type": "message",
                "callback_id": "make_action",
                "description": "From a message",
            },
            {"name": "Flag a case", "type": "global", "callback_id": "flag_case", "description": "From anywhere"},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "app_mentions:read",
                "channels:history",
                "channels:join",
                "channels:manage",
                "channels:read",
                "chat:write",
                "commands",
                "files:read",
                "files:write",
                "groups:history",
                "groups:read",
                "groups:write",
                "im:history",
                "im:read",
                "im:write",
                "mpim:write",
                "reactions:write",
                "team:read",
                "users:read",
                "users:read.email",
            ]
        }
    },
    "settings": {
        "interactivity": {"is_enabled": True},
        "socket_mode_enabled": True,
        "event_subscriptions": {
            "bot_events": [
                "app_home_opened",
                "app_mention",
                "file_shared",
                "member_joined_channel",
                "member_left_channel",
                "message.channels",
                "message.groups",
                "message.im",
                "team_join",
                "user_change",
            ]
        },
    },
}


class Time(HeldStopwatch):
    """Every clock there is, set by hand: wall time, monotonic time, and Slack's three seconds."""

    _STARTS = 1_795_000_000.0

    def clock(self) -> float:
        return self._STARTS + self.seconds()

    def monotonic(self) -> float:
        return self.seconds()


@pytest.fixture
def manifest() -> Json:
    return copy.deepcopy(MANIFEST)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def workspace(manifest: Json, time: Time) -> Iterator[Workspace]:
    built = Workspace(
        manifest,
        clock=time.clock,
        monotonic=time.monotonic,
        stopwatch=time,
        rate_limits=RateLimits.off(),
        event_retry_after=(0.0, 0.0, 0.0),
    )
    built.add_user("alex", id="U1", email="alex@police.example")
    built.add_user("sam", id="U2")
    built.add_channel("district", ["U1", "U2"], id="C1")
    built.add_channel("closed", ["U1"], id="C2", private=True)
    with built:
        yield built


def client_for(workspace: Workspace, token: str | None = None) -> WebClient:
    """Return a client that never repeats a call by itself."""
    return WebClient(token or workspace.bot_token, base_url=workspace.api_url, ssl=TLS, retry_handlers=[])


def answer(client: WebClient, method: str, **args: Any) -> Json:
    """Return the whole answer of a JSON call, refusals included."""
    try:
        return dict(client.api_call(method, json=args).data)
    except SlackApiError as refused:
        return dict(refused.response.data)


@pytest.fixture
def client(workspace: Workspace) -> WebClient:
    return client_for(workspace)


@pytest.fixture
def call(client: WebClient) -> Call:
    """call("chat.postMessage", channel=…) → the whole answer."""
    return lambda method, **args: answer(client, method, **args)


@pytest.fixture
def form(client: WebClient) -> Call:
    """Return the same as a form, as methods take it that know no JSON."""

    def send(method: str, **args: Any) -> Json:
        try:
            return dict(client.api_call(method, params=args).data)
        except SlackApiError as refused:
            return dict(refused.response.data)

    return send


@pytest.fixture
def app(workspace: Workspace) -> App:
    return App(client=client_for(workspace), process_before_response=True)


class _Receiver(BaseHTTPRequestHandler):
    """Bolt behind a plain HTTP server; what arrived is kept in `server.received`."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        headers = {key.lower(): [value] for key, value in self.headers.items()}
        self.server.received.append((headers, body))  # type: ignore[attr-defined]
        answer = self.server.app.dispatch(BoltRequest(body=body, headers=headers))  # type: ignore[attr-defined]
        self.send_response(answer.status)
        for key, values in answer.headers.items():
            for value in values:
                self.send_header(key, value)
        self.end_headers()
        self.wfile.write(answer.body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Receiver(ThreadingHTTPServer):
    """Where the workspace posts; `app` is set once the workspace is there."""

    app: App
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Receiver)
        self.received: list[tuple[Json, str]] = []

    def handle_error(self, *_: object) -> None:
        """Say nothing: the workspace hangs up on answers that come too late."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/slack/events"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def over_http(manifest: Json, time: Time, receiver: Receiver) -> Iterator[Workspace]:
    """Yield the same workspace, delivering as signed POSTs to Bolt; set up listeners on `receiver.app`."""
    built = Workspace(
        manifest,
        clock=time.clock,
        monotonic=time.monotonic,
        stopwatch=time,
        rate_limits=RateLimits.off(),
        event_retry_after=(0.0, 0.0, 0.0),
        delivery="http",
        request_url=receiver.url,
    )
    built.add_user("alex", id="U1", email="alex@police.example")
    built.add_user("sam", id="U2")
    built.add_channel("district", ["U1", "U2"], id="C1")
    built.add_channel("closed", ["U1"], id="C2", private=True)
    with built:
        receiver.app = App(client=client_for(built), signing_secret=built.signing_secret, process_before_response=True)
        yield built


@pytest.fixture
def bolt(over_http: Workspace, receiver: Receiver) -> App:
    return receiver.app


@pytest.fixture
def connected(workspace: Workspace, app: App) -> Iterator[App]:
    """Yield the app over Socket Mode; listeners may still be added."""
    handler = SocketModeHandler(app, workspace.app_token)
    handler.connect()
    workspace.waits_for_app()
    yield app
    # The client reads in three-second stretches; a broken connection ends one at once.
    handler.client.auto_reconnect_enabled = False
    workspace.disconnect_sockets(None)
    handler.close()


def http(
    url: str, body: Any = None, *, kind: str = "application/json", token: str | None = None
) -> tuple[int, str, dict[str, str]]:
    """Return one plain request: status, body, headers."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    headers = {"Content-Type": kind} if data is not None else {}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, data=data, headers=headers)  # noqa: S310 -- loopback only
    try:
        with urllib.request.urlopen(request, timeout=GIVE_UP_SECONDS) as response:  # noqa: S310
            return response.status, response.read().decode(), dict(response.headers)
    except HTTPError as failed:
        with failed:
            return failed.code, failed.read().decode(), dict(failed.headers)


def whispers(workspace: Workspace, user_id: str, **parts: Any) -> Message:
    """Let the app say something in C1 that one person sees alone."""
    with workspace.state.lock:
        return workspace.state.say(workspace.state.channels["C1"], **parts, ephemeral_to=user_id)


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Case"), "submit": plain("Save"), "blocks": list(blocks), **more}


def text_field(block_id: str, **more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "text", **more}
    return {"type": "input", "block_id": block_id, "label": plain(block_id), "element": element}
