"""The only module that reads the time of day. All other code is given the time as `now`."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """An object that knows the present time."""

    def now(self) -> datetime:
        """Return the present moment as an aware datetime in UTC."""
        ...


class SystemClock:
    """The clock of the machine that the bot runs on."""

    def now(self) -> datetime:
        """Return the present moment as an aware datetime in UTC."""
        return datetime.now(UTC)


class MovedClock:
    """A clock that starts at a chosen moment and can be moved forward, for practice and tests."""

    def __init__(self, start: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._ahead = (start - datetime.now(UTC)) if start else timedelta()

    def now(self) -> datetime:
        """Return the present moment of the moved clock as an aware datetime in UTC."""
        with self._lock:
            return datetime.now(UTC) + self._ahead

    def move_to(self, moment: datetime) -> None:
        """Move the clock forward to a moment.

        Raise ValueError for an earlier moment, since messages already sent can't be unsent.
        """
        with self._lock:
            ahead = moment - datetime.now(UTC)
            if ahead < self._ahead:
                raise ValueError("the clock only moves forward")
            self._ahead = ahead
