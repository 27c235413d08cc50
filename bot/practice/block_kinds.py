"""The rules for each kind of block (docs.slack.dev reference/block-kit/blocks)."""

from typing import Any

from bot.practice import block_elements as elements
from bot.practice.findings import Findings
from bot.practice.records import Json

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
        elements.check(found, block["accessory"], elements.IN_SECTION, f"{at}/accessory")
    found.booleans(block, ["expand"], at)


def _header(found: Findings, block: Json, at: str) -> None:
    if found.keys(block, required=["text"], optional=["block_id"], pointer=at):
        found.text(block["text"], f"{at}/text", most=150, plain=True)


def _divider(found: Findings, block: Json, at: str) -> None:
    found.keys(block, required=[], optional=["block_id"], pointer=at)


def _image(found: Findings, block: Json, at: str) -> None:
    found.keys(block, required=["alt_text"], optional=["block_id", "image_url", "slack_file", "title"], pointer=at)
    elements.image(found, block, at)
    if "title" in block:
        found.text(block["title"], f"{at}/title", most=2000, plain=True)


def _actions(found: Findings, block: Json, at: str) -> None:
    if not found.keys(block, required=["elements"], optional=["block_id"], pointer=at):
        return
    if found.is_list(block["elements"], f"{at}/elements", least=1, most=25):
        for index, element in enumerate(block["elements"]):
            elements.check(found, element, elements.IN_ACTIONS, f"{at}/elements/{index}")


def _context(found: Findings, block: Json, at: str) -> None:
    if not found.keys(block, required=["elements"], optional=["block_id"], pointer=at):
        return
    if found.is_list(block["elements"], f"{at}/elements", least=1, most=10):
        for index, element in enumerate(block["elements"]):
            inside = f"{at}/elements/{index}"
            if isinstance(element, dict) and element.get("type") == "image":
                elements.check(found, element, {"image"}, inside)
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
    elements.check(found, block["element"], elements.IN_INPUT, f"{at}/element")


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
