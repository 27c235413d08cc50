"""Works out from an error what is wrong with the database.

People read a sentence about the fault. The log has the database's own words.
"""

import sqlite3
from enum import Enum
from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolIsEmpty

from bot.errors import OutOfTime

_AGAIN: Final = "Please try again in a minute."


class Fault(Enum):
    """The reasons why the database accepts nothing for a while. Each value is the sentence that people read."""

    AWAY = f"I can't reach my database, so nothing was saved. {_AGAIN}"
    LOCKED = f"My database is locked by other work, so nothing was saved. {_AGAIN}"
    FULL = f"The disk of my database is full, so nothing was saved. Tell your administrator. {_AGAIN}"
    READ_ONLY = f"My database is read-only just now, so nothing was saved. Tell your administrator. {_AGAIN}"
    SLOW = f"My database is slow just now, and nothing was saved. {_AGAIN}"


#: Faults by SQLite's primary result codes (sqlite.org/rescode.html).
_OF_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: Fault.LOCKED,
    sqlite3.SQLITE_LOCKED: Fault.LOCKED,
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Fault.AWAY,
    sqlite3.SQLITE_IOERR: Fault.AWAY,
    sqlite3.SQLITE_NOTADB: Fault.AWAY,
    sqlite3.SQLITE_CORRUPT: Fault.AWAY,
}

#: Faults by PostgreSQL's error codes, or by their class of two characters (PostgreSQL, Appendix A).
_OF_POSTGRESQL: Final = {
    "55P03": Fault.LOCKED,  # lock_timeout
    "40P01": Fault.LOCKED,  # deadlock
    "40001": Fault.LOCKED,  # serialization failure
    "57014": Fault.SLOW,  # statement_timeout
    "53100": Fault.FULL,
    "25006": Fault.READ_ONLY,
    "08": Fault.AWAY,
    "53": Fault.AWAY,  # too many connections, out of memory
    "57": Fault.AWAY,  # shutting down, starting up
    "58": Fault.AWAY,  # its files cannot be read
    "28": Fault.AWAY,  # it does not let us in
    "3D": Fault.AWAY,  # no such database
}

#: Beginnings of error codes after which a commit may or may not have been done.
_CUT_OFF: Final = ("08", "57P")


def fault_of(error: BaseException) -> Fault | None:
    """Return which fault of the database caused an error, or None if the database is not the cause."""
    if isinstance(error, PoolIsEmpty | OutOfTime):
        return Fault.SLOW
    if not isinstance(error, DBAPIError) or isinstance(error, IntegrityError):
        return None
    own = error.orig
    if isinstance(own, sqlite3.Error):
        code: int | None = getattr(own, "sqlite_errorcode", None)
        return None if code is None else _OF_SQLITE.get(code & 0xFF)
    state = _state(error)
    if state is None:
        return Fault.AWAY if _is_operational(error) else None
    return _OF_POSTGRESQL.get(state) or _OF_POSTGRESQL.get(state[:2])


def is_cut_off(error: DBAPIError) -> bool:
    """Return whether the connection broke, so that the server may still carry out the last statement.

    For SQLite, which has no server, this is always false.
    """
    if isinstance(error.orig, sqlite3.Error):
        return False
    state = _state(error)
    return _is_operational(error) if state is None else state.startswith(_CUT_OFF)


def is_conflict(error: BaseException) -> bool:
    """Return whether a constraint refused the change, such as a key that another transaction has just added."""
    return isinstance(error, IntegrityError)


def is_unreachable(error: BaseException) -> bool:
    """Return whether the connection or the database caused the error, so that the same statement may succeed later."""
    return isinstance(error, OperationalError | InterfaceError)


def own_words(error: BaseException) -> str:
    """Return the first line of the database's own error, without a full stop, password or content."""
    own = error.orig if isinstance(error, DBAPIError) else None
    words = str(own).strip().splitlines() if own is not None else []
    return words[0].rstrip(".") if words else type(error).__name__


def _state(error: DBAPIError) -> str | None:
    state: str | None = getattr(error.orig, "sqlstate", None)
    return state


def _is_operational(error: DBAPIError) -> bool:
    return error.connection_invalidated or type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout")
