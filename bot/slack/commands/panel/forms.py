"""What the forms of the diary share: reading a date and a time, and whether the diary is as it was when shown."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.permissions import Verb as May
from bot.errors import Mistake
from bot.records.access.queries import Where, find_panel
from bot.slack.request import Request

_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)


def wall_clock(request: Request) -> datetime:
    """The date and time put into a form, on the panel's clocks. Raises Mistake on the field that is wrong."""
    found = _TIME.fullmatch(request.field("time").strip())
    if found is None:
        raise Mistake("Write the time as hours and minutes, such as 14:00.", field="time")
    if not request.field("date"):
        raise Mistake("Choose a day.", field="date")
    return datetime.fromisoformat(f"{request.field('date')}T{int(found[1]):02d}:{found[2]}")


def panel_facts(request: Request, where: Where) -> tuple[str, dict[str, Any]]:
    """The title of a panel that the person schedules, and what its forms carry along."""
    panel = find_panel(request.work, request.actor, where, May.SCHEDULE).panel
    return panel.title, {"panel": panel.key}


def fingerprint(view: object) -> str:
    """Short for all that a preview shows, so that saving can tell whether it still holds."""
    return hashlib.sha256(repr(view).encode()).hexdigest()[:16]


def is_as_shown(metadata: Mapping[str, Any], view: object) -> bool:
    """Whether the diary is still as the preview showed it."""
    return bool(metadata.get("seen") == fingerprint(view))
