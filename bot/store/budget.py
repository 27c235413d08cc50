"""How long a unit of work may wait for others, and until when it may be written: time-outs follow from it."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

#: Ticks, the courier and the command line wait this long for a lock before they give up.
PATIENCE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Budget:
    """The time one unit of work has, on the monotonic clock."""

    until: float = math.inf  #: nothing is committed after this moment
    for_people: bool = False  #: a person waits: goes before ticks and courier
    patience: float = PATIENCE_SECONDS  #: the longest wait for a lock
    is_reading: bool = False  #: the database refuses to write in it

    @classmethod
    def of(cls, seconds: float, *, since: float | None = None, for_people: bool = False) -> "Budget":
        """Return a budget of some seconds, counted from now or from a moment of the monotonic clock."""
        return cls(until=(time.monotonic() if since is None else since) + seconds, for_people=for_people)

    @property
    def has_end(self) -> bool:
        """Whether there is a moment after which nothing is committed."""
        return self.until < math.inf

    def for_reading(self) -> "Budget":
        """Return the same budget for a unit of work that may not write."""
        return replace(self, is_reading=True)

    def left(self) -> float:
        """Return the seconds until the end, 0 once it has passed."""
        return max(0.0, self.until - time.monotonic())

    def wait(self) -> float:
        """Return how many seconds to wait for a lock from now on, at most."""
        return min(self.patience, self.left())

    def is_over(self) -> bool:
        """Whether the end has passed."""
        return self.has_end and time.monotonic() >= self.until


UNHURRIED = Budget()
#: Of connections that belong to no unit of work, such as those of a migration.
UNLIMITED = Budget(patience=math.inf)

_current: ContextVar[Budget] = ContextVar("budget", default=UNLIMITED)


def current_budget() -> Budget:
    """Return the budget of the unit of work that this thread is in; the engine's listeners ask for it."""
    return _current.get()


@contextmanager
def spending(budget: Budget) -> Iterator[None]:
    """Make this the budget of every connection taken in the block."""
    token = _current.set(budget)
    try:
        yield
    finally:
        _current.reset(token)
