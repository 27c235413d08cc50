"""The tables of exports. An export is one request, made in Slack, for several papers.

Papers are kept sealed until they are sent.
"""

from datetime import datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.models.columns import one_of, partial_index, sealed, word
from bot.models.vocabulary import Word


class ExportState(Word):
    """How far an export of papers has got."""

    WAITING = "waiting"  # made paper by paper
    READY = "ready"  # on its way as one file
    SENT = "sent"  # no papers are kept, as in the states below
    CANCELLED = "cancelled"
    FAILED = "failed"


class PaperExport(SQLModel, table=True):
    """A person's request, made in Slack, for several papers.

    The papers are made in the background and sent as one file.
    """

    __tablename__ = "paper_export"
    __table_args__ = (
        one_of("state", ExportState),
        partial_index("one_export_at_a_time", "person_id", where="state IN ('waiting', 'ready')", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    panel_id: int = Field(foreign_key="panel.id", index=True)  #: the papers are sealed under this panel's key
    asked: dict[str, str] = Field(sa_type=JSON)  #: what is asked for, by key of panel or agency, or by reference
    title: str = Field(max_length=200)
    state: ExportState = word(ExportState, default=ExportState.WAITING)
    total: int | None = None  #: papers; none: not known yet
    done: int = 0
    asked_at: datetime
    told_at: datetime | None = None  #: when the message that shows how far it is was changed last
    owner: str | None = Field(default=None, max_length=40)  #: the process that makes it
    busy_until: datetime | None = None  #: after that, another process may continue it


class PaperExportFile(SQLModel, table=True):
    """One finished paper of an export. It is deleted once the export is sent or cancelled."""

    __tablename__ = "paper_export_file"
    __table_args__ = (UniqueConstraint("export_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    export_id: int = Field(foreign_key="paper_export.id")
    position: int
    name: str = Field(max_length=200)  #: in the zip, with its folder
    content: bytes = sealed()  #: in base64
    panel_id: int | None = Field(default=None, foreign_key="panel.id", index=True)
    meeting_id: int | None = Field(default=None, foreign_key="meeting.id", index=True)
    case_ids: list[int] = Field(default_factory=list, sa_type=JSON)
