"""Small facts about stored rows."""

from typing import Protocol


class Stored(Protocol):
    """A row with a number of its own, once it is stored."""

    id: int | None


def id_of(row: Stored) -> int:
    """The number of a row that has been stored. Raises ValueError for one that was not flushed yet."""
    if row.id is None:
        raise ValueError("this row is not stored yet")
    return row.id
