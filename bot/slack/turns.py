"""New names for the fields of a form that is shown again. Slack would keep typed text in fields with the same name."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from bot.errors import Mistake, NotForYou
from bot.slack.request import Block, Request


def name_on_turn(block_id: str, turn: int) -> str:
    """Return the name of a field for this turn of the form."""
    return f"{block_id}~{turn}"


def blocks_on_turn(blocks: Sequence[Block], turn: int) -> list[Block]:
    """Return the blocks with all input fields renamed for this turn."""
    return [
        {**block, "block_id": name_on_turn(block["block_id"], turn)} if block["type"] == "input" else block
        for block in blocks
    ]


def of_turn(request: Request, turn: int) -> Request:
    """Return the request with its fields renamed back from this turn's names."""
    end = name_on_turn("", turn)
    return replace(request, values={key.removesuffix(end): value for key, value in request.values.items()})


@contextmanager
def blaming_turn(turn: int) -> Iterator[None]:
    """Rename the field of a mistake for this turn, so that the form shows the mistake at that field."""
    try:
        yield
    except (Mistake, NotForYou) as mistake:
        mistake.field = mistake.field and name_on_turn(mistake.field, turn)
        raise
