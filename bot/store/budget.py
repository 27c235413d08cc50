"""How long a unit of work may wait, and which waiting thread may write next.

The module has time-outs, and a queue for SQLite's single writer.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from bot.errors import OutOfTime

#: Seconds that ticks, the courier and the command line wait for a lock before they give up.
PATIENCE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Budget:
    """How long one unit of work may take, and how long it may wait for locks.

    Moments are those of the monotonic clock.
    """

    until: float = math.inf  #: nothing is committed after this moment
    for_people: bool = False  #: a person waits: goes before ticks and courier
    patience: float = PATIENCE_SECONDS  #: the longest wait for a lock
    is_reading: bool = False  #: the database refuses to write in it

    @classmethod
    def of(cls, seconds: float, *, since: float | None = None, for_people: bool = False) -> "Budget":
        """Return a budget of this many seconds, counted from now or from `since`, a moment of the monotonic clock."""
        return cls(until=(time.monotonic() if since is None else since) + seconds, for_people=for_people)

    @property
    def has_end(self) -> bool:
        """Return whether there is a moment after which nothing may be committed."""
        return self.until < math.inf

    def for_reading(self) -> "Budget":
        """Return a copy of this budget for a unit of work that may not write."""
        return replace(self, is_reading=True)

    def left(self) -> float:
        """Return how many seconds of the budget are left, or 0 if it has ended."""
        return max(0.0, self.until - time.monotonic())

    def wait(self) -> float:
        """Return how many seconds the unit of work may wait for a lock."""
        return min(self.patience, self.left())

    def is_over(self) -> bool:
        """Return whether the budget has ended."""
        return self.has_end and time.monotonic() >= self.until


UNHURRIED = Budget()
#: The budget of connections outside any unit of work, such as a migration's.
UNLIMITED = Budget(patience=math.inf)

_current: ContextVar[Budget] = ContextVar("budget", default=UNLIMITED)


def current_budget() -> Budget:
    """Return the budget of the unit of work in this thread. The listeners of the database engine use it."""
    return _current.get()


@contextmanager
def spending(budget: Budget) -> Iterator[None]:
    """Apply this budget to every database connection that is taken within the `with` block."""
    token = _current.set(budget)
    try:
        yield
    finally:
        _current.reset(token)


#: After this many people in a row, a tick or the courier has a turn, since clicks are answered by the courier.
MOST_IN_A_ROW = 8


class Turns:
    """A queue that lets one thread at a time write. Each waiting thread has an event, set when its turn comes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_taken = False
        self._people: deque[threading.Event] = deque()
        self._others: deque[threading.Event] = deque()
        self._in_a_row = 0

    @contextmanager
    def turn(self, budget: Budget) -> Iterator[None]:
        """Wait until this thread may write, and keep the turn for the `with` block.

        Raise OutOfTime if the turn does not come within the budget.
        """
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
            has_turn = threading.Event()
            queue.append(has_turn)
        has_turn.wait(budget.wait())
        with self._lock:
            if has_turn.is_set():
                return
            queue.remove(has_turn)
        raise OutOfTime

    def _give_back(self) -> None:
        with self._lock:
            following = self._next()
            if following is None:
                self._is_taken = False
            else:
                following.set()

    def _next(self) -> threading.Event | None:
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
