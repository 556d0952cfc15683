"""Which past incidents a new one is like, and in what: a weighted share of what they could have in common.

What cannot be told of two (a feature where neither names one, a table where one names none) is left out of the share.
What only says that the same model is in trouble again is no likeness: a feature, a segment, a name or the words must
agree as well; and between two models words are not enough, for a monitor words the same of each. So nothing is shown
rather than the newest incident of the model.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.model.likeness import Like, Reason, Trace
from bot.rules import wording

MOST: Final = 5_000  #: past incidents that are compared, the newest
SHOWN: Final = 3
LEAST: Final = 0.55  #: the share from which on two are alike
TOLD: Final = 0.35  #: the likeness of the words from which on they speak for it
ALSO: Final = 0.5  #: how much of the words, where only a feature is shared by two models
RARE: Final = 0.005  #: the share of past incidents that may name a thing that tells two apart from all others
NAMED: Final = 3  #: names of one reason
#: What two incidents can have in common, with how much it weighs, in the order in which it is told.
WEIGHTS: Final = {
    "model": 0.2,
    "feature": 0.22,
    "segment": 0.08,
    "name": 0.22,
    "metric": 0.08,
    "kind": 0.07,
    "monitor": 0.05,
    "words": 0.3,
}
CHANGED: Final = 0.04  #: on top, where both came soon after a change
KINDS: Final = (*WEIGHTS, "change")
LONGEST: Final = 60  #: characters of a name
_NAME = re.compile(r"[^\W\d_][\w]*(?:[-./:][^\W_][\w]*)*")

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Part:
    """One sort of thing: how alike each past incident is in it from 0 to 1, and where it can be said at all."""

    alike: Array
    known: NDArray[np.bool_]


def like(new: Trace, past: Sequence[Trace], most: int = SHOWN) -> list[Like]:
    """The most similar ones, at most `most`, the most alike first and of equals the newest; none where none is.

    `past` is in any order and may hold `new` itself, which is left out; beyond MOST the oldest are.
    """
    others = sorted((one for one in past if one.id != new.id), key=lambda one: one.at, reverse=True)[:MOST]
    if not others:
        return []
    compared = wording.compare(new.text, [one.text for one in others])
    parts = _parts(new, others, compared)
    score = _score(parts) + CHANGED * np.array([new.changed and one.changed for one in others])
    score = np.where(_telling(new, others, parts) & (score >= LEAST), np.minimum(score, 1.0), 0.0)
    best = np.lexsort((np.arange(len(others)), -np.round(score, 2)))[:most]
    return [
        Like(others[at].id, round(float(score[at]), 3), tuple(_reasons(new, others[at], compared, int(at))))
        for at in best
        if score[at] > 0
    ]


def names(text: str, *known: str | None) -> frozenset[str]:
    """What `text` calls by a name that is made of parts, as fx_rates or pricing-api, but for those `known` elsewhere.

    What is half digits is the number of one run rather than a name.
    """
    apart = {one.casefold() for one in known if one}
    found = (name.casefold() for name in _NAME.findall(text[: wording.MOST]) if re.search(r"[-_./:]", name))
    return frozenset(
        name
        for name in found
        if name not in apart and len(name) <= LONGEST and 2 * sum(map(str.isdigit, name)) < len(name)
    )


def _parts(new: Trace, others: Sequence[Trace], compared: wording.Compared) -> dict[str, _Part]:
    every = np.ones(len(others), bool)
    rare = float(np.log(1 + (1 + len(others)) / (1 + RARE * len(others))))
    named = _shared(new.names, [one.names for one in others], rare)
    both = np.array([bool(one.names and new.names) for one in others])
    return {
        "model": _Part(_same([one.model for one in others], new.model), every),
        "kind": _Part(_same([one.kind for one in others], new.kind), every),
        "feature": _shared(new.features, [one.features for one in others]),
        "segment": _shared(new.segments, [one.segments for one in others]),
        "name": _Part(named.alike, both),
        "metric": _shared(new.metrics, [one.metrics for one in others]),
        "monitor": _shared(new.monitors, [one.monitors for one in others]),
        "words": _Part(np.maximum(compared.words, 0.9 * compared.runs), every),
    }


def _same(theirs: Sequence[str | None], mine: str | None) -> Array:
    return np.array([one is not None and one == mine for one in theirs], float)


def _shared(mine: frozenset[str], theirs: Sequence[frozenset[str]], rare: float = 0.0) -> _Part:
    """How much of what the shorter list names both name; a name counts the more the fewer of the others have it.

    What weighs less than `rare` is no whole likeness: the name of a region is in everything.
    """
    often = Counter(name for one in theirs for name in one)
    total = len(theirs) + 1

    def weight(names: frozenset[str]) -> float:
        return sum(float(np.log(1 + total / (1 + often[name]))) for name in names)

    own = weight(mine)
    both = [weight(mine & one) if not mine.isdisjoint(one) else 0.0 for one in theirs]
    least = [
        max(min(own, weight(one)), rare, 1e-9) if shared else 1.0 for shared, one in zip(both, theirs, strict=True)
    ]
    return _Part(np.minimum(np.array(both) / np.array(least), 1.0), np.array([bool(one or mine) for one in theirs]))


def _score(parts: dict[str, _Part]) -> Array:
    weight = np.array([WEIGHTS[name] * part.known for name, part in parts.items()])
    alike = np.array([part.alike for part in parts.values()])
    share: Array = (weight * alike).sum(axis=0) / weight.sum(axis=0)
    return share


def _telling(new: Trace, others: Sequence[Trace], parts: dict[str, _Part]) -> NDArray[np.bool_]:
    """Where more than the model, the kind and the monitor speaks for it."""
    words, feature, segment, name = (parts[part].alike for part in ("words", "feature", "segment", "name"))
    elsewhere = np.array([None not in (one.model, new.model) and one.model != new.model for one in others])
    another = np.array([_another(new.features, one.features) or _another(new.names, one.names) for one in others])
    here = (feature >= 0.5) | (segment >= 0.5) | (name >= 0.5) | ((words >= TOLD) & ~another)
    there = (name >= 0.5) | ((feature >= 0.5) & (words >= ALSO))
    telling: NDArray[np.bool_] = np.where(elsewhere, there, here)
    return telling


def _another(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether both name something, and none of it is the same: a monitor's words are the same of all of them."""
    return bool(mine and theirs) and mine.isdisjoint(theirs)


def _reasons(new: Trace, other: Trace, compared: wording.Compared, at: int) -> Iterator[Reason]:
    """What the two have in common, what weighs most first."""
    sets = {
        "feature": new.features & other.features,
        "segment": new.segments & other.segments,
        "name": new.names & other.names,
        "metric": new.metrics & other.metrics,
        "monitor": new.monitors & other.monitors,
    }
    alone = {"model": (new.model, other.model), "kind": (new.kind, other.kind)}
    for name in WEIGHTS:
        if name in alone and alone[name][0] and alone[name][0] == alone[name][1]:
            yield Reason(name, (str(alone[name][0]),))
        elif shared := sets.get(name):
            yield Reason(name, tuple(sorted(shared)[:NAMED]))
        elif name == "words" and max(compared.words[at], compared.runs[at]) >= TOLD:
            yield Reason(name, tuple(compared.shared(at, NAMED)))
    if new.changed and other.changed:
        yield Reason("change")
