"""A modal that says one thing."""

from bot.slack.reply import View
from bot.slack.views.blocks import modal, section


def notice(sentence: str, *, title: str = "Not done") -> View:
    """One sentence with a button to close it."""
    return modal("notice", title, [section(sentence)], submit=None)
