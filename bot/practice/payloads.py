"""What the app is sent, in Slack's shapes (docs.slack.dev reference/interaction-payloads, apis/events-api)."""

from typing import Any

from bot.practice.records import Channel, Json, Message, User, View
from bot.practice.state import State

#: The deprecated verification token, present in every payload and good for nothing.
TOKEN = "practice-verification-token"  # noqa: S105


def slash_command(
    state: State, user: User, channel: Channel, *, command: str, text: str, response_url: str, trigger_id: str
) -> Json:
    """Return the form fields of a slash command (interactivity/implementing-slash-commands)."""
    team = state.teams[user.team_id]
    return {
        "token": TOKEN,
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": channel.label(),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": state.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def _from(state: State, user: User, kind: str) -> Json:
    team = state.teams[user.team_id]
    return {
        "type": kind,
        "team": {"id": team.id, "domain": team.domain},
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
        "api_app_id": state.app_id,
        "token": TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def block_actions_in_message(
    state: State, user: User, message: Message, *, action: Json, values: Json, trigger_id: str, response_url: str
) -> Json:
    """Return a click in a message; an ephemeral message is not part of its own payload."""
    channel = state.channels[message.channel]
    ephemeral = message.ephemeral_to is not None
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    if message.thread_ts is not None:
        container["thread_ts"] = message.thread_ts
    body = _from(state, user, "block_actions") | {
        "container": container,
        "trigger_id": trigger_id,
        "channel": {"id": channel.id, "name": channel.label()},
        "state": {"values": values},
        "response_url": response_url,
        "actions": [action],
    }
    return body if ephemeral else body | {"message": message.payload(state.base_url)}


def block_actions_in_view(state: State, user: User, view: View, *, action: Json, trigger_id: str) -> Json:
    """Return a click in a modal or Home tab."""
    return _from(state, user, "block_actions") | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger_id,
        "view": view.payload(),
        "actions": [action],
    }


def view_submission(state: State, user: User, view: View, *, trigger_id: str, response_urls: list[Json]) -> Json:
    """Return a submitted modal (reference/interaction-payloads/view-interactions-payload)."""
    return _from(state, user, "view_submission") | {
        "trigger_id": trigger_id,
        "view": view.payload(),
        "response_urls": response_urls,
    }


def view_closed(state: State, user: User, view: View, *, is_cleared: bool) -> Json:
    """Return a dismissed modal, sent only where `notify_on_close` asks for it."""
    return _from(state, user, "view_closed") | {"view": view.payload(), "is_cleared": is_cleared}


def _shortcut(state: State, user: User, kind: str, callback_id: str, trigger_id: str) -> Json:
    body = _from(state, user, kind)
    del body["api_app_id"]  # the shortcut payloads are the ones that do not name the app
    return body | {
        "action_ts": f"{state.clock():.6f}",
        "callback_id": callback_id,
        "trigger_id": trigger_id,
    }


def global_shortcut(state: State, user: User, callback_id: str, trigger_id: str) -> Json:
    """Return a shortcut from the shortcuts menu (reference/interaction-payloads/shortcuts-interaction-payload)."""
    return _shortcut(state, user, "shortcut", callback_id, trigger_id)


def message_shortcut(
    state: State, user: User, message: Message, *, callback_id: str, trigger_id: str, response_url: str
) -> Json:
    """Return a shortcut used on a message."""
    channel = state.channels[message.channel]
    return _shortcut(state, user, "message_action", callback_id, trigger_id) | {
        "channel": {"id": channel.id, "name": channel.label()},
        "response_url": response_url,
        "message_ts": message.ts,
        "message": message.payload(state.base_url),
    }


def action(element: Json, block_id: str, value: Json | None, *, at: float) -> Json:
    """Return one entry of `actions`: the element's identity plus what was chosen."""
    kept = {"action_id", "type", "text", "value", "style", "placeholder"}
    if value is not None:
        kept -= {"value", "text"}
    shown: dict[str, Any] = {key: element[key] for key in element if key in kept or key.startswith("initial_")}
    return shown | {"block_id": block_id, **(value or {}), "action_ts": f"{at:.6f}"}


def event_callback(state: State, event: Json, channel: Channel | None) -> Json:
    """Return the outer envelope of an event (apis/events-api: the Events API payload)."""
    shared = channel is not None and bool(channel.shared_with)
    event = {"event_ts": f"{state.clock():.6f}", **event}
    return {
        "token": TOKEN,
        "team_id": state.team.id,
        "context_team_id": state.team.id,
        "context_enterprise_id": None,
        "api_app_id": state.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": state.new_id("Ev"),
        "event_time": int(state.clock()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": state.team.id,
                "user_id": state.bot.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": shared,
        "event_context": f"4-{state.new_id('ctx')}",
    }
