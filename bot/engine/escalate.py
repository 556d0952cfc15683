"""Fire an incident's next step: decide who is paged, and put it down with everything that follows from it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.engine import staging, waiting
from bot.engine.desk import Desk
from bot.model.entry import Entry
from bot.model.incident import Incident, Phase
from bot.model.job import Job, Lane, NewJob
from bot.rules import escalation, reach, stages
from bot.store import Tx, incidents, jobs, pages, turns

SOON = timedelta(seconds=2)  # how long changes that people's own pages show are gathered
STORM = "storm/"  #: how the keys of storms begin; the entity follows
COUNTS = timedelta(seconds=3)  # how long a card may lag behind mere counts; what people decide shows at once
THREADS = 10  # what stands in a thread lags so many times as long: the edits Slack takes are for cards first


def decide(tx: Tx, desk: Desk, due: Sequence[Incident], at: datetime) -> list[escalation.Fired]:
    """What firing the next step of each incident in `due` does; nothing is written yet."""
    if not due:
        return []
    roster, taken, found = desk.roster(tx, at), Counter[str](), []
    for incident in due:
        found.append(escalation.fire(incident, roster, at, staging.facts(tx, desk, incident, at, taken)))
        taken.update(found[-1].turns)
    return found


def put_down(tx: Tx, desk: Desk, fired: Sequence[escalation.Fired], actor: str, at: datetime) -> None:
    """Write the pages, timers, notices and entries of steps whose incidents are saved already."""
    if not fired:
        return
    tx.note(*(entry for step in fired for entry in _entries(step, actor, at)))
    pages.add(tx, [page for step in fired for page in step.pages])
    turns.take(tx, [name for step in fired for name in step.turns])
    wanted = [job for step in fired for job in _jobs(step)]
    if any(step.skipped for step in fired):
        roster = desk.roster(tx, at)
        wanted += [job for step in fired for job in _notices(desk, step, roster)]
    jobs.put(tx, *wanted)


def fire(tx: Tx, desk: Desk, before: Incident, start: Incident, actor: str) -> Incident:
    """Fire one incident's next step and save it; `before` is the row, `start` what the step starts from."""
    (step,) = decide(tx, desk, [start], tx.now)
    incidents.save(tx, [(before, step.incident)])
    put_down(tx, desk, [step], actor, tx.now)
    leave_storm(tx, before, step.incident)
    redraw(tx, step.incident, tx.now)
    return step.incident


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """Silence after a step fires the next one; what is due is read when the timer rings, not when it was set.

    Only an incident that is unanswered, and still at the step the timer was set for, goes on. One that is calm, or
    that a storm pages for, is armed anew when that is over.
    """
    step, not_before = int(job.payload["step"]), str(job.payload.get("not_before", ""))
    before = incidents.get(tx, str(job.payload["incident"]), lock=True)
    if before.phase is not Phase.TRIGGERED or before.step != step or before.exhausted:
        return
    if before.storm or before.calm_since:
        return
    if not_before and datetime.fromisoformat(not_before) > tx.now:
        jobs.put(tx, waiting.timer(before, datetime.fromisoformat(not_before)))
    elif wait := waiting.asked(desk, before, tx.now):
        after = waiting.put_off(tx, before, wait)
        incidents.save(tx, [(before, after)])
        redraw(tx, after, tx.now)
    else:
        fire(tx, desk, before, before, "tocsin")


def redraw(tx: Tx, incident: Incident, now: datetime) -> None:
    """Ask for everything that shows the incident to be drawn anew at once.

    Which places it has is known to whoever draws: a channel of its own may be older than today's severity.
    """
    kinds = () if incident.storm else ("card", "line", "thread", "own")
    wanted = [_drawing(kind, Lane.CARD, incident, now) for kind in kinds]
    jobs.put(tx, *wanted, *_of_storm(incident, now), homes(now))


def card(incident: Incident, due: datetime) -> NewJob:
    """The wish that an incident's card shows it as it is."""
    return _drawing("card", Lane.CARD, incident, due)


def drawings(incident: Incident, now: datetime, lag: timedelta, desk: Desk) -> list[NewJob]:
    """The wishes that whatever shows this incident shows it as it is, `lag` from now; `homes` is asked for apart.

    No person waits for these, so what stands in the thread lets every card go first. What a storm pages for is shown
    by the storm alone.
    """
    due = now + lag
    if incident.storm:
        return _of_storm(incident, due)
    slack = desk.settings.slack
    wanted = [card(incident, due), _drawing("thread", Lane.DIGEST, incident, now + lag * THREADS)]
    if slack.index is not None:
        wanted.append(_drawing("line", Lane.CARD, incident, due))
    if incident.severity in slack.own_channel:
        wanted.append(_drawing("own", Lane.CARD, incident, due))
    return wanted + _of_storm(incident, due)


def homes(now: datetime) -> NewJob:
    """The wish that everybody's own page shows what there is: one for many changes within a moment."""
    return NewJob("homes", "homes", Lane.DIGEST, now + SOON, {})


def _drawing(kind: str, lane: Lane, incident: Incident, due: datetime, *, of: str = "") -> NewJob:
    shown = of or incident.id
    return NewJob(f"{kind}/{shown}", kind, lane, due, {"incident": shown})


def look_at_storm(storm_id: str, due: datetime) -> NewJob:
    """The wish that somebody looks whether a storm is over."""
    return NewJob(f"storm/{storm_id}", "storm", Lane.STATE, due, {"incident": storm_id})


