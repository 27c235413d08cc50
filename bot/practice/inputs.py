"""What a person has put into the elements of a view or message, in the shape of `state.values` (reference/views)."""

import datetime as dt
import re
from typing import Any

from bot.practice import block_kit
from bot.practice.composition_objects import offered
from bot.practice.records import Json
from bot.practice.refusals import NotOffered

#: For each element type: the field of its value in `state.values`, and the field of its initial value.
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
    """Return `state.values` of freshly opened blocks: initial values, else null or an empty list."""
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
    """Return the value of one element after a person put `given` into it; raises NotOffered for what it does not offer.

    Texts and dates as str (`2026-11-22`, `09:30`), date-times as epoch seconds or aware datetime, choices by their
    value, several of them as a list; None or "" empties the element.
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
        items = [_option(element, item) for item in items]
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


def _option(element: Json, wanted: Any) -> Json:
    for option in offered(element):
        if wanted in (option["value"], option["text"]["text"]):
            return option
    if element["type"].endswith("external_select") and isinstance(wanted, dict):
        return wanted
    raise NotOffered(f"no option {wanted!r} in {element['action_id']}")


def complaints(blocks: list[Json], values: Json) -> dict[str, str]:
    """Return what Slack's client objects to before it submits: block_id → sentence."""
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
