"""Every noun that the bot answers to, in one table."""

from bot.slack.actions import commands as actions_commands
from bot.slack.actions import notices
from bot.slack.agenda import commands as agenda_commands
from bot.slack.agenda import notices as agenda_notices
from bot.slack.cases import commands as cases_commands
from bot.slack.commands import meeting, panel
from bot.slack.diary import commands as diary_commands
from bot.slack.home import commands as home_commands
from bot.slack.invitations import commands as invitations_commands
from bot.slack.invitations import notices as invitations_notices
from bot.slack.listener import render_response
from bot.slack.meeting import commands as meeting_commands
from bot.slack.meeting import notices as meeting_notices
from bot.slack.minutes import commands as minutes_commands
from bot.slack.people import commands
from bot.slack.registry import Noun, Registry


def build_registry() -> Registry:
    """The registry of this version."""
    return Registry(
        (
            panel.NOUN,
            cases_commands.NOUN,
            agenda_commands.NOUN,
            meeting.NOUN,
            meeting_commands.INQUORATE,
            actions_commands.NOUN,
            actions_commands.BUTTONS,
            minutes_commands.NOUN,
            commands.NOUN,
            Noun(events={"app_home_opened": home_commands.on_opened}, renderers=home_commands.RENDERERS),
            invitations_commands.NOUN,
            diary_commands.NOUN,
            home_commands.NOUN,
            home_commands.UNDELIVERED,
            agenda_commands.RETURNS,
            Noun(renderers={"response": render_response}),
            Noun(renderers=notices.RENDERERS),
            Noun(renderers=meeting_notices.RENDERERS),
            Noun(renderers=cases_commands.RENDERERS),
            Noun(renderers=invitations_notices.RENDERERS),
            Noun(renderers=agenda_notices.RENDERERS),
            Noun(renderers=agenda_notices.RETURN_RENDERERS),
        )
    )
