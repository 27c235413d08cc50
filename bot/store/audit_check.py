"""Checks the audit: the hash of every entry is computed again, and compared with signed checkpoints.

A changed, added or missing entry breaks the chain of hashes. If the last entries were cut off, a checkpoint names an
entry that no longer exists. Checkpoints are also kept in a file outside the database, so that they can't be removed
together with entries. Not even a person with the key can then write the chain again unnoticed. People can also keep the
last entry's number and short hash elsewhere. `panelbot check` and a daily line of the log show both.
"""

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from bot.errors import Misconfigured
from bot.models.bookkeeping import AuditCheckpoint, AuditEntry
from bot.store.audit import Entry, earlier_digest, link_digest
from bot.store.engine import make_own_folder
from bot.store.key_ring import KeyRing
from bot.store.rows import table_of
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work

log = logging.getLogger(__name__)
#: Characters of a digest that are enough to tell two chains apart by eye.
SHORT_DIGEST = 12

_ROWS_AT_ONCE = 2000
#: The number of the transaction lock that makes PostgreSQL processes sign one after the other.
_TAKE_TURNS = select(func.pg_advisory_xact_lock(0x636865636B))  # "check"
_entry, _checkpoint = table_of(AuditEntry), table_of(AuditCheckpoint)
_ENTRIES = select(_entry.c.id, _entry.c.at, _entry.c.digest, *_entry.c[Entry._fields]).order_by(_entry.c.id)
_LAST = select(_entry.c.id, _entry.c.digest).order_by(_entry.c.id.desc()).limit(1)
_CHECKPOINTS = select(_checkpoint.c.at, _checkpoint.c.entry_id, _checkpoint.c.digest, _checkpoint.c.signature).order_by(
    _checkpoint.c.entry_id, _checkpoint.c.id
)


@dataclass(frozen=True, slots=True)
class Head:
    """The number and hash of the chain's last entry. An empty chain has number 0 and an empty hash."""

    number: int
    digest: str

    @property
    def short(self) -> str:
        """Return the first characters of the last entry's hash, for people to keep and compare."""
        return self.digest[:SHORT_DIGEST]


class Checkpoint(NamedTuple):
    """A signed record that the chain had reached this entry, with this hash, at this moment."""

    at: datetime
    entry_id: int
    digest: str
    signature: str


@dataclass(frozen=True, slots=True)
class AuditState:
    """The result of checking the whole audit. `fault` is one sentence, or None if the audit is whole."""

    head: Head
    checkpoint_at: datetime | None  #: when the last checkpoint was written
    fault: str | None = None


def audit_head(connection: Connection) -> Head:
    """Return the number and hash of the chain's last entry, without checking anything."""
    found = connection.execute(_LAST).first()
    return Head(found[0], found[1]) if found else Head(0, "")


def write_checkpoint(work: Work) -> bool:
    """Write a signed checkpoint for the chain's last entry, unless it has one.

    Return whether a checkpoint was written.
    """
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
    """Return the chain's last entry, or None if a checkpoint exists for its number or for a higher one."""
    head = audit_head(connection)
    newest = select(_checkpoint.c.entry_id).order_by(_checkpoint.c.entry_id.desc()).limit(1)
    # A checkpoint beyond the end shows that entries were removed. A new one now would sign the shortened chain.
    return head if head.number > (connection.execute(newest).scalar() or 0) else None


def copy_checkpoints(work: Work) -> None:
    """Append missing checkpoints to the file outside the database. If the file can't be written, log the failure."""
    file, missing = work.checkpoint_file, _not_copied(work)
    if file is None or not missing:
        return
    lines = [f"{json.dumps({**one._asdict(), 'at': one.at.isoformat()})}\n" for one in missing]
    try:
        make_own_folder(file.parent)
        with os.fdopen(os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "a", encoding="ascii") as opened:
            opened.writelines(lines)
    except OSError as refused:
        log.error("the audit's checkpoints cannot be written to %s: %s", file, refused.strerror)


def _not_copied(work: Work) -> list[Checkpoint]:
    """Return the database's checkpoints that are missing from the file outside the database.

    If the file can't be read, log that and return an empty list.
    """
    if work.checkpoint_file is None:
        return []
    try:
        copied = read_checkpoints(work.checkpoint_file)
    except (OSError, Misconfigured) as broken:
        log.error("the audit's checkpoints cannot be copied: %s", broken)
        return []
    last = copied[-1].entry_id if copied else 0
    return [Checkpoint(*row) for row in work.execute(_CHECKPOINTS.where(_checkpoint.c.entry_id > last))]


