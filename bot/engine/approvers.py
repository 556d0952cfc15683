"""Who has a say in changes of a model now: who may agree, who may propose, and who may act alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.engine import opening, respond
from bot.engine.desk import Desk
from bot.model.alert import Alert, Kind, Status
from bot.model.change import Lever, Plan
from bot.model.estate import Model
from bot.model.incident import Incident
from bot.model.runbook import Action, Policy, Runbook
from bot.rules import agreement, reach, retraining
from bot.rules.escalation import Roster
from bot.store import Tx, changes, incidents


@dataclass(frozen=True, slots=True)
class Rules:
    """By which runbook a model is changed, and who its tiers are: an incident's own, or a failure's or drift's."""

    runbook: Runbook | None
    policy: Policy
    incident: Incident | None  #: the one whose rules they are

    def action(self, lever: Lever) -> Action | None:
        """What the runbook says of this lever; None where it says nothing."""
        name = agreement.action_name(lever)
        return next((one for one in self.runbook.actions if one.name == name), None) if self.runbook else None


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks for a change, and who is on call at that moment."""

    person: str | None
    roster: Roster
    at: datetime


def rules(
    tx: Tx, desk: Desk, model: Model, incident_id: str | None, at: datetime, lever: Lever = Lever.ROLLBACK
) -> Rules:
    """The rules for changes of `model` because of an incident. NotFound: there is no such incident.

    Without one, by what the lever is mostly for: a retrain for a drift, all others for a failure. An incident that is
    over, or about another model, lends no rules: it would let people choose the mildest.
    """
    incident = incidents.find(tx, incident_id) if incident_id else None
    if incident and incident.open and desk.settings.estate.find(incident.model) is model:
        return Rules(desk.runbooks.get(incident.runbook), incident.policy, incident)
    route = opening.route(desk, _trouble(model, Kind.DRIFT if lever is Lever.RETRAIN else Kind.FAILURE, at))
    policy = opening.policy(desk, route.chosen.runbook, route.severity, model)
    return Rules(route.chosen.runbook, policy, None)


def ruled_as(tx: Tx, lever: Lever, follows: str | None) -> Lever:
    """As which lever a change is ruled: what a retrain made is promoted by the rules that it was retrained by."""
    made = changes.find(tx, follows) if follows else None
    return Lever.RETRAIN if made and made.plan.lever is Lever.RETRAIN else lever


def of(desk: Desk, roster: Roster, model: Model | None, at: datetime) -> frozenset[str]:
    """Those who may agree to changes of `model` at `at`; nobody for one that is in the configuration no more."""
    return _behind(model.approvers if model else (), roster, at)


def entitled(tx: Tx, desk: Desk, roster: Roster, model: Model, by: Rules) -> frozenset[str]:
    """Those who may propose: its tiers and whoever was paged, the team that owns it, its approvers, the admins."""
    people = desk.settings.people
    team = people.teams.get(model.team)
    owners = (*team.members, *((team.lead,) if team.lead else ())) if team else ()
    tiers = (target for tier in by.policy.tiers for target in tier.page)
    found = _behind((*tiers, *by.policy.fallback, *model.approvers), roster, tx.now)
    answering = respond.responders(tx, desk, by.incident, roster) if by.incident else frozenset()
    return found | answering | frozenset(owners) | frozenset(people.admins)


def needs(desk: Desk, model: Model, lever: Lever, by: Rules, who: Requester) -> int:
    """How many must agree besides the requester; what a machine asks for is never done without a person."""
    action = by.action(lever)
    least = desk.settings.changes.least(model.criticality)
    count = agreement.needed(action.approval if action else "one", least, alone=_alone(lever, by, who))
    return max(1, count) if who.person == agreement.AUTOMATION else count


def needs_for(desk: Desk, model: Model, plan: Plan, by: Rules, who: Requester) -> int:
    """The same for a plan: what is beyond the budget needs one more."""
    return retraining.needs(needs(desk, model, plan.lever, by, who), bool(plan.parameters.get("over")))


def _alone(lever: Lever, by: Rules, who: Requester) -> bool:
    """Whether the requester is on a tier now that may pull the lever alone."""
    name = agreement.action_name(lever)
    tiers = (tier for tier in by.policy.tiers if name in tier.may)
    return who.person in _behind((target for tier in tiers for target in tier.page), who.roster, who.at)


def _behind(targets: Iterable[str], roster: Roster, at: datetime) -> frozenset[str]:
    found: set[str] = set()
    for target in targets:
        found.update(reach.people(target, roster.rotas, roster.people, roster.overrides, at).persons)
    return frozenset(found)


def _trouble(model: Model, kind: Kind, at: datetime) -> Alert:
    """The alert that asks for the runbook of a model in trouble, where no incident tells."""
    known = {"model": model.name, "environment": "production", "entity": model.entity}
    return Alert("person", "by-hand", f"change/{model.name}", model.name, Status.FIRING, kind, at, **known)  # type: ignore[arg-type]
