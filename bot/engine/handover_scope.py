"""What a report of a shift is about: what a rota answers for, or a team, or a business entity.

An incident is a rota's where a tier of its policy pages the rota, or its model belongs to the team that owns the rota;
a change, a watch or a way back is where its model does, or the incident it is for. A rota that nobody owns answers for
every model as soon as a runbook pages it by name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from bot.engine.desk import Desk
from bot.model.rota import Rota
from bot.model.runbook import Policy


@dataclass(frozen=True)
class Scope:
    """One of the three; `rotas` are those whose pages count, `models` the names of those it answers for."""

    name: str
    rotas: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    entity: str = ""

    @cached_property
    def targets(self) -> frozenset[str]:
        """What a tier may page that makes an incident one of these."""
        named = {f"rota:{name}{more}" for name in self.rotas for more in ("", "/next", "/everyone")}
        return frozenset((*named, *(f"{kind}:{team}" for team in self.teams for kind in ("team", "lead"))))

    def answers(self, model: str | None, entity: str, policy: Policy) -> bool:
        """Whether an incident is one of these."""
        if self.entity:
            return entity == self.entity
        if model in self.models:
            return True
        return any(target in self.targets for tier in policy.tiers for target in tier.page)

    def holds(self, model: str) -> bool:
        """Whether a model is."""
        return model in self.models


def of_rota(desk: Desk, rota: Rota) -> Scope:
    """What a rota answers for."""
    if rota.owner:
        return Scope(rota.name, frozenset({rota.name}), models=_names(desk, teams=(rota.owner,)))
    named = any(f"rota:{rota.name}" in tier.page for book in desk.runbooks.runbooks for tier in book.tiers)
    return Scope(rota.name, frozenset({rota.name}), models=frozenset(_aliased(desk)) if named else frozenset())


def of_team(desk: Desk, team: str) -> Scope:
    """What a team answers for: its models, and what pages it or a rota of its."""
    rotas = frozenset(rota.name for rota in desk.settings.rotas.values() if rota.owner == team)
    return Scope(team, rotas, frozenset({team}), _names(desk, teams=(team,)))


def of_entity(desk: Desk, entity: str) -> Scope:
    """Everything of a business entity."""
    teams = [team.name for team in desk.settings.people.teams.values() if team.entity == entity]
    rotas = frozenset(rota.name for rota in desk.settings.rotas.values() if rota.owner in teams)
    return Scope(entity, rotas, frozenset(teams), _names(desk, entities=(entity,)), entity)


def _names(desk: Desk, teams: Iterable[str] = (), entities: Iterable[str] = ()) -> frozenset[str]:
    """The models of these, by each name their monitors use."""
    known, homes = frozenset(teams), frozenset(entities)
    found = desk.settings.estate.names.items()
    return frozenset(name for name, model in found if model.team in known or model.entity in homes)


def _aliased(desk: Desk) -> Iterable[str]:
    return desk.settings.estate.names.keys()
