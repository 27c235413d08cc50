"""Slack's rate limits, one token bucket per method, or per channel for posting (Web API: rate limits)."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

#: Calls per minute of Slack's tiers; documented as "1+", "20+", "50+", "100+", so these are the strict reading.
TIERS = {1: 1, 2: 20, 3: 50, 4: 100}

#: Methods counted per channel at one message a second.
PER_CHANNEL = frozenset({"chat.postMessage"})


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How strict to be: posts per second and channel, how many at once, and calls per minute per tier.

    `posts_per_minute` is the limit of the whole workspace that stands above that ("several hundred messages per
    minute", chat.postMessage: rate limiting); Slack gives no figure, so that it is off unless it is given.
    """

    enabled: bool = True
    posts_per_second: float = 1.0
    post_burst: int = 1
    posts_per_minute: int | None = None
    tiers: Mapping[int, int] = field(default_factory=lambda: dict(TIERS))

    @classmethod
    def off(cls) -> "RateLimits":
        """No limits at all, for tests about something else."""
        return cls(enabled=False)


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Limiter:
    """Counts calls against the limits; time comes from `monotonic` so that tests need not wait."""

    def __init__(self, limits: RateLimits, monotonic: Callable[[], float]) -> None:
        self.limits = limits
        self._monotonic = monotonic
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def wait_for(self, method: str, tier: int, channel: str) -> int:
        """Count one call; returns 0 when it may go ahead, else the whole seconds for `Retry-After`."""
        if not self.limits.enabled:
            return 0
        if method in PER_CHANNEL:
            everywhere = self.limits.posts_per_minute
            if everywhere is not None and (wait := self._take((method, ""), float(everywhere), everywhere / 60)):
                return wait
            return self._take((method, channel), float(self.limits.post_burst), self.limits.posts_per_second)
        capacity = float(self.limits.tiers[tier])
        return self._take((method, ""), capacity, capacity / 60)

    def _take(self, key: tuple[str, str], capacity: float, per_second: float) -> int:
        now = self._monotonic()
        bucket = self._buckets.setdefault(key, _Bucket(capacity, now))
        bucket.left = min(capacity, bucket.left + (now - bucket.at) * per_second)
        bucket.at = now
        if bucket.left >= 1:
            bucket.left -= 1
            return 0
        return max(1, math.ceil((1 - bucket.left) / per_second))
