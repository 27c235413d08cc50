"""The rules for messages and views as wholes, as strict as Slack's pages (reference/block-kit, reference/views)."""

import copy
import json
import secrets
from collections.abc import Iterator
from typing import Any

from bot.practice.workspace import block_elements
from bot.practice.workspace.findings import ApiError, Findings, invalid_arguments
from bot.practice.workspace.records import Json

#: Kinds that may stand in a message, and in no modal or Home.
MESSAGE_ONLY = {"table", "markdown", "file", "context_actions"}
_RICH_PARTS = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}


def _section(found: Findings, block: Json, at: str) -> None:
    found.keys(block, required=[], optional=["block_id", "text", "fields", "accessory", "expand"], pointer=at)
    if "text" not in block and "fields" not in block:
        found.add("must provide at least one of text or fields", at)
    if "text" in block:
        found.text(block["text"], f"{at}/text", most=3000)
    if "fields" in block and found.is_list(block["fields"], f"{at}/fields", least=1, most=10):
        for index, field in enumerate(block["fields"]):
            found.text(field, f"{at}/fields/{index}", most=2000)
    if "accessory" in block:
        block_elements.check(found, block["accessory"], block_elements.IN_SECTION, f"{at}/accessory")
    found.booleans(block, ["expand"], at)


def _header(found: Findings, block: Json, at: str) -> None:
    if found.keys(block, required=["text"], optional=["block_id"], pointer=at):
        found.text(block["text"], f"{at}/text", most=150, plain=True)


def _divider(found: Findings, block: Json, at: str) -> None:
    found.keys(block, required=[], optional=["block_id"], pointer=at)


def _image(found: Findings, block: Json, at: str) -> None:
    found.keys(block, required=["alt_text"], optional=["block_id", "image_url", "slack_file", "title"], pointer=at)
    block_elements.image(found, block, at)
    if "title" in block:
        found.text(block["title"], f"{at}/title", most=2000, plain=True)


def _actions(found: Findings, block: Json, at: str) -> None:
    if not found.keys(block, required=["elements"], optional=["block_id"], pointer=at):
        return
    if found.is_list(block["elements"], f"{at}/elements", least=1, most=25):
        for index, element in enumerate(block["elements"]):
            block_elements.check(found, element, block_elements.IN_ACTIONS, f"{at}/elements/{index}")


def _context(found: Findings, block: Json, at: str) -> None:
    if not found.keys(block, required=["elements"], optional=["block_id"], pointer=at):
        return
    if found.is_list(block["elements"], f"{at}/elements", least=1, most=10):
        for index, element in enumerate(block["elements"]):
            inside = f"{at}/elements/{index}"
            if isinstance(element, dict) and element.get("type") == "image":
                block_elements.check(found, element, {"image"}, inside)
            else:
                found.text(element, inside, most=3000)


def _input(found: Findings, block: Json, at: str) -> None:
    optional = ["block_id", "hint", "optional", "dispatch_action"]
    if not found.keys(block, required=["label", "element"], optional=optional, pointer=at):
        return
    found.text(block["label"], f"{at}/label", most=2000, plain=True)
    if "hint" in block:
        found.text(block["hint"], f"{at}/hint", most=2000, plain=True)
    found.booleans(block, ["optional", "dispatch_action"], at)
    block_elements.check(found, block["element"], block_elements.IN_INPUT, f"{at}/element")


def _rich_text(found: Findings, block: Json, at: str) -> None:
    if not found.keys(block, required=["elements"], optional=["block_id"], pointer=at):
        return
    if found.is_list(block["elements"], f"{at}/elements"):
        for index, element in enumerate(block["elements"]):
            inside = f"{at}/elements/{index}"
            if found.is_object(element, inside) and element.get("type") not in _RICH_PARTS:
                found.add(f"unsupported type: {element.get('type')}", f"{inside}/type")


