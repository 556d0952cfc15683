"""A trial: versions of a model scored on the same data, and what that says about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.errors import BadMove

#: What may decide, and whether more of it is better (1) or worse (-1); `rules.metrics` loads numpy for the formulas.
METRICS: Mapping[str, int] = {
    **dict.fromkeys(("auc", "average_precision"), 1),
    **dict.fromkeys(("log_loss", "brier"), -1),
    **dict.fromkeys(("accuracy", "precision", "recall", "f1"), 1),
    **dict.fromkeys(("mae", "rmse", "mape"), -1),
    "r2": 1,
}


GAP = "widest gap"  #: the slice of `fairness` that compares the two groups furthest apart


class Finding(StrEnum):
    """What a comparison says of the challenger."""

    BETTER = "better"
    WORSE = "worse"
    LEVEL = "level"  #: the data cannot tell them apart
    INSUFFICIENT = "insufficient"  #: too little data to say anything


class Stage(StrEnum):
    """How far a trial is."""

    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"


NEXT: dict[Stage, frozenset[Stage]] = {
    Stage.ASKED: frozenset({Stage.DONE, Stage.FAILED}),
    Stage.DONE: frozenset(),
    Stage.FAILED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """How a model is tried: what is measured, on which data, and how much of it there must be."""

    metric: str  #: the one that decides; one of METRICS
    also: tuple[str, ...] = ()  #: further ones that are told
    window: timedelta = timedelta(days=28)  #: how much is looked at
    label_delay: timedelta = timedelta(0)  #: how long it takes until what is true is known; newer rows are left out
    slices: tuple[str, ...] = ()  #: columns whose values are looked at apart
    fairness: tuple[str, ...] = ()  #: columns of groups between which the rates are compared
    least: int = 500  #: rows below which nothing is said; a tenth of it for a slice
    threshold: float = 0.5  #: of a score, from which on it counts as a yes
    connection: str | None = None  #: whose evaluator is asked; None: that of the platform
    every: timedelta | None = None  #: how often it is done by itself


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Score:
    """One metric of both; the difference is challenger minus champion, in the metric's own unit."""

    metric: str
    champion: Estimate | None
    challenger: Estimate | None = None
    difference: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """The same on the rows where `column` is `value`."""

    column: str
    value: str
    samples: int
    scores: tuple[Score, ...]
    finding: Finding


@dataclass(frozen=True, slots=True)
class Check:
    """One look at the data before anything is scored."""

    what: str
    ok: bool
    why: str


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Everything a trial found; the first of `scores` is the metric that decides."""

    finding: Finding
    why: str  #: in one sentence
    samples: int
    scores: tuple[Score, ...] = ()
    slices: tuple[Slice, ...] = ()
    fairness: tuple[Slice, ...] = ()  #: by group: rates of yes among both (demographic parity) as scores
    checks: tuple[Check, ...] = ()
    gate: tuple[Check, ...] = ()  #: what the runbook's gate wanted and got; empty where it has none
    left_out: Mapping[str, int] = field(default_factory=dict)  #: why -> how many rows
    draws: int = 0
    seed: int = 0

    def spelled(self) -> dict[str, Any]:
        """All of it as JSON; `read` makes the same of it again."""
        return {
            "finding": self.finding.value,
            "why": self.why,
            "samples": self.samples,
            "scores": [_spell_score(one) for one in self.scores],
            "slices": [_spell_slice(one) for one in self.slices],
            "fairness": [_spell_slice(one) for one in self.fairness],
            "checks": [_spell_check(one) for one in self.checks],
            "gate": [_spell_check(one) for one in self.gate],
            "left_out": dict(self.left_out),
            "draws": self.draws,
            "seed": self.seed,
        }

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "Scorecard":
        """What was `spelled` so."""
        return cls(
            **{
                **said,
                "finding": Finding(said["finding"]),
                "scores": tuple(map(_read_score, said["scores"])),
                "slices": tuple(map(_read_slice, said["slices"])),
                "fairness": tuple(map(_read_slice, said["fairness"])),
                "checks": tuple(Check(**one) for one in said["checks"]),
                "gate": tuple(Check(**one) for one in said.get("gate", ())),
            }
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """Who wanted to know what, and what came of it."""

    id: str  #: TRL-<number>
    model: str
    entity: str
    champion: str
    challenger: str | None  #: None: the champion alone
    since: datetime
    until: datetime
    excluded: tuple[tuple[datetime, datetime], ...]  #: spans of it that are contaminated, and left out
    terms: Mapping[str, Any]  #: those in force, as they were
    stage: Stage
    asked_by: str  #: person:NAME, runbook:NAME or schedule
    asked_at: datetime
    changed_at: datetime
    version: int = 1
    why: str = ""
    incident: str | None = None
    change: str | None = None  #: the retrain it judges
    outcome: str = ""  #: how it ended, in one sentence
    scorecard: Scorecard | None = None


def move(trial: Trial, to: Stage, at: datetime, **facts: Any) -> Trial:
    """The trial at stage `to`; BadMove when it cannot be there next."""
    if to not in NEXT[trial.stage]:
        raise BadMove(f"{trial.id} is {trial.stage}, so it cannot become {to}.")
    return replace(trial, stage=to, changed_at=at, version=trial.version + 1, **facts)


def _spell_check(one: Check) -> dict[str, Any]:
    return {"what": one.what, "ok": one.ok, "why": one.why}


def _spell_score(one: Score) -> dict[str, Any]:
    parts = {name: getattr(one, name) for name in ("champion", "challenger", "difference")}
    return {"metric": one.metric, **{n: e and [e.value, e.low, e.high] for n, e in parts.items()}}


def _read_score(said: Mapping[str, Any]) -> Score:
    parts = {name: Estimate(*said[name]) if said[name] else None for name in ("champion", "challenger", "difference")}
    return Score(said["metric"], **parts)


def _spell_slice(one: Slice) -> dict[str, Any]:
    scores = [_spell_score(score) for score in one.scores]
    plain = {"column": one.column, "value": one.value, "samples": one.samples, "finding": one.finding.value}
    return {**plain, "scores": scores}


def _read_slice(said: Mapping[str, Any]) -> Slice:
    scores = tuple(map(_read_score, said["scores"]))
    return Slice(said["column"], said["value"], said["samples"], scores, Finding(said["finding"]))
