"""Files in Slack. Each file is recorded before people see it, so that it can be removed in time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session, col

from bot.models.outbox import SlackFile, SlackFileCase
from bot.models.panels import SLACK_FILES_DAYS, CountySettings
from bot.store.rows import execute_rows, table_of

_FILE: Final = table_of(SlackFile)
_CASE: Final = table_of(SlackFileCase)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What is recorded of a file in Slack: its recipient, what it is about, and when it is to be removed."""

    kind: str  #: the notice that carries it
    person_id: int
    panel_id: int | None
    meeting_id: int | None
    case_ids: frozenset[int]
    remove_after: datetime  #: aware UTC


def slack_file_days(session: Session) -> int:
    """Return the number of days after which files are removed from Slack: the county's own number, or the default."""
    days = session.connection().execute(select(col(CountySettings.slack_files_days))).scalar()
    return SLACK_FILES_DAYS if days is None else days


def note_file(
    session: Session, record: FileRecord, slack_id: str, channel_id: str, now: datetime, digest: str | None = None
) -> int:
    """Record a file that is uploaded to Slack but not shown yet. Return the id of its row.

    `digest` is the file's SHA-256 checksum, in hex.
    """
    connection = session.connection()
    facts = {
        "slack_id": slack_id,
        "kind": record.kind,
        "person_id": record.person_id,
        "channel_id": channel_id,
        "panel_id": record.panel_id,
        "meeting_id": record.meeting_id,
        "sent_at": now,
        "digest": digest,
        "remove_after": record.remove_after,
    }
    number: int = connection.execute(insert(_FILE).values(**facts).returning(_FILE.c.id)).scalar_one()
    if record.case_ids:
        links = [{"file_id": number, "case_id": case_id} for case_id in sorted(record.case_ids)]
        execute_rows(connection, insert(_CASE), links)
    return number


def mark_arrived(session: Session, slack_id: str, now: datetime) -> None:
    """Record that Slack began to show this file now."""
    session.connection().execute(update(_FILE).where(_FILE.c.slack_id == slack_id).values(arrived_at=now))


def mark_removed(session: Session, slack_id: str, now: datetime) -> None:
    """Record that this file was removed from Slack now."""
    session.connection().execute(update(_FILE).where(_FILE.c.slack_id == slack_id).values(removed_at=now))


def forget_file(session: Session, slack_id: str) -> None:
    """Delete the record of a file that Slack does not show. If the file is uploaded again, it gets another Slack id."""
    connection = session.connection()
    number = select(_FILE.c.id).where(_FILE.c.slack_id == slack_id).scalar_subquery()
    connection.execute(delete(_CASE).where(_CASE.c.file_id == number))
    connection.execute(delete(_FILE).where(_FILE.c.slack_id == slack_id))
