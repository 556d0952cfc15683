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

    Raises NotFound (no such model or version), Refused (the platform will not), Stale (what serves is not what the
    plan was made from): these three say that nothing was changed. Whatever else leaves `apply`, NotDelivered and a
    timeout too, means that nobody knows, and what serves is read before anything is done again.
    """

    levers: ClassVar[frozenset[Lever]]  #: what it can do at all; `wanted` refuses what one reference does not offer
    repeatable: ClassVar[bool]  #: `apply` of the same plan with the same token twice is as good as once

    async def serving(self, ref: Mapping[str, str]) -> Serving:
        """What serves now, read from the platform itself.

        Its `guard` moves when what serves is moved and at nothing else (no scaling, no heartbeat), for people agree
        to it minutes before it is used. Until a switch is through, this is what was before.
        """
        ...

    async def versions(self, ref: Mapping[str, str], limit: int = 50) -> Sequence[Version]:
        """What could serve, the newest first."""
        ...

    async def history(self, ref: Mapping[str, str]) -> Sequence[Served]:
        """What served by the platform's own memory, the newest first, at most some hundreds; empty where it has none.

        What serves now may be among it.
        """
        ...

    async def wanted(
        self, ref: Mapping[str, str], lever: Lever, now: Serving, parameters: Mapping[str, Any]
    ) -> Serving:
        """What shall serve after `lever` (to `parameters["version"]`, with `parameters["split"]`); writes nothing.

        `parameters["raw"]` is that of the time when this served before, where the ledger has it: what a version alone
        does not restore. The answer's own `raw["warnings"]` may be a list of sentences that people must read before
        they agree. NotFound for a version that is not there, Refused for one that may not serve, and for what serves
        already.
        """
        ...

    async def apply(self, plan: Plan, token: str) -> Op:
        """Make it so, once, if what serves is still `plan.before` (Stale); `token` is the same at every attempt.

        A repeatable one writes nothing where `plan.after` serves already, and finishes what it had only begun.
        """
        ...

    async def poll(self, plan: Plan, op: Op) -> Op:
        """How far it is: `done` once `plan.after` serves, `failed` when all is at rest and something else does.

        An `op` without an id is one whose answer was lost: it is found by what the platform shows. Writes nothing.
        """
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
