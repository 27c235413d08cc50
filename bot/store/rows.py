"""Small facts about stored rows."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar, cast

from psycopg import pq
from sqlalchemy import Connection, Executable, Table, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import manager_of_class
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session, SQLModel

Model = TypeVar("Model", bound=SQLModel)


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


def object_of(session: Session, model: type[Model], facts: Mapping[str, Any]) -> Model:
    """Return the object of a whole row that a statement on tables read, as if the session had loaded it.

    For the path of every command: the ORM's own loading costs more than the statement.
    """
    kept = session.identity_map.get(identity_key(model, facts["id"]))
    if kept is not None:
        return kept
    made: Model = manager_of_class(model).new_instance()
    made.__dict__.update(facts)
    make_transient_to_detached(made)
    session.add(made)
    return made


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
    # psycopg would wait where a second pipeline begins within the first.
    if connection.dialect.name != "postgresql" or driver.info.pipeline_status is not pq.PipelineStatus.OFF:
        yield
        return
    try:
        with driver.pipeline():
            yield
    except connection.dialect.loaded_dbapi.Error as broken:
        base: Any = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(None, None, broken, base, hide_parameters=True, dialect=connection.dialect) from None


def commit_at_once(connection: Connection) -> None:
    """Send COMMIT behind the statements before it; SQLAlchemy's own, which follows, then finds nothing left to do.

    For PostgreSQL, within `sent_together`: where others wait for the end of the transaction each journey counts twice.
    """
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        driver.execute("COMMIT")
