"""What is dropped after its time, and how much of it at once."""

from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlmodel import col, select, update

from bot.clock import MovedClock
from bot.models.bookkeeping import AnsweredRequest
from bot.models.outbox import EffectState, OutboxRow
from bot.store.forgetting import ANSWERS_KEPT, AT_ONCE, EFFECTS_KEPT, FORGETTING
from bot.store.outbox import Effect, database_time
from bot.store.requests import first_answer, remember_answer
from bot.store.rows import table_of
from bot.store.sweeps import run_sweep
from bot.store.unit_of_work import Store
from tests.statements import counting


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
