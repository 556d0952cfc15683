"""What a trainer promises: start one run under our token, find it again, say how far it is, stop it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from bot.contract.plugin import Check


class Going(StrEnum):
    """How a run stands."""

    WAITING = "waiting"  #: it was taken, and has not begun
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Order:
    """What shall be trained, on which data: rows from `since` on and before `until`, those in `excluded` left out."""

    model: str
    since: datetime
    until: datetime
    excluded: tuple[tuple[datetime, datetime], ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)  #: the runbook's, handed on as they are


@dataclass(frozen=True, slots=True)
class Run:
    """One training, as its platform tells of it."""

    id: str
    going: Going
    stage: str = ""  #: what it is at, in a few words
    share: float | None = None  #: how much of it is done, 0 to 1
    link: str = ""
    log: str = ""  #: the last lines of its log; at most some thousand characters
    version: str | None = None  #: the version it registered, once it is done
    metrics: Mapping[str, float] = field(default_factory=dict)
    cost: float | None = None  #: what it cost so far, in the currency of the entity's budget
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def over(self) -> bool:
        """It goes on no more, however it ended."""
        return self.going in (Going.DONE, Going.FAILED, Going.CANCELLED)


class Trainer(Protocol):
    """Built as `Part(settings, context)`; every call runs under the guard's deadline, the training itself does not.

    Raises NotFound (no such model or run), Refused (it will not; nothing was started): whatever else leaves `start`
    means that nobody knows, and `find` is asked before anything is started again.
    """

    repeatable: ClassVar[bool]  #: `start` with the same token twice starts one run

    async def start(self, ref: Mapping[str, str], order: Order, token: str) -> Run:
        """Start a run, once, and return without waiting for it; nothing that serves is changed by it, ever."""
        ...

    async def find(self, ref: Mapping[str, str], token: str) -> Run | None:
        """The run that was started under this token, however long ago; None when there is certainly none."""
        ...

    async def poll(self, ref: Mapping[str, str], run: str) -> Run:
        """How far it is. Writes nothing."""
        ...

    async def cancel(self, ref: Mapping[str, str], run: str) -> Run:
        """Stop it; one that is over stays as it is."""
        ...

    async def running(self, ref: Mapping[str, str]) -> Sequence[Run]:
        """The runs for this model that are not over, whoever started them, as far as the platform knows."""
        ...

    async def check(self) -> list[Check]:
        """The state of what this part needs, one row for each scope."""
        ...
