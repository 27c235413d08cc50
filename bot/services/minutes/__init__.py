"""Minutes: the use cases, and the record that they stand on."""

from bot.services.minutes.papers import (
    MinutesView,
    approve_minutes,
    draft_minutes,
    export_minutes,
    minutes_document,
    minutes_for_notice,
)

__all__ = [
    "MinutesView",
    "approve_minutes",
    "draft_minutes",
    "export_minutes",
    "minutes_document",
    "minutes_for_notice",
]
