"""What a platform promises: say what serves, list what could, switch, and say what is seen to serve.

A switch is judged by what is seen afterwards (`serving`, then `probe`), never by what `apply` answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from bot.contract.plugin import Check
from bot.model.change import Lever, Plan, Serving
from bot.model.served import Served, Version


@dataclass(frozen=True, slots=True)
class Op:
    """How far the platform is with an act: `done`, `pending`, `failed`; `id` finds it again."""

    state: str
    id: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """What behaves like being served, not what a pointer says; `why` tells how that was found out."""

    version: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Flow:
    """How much passed through since a moment: an estimate, with how it was made."""

    predictions: int | None
    how: str = ""
    segments: Mapping[str, int] = field(default_factory=dict)


class Platform(Protocol):
    """Built as `Part(settings, context)`; every call runs under the guard's deadline.

    Raises NotFound (no such model or version), Refused (the platform will not, and nothing was changed), Stale (what
    serves is not what the plan was made from, and nothing was changed), NotDelivered with `retry` where it surely did
    nothing; anything else, a timeout above all, means that nobody knows.
    """

    levers: ClassVar[frozenset[Lever]]
    repeatable: ClassVar[bool]  #: `apply` of the same plan with the same token twice is as good as once

    async def serving(self, ref: Mapping[str, str]) -> Serving:
        """What serves now, read from the platform itself."""
        ...

    async def versions(self, ref: Mapping[str, str], limit: int = 50) -> Sequence[Version]:
        """What could serve, the newest first."""
        ...

    async def history(self, ref: Mapping[str, str]) -> Sequence[Served]:
        """What served before by the platform's own memory, the newest first; empty where it has none."""
        ...

    async def wanted(
        self, ref: Mapping[str, str], lever: Lever, now: Serving, parameters: Mapping[str, Any]
    ) -> Serving:
        """What shall serve after `lever` (to `parameters["version"]`, with `parameters["split"]`); writes nothing.

        Checked against the platform: NotFound for a version that is not there, Refused for one that may not serve.
        """
        ...

    async def apply(self, plan: Plan, token: str) -> Op:
        """Make it so, once, if what serves is still `plan.before`; `token` is the same at every attempt."""
        ...

    async def poll(self, plan: Plan, op: Op) -> Op:
        """How far it is."""
        ...

    async def probe(self, ref: Mapping[str, str]) -> Probe | None:
        """Which version answers, by its behaviour; None where that cannot be asked."""
        ...

    async def flow(self, ref: Mapping[str, str], since: datetime) -> Flow:
        """How many predictions were made since."""
        ...

    async def check(self) -> list[Check]:
        """The state of what this part needs, one row for each scope."""
        ...
