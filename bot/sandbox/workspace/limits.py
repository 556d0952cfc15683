"""How often Slack lets an app call, by the clock that is passed in."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Limits:
    """One message a second in a channel after a small burst, and so many calls a minute of a method by its tier."""

    post_per_second: float = 1.0
    post_burst: int = 3
    per_minute: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({1: 1, 2: 20, 3: 50, 4: 100}))
    on: bool = True

    @classmethod
    def off(cls) -> "Limits":
        """No limits: for benchmarks."""
        return cls(on=False)


@dataclass
class _Bucket:
    level: float
    at: float


class Meter:
    """Counts calls against the limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, method: str, tier: int, channel: str, now: float) -> int:
        """Seconds to wait before the same call is welcome; 0 counts it and lets it through. `now` in seconds."""
        if not self.limits.on:
            return 0
        if method == "chat.postMessage":
            return self._draw((method, channel), self.limits.post_per_second, self.limits.post_burst, now)
        allowed = self.limits.per_minute.get(tier)
        return self._draw((method, ""), allowed / 60, allowed, now) if allowed else 0

    def _draw(self, key: tuple[str, str], rate: float, capacity: int, now: float) -> int:
        bucket = self._buckets.setdefault(key, _Bucket(capacity, now))
        bucket.level = min(capacity, bucket.level + max(0.0, now - bucket.at) * rate)
        bucket.at = now
        # A full second later by a float's clock may be a hair short of one call.
        if bucket.level >= 1 - 1e-9:
            bucket.level -= 1
            return 0
        return max(1, math.ceil((1 - bucket.level) / rate - 1e-6))
