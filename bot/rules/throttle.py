"""When one more message may go to one destination: carriers block senders that flood, and nobody reads the twelfth.

The figures for SMS and calls are GoAlert's (`notification/contactmethodthrottler.go`): one a minute, and fewer of them
in a quarter of an hour and in an hour. What waits for its turn is not lost: it goes along with the next message.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
HORIZON: Final = _HOUR  #: what is older counts no more


@dataclass(frozen=True, slots=True)
class Gone:
    """One message that went: when, and whether it was the first its reader heard of an incident."""

    at: datetime
    first: bool = False


@dataclass(frozen=True, slots=True)
class Most:
    """At most `count` in any span of `per`."""

    count: int
    per: timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """After `burst` at once, one each `every`; besides, what `windows` and `hard` allow.

    First messages are held back by other first ones alone, up to `hard`, which counts all; `kept` of that are theirs.
    """

    burst: int
    every: timedelta
    windows: tuple[Most, ...] = ()
    hard: Most | None = None
    kept: int = 0


PACES: Final[Mapping[str, Pace]] = {
    "sms": Pace(1, _MINUTE, (Most(5, 15 * _MINUTE),), Most(11, _HOUR), kept=3),
    "call": Pace(1, _MINUTE, (Most(3, 15 * _MINUTE),), Most(7, _HOUR), kept=2),
    "email": Pace(3, _MINUTE),
    "push": Pace(5, 10 * _SECOND),
    "slack": Pace(10, 6 * _SECOND),  # ten in a minute; then all that waits goes as one message
}


def free(kind: str, gone: Sequence[Gone], now: datetime, *, first: bool = False) -> datetime:
    """When one more message of this kind may go to where `gone` went: `now`, or later.

    `first`: its reader has not heard of the incident yet, so no repeat of another holds it back.
    """
    pace = PACES.get(kind)
    if pace is None:
        return now
    rivals = sorted(each.at for each in gone if each.first or not first)
    found = [_bucket(pace, rivals), *(_window(most, 0, rivals, now) for most in pace.windows)]
    if pace.hard is not None:
        found.append(_window(pace.hard, 0 if first else pace.kept, sorted(each.at for each in gone), now))
    return max([now, *(at for at in found if at is not None)])


def _bucket(pace: Pace, moments: Iterable[datetime]) -> datetime | None:
    """When a bucket of `burst`, which fills by one each `every`, has one again."""
    full: datetime | None = None  # when it will be full again
    for at in moments:
        full = (at if full is None or full < at else full) + pace.every
    return None if full is None else full - (pace.burst - 1) * pace.every


def _window(most: Most, kept: int, moments: Sequence[datetime], now: datetime) -> datetime | None:
    """When fewer than the allowed number lie within the span, of which `kept` stay free."""
    within, allowed = [at for at in moments if at + most.per > now], most.count - kept
    return within[len(within) - allowed] + most.per if len(within) >= allowed else None
