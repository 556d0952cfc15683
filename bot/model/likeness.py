"""What an incident is known by when it opens, and which past ones it was found to be like, with why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Trace:
    """What an incident is known by when it opens; its text is a monitor's or a person's, so it is data."""

    id: str
    at: datetime  #: when it opened
    model: str | None
    kind: str
    text: str  #: its title, and what its alerts say
    monitors: frozenset[str] = frozenset()  #: the connections that told of it
    features: frozenset[str] = frozenset()  #: that its measures name
    segments: frozenset[str] = frozenset()
    metrics: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()  #: of tables, services, jobs: what it calls by a name that no word is
    changed: bool = False  #: something was changed shortly before


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing two incidents have in common: which `kind` of thing, and what exactly."""

    kind: str  #: one of rules.similarity.KINDS
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Like:
    """A past incident that a new one is like, how much from 0 to 1, and in what."""

    incident: str
    score: float
    reasons: tuple[Reason, ...]

    def spelled(self) -> dict[str, Any]:
        """All of it as JSON; `read` makes the same of it again."""
        reasons = [{"kind": one.kind, "names": list(one.names)} for one in self.reasons]
        return {"incident": self.incident, "score": self.score, "reasons": reasons}

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "Like":
        """What was `spelled` so."""
        reasons = tuple(Reason(one["kind"], tuple(one["names"])) for one in said["reasons"])
        return cls(said["incident"], said["score"], reasons)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a past incident came to its end, as far as it is known."""

    incident: str
    title: str
    model: str | None
    opened_at: datetime
    resolved_at: datetime | None
    resolution: str  #: one of model.incident.RESOLUTIONS
    by: str | None = None  #: the person who resolved it; None where its alerts ended by themselves
    why: str = ""  #: what they said when they did
    note: str = ""  #: the last thing somebody wrote into its timeline
    changes: tuple[tuple[str, str, str], ...] = ()  #: those that were done for it: CHG-<n>, the lever, the version
    postmortem: str = ""  #: PM-<n>, once there is one


@dataclass(frozen=True, slots=True)
class Alike:
    """A likeness with how the past incident came to its end."""

    like: Like
    ending: Ending
