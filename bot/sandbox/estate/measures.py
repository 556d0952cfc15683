"""What is measured of a window that was served, each by a limit: drift, performance, quality, freshness, cost."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.drift import population
from bot.sandbox.estate import agent, scores
from bot.sandbox.estate.agent import Run
from bot.sandbox.estate.linear import Array, Columns, Model, Range

LEAST = 200  #: rows of a version in one window below which nothing is said of it: chance alone would cross a limit
STALE = timedelta(minutes=5)  #: how old the newest row of a table may be
DEARER = 3.0  #: how many times the usual a task may cost, or take steps
PSI, UNUSUAL = population.SHIFTED, 0.05
LIMITS: Mapping[str, tuple[str, float]] = {"auc": ("<", 0.70), "log_loss": (">", 0.60), "mape": (">", 0.25)}


@dataclass(frozen=True, slots=True)
class Reading:
    """One metric of one window against its limit."""

    metric: str
    value: float
    op: str  #: > or <: how value and limit compare when it breaches
    limit: float
    size: int  #: rows or tasks it rests on
    baseline: float | None = None
    feature: str | None = None

    @property
    def breaches(self) -> bool:
        """Whether it is beyond its limit."""
        return self.value > self.limit if self.op == ">" else self.value < self.limit

    @property
    def beyond(self) -> float:
        """How far it is beyond its limit as a share of that, negative within."""
        return (self.value - self.limit) / self.limit * (1 if self.op == ">" else -1)


@dataclass(frozen=True, slots=True)
class Finding:
    """Readings that are one matter: a problem of one model, firing while any of them breaches."""

    model: str
    version: str
    kind: str
    problem: str  #: what stays the same while it lasts
    readings: tuple[Reading, ...]
    note: str = ""  #: what else was seen, for people

    @property
    def breaches(self) -> bool:
        """Whether any reading is beyond its limit."""
        return any(one.breaches for one in self.readings)

    @property
    def worst(self) -> Reading:
        """The reading furthest beyond its limit."""
        return max(self.readings, key=lambda one: one.beyond)


def predictions(model: Model, columns: Columns, truth: Array | None, predicted: Array) -> Iterator[Finding]:
    """The findings on a window that one version answered; none where it answered fewer rows than LEAST.

    While nobody knows what is true (None), nothing is found of its performance.
    """
    name, version, size = model.name, model.version, len(predicted)
    if size < LEAST:
        return
    for column, reference in model.reference.items():
        psi = population.index(reference, columns[column])
        reading = Reading("psi", psi, ">", PSI, size, 0.0, column)
        yield Finding(name, version, "drift", f"{name}/psi/{column}", (reading,))
    if truth is None:
        return
    found = {"mape": scores.mape(truth, predicted)} if "mape" in model.metrics else _chances(truth, predicted)
    told = tuple(
        Reading(metric, value, *LIMITS[metric], size, model.metrics.get(metric)) for metric, value in found.items()
    )
    yield Finding(name, version, "performance", f"{name}/performance", told)


def quality(table: str, version: str, columns: Columns, expects: Mapping[str, Range]) -> Iterator[Finding]:
    """For each column that readers expect, the share of rows of a table that are null or out of range."""
    size = len(next(iter(columns.values()), ()))
    for column, share in scores.unusual(columns, expects).items():
        reading = Reading("unusual_share", share, ">", UNUSUAL, size, 0.0, column)
        yield Finding(table, version, "data-quality", f"{table}/unusual/{column}", (reading,))


def freshness(table: str, version: str, newest: datetime, at: datetime) -> Finding:
    """How old the newest row of a table is."""
    age = (at - newest).total_seconds()
    reading = Reading("age_seconds", age, ">", STALE.total_seconds(), 1)
    return Finding(table, version, "freshness", f"{table}/freshness", (reading,))


def cost(name: str, version: str, runs: Sequence[Run], usual: Mapping[str, float]) -> Finding:
    """What a task costs and how many steps it takes, by what is usual for both; whoever goes round is named."""
    told = tuple(
        Reading(metric, value, ">", DEARER * usual[metric], len(runs), usual[metric])
        for metric, value in agent.averages(runs).items()
        if metric in usual
    )
    gave_up = sum(run.ending == agent.GAVE_UP for run in runs)
    longest = max(runs, key=lambda run: run.repeats)
    call = max(longest.calls, key=longest.calls.count)
    note = f"{gave_up} of {len(runs)} tasks gave up; one made the call {call.text} {longest.repeats} times."
    return Finding(name, version, "cost", f"{name}/cost", told, note if gave_up else "")


def one_each(findings: Iterable[Finding]) -> list[Finding]:
    """Of several findings on one problem (versions that share the traffic) the worst."""
    kept: dict[str, Finding] = {}
    for one in findings:
        other = kept.get(one.problem)
        if one.readings and (other is None or one.worst.beyond > other.worst.beyond):
            kept[one.problem] = one
    return list(kept.values())


def newest(findings: Sequence[Finding], order: Sequence[str]) -> dict[str, tuple[str, float]]:
    """For each model the metric, of those in `order` the first that it has, and its value."""
    found: dict[str, tuple[str, float]] = {}
    for metric in reversed(order):
        for finding in findings:
            values = [one.value for one in finding.readings if one.metric == metric]
            if values:
                found[finding.model] = (metric, max(values))
    return found


def _chances(truth: Array, predicted: Array) -> dict[str, float]:
    auc = scores.auc(truth, predicted)
    return {**({} if auc is None else {"auc": auc}), "log_loss": scores.log_loss(truth, predicted)}
