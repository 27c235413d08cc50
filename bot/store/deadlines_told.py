"""Of which deadline somebody was last told, so that a meeting that moves is announced anew and nobody is told twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import select as tables_select
from sqlalchemy.dialects import postgresql, sqlite

from bot.models.meetings import Prompt
from bot.models.vocabulary import PromptKind
from bot.store.rows import execute_rows, table_of
from bot.store.unit_of_work import Work

_PROMPT = table_of(Prompt)


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be said about one meeting: the kind of message and the deadline that it is about."""

    meeting_id: int
    kind: PromptKind
    deadline_on: date


def _adding(insert: Any) -> Any:
    """Return the statement that notes a prompt; a deadline that comes back is told last again."""
    return insert.on_conflict_do_update(
        index_elements=["meeting_id", "kind", "person_id", "deadline_on"],
        set_={"queued_at": insert.excluded.queued_at},
    )


_ADDING = {
    "sqlite": _adding(sqlite.insert(_PROMPT)),
    "postgresql": _adding(postgresql.insert(_PROMPT)),
}


def is_news(meeting_id: Any, kind: Any, person_id: Any, deadline_on: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that the person was last told of another deadline, or of none.

    What counts is the day: a meeting that moves by hours, or there and back before anybody was told, is no news.
    """
    last_told = (
        tables_select(_PROMPT.c.deadline_on)
        .where(_PROMPT.c.meeting_id == meeting_id, _PROMPT.c.kind == kind, _PROMPT.c.person_id == person_id)
        .order_by(_PROMPT.c.queued_at.desc(), _PROMPT.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return deadline_on.is_distinct_from(last_told)


def note_told(work: Work, told: Iterable[tuple[Due, int]]) -> None:
    """Keep that people, by their numbers, are told of a deadline now; in one statement."""
    rows = [
        {
            "meeting_id": due.meeting_id,
            "kind": due.kind,
            "person_id": person_id,
            "deadline_on": due.deadline_on,
            "queued_at": work.now,
        }
        for due, person_id in told
    ]
    if rows:
        work.session.flush()
        connection = work.session.connection()
        execute_rows(connection, _ADDING[connection.dialect.name], rows)
