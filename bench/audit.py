"""Measures checking an audit of 200,000 entries, compared with reading and hashing the same rows without panelbot."""

import hmac
import statistics
import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Engine

from bench.servers import databases, settings_of, settle_county
from bench.tables import show, verdict
from bot.bootstrap import build_store
from bot.store.audit_check import check_audit
from bot.store.unit_of_work import Store

GOAL = 3.0
ENTRIES = 200_000
ROUNDS = 5
_AT_ONCE = 10_000
_LINE = b"\x1f"
_KEY = bytes(32)
_COLUMNS = "id, at, digest, actor_id, verb, noun, noun_id, panel_id, outcome, case_id, account, sha256"


def main() -> None:
    """Measure on SQLite and PostgreSQL, and print a table."""
    rows = []
    for backend in ("sqlite", "postgresql"):
        with databases(backend) as (url, _):
            settle_county(url)
            store = build_store(settings_of(url))
            _write(store)
            rows.append(_in_turns(backend, store))
            store.close()
    columns = ("database", "entries", "bare cursor, s", "panelbot, s", "ratio", f"at most {GOAL:.0f}")
    show("Checking the whole audit", columns, rows)


def _write(store: Store) -> None:
    """Add audit entries in transactions of 10,000, until there are ENTRIES."""
    written = 0
    while written < ENTRIES:
        with store.work() as work:
            work.now += timedelta(minutes=written // _AT_ONCE)
            for number in range(_AT_ONCE):
                work.audit("read", "case", written + number)
        written += _AT_ONCE


def _in_turns(backend: str, store: Store) -> list[str]:
    """Measure panelbot's check and the bare hashing alternately. Return the row of the table for this database."""
    bare, ours = [], []
    for _ in range(ROUNDS):
        bare.append(_seconds(lambda: _hash_rows(store.engine)))
        ours.append(_seconds(lambda: _check(store)))
    ratio = statistics.median(mine / theirs for mine, theirs in zip(ours, bare, strict=True))
    return [
        backend,
        f"{ENTRIES:,}",
        f"{statistics.median(bare):.2f}",
        f"{statistics.median(ours):.2f}",
        f"{ratio:.2f}",
        verdict(ratio, GOAL),
    ]


def _seconds(do: Callable[[], None]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def _hash_rows(engine: Engine) -> None:
    connection = engine.raw_connection()
    cursor = connection.cursor()
    cursor.execute(f"SELECT {_COLUMNS} FROM audit_entry ORDER BY id")  # noqa: S608 - words of ours
    previous = b""
    while rows := cursor.fetchmany(2000):
        for row in rows:
            line = _LINE.join([previous, *(str(fact).encode() for fact in row)])
            previous = hmac.digest(_KEY, line, "sha256")
    connection.close()


def _check(store: Store) -> None:
    """Check the whole audit.

    Raise RuntimeError if a fault is found, since the check then stopped early and its time means nothing.
    """
    with store.reading() as work:
        state = check_audit(work.session.connection(), work.keys)
    if state.fault is not None:
        raise RuntimeError(state.fault)


if __name__ == "__main__":
    main()
