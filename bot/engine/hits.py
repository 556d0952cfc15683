"""What a silence would hit: what fires now, what fired of late; and the matchers that fit an incident."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.engine import declare, opening
from bot.engine.desk import Desk
from bot.model.alert import Alert
from bot.model.estate import Estate
from bot.model.incident import Incident
from bot.model.matcher import Matcher
from bot.rules import matching, window
from bot.store import Tx, alerts, incidents, recent

SHOWN = 20  #: firing alerts that are named
WEEK = timedelta(days=7)
OPEN, FIRING, LOOKED = 500, 5_000, 10_000  # rows that are looked through; a preview must not hold anybody up


@dataclass(frozen=True, slots=True)
class Hits:
    """What a silence would hit now, and would have hit of late."""

    firing: tuple[tuple[str, Alert], ...]  #: the newest, each with its incident
    firing_total: int
    incidents: tuple[Incident, ...]  #: the open ones that those alerts are in, newest first
    week: int  #: of the alerts that began within the last 7 days
    cut: bool  #: there were more than were looked through
    everything: bool  #: no alert could escape it


def of(tx: Tx, desk: Desk, matchers: Sequence[Matcher], now: datetime) -> Hits:
    """What these matchers hit. What people declared by hand is never silenced, so it is not counted."""
    estate = desk.settings.estate
    open_now = incidents.listing(tx, limit=OPEN)
    fires = recent.firing(tx, [incident.id for incident in open_now], FIRING)
    hit = [(its, alert) for its, alert in fires if _hits(matchers, alert, estate)]
    within = {its for its, _ in hit}
    late, cut = recent.since(tx, now - WEEK, LOOKED)
    return Hits(
        tuple(hit[:SHOWN]),
        len(hit),
        tuple(incident for incident in open_now if incident.id in within),
        sum(_hits(matchers, alert, estate) for alert in late),
        cut,
        window.everything(matchers, estate),
    )


def _hits(matchers: Sequence[Matcher], alert: Alert, estate: Estate) -> bool:
    by_monitor = alert.source != declare.SOURCE
    return by_monitor and matching.holds(matchers, matching.Facts(alert, estate.find(alert.model)))


def fitting(tx: Tx, typed: str) -> tuple[Matcher, ...]:
    """The matchers of a silence for the incident somebody means: its model, kind and environment. NotFound.

    Where no model is named, whatever else tells its alert apart. What cannot be written in a line is left out.
    """
    incident = incidents.find(tx, typed)
    said: dict[str, str | None] = {"model": incident.model}
    alert = None if incident.model else alerts.first(tx, incident)
    if not incident.model:
        said["entity"] = incident.entity if incident.entity != opening.UNASSIGNED else None
    said |= {"kind": incident.kind, "environment": incident.environment}
    if alert is not None:
        name = alert.labels.get("alertname")
        said |= {"connection": alert.connection, "label.alertname": name, "title": None if name else alert.title}
    found = (Matcher(field, "=", value) for field, value in said.items() if value)
    return tuple(matcher for matcher in found if window.readable(matcher))
