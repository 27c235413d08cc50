"""The confidentiality statement: shown whole, and accepted with a button or a form under it."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Final

from bot.services.meeting.opening import Statement
from bot.slack.blocks import SECTION_TEXT, button, buttons, context, escape, modal, section, spoken
from bot.slack.fallback import again_buttons
from bot.slack.request import Block, Said, View

#: A statement has at most 4,000 characters, and a block fewer. A cut statement could not be accepted as read.
_BLOCK: Final = SECTION_TEXT - 1


def whole_statement(words: str) -> list[Block]:
    """Return blocks with every word of the confidentiality statement."""
    if len(words) <= SECTION_TEXT:
        return [spoken(words)]
    return [spoken(part) for part in wrap(words, _BLOCK, replace_whitespace=False, break_on_hyphens=False)]


def statement(asked: str, words: str, meeting_id: int, commands: Sequence[tuple[str, str]] = ()) -> Said:
    """Return a message with the sentence `asked`, the confidentiality statement `words`, and the button to accept it.

    `commands` are pairs of a label and a command, shown as buttons to repeat what the person tried to do.
    """
    here = button("I'm here and accept this", "meeting.acknowledge", meeting_id, style="primary")
    return asked, (section(f"*{escape(asked)}*"), *whole_statement(words), buttons(here, *again_buttons(commands)))


def here_button(meeting_id: int, label: str = "I'm here", style: str | None = None) -> Block:
    """Return the button of a person who is at the meeting, for a place where the statement is not shown.

    A person who has not accepted the statement gets it in a form, and accepts it there.
    """
    return button(label, "meeting.here", meeting_id, style=style)


def statement_form(found: Statement) -> View:
    """Return the form with the confidentiality statement. To submit it is to accept the statement."""
    blocks = [
        *whole_statement(found.words),
        context(
            f"With *I accept, and I'm here* you accept this statement and are recorded at {escape(found.panel_title)}. "
            "That includes observers."
        ),
    ]
    return modal(
        "meeting.here",
        "Before you join",
        blocks,
        submit="I accept, and I'm here",
        metadata={"meeting": found.meeting_id},
    )
