"""A watch: how a version that was promoted does, beside what was measured before it served."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Watch:
    """One watch, by the id of the change that brought the version into service."""

    id: str  #: CHG-<number>
    model: str
    entity: str
    version: str
    since: datetime
    until: datetime
    metric: str | None = None  #: None: incidents alone tell
    baseline: Sequence[Mapping[str, Any]] = ()  #: the samples from before, frozen when it began
    allowed: float | None = None  #: how much worse than before is not worse
    finding: str = ""  #: wrong | well | inconclusive | moved; empty while it goes on
    why: str = ""
    samples: int = 0
    ended_at: datetime | None = None
