"""The tables of a meeting's minutes: versions, corrections, copies and amendment slips.

Minutes are stored in parts, so that each reader gets only the parts that they may read.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.models.columns import one_of, partial_index, sealed, word
from bot.models.vocabulary import Accuracy, CorrectionKind, MinutesState, MinutesStep


class Minutes(SQLModel, table=True):
    """One version of a meeting's minutes. Once it is approved, its facts never change."""

    __tablename__ = "minutes"
    __table_args__ = (
        one_of("state", MinutesState),
        UniqueConstraint("meeting_id", "version"),
        CheckConstraint(
            "(state IN ('approved', 'circulated')) = (approved_at IS NOT NULL)", name="approved_has_its_time"
        ),
        CheckConstraint("digest IS NULL OR approved_at IS NOT NULL", name="only_what_is_approved_has_a_digest"),
        partial_index("one_living_version_per_meeting", "meeting_id", where="state <> 'replaced'", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id")
    version: int  #: from 1
    state: MinutesState = word(MinutesState, default=MinutesState.DRAFT)
    drafted_by_id: int = Field(foreign_key="person.id", index=True)
    drafted_at: datetime
    approved_by_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    approved_at: datetime | None = None
    #: SHA-256 over the digests of its parts. None: not approved, or approved before digests were kept.
    digest: str | None = Field(default=None, max_length=64)


class MinutesPart(SQLModel, table=True):
    """One part of a version of the minutes.

    Part 0 is about the meeting as a whole, and each later part is an item or action.

    A part is sealed under the key of its case, or under the panel's key if it has no case.
    """

    __tablename__ = "minutes_part"
    __table_args__ = (UniqueConstraint("minutes_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    minutes_id: int = Field(foreign_key="minutes.id")
    position: int
    case_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    #: The item that the part is about. None: the meeting itself, an earlier action, or written before this was kept.
    item_id: int | None = Field(default=None, foreign_key="agenda_item.id", index=True)
    facts: bytes = sealed()  #: JSON with a salt of its own
    digest: str | None = Field(default=None, max_length=64)  #: SHA-256 of that JSON
    #: The other reader who approved a closed item that the approver had recorded. None: nobody else had to.
    approved_by_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    approved_at: datetime | None = None
    needs_another: bool = False  #: the approver had recorded it: another of its readers approves it


class MinutesEvent(SQLModel, table=True):
    """One step in the life of a version of the minutes, such as drafted or approved, with who took it and when."""

    __tablename__ = "minutes_event"
    __table_args__ = (one_of("step", MinutesStep),)

    id: int | None = Field(default=None, primary_key=True)
    minutes_id: int = Field(foreign_key="minutes.id", index=True)
    step: MinutesStep = word(MinutesStep)
    by_id: int = Field(foreign_key="person.id", index=True)
    at: datetime
    remarks: bytes | None = sealed(default=None)  #: why it was sent back, under the panel's key


class Correction(SQLModel, table=True):
    """One correction of a meeting's record, made between the close of the meeting and the approval of its minutes."""

    __tablename__ = "correction"
    __table_args__ = (
        one_of("kind", CorrectionKind),
        CheckConstraint(
            "kind = 'action' OR (kind = 'attendance') = (item_id IS NULL)", name="all_but_attendance_is_of_an_item"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    minutes_id: int = Field(foreign_key="minutes.id", index=True)  #: the version that has the old words
    item_id: int | None = Field(default=None, foreign_key="agenda_item.id", index=True)
    case_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    kind: CorrectionKind = word(CorrectionKind)
    before: bytes | None = sealed(default=None)  #: the earlier words; None: there were none
    after: bytes | None = sealed(default=None)  #: the new words; None: the entry was removed
    reason: bytes = sealed()
    of_id: int | None = Field(default=None, foreign_key="person.id", index=True)  #: the person whose entry it was
    by_id: int = Field(foreign_key="person.id", index=True)
    at: datetime


class MinutesCopy(SQLModel, table=True):
    """One member who was told of approved minutes, and when this member acknowledged the minutes."""

    __tablename__ = "minutes_copy"
    __table_args__ = (UniqueConstraint("minutes_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    minutes_id: int = Field(foreign_key="minutes.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    told_at: datetime
    acknowledged_at: datetime | None = None


class AmendmentSlip(SQLModel, table=True):
    """One correction of approved minutes. A slip counts once it is approved, and then has a number."""

    __tablename__ = "amendment_slip"
    __table_args__ = (
        UniqueConstraint("minutes_id", "item_id", "number"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="a_decision_on_a_slip_is_whole"),
        CheckConstraint("number IS NULL OR decided_at IS NOT NULL", name="only_an_approved_slip_has_a_number"),
        CheckConstraint("refusal IS NULL OR number IS NULL", name="only_a_refused_slip_says_why"),
    )

    id: int | None = Field(default=None, primary_key=True)
    minutes_id: int = Field(foreign_key="minutes.id")
    item_id: int | None = Field(default=None, foreign_key="agenda_item.id", index=True)  #: none: the minutes as a whole
    case_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    number: int | None = None  #: counted within its item, so that a slip kept from a reader leaves no gap
    says: bytes = sealed()  #: what the minutes should say
    reason: bytes = sealed()
    written_by_id: int = Field(foreign_key="person.id", index=True)
    written_at: datetime
    decided_by_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    decided_at: datetime | None = None
    refusal: bytes | None = sealed(default=None)  #: why it was refused; none: it was not, or before this was asked


class MinutesAccuracy(SQLModel, table=True):
    """A meeting's answer to the question whether the minutes of the panel's previous meeting are accurate."""

    __tablename__ = "minutes_accuracy"
    __table_args__ = (one_of("answer", Accuracy),)

    meeting_id: int = Field(primary_key=True, foreign_key="meeting.id")
    minutes_id: int = Field(foreign_key="minutes.id", index=True)
    answer: Accuracy = word(Accuracy)
    by_id: int = Field(foreign_key="person.id", index=True)
    at: datetime
