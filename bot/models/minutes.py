"""Minutes: versions of what a meeting recorded, kept as facts in parts so that each reader gets their own."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bot.models.columns import one_of, sealed, word
from bot.models.vocabulary import MinutesState


class Minutes(SQLModel, table=True):
    """One version; once approved it never changes."""

    __tablename__ = "minutes"
    __table_args__ = (
        one_of("state", MinutesState),
        UniqueConstraint("meeting_id", "version"),
        CheckConstraint("(state = 'draft') = (approved_at IS NULL)", name="approved_has_its_time"),
        Index(
            "one_approved_version_per_meeting",
            "meeting_id",
            unique=True,
            sqlite_where=text("state <> 'draft'"),
            postgresql_where=text("state <> 'draft'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id")
    version: int  #: from 1
    state: MinutesState = word(MinutesState, default=MinutesState.DRAFT)
    drafted_by_id: int = Field(foreign_key="person.id", index=True)
    drafted_at: datetime
    approved_by_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    approved_at: datetime | None = None


class MinutesPart(SQLModel, table=True):
    """One part of a version: position 0 is the frame, under the panel's key; items are under their case's."""

    __tablename__ = "minutes_part"
    __table_args__ = (UniqueConstraint("minutes_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    minutes_id: int = Field(foreign_key="minutes.id")
    position: int
    case_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    facts: bytes = sealed()  #: JSON
