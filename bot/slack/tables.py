"""The table of all nouns, with the two commands whose verbs belong to several nouns: `/panel` and `/meeting`."""

from bot.slack.actions import commands as actions_commands
from bot.slack.agenda import commands as agenda_commands
from bot.slack.cases import commands as cases_commands
from bot.slack.diary import commands as diary_commands
from bot.slack.home import commands as home_commands
from bot.slack.invitations import commands as invitations_commands
from bot.slack.meeting import commands as meeting_commands
from bot.slack.meeting import recording
from bot.slack.minutes import commands as minutes_commands
from bot.slack.notices import RENDERERS
from bot.slack.people import commands as people_commands
from bot.slack.registry import Command, Noun, Registry
from bot.slack.rescheduling import commands as rescheduling_commands
from bot.slack.rescheduling.rhythm_views import NEW_RHYTHM, OTHER_RHYTHM

#: `/panel`: the verbs that look at the diary, and those that change it.
_PANEL = Noun(
    command=Command(
        "/panel", "The panels you are on and their diary", (*diary_commands.VERBS, *rescheduling_commands.VERBS)
    ),
    clicks={**diary_commands.CLICKS, **rescheduling_commands.CLICKS},
    reads=frozenset({"panel.page", "panel.reason", "panel.not_held", "panel.became", NEW_RHYTHM, OTHER_RHYTHM}),
    submissions=rescheduling_commands.SUBMISSIONS,
    events=diary_commands.EVENTS,
)

#: `/meeting`: the verbs around a meeting, in the order in which people need them.
_MEETING = Noun(
    command=Command(
        "/meeting",
        "Hold a meeting and record it",
        recognised=recording.commands_for,
        verbs=(
            *invitations_commands.BEFORE_VERBS,
            diary_commands.CALENDAR,
            *meeting_commands.OPENING_VERBS,
            *map(recording.about_this_case, cases_commands.INTEREST_VERBS),
            *meeting_commands.ITEM_VERBS,
            meeting_commands.CLOSE,
        ),
    ),
    clicks=meeting_commands.CLICKS,
    submissions=meeting_commands.SUBMISSIONS,
    reads=frozenset(
        {
            "meeting.attendance",
            "meeting.decide",
            "meeting.note",
            "meeting.agenda",
            "meeting.record",
            "meeting.another_action",
            "meeting.choosing",
            "meeting.mine",
            "meeting.correct",
            "meeting.guest",
            "meeting.earlier",
        }
    ),
)


def build_registry() -> Registry:
    """Return the registry with all nouns and renderers of the bot."""
    return Registry(
        (
            _PANEL,
            cases_commands.NOUN,
            agenda_commands.NOUN,
            _MEETING,
            actions_commands.NOUN,
            minutes_commands.NOUN,
            people_commands.NOUN,
            invitations_commands.NOUN,
            home_commands.NOUN,
        ),
        RENDERERS,
    )
