"""Watch over a version that was promoted: begin when it is seen to serve, and keep what monitors say of it meanwhile.

What was heard before it served is frozen then; each step of a canary is watched for as long as it waits.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bot import words
from bot.engine import course, drafting, forbidden, intake, kept, measured, windows
from bot.engine.desk import Desk
from bot.model import canary
from bot.model.change import Change, Lever, Lock, Plan
from bot.model.entry import Entry
from bot.model.estate import Model
from bot.model.incident import Incident
from bot.model.job import Lane, NewJob
from bot.model.retraining import Policy
from bot.model.seal import canonical
from bot.model.watch import Watch
from bot.rules import recovery
from bot.rules.agreement import AUTOMATION
from bot.rules.recovery import Sample
from bot.rules.watching import Heard
from bot.store import Tx, alerts, changes, history, incidents, jobs, log, watches

KIND = "watch"
BEGAN, HEARD, ENDED = "watch.began", "watch.measured", "watch.ended"
FROZEN: Final = 500  #: samples of a baseline
SOONEST, ENTRIES = timedelta(minutes=1), 1440  #: between two entries of one series, and about so many in a watch
LOOKED: Final = 500  #: incidents of an entity that are looked through
NOTED: Final = 5000  #: entries that are looked through


@dataclass(frozen=True, slots=True)
class _Ear:
    """About what samples are kept: under which change, of which metric, since when, how often."""

    subject: str
    entity: str
    model: str
    metric: str
    since: datetime | None
    pace: timedelta


def began(tx: Tx, desk: Desk, change: Change) -> None:
    """It is seen to serve now: watch it, if it is a promotion of a model with a policy, or a step of a canary."""
    model = desk.settings.estate.models.get(change.plan.model)
    span = _span(model, change.plan) if model else None
    if model is None or span is None or watches.find(tx, change.id):
        return
    start = kept.first(tx, change)
    earlier = watches.find(tx, start.id) if start.id != change.id else None
    metric = earlier.metric if earlier else metric_of(desk, change.plan)
    since = tx.now - _policy(model).watch
    before = earlier.baseline if earlier else _frozen(tx, desk, model, metric, since)
    version = own.version if (own := canary.of(change.plan)) else drafting.said(change.plan.after)
    found = Watch(change.id, model.name, change.entity, version, tx.now, tx.now + span, metric, before)
    for other in watches.going(tx, model.name):
        jobs.put(tx, job(other.id, tx.now))  # it is watched no more
    watches.add(tx, found)
    jobs.put(tx, job(change.id, tx.now + SOONEST))
    _told(tx, desk, change, found)


def job(change_id: str, due: datetime) -> NewJob:
    """The wish that this watch is looked at."""
    return NewJob(f"{KIND}/{change_id}", KIND, Lane.STATE, due, {"change": change_id})


def note(tx: Tx, change: Change, kind: str, why: str, after: Mapping[str, Any]) -> None:
    """Write it down, in the timeline of its incident too, and have both drawn anew."""
    tx.note(course.entry(change, kind, tx.now, why, after))
    if change.incident and (found := incidents.by_ids(tx, [change.incident]).get(change.incident)):
        own = {"change": change.id, **after}
        tx.note(Entry(found.entity, kind, tx.now, AUTOMATION, found.id, why, after=own))
    course.redraw(tx, change)


def metric_of(desk: Desk, plan: Plan) -> str | None:
    """Which measure tells how a version does: the plan's, its model's trial's, else what its runbook names."""
    model = desk.settings.estate.models.get(plan.model)
    if plan.metric or (model and model.trial):
        return plan.metric or (model.trial.metric if model and model.trial else None)
    book = desk.runbooks.get(plan.runbook) if plan.runbook else None
    named = {one.name: one.options.get("metric") for one in book.actions} if book else {}
    found = named.get(Lever.PROMOTE.value) or named.get(Lever.RETRAIN.value)
    return found if isinstance(found, str) else None


def hear(tx: Tx, desk: Desk, arrived: Sequence[intake.Arrived]) -> None:
    """Write down the samples that these deliveries hold of models that are watched, or retrained, or promoted now.

    An alert is kept as it first came, so what its repeats measured stands nowhere else. What comes quicker than a long
    watch needs is left out.
    """
    for name in sorted(set(measured.hosted(desk, arrived))):
        for ear in _ears(tx, desk, desk.settings.estate.models[name]):
            found = measured.told(desk, arrived, name, ear.metric, measured.Span(tx.now, ear.since))
            if found and (fresh := _paced(tx, ear, found)):
                said = {"model": name, "metric": ear.metric, "samples": [measured.spelled(one) for one in fresh]}
                tx.note(Entry(ear.entity, HEARD, tx.now, AUTOMATION, ear.subject, after=said))


