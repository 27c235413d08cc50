"""Where the direct message with each person is: opened once, remembered, and forgotten when Slack no longer has it."""

from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from bot.models.outbox import DirectChannel
from bot.store.rows import table_of

_CHANNEL = table_of(DirectChannel)
_INSERT: Final[dict[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def channel_of(session: Session, team_id: str, user_id: str) -> str | None:
    """Return the channel of somebody's direct message; None where it was never opened."""
    theirs = (_CHANNEL.c.team_id == team_id, _CHANNEL.c.user_id == user_id)
    found: str | None = session.connection().execute(select(_CHANNEL.c.channel_id).where(*theirs)).scalar()
    return found


def remember_channel(session: Session, team_id: str, user_id: str, channel_id: str) -> None:
    """Keep what Slack said when the direct message was opened."""
    connection = session.connection()
    facts = {"team_id": team_id, "user_id": user_id, "channel_id": channel_id}
    adding = _INSERT[connection.dialect.name](_CHANNEL).values(**facts)
    connection.execute(
        adding.on_conflict_do_update(
            index_elements=[_CHANNEL.c.team_id, _CHANNEL.c.user_id], set_={"channel_id": channel_id}
        )
    )


def forget_channel(session: Session, team_id: str, user_id: str) -> None:
    """Forget a channel that Slack does not have any more: it is opened once again."""
    gone = delete(_CHANNEL).where(_CHANNEL.c.team_id == team_id, _CHANNEL.c.user_id == user_id)
    session.connection().execute(gone)
