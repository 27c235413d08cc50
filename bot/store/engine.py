"""The database engine, one for each process, set up so that neither SQLite nor PostgreSQL loses committed work."""

import contextlib
import math
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import errors, pq
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError, InvalidatePoolError, OperationalError

from bot.errors import Misconfigured
from bot.store.budget import Budget, current_budget

_LOOK_SECONDS = 0.05


@dataclass(slots=True)
class _Guarded:
    connection: socket.socket
    until: float
    is_waiting: Callable[[], bool]
    has_waited: bool = False  #: at the last look


class Watch:
    """A thread that shuts a connection's socket when the server's answer is overdue, so that the waiting call fails.

    PostgreSQL itself enforces `statement_timeout`. But if its processes are stopped or its host is gone, the calling
    thread would wait without end, and so would the person.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._guarded: dict[int, _Guarded] = {}
        self._something = threading.Event()
        self._thread: threading.Thread | None = None

    def guard(self, key: int, connection: socket.socket, until: float, is_waiting: Callable[[], bool]) -> None:
        """Shut the connection's socket if it still waits for the server after `until` (monotonic clock).

        A connection that does not wait for the server is left alone. In that case this process itself is slow, and it
        notices that its budget is over.
        """
        with self._lock:
            self._guarded[key] = _Guarded(connection, until, is_waiting)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="database-watch", daemon=True)
                self._thread.start()
        if not self._something.is_set():
            self._something.set()

    def release(self, key: int) -> None:
        """End the watch that `guard` began, so that the connection's socket is not shut."""
        with self._lock:
            self._guarded.pop(key, None)

    def _run(self) -> None:
        while True:
            self._something.wait()
            with self._lock:
                self._cut_overdue(time.monotonic())
                if not self._guarded:
                    self._something.clear()
                    continue
            time.sleep(_LOOK_SECONDS)

    def _cut_overdue(self, now: float) -> None:
        for key, guarded in list(self._guarded.items()):
            if guarded.until > now:
                continue
            # Shut only after two looks in a row: at one look a statement may be just about to be answered.
            if guarded.is_waiting() and guarded.has_waited:
                with contextlib.suppress(OSError):  # the socket is closed already
                    guarded.connection.shutdown(socket.SHUT_RDWR)
                del self._guarded[key]
            else:
                guarded.has_waited = guarded.is_waiting()


#: Older SQLite libraries can corrupt a write-ahead log that two connections reset at once (sqlite.org, "WAL reset
#: bug").
SAFE_WRITE_AHEAD_LOG = (3, 51, 3)
BUSY_TIMEOUT_MS = 15_000
CONNECT_SECONDS = 2  # the least that psycopg takes, and less than a person may wait
CHECKOUT_SECONDS = 2
#: Connections kept open, one for each thread that works at once, and as many more for a peak. The last one used is used
#: first, since its cache (SQLite) or its server process (PostgreSQL) is warm.
_POOL = 20
_OVER_TIME = 0.05  # seconds by which PostgreSQL's own time-outs go before the watch, since they name the reason
_WATCH = Watch()  # one thread for all the engines of a process, begun when it is first needed


