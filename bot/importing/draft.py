"""What is being carried over: our nouns, under the ids the other tool had for them, and what could not be said."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from bot.errors import BadInput
from bot.importing import together, week
from bot.importing.export import Export
from bot.importing.names import Names, said
from bot.importing.together import Part, Piece
from bot.model.people import Person, Team
from bot.model.rota import Amendment, Layer, Override, Rota
from bot.model.runbook import TIERS

ENTITY = "imported"  #: whose the teams are until somebody says otherwise
CROWD = 4_000  #: of more people than this, only those are carried over whom something names
MOST_REPEATS = 20
MOST_WINDOWS = 50  #: of a layer
LAST = timedelta(minutes=30)  #: to answer the last step, where the other tool had no wait behind it

_MAIL = re.compile(r"[A-Za-z0-9.!#%&'*+/=?^_`~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_SLACK = re.compile(r"[UW][A-Z0-9]{2,}")
_ZONES = frozenset(available_timezones())


@dataclass(frozen=True, slots=True)
class Lost:
    """One thing that could not be carried over, and why."""

    what: str
    id: str
    why: str

    def __str__(self) -> str:
        return f"{self.what} {self.id}: {self.why}."


@dataclass(frozen=True, slots=True)
class Swap:
    """A change by hand, as another tool has it; `only` is the rotation it is for, empty for all of them."""

    id: str
    start: datetime | None
    end: datetime | None
    person: str
    kind: Amendment = Amendment.OVERRIDE
    replaces: str | None = None
    only: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule as another tool has it."""

    id: str
    name: str
    zone: str
    pieces: Sequence[Piece]
    swaps: Sequence[Swap] = ()
    team: str = ""  #: its id


@dataclass(frozen=True, slots=True)
class Step:
    """Whom a policy pages together, and how long it waits for an answer; None: it says nothing of that."""

    page: tuple[str, ...]
    wait: timedelta | None


@dataclass(frozen=True, slots=True)
class Ladder:
    """A policy that becomes the tiers of a runbook."""

    name: str
    title: str
    owner: str
    steps: tuple[Step, ...]
    repeats: int | None = None


