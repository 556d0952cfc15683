"""A span of time in which alerts that match are held back: a silence, or a maintenance window that was planned."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.matcher import Matcher


@dataclass(frozen=True, slots=True)
class Silence:
    """Whoever made it says why, and until when; without an end there is none."""

    id: str  #: SIL-<number>
    matchers: tuple[Matcher, ...]  #: all must hold; none at all hits everything
    starts_at: datetime
    ends_at: datetime  #: it is over at this very instant
    by: str  #: person:NAME or api:NAME
    why: str
    made_at: datetime
    maintenance: bool = False  #: planned work, told as such
    shadow: bool = False  #: it only says what it would have held
    incident: str | None = None  #: the incident from which it was made
    ended_at: datetime | None = None  #: when somebody ended it before its time
    ended_by: str | None = None

    @property
    def until(self) -> datetime:
        """When it is over, or was."""
        return min(self.ends_at, self.ended_at) if self.ended_at else self.ends_at

    def active(self, at: datetime) -> bool:
        """Whether it holds at `at`: from its start on, at its end no more."""
        return self.starts_at <= at < self.until

    @property
    def what(self) -> str:
        """One word for it."""
        return "maintenance" if self.maintenance else "silence"
