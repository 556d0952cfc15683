"""Of a postmortem: how far it reached, who saw it and when, the numbers as they were, what kind of failure it was."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from bot.contract.exporter import Picture
from bot.engine.postmortem_scene import Facts, Scene, length, listed, when
from bot.engine.timeline import BEFORE
from bot.model.alert import KeptAlert, Measure
from bot.model.change import Step
from bot.model.incident import ENDED
from bot.model.trial import Finding, Trial
from bot.rules import failure, written

MEASURES, HELD = 60, 40  #: that are spelled out
LIMITS = {">": "above", ">=": "from", "<": "below", "<=": "up to", "==": "is", "!=": "is not"}
LATE = timedelta(minutes=10)  #: to see it: a gap
RELEASE = re.compile(
    r"\b(?:deploy\w*|releas\w*|roll(?:ed)? ?out|version|v\d+)\b", re.IGNORECASE
)  #: of what others tell
BY_HAND = "by-hand"  #: the connection of what people declared


def impact(scene: Scene) -> Facts:
    """Decisions since the first bad one, and what they were about; unknown is said to be unknown."""
    incident, found = scene.incident, scene.blast
    downstream = scene.desk.settings.estate.downstream(scene.model.name) if scene.model else ()
    by_segment = found.by_segment if found else {}
    return {
        "predictions": found.predictions if found else None,
        "how": found.how if found else "no platform was asked",
        "since": when(scene.onset),
        "at": when(found.at) if found else None,
        "rate": _rate(scene),
        "segments": [*found.segments] if found else [],
        "features": [*found.features] if found else [],
        "entities": [*found.entities] if found else [incident.entity],
        "by_segment": [{"segment": name, "count": count} for name, count in by_segment.items()],
        "downstream": [*downstream],
        "alerts": incident.alerts_total,
        "repeats": incident.repeats,
        "duration": length((incident.resolved_at or scene.now) - scene.onset),
    }


def _rate(scene: Scene) -> str | None:
    found = scene.blast
    if found is None or found.predictions is None or (span := (found.at - found.since).total_seconds()) < 60:
        return None
    return f"{found.predictions / span * 60:,.4g} a minute"


def detection(scene: Scene) -> Facts:
    """Which monitor, and how long after it began."""
    first, incident = scene.first, scene.incident
    by_hand = first is not None and first.connection == BY_HAND
    return {
        "by": "a person" if by_hand else f"monitor {first.connection}" if first else "unknown",
        "person": by_hand,
        "source": first.source if first else None,
        "title": first.title if first else incident.title,
        "onset": when(scene.onset),
        "onset_inferred": bool(first and first.started_inferred),
        "detected": when(incident.opened_at),
        "after": length(incident.opened_at - scene.onset),
        "runbook": incident.runbook,
        "revision": incident.runbook_revision,
        "why": incident.why,
    }


@dataclass(frozen=True, slots=True)
class Pictures:
    """What was drawn of an incident, rows of bars where nothing was, and why there are no pictures."""

    drawn: tuple[Picture, ...] = ()
    bars: tuple[str, ...] = ()
    why: str = ""


def signal(scene: Scene, pictures: Pictures) -> Facts:
    """The numbers as the monitors said them, and the pictures that were drawn of them."""
    rows = [
        _measure(kept, m) for kept in sorted(scene.kept, key=lambda one: one.first_seen_at) for m in kept.alert.measures
    ]
    return {
        "measures": rows[:MEASURES],
        "more": max(0, len(rows) - MEASURES),
        "held": [*_held(scene)][:HELD],
        "pictures": [{"name": one.name, "alt": one.alt} for one in pictures.drawn],
        "bars": [*pictures.bars],
        "no_pictures": pictures.why,
        "links": [*dict.fromkeys(link for kept in scene.kept for link in kept.alert.links)][:10],
    }


def _measure(kept: KeptAlert, m: Measure) -> Facts:
    where = " in ".join(part for part in (m.feature, m.segment) if part)
    return {
        "metric": written.line(m.metric, 80),
        "of": written.line(where, 120),
        "value": m.value,
        "limit": f"{LIMITS.get(m.op or '', '')} {m.threshold:.4g}".strip() if m.threshold is not None else None,
        "baseline": m.baseline,
        "sample_size": m.sample_size,
        "window": m.window,
        "at": when((None if kept.repeats else kept.alert.evaluated_at) or kept.first_seen_at),  # a repeat moves it
        "monitor": kept.alert.connection,
    }


def _held(scene: Scene) -> Iterator[Facts]:
    for entry in scene.entries("alert.held"):
        said = entry.after
        measures = ", ".join(map(str, said.get("measures", ())))
        yield {"at": when(entry.at), "title": said.get("title", entry.subject), "measures": measures, "why": entry.why}


def failures(scene: Scene) -> Facts:
    """The classes for which anything speaks; the first is the one with most for it, for people to confirm."""
    found = [
        {"title": one.title, "speaks_for": [*one.speaks_for], "speaks_against": [*one.speaks_against]}
        for one in failure.guesses(_evidence(scene))
    ]
    return {"likely": found[0]["title"] if found else None, "guesses": found}


def _evidence(scene: Scene) -> failure.Facts:
    held = [one.after for one in scene.entries("alert.held")]
    names = [str(m) for one in held for m in one.get("measures", ())]
    drifted = [m.feature for kept in scene.kept for m in kept.alert.measures if m.feature and _beyond(m)]
    kinds = {str(kept.alert.kind) for kept in scene.kept} | ({str(scene.first.kind)} if scene.first else set())
    drifted += [name.split(" of ", 1)[1].split(" ")[0] for name in names if " of " in name and "psi" in name.lower()]
    return failure.Facts(
        kinds=frozenset(kinds or {scene.incident.kind}),
        about=scene.model.kind if scene.model else "model",
        drifted=tuple(dict.fromkeys(drifted)),
        released=(*_changed(scene, itself=True),),
        around=(*_changed(scene, itself=False),),
        upstream=tuple(f"{one.id} was open on {one.model}, which feeds it: {one.title}." for one in scene.upstream),
        older_better=_trial(scene, Finding.BETTER),
        level=_trial(scene, Finding.LEVEL),
        reverted=_reverted(scene),
        relearnt=_relearnt(scene),
        ended=scene.incident.resolution == ENDED,
    )


def _beyond(m: Measure) -> bool:
    """Whether it is too much: as its monitor says, else by its limit, else for all that is known."""
    if m.breached is not None or m.value is None or m.threshold is None:
        return m.breached is not False
    if m.op in (">", ">="):
        return m.value >= m.threshold
    return m.op not in ("<", "<=") or m.value <= m.threshold


def _changed(scene: Scene, *, itself: bool) -> Iterator[str]:
    """What is known to have been changed in the day before it began, or while it did: what serves, or around it."""
    since, until = scene.onset - BEFORE, scene.incident.opened_at + timedelta(minutes=15)
    for line in scene.lines:
        own = line.kind in ("moved", "model.moved") or (line.kind == "event" and bool(RELEASE.search(line.what)))
        told = line.kind in ("event", "moved", "model.moved")
        if told and own is itself and since <= line.at <= until:
            yield f"{when(line.at)}: {written.line(line.what, 200)}"


def _trial(scene: Scene, wanted: Finding) -> str:
    """What the last finished trial found, if it is that; a trial compares what serves with the version before."""
    done: Trial | None = next((one for one in reversed(scene.trials) if one.scorecard), None)
    if done is None or done.scorecard is None or done.scorecard.finding is not wanted or done.change:
        return ""
    return f"{done.id}: {written.line(done.scorecard.why, 300)}"


def _reverted(scene: Scene) -> str:
    back = [one for one in scene.changes if one.plan.lever.value == "rollback" and one.step is Step.DONE]
    if not back or scene.incident.open:
        return ""
    return f"After {back[-1].id} ({back[-1].plan.effect.rstrip('.')}) the trouble ended."


def _relearnt(scene: Scene) -> str:
    """What was trained anew serves, and the trouble is over."""
    made = [one for one in scene.changes if one.follows and one.step is Step.DONE]
    if not made or scene.incident.open:
        return ""
    return f"After {made[-1].id} ({made[-1].plan.effect.rstrip('.')}), which was trained anew, the trouble ended."


def gap(scene: Scene) -> Facts:
    """What is known of why it was not seen earlier."""
    said, incident = detection(scene), scene.incident
    late = incident.opened_at - scene.onset
    facts: list[str] = []
    if said["person"]:
        facts.append("A person found it; no monitor did.")
    elif late > LATE:
        facts.append(f"{str(said['by']).capitalize()} saw it {said['after']} after it began, by its own word.")
    if said["onset_inferred"]:
        facts.append("The monitor gives no start, so the true delay is not known.")
    rules = listed(str(one.after.get("by")) for one in scene.entries("alert.held") if one.after.get("by"))
    if rules:
        facts.append(f"Alerts about the same trouble were held back by: {rules}.")
    if any(m.sample_size is None for kept in scene.kept for m in kept.alert.measures):
        facts.append("Some monitors do not say on how many rows their numbers rest.")
    return {"facts": facts, "late": late > LATE}
