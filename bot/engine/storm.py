"""When an entity opens incidents by the dozen: one of them pages for all, and gives them free when it is over.

A storm is an incident like any other, opened by an alert of our own through the ordinary routing. Whatever it gathers
has no card, no page and no channel of its own until the storm is over or somebody takes it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.engine import deed, escalate, joining, notes, opening, waiting
from bot.engine.desk import Desk
from bot.model.alert import Alert, Kind, Status
from bot.model.entry import Entry
from bot.model.incident import ENDED, SEVERITIES, Incident, Phase, close, turn
from bot.model.job import Job
from bot.model.noise import Grouping, Storm
from bot.rules import escalation, storming
from bot.store import Tx, alerts, incidents, jobs

SOURCE, CONNECTION = "tocsin", "noise"


def gather(tx: Tx, desk: Desk, opened: Sequence[Incident], now: datetime) -> list[Incident]:
    """The incidents that a batch opens, not yet written: those for which a storm pages say so.

    A storm that breaks is opened, and paged for, here and now.
    """
    rule = desk.settings.noise.storm
    if rule is None or not opened:
        return list(opened)
    entities = {incident.entity for incident in opened}
    before = incidents.openings(tx, entities, now - rule.within)
    standing = incidents.standing(tx, {escalate.STORM + entity for entity in entities})
    marked: dict[str, Incident] = {}
    for entity in sorted(entities):
        fresh = [incident for incident in opened if incident.entity == entity]
        storm = standing.get(escalate.STORM + entity)
        count = storming.alone(rule, before.get(entity, 0), len(fresh), blowing=storm is not None)
        children = [incident for incident in fresh[count:] if incident.open]
        if children:
            under = _shadow if rule.shadow else _under
            marked |= {child.id: child for child in under(tx, desk, children, storm, rule)}
    return [marked.get(incident.id, incident) for incident in opened]


def worsened(tx: Tx, desk: Desk, children: Sequence[Incident]) -> None:
    """Incidents under storms became graver: so do their storms, and who answers for that is paged."""
    for id_ in sorted({child.storm for child in children if child.storm}):
        storm = incidents.get(tx, id_, lock=True)
        if storm.open:
            _worse(tx, desk, storm, [child for child in children if child.storm == id_])


def look(tx: Tx, desk: Desk, job: Job) -> None:
    """End a storm after which nothing opened and all is over; release what one that ended still holds."""
    storm_id = str(job.payload["incident"])
    held = incidents.under(tx, storm_id, open_only=True)
    found = incidents.by_ids(tx, {storm_id, *(child.id for child in held)}, lock=True)
    storm = found.pop(storm_id)
    children = [child for child in found.values() if child.open and child.storm == storm_id]
    if not storm.open:
        for child in children:
            _release(tx, desk, storm, child)
        return
    calm = storming.calm_at(desk.settings.noise.storm, incidents.last_opening(tx, storm.entity), tx.now)
    if calm > tx.now:
        jobs.put(tx, escalate.look_at_storm(storm_id, calm))
    elif not children:  # the last of them to end asks for another look
        _end(tx, storm)


def _end(tx: Tx, storm: Incident) -> None:
    over = close(storm, ENDED, tx.now, alerts_firing=0)
    why = "Everything it gathered is over, and nothing opened since."
    after = {"phase": over.phase.value, "resolution": ENDED}
    tx.note(Entry(over.entity, "incident.resolved", tx.now, "tocsin", over.id, why, after=after))
    incidents.save(tx, [(storm, over)])
    alerts.resolve(tx, {_problem(storm): tx.now}, tx.now)
    deed.close_pages(tx, over)
    escalate.redraw(tx, over, tx.now)


def _release(tx: Tx, desk: Desk, storm: Incident, child: Incident) -> None:
    """It speaks for itself from now on: its card appears, and its first step fires unless it has to wait."""
    why = f"{storm.id}, which paged for it, is over."
    tx.note(Entry(child.entity, "incident.released", tx.now, "tocsin", child.id, why, {"storm": storm.id}))
    if child.phase is not Phase.TRIGGERED or child.calm_since:
        after = turn(child, tx.now, storm=None, next_step_at=tx.now if child.phase is Phase.TRIGGERED else None)
    elif wait := waiting.asked(desk, child, tx.now):
        after = replace(waiting.put_off(tx, child, wait), storm=None)
    else:
        escalate.fire(tx, desk, child, child, "tocsin")
        return
    incidents.save(tx, [(child, after)])
    escalate.redraw(tx, after, tx.now)


def _shadow(tx: Tx, desk: Desk, children: Sequence[Incident], storm: Incident | None, rule: Storm) -> list[Incident]:
    why = f"It would not have paged: {storming.why(rule, children[0].entity)}"
    return [waiting.shadowed(tx, child, "storm", "storm", why, tx.now) for child in children]


def _under(tx: Tx, desk: Desk, children: Sequence[Incident], storm: Incident | None, rule: Storm) -> list[Incident]:
    """The children under the storm that stands, or under one that breaks now."""
    why = storming.why(rule, children[0].entity)
    if storm is None:
        storm = _break(tx, desk, children, why)
    else:
        _worse(tx, desk, storm, children)
        if storm.holder in desk.settings.people.persons and not storm.snoozed_until:
            book = desk.runbooks.get(storm.runbook)
            due = joining.bucket(book.group.interval if book else Grouping().interval, tx.now)
            count = incidents.count_under(tx, storm.id) + len(children)
            jobs.put(tx, joining.to_holder(desk, storm, "storm_grew", due, count=count))
    jobs.put(tx, escalate.look_at_storm(storm.id, tx.now + rule.within), escalate.card(storm, tx.now + escalate.COUNTS))
    said = f"{storm.id} pages for it: {why}"
    for child in children:
        tx.note(Entry(child.entity, "incident.gathered", tx.now, "tocsin", child.id, said, after={"storm": storm.id}))
    return [replace(child, storm=storm.id, why=f"{child.why} {said}".strip()) for child in children]


def _break(tx: Tx, desk: Desk, children: Sequence[Incident], why: str) -> Incident:
    """The storm, written and paged for."""
    entity, severity = children[0].entity, storming.worst(child.severity for child in children)
    (number,) = incidents.numbers(tx, 1)
    alert = Alert(
        source=SOURCE,
        connection=CONNECTION,
        problem=f"{escalate.STORM}{entity}/INC-{number}",
        title=f"Many incidents of {entity} at once",
        status=Status.FIRING,
        kind=Kind.FAILURE,
        started_at=tx.now,
        entity=entity,
        severity=severity,
        summary=why,
        labels={"rule": "storm", "entity": entity},
    )
    route = opening.route(desk, alert)
    route.key = escalate.STORM + entity
    route.severity, route.why = severity, f"{why} {severity} is the worst it gathers."
    storm = opening.incident(desk, f"INC-{number}", alert, route, tx.now)
    storm = replace(storm, entity=entity, alerts_firing=1, alerts_total=1)
    tx.note(notes.opened(storm, tx.now, "tocsin"), notes.received(storm, tx.now, "tocsin", [alert], [], 0))
    storm = waiting.first(tx, desk, storm, tx.now)
    steps = [] if storm.waits else escalate.decide(tx, desk, [storm], tx.now)
    storm = steps[0].incident if steps else storm
    incidents.add(tx, [storm])
    escalate.put_down(tx, desk, steps, "tocsin", tx.now)
    alerts.add(tx, [(alert, storm.id, True)], (), tx.now)
    jobs.put(tx, escalate.card(storm, tx.now))
    return storm


def _worse(tx: Tx, desk: Desk, storm: Incident, children: Sequence[Incident]) -> None:
    severity = storming.worst(child.severity for child in children)
    if SEVERITIES.index(severity) >= SEVERITIES.index(storm.severity):
        return
    book = desk.runbooks.get(storm.runbook)
    policy = opening.policy(desk, book, severity, None) if book else storm.policy
    after, due = escalation.worse(storm, severity, policy)
    after = turn(after, tx.now)
    tx.note(notes.worsened(storm, after, tx.now, f"{severity} is the worst it gathers."))
    if due or waiting.over(desk, after, tx.now):
        escalate.fire(tx, desk, storm, after, "tocsin")
        return
    incidents.save(tx, [(storm, after)])
    escalate.redraw(tx, after, tx.now)


def _problem(storm: Incident) -> str:
    return f"{storm.key}/{storm.id}"
