"""Who holds the pager when: layers, shifts and what was changed by hand."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Unit(StrEnum):
    """The step of a rota, counted in wall-clock time."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Every:
    """How long one turn lasts: `count` units of wall-clock time."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Layer:
    """Turns taken in order; `None` is a vacant seat. `start` is naive wall-clock time in the rota's zone."""

    name: str
    start: datetime
    every: Every
    members: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Rota:
    """A named schedule in one time zone; a later layer wins over an earlier one."""

    name: str
    timezone: str
    layers: tuple[Layer, ...]
    owner: str | None = None  #: the team told when it has nobody


class Amendment(StrEnum):
    """What a change by hand does to the rota."""

    OVERRIDE = "override"  #: replace a named member
    COVER = "cover"  #: add somebody
    ABSENCE = "absence"  #: remove somebody


@dataclass(frozen=True, slots=True)
class Override:
    """A change made by hand for the half-open span `[start, end)`, kept in the database.

    `replaces` None in an override means: whoever it would be.
    """

    id: str
    rota: str
    kind: Amendment
    start: datetime
    end: datetime
    person: str | None = None
    replaces: str | None = None
    by: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Holder:
    """One person on call, and why it is them."""

    person: str
    source: str  #: layer:<name> | override:<id> | cover:<id>
    why: str


@dataclass(frozen=True, slots=True)
class Shift:
    """Who is on call during `[start, end)`; nobody when `holders` is empty."""

    rota: str
    start: datetime
    end: datetime
    holders: tuple[Holder, ...] = field(default=())

    @property
    def length(self) -> timedelta:
        """How long it lasts, in real time."""
        return self.end - self.start
