"""Remembering answers, so that a request delivered twice acts once and is answered alike."""

import json
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from bot.models.bookkeeping import AnsweredRequest
from bot.store.key_ring import SERVICE_KEY
from bot.store.rows import table_of
from bot.store.unit_of_work import Store, Work

_TABLE = table_of(AnsweredRequest)
_FIND = select(_TABLE.c.answer).where(_TABLE.c.key == bindparam("sought"))
_INSERT = insert(_TABLE)


def first_answer(work: Work, key: str) -> dict[str, Any] | None:
    """What was answered to this request before, or None when it is new."""
    sealed = work.execute(_FIND, {"sought": key}).scalar()
    if sealed is None:
        return None
    answer: dict[str, Any] = json.loads(work.open(sealed))
    return answer


def remember_answer(work: Work, key: str, answer: dict[str, Any]) -> None:
    """Keep the answer, written with the commit, which raises IntegrityError when there is one for this key."""
    sealed = work.seal(SERVICE_KEY, json.dumps(answer))
    work.write_last(_INSERT, {"key": key, "answered_at": work.now, "answer": sealed})


def was_answered(store: Store, key: str) -> bool:
    """Return whether a request was answered, for good: waits for a transaction that has not ended yet.

    A look alone would not do: the transaction in which the connection broke may commit after it. The row is put in and
    taken back, which the database lets nobody do before that transaction has come to its end.
    """
    try:
        with store.work() as work:
            work.execute(_INSERT, {"key": key, "answered_at": work.now, "answer": b""})
            work.abandon()
    except IntegrityError:
        return True
    return False
