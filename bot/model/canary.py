"""A canary: a new version gets a share of the traffic first, then more of it, then all, each share for a while."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.model.change import Plan

KEY = "canary"  #: of a plan's parameters


@dataclass(frozen=True, slots=True)
class Canary:
    """The whole way, and where a plan is on it."""

    version: str
    steps: tuple[float, ...]  #: shares in percent, rising; all of the traffic comes after the last
    wait: timedelta  #: how long a step must serve without anything going wrong before the next one
    at: int = 0  #: which of `steps` the plan takes; as many as there are: all of the traffic
    raw: Mapping[str, Any] = field(default_factory=dict)  #: what restores the version whole, for the last step

    @property
    def last(self) -> bool:
        """Whether the plan gives it all of the traffic, so that no further one follows."""
        return self.at >= len(self.steps)

    @property
    def share(self) -> float:
        """How much it gets, in percent."""
        return 100.0 if self.last else self.steps[self.at]

    def split(self, serving: Mapping[str, float]) -> dict[str, float]:
        """The shares at this step, where `serving` are those now: the others keep their proportions."""
        others = {version: share for version, share in serving.items() if version != self.version}
        whole, left = sum(others.values()), 100.0 - self.share
        shared = {version: share * left / whole for version, share in others.items()} if whole > 0 else {}
        return {**{version: share for version, share in shared.items() if share > 0}, self.version: self.share}

    def spelled(self) -> dict[str, Any]:
        """All of it as JSON; `of` makes the same of it again."""
        plain = {"version": self.version, "steps": list(self.steps), "at": self.at, "raw": dict(self.raw)}
        return {**plain, "wait": self.wait.total_seconds()}


def of(plan: Plan) -> Canary | None:
    """The canary that a plan is a step of; None for any other plan."""
    said = plan.parameters.get(KEY)
    if said is None:
        return None
    return Canary(**{**said, "steps": tuple(said["steps"]), "wait": timedelta(seconds=said["wait"])})
