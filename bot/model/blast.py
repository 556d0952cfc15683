"""How far a fault has reached: predictions since it began, and what they were about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Blast:
    """An estimate of what went through a model since its first bad prediction; None means that nobody can say."""

    since: datetime  #: when the first of the incident's alerts began
    at: datetime  #: when it was asked
    predictions: int | None
    how: str = ""  #: how the number was made, or why there is none
    segments: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    by_segment: Mapping[str, int] = field(default_factory=dict)

    def spelled(self) -> dict[str, Any]:
        """All of it as JSON; `read` makes the same of it again."""
        times = {"since": self.since.isoformat(), "at": self.at.isoformat()}
        lists = {name: list(getattr(self, name)) for name in ("segments", "features", "entities")}
        told = {"predictions": self.predictions, "how": self.how, "by_segment": dict(self.by_segment)}
        return {**times, **told, **lists, "estimate": True}

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "Blast":
        """What was `spelled` so."""
        since, at = (datetime.fromisoformat(said[name]) for name in ("since", "at"))
        segments, features, entities = (tuple(said[name]) for name in ("segments", "features", "entities"))
        return cls(since, at, said["predictions"], said["how"], segments, features, entities, said["by_segment"])
