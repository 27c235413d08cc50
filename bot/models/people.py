"""The tables of areas, agencies and people, without their places on panels."""

from datetime import date, datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.models.columns import one_of, partial_index, word
from bot.models.vocabulary import AgencyKind, AreaKind, Departure


class Area(SQLModel, table=True):
    """A county or one of its districts."""

    __tablename__ = "area"
    __table_args__ = (one_of("kind", AreaKind),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=40)
    name: str = Field(max_length=120)
    kind: AreaKind = word(AreaKind)
    parent_id: int | None = Field(default=None, foreign_key="area.id", index=True)


class Agency(SQLModel, table=True):
    """An organisation that sends people to panels and owns actions."""

    __tablename__ = "agency"
    __table_args__ = (one_of("kind", AgencyKind),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=40)
    name: str = Field(max_length=120)
    kind: AgencyKind = word(AgencyKind)
    reference_pattern: str | None = Field(default=None, max_length=20)  #: of new references, as `check_shape` has it
    short_names: list[str] = Field(default_factory=list, sa_type=JSON)  #: what the county calls it beside its name
    is_active: bool = True
    sharing_agreement_signed_on: date | None = None
    sharing_agreement_review_on: date | None = None
    sharing_review_told_for: date | None = None  #: the review date of which co-ordinators were reminded


class Person(SQLModel, table=True):
    """A person who was enrolled, even if they have left. The bot answers and writes to enrolled people only."""

    __tablename__ = "person"
    __table_args__ = (
        one_of("departure", Departure),
        UniqueConstraint("team_id", "user_id"),
        partial_index("one_lead_per_agency", "agency_id", where="leads_agency", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=40)
    name: str = Field(max_length=120)
    job_title: str = Field(default="", max_length=120)  #: as minutes print it
    team_id: str = Field(max_length=40)  #: Slack workspace
    user_id: str = Field(max_length=40)  #: Slack user in that workspace
    agency_id: int = Field(foreign_key="agency.id", index=True)
    leads_agency: bool = False
    is_administrator: bool = False
    timezone: str = Field(default="Europe/London", max_length=60)
    enrolled_at: datetime  #: the latest time, for a person who left and came back
    left_at: datetime | None = None
    departure: Departure | None = word(Departure, default=None)  #: how it became known that they left


class CalendarFeed(SQLModel, table=True):
    """A secret address at which one person's calendar can be fetched until it is revoked."""

    __tablename__ = "calendar_feed"
    __table_args__ = (partial_index("one_feed_per_person", "person_id", where="revoked_at IS NULL", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    secret_digest: str = Field(unique=True, max_length=64)  #: hex; the secret itself is only in the address
    made_at: datetime
    revoked_at: datetime | None = None
