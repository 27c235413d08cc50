"""The rules for Block Kit elements (docs.slack.dev reference/block-kit/block-elements)."""

import datetime as dt
import re
from typing import Any

from bot.practice.workspace.findings import Findings
from bot.practice.workspace.records import Json

#: How many options an element may offer, fewest and most.
_OPTION_COUNT = {"overflow": (1, 5), "checkboxes": (1, 10), "radio_buttons": (1, 10)}


def confirmation(found: Findings, value: Any, pointer: str) -> None:
    """Check the dialog that asks whether somebody means it."""
    if not found.is_object(value, pointer):
        return
    found.keys(value, required=["title", "text", "confirm", "deny"], optional=["style"], pointer=pointer)
    for key, most, plain in (
        ("title", 100, True),
        ("text", 300, False),
        ("confirm", 30, True),
        ("deny", 30, True),
    ):
        if key in value:
            found.text(value[key], f"{pointer}/{key}", most=most, plain=plain)
    if "style" in value:
        found.is_one_of(value["style"], {"primary", "danger"}, f"{pointer}/style")


def options(found: Findings, element: Json, kind: str, pointer: str) -> None:
    """Check what an element offers to choose from, in groups or not."""
    plain = kind not in {"checkboxes", "radio_buttons"}
    fewest, most = _OPTION_COUNT.get(kind, (1, 100))
    grouped = kind in {"static_select", "multi_static_select"}
    if grouped and ("options" in element) == ("option_groups" in element):
        found.add("must provide exactly one of options or option_groups", pointer)
        return
    if "options" in element and found.is_list(element["options"], f"{pointer}/options", least=fewest, most=most):
        for index, option in enumerate(element["options"]):
            _option(found, option, f"{pointer}/options/{index}", plain=plain, url=kind == "overflow")
    if "option_groups" in element and found.is_list(
        element["option_groups"], f"{pointer}/option_groups", least=1, most=100
    ):
        for index, group in enumerate(element["option_groups"]):
            at = f"{pointer}/option_groups/{index}"
            if not found.is_object(group, at) or not found.keys(
                group, required=["label", "options"], optional=[], pointer=at
            ):
                continue
            found.text(group["label"], f"{at}/label", most=75, plain=True)
            if found.is_list(group["options"], f"{at}/options", least=1, most=100):
                for number, option in enumerate(group["options"]):
                    _option(found, option, f"{at}/options/{number}", plain=True, url=False)


def _option(found: Findings, option: Any, pointer: str, *, plain: bool, url: bool) -> None:
    if not found.is_object(option, pointer):
        return
    if not found.keys(
        option,
        required=["text", "value"],
        optional=["description", *(["url"] if url else [])],
        pointer=pointer,
    ):
        return
    found.text(option["text"], f"{pointer}/text", most=75, plain=plain)
    found.is_string(option["value"], f"{pointer}/value", least=1, most=150)
    if "description" in option:
        found.text(option["description"], f"{pointer}/description", most=75, plain=plain)


def offered(element: Json) -> list[Json]:
    """Return every option an element offers, groups opened up."""
    found: list[Json] = list(element.get("options", []))
    for group in element.get("option_groups", []):
        found += group["options"]
    return found


_SELECTS = {"static_select", "external_select", "users_select", "conversations_select", "channels_select"}
_MULTI_SELECTS = {f"multi_{name}" for name in _SELECTS}
_PICKERS = {"datepicker", "timepicker"}
_CHOICES = {"checkboxes", "radio_buttons"}

IN_ACTIONS = (
    {"button", "overflow", "datetimepicker", "workflow_button", "rich_text_input"}
    | _SELECTS
    | _MULTI_SELECTS
    | _PICKERS
    | _CHOICES
)
IN_SECTION = {"button", "overflow", "image", "workflow_button"} | _SELECTS | _MULTI_SELECTS | _PICKERS | _CHOICES
IN_INPUT = (
    {
        "plain_text_input",
        "number_input",
        "email_text_input",
        "url_text_input",
        "rich_text_input",
        "file_input",
        "datetimepicker",
    }
    | _SELECTS
    | _MULTI_SELECTS
    | _PICKERS
    | _CHOICES
)

