"""The sentence of a refusal, as the place where it is shown can show it.

Sentences are written once, in the core, with a command in `backticks`, somebody mentioned as <@U0…>, and names of
people and panels as they are. In a message those names must not become links; in a form nothing is marked up at all.
"""

import re
from typing import Final

from bot.slack.views.blocks import escape

_MENTION: Final = re.compile(r"<(@[UW][A-Z0-9]+)>")
_ESCAPED_MENTION: Final = re.compile(r"&lt;(@[UW][A-Z0-9]+)&gt;")


def for_message(sentence: str) -> str:
    """In a message or a modal of our own: mentions stay, whatever else looks like Slack's marks is only text."""
    return _ESCAPED_MENTION.sub(r"<\1>", escape(sentence))


def for_field(sentence: str) -> str:
    """Under a field of a form, where Slack shows plain text: nobody is mentioned, and commands stand bare."""
    said = _MENTION.sub("that person", sentence).replace("`", "")
    return said[:1].upper() + said[1:]
