"""New names for the fields of a form that is shown again, since Slack keeps typed text in fields with the same name.

A form's turn is a number. It is raised when the form is shown again without what was typed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from bot.errors import Mistake, NotForYou
from bot.slack.request import Block, Request


def name_on_turn(block_id: str, turn: int) -> str:
    """Return a field's name on this turn of its form. Under a new name, Slack shows the field without typed text."""
    return f"{block_id}~{turn}"


def blocks_on_turn(blocks: Sequence[Block], turn: int) -> list[Block]:
    """Return the blocks with the number of the form's turn added to the names of all input fields."""
    return [
        {**block, "block_id": name_on_turn(block["block_id"], turn)} if block["type"] == "input" else block
        for block in blocks
    ]


def of_turn(request: Request, turn: int) -> Request:
    """Return the request with the number of the form's turn removed from the names of its fields."""
    end = name_on_turn("", turn)
    return replace(request, values={key.removesuffix(end): value for key, value in request.values.items()})


@contextmanager
def blaming_turn(turn: int) -> Iterator[None]:
    """Rename the field of an error raised in the `with` block to its name in this turn, so that the form shows the
    error there.
    """
    try:
        yield
    except (Mistake, NotForYou) as mistake:
        mistake.field = mistake.field and name_on_turn(mistake.field, turn)
        raise
