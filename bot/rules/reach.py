"""Who a target of a tier is at a moment: people to page, a place to write to, or the reason there is nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model.people import People, Person
from bot.model.rota import Override, Rota
from bot.model.target import AGENT, KINDS, PARTS, PLACES, part
from bot.rules import rota as rota_rule
from bot.rules import turns

__all__ = ["AGENT", "KINDS", "PARTS", "PLACES", "Reached", "addressee", "part", "people", "place", "shown"]

SHIFTS = 60  # that are looked at for somebody who comes next


@dataclass(frozen=True, slots=True)
class Reached:
    """The names of those to page, each once and known to `people`, and why them or why nobody."""

    persons: tuple[str, ...]
    why: str
    places: tuple[str, ...] = ()  #: channel:#NAME or usergroup:HANDLE: a page is written there
    agents: tuple[str, ...] = ()  #: connections whose agent looks


def people(
    target: str, rotas: Mapping[str, Rota], people: People, overrides: Sequence[Override], at: datetime
) -> Reached:
    """Who is behind one of KINDS, PLACES or `agent:CONNECTION` at `at`; of a rota also the PARTS.

    Never raises: a target that names nothing reaches nobody, and says so, so that the next step can fire.
    """
    kind, _, name = target.partition(":")
    match kind:
        case "rota":
            found = _rota(name, rotas, overrides, at)
        case "person":
            found = Reached((name,), f"{name} is named directly.")
        case "team":
            found = _team(name, people)
        case "lead":
            found = _lead(name, people)
        case "usergroup" | "channel" if name:
            return Reached((), f"Whoever reads {shown(target)} in Slack.", places=(target,))
        case "agent" if name:
            return Reached((), f"The agent of {name} looks first.", agents=(name,))
        case _:
            found = Reached((), f"{target!r} is no target; write one of {', '.join(f'{k}:NAME' for k in KINDS)}.")
    return _known(found, people)


def place(person: str) -> bool:
    """Whether a page to this `person` is one to a place: no person's name has a colon."""
    return person.partition(":")[0] in PLACES and ":" in person


def shown(place: str) -> str:
    """A place as people call it, `#ml-oncall` or `@oncall-ml`; a person's name stays as it is."""
    kind, _, name = place.partition(":")
    return {"usergroup": f"@{name}", "channel": name}.get(kind, place)


def addressee(people: People, name: str) -> Person | None:
    """Whom a page is for: somebody the configuration knows, or a stand-in for a place; None: nobody any more."""
    return Person(name) if place(name) else people.persons.get(name)


def _rota(name: str, rotas: Mapping[str, Rota], overrides: Sequence[Override], at: datetime) -> Reached:
    plain, which = part(name)
    if (rota := rotas.get(plain)) is None:
        return Reached((), f"There is no rota {plain!r}.")
    if which == "next":
        return _next(rota, overrides, at)
    if which == "everyone":
        return Reached(rota.persons, f"Everybody who takes turns in {plain}.")
    if which:
        return Reached((), f"A rota has no {which!r}; write rota:{plain}/next or rota:{plain}/everyone.")
    holders = rota_rule.on_call(rota, at, overrides)
    return Reached(tuple(holder.person for holder in holders), rota_rule.why(rota, at, overrides))


def _next(rota: Rota, overrides: Sequence[Override], at: datetime) -> Reached:
    """Whoever comes after those who are on call now, be there a gap between or not."""
    shift = rota_rule.shift(rota, at, overrides)
    now = {holder.person for holder in shift.holders}
    for _ in range(SHIFTS):
        if shift.end >= turns.LAST:
            break
        shift = rota_rule.shift(rota, shift.end, overrides)
        if fresh := tuple(one.person for one in shift.holders if one.person not in now):
            since = f"{shift.start:%Y-%m-%d %H:%M} UTC"
            return Reached(fresh, f"Next on call for {rota.name}, from {since} on.")
    return Reached((), f"Nobody else comes next in {rota.name}.")


def _team(name: str, people: People) -> Reached:
    if (team := people.teams.get(name)) is None:
        return Reached((), f"There is no team {name!r}.")
    if not team.members:
        return Reached((), f"Team {name} has no members.")
    return Reached(team.members, f"Everybody in team {name}.")


def _lead(name: str, people: People) -> Reached:
    if (team := people.teams.get(name)) is None:
        return Reached((), f"There is no team {name!r}, so it has no lead.")
    if team.lead is None:
        return Reached((), f"Team {name} has no lead.")
    return Reached((team.lead,), f"{team.lead} leads team {name}.")


def _known(found: Reached, people: People) -> Reached:
    """Without those nobody can page; the reason says who was left out."""
    strangers = [person for person in found.persons if person not in people.persons]
    if not strangers:
        return Reached(tuple(dict.fromkeys(found.persons)), found.why)
    known = tuple(dict.fromkeys(person for person in found.persons if person in people.persons))
    return Reached(known, f"{found.why} Nobody called {', '.join(strangers)} is in config/people.yaml.")