def create_store_engine(url: str) -> Engine:
    """Return an engine for a SQLite or PostgreSQL address. Raise Misconfigured for any other address."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as unreadable:  # a port that is no number is a ValueError
        raise Misconfigured(
            "PANELBOT_DATABASE_URL is not a database address. Write it as postgresql://user:password@server/name or "
            "sqlite:////folder/panelbot.db."
        ) from unreadable
    backend = address.get_backend_name()
    if backend == "sqlite":
        return _sqlite_engine(url, address.database)
    if backend == "postgresql":
        return _postgresql_engine(address)
    raise Misconfigured(f"PANELBOT_DATABASE_URL names {backend}; panelbot keeps its data in PostgreSQL or SQLite.")


def _pooled(address: str | URL, connect_args: dict[str, Any]) -> Engine:
    return create_engine(
        address,
        hide_parameters=True,  # an error message must not print what a case says
        pool_size=_POOL,
        max_overflow=_POOL,
        pool_use_lifo=True,
        pool_timeout=CHECKOUT_SECONDS,
        connect_args=connect_args,
    )


def _postgresql_engine(address: URL) -> Engine:
    # TCP notices a host that is gone. The watch notices a server that has stopped.
    given = {
        "connect_timeout": CONNECT_SECONDS,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    }
    given = {name: value for name, value in given.items() if name not in address.query}
    engine = _pooled(address.set(drivername="postgresql+psycopg"), given)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        # The watch gets a copy of the socket. So it never shuts a new socket that has the number of a closed one.
        record.info["socket"] = socket.socket(fileno=os.dup(connection.pgconn.socket))

    @event.listens_for(engine, "close")
    def close(connection: Any, record: Any) -> None:
        _WATCH.release(id(connection))
        copy = record.info.pop("socket", None)
        if copy is not None:
            copy.close()

    @event.listens_for(engine, "checkout")
    def begin(connection: Any, record: Any, _fairy: Any) -> None:
        """Begin the transaction and set its time-outs. This also tests whether the connection works."""
        budget = current_budget()
        if budget.has_end:
            wire = connection.pgconn

            def is_waiting() -> bool:
                return bool(wire.transaction_status == pq.TransactionStatus.ACTIVE)

            _WATCH.guard(id(connection), record.info["socket"], budget.until + _OVER_TIME, is_waiting)
        # One round trip instead of three: it tests the connection, begins and sets the time-outs.
        if connection.pgconn.exec_(_beginning(budget)).status == pq.ExecStatus.COMMAND_OK:
            return
        if budget.is_over():
            silent = errors.ConnectionTimeout("the server does not answer")
            raise OperationalError("BEGIN", None, silent, hide_parameters=True, connection_invalidated=True)
        raise InvalidatePoolError  # this connection and all older ones are replaced

    @event.listens_for(engine, "checkin")
    def end(connection: Any, _record: Any) -> None:
        if connection is not None:  # None: it was invalidated
            _WATCH.release(id(connection))

    return engine


def _beginning(budget: Budget) -> bytes:
    words = ["BEGIN READ ONLY" if budget.is_reading else "BEGIN"]
    if budget.wait() < math.inf:
        # It ends a little before the statement's time-out, whose error would not say that a lock was the reason.
        words.append(f"SET LOCAL lock_timeout={_milliseconds(0.9 * budget.wait())}")
    if budget.has_end:
        words.append(f"SET LOCAL statement_timeout={_milliseconds(budget.left())}")
    return "; ".join(words).encode()


def _milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))  # 0 would mean for ever


def _sqlite_engine(url: str, database: str | None) -> Engine:
    if not database or database == ":memory:":
        raise Misconfigured(
            "PANELBOT_DATABASE_URL must name a file, such as sqlite:////folder/panelbot.db: several threads share the "
            "database."
        )
    engine = _pooled(url, {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False})
    journal = "WAL" if sqlite3.sqlite_version_info >= SAFE_WRITE_AHEAD_LOG else "TRUNCATE"

    @event.listens_for(engine, "do_connect")
    def make(*_: Any) -> None:
        if not database.startswith("file:"):
            _make_file(Path(database))

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own transactions begin too late and lose read-then-write updates, so the listener below says
        # BEGIN.
        connection.isolation_level = None
        pragmas = (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            f"journal_mode={journal}",
            "synchronous=FULL",
            "foreign_keys=ON",
        )
        try:
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            connection.close()  # SQLAlchemy would leave this to garbage collection
            raise

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        budget = current_budget()
        reading = budget.is_reading or connection.get_execution_options().get("reading", False)
        limit_wait(connection, budget)
        kept = connection.connection.info
        if kept.get("query_only", False) is not reading:
            _driver(connection).execute(f"PRAGMA query_only={'ON' if reading else 'OFF'}")
            kept["query_only"] = reading
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def limit_wait(connection: Connection, budget: Budget) -> None:
    """Limit how long SQLite waits for locks to the seconds left in the budget. PostgreSQL got its limits at BEGIN."""
    if connection.dialect.name == "sqlite":
        wait = budget.wait()
        milliseconds = BUSY_TIMEOUT_MS if wait == math.inf else _milliseconds(wait)
        _driver(connection).execute(f"PRAGMA busy_timeout={milliseconds}")


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def make_own_folder(folder: Path) -> None:
    """Make a folder for the bot's own files that only the bot's account may enter. An existing one is not changed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _make_file(file: Path) -> None:
    """Make the database file and its folder, if missing, so that only their owner can read them.

    SQLite itself would let everyone read the file. The file is made when a connection is opened, not when the engine is
    made. `panelbot check` must not make a file.
    """
    if file.exists():
        return
    try:
        make_own_folder(file.parent)
        with contextlib.suppress(FileExistsError):  # another process was first
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as unwritable:
        raise Misconfigured(f"{file.parent} cannot be written ({unwritable.strerror}).") from None
