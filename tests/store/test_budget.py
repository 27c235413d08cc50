"""A unit of work within its budget, and in its turn: nothing is written after its end, and time-outs follow from it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from bot.errors import OutOfTime
from bot.models.bookkeeping import AuditEntry
from bot.models.people import Area
from bot.models.vocabulary import AreaKind
from bot.store.budget import MOST_IN_A_ROW, UNHURRIED, Budget, Turns
from bot.store.faults import Fault, fault_of, own_words
from bot.store.unit_of_work import Store, Work


def areas(store: Store) -> list[str]:
    with store.reading() as work:
        return list(work.session.exec(select(Area.key)))


def entries(store: Store) -> list[str]:
    with store.reading() as work:
        return list(work.session.exec(select(AuditEntry.verb)))


def add_area(work: Work, key: str = "west") -> None:
    work.session.add(Area(key=key, name=key.title(), kind=AreaKind.DISTRICT))


def add_within(store: Store, seconds: float) -> None:
    with store.work(Budget.of(seconds, for_people=True)) as work:
        add_area(work)
        work.session.flush()


@contextmanager
def held(other: Store) -> Iterator[None]:
    """Another process writes and does not come to an end: SQLite's one writer, PostgreSQL's table."""
    taken, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with other.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("LOCK TABLE area IN SHARE MODE"))
            taken.set()
            let_go.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait(10)
    try:
        yield
    finally:
        let_go.set()
        thread.join()


def test_what_ends_after_its_budget_is_not_written(store: Store) -> None:
    budget = Budget.of(0.3)

    def dawdle() -> None:
        with store.work(budget) as work:
            add_area(work)
            work.audit("add", "area")
            work.session.flush()
            while not budget.is_over():
                threading.Event().wait(0.05)

    with pytest.raises(OutOfTime):
        dawdle()
    assert (areas(store), entries(store)) == ([], [])


def test_a_budget_that_was_over_before_writes_nothing_either(store: Store) -> None:
    with pytest.raises((OutOfTime, DBAPIError)):
        add_within(store, -1.0)
    assert areas(store) == []


def test_a_lock_is_waited_for_no_longer_than_the_budget_and_named(
    store: Store, open_store: Callable[[], Store]
) -> None:
    with held(open_store()):
        with pytest.raises(DBAPIError) as failed:
            add_within(store, 0.2)
        assert fault_of(failed.value) is Fault.LOCKED
        assert own_words(failed.value) in ("database is locked", "canceling statement due to lock timeout")
        assert areas(store) == []  # reading goes on
    add_within(store, 60)
    assert areas(store) == ["west"]


def test_a_budget_is_spent_by_its_own_work_only(store: Store) -> None:
    with store.work(Budget.of(60)) as work:
        add_area(work)
    with store.work() as work:
        connection = work.session.connection()
        question = "SHOW statement_timeout" if connection.dialect.name == "postgresql" else "PRAGMA busy_timeout"
        assert str(connection.exec_driver_sql(question).scalar()) in ("0", "15000")


def test_a_look_is_noted_after_it(store: Store) -> None:
    with store.looking() as work:
        work.audit("list", "area")
        with store.reading() as beside:
            assert beside.session.exec(select(AuditEntry)).all() == []
    assert entries(store) == ["list"]


def test_a_look_that_needs_no_note_needs_no_turn(store: Store, open_store: Callable[[], Store]) -> None:
    with held(open_store()), store.looking(Budget.of(60)) as work:
        assert work.session.exec(select(Area)).all() == []


def test_a_look_that_fails_is_not_noted(store: Store) -> None:
    def look() -> None:
        with store.looking() as work:
            work.audit("list", "area")
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        look()
    assert entries(store) == []


def test_a_look_cannot_change_anything(store: Store) -> None:
    def look_and_write() -> None:
        with store.looking() as work:
            add_area(work)
            work.session.flush()

    with pytest.raises(DBAPIError) as failed:
        look_and_write()
    assert fault_of(failed.value) is Fault.READ_ONLY
    with pytest.raises(RuntimeError, match="changes nothing"), store.looking() as work:
        add_area(work)
    with store.work() as work:  # on the same connection, perhaps
        add_area(work)
    assert areas(store) == ["west"]


@pytest.mark.databases("postgresql")
def test_a_statement_that_takes_too_long_is_ended_by_postgresql(store: Store, backend: str) -> None:
    with pytest.raises(DBAPIError) as failed, store.work(Budget.of(0.3)) as work:
        work.session.execute(text("SELECT pg_sleep(30)"))
    assert fault_of(failed.value) is Fault.SLOW


@pytest.mark.databases("postgresql")
def test_a_connection_that_died_in_the_pool_is_replaced(store: Store, backend: str) -> None:
    with store.work() as work:
        add_area(work)
    with store.work() as work:
        # Its other connections end as after a restart of the server.
        work.session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()"
            )
        )
        with store.reading() as beside:
            own = beside.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        work.session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
    assert areas(store) == ["west"]


PERSON = Budget(for_people=True)


class Queue:
    """Threads that wait for a turn one after the other, while the first holds it."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.served: list[str] = []
        self.threads: list[threading.Thread] = []

    def joins(self, name: str, budget: Budget) -> None:
        """Wait for a turn in a thread; returns once that thread stands in the queue."""
        before = self.turns.waiting()

        def wait() -> None:
            with self.turns.turn(budget):
                self.served.append(name)

        thread = threading.Thread(target=wait)
        self.threads.append(thread)
        thread.start()
        until(lambda: self.turns.waiting() > before)

    def serve(self, join: Callable[["Queue"], None]) -> list[str]:
        """Let them join while the turn is taken, then serve them all. Return who was served when."""
        with self.turns.turn(UNHURRIED):
            join(self)
        for thread in self.threads:
            thread.join()
        return self.served


def until(condition: Callable[[], bool]) -> None:
    """Wait until it is so. The threads need a moment to get there."""
    pause = threading.Event()
    for _ in range(10_000):
        if condition():
            return
        pause.wait(0.001)
    raise TimeoutError


def test_a_person_goes_before_ticks_that_came_earlier() -> None:
    def join(queue: Queue) -> None:
        queue.joins("tick", UNHURRIED)
        queue.joins("courier", UNHURRIED)
        queue.joins("kim", PERSON)
        queue.joins("sam", PERSON)

    assert Queue().serve(join) == ["kim", "sam", "tick", "courier"]


def test_a_courier_has_a_turn_after_enough_people_in_a_row() -> None:
    def join(queue: Queue) -> None:
        queue.joins("courier", UNHURRIED)
        for number in range(MOST_IN_A_ROW + 1):
            queue.joins(f"person {number}", PERSON)

    served = Queue().serve(join)
    assert served.index("courier") == MOST_IN_A_ROW
    assert [one for one in served if one != "courier"] == [f"person {number}" for number in range(MOST_IN_A_ROW + 1)]


def test_a_turn_that_does_not_come_in_time_is_given_up_and_given_to_others() -> None:
    turns = Turns()
    with turns.turn(UNHURRIED):
        with pytest.raises(OutOfTime), turns.turn(Budget.of(0.01, for_people=True)):
            raise AssertionError("two have the turn")
        assert turns.waiting() == 0
    with turns.turn(Budget.of(60)):
        pass


def test_a_turn_is_given_back_when_the_work_raises() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="broken"), turns.turn(UNHURRIED):
        raise ValueError("broken")
    with turns.turn(Budget.of(60)):
        pass
