"""The rules for whole messages and views, as strict as Slack's documentation (reference/block-kit, reference/views)."""

import copy
import json
import secrets
from collections.abc import Iterator
from typing import Any

from bot.practice.workspace.block_elements import IN_ACTIONS, IN_INPUT, IN_SECTION, image, one_element
from bot.practice.workspace.findings import (
    ApiError,
    Findings,
    Rule,
    Shape,
    any_of,
    anything,
    flag,
    invalid_arguments,
    listing,
    maybe,
    one_of,
    string,
    text,
)
from bot.practice.workspace.records import Json

#: Types of blocks that Slack takes in a message, but not in a modal or Home.
MESSAGE_ONLY = {"table", "markdown"}


def _says_something(found: Findings, section: Json, at: str) -> None:
    if "text" not in section and "fields" not in section:
        found.add("must provide at least one of text or fields", at)


def _said_or_shown(found: Findings, value: Any, at: str) -> None:
    is_image = isinstance(value, dict) and value.get("type") == "image"
    (one_element({"image"}) if is_image else text(3000))(found, value, at)


_BLOCK: dict[str, Rule] = {"block_id": string(255, least=1)}
_RICH_PARTS = ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")
_RICH_TEXT = Shape({"elements": listing(any_of(dict.fromkeys(_RICH_PARTS, anything)))}, _BLOCK)
_CELL = any_of({"raw_text": Shape({"text": string(2000, least=1)}, {}), "rich_text": _RICH_TEXT})
_COLUMN = Shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag})

#: The rule for each type of block. Other types are refused.
BLOCK_RULES: dict[str, Rule] = {
    "section": Shape(
        {},
        _BLOCK
        | {
            "text": text(3000),
            "fields": listing(text(2000), least=1, most=10),
            "accessory": one_element(IN_SECTION),
            "expand": flag,
        },
        _says_something,
    ),
    "header": Shape({"text": text(150, plain=True)}, _BLOCK),
    "divider": Shape({}, _BLOCK),
    "image": image(_BLOCK | {"title": text(2000, plain=True)}),
    "actions": Shape({"elements": listing(one_element(IN_ACTIONS), least=1, most=25)}, _BLOCK),
    "context": Shape({"elements": listing(_said_or_shown, least=1, most=10)}, _BLOCK),
    "input": Shape(
        {"label": text(2000, plain=True), "element": one_element(IN_INPUT)},
        _BLOCK | {"hint": text(2000, plain=True), "optional": flag, "dispatch_action": flag},
    ),
    "rich_text": _RICH_TEXT,
    "table": Shape(
        {"rows": listing(listing(_CELL, least=1, most=20), least=1, most=100)},
        # null keeps the default of a column that comes before a column with settings
        _BLOCK | {"column_settings": listing(maybe(_COLUMN), most=20)},
    ),
    "markdown": Shape({"text": string(12_000, least=1)}, _BLOCK),
}

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
VIEW_BYTES = 250_000
#: Slack documents no limit. Others measured 13,172 to 13,297 characters (bolt-js issue 2509).
MESSAGE_TEXT = 13_200


_VIEW: dict[str, Rule] = {
    "private_metadata": string(3000),
    "callback_id": string(255),
    "external_id": string(255),
}
_TITLE = text(24, plain=True)
_ONLY_MODAL: dict[str, Rule] = {
    "close": maybe(_TITLE),
    "submit": maybe(_TITLE),
    "clear_on_close": flag,
    "notify_on_close": flag,
    "submit_disabled": flag,
}


def _parsed(given: Any, refusal: ApiError) -> Any:
    """Return a JSON argument as a Python value. Forms carry it as a string. Raise `refusal` if it can't be parsed."""
    try:
        return json.loads(given) if isinstance(given, str) else given
    except ValueError:
        raise refusal from None


def message_blocks(blocks: Any) -> list[Json]:
    """Return a message's blocks with their missing ids filled in.

    Raise `invalid_blocks_format` (not an array), `invalid_blocks` (against a rule) or `msg_blocks_too_long`.
    """
    blocks = _parsed(blocks, ApiError("invalid_blocks_format"))
    if not isinstance(blocks, list):
        raise ApiError("invalid_blocks_format")
    found = Findings()
    _blocks("message", MESSAGE_BLOCKS)(found, blocks, "/blocks")
    if found.lines:
        messages = [f"[ERROR] {line}" for line in found.lines]
        raise ApiError("invalid_blocks", errors=found.lines, response_metadata={"messages": messages})
    if sum(len(words) for words in texts(blocks)) > MESSAGE_TEXT:
        raise ApiError("msg_blocks_too_long")
    return _completed(blocks)


