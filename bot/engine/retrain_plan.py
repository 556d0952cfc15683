"""Make the plan of a retrain: on which data, at what price, who challenges whom, and what stands in the way.

The trainer and the platform are read, nothing is written, and nothing that serves is changed by what is planned.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot import documents, words
from bot.contract.trainer import Run
from bot.engine import approvers, contaminated, drafting, estate_report
from bot.engine.desk import Desk, Forge
from bot.errors import BadInput, Refused
from bot.model.change import Lever, Plan, Serving
from bot.model.estate import Model
from bot.model.retraining import Policy, Training
from bot.rules import retraining, written
from bot.rules.retraining import Case, Window
from bot.store import Tx, trainings
from bot.words.retrain import Retrain as Words

LONGEST = timedelta(days=3653)  #: of a window
NAME = 80  #: characters of what a trainer calls a run


@dataclass(frozen=True, slots=True)
class Found:
    """What the database knows about the wish."""

    rules: approvers.Rules
    trainings: Sequence[Training]
    spoiled: Sequence[tuple[datetime, datetime]]
    left: float | None  #: of the entity's budget for this month; None: it has none


async def draft(desk: Desk, wish: drafting.Wish, at: datetime) -> Plan:
    """The plan that would be proposed now. NotFound: no such model or incident.

    Refused: nobody can train it, no policy, a run goes on, it rests, no clean data; BadInput: a window that is none;
    PluginFault, NotDelivered: no trainer or platform answers.
    """
    model = estate_report.find(desk, wish.model)
    policy = _policy(model, wish)
    forge = forge_of(desk, model)
    serving = await _serving(desk, model)
    running = await forge.guard.call("running", lambda: forge.trainer.running(model.ref), idempotent=True)
    found = await desk.store.read(lambda tx: gather(tx, desk, model, wish.incident, policy, at))
    window = retraining.window(policy, _hour(at), found.spoiled)
    case = Case(
        model=model.name,
        policy=policy,
        trainings=(*found.trainings, *foreign(running, found.trainings)),
        data=window,
        spoiled=found.spoiled,
        by_itself=wish.by_itself,
    )
    if reason := retraining.may(case, at):
        raise Refused(reason.what, reason.do)
    return _plan(desk, model, policy, found, (serving, window))


def connection(model: Model) -> str:
    """Whose trainer trains it; empty where nobody's."""
    return model.trained_by


def forge_of(desk: Desk, model: Model) -> Forge:
    """What trains it; Refused where there is none that can be asked."""
    name = connection(model)
    if found := desk.forges.get(name):
        return found
    what = f"The connection {name} has no trainer here." if name else f"Nobody is named who trains {model.name}."
    raise Refused(what, "Name one in `retrain.connection` of config/estate.yaml; see `tocsin doctor`.")


def gather(tx: Tx, desk: Desk, model: Model, incident: str | None, policy: Policy, at: datetime) -> Found:
    """What a plan is made from, and judged by once more before it is done. NotFound: there is no such incident."""
    since, _ = retraining.reach(policy, _hour(at))
    return Found(
        rules=approvers.rules(tx, desk, model, incident, at, Lever.RETRAIN),
        trainings=trainings.listing(tx, model=model.name),
        spoiled=contaminated.spans(tx, desk, model, since, at),  # who told later may tell of earlier
        left=left(tx, desk, model, at),
    )


def foreign(running: Iterable[Run], own: Iterable[Training]) -> tuple[Training, ...]:
    """The runs that go on at a trainer and not by our own word: somebody else started them, or they were given up."""
    known = {one.run for one in own if one.ended_at is None}
    return tuple(Training(written.line(one.id, NAME) or "?") for one in running if not one.over and one.id not in known)


