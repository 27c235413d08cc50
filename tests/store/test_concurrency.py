"""Many at once: every acknowledged action has its own number, its history and its link in an unbroken chain."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func
from sqlmodel import select

from bot.models.actions import Action, ActionEvent
from bot.models.audit import AuditEntry
from bot.models.outbox import OutboxRow
from bot.services.actions import add_action
from bot.store.audit import first_broken_link
from bot.store.unit_of_work import Store
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
        assert first_broken_link(work.session, work.keys) is None
