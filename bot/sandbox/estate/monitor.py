"""A monitor: says at once what breaches, again while it does, and that it is over once two windows were well."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.estate.measures import Finding, Reading

Json = dict[str, Any]

AGAIN = timedelta(seconds=60)  #: what still breaches is said again so often
WELL = 2  #: windows in a row that must be well before it is over
DIGITS = 4
_TITLES = {
    "drift": "{feature} of {model} {version} drifted: PSI {value}, the limit is {limit}",
    "performance": "{model} {version} performs worse: {metric} {value}, the limit is {limit}",
    "data-quality": "{share} of the rows of {model} (version {version}) have an unusual {feature}",
    "freshness": "The newest row of {model} is {value} s old, the limit is {limit} s",
    "cost": "{model} {version} burns its budget: {metric} {value}, the limit is {limit}",
}


@dataclass
class Problem:
    """Something that breached and is not known to be over by whoever listens."""

    about: tuple[str, str]  #: the model and the kind
    started_at: datetime
    body: Json  #: as it was last measured
    breaches: bool = True  #: in the newest window
    well: int = 0  #: windows in a row
    told_at: datetime | None = None  #: when it was last said to fire

    @property
    def over(self) -> bool:
        """Whether enough windows were well."""
        return self.well >= WELL


@dataclass
class Monitor:
    """What it knows of each problem, by name."""

    window: timedelta  #: how much time one window stands for, until two of them tell
    problems: dict[str, Problem] = field(default_factory=dict)
    _last: datetime | None = None

    def hear(self, findings: Sequence[Finding], at: datetime) -> list[Json]:
        """What is to be said after the window that ended at `at`: bodies in the native form of plugin webhook.

        Nothing is taken for said before `told`: what could not be delivered comes again. A problem of which
        nothing is found any more (what serves does not read the feature) is well, where something of its kind was found
        of its model; otherwise the model answers nothing, and is neither well nor worse.
        """
        self.window = at - self._last if self._last and at > self._last else self.window
        self._last = at
        fresh = {one.problem: one for one in findings}
        answered = {(one.model, one.kind) for one in findings}
        for name, finding in fresh.items():
            if finding.breaches and name not in self.problems:
                self.problems[name] = Problem((finding.model, finding.kind), at, {})
        for name, problem in self.problems.items():
            if problem.about in answered:
                self._note(problem, fresh.get(name), at)
        self.problems = {name: one for name, one in self.problems.items() if one.told_at or not one.over}
        silent = {name for name, one in self.problems.items() if one.about not in answered and one.told_at}
        named = [(name, one) for name, one in self.problems.items() if name not in silent]
        return [body for name, one in named if (body := self._said(name, one, at))]

    def told(self, bodies: Sequence[Json], at: datetime) -> None:
        """Those bodies were delivered."""
        for body in bodies:
            if body["status"] == "resolved":
                self.problems.pop(body["problem"], None)
            elif problem := self.problems.get(body["problem"]):
                problem.told_at = at

    def _note(self, problem: Problem, finding: Finding | None, at: datetime) -> None:
        problem.breaches = finding is not None and finding.breaches
        problem.well = 0 if problem.breaches else problem.well + 1
        gone = {"measures": [], "summary": "It is not measured any more: what serves now does not read it."}
        told = self._body(finding) if finding else gone
        # The title names what was wrong, also when it is over.
        kept = {} if problem.breaches or not problem.body else {"title": problem.body["title"]}
        problem.body = {**problem.body, **told, **kept, "evaluated_at": at.isoformat()}

    @staticmethod
    def _said(name: str, problem: Problem, at: datetime) -> Json | None:
        start = {"problem": name, "started_at": problem.started_at.isoformat(), **problem.body}
        if problem.over:
            return {**start, "status": "resolved", "ended_at": at.isoformat()}
        # A clock that was turned back counts as due: rather said twice than not at all.
        due = problem.told_at is None or not timedelta(0) <= at - problem.told_at < AGAIN
        return {**start, "status": "firing"} if problem.breaches and due else None

    def _body(self, finding: Finding) -> Json:
        worst = finding.worst
        seconds = max(round(self.window.total_seconds()), 1)  # a person reads it; a busy machine is late
        return {
            "title": _title(finding),
            "summary": f"Measured on {worst.size:,} of what was served within {seconds} s. {finding.note}".strip(),
            "kind": finding.kind,
            "model": finding.model,
            "version": finding.version,
            "environment": "production",
            "measures": [_measure(one, f"{seconds}s") for one in _ordered(finding)],
        }

    def spelled(self) -> Json:
        """What `read` takes."""
        return {
            name: {
                "about": one.about,
                "started_at": one.started_at.isoformat(),
                "body": one.body,
                "well": one.well,
                "told_at": one.told_at.isoformat() if one.told_at else None,
            }
            for name, one in self.problems.items()
        }

    @classmethod
    def read(cls, said: Mapping[str, Json], window: timedelta) -> "Monitor":
        """A monitor that goes on where another stopped."""
        problems = {
            name: Problem(
                (one["about"][0], one["about"][1]),
                datetime.fromisoformat(one["started_at"]),
                one["body"],
                well=one["well"],
                breaches=not one["well"],
                told_at=datetime.fromisoformat(one["told_at"]) if one["told_at"] else None,
            )
            for name, one in said.items()
        }
        return cls(window, problems)


def _ordered(finding: Finding) -> Iterator[Reading]:
    """The worst first: a runbook speaks of the first measure."""
    yield finding.worst
    yield from (one for one in finding.readings if one is not finding.worst)


def _title(finding: Finding) -> str:
    worst = finding.worst
    numbers = {"value": _short(worst.value), "limit": _short(worst.limit), "share": f"{worst.value:.1%}"}
    about = {"model": finding.model, "version": finding.version, "feature": worst.feature or "", **numbers}
    return _TITLES[finding.kind].format(metric=worst.metric, **about)


def _measure(reading: Reading, window: str) -> Json:
    said = {
        "metric": reading.metric,
        "value": round(reading.value, DIGITS),
        "threshold": round(reading.limit, DIGITS),
        "op": reading.op,
        "baseline": None if reading.baseline is None else round(reading.baseline, DIGITS),
        "sample_size": reading.size,
        "window": window,
        "feature": reading.feature,
    }
    return {name: value for name, value in said.items() if value is not None}


def _short(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1_000 else f"{value:,.0f}"
