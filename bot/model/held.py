"""An accepted alert that fires in no incident, and why: it is kept until the reason is gone or it resolves."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.alert import Alert


class Cause(StrEnum):
    """What holds an alert back."""

    SILENCE = "silence"
    MAINTENANCE = "maintenance"
    INHIBITION = "inhibition"
    UNCONFIRMED = "unconfirmed"  #: too few of its last evaluations breached


@dataclass(frozen=True, slots=True)
class Hold:
    """The answer of a rule that holds an alert back: `why` is one sentence for people."""

    cause: Cause
    by: str  #: SIL-3, the name of the rule, or the name of the runbook
    why: str
    until: datetime | None = None  #: when the reason ends by itself
    incident: str | None = None  #: the open incident that pages for the cause


@dataclass(frozen=True, slots=True)
class Held:
    """An alert with what holds it; `alert` is the newest word of its monitor."""

    alert: Alert
    hold: Hold
    repeats: int
    first_seen_at: datetime
    last_seen_at: datetime
