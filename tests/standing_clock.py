"""A clock that stands still, for what depends on seconds: no test may depend on how fast it runs."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class StandingClock:
    """The time is what it was set to, until it is put forward."""

    at: datetime

    def now(self) -> datetime:
        """Return the moment at which it stands."""
        return self.at

    def put_forward(self, **by: float) -> None:
        """Let this much time pass, such as `seconds=5`."""
        self.at += timedelta(**by)