def _table(found: Findings, block: Json, at: str) -> None:
    if not found.keys(block, required=["rows"], optional=["block_id", "column_settings"], pointer=at):
        return
    if found.is_list(block["rows"], f"{at}/rows", least=1, most=100):
        for number, row in enumerate(block["rows"]):
            if not found.is_list(row, f"{at}/rows/{number}", least=1, most=20):
                continue
            for index, cell in enumerate(row):
                _cell(found, cell, f"{at}/rows/{number}/{index}")
    if "column_settings" in block and found.is_list(block["column_settings"], f"{at}/column_settings", most=20):
        for index, column in enumerate(block["column_settings"]):
            # null keeps the default for a column before one that is set.
            if isinstance(column, dict):
                inside = f"{at}/column_settings/{index}"
                found.keys(column, required=[], optional=["align", "is_wrapped"], pointer=inside)
                found.booleans(column, ["is_wrapped"], inside)
                if "align" in column:
                    found.is_one_of(column["align"], {"left", "center", "right"}, f"{inside}/align")


def _cell(found: Findings, cell: Any, at: str) -> None:
    if not found.is_object(cell, at):
        return
    if cell.get("type") == "raw_text":
        if found.keys(cell, required=["text"], optional=[], pointer=at):
            found.is_string(cell["text"], f"{at}/text", least=1, most=2000)
    elif cell.get("type") == "rich_text":
        _rich_text(found, cell, at)
    else:
        found.add(f"unsupported type: {cell.get('type')}", f"{at}/type")


def _markdown(found: Findings, block: Json, at: str) -> None:
    if found.keys(block, required=["text"], optional=["block_id"], pointer=at):
        found.is_string(block["text"], f"{at}/text", least=1, most=12_000)


#: The rule of every kind of block; another kind is refused.
BLOCK_RULES = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "image": _image,
    "actions": _actions,
    "context": _context,
    "input": _input,
    "rich_text": _rich_text,
    "table": _table,
    "markdown": _markdown,
}

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
VIEW_BYTES = 250_000
#: Not documented; measured by others at 13,172 to 13,297 characters (bolt-js issue 2509).
MESSAGE_TEXT = 13_200


def message_blocks(blocks: Any, *, pointer: str = "/blocks") -> list[Json]:
    """Return a message's blocks with ids filled in.

    Raises `invalid_blocks_format` (no array), `invalid_blocks` (a rule broken), `msg_blocks_too_long`.
    """
    if isinstance(blocks, str):
        try:
            blocks = json.loads(blocks)
        except ValueError:
            raise ApiError("invalid_blocks_format") from None
    if not isinstance(blocks, list):
        raise ApiError("invalid_blocks_format")
    found = Findings()
    if found.is_list(blocks, pointer, most=MESSAGE_BLOCKS):
        _check(found, blocks, pointer, surface="message")
    if found.lines:
        raise ApiError(
            "invalid_blocks",
            errors=found.lines,
            response_metadata={"messages": [f"[ERROR] {x}" for x in found.lines]},
        )
    if sum(len(text) for text in texts(blocks)) > MESSAGE_TEXT:
        raise ApiError("msg_blocks_too_long")
    return _completed(blocks)


def view(definition: Any, *, kinds: frozenset[str]) -> Json:
    """Return a view with ids filled in; raises `invalid_arguments` or `view_too_large` (reference/views)."""
    if isinstance(definition, str):
        try:
            definition = json.loads(definition)
        except ValueError:
            raise invalid_arguments("invalid json [json-pointer:/view]") from None
    if not isinstance(definition, dict):
        raise invalid_arguments("must provide an object [json-pointer:/view]")
    if len(json.dumps(definition, ensure_ascii=False).encode()) > VIEW_BYTES:
        raise ApiError("view_too_large")
    found = Findings()
    kind = definition.get("type")
    if kind not in kinds:
        found.add(f"unsupported type: {kind}", "/view/type")
    else:
        _view_fields(found, definition, modal=kind == "modal")
        if found.is_list(definition.get("blocks"), "/view/blocks", most=VIEW_BLOCKS):
            _check(found, definition["blocks"], "/view/blocks", surface=str(kind))
    if found.lines:
        raise invalid_arguments(*found.lines)
    finished = {**copy.deepcopy(definition), "blocks": _completed(definition["blocks"])}
    _default_text_flags(finished)
    return finished


