"""The rules for options, groups of them and confirmations (docs.slack.dev reference/block-kit/composition-objects)."""

from typing import Any

from bot.practice.findings import Findings
from bot.practice.records import Json

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
