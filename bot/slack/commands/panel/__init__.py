"""`/panel`: the diary of a panel."""

from bot.slack.commands.panel import changes, series, venue
from bot.slack.diary import commands
from bot.slack.registry import Command, Noun, Verb

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
            series.create,
        ),
        Verb(
            "change",
            "[HOW OFTEN] [panel]",
            "a new rule for a series; you see what becomes of each meeting first",
            "second Wednesday of the month at 14:00",
            series.change,
        ),
        Verb("reschedule", "[panel]", "move a meeting, or it and those that follow", "", changes.reschedule),
        Verb("venue", "[panel]", "meet somewhere else, once or from a meeting on", "", venue.venue),
        Verb("cancel", "[panel]", "cancel a meeting, or it and those that follow", "", changes.cancel),
        Verb("reinstate", "[panel]", "put cancelled meetings back", "", changes.reinstate),
        Verb("add", "[panel]", "one more meeting, beside the series", "", changes.add),
    ),
)

NOUN = Noun(
    command=COMMAND,
    clicks=commands.CLICKS,
    reads=frozenset(commands.CLICKS),
    submissions={**series.SUBMISSIONS, **changes.SUBMISSIONS, **venue.SUBMISSIONS},
)
