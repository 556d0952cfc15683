"""How the retraining of models stands, for people and programs: what goes on, what it cost, what stands in the way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot import telemetry, words
from bot.contract.trainer import Going, Run
from bot.engine import contaminated, estate_report, forbidden, retrain_plan, retrain_turn
from bot.engine.desk import Desk
from bot.errors import NotDelivered, PluginFault, Refused
from bot.model.change import Change, Lock
from bot.model.estate import Model
from bot.model.retraining import Phase, Policy, Training
from bot.model.watch import Watch
from bot.rules import retraining, written
from bot.rules.retraining import Case, Obstacle
from bot.store import Tx, changes, trainings, watches

LAST = 5  #: runs of a model that are shown with it
SENTENCE = 500  #: characters of what a trainer says of itself
PASSING = frozenset({Obstacle.RUNNING, Obstacle.COOLDOWN})  #: what stands in the way for a while only


@dataclass(frozen=True, slots=True)
class Status:
    """How the retraining of one model stands."""

    model: str
    policy: Policy | None
    going: tuple[Change, Training] | None = None  #: the run that goes on, or is judged
    past: tuple[tuple[Change, Training], ...] = ()  #: the last LAST that ended, the newest first
    watch: Watch | None = None  #: the newest over what it made, ended or not
    spent: float = 0.0  #: on all models of its entity in this calendar month of its zone, what goes on included
    left: float | None = None  #: of the entity's budget for that month; None: it has none
    currency: str = ""  #: empty without a budget
    foreseen: float | None = None  #: what the next run will cost; None: nobody knows
    next_at: datetime | None = None  #: when the next one is proposed by the clock
    rests_until: datetime | None = None  #: until when it rests after its last run
    obstacle: str = ""  #: what stands in the way now, and what to do about it


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why a retrain would not be taken now; `passes`: it may be in a while, `until` when on where that is known."""

    why: str
    passes: bool = False
    until: datetime | None = None


async def status(desk: Desk, model: str | None = None) -> list[Status]:
    """One model by its name or an alias; else all that are retrained. Writes nothing, and asks nobody. NotFound."""
    if model is not None:
        one = estate_report.find(desk, model)
        return [await desk.store.read(lambda tx: _status(tx, desk, one))]
    every = [one for one in desk.settings.estate.models.values() if one.retrain]
    return await desk.store.read(lambda tx: [_status(tx, desk, one) for one in every])


async def hindrance(desk: Desk, model: Model, at: datetime) -> Hindrance | None:
    """What stands in the way of a retrain that nobody asks for; its trainer is asked. None: nothing that is known."""
    if found := await desk.store.read(lambda tx: _hindered(tx, desk, model, at, by_itself=True)):
        return found
    try:
        forge = retrain_plan.forge_of(desk, model)
        running = await forge.guard.call("running", lambda: forge.trainer.running(model.ref), idempotent=True)
    except Refused as error:
        return Hindrance(str(error))
    except (PluginFault, NotDelivered) as silent:
        return Hindrance(written.line(str(silent), SENTENCE), passes=True)
    return await desk.store.read(lambda tx: _foreign(tx, model, running, at))


def spent(tx: Tx, desk: Desk, entity: str, at: datetime) -> float:
    """What retraining cost the entity in this calendar month of its zone, with what goes on now."""
    since = retraining.month(at, ZoneInfo(zone(desk, entity)))
    return retraining.spent(trainings.since(tx, entity, since), since)


def zone(desk: Desk, entity: str) -> str:
    """On whose clocks its month begins."""
    found = desk.settings.estate.entities.get(entity)
    return found.timezone if found else "UTC"


def count(training: Training) -> None:
    """Count a run that has ended, and how long it took where it ran; whoever writes that it ended does so once."""
    telemetry.RETRAINS.labels(outcome(training)).inc()
    began = training.started_at or (training.asked_at if training.run else None)
    if training.ended_at and began:
        telemetry.RETRAIN_SECONDS.observe(max(0.0, (training.ended_at - began).total_seconds()))


