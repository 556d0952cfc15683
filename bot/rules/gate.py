"""Whether a new version may serve: what a runbook's gate wants, beside what a comparison showed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from bot.errors import BadInput
from bot.model.retraining import ENOUGH
from bot.model.trial import Check, Finding, Score, Scorecard, Slice
from bot.rules import schema, sifting
from bot.rules.metrics import METRICS

#: Checks of the data that must have passed: what was measured on such rows may not hold of others.
HEEDED = frozenset({sifting.LABELS, sifting.COPIES, sifting.SCALE})
SIZES = {"latency_ms": "ms", "size_mb": "MB"}
SCHEMA = "schema"


@dataclass(frozen=True, slots=True)
class Gate:
    """What is wanted; None wants nothing. Of an error, `at_least` is the most it may be."""

    metric: str
    not_below_champion_by: float | None = None  #: how much worse than the champion it may be, beyond doubt
    at_least: float | None = None
    slices_at_least: Mapping[str, float] = field(default_factory=dict)  #: by `column` or `column=value`
    latency_ms: float | None = None
    size_mb: float | None = None
    schema: bool = False  #: every column that it wants must be served to it, with the same type
    despite: frozenset[str] = frozenset()  #: names of checks of the data that may have failed


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that was wanted, and what was found."""

    what: str
    wanted: str
    got: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """Passed where every reason is fine."""

    passed: bool
    reasons: tuple[Reason, ...]

    @property
    def told(self) -> tuple[Check, ...]:
        """The reasons as a scorecard keeps them."""
        return tuple(Check(one.what, one.ok, f"Wanted: {one.wanted}. Found: {one.got}.") for one in self.reasons)


def of(options: Mapping[str, Any]) -> Gate:
    """The gate that `gate` of a lever's options holds, as its runbook or JSON gave it; BadInput where it holds none."""
    known = {each.name for each in fields(Gate)}
    strange = sorted(set(options) - known)
    if strange or not isinstance(options.get("metric"), str):
        what = f"A gate has no `{strange[0]}`." if strange else "A gate needs a `metric`."
        raise BadInput(what, f"Known: {', '.join(sorted(known))}.")
    said = {name: value for name, value in options.items() if value is not None}
    return Gate(**{**said, "despite": frozenset(said.get("despite", ()))})


def judge(
    card: Scorecard,
    gate: Gate,
    seen: Mapping[str, float] | None = None,
    columns: schema.Columns = schema.UNASKED,
) -> Verdict:
    """The verdict on the challenger; `seen` has what else was measured of it, as `latency_ms`, `columns` what it wants.

    What is wanted and was not measured never passes. A gate without any bound wants it not to be worse.
    """
    reasons = [_sufficient(card), *_data(card, gate)]
    score = next((one for one in card.scores if one.metric == gate.metric), None)
    if gate.metric not in METRICS:
        reasons.append(Reason(gate.metric, "a metric", f"unknown; known are {', '.join(METRICS)}", False))
    elif score is None or score.challenger is None:
        reasons.append(Reason(gate.metric, "measured of the challenger", "not measured", False))
    else:
        reasons += [*_floor(score, gate), *_not_below(score, gate), *_unbounded(card, gate)]
        reasons += [one for place, floor in gate.slices_at_least.items() for one in _slice(card, gate, place, floor)]
    reasons += _sizes(gate, seen or {})
    if gate.schema:
        ok, told = schema.found(columns)
        reasons.append(Reason(SCHEMA, "all its columns served, each with its type", told, ok))
    return Verdict(all(reason.ok for reason in reasons), tuple(reasons))


def _sufficient(card: Scorecard) -> Reason:
    enough = card.finding is not Finding.INSUFFICIENT
    return Reason(ENOUGH, "enough to say something", f"{card.samples} rows" if enough else card.why, enough)


def _data(card: Scorecard, gate: Gate) -> list[Reason]:
    failed = [check for check in card.checks if not check.ok and check.what in HEEDED]
    return [Reason(check.what, "passed", check.why, check.what in gate.despite) for check in failed]


def _holds(metric: str, value: float, floor: float) -> bool:
    better = METRICS[metric].better
    return value * better >= floor * better


def _bound(metric: str, floor: float) -> str:
    return f"at {'least' if METRICS[metric].better > 0 else 'most'} {floor:g}"


def _floor(score: Score, gate: Gate) -> list[Reason]:
    if gate.at_least is None or score.challenger is None:
        return []
    own = score.challenger
    ok = _holds(gate.metric, own.value, gate.at_least)
    told = f"{own.value:.4g} ({own.low:.4g} to {own.high:.4g})"
    return [Reason(gate.metric, _bound(gate.metric, gate.at_least), told, ok)]


def _unbounded(card: Scorecard, gate: Gate) -> list[Reason]:
    if gate.at_least is not None or gate.not_below_champion_by is not None:
        return []
    return [Reason("comparison", "not worse than the champion", card.why, card.finding is not Finding.WORSE)]


def _not_below(score: Score, gate: Gate) -> list[Reason]:
    """By the bad end of the interval: what the data does not rule out is not ruled out (a test of non-inferiority)."""
    if gate.not_below_champion_by is None:
        return []
    wanted = f"surely not worse than the champion by more than {gate.not_below_champion_by:g}"
    difference = score.difference
    if difference is None:
        return [Reason(gate.metric, wanted, "not compared with a champion", False)]
    better = METRICS[gate.metric].better
    worst = min(difference.low * better, difference.high * better)
    told = f"a difference of {difference.value:+.2g} ({difference.low:+.2g} to {difference.high:+.2g})"
    return [Reason(gate.metric, wanted, told, worst >= -gate.not_below_champion_by)]


def _slice(card: Scorecard, gate: Gate, place: str, floor: float) -> list[Reason]:
    """The floor on one slice, which must be measured, or on each of a column that has rows enough."""
    column, named, value = place.partition("=")
    wanted = _bound(gate.metric, floor)
    found = [one for one in card.slices if one.column == column and (not named or one.value == value)]
    measured = [(one, own) for one in found if (own := _measured(one, gate.metric)) is not None]
    if not measured:
        got = f"only {found[0].samples} rows" if named and found else "not measured"
        return [Reason(f"{gate.metric} on {place}", wanted, got, False)]
    return [
        Reason(f"{gate.metric} on {one.column}={one.value}", wanted, f"{own:.4g}", _holds(gate.metric, own, floor))
        for one, own in measured
    ]


def _measured(part: Slice, metric: str) -> float | None:
    if part.finding is Finding.INSUFFICIENT:
        return None
    return next((one.challenger.value for one in part.scores if one.metric == metric and one.challenger), None)


def _sizes(gate: Gate, seen: Mapping[str, float]) -> Sequence[Reason]:
    reasons = []
    for name, unit in SIZES.items():
        most = getattr(gate, name)
        if most is not None:
            got = seen.get(name)
            told = "not measured" if got is None else f"{got:g} {unit}"
            reasons.append(Reason(name, f"at most {most:g} {unit}", told, got is not None and got <= most))
    return reasons