_COMMON = ("action_id", "placeholder", "focus_on_load", "confirm")
_OPTIONAL: dict[str, tuple[str, ...]] = {
    "button": ("action_id", "url", "value", "style", "confirm", "accessibility_label"),
    "overflow": ("action_id", "confirm"),
    "image": ("image_url", "slack_file"),
    "workflow_button": ("action_id", "style", "accessibility_label"),
    "static_select": (*_COMMON, "options", "option_groups", "initial_option"),
    "external_select": (*_COMMON, "initial_option", "min_query_length"),
    "users_select": (*_COMMON, "initial_user"),
    "conversations_select": (
        *_COMMON,
        "initial_conversation",
        "default_to_current_conversation",
        "response_url_enabled",
        "filter",
    ),
    "channels_select": (*_COMMON, "initial_channel", "response_url_enabled"),
    "multi_static_select": (*_COMMON, "options", "option_groups", "initial_options", "max_selected_items"),
    "multi_external_select": (*_COMMON, "initial_options", "min_query_length", "max_selected_items"),
    "multi_users_select": (*_COMMON, "initial_users", "max_selected_items"),
    "multi_conversations_select": (
        *_COMMON,
        "initial_conversations",
        "default_to_current_conversation",
        "filter",
        "max_selected_items",
    ),
    "multi_channels_select": (*_COMMON, "initial_channels", "max_selected_items"),
    "datepicker": (*_COMMON, "initial_date"),
    "timepicker": (*_COMMON, "initial_time", "timezone"),
    "datetimepicker": ("action_id", "focus_on_load", "confirm", "initial_date_time"),
    "checkboxes": ("action_id", "focus_on_load", "confirm", "initial_options"),
    "radio_buttons": ("action_id", "focus_on_load", "confirm", "initial_option"),
    "plain_text_input": (
        "action_id",
        "placeholder",
        "focus_on_load",
        "initial_value",
        "multiline",
        "min_length",
        "max_length",
        "dispatch_action_config",
    ),
    "number_input": (
        "action_id",
        "placeholder",
        "focus_on_load",
        "initial_value",
        "min_value",
        "max_value",
        "dispatch_action_config",
    ),
    "email_text_input": (
        "action_id",
        "placeholder",
        "focus_on_load",
        "initial_value",
        "dispatch_action_config",
    ),
    "url_text_input": (
        "action_id",
        "placeholder",
        "focus_on_load",
        "initial_value",
        "dispatch_action_config",
    ),
    "rich_text_input": (
        "action_id",
        "placeholder",
        "focus_on_load",
        "initial_value",
        "dispatch_action_config",
    ),
    "file_input": ("action_id", "filetypes", "max_files"),
}
_REQUIRED: dict[str, tuple[str, ...]] = {
    "button": ("text",),
    "overflow": ("options",),
    "image": ("alt_text",),
    "workflow_button": ("text", "workflow"),
    "checkboxes": ("options",),
    "radio_buttons": ("options",),
    "number_input": ("is_decimal_allowed",),
}
_BOOLEANS = (
    "focus_on_load",
    "multiline",
    "is_decimal_allowed",
    "response_url_enabled",
    "default_to_current_conversation",
)
_ID_PREFIX = {
    "initial_user": "UW",
    "initial_users": "UW",
    "initial_channel": "C",
    "initial_channels": "C",
    "initial_conversation": "CDGU",
    "initial_conversations": "CDGU",
}


def check(found: Findings, element: Any, allowed: set[str], pointer: str) -> None:
    """Check one element that stands in a place where only `allowed` types may stand."""
    if not found.is_object(element, pointer):
        return
    kind = element.get("type")
    if kind not in allowed:
        found.add(f"unsupported type: {kind}", f"{pointer}/type")
        return
    found.keys(element, required=_REQUIRED.get(kind, ()), optional=_OPTIONAL[kind], pointer=pointer)
    found.booleans(element, _BOOLEANS, pointer)
    if "action_id" in element:
        found.is_string(element["action_id"], f"{pointer}/action_id", least=1, most=255)
    if "placeholder" in element:
        found.text(element["placeholder"], f"{pointer}/placeholder", most=150, plain=True)
    if "confirm" in element:
        confirmation(found, element["confirm"], f"{pointer}/confirm")
    if kind in {"button", "workflow_button"}:
        _button(found, element, pointer)
    elif kind == "image":
        image(found, element, pointer)
    elif kind in {"static_select", "multi_static_select", "overflow", "checkboxes", "radio_buttons"}:
        options(found, element, kind, pointer)
    elif kind in {"plain_text_input", "number_input", "file_input"}:
        _limits(found, element, kind, pointer)
    _initial(found, element, kind, pointer)


