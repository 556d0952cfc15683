"""How alike short texts are: TF-IDF over words and over runs of characters, counted over the texts that are compared.

Nothing is learnt beforehand. All texts are one array of characters, so thousands are compared in a few dozen steps of
numpy; terms are told apart by 18 bits of a rolling hash (Karp and Rabin 1987), which now and then makes two rare ones
one. Weights are 1 + log(times) by the smoothed inverse document frequency, the likeness is the cosine (Salton and
Buckley 1988).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

MOST = 300  #: characters of a text that are read
LONGEST = 24  #: characters of a word; what is longer is a token of a machine
RUN = 4  #: characters of a run
_BITS = 18
_MASK = (1 << _BITS) - 1
_BASE = 1_000_003  # odd, so that it has an inverse modulo 2**64
_INVERSE = pow(_BASE, -1, 2**64)
_SPREAD = 0x9E3779B97F4A7C15  # Fibonacci hashing: the high bits of the product are well mixed
_BLANK, _ZERO = ord(" "), ord("0")
#: Of the first 128 characters: letters as they are, digits as one, all else as a blank. Further ones are letters.
_PLAIN = np.array(
    [code if chr(code).isalpha() else _ZERO if chr(code).isdigit() else _BLANK for code in range(128)], np.uint32
)

_TIMES = 1.0 + np.log(np.maximum(np.arange(64), 1))

Scores = NDArray[np.float64]
_Ints = NDArray[np.int64]
_Sums = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Compared:
    """A text beside others, in their order."""

    words: Scores  #: (n,): by the words they share, from 0 to 1
    runs: Scores  #: (n,): by the runs of characters they share: other endings, joined and misspelt words
    _spelt: Mapping[int, str]  # the words of the text
    _terms: "_Terms"

    def shared(self, other: int, most: int) -> list[str]:
        """The words that make it like that one, in small letters, those that say the most first."""
        return [self._spelt[term] for term in self._terms.common(other + 1) if term in self._spelt][:most]


def compare(text: str, others: Sequence[str]) -> Compared:
    """How like `text` each of `others` is; case, digits, signs and what is beyond MOST characters do not count."""
    every = [text, *others]
    letters, sums, lengths = _read(every)
    owner = np.repeat(np.arange(len(every)), lengths)
    starts, ends = _words(letters)
    words = _Terms.of(owner[starts], _hashes(sums, starts, ends), len(every))
    runs = _Terms.of(*_runs(letters, sums, owner), len(every))
    spelt = {}
    for term, start, end in zip(_hashes(sums, starts, ends), starts, ends, strict=True):
        if start >= lengths[0]:
            break
        spelt[int(term)] = letters[start:end].tobytes().decode("utf-32-le", "replace")
    return Compared(words.cosines()[1:], runs.cosines()[1:], spelt, words)


@dataclass(frozen=True, slots=True)
class _Terms:
    """Which terms stand in which text, and how much they weigh there: sorted by text, then by term."""

    text: _Ints
    term: _Ints
    weight: NDArray[np.float64]
    count: int  #: of texts

    @classmethod
    def of(cls, text: _Ints, term: _Ints, count: int) -> "_Terms":
        """What was found, in any order, as often as it was."""
        key = np.sort((text << _BITS) | term)
        first = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1]))) if len(key) else key
        times = np.diff(first, append=len(key))
        text, term = key[first] >> _BITS, key[first] & _MASK
        frequency = np.bincount(term, minlength=1 << _BITS)
        rarity = np.log((1 + count) / (1 + frequency)) + 1.0
        return cls(text, term, _TIMES[np.minimum(times, len(_TIMES) - 1)] * rarity[term], count)

    def cosines(self) -> Scores:
        """(count,): of the first text with each."""
        norms = np.sqrt(np.bincount(self.text, self.weight * self.weight, minlength=self.count))
        mine = slice(0, int(np.searchsorted(self.text, 1)))
        weights = np.zeros(1 << _BITS)
        weights[self.term[mine]] = self.weight[mine]
        products = np.bincount(self.text, self.weight * weights[self.term], minlength=self.count)
        found: Scores = np.minimum(products / np.maximum(norms * norms[0], 1e-12), 1.0)
        return found

    def common(self, other: int) -> list[int]:
        """The terms that the first text shares with another one, the weightiest first."""
        one, two = (slice(*np.searchsorted(self.text, (at, at + 1))) for at in (0, other))
        shared, here, _ = np.intersect1d(self.term[one], self.term[two], True, return_indices=True)
        return [int(term) for term in shared[np.argsort(-self.weight[one][here], kind="stable")]]


def _read(texts: Sequence[str]) -> tuple[NDArray[np.uint32], _Sums, _Ints]:
    """All characters in one row, each text with a blank behind it; their running hashes; how long each text is."""
    plain = [f"{text[:MOST].casefold()} " for text in texts]
    codes = np.frombuffer("".join(plain).encode("utf-32-le", "surrogatepass"), np.uint32)
    letters = np.where(codes < 128, _PLAIN[np.minimum(codes, 127)], codes).astype(np.uint32)
    powers = _powers(_BASE, len(letters))
    with np.errstate(over="ignore"):
        sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(letters * powers, dtype=np.uint64)))
    return letters, sums, np.array([len(text) for text in plain])


def _words(letters: NDArray[np.uint32]) -> tuple[_Ints, _Ints]:
    """The start and the end of each word that is not of digits alone."""
    inside = np.concatenate(([False], letters != _BLANK, [False]))
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    starts, ends = edges[::2], edges[1::2]
    digits = np.concatenate(([0], np.cumsum(letters == _ZERO)))
    kept = (digits[ends] - digits[starts] < ends - starts) & (ends - starts <= LONGEST)
    return starts[kept], ends[kept]


def _runs(letters: NDArray[np.uint32], sums: _Sums, owner: _Ints) -> tuple[_Ints, _Ints]:
    """The text and the hash of each run of RUN characters within one text, one blank or digit in it at most."""
    void = np.concatenate(([0], np.cumsum((letters == _BLANK) | (letters == _ZERO), dtype=np.int32)))
    starts = np.flatnonzero((void[RUN:] - void[:-RUN] <= 1) & (owner[RUN - 1 :] == owner[: 1 - RUN]))
    return owner[starts], _hashes(sums, starts, starts + RUN)


def _hashes(sums: _Sums, starts: _Ints, ends: _Ints) -> _Ints:
    """One number below 2**_BITS for what stands between each start and its end, the same wherever it stands."""
    if not len(starts):
        return np.empty(0, np.int64)
    with np.errstate(over="ignore"):
        moved = (sums[ends] - sums[starts]) * _powers(_INVERSE, int(starts[-1]) + 1)[starts]
        mixed = (moved * np.uint64(_SPREAD)) >> np.uint64(64 - _BITS)
    return mixed.astype(np.int64)


@lru_cache(maxsize=4)
def _longest(base: int, length: int) -> _Sums:
    factors = np.full(length, base, np.uint64)
    factors[0] = 1
    with np.errstate(over="ignore"):
        return np.cumprod(factors, dtype=np.uint64)


def _powers(base: int, length: int) -> _Sums:
    """1, base, base squared and so on, modulo 2**64; read-only, since it is kept."""
    whole = 1 << max(10, (max(1, length) - 1).bit_length())
    return _longest(base, whole)[:length]