def window_of(plan: Plan) -> Window:
    """The data that a plan says is learnt from."""
    said = plan.parameters
    spans = tuple((datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in said["excluded"])
    return Window(datetime.fromisoformat(said["since"]), datetime.fromisoformat(said["until"]), spans)


def _hour(at: datetime) -> datetime:
    """Windows end with an hour: what somebody was shown a minute ago is still the same plan when they propose it."""
    return at.replace(minute=0, second=0, microsecond=0)


def _policy(model: Model, wish: drafting.Wish) -> Policy:
    """That of the model, with the window that is wished for."""
    if wish.undoes:
        raise Refused("A retrain changes nothing that serves, so it takes nothing back.", "Roll back instead.")
    if model.retrain is None:
        raise Refused(*retraining.no_policy(model.name))
    if wish.window is None:
        return model.retrain
    if not timedelta(0) < wish.window <= LONGEST:
        raise BadInput("That is no window of data.", "Write 30d, 12h or 8w, at most ten years.")
    return replace(model.retrain, window=wish.window, holdout=min(model.retrain.holdout, wish.window / 5))


def left(tx: Tx, desk: Desk, model: Model, at: datetime) -> float | None:
    """What is left this month of the budget of the model's entity; None where it has none."""
    entity = desk.settings.estate.entities.get(model.entity)
    if entity is None or entity.budget is None:
        return None
    used = retraining.spent(trainings.since(tx, model.entity, since := _month(entity.timezone, at)), since)
    return retraining.left(entity.budget, used)


def _month(zone: str, at: datetime) -> datetime:
    return retraining.month(at, ZoneInfo(zone))


async def _serving(desk: Desk, model: Model) -> Serving:
    """What serves, which the new version will be held against; nothing where no platform runs it."""
    host = desk.hosts.get(model.platform or "")
    if host is None:
        return Serving({})
    return await host.guard.call("serving", lambda: host.platform.serving(model.ref), idempotent=True)


def _plan(desk: Desk, model: Model, policy: Policy, found: Found, what: tuple[Serving, Window]) -> Plan:
    serving, window = what
    book, action = found.rules.runbook, found.rules.action(Lever.RETRAIN)
    options = action.options if action else {}
    cost = retraining.expected(found.trainings, policy)
    entity = desk.settings.estate.entities.get(model.entity)
    said: dict[str, Any] = {
        "since": window.since.isoformat(),
        "until": window.until.isoformat(),
        "excluded": [[start.isoformat(), end.isoformat()] for start, end in window.excluded],
        "window": policy.window.total_seconds(),
        "holdout": policy.holdout.total_seconds(),
        "cost": cost,
        "left": found.left,
        "currency": entity.budget.currency if entity and entity.budget else "",
        "over": retraining.over(cost, found.left),
        "gate": options.get("gate"),
        "options": options.get("parameters") or {},
    }
    say = words.of(desk.settings.slack.language).retrain
    return Plan(
        lever=Lever.RETRAIN,
        model=model.name,
        connection=connection(model),
        ref=dict(model.ref),
        before=serving,
        after=serving,
        why_after=_why(window, policy, say),
        effect=words.fill(say.effect, model=model.name, serving=drafting.said(serving)),
        warnings=tuple(_warnings(model, said, serving, say)),
        runbook=book.name if book else "",
        revision=book.revision if book else "",
        verify_within=policy.longest,
        parameters=said,
    )


def _why(window: Window, policy: Policy, say: Words) -> str:
    span = {"since": f"{window.since:%Y-%m-%d %H:%M}", "until": f"{window.until:%Y-%m-%d %H:%M} UTC"}
    told = words.fill(say.learns, **span, clean=documents.written(_hours(window.clean)))
    if policy.holdout:
        told = f"{told} {say.kept_back}"
    if not (lost := policy.window - window.clean):  # inside of it, or at its ends, which made it shorter
        return told
    return f"{told} {words.fill(say.without, span=documents.written(_hours(lost)))}"


def _hours(span: timedelta) -> timedelta:
    """To the hour, where it is longer than one."""
    return span - span % timedelta(hours=1) if span >= timedelta(hours=1) else span


def _warnings(model: Model, said: Mapping[str, Any], serving: Serving, say: Words) -> Iterable[str]:
    """What whoever agrees should mind."""
    if said["over"]:
        money = {"cost": "?" if said["cost"] is None else f"{said['cost']:g}", "currency": said["currency"]}
        yield words.fill(say.mind_over, **money, left=f"{said['left']:g}")
    if model.trial is None:
        yield words.fill(say.mind_no_trial, model=model.name)
    else:
        if said["gate"] is None:
            yield say.mind_no_gate
        if not said["holdout"]:
            yield say.mind_no_holdout
    if not serving.split:
        yield say.mind_nothing_serves
