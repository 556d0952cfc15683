"""The nouns of a batch of deliveries while it is booked: what came, what is known of it, and what becomes of it."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.contract.source import Delivery
from bot.engine import opening
from bot.model.alert import Alert
from bot.model.evaluation import History
from bot.model.held import Held, Hold
from bot.rules import episodes


@dataclass(frozen=True, slots=True)
class Arrived:
    """A delivery that was read, and through which connection."""

    connection: str
    delivery: Delivery

    @property
    def key(self) -> str | None:
        """Under which it is remembered, so that a copy of it is known; None where its sender gives no id."""
        return None if self.delivery.id is None else f"delivery/{self.connection}/{self.delivery.id}"


@dataclass
class Receipt:
    """What became of a delivery."""

    new: int = 0
    repeat: int = 0
    resolved: int = 0
    dropped: int = 0
    held: int = 0  #: new, and held back for a reason
    copy: bool = False  #: the sender's id of this delivery was seen before
    incidents: set[str] = field(default_factory=set)

    @property
    def accepted(self) -> int:
        """How many alerts were taken in."""
        return self.new + self.repeat + self.resolved + self.dropped + self.held


@dataclass
class Known:
    """The newest episode of a problem, as it changes while a batch is booked."""

    id: int | None  #: of its row; of the row before it while it is held
    started_at: datetime
    firing: bool
    incident: str  #: empty while it is held
    evaluated_at: datetime | None = None  #: of its last breach
    held: Held | None = None


@dataclass
class Tally:
    """What a batch does to one incident."""

    connection: str = ""
    new: list[Alert] = field(default_factory=list)
    resolved: list[Alert] = field(default_factory=list)
    repeats: int = 0
    worst: opening.Route | None = None  #: of its new episodes
    heard: list[Alert] = field(default_factory=list)  #: the repeats that measured something

    def repeat(self, alert: Alert) -> None:
        """Count a repeat."""
        self.repeats += 1
        if alert.measures:
            self.heard.append(alert)


@dataclass(slots=True)  # not frozen: that costs a microsecond for each alert
class Judged:
    """An alert with its meaning; `fired` tells whether the known episode fired before it."""

    alert: Alert
    receipt: Receipt
    connection: str
    meaning: episodes.Meaning
    known: Known | None
    fired: bool
    became: Known | None  #: what is known after it, when it begins an episode
    history: History = ()  #: its problem's evaluations up to this one, where they are counted
    anew: bool = False  #: nothing was said: what is held is judged again
    route: opening.Route | None = None
    was: Held | None = None  #: how it was held until now
    hold: Hold | None = None  #: what holds it from now on
    shadows: tuple[Hold, ...] = ()  #: what would have, but for shadow mode
