"""Every noun that the bot answers to, in one table."""

from bot.slack.commands import action
from bot.slack.effects import actions
from bot.slack.listener import render_response
from bot.slack.registry import Noun, Registry


def build_registry() -> Registry:
    """The registry of this version."""
    return Registry(
        (
            action.NOUN,
            Noun(renderers={"response": render_response}),
            Noun(renderers=actions.RENDERERS),
        )
    )
