"""How well versions of a model did on the same rows, and whether the data can tell them apart."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from bot.model.trial import GAP, Finding, Score, Scorecard, Slice, Terms
from bot.rules import bootstrap, metrics, sifting
from bot.rules.metrics import BINARY, METRICS, Metric, View
from bot.rules.sifting import OTHER, Kept, Rows, Wanted

__all__ = ["GAP", "METRICS", "OTHER", "Rows", "Wanted", "card"]

Array = NDArray[np.float64]
LEAST = 10  # rows of a slice, and that any figure hangs on: resamples of fewer vary less than the world does
NAMED = 3  # slices that the sentence names
DECISIVE = (sifting.ROWS, sifting.TRUTH)  # where one of these fails, nothing can be said


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one version shows in one metric: its value, and what it is on resamples, (draws,); NaN where undefined."""

    value: float
    draws: Array
    support: int  #: rows it hangs on

    def minus(self, other: "Drawn") -> "Drawn":
        """The difference, resample by resample."""
        return Drawn(self.value - other.value, self.draws - other.draws, min(self.support, other.support))


@dataclass(frozen=True, slots=True)
class Pair:
    """One metric of both on the same rows and resamples, or of the champion alone."""

    metric: Metric
    champion: Drawn
    challenger: Drawn | None = None

    def score(self) -> Score:
        """Each with its interval."""
        own = bootstrap.estimate(self.champion.value, self.champion.draws)
        if self.challenger is None:
            return Score(self.metric.name, own)
        others = (self.challenger, self.challenger.minus(self.champion))
        return Score(self.metric.name, own, *(bootstrap.estimate(one.value, one.draws) for one in others))

    def finding(self, among: int = 1) -> Finding:
        """By the interval of the difference; alone it is level with itself.

        One of many looks (`among`) must be further off, since one in twenty seems different by chance: the difference
        in standard errors is held against Bonferroni's share of the doubt too.
        """
        if self.challenger is None:
            return Finding.LEVEL
        difference, drawn = self.score().difference, self.challenger.minus(self.champion).draws
        if difference is None:
            return Finding.INSUFFICIENT
        far = NormalDist().inv_cdf(1 - (1 - bootstrap.LEVEL) / 2 / among) * float(np.nanstd(drawn))
        if difference.low <= 0 <= difference.high or (among > 1 and abs(difference.value) < far):
            return Finding.LEVEL
        return Finding.BETTER if difference.low * self.metric.better > 0 else Finding.WORSE


def card(rows: Rows, wanted: Wanted, terms: Terms) -> Scorecard:
    """The whole comparison, the same for the same rows in any order; BadInput where the rows make no sense."""
    kept = sifting.sift(rows, wanted, terms)
    blank = Scorecard(
        finding=Finding.INSUFFICIENT,
        why="",
        samples=len(kept.truth),
        checks=kept.checks,
        left_out=kept.left_out,
        draws=wanted.draws,
        seed=wanted.seed,
    )
    bad = [check for check in kept.checks if not check.ok and check.what in DECISIVE]
    if bad:
        return replace(blank, why=bad[0].why)
    told = [METRICS[name] for name in dict.fromkeys((terms.metric, *terms.also))]
    pairs = _pairs(kept, told, wanted, terms.threshold)
    scores = tuple(pair.score() for pair in pairs)
    if scores[0].champion is None or (wanted.challenger is not None and scores[0].difference is None):
        return replace(blank, why=_untold(pairs[0], kept), scores=scores)
    full = replace(blank, finding=pairs[0].finding(), scores=scores, slices=tuple(_slices(kept, told, wanted, terms)))
    fairness = tuple(line for column in terms.fairness for line in _fairness(kept, column, wanted, terms))
    return replace(full, fairness=fairness, why=_why(full, wanted))


def _pairs(kept: Kept, told: Sequence[Metric], wanted: Wanted, threshold: float, *names: str) -> list[Pair]:
    """Each metric on all rows that are kept; `names` set the randomness of this part apart."""
    rows = len(kept.truth)
    views = [View(kept.truth, one, told, threshold) for one in kept.said]
    drawn = bootstrap.resampled(views, rows, wanted.draws, bootstrap.source(wanted.seed, *names))
    sides = [_drawn(view, draws, rows) for view, draws in zip(views, drawn, strict=True)]
    return [Pair(metric, *both) for metric, *both in zip(told, *sides, strict=True)]


def _drawn(view: View, draws: Array, rows: int) -> list[Drawn]:
    """Every metric of one version; undefined where it hangs on fewer rows than could show how sure it is."""
    figures = zip(view.values(np.ones((1, rows), np.uint8))[0], view.support(), strict=True)
    all_ = [Drawn(float(value), draws[:, place], support) for place, (value, support) in enumerate(figures)]
    nothing = np.full(len(draws), math.nan)
    return [one if one.support >= LEAST else Drawn(math.nan, nothing, one.support) for one in all_]


