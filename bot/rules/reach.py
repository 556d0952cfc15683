"""Who a target of a tier is at a moment: people to page, or the reason there is nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model.people import People
from bot.model.rota import Override, Rota
from bot.rules import rota as rota_rule

KINDS = ("rota", "person", "team", "lead")


@dataclass(frozen=True, slots=True)
class Reached:
    """The names of those to page, each once and known to `people`, and why them or why nobody."""

    persons: tuple[str, ...]
    why: str


def people(
    target: str, rotas: Mapping[str, Rota], people: People, overrides: Sequence[Override], at: datetime
) -> Reached:
    """The people behind `rota:NAME`, `person:NAME`, `team:NAME` or `lead:TEAM` at `at`.

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
        case _:
            found = Reached((), f"{target!r} is no target; write one of {', '.join(f'{k}:NAME' for k in KINDS)}.")
    return _known(found, people)


def _rota(name: str, rotas: Mapping[str, Rota], overrides: Sequence[Override], at: datetime) -> Reached:
    if (rota := rotas.get(name)) is None:
        return Reached((), f"There is no rota {name!r}.")
    holders = rota_rule.on_call(rota, at, overrides)
    return Reached(tuple(holder.person for holder in holders), rota_rule.why(rota, at, overrides))


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
