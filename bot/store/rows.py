"""Small facts about stored rows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, cast

from sqlalchemy import Connection, Executable, Table, insert
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel


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


def execute_rows(connection: Connection, statement: Executable, rows: Sequence[dict[str, Any]]) -> None:
    """Run a statement for each row; a single one without what drivers do for many, which costs more than the row."""
    connection.execute(statement, rows if len(rows) > 1 else rows[0])


def add_rows(session: Session, rows: Sequence[SQLModel]) -> None:
    """Insert rows of one table in one statement, however many; the numbers that they get are not asked for."""
    if rows:
        session.flush()
        facts = [row.model_dump(exclude={"id"}) for row in rows]
        execute_rows(session.connection(), insert(table_of(type(rows[0]))), facts)


@contextmanager
def sent_together(connection: Connection) -> Iterator[None]:
    """Let statements cross to PostgreSQL without waiting for each other's results; SQLite is at no distance.

    Raises DBAPIError, at the end of the block at the latest, when the database does not take one of them; it is an
    IntegrityError when one breaks a constraint.
    """
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "postgresql":
        yield
        return
    try:
        with driver.pipeline():
            yield
    except connection.dialect.loaded_dbapi.Error as broken:
        base: Any = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(None, None, broken, base, hide_parameters=True, dialect=connection.dialect) from None
