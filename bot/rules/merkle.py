"""The Merkle tree of RFC 6962 (section 2.1) over the hashes of a chain's entries, grown one leaf at a time.

A leaf is `SHA-256(0x00 || hash of the entry)`, a node `SHA-256(0x01 || left || right)`. A span of leaves is kept as
the roots of the fewest perfect subtrees that tile it, at most two for each binary digit. Those of what lies before a
span and after it are all it takes to prove that the span stands in a tree, and that one tree goes on from another.
"""

import hashlib
from collections.abc import Iterable, Iterator

EMPTY = hashlib.sha256().digest()  #: the root of no leaves
_sha = hashlib.sha256


class Span:
    """The leaves from `begin` up to `end`, as roots of perfect subtrees from left to right."""

    __slots__ = ("begin", "end", "roots")

    def __init__(self, begin: int = 0) -> None:
        """No leaves yet; from the very first one it is a tree."""
        self.begin = self.end = begin
        self.roots: list[bytes] = []

    @classmethod
    def of(cls, begin: int, end: int, roots: Iterable[str]) -> "Span":
        """What was written down, in hexadecimal; ValueError where so many roots do not tile that span."""
        span = cls(begin)
        span.end, span.roots = end, [bytes.fromhex(root) for root in roots]
        if not 0 <= begin <= end or len(span.roots) != sum(1 for _ in cover(begin, end)):
            raise ValueError(f"{len(span.roots)} roots do not tile the leaves {begin} to {end}")
        if any(len(root) != 32 for root in span.roots):
            raise ValueError("a root has 32 bytes")
        return span

    def add(self, entry: bytes) -> None:
        """One leaf more: the hash of the next entry."""
        self._join(_sha(b"\x00" + entry).digest(), 0)

    def follow(self, other: "Span") -> None:
        """All the leaves of `other`, which begins where this one ends; ValueError where it does not."""
        if other.begin != self.end:
            raise ValueError(f"a span that begins at {other.begin} does not follow one that ends at {self.end}")
        for root, level in zip(other.roots, cover(other.begin, other.end), strict=True):
            self._join(root, level)

    def root(self) -> bytes:
        """The Merkle tree hash of all leaves from the first; ValueError for a span that begins later."""
        if self.begin:
            raise ValueError("only what begins at the first leaf has a root")
        if not self.roots:
            return EMPTY
        found = self.roots[-1]
        for left in self.roots[-2::-1]:
            found = _sha(b"\x01" + left + found).digest()
        return found

    def written(self) -> tuple[str, ...]:
        """The roots in hexadecimal, as `of` reads them."""
        return tuple(root.hex() for root in self.roots)

    def _join(self, root: bytes, level: int) -> None:
        """A perfect subtree at the end; it becomes one with its left half where that is here."""
        place = self.end >> level
        while place & 1 and (place - 1) << level >= self.begin:
            root = _sha(b"\x01" + self.roots.pop() + root).digest()
            place, level = place >> 1, level + 1
        self.roots.append(root)
        self.end = (place + 1) << level


def cover(begin: int, end: int) -> Iterator[int]:
    """The heights of the fewest perfect subtrees that tile the leaves from `begin` up to `end`, from left to right."""
    while begin < end:
        widest = (begin & -begin).bit_length() - 1 if begin else end.bit_length() - 1
        height = min(widest, (end - begin).bit_length() - 1)
        yield height
        begin += 1 << height