def _least(terms: Terms) -> int:
    return max(LEAST, math.ceil(terms.least / 10))


def _slices(kept: Kept, told: Sequence[Metric], wanted: Wanted, terms: Terms) -> Iterator[Slice]:
    """Every metric on the rows of each value of each column."""
    columns = [column for column in dict.fromkeys(terms.slices) if column in kept.values]
    parts = [(column, value, kept.part(column, value)) for column in columns for value in kept.values[column]]
    among = sum(len(part.truth) >= _least(terms) for _, _, part in parts)
    for column, value, part in parts:
        if len(part.truth) < _least(terms):
            yield Slice(column, value, len(part.truth), (), Finding.INSUFFICIENT)
            continue
        pairs = _pairs(part, told, wanted, terms.threshold, column, value)
        known = pairs[0].score().champion is not None
        finding = pairs[0].finding(among) if known else Finding.INSUFFICIENT
        yield Slice(column, value, len(part.truth), tuple(pair.score() for pair in pairs), finding)


def _fairness(kept: Kept, column: str, wanted: Wanted, terms: Terms) -> Iterator[Slice]:
    """What is said of each group of a column, then the widest gap between two of them.

    Rates of yes (demographic parity) and of yes among those that are true (equal opportunity; Hardt et al. 2016); where
    the truth is a number, by how much it is overestimated.
    """
    binary = METRICS[terms.metric].task == BINARY
    told = (metrics.YES_RATE, METRICS["recall"]) if binary else (metrics.MEAN_ERROR,)
    groups: list[list[Pair]] = []
    for value in kept.values.get(column, ()):
        part = kept.part(column, value)
        enough = len(part.truth) >= _least(terms)
        pairs = _pairs(part, told, wanted, terms.threshold, "fairness", column, value) if enough else []
        groups += [pairs] if pairs else []
        finding = Finding.LEVEL if enough else Finding.INSUFFICIENT
        yield Slice(column, value, len(part.truth), tuple(pair.score() for pair in pairs), finding)
    gaps = [_gap(metric, [group[place] for group in groups]) for place, metric in enumerate(told)]
    scores = tuple(gap.score() for gap in gaps if gap)
    if gaps[0]:
        yield Slice(column, GAP, len(kept.truth), scores, gaps[0].finding())


def _gap(metric: Metric, groups: Sequence[Pair]) -> Pair | None:
    """Between the highest and the lowest group of each version; None where fewer than two groups can be told.

    The two groups are chosen once, on the rows themselves: the widest gap of a resample is wider by chance alone.
    """
    sides = []
    for side in zip(*((one.champion, one.challenger) for one in groups), strict=True):
        known = sorted((one for one in side if one and math.isfinite(one.value)), key=lambda one: one.value)
        sides.append(known[-1].minus(known[0]) if len(known) > 1 else None)
    if not sides or sides[0] is None:
        return None
    return Pair(replace(metric, better=-1), sides[0], sides[1])


def _untold(pair: Pair, kept: Kept) -> str:
    """Why the metric that decides has no figure."""
    support = min(one.support for one in (pair.champion, pair.challenger) if one)
    few = f"Only {support} of them {pair.metric.hangs}, {LEAST} are needed."
    reasons = [few] if support < LEAST else [check.why for check in kept.checks if check.what == sifting.SCALE]
    return " ".join([f"The {pair.metric.name} cannot be told on these rows.", *reasons])


def _why(card: Scorecard, wanted: Wanted) -> str:
    """The finding in one sentence, what speaks against it in the next."""
    first, challenger, champion = card.scores[0], wanted.challenger, wanted.champion
    if first.champion is None or first.challenger is None or first.difference is None:
        own = first.champion
        said = f"{champion} alone: {first.metric} {own.value:.4g} ({own.low:.4g} to {own.high:.4g})." if own else ""
        return " ".join([said, *_doubts(card)]).strip()
    gap = first.difference
    both = f"{first.metric} {first.challenger.value:.4g} against {first.champion.value:.4g}"
    off = f"a difference of {gap.value:+.2g} ({gap.low:+.2g} to {gap.high:+.2g})"
    opening = {
        Finding.BETTER: f"{challenger} is better than {champion}",
        Finding.WORSE: f"{challenger} is worse than {champion}",
    }.get(card.finding, f"The data cannot tell {challenger} from {champion}")
    odd = Finding.BETTER if card.finding is Finding.WORSE else Finding.WORSE
    names = [f"{one.column}={one.value}" for one in card.slices if one.finding is odd]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    exception = [f"But it is {odd} on {', '.join(names[:NAMED])}{more}."] if names else []
    return " ".join([f"{opening}: {both}, {off}.", *exception, *_doubts(card)])


def _doubts(card: Scorecard) -> list[str]:
    return [f"Mind: {check.why}" for check in card.checks if not check.ok]
