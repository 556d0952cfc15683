"""Everything the template of a postmortem sees: read from the log and the stores at one moment, and frozen with it."""

from bot.engine import postmortem_course as course
from bot.engine import postmortem_identity, postmortem_scene
from bot.engine import postmortem_signal as signal
from bot.engine.desk import Desk
from bot.engine.postmortem_scene import Facts, Scene, length, listed, when
from bot.model.incident import ENDED, FALSE_ALARM, MERGED, Incident
from bot.model.postmortem import FollowUp
from bot.model.serious import Clock
from bot.store import Tx, clocks, follow_ups

LINES = 1_000  #: of a timeline that a document holds

#: What stands in the context of a template, for the page about it and for its check.
VARIABLES: dict[str, str] = {
    "document": "id, at (when it was drawn), owner, due, open (the incident is), fault (of their own template)",
    "incident": "id, title, severity, phase, open, resolution, entity, kind, model, team, holder, opened, resolved, "
    "ended_by, merged_into, runbook, runbook_title, revision",
    "summary": "sentences: what happened, in a few of them",
    "impact": "predictions, how, rate, since, at, duration, segments, features, entities, by_segment, downstream, "
    "alerts, repeats",
    "detection": "by, person, source, title, onset, onset_inferred, detected, after, runbook, revision, why",
    "identity": "model, catalogued, kind, team, entity, criticality, platform, environment, version, by_monitor, "
    "by_ledger, since, first_look, brought_by, approved_by, trained, now, way_back, way_back_why, moves",
    "signal": "measures (metric, of, value, limit, baseline, sample_size, window, at, monitor), more, held, pictures "
    "(name, alt), bars (rows of text in their place), no_pictures, links",
    "failure": "likely, guesses (title, speaks_for, speaks_against)",
    "timers": "name, at, after, since_first, known, how of each",
    "evaluation": "trials (id, champion, challenger, finding, why, samples, scores, slices, checks), after",
    "trail": "id, what, effect, why, requested_by, approved_by, needs, glass, digest, step, outcome, elsewhere, "
    "rows (at, step, who, what, ref) of each",
    "denials": "at, who, what of each",
    "hints": "well, badly, luckily: facts as sentences",
    "gap": "facts, late",
    "follow_ups": "id, what, owner, due, standing, link of each",
    "clocks": "regime, step, since, due, standing, reference, by, why of each",
    "timeline": "lines (at, recorded, late, who, what, kind, ref), hidden, more, total",
}


def of(tx: Tx, desk: Desk, incident: Incident, document: Facts, pictures: signal.Pictures) -> Facts:
    """The facts of an incident as they stand; with the pictures that were drawn of it.

    Every value is text, a number, true, false, none (unknown), or a list or mapping of these.
    """
    scene = postmortem_scene.read(tx, desk, incident)
    impact, detection, timers = signal.impact(scene), signal.detection(scene), course.timers(scene)
    return {
        "document": {"at": when(tx.now), "open": incident.open, "fault": "", **document},
        "incident": _incident(desk, scene),
        "summary": {"sentences": [*_summary(scene, impact, detection)]},
        "impact": impact,
        "detection": detection,
        "identity": postmortem_identity.identity(tx, scene),
        "signal": signal.signal(scene, pictures),
        "failure": signal.failures(scene),
        "timers": timers,
        "evaluation": course.evaluation(scene),
        "trail": course.trail(scene),
        "denials": course.denials(scene),
        "hints": course.hints(scene),
        "gap": signal.gap(scene),
        "follow_ups": [_follow_up(one) for one in follow_ups.of_incident(tx, incident.id)],
        "clocks": [_clock(one) for one in clocks.of(tx, incident.id)],
        "timeline": _timeline(scene),
    }


def _incident(desk: Desk, scene: Scene) -> Facts:
    incident = scene.incident
    plain = {
        name: getattr(incident, name) for name in ("id", "title", "severity", "entity", "kind", "model", "runbook")
    }
    book = desk.runbooks.get(incident.runbook)
    return {
        **plain,
        "phase": incident.phase.value,
        "open": incident.open,
        "resolution": incident.resolution or None,
        "team": desk.owner_team(incident),
        "holder": incident.holder,
        "opened": when(incident.opened_at),
        "resolved": when(incident.resolved_at),
        "ended_by": incident.ended_by,
        "merged_into": incident.merged_into,
        "runbook_title": book.title if book else incident.runbook,
        "revision": incident.runbook_revision,
    }


def _summary(scene: Scene, impact: Facts, detection: Facts) -> list[str]:
    """What happened, in a few sentences of facts."""
    incident = scene.incident
    subject = " ".join(part for part in (incident.model, incident.model_version) if part) or incident.entity
    title = incident.title.rstrip(".")
    found = [f"{title}." if str(incident.model) in title else f"{subject}: {title}."]
    found.append(_seen(detection))
    found.append(_answer(scene))
    for one in scene.changes:
        agreed = listed(each.by for each in one.agreements)
        found.append(
            f"{course.asker(one)} asked for {one.id}, {one.plan.lever.value} ({one.plan.effect.rstrip('.')})"
            f"{f', {agreed} agreed' if agreed else ''}: {one.step.value}."
        )
    count = impact["predictions"]
    reached = f"About {count:,} decisions" if count is not None else "Nobody can say how many decisions"
    found.append(f"{reached} were made since it began ({impact['how']}).")
    found.append(_end(incident))
    return [one for one in found if one]


def _seen(detection: Facts) -> str:
    if detection["onset_inferred"]:
        return f"It was detected {detection['detected']} by {detection['by']}; when it began is not known."
    return f"It began {detection['onset']} and was detected {detection['after']} later by {detection['by']}."


def _answer(scene: Scene) -> str:
    _, at, how = course.acknowledged(scene)
    if at is None:
        return f"{how.capitalize()}."
    return f"It was acknowledged {length(at - scene.incident.opened_at)} after it opened, {how}."


def _end(incident: Incident) -> str:
    if incident.open:
        return "It is open."
    ended = {
        ENDED: "its alerts ended",
        MERGED: f"it became part of {incident.merged_into}",
        FALSE_ALARM: f"{incident.ended_by} closed it as a false alarm",
    }
    how = ended.get(incident.resolution, f"{incident.ended_by or 'somebody'} resolved it")
    return f"It was over {when(incident.resolved_at)}: {how}."


def _follow_up(one: FollowUp) -> Facts:
    said = {name: getattr(one, name) for name in ("id", "what", "owner", "link")}
    due = f"{one.due_at:%Y-%m-%d}" if one.due_at else None
    return {**said, "due": due, "standing": one.standing.value}


def _clock(one: Clock) -> Facts:
    plain = {name: getattr(one, name) for name in ("regime", "step", "why", "reference")}
    return {
        **plain,
        "by": one.by.partition(":")[2] or one.by,
        "since": when(one.since),
        "due": when(one.due_at),
        "standing": one.standing.value,
    }


def _timeline(scene: Scene) -> Facts:
    shown = [line for line in scene.lines if not line.hidden]
    rows = [
        {
            "at": f"{line.at:%Y-%m-%d %H:%M:%S}",
            "recorded": f"{line.recorded_at:%Y-%m-%d %H:%M:%S}",
            "late": line.late,
            "who": line.who,
            "what": line.what,
            "kind": line.kind,
            "ref": line.ref,
        }
        for line in shown[:LINES]
    ]
    hidden = len(scene.lines) - len(shown)
    return {"lines": rows, "hidden": hidden, "more": max(0, len(shown) - LINES), "total": len(scene.lines)}
