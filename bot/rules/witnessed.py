"""Is a chain still what its checkpoints say? Those that stand outside the database show what no chain can by itself.

A cut tail, a rewrite of everything and an old backup put back are all consistent with themselves: only a statement
made earlier, kept elsewhere, tells that there was something else.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from bot.model.checkpoint import Checkpoint
from bot.rules import merkle

SKEW = timedelta(minutes=1)  #: by which the clocks of replicas may differ


@dataclass(frozen=True, slots=True)
class Differs:
    """Where a chain is not what was stated of it: the first entry that may be another, and how that shows."""

    chain: str
    seq: int
    what: str
    upto: int  #: that something up to there is another is certain


def shrunk(chain: str, checkpoints: Iterable[Checkpoint]) -> Differs | None:
    """What shows without any entry: a log that was shorter later, or two of the same length; None where neither is."""
    longest: Checkpoint | None = None
    for one in sorted((each for each in checkpoints if each.chain == chain), key=lambda each: (each.at, each.size)):
        if longest is None or one.size > longest.size:
            longest = one
        elif one.size == longest.size and one.root != longest.root:
            what = f"one of entries 1 to {one.size} is another in the checkpoint of {_when(one)}"
            return Differs(chain, 1, f"{what} than in the one of {_when(longest)}", one.size)
        elif one.size < longest.size and one.at - longest.at > SKEW:
            had = f"a checkpoint of {_when(longest)} has {longest.size} entries, one of {_when(one)} only {one.size}"
            return Differs(
                chain, one.size + 1, f"{had}: its end was cut off, or an old copy was put back", one.size + 1
            )
    return None


class Witness:
    """Grows the tree of one chain beside a walk over its entries, and holds it against each checkpoint it passes."""

    def __init__(self, chain: str, checkpoints: Iterable[Checkpoint], before: merkle.Span | None = None) -> None:
        """`before` is what stands before the first entry that will be seen; without it, nothing does."""
        self.chain = chain
        self.tree = before or merkle.Span()
        self.agreed = self.tree.end if before else 0  #: entries up to here are as the last fitting checkpoint says
        self.held: list[Checkpoint] = []  #: those that fit
        self._next = sorted((one for one in checkpoints if one.size >= self.tree.end), key=lambda one: one.size)
        self._next.reverse()
        self._at = self._next[-1].size if self._next else -1

    def see(self, hash_: str) -> Differs | None:
        """The next entry's hash; what a checkpoint of just this size says against it."""
        self.tree.add(bytes.fromhex(hash_))
        return self._compare(hash_) if self.tree.end == self._at else None

    def follow(self, after: merkle.Span) -> Differs | None:
        """All that follows, as roots; the head of a checkpoint of that size cannot be known then."""
        self.tree.follow(after)
        while self._next and self._next[-1].size < self.tree.end:
            self._next.pop()
        return self._compare(None)

    def missing(self) -> Iterator[Differs]:
        """The first checkpoint of more entries than there are."""
        end = self.tree.end
        if beyond := [one for one in self._next if one.size > end]:
            one = beyond[-1]
            yield Differs(
                self.chain,
                end + 1,
                f"the chain ends at {end}, but a checkpoint of {_when(one)} has {one.size} entries: "
                "its end was cut off, or an old copy was put back",
                end + 1,
            )

    def _compare(self, head: str | None) -> Differs | None:
        """Against every checkpoint of just this size."""
        size, root = self.tree.end, self.tree.root().hex()
        while self._next and self._next[-1].size == size:
            one = self._next.pop()
            if one.root != root or head not in (None, one.head):
                first = self.agreed + 1
                span = f"entry {first} is another" if first == size else f"one of entries {first} to {size} is another"
                return Differs(self.chain, first, f"{span} than when the checkpoint of {_when(one)} was made", size)
            self.held.append(one)
            self.agreed = size
        self._at = self._next[-1].size if self._next else -1
        return None


def _when(one: Checkpoint) -> str:
    return one.at.strftime("%Y-%m-%d %H:%M:%SZ")
