"""Two transactions at once on PostgreSQL: the other begins when the first has done all but commit."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from sqlalchemy import text

from bot.errors import PanelbotError
from bot.store.unit_of_work import Store, Work
from tests.county import actor

Task = Callable[[Work], object]


def asks(who: str, use_case: Callable[..., object], *given: Any, **named: Any) -> Task:
    """Return a task in which a person does something."""
    return lambda work: use_case(work, actor(work, who), *given, **named)


def meanwhile(store: Store, first: Task, then: Task) -> list[str]:
    """Begin the other when the first has done all but commit. Return "" for each that succeeded, else its sentence.

    The first commits as soon as the other waits for a lock, or is through without waiting.
    """
    others: list[Future[str]] = []

    def all_but_commit(work: Work) -> None:
        first(work)
        work.session.flush()
        others.append(pool.submit(said_by, store, then))
        while not wait(others, timeout=0.01).done and not _a_person_waits(store):
            pass

    with ThreadPoolExecutor(1) as pool:
        return [said_by(store, all_but_commit), *(other.result() for other in others)]


def said_by(store: Store, task: Task) -> str:
    """Return the sentence with which something is refused; "" when it succeeds."""
    try:
        with store.work() as work:
            task(work)
    except PanelbotError as refused:
        return str(refused)
    return ""


def _a_person_waits(store: Store) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with store.engine.connect() as connection:
        return bool(connection.execute(text(waiting)).scalar_one())