def image(found: Findings, element: Json, pointer: str) -> None:
    """Check the picture in an image block or element: one source, and words for who cannot see it."""
    if ("image_url" in element) == ("slack_file" in element):
        found.add("must provide exactly one of image_url or slack_file", pointer)
    if "image_url" in element and found.is_string(element["image_url"], f"{pointer}/image_url", least=1, most=3000):
        _url(found, element["image_url"], f"{pointer}/image_url")
    if "alt_text" in element:
        found.is_string(element["alt_text"], f"{pointer}/alt_text", least=1, most=2000)


def _url(found: Findings, value: str, pointer: str) -> None:
    if not re.match(r"(https?|slack|mailto|tel):", value):
        found.add("must be a valid URL", pointer)


def _button(found: Findings, element: Json, pointer: str) -> None:
    if "text" in element:
        found.text(element["text"], f"{pointer}/text", most=75, plain=True)
    if "value" in element:
        found.is_string(element["value"], f"{pointer}/value", most=2000)
    if "url" in element and found.is_string(element["url"], f"{pointer}/url", least=1, most=3000):
        _url(found, element["url"], f"{pointer}/url")
    if "style" in element:
        found.is_one_of(element["style"], {"primary", "danger"}, f"{pointer}/style")
    if "accessibility_label" in element:
        found.is_string(element["accessibility_label"], f"{pointer}/accessibility_label", most=75)


def _initial(found: Findings, element: Json, kind: str, pointer: str) -> None:
    formats = {"initial_date": ("%Y-%m-%d", "YYYY-MM-DD"), "initial_time": ("%H:%M", "HH:mm")}
    for key, (form, words) in formats.items():
        if key in element and not _parses(element[key], form):
            found.add(f"must match the format {words}", f"{pointer}/{key}")
    stamp = element.get("initial_date_time")
    if stamp is not None and (not isinstance(stamp, int) or len(str(stamp)) != 10):
        found.add("must be a UNIX timestamp of 10 digits", f"{pointer}/initial_date_time")
    for key, prefixes in _ID_PREFIX.items():
        given = element.get(key, [])
        for target in given if isinstance(given, list) else [given]:
            if not isinstance(target, str) or target[:1] not in prefixes:
                found.add("must be a valid id", f"{pointer}/{key}")
    if kind.endswith("external_select"):
        return
    chosen = element.get("initial_options", []) if "initial_options" in element else [element.get("initial_option")]
    known = [(option.get("text"), option.get("value")) for option in offered(element) if isinstance(option, dict)]
    for option in chosen:
        if option is not None and (
            not isinstance(option, dict) or (option.get("text"), option.get("value")) not in known
        ):
            key = "initial_options" if "initial_options" in element else "initial_option"
            found.add("must exactly match one of the provided options", f"{pointer}/{key}")


def _parses(value: Any, form: str) -> bool:
    try:
        dt.datetime.strptime(value, form)  # noqa: DTZ007 -- only the form matters here
    except (TypeError, ValueError):
        return False
    return isinstance(value, str) and len(value) == len("2026-01-31" if form == "%Y-%m-%d" else "09:30")


def _limits(found: Findings, element: Json, kind: str, pointer: str) -> None:
    if kind == "plain_text_input":
        least, most = element.get("min_length", 0), element.get("max_length", 3000)
        if not isinstance(least, int) or not 0 <= least <= 3000:
            found.add("must be between 0 and 3000", f"{pointer}/min_length")
        if not isinstance(most, int) or not 1 <= most <= 3000:
            found.add("must be between 1 and 3000", f"{pointer}/max_length")
        if "initial_value" in element:
            found.is_string(element["initial_value"], f"{pointer}/initial_value", most=3000)
    elif kind == "number_input":
        for key in ("initial_value", "min_value", "max_value"):
            # Slack wants numbers as strings here (reference/block-kit/block-elements/number-input-element).
            if key in element and (
                not isinstance(element[key], str) or not re.fullmatch(r"-?\d+(\.\d+)?", element[key])
            ):
                found.add("must provide a number as a string", f"{pointer}/{key}")
    elif not isinstance(element.get("max_files", 10), int) or not 1 <= element.get("max_files", 10) <= 10:
        found.add("must be between 1 and 10", f"{pointer}/max_files")
