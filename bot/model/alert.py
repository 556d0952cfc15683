"""One normalised message from a monitor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """What the monitor says of the problem; `no_data` is not a resolve."""

    FIRING = "firing"
    RESOLVED = "resolved"
    NO_DATA = "no_data"


class Kind(StrEnum):
    """What kind of thing went wrong."""

    DRIFT = "drift"
    PERFORMANCE = "performance"
    DATA_QUALITY = "data-quality"
    FAILURE = "failure"
    LATENCY = "latency"
    COST = "cost"
    SAFETY = "safety"
    FRESHNESS = "freshness"


@dataclass(frozen=True, slots=True)
class Measure:
    """One number behind an alert, in the sender's own terms; None means the sender did not say."""

    metric: str
    value: float | None = None
    threshold: float | None = None
    op: str | None = None  #: how value and threshold compare when it breaches: > >= < <= == !=
    baseline: float | None = None
    sample_size: int | None = None
    window: str | None = None
    feature: str | None = None
    segment: str | None = None
    breached: bool | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """What a monitor said about one problem at one moment; text in it is data, never instruction.

    Three identities are kept apart: the delivery (beside it), the `problem` (dedup key, never empty) and the
    episode (`problem` + `started_at`).
    """

    source: str  #: the plugin that read it
    connection: str  #: the configured instance it came through
    problem: str
    title: str
    status: Status
    kind: Kind
    started_at: datetime
    started_inferred: bool = False  #: the sender gave no start, so the time of receipt stands in
    ended_at: datetime | None = None
    evaluated_at: datetime | None = None  #: when the monitor looked; None where it does not say
    until: datetime | None = None  #: one that fires and is not sent again by then is over; None: its monitor says when
    model: str | None = None
    version: str | None = None
    environment: str | None = None
    entity: str | None = None
    severity: str | None = None  #: the sender's own word, lower case
    summary: str = ""
    measures: tuple[Measure, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.problem:
            raise ValueError("An alert needs a problem identity; an empty one would merge unrelated alerts.")

    @property
    def episode(self) -> tuple[str, datetime]:
        """The problem and when this occurrence of it began."""
        return self.problem, self.started_at


@dataclass(frozen=True, slots=True)
class KeptAlert:
    """An alert as it is kept: how often it was repeated and when it was last heard."""

    alert: Alert
    status: Status
    repeats: int
    first_seen_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None
