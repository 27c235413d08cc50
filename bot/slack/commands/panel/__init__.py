"""`/panel`: the diary of a panel."""

from bot.slack.diary import commands
from bot.slack.registry import Command, Noun, Verb
from bot.slack.rescheduling import commands as rescheduling_commands

__all__ = ["COMMAND", "NOUN"]

COMMAND = Command(
    "/panel",
    "The panels you are on and their diary",
    (
        Verb("list", "", "your panels and when each meets next", "", commands.panels_of, reads=True),
        Verb("next", "[panel]", "the next meeting and its deadlines", "", commands.upcoming, reads=True),
        Verb("dates", "[panel]", "the coming meetings", "", commands.dates, reads=True),
        Verb(
            "create",
            "[HOW OFTEN] [panel]",
            "put a series of meetings into the diary; you see the dates first",
            "second Tuesday of the month at 14:00",
            rescheduling_commands.create,
        ),
        Verb(
            "change",
            "[HOW OFTEN] [panel]",
            "a new rule for a series; you see what becomes of each meeting first",
            "second Wednesday of the month at 14:00",
            rescheduling_commands.change,
        ),
        Verb(
            "reschedule", "[panel]", "move a meeting, or it and those that follow", "", rescheduling_commands.reschedule
        ),
        Verb("venue", "[panel]", "meet somewhere else, once or from a meeting on", "", rescheduling_commands.venue),
        Verb("cancel", "[panel]", "cancel a meeting, or it and those that follow", "", rescheduling_commands.cancel),
        Verb("reinstate", "[panel]", "put cancelled meetings back", "", rescheduling_commands.reinstate),
        Verb("add", "[panel]", "one more meeting, beside the series", "", rescheduling_commands.add),
    ),
)

NOUN = Noun(
    command=COMMAND,
    clicks=commands.CLICKS,
    reads=frozenset(commands.CLICKS),
    submissions={
        **rescheduling_commands.SERIES_SUBMISSIONS,
        **rescheduling_commands.MEETING_SUBMISSIONS,
        **rescheduling_commands.VENUE_SUBMISSIONS,
    },
)
