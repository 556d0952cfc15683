"""How often the past incidents shown beside a new one had the same cause, on made-up years with known causes."""

import argparse
import math
import platform
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.parts import causes
from bench.parts.causes import Labelled
from bot.model.likeness import Trace
from bot.rules import similarity

SEEDS = (11, 12, 13, 14, 15)  # none of them was looked at while the weights were chosen: those were 1 and 2
Way = Callable[[Trace, Sequence[Trace]], list[str]]


@dataclass
class Tally:
    """What one way to choose came to, over every incident in its turn."""

    answered: int = 0  #: incidents whose cause had been there before
    firsts: int = 0
    shown: int = 0
    right: int = 0
    reciprocal: float = 0.0
    new: int = 0  #: incidents whose cause had not
    quiet: int = 0
    seconds: list[float] = field(default_factory=list)

    def add(self, cause: str, told: Sequence[str], before: Sequence[str]) -> None:
        """One incident, the causes of those it was shown beside, and every cause there was before it."""
        if cause not in before:
            self.new += 1
            self.quiet += not told
            return
        self.answered += 1
        right = [one == cause for one in told]
        self.firsts += right[:1] == [True]
        self.shown += len(told)
        self.right += sum(right)
        self.reciprocal += 1 / (right.index(True) + 1) if True in right else 0.0


def tocsin(new: Trace, past: Sequence[Trace]) -> list[str]:
    """What the bot shows."""
    return [one.incident for one in similarity.like(new, past)]


def bag(new: Trace, past: Sequence[Trace]) -> list[str]:
    """The cosine of plain counts of words, three at any rate."""
    mine = _bag(new)
    scored = [(_cosine(mine, _bag(one)), one.at, one.id) for one in past]
    return [name for score, _, name in sorted(scored, reverse=True)[:3] if score > 0]


def newest(new: Trace, past: Sequence[Trace]) -> list[str]:
    """The newest three of the same model."""
    same = [one for one in past if one.model == new.model]
    return [one.id for one in sorted(same, key=lambda one: one.at, reverse=True)[:3]]


def _bag(one: Trace) -> Counter[str]:
    about = " ".join((one.model or "", one.kind, *one.monitors))
    return Counter(re.findall(r"\w+", f"{one.text} {about}".casefold()))


def _cosine(one: Counter[str], two: Counter[str]) -> float:
    product = sum(count * two[word] for word, count in one.items())
    return product / math.sqrt(sum(n * n for n in one.values()) * sum(n * n for n in two.values()) or 1)


WAYS: dict[str, Way] = {"Tocsin": tocsin, "bag of words": bag, "same model, newest": newest}


def measured(seeds: Sequence[int]) -> dict[str, Tally]:
    """Each way over each year: every incident beside those that came before it."""
    tallies = {name: Tally() for name in WAYS}
    for seed in seeds:
        year = causes.year(seed)
        by = {one.trace.id: one.cause for one in year}
        for place, one in enumerate(year):
            past = [other.trace for other in year[:place]]
            known = [other.cause for other in year[:place]]
            for name, way in WAYS.items():
                begun = time.perf_counter()
                told = [by[its] for its in way(one.trace, past)]
                tallies[name].seconds.append(time.perf_counter() - begun)
                tallies[name].add(one.cause, told, known)
    return tallies


def timed(count: int = similarity.MOST, rounds: int = 9) -> float:
    """Milliseconds one comparison with `count` past incidents takes, the median of some."""
    past: list[Labelled] = []
    while len(past) < count + 1:
        past += causes.year(100 + len(past), causes=400, alone=100)
    taken = []
    for number in range(rounds):
        begun = time.perf_counter()
        similarity.like(past[number].trace, [one.trace for one in past[: count + 1]])
        taken.append((time.perf_counter() - begun) * 1_000)
    return sorted(taken)[rounds // 2]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.similar", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one year")
    parser.add_argument("--seeds", type=int, nargs="*", default=list(SEEDS))
    asked = parser.parse_args()
    tallies = measured(asked.seeds[:1] if asked.quick else asked.seeds)
    one = next(iter(tallies.values()))
    print(f"{platform.machine()}, Python {platform.python_version()}; seeds {asked.seeds}")
    print(f"{one.answered} incidents whose cause had been there before, {one.new} whose cause had not\n")
    print("| way | precision@1 | precision@3 | MRR | shown nothing where the cause is new |")
    print("|---|---|---|---|---|")
    for name, tally in tallies.items():
        every = (tally.firsts / tally.answered, tally.right / max(1, tally.shown), tally.reciprocal / tally.answered)
        print(f"| {name} | " + " | ".join(f"{figure:.2f}" for figure in (*every, tally.quiet / tally.new)) + " |")
    print(f"\none comparison with {similarity.MOST:,} past incidents: {timed():.0f} ms")


if __name__ == "__main__":
    main()