def _view_fields(found: Findings, definition: Json, *, modal: bool) -> None:
    shared = ["private_metadata", "callback_id", "external_id"]
    only_modal = ["close", "submit", "clear_on_close", "notify_on_close", "submit_disabled"]
    found.keys(
        definition,
        required=["title", "blocks"] if modal else ["blocks"],
        optional=[*shared, *only_modal] if modal else shared,
        pointer="/view",
    )
    for key in ("title", "submit", "close"):
        if modal and definition.get(key) is not None:
            found.text(definition[key], f"/view/{key}", most=24, plain=True)
    for key, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        if key in definition:
            found.is_string(definition[key], f"/view/{key}", most=most)
    found.booleans(definition, ("clear_on_close", "notify_on_close", "submit_disabled"), "/view")
    blocks = definition.get("blocks")
    has_input = isinstance(blocks, list) and any(isinstance(b, dict) and b.get("type") == "input" for b in blocks)
    if modal and has_input and definition.get("submit") is None:
        found.add("missing required field: submit", "/view")
    focused = [element for block, element in interactive(blocks) if element.get("focus_on_load") is True]
    if len(focused) > 1:
        found.add("only one element may have focus_on_load", "/view/blocks")


def interactive(blocks: Any) -> Iterator[tuple[Json, Json]]:
    """Yield every element a person can operate, with the block it stands in."""
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
    """Yield every piece of text in blocks, in reading order."""
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "text" and isinstance(item, str):
                yield item
            elif isinstance(item, dict | list):
                yield from texts(item)


def _check(found: Findings, blocks: list[Any], pointer: str, *, surface: str) -> None:
    block_ids: set[str] = set()
    for index, block in enumerate(blocks):
        at = f"{pointer}/{index}"
        if not found.is_object(block, at):
            continue
        kind = block.get("type")
        rule = BLOCK_RULES.get(kind) if isinstance(kind, str) else None
        if rule is None or (kind in MESSAGE_ONLY and surface != "message"):
            found.add(f"unsupported type: {kind}", f"{at}/type")
            continue
        if "block_id" in block and found.is_string(block["block_id"], f"{at}/block_id", least=1, most=255):
            if block["block_id"] in block_ids:
                found.add(f"block_id {block['block_id']} already exists", f"{at}/block_id")
            block_ids.add(block["block_id"])
        rule(found, block, at)
        action_ids: set[str] = set()
        for _, element in interactive([block]):
            if element.get("action_id") in action_ids:
                found.add(f"action_id {element['action_id']} already exists", at)
            action_ids |= {element["action_id"]} if isinstance(element.get("action_id"), str) else set()
        if kind == "input" and surface != "modal" and (block.get("element") or {}).get("type") == "file_input":
            found.add("unsupported type: file_input", f"{at}/element/type")
    for kind, what in (("table", "only_one_table_allowed"),):
        if sum(isinstance(block, dict) and block.get("type") == kind for block in blocks) > 1:
            found.add(what, pointer)
    markdown = [b.get("text", "") for b in blocks if isinstance(b, dict) and b.get("type") == "markdown"]
    if sum(len(text) for text in markdown if isinstance(text, str)) > 12_000:
        found.add("must be less than 12001 characters", pointer)


def _completed(blocks: list[Json]) -> list[Json]:
    """Return a copy with what Slack adds itself: block_ids, action_ids, `emoji` and `verbatim` on text objects."""
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
