"""A request that is delivered twice acts once, and both times gets the first answer; what is dropped after its time."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select, update

from bot.clock import MovedClock
from bot.models.bookkeeping import AnsweredRequest
from bot.models.outbox import EffectState, OutboxRow
from bot.store.outbox import Effect, database_time
from bot.store.requests import ANSWERS_KEPT, AT_ONCE, EFFECTS_KEPT, FORGETTING, first_answer, remember_answer
from bot.store.rows import table_of
from bot.store.sweeps import run_sweep
from bot.store.unit_of_work import Store
from tests.conftest import Abandoned
from tests.statements import counting

ANSWER = {"ack": {"response_type": "ephemeral", "text": "Action 1: ring the school nurse – due 6 March."}}


def test_a_new_request_has_no_answer_yet(store: Store) -> None:
    with store.reading() as work:
        assert first_answer(work, "a") is None


def test_the_second_delivery_gets_the_first_answer(store: Store, open_store: Callable[[], Store]) -> None:
    with store.work() as work:
        remember_answer(work, "a", ANSWER)
    with open_store().reading() as work:
        assert first_answer(work, "a") == ANSWER
        assert first_answer(work, "b") is None


def test_an_answer_is_kept_sealed(store: Store) -> None:
    with store.work() as work:
        remember_answer(work, "a", ANSWER)
    with store.engine.connect() as connection:
        assert b"nurse" not in bytes(connection.execute(text("SELECT answer FROM answered_request")).scalar_one())


def test_an_answer_rolled_back_was_never_given(store: Store) -> None:
    with suppress(Abandoned), store.work() as work:
        remember_answer(work, "a", ANSWER)
        raise Abandoned
    with store.reading() as work:
        assert first_answer(work, "a") is None


def test_a_request_cannot_be_answered_twice(store: Store) -> None:
    with store.work() as work:
        remember_answer(work, "a", ANSWER)
    with pytest.raises(IntegrityError), store.work() as work:
        remember_answer(work, "a", {"ack": None})


@pytest.mark.databases("postgresql")
def test_of_two_processes_that_answer_at_once_one_is_refused(
    store: Store, open_store: Callable[[], Store], backend: str
) -> None:
    """SQLite lets them in one after the other; PostgreSQL has both look before either has answered."""
    both_looked = threading.Barrier(2)
    outcomes: list[str] = []

    def answer(its_store: Store, name: str) -> None:
        try:
            with its_store.work() as work:
                assert first_answer(work, "a") is None
                both_looked.wait()
                remember_answer(work, "a", {"ack": name})
            outcomes.append(name)
        except IntegrityError:
            outcomes.append("refused")

    threads = [threading.Thread(target=answer, args=(one, name)) for one, name in ((store, "x"), (open_store(), "y"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("refused") == 1
    with store.reading() as work:
        assert first_answer(work, "a") == {"ack": next(name for name in outcomes if name != "refused")}


def test_answers_are_forgotten_after_their_time(store: Store, clock: MovedClock) -> None:
    with store.work() as work:
        remember_answer(work, "a", {"text": "Done."})
        now = work.now
    clock.move_to(now + ANSWERS_KEPT - timedelta(seconds=9))
    assert run_sweep(store, FORGETTING) == 0
    clock.move_to(now + ANSWERS_KEPT + timedelta(seconds=1))
    assert run_sweep(store, FORGETTING) == 1
    with store.reading() as work:
        assert first_answer(work, "a") is None


def test_what_a_person_has_still_to_see_is_not_forgotten(store: Store) -> None:
    states = {state.value: state for state in EffectState}
    with store.work() as work:
        for name in states:
            work.send(Effect(name, name, "digest"))

    def ended(seconds_too_long_ago: float) -> None:
        with store.work() as work:
            at = database_time(work.session) - EFFECTS_KEPT.total_seconds() - seconds_too_long_ago
            for name in set(states) - {"ready", "claimed", "sending"}:
                row = update(OutboxRow).where(col(OutboxRow.key) == name)
                work.session.execute(row.values(state=name, finished_at=at))

    ended(-60)
    assert run_sweep(store, FORGETTING) == 0
    ended(1)
    assert run_sweep(store, FORGETTING) == 2
    with store.reading() as work:
        left = set(work.session.exec(select(OutboxRow.key)))
    assert left == {"ready", "claimed", "sending", "dead", "ambiguous"}


@pytest.mark.parametrize(("rows", "pieces"), [(10, 1), (AT_ONCE, 1), (2 * AT_ONCE + 300, 3)])
def test_a_thousand_rows_at_most_are_dropped_at_once(store: Store, clock: MovedClock, rows: int, pieces: int) -> None:
    with store.work() as work:
        answers = [{"key": f"{n}", "answered_at": work.now, "answer": b"sealed"} for n in range(rows)]
        work.session.connection().execute(insert(table_of(AnsweredRequest)), answers)
        clock.move_to(work.now + ANSWERS_KEPT + timedelta(minutes=1))
    with store.reading() as work:
        found = FORGETTING.find(work)
    dropped = []
    with counting(store.engine) as statements:
        for piece in found:
            with store.work() as work:
                dropped.append(FORGETTING.do(work, piece))
    assert dropped == [*[AT_ONCE] * (rows // AT_ONCE), *([rows % AT_ONCE] if rows % AT_ONCE else [])]
    assert sum(statement.startswith("DELETE") for statement in statements) == pieces


def test_two_processes_forget_side_by_side(store: Store, clock: MovedClock) -> None:
    with store.work() as work:
        remember_answer(work, "a", {"text": "Done."})
        clock.move_to(work.now + ANSWERS_KEPT + timedelta(minutes=1))
    with store.reading() as work:
        (piece,) = FORGETTING.find(work)
    assert run_sweep(store, FORGETTING) == 1
    with store.work() as work:
        assert FORGETTING.do(work, piece) == 0
