"""What forbids changes: a freeze of a business entity for a while, and a legal hold on an incident."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Freeze:
    """No change of what it covers from `starts_at` on and before `ends_at`; the configuration's have no `made_at`."""

    id: str  #: FRZ-<number>, or the name the configuration gives it
    starts_at: datetime
    ends_at: datetime
    by: str
    why: str
    entity: str | None = None  #: None: every entity
    made_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None

    def active(self, at: datetime) -> bool:
        """Whether it forbids changes at `at`."""
        until = min(self.ends_at, self.ended_at) if self.ended_at else self.ends_at
        return self.starts_at <= at < until


@dataclass(frozen=True, slots=True)
class LegalHold:
    """Nothing an incident is about may be changed until it is lifted."""

    incident: str
    by: str
    why: str
    at: datetime
    lifted_at: datetime | None = None
    lifted_by: str | None = None