def heard(tx: Tx, desk: Desk, watch: Watch) -> Heard:
    """Everything heard since it serves: samples of its metric, and the incidents of the model that opened."""
    model = desk.settings.estate.models[watch.model]
    found = [one for one in _incidents(tx, desk, model) if one.opened_at >= watch.since]
    if watch.metric is None:
        return Heard((), found)
    noted = log.of_kinds(tx.sql, watch.id, {HEARD, measured.HEARD})
    told = [measured.read(one) for each in noted for one in each.entry.after["samples"]]
    span = measured.Span(tx.now, watch.since)
    return Heard(_once((*told, *_of_alerts(tx, found, watch.metric, span))), found)


def _span(model: Model, plan: Plan) -> timedelta | None:
    """How long it is watched; None: not at all."""
    own = canary.of(plan)
    if own and not own.last:
        return own.wait
    return model.retrain.watch if plan.lever is Lever.PROMOTE and model.retrain else None


def _policy(model: Model) -> Policy:
    return model.retrain or Policy()


def _frozen(tx: Tx, desk: Desk, model: Model, metric: str | None, since: datetime) -> tuple[dict[str, Any], ...]:
    """The newest samples of the metric since then, of whatever served."""
    if metric is None:
        return ()
    ids = {one.id for one in changes.of_model(tx, model.name, LOOKED)}
    noted = history.noted(tx, (HEARD, measured.HEARD), since, NOTED)
    told = [measured.read(one) for each in noted if each.subject in ids for one in each.after["samples"]]
    found = [one for one in _incidents(tx, desk, model) if one.resolved_at is None or one.resolved_at >= since]
    every = _once((*told, *_of_alerts(tx, found, metric, measured.Span(tx.now))))
    fit = [one for one in every if one.measure.metric == metric and since <= one.at < tx.now]
    return tuple(measured.spelled(one) for one in sorted(fit, key=lambda one: one.at)[-FROZEN:])


def _told(tx: Tx, desk: Desk, change: Change, found: Watch) -> None:
    say = words.of(desk.settings.slack.language).watch
    named = {"until": windows.clock(found.until, forbidden.zone(desk, found.entity)), "version": found.version}
    why = words.fill(say.began_alone, **named)
    if found.metric:
        why = words.fill(say.began, **named, count=len(found.baseline), metric=found.metric)
    after = {
        "model": found.model,
        "version": found.version,
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "metric": found.metric,
        "samples": len(found.baseline),
        "digest": hashlib.sha256(canonical({"baseline": list(found.baseline)})).hexdigest(),
    }
    note(tx, change, BEGAN, why, after)


def _ears(tx: Tx, desk: Desk, model: Model) -> Iterable[_Ear]:
    """What listens to a model: its watches; else, of one that can be retrained, the change that may end in one."""
    going = watches.going(tx, model.name)
    for one in going:
        if one.metric:
            pace = max(SOONEST, (one.until - one.since) / ENTRIES)
            yield _Ear(one.id, one.entity, model.name, one.metric, one.since, pace)
    if going or model.retrain is None:
        return
    in_hand = (changes.open_of(tx, model.name, lock) for lock in (Lock.TRAINING, Lock.SERVING))
    change = next((one for one in in_hand if one), None)
    if change and (metric := metric_of(desk, change.plan)):
        pace = max(SOONEST, model.retrain.watch / ENTRIES)
        yield _Ear(change.id, change.entity, model.name, metric, None, pace)


def _paced(tx: Tx, ear: _Ear, found: Sequence[Sample]) -> list[Sample]:
    """Those of series that were not heard a moment ago, as many as there is room for."""
    noted = history.noted(tx, (HEARD,), tx.now - ear.pace + timedelta(microseconds=1), NOTED)
    lately = [measured.read(one) for each in noted if each.subject == ear.subject for one in each.after["samples"]]
    known = {one.series for one in lately}
    fresh = [one for one in found if one.series not in known]
    return fresh[: max(0, measured.MOST - len(lately))]


def _incidents(tx: Tx, desk: Desk, model: Model) -> list[Incident]:
    found = incidents.listing(tx, open_only=False, entity=model.entity, limit=LOOKED)
    return [one for one in found if desk.settings.estate.find(one.model) is model]


def _of_alerts(tx: Tx, found: Iterable[Incident], metric: str, span: measured.Span) -> list[Sample]:
    """What the alerts of these incidents measured when they first came."""
    held = [one for incident in found for one in alerts.of(tx, incident.id, measured.LOOKED)]
    fit = [one for one in held if span.covers(one.alert)]
    return [sample for one in fit for sample in recovery.samples(one.alert, metric, one.first_seen_at)]


def _once(given: Iterable[Sample]) -> list[Sample]:
    return list({(*one.series, one.at): one for one in given}.values())
