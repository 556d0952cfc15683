"""Who holds the pager when: layers, shifts and what was changed by hand."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

Seat = str | tuple[str, ...] | None  #: one person, several who are on call together, or vacant


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
class Window:
    """Hours of some weekdays, by the wall clock; one that ends at or before its start ends on the day after."""

    days: frozenset[int]  #: on which it begins: 0 is Monday
    start: time
    end: time
    holidays: bool | None = None  #: True: on public holidays alone; False: on none; None: whatever the day is
    country: str = ""  #: whose holidays: TR, or US-CA for a part of it


@dataclass(frozen=True, slots=True)
class Fixed:
    """One person on call for the half-open span `[start, end)`."""

    start: datetime
    end: datetime
    person: str


@dataclass(frozen=True, slots=True)
class Layer:
    """Turns taken in order. Times are naive wall-clock times in its own zone, or where it has none in the rota's."""

    name: str
    start: datetime
    every: Every
    members: tuple[Seat, ...]
    timezone: str = ""
    only: tuple[Window, ...] = ()  #: when it holds; empty: at all hours
    rolling: bool = False  #: a turn counts days with a window alone, so it survives the weekend
    since: datetime | None = None  #: it holds from then on; None: it always did
    until: datetime | None = None  #: and not from then on
    calendar: str = ""  #: a calendar that says who holds it when, in the place of turns: a file, or an address
    fixed: tuple[Fixed, ...] = ()  #: what that calendar said when it was last read

    @property
    def persons(self) -> tuple[str, ...]:
        """Everybody it names, each once."""
        seats = (person for seat in self.members for person in seated(seat))
        return tuple(dict.fromkeys((*seats, *(shift.person for shift in self.fixed))))


def seated(seat: Seat) -> tuple[str, ...]:
    """The persons of a seat; nobody where it is vacant."""
    if seat is None:
        return ()
    return (seat,) if isinstance(seat, str) else seat


@dataclass(frozen=True, slots=True)
class Temporary:
    """A schedule that takes the place of all layers for `[start, end)`; where it names nobody there is a gap."""

    name: str
    start: datetime
    end: datetime
    shifts: tuple[Fixed, ...] = ()


@dataclass(frozen=True, slots=True)
class Rota:
    """A named schedule in one time zone; a later layer wins over an earlier one."""

    name: str
    timezone: str
    layers: tuple[Layer, ...]
    owner: str | None = None  #: the team told when it has nobody
    temporary: tuple[Temporary, ...] = ()  #: a later one wins
    past: tuple["Past", ...] = ()  #: what it was before, the oldest first

    @property
    def persons(self) -> tuple[str, ...]:
        """Everybody it names, each once."""
        fixed = (shift.person for one in self.temporary for shift in one.shifts)
        return tuple(dict.fromkeys((*(person for layer in self.layers for person in layer.persons), *fixed)))


@dataclass(frozen=True, slots=True)
class Past:
    """What a rota was until it was edited: editing tomorrow never rewrites yesterday."""

    until: datetime
    rota: Rota


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
    source: str  #: layer:<name> | temporary:<name> | override:<id> | cover:<id>
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
