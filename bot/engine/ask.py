"""Ask people for their agreement: the approvers, then the team's lead, then the entity's channel and the fallback.

The stages lie a third of the change's time apart; one that reaches nobody is passed over at once, like a tier.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import words
from bot.engine import approvers as those
from bot.engine import escalate, forbidden, windows
from bot.engine.desk import Desk
from bot.model.change import Change, Lever, Plan, Serving, Step
from bot.model.entry import Entry
from bot.model.incident import Incident, imagined
from bot.model.job import Job, Lane, NewJob
from bot.model.page import Page
from bot.model.runbook import Policy, Tier
from bot.rules import escalation, reach, written
from bot.store import Tx, changes, jobs, log
from bot.words import Words

KIND, KNOCK = "ask", "knock"
APPROVERS, LEAD, CHANNEL = STAGES = range(3)
ASKED, FAILED, SENT, NOBODY = "change.asked", "change.ask_failed", "change.ask_sent", "change.unasked"
WHY = 300  # characters of a reason in a message


@dataclass(frozen=True, slots=True)
class Crew:
    """Whom one stage asks, or why nobody."""

    persons: tuple[str, ...]
    why: str


def put(tx: Tx, change: Change) -> None:
    """Begin to ask, now; nothing is asked for a change that waits for nobody."""
    if change.step is Step.PROPOSED:
        jobs.put(tx, _job(change, APPROVERS, tx.now))


def due(change: Change, stage: int) -> datetime:
    """When a stage begins that nothing hastens."""
    return change.requested_at + (change.expires_at - change.requested_at) * stage / len(STAGES)


def waits(change: Change, at: datetime) -> bool:
    """Whether it still needs somebody's agreement."""
    return change.step is Step.PROPOSED and at < change.expires_at


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """Ask who may agree to a change that still waits; who that is, is found when a stage begins, not before."""
    change, stage = changes.get(tx, str(job.payload["change"]), lock=True), int(job.payload["stage"])
    if not waits(change, tx.now):
        return
    while stage in STAGES:
        reached = _ask(tx, desk, change, stage)
        stage += 1
        if reached:
            break
    if stage in STAGES:
        jobs.put(tx, _job(change, stage, max(tx.now, due(change, stage))))


def _ask(tx: Tx, desk: Desk, change: Change, stage: int) -> bool:
    """Put down one stage: whoever is asked by which way; False where that is nobody."""
    roster = desk.roster(tx, tx.now)
    crew = _crew(desk, roster, change, stage, tx.now)
    sheets = _sheets(change, stage, crew.persons, roster, tx.now)
    jobs.put(tx, *(_knock(change, stage, sheet) for sheet in sheets))
    told = [(sheet.person, sheet.channel, sheet.id) for sheet in sheets]
    early = stage > min(STAGES) and tx.now < due(change, stage)
    why = "Nobody who was to be asked before can be reached." if early else crew.why
    if stage == CHANNEL:
        told.append(_tell_channel(tx, desk, roster, change))
    for whom, channel, id_ in told:
        after = {"whom": whom, "channel": channel, "stage": stage, "page": id_}
        tx.note(Entry(change.entity, ASKED, tx.now, "tocsin", change.id, why, after=after))
    if not told:
        why = f"{why} Nobody can be reached now, either." if early else "Nobody who may agree can be reached."
        tx.note(Entry(change.entity, NOBODY, tx.now, "tocsin", change.id, why, after={"stage": stage}))
    return bool(told)


def hasten(tx: Tx, change_id: str, stage: int, failed: str) -> None:
    """Begin the next stage now if nothing of this one can arrive; `failed` is the page that just could not."""
    change = changes.get(tx, change_id, lock=True)
    told = [entry.entry for entry in log.of_kinds(tx.sql, change_id, (ASKED, FAILED))]
    newest = max((entry.after["stage"] for entry in told if entry.kind == ASKED), default=stage)
    asked = {entry.after["page"] for entry in told if entry.kind == ASKED and entry.after["stage"] == stage}
    lost = {entry.after["page"] for entry in told if entry.kind == FAILED} | {failed}
    if waits(change, tx.now) and newest == stage and asked <= lost and stage + 1 in STAGES:
        jobs.put(tx, _job(change, stage + 1, tx.now))


def approvers(desk: Desk, roster: escalation.Roster, change: Change, at: datetime) -> tuple[str, ...]:
    """Whose agreement could still count at `at`: neither the requester nor who has agreed already."""
    model = desk.settings.estate.find(change.plan.model)
    gone = {requester(change), *(agreement.by for agreement in change.agreements)}
    return tuple(sorted(those.of(desk, roster, model, at) - gone))


def leads(desk: Desk, change: Change) -> tuple[str, ...]:
    """The lead of the team that owns the model, unless they asked for the change themselves."""
    model = desk.settings.estate.find(change.plan.model)
    team = desk.settings.people.teams.get(model.team) if model else None
    return (team.lead,) if team and team.lead and team.lead != requester(change) else ()


