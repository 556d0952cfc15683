"""Which tiers reach nobody, from when until when, and who is needed and cannot be reached."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Use:
    """A tier of a runbook, and the models for which it asks the same people; `*` is what nobody has catalogued."""

    tier: str
    runbook: str
    models: tuple[str, ...]  #: the first few
    count: int  #: of all


@dataclass(frozen=True, slots=True)
class Gap:
    """A half-open span `[start, end)` at no instant of which anybody can be paged by any of `targets`."""

    targets: tuple[str, ...]
    start: datetime
    end: datetime
    why: str  #: as it is at the start
    urgencies: tuple[str, ...] = ("high",)  #: with which they are asked
    tiers: tuple[Use, ...] = ()
    owners: tuple[str, ...] = ()  #: targets: who has to see to it


class Flaw(StrEnum):
    """Why a page would not come to somebody."""

    UNREACHED = "unreached"  #: none of their ways works, whatever the urgency
    UNURGENT = "unurgent"  #: none of those by which they are asked works, another does
    UNCONFIRMED = "unconfirmed"  #: one would, if they confirmed their address
    STRANGER = "stranger"  #: a rota names them, and config/people.yaml does not


@dataclass(frozen=True, slots=True)
class Lack:
    """Somebody whom tiers or rotas name and no page would reach, from `at` on."""

    person: str
    flaw: Flaw
    targets: tuple[str, ...]  #: that lead to them
    at: datetime
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Armed:
    """What one look found for `[at, until)`; of `tiers` (each of a runbook for a model) `armed` have no gap."""

    at: datetime
    until: datetime
    tiers: int
    armed: int
    gaps: tuple[Gap, ...] = ()
    lacks: tuple[Lack, ...] = ()

    @property
    def share(self) -> float:
        """Of the tiers that have no gap, 0 to 1; 1 where there are none."""
        return self.armed / self.tiers if self.tiers else 1.0


@dataclass(frozen=True, slots=True)
class Matter:
    """What its owners were told and is not mended: the gaps of one list of targets, or one person's lack."""

    key: str
    since: datetime  #: when it was found
    until: datetime  #: how far the last look saw
    gaps: tuple[Gap, ...] = field(default=())
    lack: Lack | None = None
