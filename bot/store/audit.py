"""The audit chain. Each entry's keyed hash covers the entry before, so that a changed or removed entry is noticed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert

from bot.models.bookkeeping import AuditEntry
from bot.store.key_ring import KeyRing
from bot.store.rows import execute_rows, sent_together, table_of

#: The number of the transaction lock that makes PostgreSQL writers append to the chain one after the other.
_CHAIN_LOCK = 0x70616E656C  # "panel"

_TABLE = table_of(AuditEntry)
_TAKE_TURNS = f"SELECT pg_advisory_xact_lock({_CHAIN_LOCK})"
_LOOK = "SELECT id, digest FROM audit_entry ORDER BY id DESC LIMIT 1"
_INSERT = insert(_TABLE)
_FORM, _FORM_OF_FILES = "entry 2", "entry 3"
_EARLIER_FIELDS = 6  #: actor, verb, noun, its number, panel and outcome
Link = tuple[int, str]  #: the number and the digest of one entry

#: Verbs of entries that record what a person saw.
LOOKS = frozenset({"read", "list"})


class Entry(NamedTuple):
    """One audit entry: who did what to which row, without any content.

    The entry's hash depends on the order of these fields.
    """

    actor_id: int | None
    verb: str
    noun: str
    noun_id: int | None = None
    panel_id: int | None = None
    outcome: str = "done"
    case_id: int | None = None
    account: str | None = None
    sha256: str | None = None


def take_turn(connection: Connection) -> Link:
    """Wait until this transaction may append to the chain. Return the chain's last link.

    Other transactions then wait until this one commits. On SQLite, this transaction has already waited for its turn. On
    PostgreSQL, one statement waits for the lock and a second one reads the link. The second must see what the previous
    writer committed. Both are sent at once, because other writers wait meanwhile.
    """
    driver: Any = connection.connection.driver_connection
    with sent_together(connection):
        if connection.dialect.name == "postgresql":
            driver.execute(_TAKE_TURNS)
        found: Link | None = driver.execute(_LOOK).fetchone()
    return found or (0, "")


def write_entries(connection: Connection, keys: KeyRing, last: Link, entries: Sequence[Entry], at: datetime) -> None:
    """Append entries to the chain after the link `last`. The transaction must have called `take_turn` before."""
    number, previous = last
    rows: list[dict[str, Any]] = []
    for entry in entries:
        number += 1
        previous = link_digest(keys, previous, number, at, entry)
        rows.append({"id": number, "at": at, **entry._asdict(), "digest": previous})
    execute_rows(connection, _INSERT, rows)


def link_digest(keys: KeyRing, previous: str, number: int, at: datetime, entry: Entry) -> str:
    """Return the keyed hash of the entry `number`. `previous` is the hash of the entry before."""
    # The form stands where an earlier digest begins with the previous digest, so no entry passes for one of another
    # form. Entries that name no file keep the form of the time before files were named.
    form, facts = (_FORM, entry[:-1]) if entry.sha256 is None else (_FORM_OF_FILES, entry)
    return keys.digest(form, repr((previous, number, at.astimezone(UTC).isoformat(), *facts)))


def earlier_digest(keys: KeyRing, previous: str, number: int, at: datetime, entry: Entry) -> str | None:
    """Return the hash that an older version of panelbot gave to this entry.

    Return None if older versions had no such entries. Their entries could not name a case, a Slack account or a file.
    """
    words = (entry.verb, entry.noun, entry.outcome)
    if any(fact is not None for fact in (entry.case_id, entry.account, entry.sha256)) or any(
        "\x1f" in word for word in words
    ):
        return None
    return keys.digest(previous, number, at.astimezone(UTC).isoformat(), *entry[:_EARLIER_FIELDS])
