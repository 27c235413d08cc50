"""Encryption of what people write. Each case and panel has a data key, which is itself sealed under one master key."""

import hmac
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlmodel import Session, col, select

from bot.errors import Misconfigured, PanelbotError
from bot.models.bookkeeping import DataKey

_FORMAT = b"\x01"  # first byte of everything sealed, so that the form can change one day
KEY_BYTES = 32
_NONCE_BYTES = 12  # NIST SP 800-38D: 96 bits, random, never used twice with one key
_KEY_ID_BYTES = 8
_LAST_KEY_ID = 2**31 - 1  # the largest integer key of the databases; a larger number is a damaged one
_KEPT_SECONDS = 15 * 60  # an opened key is worth a query on each record, and a risk while it lies in memory
_MOST_OPENED = 2000  # a county's cases of some years
SERVICE_KEY = 0  # seals data kept only for days, such as answers; it is derived from the master key and has no row
_MAKES_KEYS = "makes_keys"  # noted on a session whose transaction made a key
_FETCHED = "fetched_keys"  # noted on a session: keys fetched for its lists, None for a destroyed key
_FETCHED_TOGETHER = 10_000  # a third of what SQLite takes as parameters of one statement


class Erased(PanelbotError):
    """Raised when a text can't be opened because the key that sealed it was destroyed."""

    def __init__(self) -> None:
        super().__init__("This record has been erased.")


