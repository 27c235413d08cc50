"""The payloads that the app gets, in Slack's form (docs.slack.dev reference/interaction-payloads, apis/events-api)."""

import datetime as dt
import re
from typing import Any

from bot.practice.workspace import block_kit
from bot.practice.workspace.block_elements import offered
from bot.practice.workspace.findings import NotOffered
from bot.practice.workspace.records import Channel, Json, Message, User, View
from bot.practice.workspace.state import State

#: The deprecated verification token. It is in every payload and has no use.
TOKEN = "practice-verification-token"  # noqa: S105


def slash_command(state: State, user: User, channel: Channel, command: str, text: str) -> Json:
    """Return the form fields for a slash command (interactivity/implementing-slash-commands)."""
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
        "response_url": state.new_response_url("commands", channel.id, user.id),
        "trigger_id": state.new_trigger(user.id),
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


def block_actions_in_message(state: State, user: User, message: Message, *, action: Json, values: Json) -> Json:
    """Return the payload for a click in a message. Slack leaves out the message itself if it is ephemeral."""
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
        "trigger_id": state.new_trigger(user.id),
        "channel": {"id": channel.id, "name": channel.label()},
        "state": {"values": values},
        "response_url": state.new_response_url("actions", channel.id, user.id, message),
        "actions": [action],
    }
    return body if ephemeral else body | {"message": message.payload(state.base_url)}


def block_actions_in_view(state: State, user: User, view: View, action: Json) -> Json:
    """Return the payload for a click in a modal or Home tab."""
    return _from(state, user, "block_actions") | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": state.new_trigger(user.id, from_view=view.id),
        "view": view.payload(),
        "actions": [action],
    }


def view_submission(state: State, user: User, view: View, response_urls: list[Json]) -> Json:
    """Return the payload for a submitted modal (reference/interaction-payloads/view-interactions-payload)."""
    return _from(state, user, "view_submission") | {
        "trigger_id": state.new_trigger(user.id, from_view=view.id),
        "view": view.payload(),
        "response_urls": response_urls,
    }


def view_closed(state: State, user: User, view: View, *, is_cleared: bool) -> Json:
    """Return the payload for a closed modal. Slack sends it only if the view has `notify_on_close`."""
    return _from(state, user, "view_closed") | {"view": view.payload(), "is_cleared": is_cleared}


def shortcut(state: State, user: User, callback_id: str, message: Message | None) -> Json:
    """Return the payload for a shortcut, used on `message` or, if `message` is None, from the menu of shortcuts."""
    body = _from(state, user, "shortcut" if message is None else "message_action") | {
        "action_ts": f"{state.clock():.6f}",
        "callback_id": callback_id,
        "trigger_id": state.new_trigger(user.id),
    }
    del body["api_app_id"]  # unlike other payloads, those of shortcuts don't name the app
    if message is None:
        return body
    channel = state.channels[message.channel]
    return body | {
        "channel": {"id": channel.id, "name": channel.label()},
        "response_url": state.new_response_url("actions", channel.id, user.id),
        "message_ts": message.ts,
        "message": message.payload(state.base_url),
    }


def action(element: Json, block_id: str, value: Json | None, *, at: float) -> Json:
    """Return one entry of a payload's `actions`: the element's ids and the chosen value."""
    kept = {"action_id", "type", "text", "value", "style", "placeholder"}
    if value is not None:
        kept -= {"value", "text"}
    shown: dict[str, Any] = {key: element[key] for key in element if key in kept or key.startswith("initial_")}
    return shown | {"block_id": block_id, **(value or {}), "action_ts": f"{at:.6f}"}


def event_callback(state: State, event: Json, channel: Channel | None) -> Json:
    """Return the payload for an event, with the event in its envelope (apis/events-api: the Events API payload)."""
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


#: For each element type, the names of the fields with its value in `state.values` and with its initial value.
FIELDS = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "checkboxes": ("selected_options", "initial_options"),
    "radio_buttons": ("selected_option", "initial_option"),
    "file_input": ("files", ""),
}
REQUIRED = "Please complete this required field."


