"""Dropping what nobody needs any more, a thousand rows at a time, so that no command waits long for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, delete, func
from sqlalchemy import select as tables_select

from bot.models.bookkeeping import AnsweredRequest
from bot.models.outbox import EffectState, OutboxRow
from bot.store.rows import database_time, table_of
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work

AT_ONCE: Final = 1000  #: rows that one transaction drops at most
#: Slack redelivers within the hour (Events API, "Retries"); a week lets an administrator look back.
ANSWERS_KEPT: Final = timedelta(days=7)
EFFECTS_KEPT: Final = timedelta(days=30)

_ANSWERS, _EFFECTS = table_of(AnsweredRequest), table_of(OutboxRow)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of one table that are not needed any more."""

    table: Table
    key: ColumnElement[Any]
    condition: ColumnElement[bool]


def _answers(work: Work) -> _Rows:
    return _Rows(_ANSWERS, _ANSWERS.c.key, _ANSWERS.c.answered_at < work.now - ANSWERS_KEPT)


def _effects(work: Work) -> _Rows:
    """What ended long ago by the database's clock; ambiguous and dead effects stay until a person has seen them."""
    long_ago = database_time(work.session) - EFFECTS_KEPT.total_seconds()
    ended = _EFFECTS.c.state.in_([EffectState.DONE.value, EffectState.DROPPED.value])
    return _Rows(_EFFECTS, _EFFECTS.c.id, ended & (_EFFECTS.c.finished_at < long_ago))


Piece = Callable[[Work], _Rows]


def _find(work: Work) -> list[Piece]:
    """Find as many pieces of each table as there are thousands to drop."""
    found: list[Piece] = []
    for rows_of in (_answers, _effects):
        rows = rows_of(work)
        count = work.execute(tables_select(func.count()).select_from(rows.table).where(rows.condition)).scalar_one()
        found += [rows_of] * -(-count // AT_ONCE)
    return found


def _drop(work: Work, rows_of: Piece) -> int:
    """Drop the next thousand of one table. Return how many there were."""
    rows = rows_of(work)
    some = tables_select(rows.key).where(rows.condition).limit(AT_ONCE)
    dropped: int = work.execute(delete(rows.table).where(rows.key.in_(some))).rowcount
    return dropped


#: What is kept for a while only, as the tick asks for it.
FORGETTING = Sweep(_find, _drop)
