"""When nobody answers: for a list of targets the exact spans in which no page reaches anybody, by the pager's own eyes.

Nothing is sampled. Who is on call changes at the edges of a rota's shifts alone, and whether somebody can be reached
does not depend on the hour; so the spans in which each target is silent are known, and where all are, nobody is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from bot.model.armed import Flaw, Lack
from bot.model.incident import imagined
from bot.model.rota import Override, Shift
from bot.model.runbook import Policy, Tier
from bot.rules import escalation, reach
from bot.rules import rota as rota_rule
from bot.rules.escalation import Roster

URGENCIES = ("high", "low")
Asked = tuple[tuple[str, ...], str]  #: targets, and the urgency with which they are paged
Span = tuple[datetime, datetime]  #: half-open


class _Crew(NamedTuple):
    """Whom a target means during a span; those nobody knows are left out."""

    start: datetime
    end: datetime
    persons: tuple[str, ...]


class Silent(NamedTuple):
    """A span in which nobody can be paged, and why at its start."""

    start: datetime
    end: datetime
    why: str


class Sight:
    """Who can be paged when during `[start, end)`; each rota and each person is looked at once, however many ask."""

    def __init__(self, roster: Roster, start: datetime, end: datetime) -> None:
        """`roster` holds every override that touches the span."""
        self._roster, self._start, self._end = roster, start, end
        self._overrides: dict[str, list[Override]] = {}
        for one in roster.overrides:
            if one.start < end and one.end > start:
                self._overrides.setdefault(one.rota, []).append(one)
        self._shifts: dict[str, list[Shift]] = {}
        self._crews: dict[str, list[_Crew]] = {}
        self._ways: dict[tuple[str, str], bool] = {}
        self._dark: dict[tuple[str, str], list[Span]] = {}

    def silent(self, targets: Sequence[str], urgency: str) -> list[Silent]:
        """Where none of `targets` leads to anybody who can be paged at `urgency`, in order, apart from each other."""
        found: list[Span] | None = None
        for target in dict.fromkeys(targets):
            dark = self.dark(target, urgency)
            found = dark if found is None else list(_both(found, dark))
            if not found:
                return []
        spans = [(self._start, self._end)] if found is None and self._start < self._end else found or []
        return [Silent(since, until, self._why(tuple(targets), urgency, since)) for since, until in spans]

    def dark(self, target: str, urgency: str) -> list[Span]:
        """Where this one target leads to nobody who can be paged."""
        key = (target, urgency)
        if key not in self._dark:
            crews = self._crew(target)
            nobody = [crew[:2] for crew in crews if not any(self.reachable(person, urgency) for person in crew.persons)]
            lit = target.partition(":")[0] in reach.PLACES and "slack" in self._roster.channels
            self._dark[key] = [] if lit else list(_joined(nobody))
        return self._dark[key]

    def reachable(self, person: str, urgency: str) -> bool:
        """Whether a page at this urgency would come to somebody by any way; never so for whom nobody knows."""
        key = (person, urgency)
        if key not in self._ways:
            asking = imagined(Policy((), "asked", urgency=urgency), self._start)
            self._ways[key] = bool(escalation.ask(asking, [person], self._roster, self._start, "", 1))
        return self._ways[key]

    def lacks(self, asked: Iterable[Asked]) -> list[Lack]:
        """Whom some target leads to in the span, or may lead to ever, and no page would reach; by name."""
        found: dict[tuple[str, Flaw], tuple[datetime, dict[str, None]]] = {}

        def note(person: str, flaw: Flaw, target: str, at: datetime) -> None:
            first, targets = found.setdefault((person, flaw), (at, {}))
            targets[target] = None
            found[person, flaw] = (min(first, at), targets)

        wanted = {(target, urgency): None for targets, urgency in asked for target in targets}
        for target, urgency in wanted:
            for person, at in self._named(target).items():
                if person in self._roster.people.persons and not self.reachable(person, urgency):
                    note(person, self._flaw(person, urgency), target, at)
        for name in self._roster.rotas:
            for person, at in self._named(f"rota:{name}").items():
                if person not in self._roster.people.persons:
                    note(person, Flaw.STRANGER, f"rota:{name}", at)
        return [Lack(person, flaw, tuple(targets), at) for (person, flaw), (at, targets) in sorted(found.items())]

    def _flaw(self, person: str, urgency: str) -> Flaw:
        """Why a page at this urgency would not come to them; what they can cure by themselves goes first."""
        if self._sure.reachable(person, urgency):
            return Flaw.UNCONFIRMED
        return Flaw.UNURGENT if any(self.reachable(person, one) for one in URGENCIES) else Flaw.UNREACHED

    @cached_property
    def _sure(self) -> "Sight":
        """What would be if every address were confirmed."""
        return Sight(replace(self._roster, confirmed=None), self._start, self._end)

    def _named(self, target: str) -> Mapping[str, datetime]:
        """Everybody a target leads to, and since when: the end of the span for whoever has no turn of theirs in it."""
        kind, _, name = target.partition(":")
        found: dict[str, datetime] = {}
        rota = self._roster.rotas.get(name) if kind == "rota" else None  # one of its parts is nobody's whole rota
        if rota is None:
            for crew in self._crew(target):
                found |= dict.fromkeys(crew.persons, crew.start)
            return found
        for shift in self._turns(name):
            for holder in shift.holders:
                found.setdefault(holder.person, shift.start)
        for person in rota.persons:
            found.setdefault(person, self._end)
        return found

    def _crew(self, target: str) -> list[_Crew]:
        if target not in self._crews:
            kind, _, whole = target.partition(":")
            name, part = reach.part(whole)
            roster, changes = self._roster, self._overrides.get(name, ())
            if part:  # who comes next, by what holds in the days after the span, too
                changes = [one for one in roster.overrides if one.rota == name]
            spans = [(one.start, one.end) for one in self._turns(name)] if kind == "rota" else []
            self._crews[target] = [
                _Crew(since, until, reach.people(target, roster.rotas, roster.people, changes, since).persons)
                for since, until in spans or [(self._start, self._end)]
                if since < until
            ]
        return self._crews[target]

    def _turns(self, name: str) -> list[Shift]:
        """The shifts of a rota; none where there is no such rota."""
        if name not in self._shifts:
            rota, changes = self._roster.rotas.get(name), self._overrides.get(name, ())
            self._shifts[name] = rota_rule.shifts(rota, self._start, self._end, changes) if rota else []
        return self._shifts[name]

    def _why(self, targets: tuple[str, ...], urgency: str, at: datetime) -> str:
        """What the step itself would say of it."""
        tier = Tier("asked", targets, answer_within=at - at)
        fired = escalation.fire(imagined(Policy((tier,), tier.name, repeats=0, urgency=urgency), at), self._roster, at)
        return fired.skipped[0][1] if fired.skipped else ""


def unreached(roster: Roster, at: datetime) -> list[str]:
    """Everybody of the configuration whom none of their ways reaches, whatever the urgency."""
    sight = Sight(roster, at, at)
    return [name for name in roster.people.persons if not any(sight.reachable(name, one) for one in URGENCIES)]


def _both(one: Iterable[Span], other: Sequence[Span]) -> Iterator[Span]:
    """What lies in a span of each; both are in order and apart."""
    place = 0
    for start, end in one:
        while place < len(other) and other[place][1] <= start:
            place += 1
        at = place
        while at < len(other) and other[at][0] < end:
            yield max(start, other[at][0]), min(end, other[at][1])
            at += 1


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans that touch as one; they are in order."""
    before: Span | None = None
    for span in spans:
        if before and before[1] == span[0]:
            before = (before[0], span[1])
        else:
            if before:
                yield before
            before = span
    if before:
        yield before
