"""The README of the templates names every field there is, and none that is not."""

import re
from pathlib import Path
from typing import Any

import pytest

from bot.documents.agency_pack import pack_fields
from bot.documents.agenda import agenda_fields
from bot.documents.extract import extract_fields
from bot.documents.minutes import minutes_fields
from bot.documents.summary import summary_fields
from tests.documents.example_meeting import AGENDA, EXTRACT, MINUTES, PACK, SUMMARY

README = (Path(__file__).parents[2] / "minutes_templates" / "README.md").read_text(encoding="utf-8")
ENTRY_NAMES = {
    "items": "item",
    "hearings": "hearing",
    "cases": "item",
    "actions": "action",
    "outstanding": "action",
    "earlier": "action",
    "shared": "said",
    "dissent": "said",
    "decisions": "decision",
    "headed": "part",
    "amendments": "amendment",
    "present": "row",
    "apologies": "row",
    "absent": "row",
    "in_attendance": "row",
    "observers": "row",
    "circulation": "row",
}


def names(value: Any, path: str) -> set[str]:
    """Return every field under this one, as the README writes it."""
    found = {path} if path else set()
    if isinstance(value, dict):
        for name, inner in value.items():
            at = f"{path}.{name}" if path else name
            found |= {at} | names(inner, "item" if at.endswith(".item") else at)
    if isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict):
                found |= names(inner, ENTRY_NAMES[path.rsplit(".", maxsplit=1)[-1]])
    return found - {
        "panel",
        "meeting",
        "minutes",
        "agenda",
        "summary",
        "extract",
        "pack",
        "hearing",
        "item",
        "action",
        "said",
        "row",
        "amendment",
        "decision",
        "part",
    }


FIELDS = (
    minutes_fields(MINUTES),
    agenda_fields(AGENDA),
    summary_fields(SUMMARY),
    extract_fields(EXTRACT),
    pack_fields(PACK),
)


@pytest.mark.parametrize("fields", FIELDS)
def test_every_field_is_explained(fields: dict[str, Any]) -> None:
    written = set(re.findall(r"`(\w+(?:\.\w+)*)`", README)) | {
        f"amendment{name}" for name in re.findall(r"`(\.\w+)`", README)
    }
    assert names(fields, "") - written == set()


def test_no_field_is_explained_that_does_not_exist() -> None:
    real = {name for fields in FIELDS for name in names(fields, "")}
    cells = re.findall(r"^\| (`[^|]*) \|", README, flags=re.MULTILINE)
    told = {name for cell in cells for name in re.findall(r"`([a-z_]+(?:\.\w+)*)`", cell)}
    assert told - real == set()
