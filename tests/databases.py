"""A database under a test's own hands, beside what the product does with it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from bot.store.engine import create_store_engine


@contextmanager
def changing(url: str) -> Iterator[Connection]:
    """Yield a connection whose changes are kept at the end of the block, and closed with it."""
    engine = create_store_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
