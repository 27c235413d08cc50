"""The front desk of a bot: what people do in Slack, as signed requests in Slack's shapes, and what it answers."""

import hmac
import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from math import inf
from typing import Any, Final
from urllib.parse import urlencode

from slack_sdk import WebClient

from bot.practice.workspace.web_api import RateLimits
from bot.practice.workspace.workspace import Workspace
from bot.slack.app import build_app
from bot.slack.listener import LONG_PATIENCE, Listener, Settling
from bot.slack.manifest import PATH, manifest
from bot.slack.request import View
from bot.slack.screens import Opened, Screens
from bot.slack.sender import web_client
from bot.slack.tables import build_registry
from bot.slack.web_server import Door
from bot.store.unit_of_work import Store
from tests.county import PEOPLE, TEAM, user_id

_SECRET: Final = "proof-signing-secret"
FORM: Final = "application/x-www-form-urlencoded"
_AWAY: Final = "http://127.0.0.1:9/"
Body = dict[str, Any]


class _Watched(Screens):
    """Screens that keep what was to be shown."""

    def __init__(self, client: WebClient, looks: WebClient) -> None:
        super().__init__(client, looks)
        self.shown: list[str] = []

    def open(self, trigger_id: str, view: View, *, push: bool, within: float = inf) -> Opened:
        """Keep the view, and try to open it."""
        self.shown.append(json.dumps(view))
        return super().open(trigger_id, view, push=push, within=within)


class Desk:
    """The door of a bot on a store: it checks signatures, and everything behind it is what serves in a county.

    Slack is away where a form should open, so nothing is seen but the answers; it knows the accounts.
    """

    def __init__(self, store: Store, workspace: Workspace) -> None:
        client = web_client(workspace.bot_token, workspace.api_url)
        screens = self._screens = _Watched(web_client("xoxb-away", _AWAY), client)
        registry = build_registry()
        listener = Listener(store, registry, screens, Settling(store, screens), LONG_PATIENCE)
        self._door = Door(build_app(client, listener, registry, store), _SECRET, store, lambda: True)

    def takes(self, raw: bytes, content_type: str = FORM) -> tuple[str, bytes]:
        """Hand in these bytes with their signature. Return status and body of the answer."""
        at = str(int(time.time()))
        signed = hmac.new(_SECRET.encode(), b"v0:%s:%s" % (at.encode(), raw), sha256)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": PATH,
            "CONTENT_LENGTH": str(len(raw)),
            "CONTENT_TYPE": content_type,
            "HTTP_X_SLACK_REQUEST_TIMESTAMP": at,
            "HTTP_X_SLACK_SIGNATURE": f"v0={signed.hexdigest()}",
            "wsgi.input": BytesIO(raw),
        }
        statuses: list[str] = []
        body = b"".join(self._door(environ, lambda status, *_: statuses.append(status) or (lambda _: None)))
        return statuses[0], body

    def says(self, body: Body) -> str:
        """Return all that the person reads when they send this: the answer, and the window that was to open."""
        return " ".join(self.says_apart(body))

    def says_apart(self, body: Body) -> list[str]:
        """Return the same in its parts: the status, the answer, and the windows."""
        self._screens.shown.clear()
        status, answer = self.takes(*written(body))
        return [status, answer.decode(), *self._screens.shown]


@contextmanager
def at_slack() -> Iterator[Workspace]:
    """Yield a workspace with the accounts of the county."""
    limits = RateLimits.off()  # more forms open in a minute than people would open
    workspace = Workspace(
        manifest(build_registry(), request_url=_AWAY), delivery="http", request_url=_AWAY, rate_limits=limits
    )
    for key in (*PEOPLE, "stranger"):
        workspace.add_user(key, id=user_id(key))
    with workspace:
        yield workspace


_NUMBERS = [1]


def number_from(number: int) -> None:
    """Let what Slack numbers go on from here."""
    _NUMBERS[0] = number


def _next() -> int:
    _NUMBERS[0] += 1
    return _NUMBERS[0]


def command(persona: str, typed: str) -> Body:
    """Return what Slack sends when a person types a command in their direct message with the bot."""
    name, _, text = typed.partition(" ")
    return {
        "token": "verification-token",
        "team_id": TEAM,
        "team_domain": "practice",
        "channel_id": "D1",
        "channel_name": "directmessage",
        "user_id": user_id(persona),
        "user_name": persona,
        "command": name,
        "text": text,
        "api_app_id": "A1",
        "is_enterprise_install": "false",
        "response_url": _AWAY,
        "trigger_id": f"{_next()}.command",
    }


def _from(persona: str, kind: str) -> Body:
    return {
        "type": kind,
        "team": {"id": TEAM, "domain": "practice"},
        "user": {"id": user_id(persona), "username": persona, "name": persona, "team_id": TEAM},
        "api_app_id": "A1",
        "token": "verification-token",
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": f"{_next()}.{kind}",
    }


