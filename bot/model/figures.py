"""What figures are counted from, and what they come to; every term is defined in docs/figures.md."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Worth(StrEnum):
    """Whether an incident was worth somebody's time, as far as what came of it says."""

    USEFUL = "useful"  #: somebody acted: a change was made for it, or a person resolved it as what it was
    NOISE = "noise"  #: a false alarm, or over before anybody had answered
    UNKNOWN = "unknown"  #: still open, or it ended by itself after somebody had looked, who did not say what it was


@dataclass(frozen=True, slots=True)
class Case:
    """One incident, as far as figures need it; a merged one is none, it goes on as another."""

    id: str
    model: str | None
    monitor: str  #: the connection whose alert opened it; empty: declared by hand
    opened_at: datetime
    started_at: datetime | None = None  #: when the trouble began, where its monitor says
    acknowledged_at: datetime | None = None  #: when somebody first took it, or resolved it
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None
    resolution: str = ""
    by_hand: bool = False  #: a person resolved it
    acted: bool = False  #: a change was made for it


@dataclass(frozen=True, slots=True)
class Ring:
    """One page that went out: one step that asked one person, by however many ways."""

    incident: str
    person: str
    at: datetime
    zone: str  #: where they sleep
    step: int = 0
    rank: int = 0  #: 0 the first step of its incident; higher: silence, or somebody, had it go on


@dataclass(frozen=True, slots=True)
class Made:
    """One change of what serves that came to its end."""

    id: str
    lever: str
    done: bool
    taken_back: bool = False  #: another change undid it
    applied_at: datetime | None = None
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """One change of shift: how long it took until somebody accepted; None: nobody has."""

    waited: timedelta | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that happened in one span."""

    cases: tuple[Case, ...] = ()
    rings: tuple[Ring, ...] = ()
    changes: tuple[Made, ...] = ()
    handovers: tuple[Passed, ...] = ()


@dataclass(frozen=True, slots=True)
class Spread:
    """Lengths of time, in seconds; None where there is none to speak of."""

    count: int = 0
    median: float | None = None
    mean: float | None = None
    p90: float | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What one person was asked; it is there to share the load, and says nothing about the person."""

    person: str
    pages: int
    night_pages: int
    nights: int  #: in which at least one page came


@dataclass(frozen=True, slots=True)
class Group:
    """The incidents of one monitor or of one model."""

    name: str
    incidents: int
    useful: int
    noise: int
    unknown: int
    pages: int
    acknowledge: Spread
    resolve: Spread

    @property
    def precision(self) -> float | None:
        """The share, 0 to 1, of those of known worth that were useful; None where there is none."""
        known = self.useful + self.noise
        return self.useful / known if known else None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a span came to."""

    incidents: int = 0
    open: int = 0
    detect: Spread = Spread()
    acknowledge: Spread = Spread()
    mitigate: Spread = Spread()
    verify: Spread = Spread()
    resolve: Spread = Spread()
    waiting: int = 0  #: open, and nobody has taken them yet; in no time to acknowledge
    unanswered: int = 0  #: over before anybody had taken them; in no time to acknowledge
    useful: int = 0
    noise: int = 0
    unknown: int = 0
    ended: int = 0  #: those that ended by themselves
    closed: int = 0
    pages: int = 0
    paged: int = 0  #: incidents that paged somebody
    night_pages: int = 0
    nights: int = 0  #: in which somebody was paged, each person's counted for itself
    hours: tuple[int, ...] = (0,) * 24  #: pages by the hour on the clocks of whoever was paged
    escalations: int = 0
    changes: int = 0
    failed: int = 0
    taken_back: int = 0
    rollbacks: int = 0
    handovers: int = 0
    late: int = 0
    people: tuple[Load, ...] = ()  #: by name
    monitors: tuple[Group, ...] = ()  #: those with the most incidents first
    models: tuple[Group, ...] = ()

    @property
    def precision(self) -> float | None:
        """The share, 0 to 1, of the incidents of known worth that were useful."""
        known = self.useful + self.noise
        return self.useful / known if known else None

    @property
    def alone(self) -> float | None:
        """The share, 0 to 1, of those that are over that ended by themselves."""
        return self.ended / self.closed if self.closed else None

    @property
    def pages_each(self) -> float | None:
        """Pages for each incident that paged somebody."""
        return self.pages / self.paged if self.paged else None
