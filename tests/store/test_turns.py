"""Turns at the writer: people first, in the order in which they came, and nobody waits beyond their budget."""

import threading
from collections.abc import Callable

import pytest

from bot.errors import OutOfTime
from bot.store.budget import UNHURRIED, Budget
from bot.store.turns import MOST_IN_A_ROW, Turns

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
        """Let them join while the turn is taken, then serve them all; who was served when."""
        with self.turns.turn(UNHURRIED):
            join(self)
        for thread in self.threads:
            thread.join()
        return self.served


def until(condition: Callable[[], bool]) -> None:
    """Until it is so; the threads need a moment to get there."""
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
