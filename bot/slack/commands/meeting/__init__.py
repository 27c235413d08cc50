"""`/meeting`: hold it, item by item, and record what was said and decided."""

from bot.slack.cases import commands
from bot.slack.invitations import commands as invitations_commands
from bot.slack.meeting import commands as meeting_commands
from bot.slack.registry import Command, Noun

__all__ = ["COMMAND", "NOUN"]

COMMAND = Command(
    "/meeting",
    "Hold a meeting and record it",
    (
        *invitations_commands.BEFORE_VERBS,
        *meeting_commands.OPENING_VERBS,
        *commands.INTEREST_VERBS,
        *meeting_commands.ITEM_VERBS,
        meeting_commands.CLOSE,
    ),
)

NOUN = Noun(
    command=COMMAND,
    clicks={**meeting_commands.OPENING_CLICKS, **meeting_commands.ITEM_CLICKS},
    submissions={**meeting_commands.OPENING_SUBMISSIONS, **meeting_commands.ITEM_SUBMISSIONS},
    reads=frozenset({"meeting.decide", "meeting.note"}),
)
