"""The database's own clock, so that processes whose clocks differ agree about what is due."""

from typing import Final

from sqlalchemy import Float, literal_column
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session

#: By dialect, seconds since the epoch.
CLOCKS: Final[dict[str, ColumnElement[float]]] = {
    "sqlite": literal_column("((julianday('now') - 2440587.5) * 86400.0)", Float),
    "postgresql": literal_column("extract(epoch from clock_timestamp())::float8", Float),
}


def database_time(session: Session) -> ColumnElement[float]:
    """Return the database's clock as an expression, in seconds since the epoch."""
    return CLOCKS[session.get_bind().dialect.name]
