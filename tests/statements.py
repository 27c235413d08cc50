"""Counting what is asked of the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    """Yield the list of statements that the engine executes until the block ends. A BEGIN is none."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):  # SQLite's alone is seen here
            statements.append(statement)

    with noting(engine, note):
        yield statements


@contextmanager
def noting(engine: Engine, note: Callable[..., None]) -> Iterator[None]:
    """Let `note` hear of each statement, from SQLAlchemy's `before_cursor_execute`, until the block ends."""
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)
