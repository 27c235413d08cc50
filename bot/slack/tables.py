"""Every noun that the bot answers to, in one table."""

from bot.slack.actions import commands as actions_commands
from bot.slack.actions import notices
from bot.slack.cases import commands as cases_commands
from bot.slack.commands import agenda, inquorate, invitations, meeting, minutes, panel, returns, undelivered
from bot.slack.commands import home as home_buttons
from bot.slack.diary import commands as diary_commands
from bot.slack.effects import home, meetings, papers
from bot.slack.effects import invitations as inviting
from bot.slack.effects import returns as return_effects
from bot.slack.listener import render_response
from bot.slack.people import commands
from bot.slack.registry import Noun, Registry


def build_registry() -> Registry:
    """The registry of this version."""
    return Registry(
        (
            panel.NOUN,
            cases_commands.NOUN,
            agenda.NOUN,
            meeting.NOUN,
            inquorate.NOUN,
            actions_commands.NOUN,
            actions_commands.BUTTONS,
            minutes.NOUN,
            commands.NOUN,
            Noun(events={"app_home_opened": home.on_opened}, renderers=home.RENDERERS),
            invitations.NOUN,
            diary_commands.NOUN,
            home_buttons.NOUN,
            undelivered.NOUN,
            returns.NOUN,
            Noun(renderers={"response": render_response}),
            Noun(renderers=notices.RENDERERS),
            Noun(renderers=meetings.RENDERERS),
            Noun(renderers=cases_commands.RENDERERS),
            Noun(renderers=inviting.RENDERERS),
            Noun(renderers=papers.RENDERERS),
            Noun(renderers=return_effects.RENDERERS),
        )
    )