def _view(name: str, metadata: Mapping[str, Any], values: Mapping[str, Any]) -> Body:
    fields = [
        {"type": "input", "block_id": each, "element": {"type": "plain_text_input", "action_id": "x"}}
        for each in values
    ]
    return {
        "id": f"V{_next()}",
        "team_id": TEAM,
        "type": "modal",
        "callback_id": name,
        "private_metadata": json.dumps(metadata),
        "hash": "156772938.1827394",
        "title": {"type": "plain_text", "text": "panelbot"},
        "blocks": fields,
        "state": {"values": {each: {"x": _filled(value)} for each, value in values.items()}},
    }


def _filled(value: Any) -> Body:
    if isinstance(value, list):
        return {"type": "multi_static_select", "selected_options": [{"value": str(each)} for each in value]}
    return {"type": "plain_text_input", "value": str(value)}


def click(persona: str, name: str, value: str, *, place: str = "message", metadata: Mapping[str, Any] = {}) -> Body:
    """Return what Slack sends when a person clicks a button in a message, a modal or their Home."""
    action = {"type": "button", "action_id": name, "block_id": "b1", "value": value, "action_ts": f"{_next()}.0"}
    body = _from(persona, "block_actions") | {"actions": [action]}
    if place != "message":
        view = _view("", metadata, {}) | {"type": place}
        return body | {"container": {"type": "view", "view_id": view["id"]}, "view": view}
    block = {"type": "actions", "block_id": "b1", "elements": [{"type": "button", "action_id": name, "value": value}]}
    return body | {
        "container": {"type": "message", "message_ts": "1.2", "channel_id": "D1", "is_ephemeral": False},
        "channel": {"id": "D1", "name": "directmessage"},
        "message": {"type": "message", "user": "UBOT", "ts": "1.2", "text": "Open it.", "blocks": [block]},
        "state": {"values": {}},
        "response_url": _AWAY,
    }


def submission(persona: str, name: str, metadata: Mapping[str, Any], values: Mapping[str, Any]) -> Body:
    """Return what Slack sends when a person submits a form that was opened with this metadata."""
    return _from(persona, "view_submission") | {"view": _view(name, metadata, values), "response_urls": []}


def closed(persona: str, name: str, metadata: Mapping[str, Any]) -> Body:
    """Return what Slack sends when a person closes a form."""
    return _from(persona, "view_closed") | {"view": _view(name, metadata, {}), "is_cleared": False}


def shortcut(persona: str, name: str) -> Body:
    """Return what Slack sends when a person uses a shortcut on a message in their panel's channel."""
    return _from(persona, "message_action") | {
        "action_ts": f"{_next()}.0",
        "callback_id": name,
        "channel": {"id": "CWEST", "name": "west"},
        "response_url": _AWAY,
        "message_ts": "1.3",
        "message": {"type": "message", "user": user_id("chair"), "ts": "1.3", "text": "Please ring the school."},
    }


def event(persona: str, kind: str, **facts: Any) -> Body:
    """Return what Slack sends about an event of a person."""
    number = _next()
    return {
        "token": "verification-token",
        "team_id": TEAM,
        "api_app_id": "A1",
        "event": {"type": kind, "user": user_id(persona), "event_ts": f"{number}.0", **facts},
        "type": "event_callback",
        "event_id": f"Ev{number}",
        "event_time": number,
        "authorizations": [{"team_id": TEAM, "user_id": "UBOT", "is_bot": True, "is_enterprise_install": False}],
    }


def written(body: Body) -> tuple[bytes, str]:
    """Return the bytes in which Slack sends a payload, and their content type."""
    if "command" in body:
        return urlencode(body).encode(), FORM
    if body.get("type") == "event_callback":
        return json.dumps(body).encode(), "application/json"
    return urlencode({"payload": json.dumps(body)}).encode(), FORM


class Mishaps(logging.Handler):
    """Keeps what is logged as an error: an incident, or an exception that nobody caught."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._met: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one; that Slack is away is no news."""
        if not record.name.startswith("slack_sdk"):
            self._met.append(self.format(record))

    def taken(self) -> list[str]:
        """Return what was met since the last time."""
        met, self._met = self._met, []
        return met


@contextmanager
def watching_for_mishaps() -> Iterator[Mishaps]:
    """Yield what keeps everything that is logged as an error meanwhile; of less, nothing is written."""
    root, mishaps = logging.getLogger(), Mishaps()
    level = root.level
    root.addHandler(mishaps)
    root.setLevel(logging.ERROR)
    try:
        yield mishaps
    finally:
        root.removeHandler(mishaps)
        root.setLevel(level)