def leave_storm(tx: Tx, before: Incident, after: Incident) -> None:
    """Where an incident speaks for itself from now on, let its storm show that, and end if it was the last."""
    if before.storm and after.storm is None:
        jobs.put(tx, _drawing("card", Lane.CARD, before, tx.now, of=before.storm), look_at_storm(before.storm, tx.now))


def _of_storm(incident: Incident, due: datetime) -> list[NewJob]:
    """What a change of something that a storm gathered, or the end of a storm, asks for."""
    if incident.storm is None:
        ended = not incident.open and incident.key.startswith(STORM)
        return [look_at_storm(incident.id, due)] if ended else []
    shown = _drawing("card", Lane.CARD, incident, due, of=incident.storm)
    return [shown] if incident.open else [shown, look_at_storm(incident.storm, due)]


def timer(incident: Incident) -> NewJob | None:
    """The timer of the step after the one that was fired last."""
    return waiting.timer(incident, incident.next_step_at) if incident.next_step_at else None


def notice(key: str, to: str, text: str, due: datetime, lines: Sequence[str] = ()) -> NewJob:
    """A plain message owed to `to` (person:NAME or channel:NAME): a sentence, and `lines` below it."""
    said: dict[str, Any] = {"to": to, "text": text}
    return NewJob(f"notice/{key}", "notice", Lane.PAGE, due, said | ({"lines": list(lines)} if lines else {}))


def owe(tx: Tx, key: str, to: str, text: str, due: datetime) -> None:
    """Put down a plain message owed to `to`."""
    jobs.put(tx, notice(key, to, text, due))


def _jobs(step: escalation.Fired) -> Iterable[NewJob]:
    for page in step.pages:
        yield NewJob(f"page/{page.id}", "page", Lane.PAGE, page.due_at, {"page": page.id})
    for agent in step.agents:
        yield look(step, agent)
    if wait := timer(step.incident):
        yield wait


def look(step: escalation.Fired, agent: str) -> NewJob:
    """The wish that an agent looks at the incident while the step lasts: at most once, under this very key."""
    incident = step.incident
    until = incident.next_step_at or incident.changed_at
    said: dict[str, Any] = {"incident": incident.id, "step": incident.step, "agent": agent}
    said |= {"until": until.isoformat(), "spend": step.spend}
    # Agents think long: among digests they keep neither a timer nor a page waiting.
    return NewJob(f"mind/{incident.id}/{incident.step}/{agent}", "mind", Lane.DIGEST, incident.changed_at, said)


def _notices(desk: Desk, step: escalation.Fired, roster: escalation.Roster) -> Iterable[NewJob]:
    """Whoever answers for the policy is told which tiers reached nobody."""
    if not step.skipped:
        return
    incident = step.incident
    gaps = " ".join(f"{tier} reached nobody: {why}" for tier, why in step.skipped)
    text = f"{incident.id} ({incident.title}): {gaps} Mend the rota or the runbook {incident.runbook}."
    yield from tell_owner(desk, incident, roster, f"{incident.id}/{incident.step}/gap", text)
    if not (step.pages or step.agents or step.waits):
        yield alarm(desk, incident)


def alarm(desk: Desk, incident: Incident) -> NewJob:
    """The last thing that can be done: whoever reads the channel is asked."""
    text = f"Nobody is left to be paged for {incident.id} ({incident.title}). Whoever reads this: please look."
    return notice(f"{incident.id}/nobody", f"channel:{desk.channel(incident)}", text, incident.changed_at)


def tell_owner(desk: Desk, incident: Incident, roster: escalation.Roster, key: str, text: str) -> Iterable[NewJob]:
    """A message to the policy's owner, or to the incident's channel when nobody is behind that name."""
    owner = incident.policy.owner
    found: tuple[str, ...] = ()
    if owner:
        found = reach.people(owner, roster.rotas, roster.people, roster.overrides, incident.changed_at).persons
    for person in found:
        yield notice(f"{key}/{person}", f"person:{person}", text, incident.changed_at)
    if not found:
        yield notice(key, f"channel:{desk.channel(incident)}", text, incident.changed_at)


def _entries(step: escalation.Fired, actor: str, at: datetime) -> Iterable[Entry]:
    incident = step.incident
    for tier, why in step.skipped:
        yield Entry(incident.entity, "tier.skipped", at, "tocsin", incident.id, why, after={"tier": tier})
    for stage, why in step.passed:
        yield Entry(incident.entity, "stage.passed", at, "tocsin", incident.id, why, after={"stage": stage})
    until = incident.next_step_at.isoformat() if incident.next_step_at else None
    if step.waits:
        said = {"until": until, "step": incident.step, "tier": incident.tier}
        yield Entry(incident.entity, "incident.waits", at, actor, incident.id, step.why, after=said)
        return
    after: dict[str, Any] = {
        "step": incident.step,
        "tier": step.pages[0].tier if step.pages else incident.tier if step.agents else None,
        "round": incident.round,
        "pages": [page.id for page in step.pages],
        "next_step_at": until,
        "exhausted": incident.exhausted,
    }
    if stages.staged(incident.policy):
        after |= {"stage": incident.stage + 1, "agents": list(step.agents), "all_must": step.all_must}
    yield Entry(incident.entity, "step.fired", at, actor, incident.id, step.why, after=after)
