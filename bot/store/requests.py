"""Stored answers to requests. A request that Slack delivers twice runs once and gets the same answer again.

Old answers, and effects that have ended, are deleted a thousand rows at a time, so that no command waits long.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, bindparam, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from bot.models.bookkeeping import AnsweredRequest
from bot.models.outbox import EffectState, OutboxRow
from bot.store.key_ring import SERVICE_KEY
from bot.store.rows import database_time, table_of
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Store, Work

_ANSWERS = table_of(AnsweredRequest)
_FIND = select(_ANSWERS.c.answer).where(_ANSWERS.c.key == bindparam("sought"))
_INSERT = insert(_ANSWERS)


def answered_at(work: Work, key: str) -> datetime:
    """Return when a request was answered. Raise NoResultFound if it was not answered."""
    found: datetime = work.execute(select(_ANSWERS.c.answered_at).where(_ANSWERS.c.key == key)).scalar_one()
    return found


def first_answer(work: Work, key: str) -> dict[str, Any] | None:
    """Return the answer that this request got when it was first delivered, or None if the request is new."""
    sealed = work.execute(_FIND, {"sought": key}).scalar()
    if sealed is None:
        return None
    answer: dict[str, Any] = json.loads(work.open(sealed))
    return answer


def remember_answer(work: Work, key: str, answer: dict[str, Any]) -> None:
    """Store the answer to a request when the transaction commits.

    The commit raises IntegrityError if the request has an answer already.
    """
    sealed = work.seal(SERVICE_KEY, json.dumps(answer))
    work.write_last(_INSERT, {"key": key, "answered_at": work.now, "answer": sealed})


def was_answered(store: Store, key: str) -> bool:
    """Return whether a request's answer was committed. If a transaction may still commit the answer, wait for its end.

    Reading is not enough, since a transaction whose connection broke may commit later. So the same key is inserted,
    which waits until that transaction has ended. The inserted row is rolled back.
    """
    try:
        with store.work() as work:
            work.execute(_INSERT, {"key": key, "answered_at": work.now, "answer": b""})
            work.abandon()
    except IntegrityError:
        return True
    return False


AT_ONCE: Final = 1000  #: rows that one transaction drops at most
#: Slack redelivers within the hour (Events API, "Retries"). A week lets an administrator look back.
ANSWERS_KEPT: Final = timedelta(days=7)
EFFECTS_KEPT: Final = timedelta(days=30)

_EFFECTS = table_of(OutboxRow)


#: A table's key column, and the SQL condition for rows that can be deleted.
_Rows = tuple[Column[Any], ColumnElement[bool]]


def _answers(work: Work) -> _Rows:
    return _ANSWERS.c.key, _ANSWERS.c.answered_at < work.now - ANSWERS_KEPT


def _effects(work: Work) -> _Rows:
    """Return the key column of the outbox, and the condition for effects that ended more than 30 days ago.

    The clock is the database's. Ambiguous and dead effects are kept until a person has decided about them.
    """
    long_ago = database_time(work.session) - EFFECTS_KEPT.total_seconds()
    ended = _EFFECTS.c.state.in_([EffectState.DONE.value, EffectState.DROPPED.value])
    return _EFFECTS.c.id, ended & (_EFFECTS.c.finished_at < long_ago)


Piece = Callable[[Work], _Rows]


def _find(work: Work) -> list[Piece]:
    """Return the pieces of the periodic deletion. Each piece deletes up to a thousand old rows of one table."""
    found: list[Piece] = []
    for rows_of in (_answers, _effects):
        key, condition = rows_of(work)
        count = work.execute(select(func.count(key)).where(condition)).scalar_one()
        found += [rows_of] * -(-count // AT_ONCE)
    return found


def _drop(work: Work, rows_of: Piece) -> int:
    """Delete up to a thousand old rows of one table. Return how many were deleted."""
    key, condition = rows_of(work)
    some = select(key).where(condition).limit(AT_ONCE)
    dropped: int = work.execute(delete(key.table).where(key.in_(some))).rowcount
    return dropped


#: The periodic work that deletes old answers and effects.
FORGETTING = Sweep(_find, _drop)
