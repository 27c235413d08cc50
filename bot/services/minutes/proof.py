"""The hash of an approved version of minutes, which is printed in the footer and can be checked at any time.

Each part's hash is the SHA-256 of its facts and a random salt, which are sealed together. With facts and salt, anyone
can check the part without this installation's master key. When a case's key is destroyed, the salt is lost too, so
nobody can use the hash to guess the erased part. A keyed hash would hide as much, but only this installation could
check it, and only while it keeps the key. The version's hash covers the list of its parts' hashes, so an erased part is
still covered.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from sqlmodel import col, select

from bot.models.cases import Case
from bot.models.meetings import Meeting
from bot.models.minutes import Minutes, MinutesPart
from bot.models.panels import Panel
from bot.store.key_ring import Erased
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

_SALT_BYTES: Final = 32
_FORM: Final = "panelbot minutes, form 1"  # begins the list, so that the list's format can change later


@dataclass(frozen=True, slots=True)
class Proof:
    """The result of checking a version of the minutes: its printed hash, the number of erased parts, and any faults."""

    digest: str | None  #: none: a draft, or approved before hashes were stored
    erased: int  #: parts that were removed under retention, proved by their hashes alone
    faults: tuple[str, ...]
    parts: int = 0  #: the number of parts of the version, including removed ones

    @property
    def is_proved(self) -> bool:
        """Return whether the check found that the version still says what was approved."""
        return self.digest is not None and not self.faults


def salted(facts: Mapping[str, Any]) -> str:
    """Return the facts of a part with a random salt, as the text to seal."""
    return json.dumps({**facts, "salt": secrets.token_hex(_SALT_BYTES)})


def digest_of(text: str) -> str:
    """Return the SHA-256 hash of a part's text."""
    return sha256(text.encode()).hexdigest()


def freeze(work: Work, minutes: Minutes) -> None:
    """Compute and store the hash of an approved version.

    A part that was stored before salts were introduced gets a salt and a hash first.
    """
    meeting = work.session.get_one(Meeting, minutes.meeting_id)
    parts = _parts(work, minutes)
    for part in parts:
        if part.digest is None:
            text = _opened(work, part)
            if text is None:
                text = salted({})  # erased already, so nothing is left to prove
            else:
                text = salted(json.loads(text))
                part.facts = work.seal(_key_of(work, meeting, part), text)
            part.digest = digest_of(text)
            work.session.add(part)
    minutes.digest = _digest_of_list(meeting, minutes, parts)
    work.session.add(minutes)
    work.session.flush()


def digest_now(work: Work, minutes: Minutes) -> str:
    """Return the hash of a version as it is stored now. Once the version is approved, this hash is printed and kept."""
    return _digest_of_list(work.session.get_one(Meeting, minutes.meeting_id), minutes, _parts(work, minutes))


def verify(work: Work, minutes: Minutes) -> Proof:
    """Check an approved version against its stored hash, part by part and as a whole. Return the result."""
    if minutes.digest is None:
        return Proof(None, 0, ("This version has no digest.",))
    parts = _parts(work, minutes)
    work.keys.fetch(work.session, (part.facts for part in parts))
    erased, faults = 0, []
    for part in parts:
        text = _opened(work, part)
        if text is None:
            erased += 1
        elif digest_of(text) != part.digest:
            faults.append(f"Part {part.position} is not what was approved.")
    meeting = work.session.get_one(Meeting, minutes.meeting_id)
    if _digest_of_list(meeting, minutes, parts) != minutes.digest:
        faults.append("The list of parts is not what was approved.")
    return Proof(minutes.digest, erased, tuple(faults), len(parts))


def _parts(work: Work, minutes: Minutes) -> Sequence[MinutesPart]:
    query = select(MinutesPart).where(col(MinutesPart.minutes_id) == id_of(minutes))
    return work.session.exec(query.order_by(col(MinutesPart.position))).all()


def _opened(work: Work, part: MinutesPart) -> str | None:
    try:
        return work.open(part.facts)
    except Erased:
        return None


def _key_of(work: Work, meeting: Meeting, part: MinutesPart) -> int:
    if part.case_id is not None:
        return work.session.get_one(Case, part.case_id).data_key_id
    return work.session.get_one(Panel, meeting.panel_id).data_key_id


def _digest_of_list(meeting: Meeting, minutes: Minutes, parts: Sequence[MinutesPart]) -> str:
    """Return one hash for the meeting, the version number and the hashes of all parts."""
    lines = [_FORM, meeting.uid, str(minutes.version), *(f"{part.position} {part.digest}" for part in parts)]
    return sha256("\n".join(lines).encode()).hexdigest()
