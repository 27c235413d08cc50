"""Small facts about stored rows."""

from typing import Protocol, cast

from sqlalchemy import Table
from sqlmodel import SQLModel


class Stored(Protocol):
    """A row with a number of its own, once it is stored."""

    id: int | None


def id_of(row: Stored) -> int:
    """The number of a row that has been stored. Raises ValueError for one that was not flushed yet."""
    if row.id is None:
        raise ValueError("this row is not stored yet")
    return row.id


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model, for statements that need no objects."""
    return cast(Table, model.__table__)  # type: ignore[attr-defined]  # SQLModel sets it without declaring it
