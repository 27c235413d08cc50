"""New names for the fields of a form shown again, since Slack keeps typed text by name."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from bot.errors import Mistake, NotForYou
from bot.slack.request import Block, Request


def name_on_turn(block_id: str, turn: int) -> str:
    """Return the name of a field for this turn of the form."""
    return f"{block_id}~{turn}"


def blocks_on_turn(blocks: Sequence[Block], turn: int) -> list[Block]:
    """Return the blocks with their fields named for this turn."""
    return [
        {**block, "block_id": name_on_turn(block["block_id"], turn)} if block["type"] == "input" else block
        for block in blocks
    ]


def of_turn(request: Request, turn: int) -> Request:
    """Return the request with its fields under their own names."""
    end = name_on_turn("", turn)
    return replace(request, values={key.removesuffix(end): value for key, value in request.values.items()})


@contextmanager
def blaming_turn(turn: int) -> Iterator[None]:
    """Point at a field by its name in this turn of the form."""
    try:
        yield
    except (Mistake, NotForYou) as mistake:
        mistake.field = mistake.field and name_on_turn(mistake.field, turn)
        raise
