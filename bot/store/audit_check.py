"""Whether the audit is whole: every link recomputed, and every signed checkpoint still found where it was.

A changed, added or missing entry breaks the chain of digests; a tail that was cut off leaves a checkpoint behind it.
Whoever holds the database alone could take away tail and checkpoints together: against that, the head's number and
short digest are told to whoever keeps them elsewhere (`panelbot check`, the daily line in the log).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from bot.models.bookkeeping import AuditCheckpoint, AuditEntry
from bot.store.audit import Entry, link_digest
from bot.store.key_ring import KeyRing
from bot.store.rows import table_of
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work

#: Enough to tell two chains apart by eye.
SHORT_DIGEST = 12

_ROWS_AT_ONCE = 2000
#: Names the transaction lock under which PostgreSQL processes sign one after the other.
_TAKE_TURNS = select(func.pg_advisory_xact_lock(0x636865636B))  # "check"
_entry, _checkpoint = table_of(AuditEntry), table_of(AuditCheckpoint)
_ENTRIES = select(_entry.c.id, _entry.c.at, _entry.c.digest, *_entry.c[Entry._fields]).order_by(_entry.c.id)
_LAST = select(_entry.c.id, _entry.c.digest).order_by(_entry.c.id.desc()).limit(1)
_CHECKPOINTS = select(_checkpoint.c.at, _checkpoint.c.entry_id, _checkpoint.c.digest, _checkpoint.c.signature).order_by(
    _checkpoint.c.entry_id, _checkpoint.c.id
)


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of the chain: number 0 and no digest while there is none."""

    number: int
    digest: str

    @property
    def short(self) -> str:
        """The beginning of its digest, for people to keep and compare."""
        return self.digest[:SHORT_DIGEST]


@dataclass(frozen=True, slots=True)
class AuditState:
    """What a look at the whole audit found; `fault` is one sentence, or none when all is well."""

    head: Head
    checkpoint_at: datetime | None  #: when the last checkpoint was written
    fault: str | None = None


def audit_head(connection: Connection) -> Head:
    """The last entry as it stands, without checking anything."""
    found = connection.execute(_LAST).first()
    return Head(found[0], found[1]) if found else Head(0, "")


def write_checkpoint(work: Work) -> bool:
    """Sign where the chain stands, if there are entries since the last checkpoint; whether one was written."""
    connection = work.session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_TAKE_TURNS)  # another process may be writing the same one
    head = _unsigned_head(connection)
    if head is None:
        return False
    signature = _signature(work.keys, work.now, head)
    work.session.add(AuditCheckpoint(at=work.now, entry_id=head.number, digest=head.digest, signature=signature))
    return True


def _unsigned_head(connection: Connection) -> Head | None:
    """Return the last entry, or none where the last checkpoint has reached it."""
    head = audit_head(connection)
    newest = select(_checkpoint.c.entry_id).order_by(_checkpoint.c.entry_id.desc()).limit(1)
    # A checkpoint beyond the end means that entries are gone: a new one would hide nothing, but say the wrong thing.
    return head if head.number > (connection.execute(newest).scalar() or 0) else None


#: Checkpoints, as the tick asks for them.
CHECKPOINTS = Sweep(
    lambda work: () if _unsigned_head(work.session.connection()) is None else (None,),
    lambda work, _piece: int(write_checkpoint(work)),
)


def check_audit(connection: Connection, keys: KeyRing) -> AuditState:
    """Follow the chain from its first entry to its last, and compare it with every checkpoint."""
    checkpoints = connection.execute(_CHECKPOINTS).all()
    last_at = checkpoints[-1].at if checkpoints else None
    for at, entry_id, digest, signature in checkpoints:
        if _signature(keys, at, Head(entry_id, digest)) != signature:
            said = f"The audit's checkpoint at entry {entry_id} was changed, or another master key signed it."
            return AuditState(audit_head(connection), last_at, said)
    head, fault = _follow(connection, keys, {row.entry_id: row for row in checkpoints})
    if fault is None and checkpoints and checkpoints[-1].entry_id > head.number:
        last = checkpoints[-1]
        fault = (
            f"The audit ends before its checkpoint: it ends with entry {head.number}, and on {_moment(last.at)} it "
            f"reached entry {last.entry_id}."
        )
    return AuditState(head, last_at, fault)


def whole_words(state: AuditState) -> str:
    """The sentence for an audit without a fault."""
    count = f"{state.head.number} {'entry' if state.head.number == 1 else 'entries'}"
    last = f"the last checkpoint of {_moment(state.checkpoint_at)}" if state.checkpoint_at else "no checkpoint yet"
    return f"The audit is whole: {count}, {last}."


def head_words(head: Head) -> str:
    """The sentence that an administrator keeps somewhere else, to compare another day."""
    return f"The audit's head is entry {head.number}, digest {head.short}: note it somewhere else."


def _follow(connection: Connection, keys: KeyRing, signed: dict[int, Any]) -> tuple[Head, str | None]:
    """The end of the chain, and a sentence on its first broken entry, or none."""
    previous, number, expected = "", 0, 1
    fault: str | None = None
    # Rows rather than objects, and some at a time: the audit is the one table that only grows.
    streamed = connection.execution_options(stream_results=True, yield_per=_ROWS_AT_ONCE)
    for number, at, digest, *facts in streamed.execute(_ENTRIES):
        if fault is None:
            if number != expected or digest != link_digest(keys, previous, number, at, Entry(*facts)):
                fault = (
                    f"The audit is broken at entry {expected}: it was changed, added or removed behind the bot's back."
                )
            elif number in signed and signed[number].digest != digest:
                # Whole links, but other ones than then: the tail was cut off, and the bot went on from there.
                fault = (
                    f"The audit is broken at entry {number} or before: on {_moment(signed[number].at)} it was signed "
                    "with other entries, so some were taken away before others were written."
                )
        previous, expected = digest, expected + 1
    return Head(number, previous), fault


def _signature(keys: KeyRing, at: datetime, head: Head) -> str:
    return keys.sign("audit checkpoint", at.astimezone(UTC).isoformat(), head.number, head.digest)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%-d %B %Y, %H:%M} UTC"