def view(definition: Any, *, kinds: frozenset[str]) -> Json:
    """Return a view with its missing ids filled in. Raise `invalid_arguments` or `view_too_large` (reference/views)."""
    definition = _parsed(definition, invalid_arguments("invalid json [json-pointer:/view]"))
    if len(json.dumps(definition, ensure_ascii=False).encode()) > VIEW_BYTES:
        raise ApiError("view_too_large")
    found = Findings()
    any_of(VIEW_RULES, kinds)(found, definition, "/view")
    if found.lines:
        raise invalid_arguments(*found.lines)
    finished = {**copy.deepcopy(definition), "blocks": _completed(definition["blocks"])}
    _default_text_flags(finished)
    return finished


def _fits_together(found: Findings, modal: Json, at: str) -> None:
    blocks = modal.get("blocks")
    has_input = isinstance(blocks, list) and any(isinstance(b, dict) and b.get("type") == "input" for b in blocks)
    if has_input and modal.get("submit") is None:
        found.add("missing required field: submit", at)
    _focused_once(found, modal, at)


def _focused_once(found: Findings, shown: Json, at: str) -> None:
    focused = [element for _, element in interactive(shown.get("blocks")) if element.get("focus_on_load") is True]
    if len(focused) > 1:
        found.add("only one element may have focus_on_load", f"{at}/blocks")


def interactive(blocks: Any) -> Iterator[tuple[Json, Json]]:
    """Yield each element that a person can operate, with its block."""
    for block in blocks if isinstance(blocks, list) else []:
        if not isinstance(block, dict):
            continue
        inside = [block.get("accessory"), block.get("element")]
        if block.get("type") in {"actions", "context_actions"} and isinstance(block.get("elements"), list):
            inside += block["elements"]
        for element in inside:
            if isinstance(element, dict) and element.get("type") != "image":
                yield block, element


def texts(value: Any) -> Iterator[str]:
    """Yield each piece of text within blocks, in reading order."""
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "text" and isinstance(item, str):
                yield item
            elif isinstance(item, dict | list):
                yield from texts(item)


def _blocks(surface: str, most: int) -> Rule:
    """Return the rule for the array of blocks of a `message`, `modal` or `home`, which has at most `most` blocks."""
    allowed = BLOCK_RULES.keys() - (set() if surface == "message" else MESSAGE_ONLY)
    each = listing(any_of(BLOCK_RULES, allowed), most=most)

    def check(found: Findings, blocks: Any, at: str) -> None:
        each(found, blocks, at)
        if not isinstance(blocks, list):
            return
        seen: set[str] = set()
        for index, block in enumerate(blocks):
            if isinstance(block, dict):
                _ids_differ(found, block, seen, f"{at}/{index}")
                field = block.get("element")
                if surface != "modal" and isinstance(field, dict) and field.get("type") == "file_input":
                    found.add("unsupported type: file_input", f"{at}/{index}/element/type")
        of_kind = {kind: [b for b in blocks if isinstance(b, dict) and b.get("type") == kind] for kind in MESSAGE_ONLY}
        if len(of_kind["table"]) > 1:
            found.add("only_one_table_allowed", at)
        if sum(len(str(block.get("text", ""))) for block in of_kind["markdown"]) > 12_000:
            found.add("must be less than 12001 characters", at)

    return check


def _ids_differ(found: Findings, block: Json, seen: set[str], at: str) -> None:
    block_id = block.get("block_id")
    if isinstance(block_id, str):
        if block_id in seen:
            found.add(f"block_id {block_id} already exists", f"{at}/block_id")
        seen.add(block_id)
    action_ids: set[str] = set()
    for _, operated in interactive([block]):
        action_id = operated.get("action_id")
        if isinstance(action_id, str):
            if action_id in action_ids:
                found.add(f"action_id {action_id} already exists", at)
            action_ids.add(action_id)


VIEW_RULES: dict[str, Rule] = {
    "modal": Shape({"title": _TITLE, "blocks": _blocks("modal", VIEW_BLOCKS)}, _VIEW | _ONLY_MODAL, _fits_together),
    "home": Shape({"blocks": _blocks("home", VIEW_BLOCKS)}, _VIEW, _focused_once),
}


def _completed(blocks: list[Json]) -> list[Json]:
    """Return a copy of the blocks with what Slack fills in: block_ids, action_ids, `emoji` and `verbatim`."""
    finished = copy.deepcopy(blocks)
    for block in finished:
        block.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        for _, element in interactive([block]):
            element.setdefault("action_id", secrets.token_urlsafe(4)[:5])
    _default_text_flags(finished)
    return finished


def _default_text_flags(value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _default_text_flags(item)
    elif isinstance(value, dict):
        if value.get("type") == "plain_text":
            value.setdefault("emoji", True)
        elif value.get("type") == "mrkdwn":
            value.setdefault("verbatim", False)
        for item in value.values():
            if isinstance(item, dict | list):
                _default_text_flags(item)