def outcome(training: Training) -> str:
    """How a run came out, in a word: `passed`, `missed` (the gate), `unjudged`, `cancelled` or `failed`."""
    if training.called_off or training.going == Going.CANCELLED:
        return "cancelled"
    if not training.done:
        return "failed"
    return {True: "passed", False: "missed", None: "unjudged"}[training.passed]


def _status(tx: Tx, desk: Desk, model: Model) -> Status:
    kept = trainings.listing(tx, model=model.name)
    entity, policy, now = desk.settings.estate.entities.get(model.entity), model.retrain, tx.now
    budget, used = entity.budget if entity else None, spent(tx, desk, model.entity, now)
    going = next((one for one in kept if one.phase is not Phase.ENDED), None)
    ended = [one for one in kept if one.phase is Phase.ENDED][:LAST]
    hindered = _hindered(tx, desk, model, now) or _unmanned(desk, model)
    return Status(
        model=model.name,
        policy=policy,
        going=(changes.get(tx, going.id), going) if going else None,
        past=tuple((changes.get(tx, one.id), one) for one in ended),
        watch=next(iter(watches.listing(tx, model=model.name, limit=1)), None),
        spent=used,
        left=retraining.left(budget, used) if budget else None,
        currency=budget.currency if budget else "",
        foreseen=retraining.expected(kept, policy) if policy else None,
        next_at=retrain_turn.following(model, zone(desk, model.entity), now),
        rests_until=_rests(model, ended, now),
        obstacle=hindered.why if hindered else "",
    )


def _hindered(tx: Tx, desk: Desk, model: Model, at: datetime, *, by_itself: bool = False) -> Hindrance | None:
    """What the database knows to stand in the way, the gravest first; an open change says more than its run."""
    if model.retrain is None:
        return Hindrance(" ".join(retraining.no_policy(model.name)))
    if other := changes.open_of(tx, model.name, Lock.TRAINING):
        return Hindrance(_locked(desk, other), passes=True)
    known = trainings.listing(tx, model=model.name)
    if found := _reason(Case(model.name, model.retrain, known, by_itself=by_itself), at):
        return found
    if why := forbidden.said(tx, desk, forbidden.About(model.entity, model=model.name), at):
        return Hindrance(why, passes=True)
    try:
        retraining.window(model.retrain, at, contaminated.spans(tx, desk, model, *retraining.reach(model.retrain, at)))
    except Refused as error:
        return Hindrance(str(error))
    return None


def _locked(desk: Desk, other: Change) -> str:
    w = words.of(desk.settings.slack.language)
    step = words.step(w, other.plan.lever.value, other.step.value)
    return words.fill(w.answer.locked, change=other.id, step=step, who=other.requested_by, model=other.plan.model)


def _foreign(tx: Tx, model: Model, running: Sequence[Run], at: datetime) -> Hindrance | None:
    """Runs that somebody else started."""
    own = trainings.listing(tx, model=model.name)
    return _reason(Case(model.name, model.retrain, retrain_plan.foreign(running, own), by_itself=True), at)


def _reason(case: Case, at: datetime) -> Hindrance | None:
    found = retraining.may(case, at)
    return Hindrance(f"{found.what} {found.do}", found.obstacle in PASSING, found.until) if found else None


def _unmanned(desk: Desk, model: Model) -> Hindrance | None:
    """Nothing here trains it; a process that asks no platform at all, as a command line does, cannot tell."""
    if not (desk.hosts or desk.forges):
        return None
    try:
        retrain_plan.forge_of(desk, model)
    except Refused as error:
        return Hindrance(str(error))
    return None


def _rests(model: Model, ended: Iterable[Training], at: datetime) -> datetime | None:
    """The end of its pause, whoever asks: a person need not wait after a run that broke off."""
    if model.retrain is None:
        return None
    found = retraining.may(Case(model.name, model.retrain, tuple(ended)), at)
    return found.until if found else None
