"""Where an alert belongs and which incident it opens: the same for a monitor's word and for a person's."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import runbooks
from bot.engine.desk import Desk
from bot.model.alert import Alert
from bot.model.estate import Model
from bot.model.incident import Incident, Phase
from bot.model.runbook import Policy, Runbook, Tier
from bot.rules import grouping, matching, routing

UNASSIGNED = "unassigned"  #: the entity of what nobody has catalogued and no connection claims
SEVERITY = "sev3"  #: of what no runbook grades
BY_DEFAULT = ("entity", "model", "environment", "kind")


@dataclass(slots=True)  # not frozen: that costs a microsecond for each alert
class Route:
    """Where a new episode belongs: its runbook, its severity, and the key of its incident."""

    model: Model | None
    chosen: routing.Chosen
    severity: str
    why: str
    key: str


def route(desk: Desk, alert: Alert) -> Route:
    """The runbook for `alert`, how severe that says it is, and which incident it belongs to."""
    model = desk.settings.estate.find(alert.model)
    facts = matching.Facts(alert, model)
    chosen = routing.choose(desk.runbooks.runbooks, facts)
    if chosen.runbook is None:
        return Route(model, chosen, SEVERITY, "no runbook matched", grouping.key(alert, model, BY_DEFAULT))
    severity, why = routing.severity(chosen.runbook, facts)
    return Route(model, chosen, severity, why, grouping.key(alert, model, chosen.runbook.group.by))


def entity(model: Model | None, alert: Alert) -> str:
    """The business entity that `alert` is of."""
    return (model.entity if model else alert.entity) or UNASSIGNED


def policy(desk: Desk, book: Runbook | None, severity: str, model: Model | None) -> Policy:
    """How an incident of that severity escalates by `book`."""
    defaults = desk.settings.escalation
    if book is None:  # not even a default runbook: whoever answers for everything looks
        tier = Tier("L1", defaults.fallback, timedelta(minutes=15))
        waits = (defaults.remind, defaults.give_back)
        return Policy((tier,), "L1", defaults.repeats, defaults.fallback, "high", None, *waits)
    return runbooks.policy(book, severity, model, defaults)


def incident(desk: Desk, id_: str, alert: Alert, place: Route, now: datetime) -> Incident:
    """The incident `id_` that `alert` opens at `now`; its first step has yet to fire, and no alert is counted yet."""
    model, book = place.model, place.chosen.runbook
    rules = policy(desk, book, place.severity, model)
    return Incident(
        id=id_,
        key=place.key,
        title=alert.title,
        phase=Phase.TRIGGERED,
        severity=place.severity,
        entity=entity(model, alert),
        kind=alert.kind.value,
        model=model.name if model else alert.model,
        model_version=alert.version,
        environment=alert.environment,
        runbook=book.name if book else "none",
        runbook_revision=book.revision if book else "",
        why=f"{place.chosen.why} {place.why}".strip(),
        policy=rules,
        tier=rules.start,
        round=0,
        step=0,
        opened_at=now,
        changed_at=now,
    )
