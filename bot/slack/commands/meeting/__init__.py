"""`/meeting`: hold it, item by item, and record what was said and decided."""

from bot.slack.cases import commands
from bot.slack.commands.meeting import before, items, sitting
from bot.slack.registry import Command, Noun

__all__ = ["COMMAND", "NOUN"]

COMMAND = Command(
    "/meeting",
    "Hold a meeting and record it",
    (*before.VERBS, *sitting.VERBS, *commands.INTEREST_VERBS, *items.VERBS, sitting.CLOSE),
)

NOUN = Noun(
    command=COMMAND,
    clicks={**sitting.CLICKS, **items.CLICKS},
    submissions={**sitting.SUBMISSIONS, **items.SUBMISSIONS},
    reads=frozenset({"meeting.decide", "meeting.note"}),
)
