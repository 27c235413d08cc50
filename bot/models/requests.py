"""What was answered to which request, so that a redelivery gets the first answer."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from bot.models.columns import sealed


class AnsweredRequest(SQLModel, table=True):
    """One command, click, submission or event that changed something."""

    __tablename__ = "answered_request"

    key: str = Field(primary_key=True, max_length=64)  #: hex digest of what Slack sent
    answered_at: datetime = Field(index=True)
    answer: bytes = sealed()  #: JSON of the acknowledgement
