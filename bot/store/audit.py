"""The audit chain: each entry's keyed digest covers the one before, so that nothing can be changed or taken out."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, text
from sqlmodel import Session, col

from bot.models.audit import AuditEntry
from bot.store.key_ring import KeyRing
from bot.store.rows import table_of

#: Names the transaction lock under which PostgreSQL writers take turns at the end of the chain.
_CHAIN_LOCK = 0x70616E656C  # "panel"

_TABLE = table_of(AuditEntry)
_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(:lock)")
_LAST = select(_TABLE.c.id, _TABLE.c.digest).order_by(_TABLE.c.id.desc()).limit(1)
_INSERT = insert(_TABLE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to be written down: never any content, only who, what and which."""

    verb: str
    noun: str
    noun_id: int | None = None
    panel_id: int | None = None
    actor_id: int | None = None
    outcome: str = "done"


def write_entries(session: Session, keys: KeyRing, entries: list[Entry], at: datetime) -> None:
    """Append to the chain; the last thing a transaction does, since writers take turns from here to its commit."""
    if not entries:
        return
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_TAKE_TURNS, {"lock": _CHAIN_LOCK})
    last = connection.execute(_LAST).first()
    number, previous = (last.id, last.digest) if last else (0, "")
    rows: list[dict[str, Any]] = []
    for entry in entries:
        number += 1
        previous = _digest(keys, previous, number, at, entry)
        rows.append(
            {
                "id": number,
                "at": at,
                "actor_id": entry.actor_id,
                "verb": entry.verb,
                "noun": entry.noun,
                "noun_id": entry.noun_id,
                "panel_id": entry.panel_id,
                "outcome": entry.outcome,
                "digest": previous,
            }
        )
    connection.execute(_INSERT, rows)


def first_broken_link(session: Session, keys: KeyRing) -> int | None:
    """The number of the first entry that was changed, added or left out behind our back; None when all is well."""
    previous = ""
    expected = 1
    for row in session.execute(select(AuditEntry).order_by(col(AuditEntry.id))).scalars():
        entry = Entry(row.verb, row.noun, row.noun_id, row.panel_id, row.actor_id, row.outcome)
        if row.id != expected or row.digest != _digest(keys, previous, row.id, row.at, entry):
            return expected
        previous = row.digest
        expected += 1
    return None


def _digest(keys: KeyRing, previous: str, number: int, at: datetime, entry: Entry) -> str:
    moment = at.astimezone(UTC).isoformat()
    return keys.digest(
        previous,
        number,
        moment,
        entry.actor_id,
        entry.verb,
        entry.noun,
        entry.noun_id,
        entry.panel_id,
        entry.outcome,
    )
