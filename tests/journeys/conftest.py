"""A database that survives the processes that write to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import PostgresServer


@pytest.fixture
def durable_database_url(backend: str, tmp_path: Path) -> Iterator[str]:
    """Yield an empty database that keeps what was committed, as in production."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'county.db'}"
        return
    with PostgresServer(durable=True) as server:
        yield server.url(server.create_database())
