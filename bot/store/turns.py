"""Turns at SQLite's one writer: people go before ticks and courier, each in the order in which they came."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import OutOfTime
from bot.store.budget import Budget

#: After so many people in a row one of the others has a turn: a courier that never sends answers no click.
MOST_IN_A_ROW = 8


class _Place:
    """One thread in the queue, parked until the turn is handed to it."""

    __slots__ = ("_parked", "has_turn")

    def __init__(self) -> None:
        self._parked = threading.Lock()
        self._parked.acquire()
        self.has_turn = False

    def hand_over(self) -> None:
        """Give the turn to this thread."""
        self.has_turn = True
        self._parked.release()

    def wait(self, seconds: float) -> None:
        """Wait until the turn is handed over, at most so long."""
        self._parked.acquire(timeout=seconds)


class Turns:
    """Lets in one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_taken = False
        self._people: deque[_Place] = deque()
        self._others: deque[_Place] = deque()
        self._in_a_row = 0

    @contextmanager
    def turn(self, budget: Budget) -> Iterator[None]:
        """Hold the turn for the block. Raises OutOfTime when it does not come within the budget."""
        self._take(budget)
        try:
            yield
        finally:
            self._give_back()

    def waiting(self) -> int:
        """Return how many threads wait for a turn."""
        with self._lock:
            return len(self._people) + len(self._others)

    def _take(self, budget: Budget) -> None:
        queue = self._people if budget.for_people else self._others
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                self._count(budget.for_people)
                return
            place = _Place()
            queue.append(place)
        place.wait(budget.wait())
        with self._lock:
            if place.has_turn:
                return
            queue.remove(place)
        raise OutOfTime

    def _give_back(self) -> None:
        with self._lock:
            place = self._next()
            if place is None:
                self._is_taken = False
            else:
                place.hand_over()

    def _next(self) -> _Place | None:
        others_are_due = self._in_a_row >= MOST_IN_A_ROW
        if self._others and (others_are_due or not self._people):
            self._count(False)
            return self._others.popleft()
        if self._people:
            self._count(True)
            return self._people.popleft()
        return None

    def _count(self, is_person: bool) -> None:
        self._in_a_row = self._in_a_row + 1 if is_person else 0
