"""Helpers for statements: rows and tables, pages of a list, writing many rows, and the database's clock."""

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
#: A condition of a query, and the columns that sort its rows.
Condition = ColumnElement[bool] | Mapped[bool]
Order = Sequence[ColumnElement[Any] | Mapped[Any]]


class Stored(Protocol):
    """A row of a table. A new row has no id until it is stored."""

    id: int | None


def id_of(row: Stored) -> int:
    """Return the id of a stored row. Raise ValueError if the row has no id yet because it is not flushed."""
    if row.id is None:
        raise ValueError("this row is not stored yet")
    return row.id


def table_of(model: type[SQLModel]) -> Table:
    """Return the table of a model, for statements that read or write rows without making objects."""
    return cast(Table, model.__table__)  # type: ignore[attr-defined]  # SQLModel sets it without declaring it


def object_of(session: Session, model: type[Model], facts: Mapping[str, Any]) -> Model:
    """Return the ORM object for a whole row that a statement has read, as if the session had loaded it.

    Every command needs this, and the ORM's own loading takes longer than the statement.
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
    """Group pairs by their first value. Return a dict from each first value to the list of its second values."""
    found: dict[Key, list[Value]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def execute_rows(connection: Connection, statement: Executable, rows: Sequence[dict[str, Any]]) -> None:
    """Run a statement once for each row of parameters.

    A single row is not sent as a list, since drivers take longer for lists.
    """
    connection.execute(statement, rows if len(rows) > 1 else rows[0])


def write_rows(session: Session, statements: Mapping[str, Executable], rows: Sequence[dict[str, Any]]) -> None:
    """Run the statement for the session's database once for each of these rows. Pending changes are flushed first."""
    if rows:
        session.flush()
        connection = session.connection()
        execute_rows(connection, statements[connection.dialect.name], rows)


def add_rows(session: Session, rows: Sequence[SQLModel]) -> None:
    """Insert rows of one table in one statement. The objects are not given their new ids."""
    if rows:
        session.flush()
        facts = [row.model_dump(exclude={"id"}) for row in rows]
        execute_rows(session.connection(), insert(table_of(type(rows[0]))), facts)


def upsert(table: Table, *keys: str, changing: Sequence[str]) -> dict[str, Executable]:
    """Return a dict from database dialect to a statement that inserts a row, or updates the row if it exists.

    The row exists if the table has a row with the same `keys`. The statement then updates only the columns `changing`.
    """
    statements: dict[str, Executable] = {}
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
        added = dialect.insert(table)
        news = {column: added.excluded[column] for column in changing}
        statements[name] = added.on_conflict_do_update(index_elements=keys, set_=news).inline()
    return statements


@contextmanager
def sent_together(connection: Connection) -> Iterator[None]:
    """Send the statements of the `with` block to PostgreSQL without waiting for each result.

    Raise DBAPIError, at the latest at the end of the block, if the database refuses a statement, and IntegrityError if
    a statement breaks a constraint. With SQLite, statements run as usual.
    """
    driver: Any = connection.connection.driver_connection
    # A pipeline within a pipeline would make psycopg wait, so only the outer one is opened.
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
    """Send COMMIT in the same round trip as the statements before it. SQLAlchemy's own COMMIT then does nothing.

    Use this for PostgreSQL within `sent_together`, where each round trip also delays the transactions that wait for
    this one.
    """
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        driver.execute("COMMIT")


#: The database's clock as an SQL expression, in seconds since 1970, by dialect.
CLOCKS: Final[dict[str, ColumnElement[float]]] = {
    "sqlite": literal_column("((julianday('now') - 2440587.5) * 86400.0)", Float),
    "postgresql": literal_column("extract(epoch from clock_timestamp())::float8", Float),
}


def database_time(session: Session) -> ColumnElement[float]:
    """Return an SQL expression for the database's clock, in seconds since 1970."""
    return CLOCKS[session.get_bind().dialect.name]


_Query = TypeVar("_Query", bound=Select[*tuple[object, ...]])


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: the first row, counted from 0, and the number of rows at most (None for all that follow)."""

    first: int = 0
    most: int | None = None
    earlier: tuple[int, ...] = ()  #: where the pages before it began

    def within(self, count: int) -> "Page":
        """Return this page, or the last page of a list of `count` rows if this page begins after the list's end."""
        if self.first < count or self.first == 0:
            return self
        began = [first for first in self.earlier if first < count]
        if began:
            return Page(began[-1], self.most, tuple(began[:-1]))
        return Page(max(0, count - (self.most or count)), self.most)

    def of(self, query: _Query) -> _Query:
        """Return the query limited to the rows of this page."""
        if self.most is not None:
            query = query.limit(self.most)
        return query.offset(self.first) if self.first else query


WHOLE = Page()
