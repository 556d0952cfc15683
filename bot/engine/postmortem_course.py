"""Of a postmortem: the timers, who decided what, what was tried, and facts that prompt people to say how it went."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bot.engine import course, timeline
from bot.engine.postmortem_scene import Facts, Scene, length, listed, when
from bot.model.change import Change, Lock, Step
from bot.model.incident import ENDED
from bot.model.page import PageState
from bot.model.trial import Estimate, Score, Slice, Trial
from bot.rules import reach

SLOW = timedelta(minutes=15)  #: to detect or to answer: worth a word
SLICES = 12
REQUEST, DECISION, RESULT, DENIAL = "request", "decision", "result", "denial"
#: Of which kind each entry of a change is; what is not here is told by the timeline alone.
STEPS = {
    "change.proposed": REQUEST,
    **dict.fromkeys((f"change.{one}" for one in ("agreed", "approved", "glass_broken", "reviewed")), DECISION),
    **dict.fromkeys((f"change.{one}" for one in ("rejected", "withdrawn", "expired")), DECISION),
    "change.refused": DENIAL,
    **dict.fromkeys((f"change.{one}" for one in ("applying", "seen", "done", "failed", "unknown")), RESULT),
    **dict.fromkeys(("gate.judged", "training.ended", "canary.stopped", "training.called_off"), RESULT),
}
Stamp = tuple[str, datetime | None, str]


# Timers


def timers(scene: Scene) -> list[Facts]:
    """From the first bad decision to the proof that it is over; what is not known says so, and why."""
    stamps = [*_stamps(scene)]
    rows, first, last = [], stamps[0][1], None
    for name, at, how in stamps:
        since_first = at - first if at and first else None
        rows.append(
            {
                "name": name,
                "at": when(at),
                "after": length(at - last) if at and last else None,
                "since_first": length(since_first),
                "known": at is not None,
                "how": how,
            }
        )
        last = at or last
    return rows


def _stamps(scene: Scene) -> Iterator[Stamp]:
    first, incident = scene.first, scene.incident
    inferred = first is not None and first.started_inferred
    yield (
        "first bad decision",
        None if inferred else scene.onset,
        "the monitor gives no start" if inferred else "as the monitors say",
    )
    yield "detected", incident.opened_at, "the incident opened"
    yield acknowledged(scene)
    yield _mitigated(scene)
    yield _verified(scene)


def acknowledged(scene: Scene) -> Stamp:
    """When somebody first took it."""
    taken = scene.entries("incident.acknowledged", "incident.snoozed")
    if not taken:
        return "acknowledged", None, "nobody acknowledged it" if not scene.incident.open else "nobody has yet"
    return "acknowledged", taken[0].at, f"by {taken[0].actor.partition(':')[2] or taken[0].actor}"


def _mitigated(scene: Scene) -> Stamp:
    said = scene.entries("incident.mitigated")
    if said:
        return "mitigated", said[0].at, str(said[0].after.get("change") or "as the log says")
    done = [one for one in scene.changes if one.step is Step.DONE and one.plan.lock is Lock.SERVING]
    seen = [one for one in scene.entries("change.seen", "change.done") if one.subject in {each.id for each in done}]
    if seen:
        return "mitigated", seen[0].at, f"{seen[0].subject} was seen to serve"
    if other := scene.elsewhere:
        return "mitigated", other[0].at, f"{course.split(other[0].serving)} serves since, by no change of Tocsin's"
    if scene.incident.resolution == ENDED and scene.incident.resolved_at:
        return "mitigated", None, "nothing was changed; it ended by itself"
    return "mitigated", None, "no change was seen to serve"


def _verified(scene: Scene) -> Stamp:
    for one in scene.entries("change.done"):
        if one.after.get("recovery") == "recovered":
            return "verified", one.at, f"{one.subject}: the metric recovered"
    incident = scene.incident
    if incident.resolution == ENDED and incident.resolved_at:
        return "verified", incident.resolved_at, "its monitors say that it ended"
    if incident.resolved_at:
        return "verified", None, "a person closed it; no measure is known that says it is over"
    return "verified", None, "it is open"


# Decisions


def trail(scene: Scene) -> list[Facts]:
    """Each change: what was asked for, by whom, who agreed or refused, and what came of it; denials, too."""
    return [_act(scene, one) for one in scene.changes]


def asker(change: Change) -> str:
    """Who asked for it, as people call them."""
    return "Tocsin" if change.requested_by == "tocsin" else change.requested_by


def _act(scene: Scene, change: Change) -> Facts:
    rows = [
        {
            "at": when(line.at),
            "step": STEPS[line.kind],
            "who": line.who,
            "what": line.what,
            "ref": line.ref,
        }
        for line in scene.lines
        if line.subject == change.id and line.kind in STEPS and not line.hidden
    ]
    return {
        "id": change.id,
        "what": timeline.act(change),
        "effect": change.plan.effect,
        "why": change.why,
        "requested_by": asker(change),
        "approved_by": [one.by for one in change.agreements],
        "needs": change.needs,
        "glass": change.glass,
        "digest": change.plan.digest[:12],
        "step": change.step.value,
        "outcome": change.outcome,
        "elsewhere": change.incident is None,
        "rows": rows,
    }


def denials(scene: Scene) -> list[Facts]:
    """What was refused about the incident itself."""
    found = (line for line in scene.lines if line.kind == "press.refused" and not line.hidden)
    return [{"at": when(line.at), "who": line.who, "what": line.what} for line in found]


# Evaluation


def evaluation(scene: Scene) -> Facts:
    """What was measured of the versions, before and after."""
    recovery = [
        {"change": one.subject, "at": when(one.at), "found": one.after.get("recovery"), "why": one.why}
        for one in scene.entries("change.done")
    ]
    return {"trials": [_trial(one) for one in scene.trials], "after": recovery}


def _trial(trial: Trial) -> Facts:
    card = trial.scorecard
    checks = (*card.checks, *card.gate) if card else ()
    return {
        "id": trial.id,
        "at": when(trial.asked_at),
        "champion": trial.champion,
        "challenger": trial.challenger,
        "since": when(trial.since),
        "until": when(trial.until),
        "state": trial.stage.value,
        "finding": card.finding.value if card else None,
        "why": card.why if card else trial.outcome,
        "samples": card.samples if card else None,
        "scores": [_score(one) for one in card.scores] if card else [],
        "slices": [_slice(one) for one in card.slices[:SLICES]] if card else [],
        "checks": [{"what": one.what, "ok": one.ok, "why": one.why} for one in checks],
    }


def _score(one: Score) -> Facts:
    both: dict[str, Any] = {name: _estimate(getattr(one, name)) for name in ("champion", "challenger", "difference")}
    return {"metric": one.metric, **both}


def _estimate(one: Estimate | None) -> str | None:
    return f"{one.value:.4g} ({one.low:.4g} to {one.high:.4g})" if one else None


def _slice(one: Slice) -> Facts:
    score = _score(one.scores[0]) if one.scores else {}
    return {"name": f"{one.column} = {one.value}", "samples": one.samples, "finding": one.finding.value, **score}


# Hints


def hints(scene: Scene) -> Facts:
    """Facts under what went well, badly and luckily: nobody is judged by them, people say what they mean."""
    return {"well": [*_well(scene)], "badly": [*_badly(scene)], "luckily": [*_luckily(scene)]}


def _well(scene: Scene) -> Iterator[str]:
    _, at, how = acknowledged(scene)
    opened = scene.incident.opened_at
    if at and at - opened <= SLOW:
        yield f"It was acknowledged in {length(at - opened)} ({how})."
    if scene.first and not scene.first.started_inferred and opened - scene.onset <= SLOW:
        yield f"It was detected {length(opened - scene.onset)} after it began."
    for change in scene.changes:
        own = {one.kind: one.at for one in scene.entries("change.approved", "change.seen") if one.subject == change.id}
        if len(own) == 2 and change.plan.lock is Lock.SERVING:
            took = length(own["change.seen"] - own["change.approved"])
            yield f"{change.id} ({timeline.act(change)}) was seen to serve {took} after it was approved."
    for entry in scene.entries("evidence.frozen"):
        yield f"What served was frozen into the log before {entry.subject} was applied."
    if scene.trials and (card := scene.trials[0].scorecard):
        yield f"{scene.trials[0].id} compared the versions while it was open: {card.why}"


def _badly(scene: Scene) -> Iterator[str]:
    opened = scene.incident.opened_at
    _, at, how = acknowledged(scene)
    if at is None:
        yield f"Acknowledged: {how}."
    elif at - opened > SLOW:
        yield f"It took {length(at - opened)} until it was acknowledged ({how})."
    if opened - scene.onset > SLOW:
        yield f"It was detected {length(opened - scene.onset)} after it began."
    failed = [page for page in scene.pages if page.state is PageState.FAILED]
    if failed:
        whom = listed(f"{reach.shown(page.person)} by {page.channel}" for page in failed)
        yield f"{len(failed)} page{'s' * (len(failed) > 1)} failed: {whom}."
    steps = {page.step for page in scene.pages if not page.asked}
    if len(steps) > 1:
        yield f"It was escalated: {len(steps)} steps were paged."
    for change in scene.changes:
        if change.step in (Step.FAILED, Step.UNKNOWN, Step.EXPIRED, Step.REJECTED):
            yield f"{change.id} ({timeline.act(change)}) came to nothing: {change.step}. {change.outcome}".rstrip()
    if denied := scene.entries("press.refused", "change.refused"):
        yield f"{len(denied)} attempt{'s were' if len(denied) > 1 else ' was'} refused; the trail says why."
    if unanswered := scene.entries("incident.given_back"):
        yield f"It went back to the pager {len(unanswered)} time{'s' * (len(unanswered) > 1)}."
    if late := sum(line.late for line in scene.lines):
        yield f"{late} line{'s' * (late > 1)} of the timeline were written down well after they happened."


def _luckily(scene: Scene) -> Iterator[str]:
    incident = scene.incident
    taken = scene.entries("incident.acknowledged")
    paged = {page.person for page in scene.pages}
    if taken and taken[0].actor.startswith("person:") and (who := taken[0].actor.partition(":")[2]) not in paged:
        yield f"{who}, who had not been paged, took it."
    changed = scene.elsewhere or any(one.step is Step.DONE for one in scene.changes)
    if incident.resolution == ENDED and not changed:
        yield "It ended without anything being changed."
    back = [one for one in scene.changes if one.plan.lever.value == "rollback" and one.step is Step.DONE]
    if back:
        yield f"There was a version to go back to: {back[0].plan.why_after}"
