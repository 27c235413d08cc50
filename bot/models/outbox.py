"""The tables of the outbox: effects on Slack that transactions promised, their lanes, and files in Slack."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import JSON, BigInteger, Index, Integer
from sqlmodel import Field, SQLModel

from bot.models.columns import one_of, partial_index

#: An integer key that the database counts up. SQLite does so only for plain INTEGER, so PostgreSQL alone gets BIGINT.
GrowingId = BigInteger().with_variant(Integer, "sqlite")


class EffectState(StrEnum):
    """How far one effect has got on its way to Slack."""

    READY = "ready"  # may be claimed once due
    CLAIMED = "claimed"  # leased by a courier that has not begun to send
    SENDING = "sending"  # committed before the call: from here the outcome may be unknown
    DONE = "done"  # Slack accepted it
    DROPPED = "dropped"  # no longer for its addressee when it came to be sent
    DEAD = "dead"  # Slack refused it for good
    AMBIGUOUS = "ambiguous"  # nobody knows whether Slack has it: a person decides


#: States in which an effect is, or may be, put into words. A queued effect gets its words when it is sent.
WORDED: Final = (EffectState.CLAIMED, EffectState.SENDING, EffectState.DONE)


class OutboxRow(SQLModel, table=True):
    """One effect on Slack, stored as ids without text. On sending, access is checked and the text is written."""

    __tablename__ = "outbox"
    __table_args__ = (
        one_of("state", EffectState),
        Index("outbox_to_claim", "state", "lane", "priority", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=GrowingId)
    key: str = Field(unique=True, max_length=120)  #: the same effect is queued once
    lane: str = Field(max_length=80)  #: one queue per conversation
    kind: str = Field(max_length=40)  #: which renderer
    way: str = Field(default="post", max_length=8)  #: how it leaves: each way of calling Slack has a pace of its own
    priority: int = 5  #: 0 first
    state: str = Field(default=EffectState.READY, max_length=12)
    due_at: float  #: database clock, seconds since the epoch
    tries: int = 0
    fence: int = 0  #: rises with each claim, so that a late courier cannot overwrite
    owner: str | None = Field(default=None, max_length=80)
    lease_until: float | None = None  #: database clock
    payload: dict[str, object] = Field(default_factory=dict, sa_type=JSON)  #: ids only, no narrative
    result: dict[str, object] | None = Field(default=None, sa_type=JSON)  #: channel and ts that Slack gave
    error: str | None = Field(default=None, max_length=200)
    created_at: float
    finished_at: float | None = None


class OutboxLane(SQLModel, table=True):
    """One lane of the outbox. Its row says when the lane may send next, and is locked while effects are claimed."""

    __tablename__ = "outbox_lane"

    name: str = Field(primary_key=True, max_length=80)
    next_at: float = 0.0  #: database clock: nothing goes out before
    gap: float = 1.0  #: seconds between the end of one send and the next
    is_unopened: bool = False  #: its direct message was never opened; opening one has a pace of its own


class OutboxMethod(SQLModel, table=True):
    """One of Slack's methods: when it may be called again, and the reason if Slack refused it.

    The row named `files` stands for the three methods of an upload, and the row `*` for all methods.
    """

    __tablename__ = "outbox_method"

    name: str = Field(primary_key=True, max_length=40)
    next_at: float = 0.0  #: database clock: not called before
    failures: int = 0  #: failures in a row; they set the next rest, and that one call is tried before others
    is_on_trial: bool = False  #: for `*`: Slack answers again, and one effect is sent before the others
    error: str | None = Field(default=None, max_length=200)  #: the alarm: why nothing goes out, in Slack's word
    since: float | None = None  #: database clock: when the alarm was raised


class DirectChannel(SQLModel, table=True):
    """The Slack channel of one person's direct message, kept so that it is opened only once."""

    __tablename__ = "direct_channel"

    team_id: str = Field(primary_key=True, max_length=40)
    user_id: str = Field(primary_key=True, max_length=40)
    channel_id: str = Field(max_length=40)


class SlackFile(SQLModel, table=True):
    """A paper that was sent to Slack as a file, and until when the file may stay there.

    The row is written before Slack shows the file, so that no file is in Slack without a row.
    """

    __tablename__ = "slack_file"
    __table_args__ = (partial_index("slack_files_to_remove", "remove_after", where="asked_at IS NULL"),)

    id: int | None = Field(default=None, primary_key=True)
    slack_id: str = Field(unique=True, max_length=40)  #: Slack's own id of the file
    kind: str = Field(max_length=40)  #: the notice that carried it
    person_id: int = Field(foreign_key="person.id", index=True)
    channel_id: str = Field(max_length=40)  #: the direct message
    panel_id: int | None = Field(default=None, foreign_key="panel.id")  #: none: of all the person's panels
    meeting_id: int | None = Field(default=None, foreign_key="meeting.id")
    sent_at: datetime
    digest: str | None = Field(default=None, max_length=64)  #: SHA-256 of the file; none: before this was kept
    arrived_at: datetime | None = None  #: none: nobody knows whether Slack shows it
    remove_after: datetime
    asked_at: datetime | None = None  #: when its removal was last queued
    removed_at: datetime | None = None


class SlackFileCase(SQLModel, table=True):
    """One case that a file in Slack is about."""

    __tablename__ = "slack_file_case"

    file_id: int = Field(primary_key=True, foreign_key="slack_file.id")
    case_id: int = Field(primary_key=True, foreign_key="cases.id", index=True)