class KeyRing:
    """Seals and opens what people write.

    Opened data keys are kept in memory for a quarter of an hour, up to a limit.
    """

    def __init__(self, master_key: bytes, elapsed: Callable[[], float] = time.monotonic) -> None:
        if len(master_key) != KEY_BYTES:
            raise Misconfigured("PANELBOT_MASTER_KEY must be 32 bytes in URL-safe base64.")
        self._wrapping = AESGCM(master_key)
        self._digest_key = hmac.digest(master_key, b"panelbot digests", "sha256")
        self._signing_key = hmac.digest(master_key, b"panelbot signatures", "sha256")
        #: What a database stores to recognise its master key. The key can't be worked out from it.
        self.proof = hmac.digest(master_key, b"panelbot proof", "sha256").hex()
        self._service_key = AESGCM(hmac.digest(master_key, b"panelbot service key", "sha256"))
        self._elapsed = elapsed
        #: Opened data keys by number, each with the moment at which it is dropped, the oldest first.
        self._opened: dict[int, tuple[AESGCM, float]] = {}

    def new_key(self, session: Session, purpose: str, now: datetime) -> int:
        """Store a new data key, sealed under the master key. Return its id."""
        plain = AESGCM.generate_key(256)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        row = DataKey(
            purpose=purpose,
            wrapped=nonce + self._wrapping.encrypt(nonce, plain, purpose.encode()),
            created_at=now,
        )
        session.add(row)
        session.flush()
        session.info[_MAKES_KEYS] = True
        assert row.id is not None  # noqa: S101 - for the type checker: flushed rows have their id
        return row.id

    def seal(self, session: Session, key_id: int, text: str) -> bytes:
        """Encrypt text under the data key `key_id`. Raise Erased if that key was destroyed."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        head = _FORMAT + key_id.to_bytes(_KEY_ID_BYTES, "big")
        return head + nonce + self._data_key(session, key_id).encrypt(nonce, text.encode(), head)

    def open(self, session: Session, sealed: bytes) -> str:
        """Decrypt what `seal` returned.

        Raise Erased if the key was destroyed, PanelbotError if the bytes were altered.
        """
        head, rest = sealed[: 1 + _KEY_ID_BYTES], sealed[1 + _KEY_ID_BYTES :]
        if head[:1] != _FORMAT:
            raise PanelbotError("A sealed record has an unknown form.")
        key_id = int.from_bytes(head[1:], "big")
        try:
            if key_id > _LAST_KEY_ID:
                raise InvalidTag
            key = self._data_key(session, key_id)
            return key.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], head).decode()
        except InvalidTag:
            raise PanelbotError("A sealed record was altered or belongs to another installation.") from None

    def fetch(self, session: Session, sealed: Iterable[bytes | None] = (), *, key_ids: Iterable[int] = ()) -> None:
        """Load the data keys of a whole list in one query, so that its texts can be opened without further queries."""
        fetched: dict[int, AESGCM | None] = session.info.setdefault(_FETCHED, {})
        wanted = {*key_ids, *(_key_id_of(one) for one in sealed if one)} - {SERVICE_KEY, *fetched}
        kept = {key_id: key for key_id in wanted if (key := self._kept(key_id)) is not None}
        fetched.update(kept)
        missing = sorted(key_id for key_id in wanted - kept.keys() if key_id <= _LAST_KEY_ID)
        opened: dict[int, AESGCM] = {}
        for first in range(0, len(missing), _FETCHED_TOGETHER):
            some = missing[first : first + _FETCHED_TOGETHER]
            columns = col(DataKey.id), col(DataKey.purpose), col(DataKey.wrapped)
            for number, purpose, wrapped in session.execute(select(*columns).where(columns[0].in_(some))):
                key = fetched[number] = None if wrapped is None else self.unwrap(wrapped, purpose)
                if key is not None:
                    opened[number] = key
        if opened and not session.info.get(_MAKES_KEYS):
            self._keep(opened)

    def digest(self, *parts: object) -> str:
        """Return a keyed hash of facts, in hex. Equal facts have equal hashes.

        A hash tells nothing else about its facts.
        """
        text = "\x1f".join(str(part) for part in parts)
        return hmac.digest(self._digest_key, text.encode(), "sha256").hex()

    def sign(self, *parts: object) -> str:
        """Return a signature over facts, in hex.

        Signatures use a key of their own, so that no hash can pass for a signature.
        """
        text = "\x1f".join(str(part) for part in parts)
        return hmac.digest(self._signing_key, text.encode(), "sha256").hex()

    def destroy(self, session: Session, key_id: int, now: datetime) -> None:
        """Destroy a data key, so that nothing it sealed can be opened. Backups of the database still have the key."""
        row = session.get(DataKey, key_id)
        if row is not None:
            row.wrapped, row.destroyed_at = None, now
            session.add(row)
            session.flush()
        self._opened.pop(key_id, None)
        session.info.get(_FETCHED, {}).pop(key_id, None)

    def _data_key(self, session: Session, key_id: int) -> AESGCM:
        if key_id == SERVICE_KEY:
            return self._service_key
        fetched: Mapping[int, AESGCM | None] = session.info.get(_FETCHED, {})
        if key_id in fetched:
            opened = fetched[key_id]
            if opened is None:
                raise Erased
            return opened
        opened = self._kept(key_id)
        if opened is None:
            row = session.get(DataKey, key_id)
            if row is None or row.wrapped is None:
                raise Erased
            opened = self.unwrap(row.wrapped, row.purpose)
            # A key made in this transaction may still be rolled back, and its number given to another key.
            if not session.info.get(_MAKES_KEYS):
                self._keep({key_id: opened})
        return opened

    def unwrap(self, wrapped: bytes, purpose: str) -> AESGCM:
        """Return a data key, opened with the master key. Raise Misconfigured if another master key sealed it."""
        try:
            plain = self._wrapping.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], purpose.encode())
        except InvalidTag:
            raise Misconfigured(
                "PANELBOT_MASTER_KEY does not belong to this database: its records stay closed."
            ) from None
        return AESGCM(plain)

    def _kept(self, key_id: int) -> AESGCM | None:
        kept = self._opened.get(key_id)
        return kept[0] if kept is not None and self._elapsed() < kept[1] else None

    def _keep(self, opened: Mapping[int, AESGCM]) -> None:
        now = self._elapsed()
        kept = list(self._opened.items())
        too_many = len(kept) + len(opened) - _MOST_OPENED
        for number, (old, (_, until)) in enumerate(kept):
            if until > now and number >= too_many:
                break
            self._opened.pop(old, None)
        for key_id, key in list(opened.items())[:_MOST_OPENED]:
            self._opened.pop(key_id, None)
            self._opened[key_id] = (key, now + _KEPT_SECONDS)


def _key_id_of(sealed: bytes) -> int:
    return int.from_bytes(sealed[1 : 1 + _KEY_ID_BYTES], "big")