@dataclass
class Draft:
    """Grows while an export is read; `lost` and `wanting` are said to whoever imports."""

    people: dict[str, Person] = field(default_factory=dict, repr=False)
    teams: dict[str, Team] = field(default_factory=dict)
    rotas: dict[str, list[Rota]] = field(default_factory=dict)
    overrides: list[Override] = field(default_factory=list)
    ladders: list[Ladder] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    wanting: list[str] = field(default_factory=list)  #: what is to be filled in before it can be used
    named: set[str] = field(default_factory=set, repr=False)  #: ids of people whom something names
    _names: dict[str, Names] = field(default_factory=dict, repr=False)
    _slack: set[str] = field(default_factory=set, repr=False)

    def name(self, kind: str, *wishes: str) -> str:
        """A plain name nothing else of its kind has."""
        return self._names.setdefault(kind, Names()).new(*wishes)

    def lose(self, what: str, id_: str, why: str) -> None:
        """Note what cannot be carried over."""
        self.lost.append(Lost(what, said(id_) or "without an id", why))

    # People and teams

    def person(self, id_: str, name: str, person: Person) -> None:
        """Take in somebody; what does not fit of `person` is left out, its `name` is made from `name`."""
        if not id_ or id_ in self.people:
            self.lose("user", id_, "two have this id, the first one counts" if id_ else "it has no id")
            return
        email = person.email if person.email and _MAIL.fullmatch(person.email) else None
        zone = person.timezone if person.timezone in _ZONES else "UTC"
        if person.timezone not in ("", zone):
            self.lose(
                "user", id_, f"the time zone {said(person.timezone) or 'it has'!r} is unknown; UTC stands instead"
            )
        slack = person.slack if person.slack and _SLACK.fullmatch(person.slack) else None
        if slack in self._slack:
            self.lose("user", id_, "somebody else has its Slack id already")
            slack = None
        self._slack |= {slack} if slack else set()
        plain = self.name("person", name, (email or "").partition("@")[0], id_)
        self.people[id_] = replace(person, name=plain, email=email, timezone=zone, slack=slack)

    def who(self, id_: str, called: str = "") -> str | None:
        """Our name of somebody the export names; one it does not describe is taken in, to be filled in."""
        if not id_:
            return None
        self.named.add(id_)
        if id_ not in self.people:
            plain = self.name("person", called.partition("@")[0], id_)
            email = called if _MAIL.fullmatch(called) else None
            self.people[id_] = Person(plain, email=email)
            self.wanting.append(f"people.yaml: {plain} is named but not described in the export (id {said(id_)}).")
        return self.people[id_].name

    def team(self, id_: str, name: str, members: Iterable[str], leads: Sequence[str] = ()) -> None:
        """Take in a team by the ids of its members; the first of `leads` leads it."""
        if not id_ or id_ in self.teams:
            self.lose("team", id_, "two have this id, the first one counts" if id_ else "it has no id")
            return
        persons = tuple(dict.fromkeys(who for one in members if (who := self.who(one))))
        if not persons:
            self.lose("team", id_, f"{said(name)} has no members in the export")
            return
        lead = self.who(leads[0]) if leads else None
        self.teams[id_] = Team(self.name("team", name, id_), ENTITY, persons, lead)
        if len(leads) > 1:
            self.lose("team", id_, f"{said(name)} has {len(leads)} leads; the first one stands")

    # Schedules

    def zone(self, what: str, id_: str, zone: str) -> str | None:
        """A time zone we know; None, and a line about it, for any other."""
        if zone in _ZONES:
            return zone
        self.lose(what, id_, f"the time zone {said(zone)!r} is unknown" if zone else "it has no time zone")
        return None

    def schedule(self, given: Schedule) -> None:
        """Make a rota of a schedule, or several that are paged together."""
        if not given.id or given.id in self.rotas:
            self.lose("schedule", given.id, "two have this id, the first one counts" if given.id else "it has no id")
            return
        pieces = [piece for piece in given.pieces if self._opens(piece)]
        if not pieces:
            self.lose("schedule", given.id, f"{said(given.name)} has no rotation that can be carried over")
            return
        parts, doubts = together.arrange(pieces)
        for id_ in doubts:
            why = "several of one level are on call at once above it, not always; it counts where it should give way"
            self.lose("rotation", id_, why)
        owner = self.teams[given.team].name if given.team in self.teams else None
        made = self.rotas[given.id] = []
        for part in parts:
            layers = tuple(_named(part.layers, given.zone))
            rota = Rota(self.name("rota", given.name, given.id), given.zone, layers, owner)
            made.append(rota)
            self.overrides += self._swapped(given, rota, part, first=len(made) == 1)

    def _opens(self, piece: Piece) -> bool:
        if len(piece.layer.only) > MOST_WINDOWS:
            self.lose("rotation", piece.id, f"its hours take more than {MOST_WINDOWS} windows")
            return False
        if not week.opens(piece.layer):
            self.lose("rotation", piece.id, "none of its hours lies between its beginning and its end")
            return False
        return True

    def _swapped(self, given: Schedule, rota: Rota, part: Part, *, first: bool) -> Iterator[Override]:
        for swap in given.swaps:
            start, end = local(swap.start, given.zone), local(swap.end, given.zone)
            if swap.start is None or swap.end is None or start is None or end is None or end <= start:
                if first:
                    self.lose("override", swap.id, "it ends before it begins, or one of the two is missing")
                continue
            # What is added is added once, whatever number of rotas the schedule became.
            if swap.only & part.ids or (not swap.only and (first or swap.kind is Amendment.OVERRIDE)):
                number = f"{rota.name}/{swap.id}"
                yield Override(number, rota.name, swap.kind, swap.start, swap.end, swap.person, swap.replaces)

    # Policies

    def ladder(self, id_: str, name: str, owner: str, steps: Sequence[Step], repeats: int | None) -> None:
        """Make the tiers of a runbook from the steps of a policy."""
        ready = [step for step in steps if step.page]
        if not ready:
            self.lose("policy", id_, f"{said(name)} pages nobody who was carried over")
            return
        for number, step in enumerate(ready[len(TIERS) :], len(TIERS) + 1):
            self.lose("policy", id_, f"step {number} of {said(name)}, which pages {', '.join(step.page)}, has no tier")
        if repeats is not None and repeats > MOST_REPEATS:
            self.lose("policy", id_, f"it repeats {repeats} times; {MOST_REPEATS} stand")
        made = self.name("runbook", name, id_)
        kept = min(max(repeats, 0), MOST_REPEATS) if repeats is not None else None
        title = said(name) or made
        self.ladders.append(Ladder(made, title, owner or ready[0].page[0], tuple(ready[: len(TIERS)]), kept))

    def rota_targets(self, id_: str) -> tuple[str, ...]:
        """The targets that page whoever is on call in a schedule; none for one that was not carried over."""
        return tuple(f"rota:{rota.name}" for rota in self.rotas.get(id_, ()))

    def end(self, export: Export) -> None:
        """Say what is left to say once everything is read, and leave out a crowd of people nothing names."""
        for name, count in export.broken.items():
            self.lose("export", name, f"{count} of its entries are no objects")
        for name in export.unfinished:
            self.lose("export", name, "its last page is missing: more of them exist than were exported")
        if len(self.people) > CROWD:
            idle = [id_ for id_ in self.people if id_ not in self.named]
            for id_ in idle:
                del self.people[id_]
            if idle:
                self.lose("export", "users", f"{len(idle)} people whom no team, schedule or policy names are left out")
        for person in self.people.values():
            if person.slack is None and person.email is None:
                self.wanting.append(f"people.yaml: {person.name} needs `slack` or `email`, or nothing reaches them.")


def local(at: datetime | None, zone: str) -> datetime | None:
    """What the clocks of `zone` show at an instant, without a zone."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if at else None


def wall(at: datetime | None, zone: str, what: str) -> datetime:
    """The same where there has to be one: BadInput, which says that `what` is missing."""
    found = local(at, zone)
    if found is None:
        raise BadInput(f"{what} is no time")
    return found


def _named(layers: Sequence[Layer], zone: str) -> Iterator[Layer]:
    """The same, each with a name of its own, and a zone where it is not that of the rota."""
    names = Names()
    for layer in layers:
        yield replace(
            layer, name=names.new(layer.name, "turns"), timezone="" if layer.timezone == zone else layer.timezone
        )
