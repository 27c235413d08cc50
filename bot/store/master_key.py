"""The master key: where it comes from, when a new one is made, and the proof that it belongs to the database.

One row of a database proves which master key it belongs to. A key is compared with this row before anything is written,
since nobody could read what a wrong key has sealed.
"""

import contextlib
import os
import secrets
import shlex
import sqlite3
import subprocess
import tempfile
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine, insert, inspect, select

from bot.errors import Misconfigured
from bot.models.bookkeeping import DataKey, Installation
from bot.settings import Settings
from bot.store.engine import make_own_folder
from bot.store.key_ring import KEY_BYTES, KeyRing
from bot.store.rows import table_of
from bot.store.schema import revision_in

#: How long a vault may take to answer.
COMMAND_SECONDS = 30.0
_NOT_A_KEY = "must be 32 bytes in URL-safe base64. Put your copy of the key there"
_BY_HAND = "Run the command by hand to see why."
_data_key, _installation = table_of(DataKey), table_of(Installation)
_PROOF = select(_installation.c.key_proof)
#: For a database from before there was a proof: the key that opens one of its data keys is its master key.
_SOME_KEY = select(_data_key.c.wrapped, _data_key.c.purpose).where(_data_key.c.wrapped.is_not(None)).limit(1)


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where an installation's master key comes from: a variable, a command that asks a vault, or a file."""

    given: str | None  #: PANELBOT_MASTER_KEY
    command: str | None  #: PANELBOT_MASTER_KEY_COMMAND
    file: Path
    checkpoints: Path  #: the audit's checkpoint file, which shows that there was a database

    @classmethod
    def of(cls, settings: Settings) -> "KeySource":
        """Return the source of the master key that these settings name."""
        given, command = settings.panelbot_master_key, settings.panelbot_master_key_command
        return cls(
            given.get_secret_value() if given else None,
            command.get_secret_value() if command else None,
            settings.master_key_file,
            settings.checkpoint_file,
        )

    @property
    def name(self) -> str:
        """Return the name of the variable or file that an administrator has to correct if the key is wrong."""
        if self.given is not None:
            return "PANELBOT_MASTER_KEY"
        return "PANELBOT_MASTER_KEY_COMMAND" if self.command is not None else str(self.file)

    @property
    def new_file(self) -> Path:
        """Return the path at which a new master key is kept until its database exists."""
        return self.file.with_name(f"{self.file.name}.new")

    def read(self) -> bytes | None:
        """Return the master key, or None if its file is missing. Raise Misconfigured if the key can't be read."""
        if self.given is not None and self.command is not None:
            raise Misconfigured("PANELBOT_MASTER_KEY and PANELBOT_MASTER_KEY_COMMAND are both set. Unset one of them.")
        if self.given is not None:
            return _decoded(self.given, self.name)
        if self.command is not None:
            return _decoded(_answer_of(self.command), f"What {self.name} prints")
        for file in (self.file, self.new_file):
            if file.exists():
                return _decoded(_text_of(file), str(file))
        return None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a database says about which master key it belongs to. Reading this changes nothing in the database."""

    database: str  #: its file or its name
    revision: str  #: of its schema
    proof: str | None
    sealed_key: tuple[bytes, str] | None  #: a data key under the master key, and its purpose
    has_proofs: bool  #: whether its schema knows proofs


def read_claim(engine: Engine) -> Claim | None:
    """Return what the database says about its master key, or None if the database is missing or empty."""
    with _seen(engine) as connection:
        revision = None if connection is None else revision_in(connection)
        if connection is None or revision is None:
            return None
        has_proofs = inspect(connection).has_table(_installation.name)
        proof = connection.execute(_PROOF).scalar() if has_proofs else None
        row = connection.execute(_SOME_KEY).first()
        name = engine.url.database or "given in PANELBOT_DATABASE_URL"
        return Claim(name, revision, proof, None if row is None else (row[0], row[1]), has_proofs)


def require_no_stray_key(source: KeySource) -> None:
    """Raise Misconfigured if a key file or audit checkpoints exist whose database is gone."""
    left = None
    if source.given is None and source.command is None and source.file.exists():
        left = f"{source.file} is the key of a database that is gone or empty."
    elif source.checkpoints.exists():
        left = f"{source.checkpoints} holds the audit checkpoints of a database that is gone or empty."
    if left is not None:
        raise Misconfigured(
            f"{left} Put the database back from its backup. To start a new one, move that file to a safe place first. "
            "Nothing was changed."
        )


def find_master_key(source: KeySource, claim: Claim | None) -> bytes:
    """Return the database's master key, or a new one if there is neither a key nor a database yet.

    Raise Misconfigured, naming the file or variable, if the key is missing or wrong, or if the database of this key is
    gone or empty. Nothing is written, except the file of a new key.
    """
    key = source.read()
    if claim is None:
        require_no_stray_key(source)
        return key if key is not None else _make_key(source)
    if key is None:
        raise Misconfigured(
            f"The database is there, but not the master key that opens it. {source.file} is missing, and neither "
            "PANELBOT_MASTER_KEY nor PANELBOT_MASTER_KEY_COMMAND is set. Put the key back. Nothing was changed."
        )
    if claim.has_proofs and claim.proof is None:
        raise Misconfigured(
            f"The database {claim.database} has been emptied: it no longer says which master key it belongs to. Put it "
            "back from its backup. Nothing was changed."
        )
    keys = KeyRing(key)
    if not (keys.proof == claim.proof if claim.proof is not None else _opens(keys, claim.sealed_key)):
        raise Misconfigured(
            f"{source.name} is not the master key of this database. Put its own key there. Nothing was changed."
        )
    return key


def prove(connection: Connection, keys: KeyRing, now: datetime) -> None:
    """Store the proof of the master key, if the database has none.

    This is part of the transaction that makes the schema.
    """
    if connection.execute(_PROOF).scalar() is None:
        connection.execute(insert(_installation), {"id": 1, "key_proof": keys.proof, "made_at": now})


def require_proof(engine: Engine, keys: KeyRing) -> None:
    """Raise Misconfigured if another process has just set up the database with another master key."""
    with engine.execution_options(reading=True).connect() as connection:
        if connection.execute(_PROOF).scalar() != keys.proof:
            raise Misconfigured(
                "Another process has just set this database up with another master key. Give both the same key."
            )


def keep(source: KeySource) -> Path | None:
    """Give the file of a new master key its final name, once the database has the key's proof.

    Return the file, or None if there is no new key. An existing key file is never replaced. If the key comes from a
    variable or command, nothing is done.
    """
    if source.given is not None or source.command is not None:
        return None
    try:
        os.link(source.new_file, source.file)
    except (FileNotFoundError, FileExistsError):  # there was none, or another process was first
        return None
    source.new_file.unlink(missing_ok=True)
    return source.file


def _opens(keys: KeyRing, sealed_key: tuple[bytes, str] | None) -> bool:
    if sealed_key is None:  # the database has no sealed text
        return True
    try:
        keys.unwrap(*sealed_key)
    except Misconfigured:
        return False
    return True


@contextmanager
def _seen(engine: Engine) -> Iterator[Connection | None]:
    """Yield a connection that refuses to write, or None if SQLite's file is missing or empty.

    The file is opened in read-write mode only so that SQLite can roll back the transaction of a killed process. Nothing
    else in the file changes, not even its header.
    """
    file = engine.url.database or ""
    if engine.dialect.name != "sqlite" or file.startswith("file:"):
        with engine.execution_options(reading=True).connect() as connection:
            yield connection
        return
    if not Path(file).exists() or not Path(file).stat().st_size:
        yield None
        return
    address = f"{Path(file).absolute().as_uri()}?mode=rw"
    looking = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool)
    with looking.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
        yield connection


def _answer_of(command: str) -> str:
    name = "PANELBOT_MASTER_KEY_COMMAND"
    try:
        words = shlex.split(command)
        ran = subprocess.run(words, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)  # noqa: S603 - the administrator's own
    except (OSError, ValueError, IndexError) as refused:
        raise Misconfigured(f"{name} cannot be run ({refused}). {_BY_HAND}") from None
    except subprocess.TimeoutExpired:
        raise Misconfigured(f"{name} did not answer within {COMMAND_SECONDS:.0f} seconds. {_BY_HAND}") from None
    if ran.returncode:
        raise Misconfigured(f"{name} failed with status {ran.returncode}. {_BY_HAND}")
    return ran.stdout


def _text_of(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError):
        raise Misconfigured(f"{file} cannot be read as the master key. Put your copy of the key there.") from None


def _decoded(text: str, name: str) -> bytes:
    try:
        key = urlsafe_b64decode(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise Misconfigured(f"{name} {_NOT_A_KEY}.")
    return key


def new_key() -> str:
    """Return a new random master key as text, in the form that settings and key files have."""
    return urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _make_key(source: KeySource) -> bytes:
    """Make a new master key in a file that only its owner can read, and return the key.

    The file has a provisional name until the database exists.
    """
    folder = source.file.parent
    try:
        make_own_folder(folder)
        handle, fresh = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as opened:
            opened.write(new_key().encode())
        # A link appears complete or not at all. If another process was first, its key is used.
        with contextlib.suppress(FileExistsError):
            os.link(fresh, source.new_file)
        Path(fresh).unlink()
    except OSError as refused:
        raise Misconfigured(f"{source.file} cannot be written ({refused.strerror}).") from None
    return _decoded(_text_of(source.new_file), str(source.new_file))
