"""Helpers for statements: rows and their tables, a page of a list, and the database's clock."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar, cast

from psycopg import pq
from sqlalchemy import Connection, Executable, Float, Select, Table, insert, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, make_transient_to_detached
from sqlalchemy.orm.attributes import manager_of_class
from sqlalchemy.orm.util import identity_key
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, SQLModel

Model = TypeVar("Model", bound=SQLModel)
Key = TypeVar("Key")
Value = TypeVar("Value")
#: What a query asks of rows, and what sorts them.
Condition = ColumnElement[bool] | Mapped[bool]
Order = Sequence[ColumnElement[Any] | Mapped[Any]]


class Stored(Protocol):
    """A row with a number, once it is stored."""

    id: int | None


def id_of(row: Stored) -> int:
    """Return the number of a stored row. Raise ValueError for one that was not flushed yet."""
    if row.id is None:
        raise ValueError("this row is not stored yet")
    return row.id


def table_of(model: type[SQLModel]) -> Table:
    """Return the table behind a model, for statements that need no objects."""
    return cast(Table, model.__table__)  # type: ignore[attr-defined]  # SQLModel sets it without declaring it


def object_of(session: Session, model: type[Model], facts: Mapping[str, Any]) -> Model:
    """Return the object of a whole row read from a table, as if the session had loaded it.

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


def grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    """Return the second of each pair in lists, by the first."""
    found: dict[Key, list[Value]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def execute_rows(connection: Connection, statement: Executable, rows: Sequence[dict[str, Any]]) -> None:
    """Run a statement for each row.

    A single row goes without what drivers do for many, which costs more than the row.
    """
    connection.execute(statement, rows if len(rows) > 1 else rows[0])


def write_rows(session: Session, statements: Mapping[str, Executable], rows: Sequence[dict[str, Any]]) -> None:
    """Run the dialect's statement for each row, if there are any, after earlier additions are flushed."""
    if rows:
        session.flush()
        connection = session.connection()
        execute_rows(connection, statements[connection.dialect.name], rows)


def add_rows(session: Session, rows: Sequence[SQLModel]) -> None:
    """Insert any number of rows of one table in one statement, without asking for their numbers."""
    if rows:
        session.flush()
        facts = [row.model_dump(exclude={"id"}) for row in rows]
        execute_rows(session.connection(), insert(table_of(type(rows[0]))), facts)


def upsert(table: Table, *keys: str, changing: Sequence[str]) -> dict[str, Executable]:
    """Return, by dialect, the statement that adds rows. If a key exists, some columns of its row are changed."""
    statements: dict[str, Executable] = {}
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
        added = dialect.insert(table)
        news = {column: added.excluded[column] for column in changing}
        statements[name] = added.on_conflict_do_update(index_elements=keys, set_=news).inline()
    return statements


@contextmanager
def sent_together(connection: Connection) -> Iterator[None]:
    """Send statements to PostgreSQL without waiting for each other's results. SQLite doesn't need this.

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
    """Send COMMIT right after the statements before it. SQLAlchemy's own COMMIT then has nothing left to do.

    For PostgreSQL, within `sent_together`: where others wait for the end of the transaction each journey counts twice.
    """
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        driver.execute("COMMIT")


#: By dialect, seconds since the epoch.
CLOCKS: Final[dict[str, ColumnElement[float]]] = {
    "sqlite": literal_column("((julianday('now') - 2440587.5) * 86400.0)", Float),
    "postgresql": literal_column("extract(epoch from clock_timestamp())::float8", Float),
}


def database_time(session: Session) -> ColumnElement[float]:
    """Return the database's clock as an expression, in seconds since the epoch."""
    return CLOCKS[session.get_bind().dialect.name]


_Query = TypeVar("_Query", bound=Select[*tuple[object, ...]])


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page begins, from 0, and how many rows it has at most. Without a number it has all that follow."""

    first: int = 0
    most: int | None = None
    earlier: tuple[int, ...] = ()  #: where the pages before it began

    def within(self, count: int) -> "Page":
        """Return this page, or the last one if the list has become shorter."""
        if self.first < count or self.first == 0:
            return self
        began = [first for first in self.earlier if first < count]
        if began:
            return Page(began[-1], self.most, tuple(began[:-1]))
        return Page(max(0, count - (self.most or count)), self.most)

    def of(self, query: _Query) -> _Query:
        """Return the query for the rows of this page only."""
        if self.most is not None:
            query = query.limit(self.most)
        return query.offset(self.first) if self.first else query


WHOLE = Page()
