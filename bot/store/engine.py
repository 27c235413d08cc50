"""One engine per process, set up so that neither database loses what was acknowledged."""

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError

from bot.errors import Misconfigured

#: Older libraries can corrupt a write-ahead log that two connections reset at once (sqlite.org, "WAL reset bug").
SAFE_WRITE_AHEAD_LOG = (3, 51, 3)
BUSY_TIMEOUT_MS = 15_000
CONNECT_SECONDS = 10


def create_store_engine(url: str) -> Engine:
    """An engine for a SQLite or PostgreSQL address. Raises Misconfigured for any other."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as unreadable:  # a port that is no number is a ValueError
        raise Misconfigured("PANELBOT_DATABASE_URL is not a database address.") from unreadable
    backend = address.get_backend_name()
    if backend == "sqlite":
        return _sqlite_engine(url, address.database)
    if backend == "postgresql":
        # hide_parameters: an error message must not print what a case says.
        return create_engine(
            address.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_size=10,
            max_overflow=20,
            pool_pre_ping=True,
            connect_args={} if "connect_timeout" in address.query else {"connect_timeout": CONNECT_SECONDS},
        )
    raise Misconfigured(f"PANELBOT_DATABASE_URL names {backend}; panelbot keeps its data in PostgreSQL or SQLite.")


def _sqlite_engine(url: str, database: str | None) -> Engine:
    if not database or database == ":memory:":
        raise Misconfigured("PANELBOT_DATABASE_URL must name a file: several threads share the database.")
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=10,
        max_overflow=20,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
    )
    journal = "WAL" if sqlite3.sqlite_version_info >= SAFE_WRITE_AHEAD_LOG else "TRUNCATE"

    @event.listens_for(engine, "do_connect")
    def make(*_: Any) -> None:
        if not database.startswith("file:"):
            _make_file(Path(database))

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own transactions begin too late and lose read-then-write updates: we say BEGIN.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            f"journal_mode={journal}",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _make_file(file: Path) -> None:
    """Make the file with its folder when it is not there, for its owner only; SQLite's own would be for everybody.

    When something connects rather than when the engine is made: `panelbot check` makes nothing.
    """
    if file.exists():
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):  # another process was first
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as unwritable:
        raise Misconfigured(f"{file.parent} cannot be written ({unwritable.strerror}).") from None