def initial_values(blocks: list[Json]) -> Json:
    """Return `state.values` of newly opened blocks: each field's initial value, or else null or an empty list."""
    values: Json = {}
    for block, element in block_kit.interactive(blocks):
        if element["type"] not in FIELDS:
            continue
        field, initial = FIELDS[element["type"]]
        empty: Any = [] if field.endswith("s") else None
        values.setdefault(block["block_id"], {})[element["action_id"]] = {
            "type": element["type"],
            field: element.get(initial, empty),
        }
    return values


def filled(element: Json, given: Any) -> Json:
    """Return an element's value after a person entered `given`. Raise NotOffered if the element can't take that value.

    Texts, dates and times are str (`2026-11-22`, `09:30`). Date-times are epoch seconds or an aware datetime. Choices
    are given by their value, and several choices as a list. None or "" empties the element.
    """
    kind = element["type"]
    field, _ = FIELDS[kind]
    if given in (None, "", [], ()):
        return {"type": kind, field: [] if field.endswith("s") else None}
    several = field.endswith("s")
    items = list(given) if several and isinstance(given, list | tuple | set) else [given]
    if several and len(items) > element.get("max_selected_items", len(items)):
        raise NotOffered(f"at most {element['max_selected_items']} can be chosen")
    if field.startswith("selected_option"):
        items = [option(element, item) for item in items]
    elif field == "selected_date_time":
        items = [int(given.timestamp()) if isinstance(given, dt.datetime) else int(given)]
    elif field == "selected_date":
        items = [dt.date.fromisoformat(str(given)).isoformat()]
    elif field == "selected_time":
        items = [dt.time.fromisoformat(str(given)).strftime("%H:%M")]
    elif kind == "rich_text_input" and isinstance(given, str):
        section = {"type": "rich_text_section", "elements": [{"type": "text", "text": given}]}
        items = [{"type": "rich_text", "elements": [section]}]
    elif field == "value":
        items = [str(given)]
    return {"type": kind, field: items if several else items[0]}


def option(element: Json, wanted: Any) -> Json:
    """Return the element's option with this value or text. Raise NotOffered if there is none."""
    for one in offered(element):
        if wanted in (one["value"], one["text"]["text"]):
            return one
    if element["type"].endswith("external_select") and isinstance(wanted, dict):
        return wanted
    raise NotOffered(f"no option {wanted!r} in {element['action_id']}")


def complaints(blocks: list[Json], values: Json) -> dict[str, str]:
    """Return what Slack's client itself objects to before a submission: a dict from block_id to a sentence."""
    found: dict[str, str] = {}
    for block, element in block_kit.interactive(blocks):
        if block["type"] != "input":
            continue
        field, _ = FIELDS[element["type"]]
        value = values[block["block_id"]][element["action_id"]][field]
        if value in (None, [], ""):
            if not block.get("optional", False):
                found[block["block_id"]] = REQUIRED
            continue
        sentence = _objection(element, value)
        if sentence is not None:
            found[block["block_id"]] = sentence
    return found


def _objection(element: Json, value: Any) -> str | None:
    kind = element["type"]
    if kind == "plain_text_input":
        if len(value) < element.get("min_length", 0):
            return f"Must be at least {element['min_length']} characters."
        if len(value) > element.get("max_length", 3000):
            return f"Must be at most {element.get('max_length', 3000)} characters."
    if kind == "number_input":
        pattern = r"-?\d+(\.\d+)?" if element["is_decimal_allowed"] else r"-?\d+"
        if not re.fullmatch(pattern, value):
            return "Please enter a valid number."
        if "min_value" in element and float(value) < float(element["min_value"]):
            return f"Must be at least {element['min_value']}."
        if "max_value" in element and float(value) > float(element["max_value"]):
            return f"Must be at most {element['max_value']}."
    if kind == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        return "Please enter a valid email address."
    if kind == "url_text_input" and not re.match(r"https?://\S+", value):
        return "Please enter a valid URL."
    return None
