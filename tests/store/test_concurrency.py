"""Many at once: every acknowledged action has its own number, its history and its link in an unbroken chain."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from bot.errors import PanelbotError
from bot.models.actions import Action, ActionEvent
from bot.models.audit import AuditEntry
from bot.models.outbox import OutboxRow
from bot.models.vocabulary import ActionEventKind
from bot.services.actions import add_action, complete_action, give_up_action
from bot.services.extensions import extend_action, rule_on_extension
from bot.store.audit_check import check_audit
from bot.store.unit_of_work import Store, Work
from tests.county import WEST, County, actor, user_id

THREADS = 8
EACH = 50


@pytest.mark.slow
def test_actions_added_by_many_threads_of_two_processes_are_all_there_once(
    store: Store, county: County, open_store: Callable[[], Store]
) -> None:
    """Two stores do not share SQLite's queue in memory, as two processes would not."""
    stores = [store, open_store()]

    def add(turn: int) -> list[int]:
        numbers = []
        for number in range(EACH):
            with stores[turn % 2].work() as work:
                view = add_action(
                    work,
                    actor(work, "coordinator"),
                    WEST,
                    holder_user_id=user_id("nurse"),
                    text=f"Step {number} of {turn}",
                    due="2026-03-09",
                )
            numbers.append(view.id)
        return numbers

    with ThreadPoolExecutor(THREADS) as pool:
        given = list(pool.map(add, range(THREADS)))
    numbers = [number for numbers in given for number in numbers]
    assert len(set(numbers)) == THREADS * EACH
    assert all(numbers == sorted(numbers) for numbers in given)
    with store.reading() as work:
        count = {
            table: work.session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (Action, ActionEvent, AuditEntry, OutboxRow)
        }
        assert count == dict.fromkeys((Action, ActionEvent, AuditEntry, OutboxRow), THREADS * EACH)
        assert sorted(numbers) == sorted(work.session.exec(select(Action.id)))
        assert check_audit(work.session.connection(), work.keys).fault is None


def _at_once(store: Store, *tasks: Callable[[Work], object]) -> list[str]:
    """All of them begin together, each in its own transaction; "" for each that succeeded, else its sentence."""
    together = Barrier(len(tasks))

    def run(task: Callable[[Work], object]) -> str:
        together.wait()
        try:
            with store.work() as work:
                task(work)
        except PanelbotError as refused:
            return str(refused)
        return ""

    with ThreadPoolExecutor(len(tasks)) as pool:
        return sorted(pool.map(run, tasks))


def _given(store: Store) -> int:
    with store.work() as work:
        return add_action(
            work, actor(work, "coordinator"), WEST, holder_user_id=user_id("nurse"), text="Ring", due="2026-03-09"
        ).id


def _history(store: Store) -> list[ActionEventKind]:
    with store.reading() as work:
        return list(work.session.exec(select(ActionEvent.kind).order_by(col(ActionEvent.id))))


def test_an_action_is_done_once_however_many_say_so_together(store: Store, county: County) -> None:
    number = _given(store)
    said = _at_once(store, *[lambda work: complete_action(work, actor(work, "nurse"), number)] * 6)
    assert said[0] == ""
    assert all(one.startswith(f"Action {number} is already done") for one in said[1:])
    assert _history(store) == [ActionEventKind.ADDED, ActionEventKind.DONE]


def test_an_action_is_not_done_and_given_up_together(store: Store, county: County) -> None:
    number = _given(store)
    said = _at_once(
        store,
        lambda work: complete_action(work, actor(work, "nurse"), number),
        lambda work: give_up_action(work, actor(work, "matron"), number, possible=True, reason="Vacant."),
    )
    assert said[0] == "" != said[1]
    assert len(_history(store)) == 2


def test_one_free_extension_is_granted_once(store: Store, county: County) -> None:
    number = _given(store)

    def extend(day: int) -> Callable[[Work], object]:
        return lambda work: extend_action(
            work, actor(work, "nurse"), number, due=f"2026-03-{day}", reason="The school is shut."
        )

    _at_once(store, *(extend(day) for day in range(10, 16)))
    assert _history(store).count(ActionEventKind.EXTENDED) == 1


def test_a_request_is_answered_once(store: Store, county: County) -> None:
    number = _given(store)
    for due in ("2026-03-16", "2026-03-20"):
        with store.work() as work:
            extend_action(work, actor(work, "nurse"), number, due=due, reason="The school is shut.")
    asked = 3
    said = _at_once(
        store,
        *[lambda work: rule_on_extension(work, actor(work, "chair"), asked, grant=True)] * 3,
        *[lambda work: rule_on_extension(work, actor(work, "vicechair"), asked, grant=False)] * 3,
    )
    assert said == ["", *["This request has been answered already."] * 5]
