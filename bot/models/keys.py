"""Data keys: destroying one makes everything it sealed unreadable, backups included."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from bot.models.columns import sealed


class DataKey(SQLModel, table=True):
    """An AES key, wrapped under the master key; one per case, one per panel, one for the service."""

    __tablename__ = "data_key"

    id: int | None = Field(default=None, primary_key=True)
    purpose: str = Field(max_length=20)
    wrapped: bytes | None = sealed(default=None)  #: empty once destroyed
    created_at: datetime
    destroyed_at: datetime | None = None
