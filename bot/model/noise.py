"""The rules against noise that the configuration states; a runbook states those of its own kind of incident."""

from dataclasses import dataclass, field
from datetime import time, timedelta

from bot.model.matcher import Matcher


@dataclass(frozen=True, slots=True)
class Inhibition:
    """While an alert that matches `source` fires in an open incident, those that match `target` are held.

    Both must have the same value in every field of `equal`. What matches both sides is never held by this rule.
    """

    name: str
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class Feeds:
    """What is broken upstream holds what follows from it downstream, along the catalogue's `feeds`."""

    kinds: tuple[str, ...] = ("failure", "data-quality", "freshness")  #: of the alert upstream
    holds: tuple[str, ...] = ("drift", "performance", "data-quality", "freshness")  #: of those downstream
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class Storm:
    """When an entity opens more than `incidents` within `within`, one incident pages for all of them."""

    incidents: int
    within: timedelta
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which incidents of these severities page nobody: they wait for the end, when a digest lists them.

    `start` and `end` are wall-clock times in the entity's zone; an end before the start is the next day's.
    """

    name: str
    severities: tuple[str, ...]
    start: time
    end: time
    days: frozenset[int] = frozenset(range(7))  #: the weekdays on which they begin; 0 is Monday
    entity: str | None = None  #: None: every entity
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class Noise:
    """All of them."""

    inhibitions: tuple[Inhibition, ...] = ()
    feeds: Feeds = field(default_factory=Feeds)
    storm: Storm | None = None
    quiet: tuple[Quiet, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirm:
    """An alert opens an incident only once `breaches` of its last `of` evaluations breached."""

    breaches: int
    of: int
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class Calm:
    """What must hold before an incident ends by itself: clean evaluations in a row, then nothing firing for a while."""

    evaluations: int = 1
    after: timedelta = timedelta(0)
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which alerts are one incident, and how long they are gathered before anybody hears of them."""

    by: tuple[str, ...] = ("entity", "model", "environment", "kind")
    wait: timedelta = timedelta(0)  #: from opening to the first page
    interval: timedelta = timedelta(minutes=5)  #: whoever holds it is told of alerts that join, at most so often
    window: timedelta | None = None  #: so long after its last new alert others still join it; None: while it is open


FEED = "feeds"  #: the name under which the catalogue's feeds hold alerts
