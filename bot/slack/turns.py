"""New names for the fields of a form that is shown again, since Slack keeps typed text in fields with the same name.

A form's turn is a number. It is raised when the form is shown again without what was typed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from bot.errors import Mistake, NotForYou
from bot.slack.request import Block, Request


def name_on_turn(block_id: str, turn: int) -> str:
    """Return a field's name with `turn` appended. Slack drops the text typed in a field when its name changes."""
    return f"{block_id}~{turn}"


def blocks_on_turn(blocks: Sequence[Block], turn: int) -> list[Block]:
    """Return a form's blocks with the number `turn` appended to the name of each input field."""
    return [
        {**block, "block_id": name_on_turn(block["block_id"], turn)} if block["type"] == "input" else block
        for block in blocks
    ]


def of_turn(request: Request, turn: int) -> Request:
    """Return the request with `turn` removed from the end of each field's name."""
    end = name_on_turn("", turn)
    return replace(request, values={key.removesuffix(end): value for key, value in request.values.items()})


@contextmanager
def blaming_turn(turn: int) -> Iterator[None]:
    """Append `turn` to the field's name in an error raised in the `with` block, so that the form shows the error."""
    try:
        yield
    except (Mistake, NotForYou) as mistake:
        mistake.field = mistake.field and name_on_turn(mistake.field, turn)
        raise
