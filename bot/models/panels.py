"""The tables of panels, the places on them, the series that fill their diaries, and the county's settings."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from bot.models.columns import one_of, partial_index, word
from bot.models.vocabulary import BankHolidays, Role

#: Days for which a file stays in Slack if the county file does not say.
SLACK_FILES_DAYS: Final = 14


class Panel(SQLModel, table=True):
    """A standing body that meets about cases of one area. Its kind is the key of a definition."""

    __tablename__ = "panel"
    __table_args__ = (one_of("bank_holidays", BankHolidays),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=40)
    title: str = Field(max_length=120)
    definition: str = Field(max_length=40)  #: key of the file in agendas/
    area_id: int = Field(foreign_key="area.id", index=True)
    channel_id: str | None = Field(default=None, unique=True, max_length=40)  #: its Slack channel
    venue: str = Field(default="", max_length=200)
    bank_holidays: BankHolidays | None = word(BankHolidays, default=None)  #: none: as the definition says
    #: The panel to which decisions go if several could receive them. None: every panel that receives them gets them.
    escalates_to_id: int | None = Field(default=None, foreign_key="panel.id", index=True)
    data_key_id: int = Field(foreign_key="data_key.id", index=True)  #: seals what belongs to no case
    is_active: bool = True


class CountySettings(SQLModel, table=True):
    """The settings that the county file gives for the whole county, in one row."""

    __tablename__ = "county_settings"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row_of_settings"),
        CheckConstraint("slack_files_days BETWEEN 1 AND 365", name="slack_files_days_in_range"),
    )

    id: int = Field(default=1, primary_key=True)
    slack_files_days: int = SLACK_FILES_DAYS  #: after how many days a file is removed from Slack
    #: Who agreed that messages which stay in Slack carry the words of actions, and when. None: they don't carry them.
    action_text_agreed_by: str | None = Field(default=None, max_length=120)
    action_text_agreed_on: date | None = None


class SharedChannel(SQLModel, table=True):
    """A panel's channel that people of another workspace can see, as Slack last reported."""

    __tablename__ = "shared_channel"

    channel_id: str = Field(primary_key=True, max_length=40)
    since: datetime  #: when the bot learned of it


class ChannelGuest(SQLModel, table=True):
    """An account that was seen in a panel's channel but has no place on the panel.

    The panel's chair and co-ordinators are told of each such account once, but not of apps.
    """

    __tablename__ = "channel_guest"

    panel_id: int = Field(foreign_key="panel.id", primary_key=True)
    user_id: str = Field(primary_key=True, max_length=40)
    since: datetime  #: when the bot saw it first
    is_bot: bool = False  #: an app's account, which is named to no one


class Membership(SQLModel, table=True):
    """One person's place on one panel. A place is ended, but its row is never deleted.

    A place is in force from `began_at`, which may be in the future, until it is ended or lapses.
    """

    __tablename__ = "membership"
    __table_args__ = (
        one_of("role", Role),
        CheckConstraint("(role = 'deputy') OR deputy_for_id IS NULL", name="only_deputies_stand_in"),
        CheckConstraint(
            "(role = 'deputy') OR (meeting_id IS NULL AND lapses_at IS NULL)", name="only_deputies_come_for_a_while"
        ),
        CheckConstraint("meeting_id IS NULL OR lapses_at IS NOT NULL", name="one_meeting_lapses"),
        CheckConstraint("lapses_at IS NULL OR lapses_at > began_at", name="lapses_after_it_began"),
        Index("places_by_panel_and_role", "panel_id", "role"),
        partial_index(
            "one_place_per_role",
            "panel_id",
            "person_id",
            "role",
            where="ended_at IS NULL AND lapses_at IS NULL",
            unique=True,
        ),
        partial_index(
            "one_deputy_per_meeting",
            "meeting_id",
            "person_id",
            where="ended_at IS NULL AND meeting_id IS NOT NULL",
            unique=True,
        ),
        partial_index("one_chair_per_panel", "panel_id", where="role = 'chair' AND ended_at IS NULL", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    panel_id: int = Field(foreign_key="panel.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    role: Role = word(Role)
    deputy_for_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    meeting_id: int | None = Field(default=None, foreign_key="meeting.id", index=True)  #: a place for one meeting
    began_at: datetime
    lapses_at: datetime | None = None  #: ends by itself; none: a standing place
    ended_at: datetime | None = None


class ReadingAsked(SQLModel, table=True):
    """The question whether a person with a new place may read an earlier closed item, and the chair's answer."""

    __tablename__ = "reading_asked"
    __table_args__ = (CheckConstraint("(decided_by_id IS NULL) = (is_granted IS NULL)", name="decided_means_answered"),)

    place_id: int = Field(foreign_key="membership.id", primary_key=True)
    case_id: int = Field(foreign_key="cases.id", primary_key=True)
    given_by_id: int | None = Field(default=None, foreign_key="person.id")  #: who gave the place; none: a county file
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    is_granted: bool | None = None  #: none: not decided yet


class Series(SQLModel, table=True):
    """A rule in words that puts meetings into a panel's diary, such as the second Tuesday of each month."""

    __tablename__ = "series"
    __table_args__ = (CheckConstraint("count IS NULL OR count > 0", name="a_series_has_meetings"),)

    id: int | None = Field(default=None, primary_key=True)
    panel_id: int = Field(foreign_key="panel.id", index=True)
    rule: str = Field(max_length=200)  #: canonical words, as the recurrence rules describe them
    starts_on: date
    count: int | None = None  #: how many meetings it has; None: no end, and meetings are added as time passes
    #: The person who created it. None: a county file did.
    created_by_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    created_at: datetime
    ended_at: datetime | None = None
