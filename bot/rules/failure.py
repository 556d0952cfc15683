"""What kind of failure it may have been: each class with what speaks for it and against it; people decide."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

DRIFT, PIPELINE, SERVING = "drift", frozenset({"data-quality", "freshness"}), frozenset({"failure", "latency"})
AGENT = frozenset({"cost", "safety"})
LISTED = 5


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an incident; words are sentences that people read."""

    kinds: frozenset[str]  #: of every alert, those held back included
    about: str = "model"  #: model | agent | data
    drifted: tuple[str, ...] = ()  #: features over their limit
    released: tuple[str, ...] = ()  #: what was changed about it shortly before, each a sentence
    around: tuple[str, ...] = ()  #: what was changed around it, not it itself
    upstream: tuple[str, ...] = ()  #: incidents of what feeds it, at the same time
    older_better: str = ""  #: a trial found the version before to be better
    level: str = ""  #: a trial found no difference
    reverted: str = ""  #: the version before serves again, and the trouble is over
    relearnt: str = ""  #: what was trained anew serves, and the trouble is over
    ended: bool = False  #: it ended without anything being changed


@dataclass(frozen=True, slots=True)
class Guess:
    """One class, and what speaks for and against it."""

    title: str
    speaks_for: tuple[str, ...] = field(default=())
    speaks_against: tuple[str, ...] = field(default=())

    @property
    def weight(self) -> int:
        """How much speaks for it."""
        return len(self.speaks_for) - len(self.speaks_against)


def guesses(facts: Facts) -> tuple[Guess, ...]:
    """The classes for which anything speaks, what has most for it first; empty where nothing is known."""
    found = [guess for guess in _all(facts) if guess.speaks_for]
    return tuple(sorted(found, key=lambda guess: -guess.weight))


def _all(facts: Facts) -> Iterator[Guess]:
    drifted = _listed("drifted", facts.drifted)
    released, nothing = list(facts.released), "Nothing about it is known to have been changed in the day before."
    yield Guess(
        "bad release",
        _said(*released, facts.older_better, facts.reverted),
        _said("" if released else nothing, facts.level),
    )
    yield Guess(
        "data drift",
        _said(drifted, _if(DRIFT in facts.kinds and not drifted, "A monitor of drift fired."), *facts.around),
        _said(_if(not drifted and DRIFT not in facts.kinds, "No drift was measured.")),
    )
    yield Guess(
        "data quality or pipeline",
        _said(_kinds(facts, PIPELINE), *facts.upstream, _if(facts.about == "data", "It is about data.")),
        _said(_if(not facts.kinds & PIPELINE, "No monitor of data quality or freshness fired.")),
    )
    yield Guess("serving degradation", _said(_kinds(facts, SERVING)), _said(_if(bool(facts.drifted), drifted)))
    fell = "performance" in facts.kinds and not facts.drifted and not released
    yield Guess(
        "concept drift or shift of labels",
        _said(_if(fell, "Performance fell, while no feature is known to have drifted."), facts.relearnt),
        _said(facts.older_better, facts.reverted),
    )
    yield Guess("behaviour of the agent", _said(_if(facts.about == "agent", _kinds(facts, AGENT))), ())
    alone = facts.ended and not (released or facts.reverted or facts.relearnt)
    yield Guess("passing disturbance", _said(_if(alone, "It ended without anything being changed.")), ())


def _kinds(facts: Facts, wanted: frozenset[str]) -> str:
    found = sorted(facts.kinds & wanted)
    return f"Monitors of {' and '.join(found)} fired." if found else ""


def _listed(words: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return f"These features {words}: {', '.join(names[:LISTED])}{more}." if names else ""


def _if(holds: bool, words: str) -> str:
    return words if holds else ""


def _said(*words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))
