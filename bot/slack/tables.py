"""Every noun that the bot answers to, in one table, and the two commands whose verbs are of several nouns."""

from bot.slack.actions import commands as actions_commands
from bot.slack.agenda import commands as agenda_commands
from bot.slack.cases import commands as cases_commands
from bot.slack.diary import commands as diary_commands
from bot.slack.home import commands as home_commands
from bot.slack.invitations import commands as invitations_commands
from bot.slack.meeting import commands as meeting_commands
from bot.slack.minutes import commands as minutes_commands
from bot.slack.notices import RENDERERS
from bot.slack.people import commands as people_commands
from bot.slack.registry import Command, Noun, Registry, Verb
from bot.slack.rescheduling import commands as rescheduling_commands

#: The diary of a panel.
_PANEL = Command(
    "/panel",
    "The panels you are on and their diary",
    (
        Verb("list", "", "your panels and when each meets next", "", diary_commands.panels_of, reads=True),
        Verb("next", "[panel]", "the next meeting and its deadlines", "", diary_commands.upcoming, reads=True),
        Verb("dates", "[panel]", "the coming meetings", "", diary_commands.dates, reads=True),
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

_PANEL_NOUN = Noun(
    command=_PANEL,
    clicks=diary_commands.CLICKS,
    reads=frozenset(diary_commands.CLICKS),
    submissions=rescheduling_commands.SUBMISSIONS,
)

#: Hold it, item by item, and record what was said and decided.
_MEETING = Command(
    "/meeting",
    "Hold a meeting and record it",
    (
        *invitations_commands.BEFORE_VERBS,
        *meeting_commands.OPENING_VERBS,
        *cases_commands.INTEREST_VERBS,
        *meeting_commands.ITEM_VERBS,
        meeting_commands.CLOSE,
    ),
)

_MEETING_NOUN = Noun(
    command=_MEETING,
    clicks={**meeting_commands.OPENING_CLICKS, **meeting_commands.ITEM_CLICKS},
    submissions={**meeting_commands.OPENING_SUBMISSIONS, **meeting_commands.ITEM_SUBMISSIONS},
    reads=frozenset({"meeting.decide", "meeting.note"}),
)


def build_registry() -> Registry:
    """The registry of this version."""
    return Registry(
        (
            _PANEL_NOUN,
            cases_commands.NOUN,
            agenda_commands.NOUN,
            _MEETING_NOUN,
            meeting_commands.INQUORATE,
            actions_commands.NOUN,
            actions_commands.BUTTONS,
            minutes_commands.NOUN,
            people_commands.NOUN,
            Noun(events={"app_home_opened": home_commands.on_opened}),
            invitations_commands.NOUN,
            diary_commands.NOUN,
            home_commands.NOUN,
            home_commands.UNDELIVERED,
            agenda_commands.RETURNS,
        ),
        RENDERERS,
    )
