"""The rules that Block Kit elements must follow (docs.slack.dev reference/block-kit/block-elements)."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from bot.practice.workspace.findings import (
    Findings,
    Rule,
    Shape,
    any_of,
    anything,
    flag,
    listing,
    number,
    one_of,
    says,
    string,
    text,
)
from bot.practice.workspace.records import Json

_STYLE = one_of("primary", "danger")
_CONFIRM = Shape(
    {
        "title": text(100, plain=True),
        "text": text(300),
        "confirm": text(30, plain=True),
        "deny": text(30, plain=True),
    },
    {"style": _STYLE},
)


def _url(found: Findings, value: Any, at: str) -> None:
    string(3000, least=1)(found, value, at)
    if isinstance(value, str) and not re.match(r"(https?|slack|mailto|tel):", value):
        found.add("must be a valid URL", at)


def _options(*, least: int = 1, most: int = 100, plain: bool = True, url: bool = False) -> Rule:
    option = Shape(
        {"text": text(75, plain=plain), "value": string(150, least=1)},
        {"description": text(75, plain=plain), **({"url": anything} if url else {})},
    )
    return listing(option, least=least, most=most)


def offered(element: Json) -> list[Json]:
    """Return all options of an element, including those within its groups."""
    found: list[Json] = list(element.get("options", []))
    for group in element.get("option_groups", []):
        found += group["options"]
    return found


def _chosen_is_offered(found: Findings, element: Json, at: str) -> None:
    if found.lines:
        return  # malformed options can't be compared
    key = "initial_options" if "initial_options" in element else "initial_option"
    given = element.get(key)
    chosen = given if isinstance(given, list) else [] if given is None else [given]
    known = [(option.get("text"), option.get("value")) for option in offered(element) if isinstance(option, dict)]
    for option in chosen:
        if not isinstance(option, dict) or (option.get("text"), option.get("value")) not in known:
            found.add("must exactly match one of the provided options", f"{at}/{key}")


def _one_source_of_options(found: Findings, element: Json, at: str) -> None:
    if ("options" in element) == ("option_groups" in element):
        found.add("must provide exactly one of options or option_groups", at)
    _chosen_is_offered(found, element, at)


def _one_source_of_image(found: Findings, element: Json, at: str) -> None:
    if ("image_url" in element) == ("slack_file" in element):
        found.add("must provide exactly one of image_url or slack_file", at)


def image(may_have: Mapping[str, Rule]) -> Shape:
    """Return the rule for an image: an alternative text, exactly one source, and the optional fields in `may_have`."""
    sources = {"image_url": _url, "slack_file": anything}
    return Shape({"alt_text": string(2000, least=1)}, {**sources, **may_have}, _one_source_of_image)


def _written(form: str, words: str) -> Rule:
    def fits(value: Any) -> bool:
        try:
            # Written back it must be the same: "9:30" reads as a time, and is not one to Slack.
            return bool(dt.datetime.strptime(value, form).strftime(form) == value)  # noqa: DTZ007 -- only the form matters
        except (TypeError, ValueError):
            return False

    return says(f"must match the format {words}", fits)


def _ids(prefixes: str) -> Rule:
    def check(found: Findings, value: Any, at: str) -> None:
        for target in value if isinstance(value, list) else [value]:
            if not isinstance(target, str) or target[:1] not in prefixes:
                found.add("must be a valid id", at)

    return check


_ID: dict[str, Rule] = {"action_id": string(255, least=1)}
_CLICKED: dict[str, Rule] = _ID | {"confirm": _CONFIRM}
_PICKED: dict[str, Rule] = _CLICKED | {"focus_on_load": flag}
_MENU: dict[str, Rule] = _PICKED | {"placeholder": text(150, plain=True)}
_MANY: dict[str, Rule] = _MENU | {"max_selected_items": anything}
_TYPED: dict[str, Rule] = _ID | {
    "placeholder": text(150, plain=True),
    "focus_on_load": flag,
    "initial_value": anything,
    "dispatch_action_config": anything,
}
_GROUP = Shape({"label": text(75, plain=True), "options": _options()}, {})
_CHOICE: dict[str, Rule] = {"options": _options(), "option_groups": listing(_GROUP, least=1, most=100)}
_CONVERSATION: dict[str, Rule] = {"default_to_current_conversation": flag, "filter": anything}
_ASKED: dict[str, Rule] = {"response_url_enabled": flag}
# Slack wants numbers as strings here (reference/block-kit/block-elements/number-input-element).
_NUMBER = says(
    "must provide a number as a string",
    lambda value: isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) is not None,
)
_STAMP = says("must be a UNIX timestamp of 10 digits", lambda value: isinstance(value, int) and len(str(value)) == 10)
_BOXES = {"options": _options(most=10, plain=False)}
_LABEL: dict[str, Rule] = {"style": _STYLE, "accessibility_label": string(75)}

#: The rule for each type of element.
ELEMENTS: dict[str, Rule] = {
    "button": Shape({"text": text(75, plain=True)}, _CLICKED | _LABEL | {"url": _url, "value": string(2000)}),
    "workflow_button": Shape({"text": text(75, plain=True), "workflow": anything}, _ID | _LABEL),
    "overflow": Shape({"options": _options(most=5, url=True)}, _CLICKED),
    "image": image({}),
    "static_select": Shape({}, _MENU | _CHOICE | {"initial_option": anything}, _one_source_of_options),
    "multi_static_select": Shape({}, _MANY | _CHOICE | {"initial_options": anything}, _one_source_of_options),
    "external_select": Shape({}, _MENU | {"initial_option": anything, "min_query_length": anything}),
    "multi_external_select": Shape({}, _MANY | {"initial_options": anything, "min_query_length": anything}),
    "users_select": Shape({}, _MENU | {"initial_user": _ids("UW")}),
    "multi_users_select": Shape({}, _MANY | {"initial_users": _ids("UW")}),
    "conversations_select": Shape({}, _MENU | _CONVERSATION | _ASKED | {"initial_conversation": _ids("CDGU")}),
    "multi_conversations_select": Shape({}, _MANY | _CONVERSATION | {"initial_conversations": _ids("CDGU")}),
    "channels_select": Shape({}, _MENU | _ASKED | {"initial_channel": _ids("C")}),
    "multi_channels_select": Shape({}, _MANY | {"initial_channels": _ids("C")}),
    "datepicker": Shape({}, _MENU | {"initial_date": _written("%Y-%m-%d", "YYYY-MM-DD")}),
    "timepicker": Shape({}, _MENU | {"initial_time": _written("%H:%M", "HH:mm"), "timezone": anything}),
    "datetimepicker": Shape({}, _PICKED | {"initial_date_time": _STAMP}),
    "checkboxes": Shape(_BOXES, _PICKED | {"initial_options": anything}, _chosen_is_offered),
    "radio_buttons": Shape(_BOXES, _PICKED | {"initial_option": anything}, _chosen_is_offered),
    "plain_text_input": Shape(
        {},
        _TYPED
        | {
            "initial_value": string(3000),
            "multiline": flag,
            "min_length": number(0, 3000),
            "max_length": number(1, 3000),
        },
    ),
    "number_input": Shape(
        {"is_decimal_allowed": flag}, _TYPED | {"initial_value": _NUMBER, "min_value": _NUMBER, "max_value": _NUMBER}
    ),
    "email_text_input": Shape({}, _TYPED),
    "url_text_input": Shape({}, _TYPED),
    "rich_text_input": Shape({}, _TYPED),
    "file_input": Shape({}, _ID | {"filetypes": anything, "max_files": number(1, 10)}),
}
_EVERYWHERE = {kind for kind in ELEMENTS if kind.endswith("_select")} | {
    "datepicker",
    "timepicker",
    "checkboxes",
    "radio_buttons",
}
_BUTTONS = {"button", "overflow", "workflow_button"}
IN_ACTIONS = _EVERYWHERE | _BUTTONS | {"datetimepicker", "rich_text_input"}
IN_SECTION = _EVERYWHERE | _BUTTONS | {"image"}
IN_INPUT = _EVERYWHERE | {kind for kind in ELEMENTS if kind.endswith("_input")} | {"datetimepicker"}


def one_element(allowed: set[str]) -> Rule:
    """Return the rule that a value is one element whose type is in `allowed`."""
    return any_of(ELEMENTS, allowed)
