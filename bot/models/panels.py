"""Standing panels, who sits on them, and the series that fill their diary."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from bot.models.columns import one_of, word
from bot.models.vocabulary import Role


class Panel(SQLModel, table=True):
    """A standing body of one kind (its definition) for one area."""

    __tablename__ = "panel"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=40)
    title: str = Field(max_length=120)
    definition: str = Field(max_length=40)  #: key of the file in agendas/
    area_id: int = Field(foreign_key="area.id", index=True)
    channel_id: str | None = Field(default=None, unique=True, max_length=40)  #: its Slack channel
    venue: str = Field(default="", max_length=200)
    data_key_id: int = Field(foreign_key="data_key.id", index=True)  #: seals what belongs to no case
    is_active: bool = True


class Membership(SQLModel, table=True):
    """One person's place on one panel; ended, never deleted."""

    __tablename__ = "membership"
    __table_args__ = (
        one_of("role", Role),
        CheckConstraint("(role = 'deputy') OR deputy_for_id IS NULL", name="only_deputies_stand_in"),
        Index(
            "one_place_per_role",
            "panel_id",
            "person_id",
            "role",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    panel_id: int = Field(foreign_key="panel.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    role: Role = word(Role)
    deputy_for_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    began_at: datetime
    ended_at: datetime | None = None


class Series(SQLModel, table=True):
    """A rule in words that puts meetings into a panel's diary."""

    __tablename__ = "series"

    id: int | None = Field(default=None, primary_key=True)
    panel_id: int = Field(foreign_key="panel.id", index=True)
    rule: str = Field(max_length=200)  #: canonical words, as the recurrence rules describe them
    starts_on: date
    #: none when applied from a file
    created_by_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    created_at: datetime
    ended_at: datetime | None = None