def requester(change: Change) -> str:
    """The name of the person who asked for it."""
    return change.requested_by.removeprefix("person:")


def text(desk: Desk, change: Change, stage: int, w: Words) -> tuple[str, str]:
    """What a person who is asked at a stage reads: the sentence, and how to answer."""
    said = facts(change, w)
    until = windows.clock(change.expires_at, forbidden.zone(desk, change.entity))
    template = w.asking.lead if stage == LEAD else w.asking.asked
    return words.fill(template, **said).strip(), words.fill(w.asking.how, change=change.id, until=until)


def facts(change: Change, w: Words) -> dict[str, str]:
    """What every sentence about a change is made of."""
    plan = change.plan
    before, after = (_version(one, w) for one in (plan.before, plan.after))
    if plan.lever is Lever.RETRAIN:
        what = words.fill(w.retrain.asked, model=plan.model, cost=_cost(plan, w), before=before)
    else:
        what = words.fill(w.asking.what, lever=plan.lever.value, model=plan.model, before=before, after=after)
    return {"change": change.id, "who": requester(change), "what": what, "why": written.line(change.why, WHY)}


def spoken(desk: Desk, person: str | None) -> Words:
    """The words of a person's language, or of the channels'."""
    known = desk.settings.people.persons.get(person or "")
    return words.of(known.language if known and known.language else desk.settings.slack.language)


def channel(desk: Desk, change: Change) -> str:
    """Where the entity's people are told, as a notice wants it."""
    entity = desk.settings.estate.entities.get(change.entity)
    return f"channel:{(entity.channel if entity else None) or desk.settings.slack.channel}"


def imagine(change: Change, stage: int, title: str, at: datetime) -> Incident:
    """The incident that a page about a change stands for; it bears the change's id, and no incident has that."""
    policy = Policy((Tier("asked", (), timedelta(0)),), "asked", repeats=0)
    said = {"title": title, "entity": change.entity, "model": change.plan.model, "why": change.why}
    return imagined(policy, at, id=change.id, key=change.id, step=stage, **said)


def _cost(plan: Plan, w: Words) -> str:
    cost, currency = plan.parameters["cost"], plan.parameters["currency"]
    if cost is None:
        return w.retrain.unpriced
    return words.fill(w.retrain.about, amount=f"{cost:g}", currency=currency).strip()


def _version(serving: Serving, w: Words) -> str:
    shares = ", ".join(name if share == 100 else f"{name} {share:g}%" for name, share in sorted(serving.split.items()))
    return f"{shares or w.asking.nothing} ({w.asking.paused})" if serving.paused else shares or w.asking.nothing


def _crew(desk: Desk, roster: escalation.Roster, change: Change, stage: int, at: datetime) -> Crew:
    if stage == APPROVERS:
        return Crew(approvers(desk, roster, change, at), "They may agree to it.")
    if stage == LEAD:
        return Crew(leads(desk, change), "A third of its time is over, and nobody has agreed.")
    fallback = (
        name
        for target in desk.settings.escalation.fallback
        for name in reach.people(target, roster.rotas, roster.people, roster.overrides, at).persons
        if name != requester(change)
    )
    return Crew(tuple(dict.fromkeys(fallback)), "Two thirds of its time are over, and nobody has agreed.")


def _sheets(
    change: Change, stage: int, persons: Collection[str], roster: escalation.Roster, at: datetime
) -> tuple[Page, ...]:
    """One for every way of every person, as for an incident's page; they stand in the log alone."""
    return escalation.ask(imagine(change, stage, "", at), persons, roster, at, change.why, 1)


def _tell_channel(tx: Tx, desk: Desk, roster: escalation.Roster, change: Change) -> tuple[str, str, str]:
    w, to = spoken(desk, None), channel(desk, change)
    names = ", ".join(approvers(desk, roster, change, tx.now)) or "-"
    said = words.fill(w.asking.channel, **facts(change, w), approvers=names).strip()
    _, how = text(desk, change, CHANNEL, w)
    key = f"{change.id}/{CHANNEL}/channel"
    jobs.put(tx, escalate.notice(key, to, said, tx.now, [how]))
    return to, "slack", key


def _job(change: Change, stage: int, at: datetime) -> NewJob:
    return NewJob(f"{KIND}/{change.id}", KIND, Lane.PAGE, at, {"change": change.id, "stage": stage})


def _knock(change: Change, stage: int, sheet: Page) -> NewJob:
    payload = {"change": change.id, "stage": stage, "page": sheet.id, "since": sheet.due_at.isoformat()}
    to = {"person": sheet.person, "channel": sheet.channel}
    return NewJob(f"{KNOCK}/{sheet.id}", KNOCK, Lane.PAGE, sheet.due_at, payload | to)
