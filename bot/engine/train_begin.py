"""Begin an approved retrain: look once more, freeze what is seen, and only then tell the trainer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot import words
from bot.contract.platform import Flow
from bot.contract.trainer import Run
from bot.engine import (
    aftermath,
    apply,
    blast,
    contaminated,
    course,
    evidence,
    forbidden,
    ledger,
    retrain_plan,
    sight,
    train_course,
    train_heard,
    train_start,
    work,
)
from bot.engine.desk import Desk, Forge
from bot.errors import NotFound, Refused, TocsinError
from bot.model.change import Change, Serving, Step
from bot.model.estate import Model
from bot.model.job import Job
from bot.model.retraining import Training
from bot.rules import retraining
from bot.rules.agreement import AUTOMATION
from bot.rules.retraining import Case, Obstacle
from bot.store import Tx, changes, trainings

NOBODY = "No platform that Tocsin can ask runs it."


@dataclass(frozen=True, slots=True)
class _Seen:
    """What platform and trainer said before anything was started."""

    evidence: evidence.Seen
    hosted: bool  #: a platform said so
    running: Sequence[Run]
    known: bool  #: the trainer has a run of that token, though nobody of us was there yet


async def begin(desk: Desk, change: Change, job: Job) -> work.Outcome:
    """Start it, unless something speaks against it by now; who cannot be asked is asked until the approval runs out."""
    try:
        its = train_start.forge(desk, change)
        seen = await _look(desk, change, its)
    except (NotFound, Refused) as error:
        return _expiring(desk, change, words.fill(train_course.say(desk).told_no, why=train_start.why(error)))
    except TocsinError as error:
        return _unreached(desk, change, job, train_start.why(error))
    claimed, mine = await desk.store.write(lambda tx: _claim(tx, desk, change.id, seen))
    if mine:
        return await train_start.act(desk, claimed, its, again=False)
    if claimed.step is Step.APPLYING:  # a worker that lost its lease is at it
        return work.Later(desk.clock.now() + train_start.AGAIN, "another worker starts it", tried=False)
    return work.Done()


async def _look(desk: Desk, change: Change, its: Forge) -> _Seen:
    plan = change.plan
    running = await train_heard.running(its, plan.ref)
    known = await train_heard.find(its, plan.ref, change.id) is not None
    model = desk.settings.estate.models.get(plan.model)
    host = desk.hosts.get(model.platform or "") if model else None
    if host is None:
        return _Seen(evidence.Seen(Serving({}), Flow(None, NOBODY)), False, running, known)
    serving = await sight.serving(host, plan.ref)
    since = await desk.store.read(
        lambda tx: blast.since(tx, change.incident) if change.incident else change.requested_at
    )
    return _Seen(evidence.Seen(serving, await evidence.flow(host, change, since)), True, running, known)


def _unreached(desk: Desk, change: Change, job: Job, what: str) -> work.Outcome:
    """Nothing was done yet, so it is tried until the approval runs out."""
    now = desk.clock.now()
    if now < change.expires_at:
        pause = timedelta(seconds=min(apply.PATIENCE, work.backoff(job.attempts)))
        return work.Later(min(now + pause, change.expires_at), what)
    return _expiring(desk, change, words.fill(train_course.say(desk).unreached, why=what))


def _claim(tx: Tx, desk: Desk, change_id: str, seen: _Seen) -> tuple[Change, bool]:
    """The change as it is now, and whether it is ours to start: one worker finds it approved, once."""
    before = changes.get(tx, change_id, lock=True)
    if before.step is not Step.APPROVED:
        return before, False
    if against := _against(tx, desk, before, seen):
        return _expire(tx, desk, before, against), False
    plan = before.plan
    if seen.hosted:
        ledger.noticed(tx, desk, plan.model, seen.evidence.serving)
    tx.note(evidence.freeze(tx, desk, before, seen.evidence))
    trainings.add(
        tx,
        Training(
            before.id,
            foreseen=plan.parameters["cost"],
            model=plan.model,
            entity=before.entity,
            connection=plan.connection,
            asked_at=tx.now,
        ),
    )
    said: dict[str, Any] = {name: plan.parameters[name] for name in ("since", "until", "excluded", "options")}
    note = course.entry(
        before, "change.applying", tx.now, plan.effect, {"digest": plan.digest, "token": before.id, **said}
    )
    return course.advance(tx, before, Step.APPLYING, note, deadline=tx.now + plan.verify_within, seen=None), True


def _against(tx: Tx, desk: Desk, change: Change, seen: _Seen) -> str | None:
    """Why it may not be started any more, though people agreed."""
    plan, model, w = change.plan, desk.settings.estate.models.get(change.plan.model), train_course.say(desk)
    if not apply.sanctioned(tx, change):
        return w.unsanctioned
    if tx.now >= change.expires_at:
        return words.fill(w.too_late, until=f"{change.expires_at:%H:%M}")
    if why := forbidden.now(tx, desk, change.entity, change.incident, tx.now, plan.model):
        return why
    if model is None or retrain_plan.connection(model) != plan.connection or dict(model.ref) != dict(plan.ref):
        return words.fill(w.recatalogued, model=plan.model)
    book = desk.runbooks.get(plan.runbook) if plan.runbook else None
    if plan.runbook and (book is None or book.revision != plan.revision):
        return words.fill(w.reworded, runbook=plan.runbook)
    if seen.known:
        return words.fill(w.known_already, change=change.id)
    return _hindered(tx, desk, change, model, seen) or _over(tx, desk, change, model)


def _hindered(tx: Tx, desk: Desk, change: Change, model: Model, seen: _Seen) -> str | None:
    """What the rules say by what is known now: of other runs, and of the data that was agreed to."""
    own, window = trainings.listing(tx, model=model.name), retrain_plan.window_of(change.plan)
    case = Case(
        model=model.name,
        policy=model.retrain,
        trainings=(*own, *retrain_plan.foreign(seen.running, own)),
        data=window,
        spoiled=contaminated.spans(tx, desk, model, window.since, tx.now),  # who told later may tell of earlier
        by_itself=change.requested_by == AUTOMATION,
    )
    reason = retraining.may(case, tx.now)
    if reason is None:
        return None
    why = f"{reason.what} {reason.do}"
    if reason.obstacle is Obstacle.SPOILED:  # it says so itself
        return why
    return words.fill(train_course.say(desk).hindered, why=why)


def _over(tx: Tx, desk: Desk, change: Change, model: Model) -> str | None:
    """Whether it is beyond the budget by now, to which nobody has agreed."""
    said, rest = change.plan.parameters, retrain_plan.left(tx, desk, model, tx.now)
    if said["over"] or rest is None or not retraining.over(said["cost"], rest):
        return None
    entity = desk.settings.estate.entities.get(model.entity)
    currency = entity.budget.currency if entity and entity.budget else said["currency"]
    cost = "?" if said["cost"] is None else f"{said['cost']:g}"
    return words.fill(train_course.say(desk).over_now, cost=cost, currency=currency, left=f"{rest:g}")


def _expiring(desk: Desk, change: Change, why: str) -> work.Done:
    def then(tx: Tx) -> None:
        _expire(tx, desk, changes.get(tx, change.id, lock=True), why)

    return work.Done(then)


def _expire(tx: Tx, desk: Desk, before: Change, why: str) -> Change:
    if before.step is not Step.APPROVED:
        return before
    said = words.fill(train_course.say(desk).untrained, why=why)
    aftermath.whisper(tx, desk, before, said)
    return course.end(tx, before, Step.EXPIRED, said)
