"""The audit chain: each entry's keyed digest covers the entry before, so that no entry can be changed or removed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert

from bot.models.bookkeeping import AuditEntry
from bot.store.key_ring import KeyRing
from bot.store.rows import execute_rows, sent_together, table_of

#: Names the transaction lock under which PostgreSQL writers take turns at the end of the chain.
_CHAIN_LOCK = 0x70616E656C  # "panel"

_TABLE = table_of(AuditEntry)
_TAKE_TURNS = f"SELECT pg_advisory_xact_lock({_CHAIN_LOCK})"
_LOOK = "SELECT id, digest FROM audit_entry ORDER BY id DESC LIMIT 1"
_INSERT = insert(_TABLE)
_FORM = "entry 2"
_EARLIER_FIELDS = 6  #: actor, verb, noun, its number, panel and outcome
Link = tuple[int, str]  #: the number and the digest of one entry

#: The verbs of entries that say what a person saw.
LOOKS = frozenset({"read", "list"})


class Entry(NamedTuple):
    """One entry to write, with its fields in the order of its digest: who did what to which row, without content."""

    actor_id: int | None
    verb: str
    noun: str
    noun_id: int | None = None
    panel_id: int | None = None
    outcome: str = "done"
    case_id: int | None = None
    account: str | None = None


def take_turn(connection: Connection) -> Link:
    """Wait for the turn at the end of the chain, which lasts until the commit. Return the last link.

    On SQLite the turn came when the transaction began. On PostgreSQL these are two statements, since the second must
    see what the turn before committed; they are sent together, since others wait meanwhile.
    """
    driver: Any = connection.connection.driver_connection
    with sent_together(connection):
        if connection.dialect.name == "postgresql":
            driver.execute(_TAKE_TURNS)
        found: Link | None = driver.execute(_LOOK).fetchone()
    return found or (0, "")


def write_entries(connection: Connection, keys: KeyRing, last: Link, entries: Sequence[Entry], at: datetime) -> None:
    """Append entries after the last link of the chain, for which the transaction has taken its turn."""
    number, previous = last
    rows: list[dict[str, Any]] = []
    for entry in entries:
        number += 1
        previous = link_digest(keys, previous, number, at, entry)
        rows.append({"id": number, "at": at, **entry._asdict(), "digest": previous})
    execute_rows(connection, _INSERT, rows)


def link_digest(keys: KeyRing, previous: str, number: int, at: datetime, entry: Entry) -> str:
    """Return the keyed digest of an entry with this number, after the entry whose digest is `previous`."""
    # The form comes first, where an entry of the form before has a digest: neither can be passed off as the other.
    return keys.digest(_FORM, repr((previous, number, at.astimezone(UTC).isoformat(), *entry)))


def earlier_digest(keys: KeyRing, previous: str, number: int, at: datetime, entry: Entry) -> str | None:
    """Return the digest in its form from before entries named cases and accounts, or None if the entry has these."""
    words = (entry.verb, entry.noun, entry.outcome)
    if entry.case_id is not None or entry.account is not None or any("\x1f" in word for word in words):
        return None
    return keys.digest(previous, number, at.astimezone(UTC).isoformat(), *entry[:_EARLIER_FIELDS])