def read_checkpoints(file: Path | None) -> list[Checkpoint]:
    """Return the checkpoints in a file, or an empty list if the file does not exist.

    Raise Misconfigured if a line isn't a checkpoint. The error names the line.
    """
    if file is None or not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        try:
            facts = json.loads(line)
            at = datetime.fromisoformat(facts["at"])
            found.append(Checkpoint(at, int(facts["entry_id"]), str(facts["digest"]), str(facts["signature"])))
        except (ValueError, KeyError, TypeError):
            raise Misconfigured(f"{file}, line {number}: is no checkpoint of the audit.") from None
    return found


def _is_due(work: Work) -> bool:
    return _unsigned_head(work.session.connection()) is not None or bool(_not_copied(work))


def _sign_and_copy(work: Work, _piece: None) -> int:
    is_written = write_checkpoint(work)
    work.session.flush()
    copy_checkpoints(work)
    return int(is_written)


#: The periodic work that signs the audit's end and copies checkpoints to the file.
CHECKPOINTS = Sweep(lambda work: (None,) if _is_due(work) else (), _sign_and_copy)


def check_audit(connection: Connection, keys: KeyRing, file: Path | None = None) -> AuditState:
    """Check the chain from first to last entry, and compare it with the checkpoints in database and file.

    Return the result with the first fault found. Raise Misconfigured if a line of the file is no checkpoint.
    """
    kept = [Checkpoint(*row) for row in connection.execute(_CHECKPOINTS)]
    last_at = kept[-1].at if kept else None
    outside = read_checkpoints(file)
    for one, where in [*((one, "") for one in kept), *((one, f" in {file}") for one in outside)]:
        if _signature(keys, one.at, Head(one.entry_id, one.digest)) != one.signature:
            said = (
                f"The audit's checkpoint at entry {one.entry_id}{where} was changed, or another master key signed it."
            )
            return AuditState(audit_head(connection), last_at, said)
    # If database and file both have a checkpoint for an entry, the file's counts. Someone with the database and the key
    # could sign the database's again.
    checkpoints = {one.entry_id: one for one in [*kept, *outside]}
    head, fault = _follow(connection, keys, checkpoints)
    last = max(checkpoints.values(), key=lambda one: one.entry_id, default=None)
    if fault is None and last is not None and last.entry_id > head.number:
        fault = (
            f"The audit ends before its checkpoint: it ends with entry {head.number}, and on {_moment(last.at)} it "
            f"reached entry {last.entry_id}."
        )
    return AuditState(head, last_at, fault)


def whole_words(state: AuditState) -> str:
    """Return a sentence saying that the audit is whole, with its number of entries and last checkpoint."""
    count = f"{state.head.number} {'entry' if state.head.number == 1 else 'entries'}"
    last = f"the last checkpoint of {_moment(state.checkpoint_at)}" if state.checkpoint_at else "no checkpoint yet"
    return f"The audit is whole: {count}, {last}."


def head_words(head: Head) -> str:
    """Return a sentence with the last entry's number and short hash, for an administrator to keep elsewhere."""
    return (
        f"The audit's last entry is {head.number}, digest {head.short}. Note both where this server's administrators "
        "can't change them, such as with your data-protection officer. They prove later that no entry was cut off."
    )


def _follow(connection: Connection, keys: KeyRing, signed: Mapping[int, Checkpoint]) -> tuple[Head, str | None]:
    """Check every entry of the chain, from the first to the last.

    Return the last entry, and a sentence about the first fault, or None if there is none.

    `signed` is a dict from an entry's number to the entry's checkpoint.
    """
    previous, number, expected = "", 0, 1
    fault: str | None = None
    is_earlier = True  # entries of the form before stand before all others
    # Read rows instead of objects, and in portions: the audit only ever grows.
    streamed = connection.execution_options(stream_results=True, yield_per=_ROWS_AT_ONCE)
    for number, at, digest, *facts in streamed.execute(_ENTRIES):
        if fault is None:
            entry = Entry(*facts)
            is_earlier = is_earlier and digest == earlier_digest(keys, previous, number, at, entry)
            if number != expected or not (is_earlier or digest == link_digest(keys, previous, number, at, entry)):
                fault = (
                    f"The audit is broken at entry {expected}: it was changed, added or removed behind the bot's back."
                )
            elif number in signed and signed[number].digest != digest:
                # The digests fit each other but not the checkpoint: the tail was cut off, and new entries were added.
                fault = (
                    f"The audit is broken at entry {number} or before: on {_moment(signed[number].at)} it was signed "
                    "with other entries. Some were taken away before others were written."
                )
        previous, expected = digest, expected + 1
    return Head(number, previous), fault


def _signature(keys: KeyRing, at: datetime, head: Head) -> str:
    return keys.sign("audit checkpoint", at.astimezone(UTC).isoformat(), head.number, head.digest)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%-d %B %Y, %H:%M} UTC"
