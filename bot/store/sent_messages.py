"""What people were sent about a meeting and can still click: it is rewritten when it is no longer so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import col, select

from bot.models.meetings import Meeting
from bot.models.outbox import EffectState, OutboxRow
from bot.models.vocabulary import Notice
from bot.store.outbox import Effect
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: The kinds of message about one meeting that carry buttons.
_WITH_BUTTONS: Final = (
    "invitation",
    "reply_reminder",
    "quorum",
    "stand_in",
    "deputy_away",
    "answered_for_you",
    "meeting_notice",
)
#: Sent, or put into words already; what is only queued will be put into words as things are then.
WORDED: Final = (EffectState.CLAIMED, EffectState.SENDING, EffectState.DONE)
#: After everything that is news: whoever clicks meanwhile is told why it is too late.
_LAST: Final = 9


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message about a meeting, and where it stands."""

    kind: str  #: of effect
    meeting_id: int
    at: int  #: the time of which it speaks, as a number
    notice: Notice | None
    says_flags_open: bool
    channel_id: str
    ts: str


def rewrite_messages(work: Work, meetings: Sequence[Meeting]) -> None:
    """Have every earlier message about meetings that have just changed say what is so, each once for each change."""
    changed = {id_of(meeting): meeting for meeting in meetings}
    number = col(OutboxRow.payload)["meeting_id"].as_integer()
    sent = work.session.exec(
        select(OutboxRow)
        .where(
            col(OutboxRow.state).in_([state.value for state in WORDED]),
            col(OutboxRow.kind).in_(_WITH_BUTTONS),
            number.in_(list(changed)),
        )
        .order_by(col(OutboxRow.id))
    )
    for row in sent:
        facts: dict[str, Any] = row.payload
        work.send(
            Effect(
                key=f"rewritten:{row.id}:{changed[facts['meeting_id']].sequence}",
                lane=f"person:{facts['person_id']}",
                kind="message_overtaken",
                payload={"person_id": facts["person_id"], "message": id_of(row)},
                priority=_LAST,
            )
        )


def sent_message(work: Work, number: int) -> SentMessage | None:
    """One of these messages; None where it is not known to have arrived."""
    row = work.session.get(OutboxRow, number)
    place, facts = (row.result or {}, row.payload) if row is not None else ({}, {})
    # Word to a stand-in that an earlier version sent does not say of which time it speaks.
    if row is None or not place.get("channel") or not place.get("ts") or "at" not in facts:
        return None
    return SentMessage(
        kind=row.kind,
        meeting_id=int(str(facts["meeting_id"])),
        at=int(str(facts["at"])),
        notice=Notice(str(facts["notice"])) if "notice" in facts else None,
        says_flags_open=bool(facts.get("flags")),
        channel_id=str(place["channel"]),
        ts=str(place["ts"]),
    )
