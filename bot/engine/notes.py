"""What the log says of intake: an incident opened, alerts received, a turn for the worse, the end."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from math import isfinite

from bot.engine import headline
from bot.model.alert import Alert, Measure
from bot.model.entry import Entry
from bot.model.held import Held, Hold
from bot.model.incident import Incident

SAMPLES = 24  # values in one entry
LISTED = 20  # alerts spelled out in one entry; its counts are whole, and its digest covers every alert


def opened(incident: Incident, at: datetime, actor: str) -> Entry:
    """An incident began, and why it was routed so."""
    after = {
        "severity": incident.severity,
        "title": incident.title,
        "key": incident.key,
        "runbook": incident.runbook,
        "revision": incident.runbook_revision,
    }
    return Entry(incident.entity, "incident.opened", at, actor, incident.id, incident.why, after=after)


def received(
    incident: Incident, at: datetime, actor: str, new: Sequence[Alert], resolved: Sequence[Alert], repeats: int
) -> Entry:
    """What a batch of deliveries said about one incident."""
    told = (*new, *resolved)
    after: dict[str, object] = {
        "new": len(new),
        "repeats": repeats,
        "resolved": len(resolved),
        "firing": incident.alerts_firing,
    }
    if told:
        after["alerts"] = [_brief(alert) for alert in told[:LISTED]]
        after["digest"] = digest(told)
    return Entry(incident.entity, "alerts.received", at, actor, incident.id, after=after)


def measured(entry: Entry, alerts: Sequence[Alert]) -> Entry:
    """The entry with what these alerts measured: an alert is kept as it first came, so this stands nowhere else."""
    said: list[dict[str, object]] = []
    for alert in alerts:
        looked = {"looked": alert.evaluated_at.isoformat()} if alert.evaluated_at else {}
        for each in alert.measures[: SAMPLES - len(said)]:
            if each.value is not None and isfinite(each.value):
                said.append({"problem": alert.problem, **looked, "measure": _sample(each)})
    return replace(entry, after={**entry.after, "measured": said}) if said else entry


def _sample(measure: Measure) -> dict[str, object]:
    """What its sender said; no number that JSON does not know."""
    given = {name: getattr(measure, name) for name in Measure.__slots__}
    return {k: v for k, v in given.items() if v is not None and not (isinstance(v, float) and not isfinite(v))}


def worsened(before: Incident, after: Incident, at: datetime, why: str) -> Entry:
    """A later alert made it more severe."""
    change = ({"severity": before.severity}, {"severity": after.severity})
    return Entry(after.entity, "incident.worsened", at, "tocsin", after.id, why, *change)


def ended(before: Incident, after: Incident, at: datetime) -> Entry:
    """Nothing fires any more."""
    change = ({"phase": before.phase.value}, {"phase": after.phase.value, "resolution": after.resolution})
    why = "None of its alerts fires any more."
    if after.waits and after.step == 0:
        why += f" Nobody was paged for it: {after.waits}"
    return Entry(after.entity, "incident.resolved", at, "tocsin", after.id, why, *change)


def held(entity: str, alert: Alert, hold: Hold, at: datetime, actor: str) -> Entry:
    """An alert is held back, and why."""
    until = hold.until.isoformat() if hold.until else None
    after = {**_brief(alert), **_of(hold), "kind": alert.kind.value, "until": until}
    return measured(Entry(entity, "alert.held", at, actor, alert.problem, hold.why, after=after), [alert])


def released(entity: str, was: Held, at: datetime, why: str, incident: Incident | None) -> Entry:
    """It is held no more; about the incident that it joins, where it joins one."""
    before = {**_of(was.hold), "since": was.first_seen_at.isoformat(), "why": was.hold.why}
    after = {"problem": was.alert.problem, "repeats": was.repeats, "incident": incident.id if incident else None}
    subject = incident.id if incident else was.alert.problem
    return Entry(entity, "alert.released", at, "tocsin", subject, why, before, after)


def shadowed(entity: str, subject: str, hold: Hold, at: datetime, problem: str) -> Entry:
    """What a rule in shadow mode would have done to an alert."""
    after = {"rule": hold.by, "cause": hold.cause.value, "problem": problem}
    return Entry(entity, "noise.shadowed", at, "tocsin", subject, hold.why, after=after)


def _of(hold: Hold) -> dict[str, object]:
    return {"cause": hold.cause.value, "by": hold.by, "incident": hold.incident}


def digest(alerts: Sequence[Alert]) -> str:
    """SHA-256 over problem, start, status and title of each alert, a line each, in order."""
    lines = [f"{a.problem}\0{a.started_at.isoformat()}\0{a.status.value}\0{a.title}\n" for a in alerts]
    return hashlib.sha256("".join(lines).encode(errors="surrogatepass")).hexdigest()


def _brief(alert: Alert) -> dict[str, object]:
    said: dict[str, object] = {
        "problem": alert.problem,
        "title": alert.title,
        "status": alert.status.value,
        "started_at": alert.started_at.isoformat(),
    }
    if alert.measures:
        said["measures"] = [headline.measure(m) for m in alert.measures]
    return said
