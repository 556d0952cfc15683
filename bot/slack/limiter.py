"""Paces what goes out to one workspace, so that Slack never has to; nothing here waits, it only says how long to.

Each (method, channel) has a window: so many calls in so many seconds. A caller that is early is told its turn and
comes back under the same key; the order within a lane is kept, and a better lane goes before.
"""

import math
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.model.job import Lane

GRACE = 10.0  # seconds after its turn in which a caller must have come back; then its place is given away
MANY = 512  # windows kept before those that rest are forgotten


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` calls in any `per` seconds; of each channel when `each_channel`, else of the whole workspace.

    `kept` of them are for better lanes than the digest: what nobody waits for leaves them free.
    """

    count: int
    per: float
    each_channel: bool = False
    kept: int = 0

    def most(self, lane: Lane) -> int:
        """How many calls there may have been when one of this lane is let through, itself included."""
        return self.count - (self.kept if lane is Lane.DIGEST else 0)


TIERS = {2: Rate(20, 60.0), 3: Rate(50, 60.0), 4: Rate(100, 60.0)}
#: Each method has a budget of its own, so looking things up never delays a message. `views.open` has none: its
#: trigger lives for three seconds, and a form that waits is a form that never opens.
SLACK: Mapping[str, Rate] = {
    "chat.postMessage": Rate(3, 3.0, each_channel=True),  # one a second in a channel, short bursts allowed
    "chat.update": Rate(50, 60.0, kept=35),  # cards and threads share it, and a card must not wait for a thread
    **dict.fromkeys(
        (
            "bookmarks.add",
            "conversations.archive",
            "conversations.create",
            "conversations.list",
            "conversations.setTopic",
            "pins.add",
            "usergroups.list",
            "usergroups.users.list",
            "usergroups.users.update",
        ),
        TIERS[2],
    ),
    **dict.fromkeys(
        (
            "conversations.history",
            "conversations.info",
            "conversations.invite",
            "conversations.join",
            "conversations.open",
            "conversations.replies",
            "dnd.info",
            "users.lookupByEmail",
        ),
        TIERS[3],
    ),
    **dict.fromkeys(
        (
            "chat.postEphemeral",
            "files.completeUploadExternal",
            "files.getUploadURLExternal",
            "users.info",
            "views.publish",
            "views.push",
            "views.update",
        ),
        TIERS[4],
    ),
}


@dataclass(frozen=True)
class Pace:
    """The rates kept, by method; a method without one is not held back."""

    rates: Mapping[str, Rate] = field(default_factory=lambda: SLACK)

    @classmethod
    def off(cls) -> "Pace":
        """No pace at all: for benchmarks against a server that sets no limits."""
        return cls({})

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Pace":
        """Off when `TOCSIN_SLACK_PACE` is `off`, otherwise Slack's own limits."""
        return cls.off() if environment.get("TOCSIN_SLACK_PACE", "").lower() == "off" else cls()


class Limiter:
    """The windows of one workspace."""

    def __init__(self, clock: Clock, pace: Pace | None = None) -> None:
        """`clock` measures; nothing sleeps."""
        self._clock = clock
        self._pace = pace or Pace()
        self._windows: dict[tuple[str, str], _Window] = {}
        self._names: dict[str, str] = {}

    @property
    def off(self) -> bool:
        """Nothing is held back here."""
        return not self._pace.rates

    def same(self, channel: str, name: str) -> None:
        """What goes to the id `channel` goes to the one called `name`: one channel, so one pace."""
        self._names[channel] = name

    def ask(self, method: str, channel: str, lane: Lane, key: str) -> float:
        """0 when the call may be made now (it is counted), otherwise the seconds until the turn of `key`."""
        now = self._clock.monotonic()
        window = self._window(method, channel)
        return window.ask(lane, key, now) if window else 0.0

    def hold(self, method: str, channel: str, seconds: float) -> None:
        """Slack said Retry-After: let nothing through there for so long; nobody else waits."""
        window = self._window(method, channel) or self._windows.setdefault((method, ""), _Window(Rate(1, 0.0)))
        window.held_until = max(window.held_until, self._clock.monotonic() + seconds)

    def _window(self, method: str, channel: str) -> "_Window | None":
        rate, channel = self._pace.rates.get(method), self._names.get(channel, channel)
        key = (method, channel if rate is not None and rate.each_channel else "")
        if rate is None:
            return self._windows.get(key)
        if len(self._windows) > MANY and key not in self._windows:
            now = self._clock.monotonic()
            self._windows = {k: window for k, window in self._windows.items() if not window.rests(now)}
        return self._windows.setdefault(key, _Window(rate))


class _Window:
    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self.held_until = 0.0
        self.taken: deque[float] = deque()
        self.lines: dict[Lane, OrderedDict[str, float]] = {}  # whose turn is when, in the order they came

    def ask(self, lane: Lane, key: str, now: float) -> float:
        self._forget(now)
        line = self.lines.setdefault(lane, OrderedDict())
        turn = line.get(key)
        if turn is not None and turn > now + 5e-7:
            return turn - now
        ahead = sum(len(other) for better, other in self.lines.items() if better < lane)
        ahead += 0 if turn is not None else len(line)
        wait = max(self._free_in(ahead, self.rate.most(lane), now), self.held_until - now)
        if wait > 0:
            # Rounded up: a job's due time has microseconds, and coming back a hair early would mean another turn.
            wait = math.ceil(wait * 1000) / 1000
            line[key] = now + wait
            return wait
        line.pop(key, None)
        if self.rate.per:
            self.taken.append(now)
        return 0.0

    def rests(self, now: float) -> bool:
        self._forget(now)
        return not (self.taken or self.held_until > now or any(self.lines.values()))

    def _free_in(self, ahead: int, most: int, now: float) -> float:
        free = most - len(self.taken)
        if ahead < free or not self.rate.per:
            return 0.0
        rounds, place = divmod(ahead - free, self.rate.count)
        first = self.taken[place] + self.rate.per - now if place < len(self.taken) else self.rate.per
        return first + rounds * self.rate.per

    def _forget(self, now: float) -> None:
        # Half a microsecond: sums of floats may fall a hair short of a full window.
        while self.taken and self.taken[0] + self.rate.per <= now + 5e-7:
            self.taken.popleft()
        for line in self.lines.values():
            while line and max(next(iter(line.values())), self.held_until) + GRACE < now:
                line.popitem(last=False)
