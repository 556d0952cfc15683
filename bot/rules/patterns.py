"""Regular expressions that cannot run away: measured when they are read, before any alert meets them."""

import re
import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as grammar  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from bot.errors import BadInput

try:
    import re2
except ImportError:  # the extra `re2`; without it a pattern that could run away is refused
    re2 = None

LONGEST = 1_024  #: characters of a pattern, and of the text it is tried on
# What two free repeats cost on the longest text. A third would take seconds for one alert.
MOST_WAYS = 2 * LONGEST**2

Found = Callable[[str], object]


class _Size(NamedTuple):
    """In how many ways a piece can match one text, and how long what it matches can be."""

    ways: int
    shortest: int
    longest: int


@lru_cache(maxsize=4_096)
def compiled(pattern: str) -> Found:
    """Whether a text matches all of `pattern`, as a function; BadInput when it is wrong or could run away."""
    if len(pattern) > LONGEST:
        raise BadInput(f"The pattern is over {LONGEST} characters.", "Shorten it.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found: Found = re.compile(pattern, re.DOTALL).fullmatch
            safe = tame(pattern)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise BadInput(f"The pattern {pattern!r} is wrong: {error}.", "Mend it; every text must match whole.") from None
    if safe:
        return found
    if re2 is None:
        raise BadInput(
            f"The pattern {pattern!r} could run away: a repeat stands in a repeat, or too many follow each other.",
            "Write it with fewer repeats, or install tocsin[re2], whose patterns take linear time.",
        )
    try:
        linear: Found = re2.compile(f"(?s:{pattern})").fullmatch
    except re2.error as error:
        raise BadInput(f"The pattern {pattern!r} is wrong: {error}.", "Mend it.") from None
    return linear


def tame(pattern: str) -> bool:
    """True where trying a text of LONGEST characters takes at most about MOST_WAYS steps."""
    pieces = list(grammar.parse(pattern, re.DOTALL))
    # An open end takes all that is left at its first try, whatever stood before.
    if pieces and pieces[-1][0] is op.MAX_REPEAT and list(pieces[-1][1][2]) == [(op.ANY, None)]:
        pieces.pop()
    return _sequence(pieces).ways <= MOST_WAYS


def words(pattern: str) -> frozenset[str] | None:
    """The texts a pattern matches where it is a plain list, as in `a|b|c`; None for any other."""
    found = pattern.removeprefix("(").removesuffix(")").split("|")
    return frozenset(found) if all(re.fullmatch(r"[\w\- ]+", word) for word in found) else None


def beginning(pattern: str) -> str:
    """The letters every matching text begins with; none where their case does not count."""
    found, pieces = "", grammar.parse(pattern, re.DOTALL)
    for name, value in pieces if not pieces.state.flags & re.IGNORECASE else ():
        if name is not op.LITERAL:
            break
        found += chr(value)
    return found


def _sequence(pieces: Sequence[Any]) -> _Size:
    ways, shortest, longest = 1, 0, 0
    for name, value in pieces:
        size = _piece(name, value)
        ways = min(ways * size.ways, MOST_WAYS + 1)
        shortest, longest = shortest + size.shortest, longest + size.longest
    return _Size(ways, shortest, longest)


def _piece(name: object, value: Any) -> _Size:
    if name in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN):
        return _Size(1, 1, 1)
    if name is op.AT:
        return _Size(1, 0, 0)
    if name is op.SUBPATTERN:
        return _sequence(value[3])
    if name is op.ATOMIC_GROUP:
        return _sequence(value)
    if name in (op.ASSERT, op.ASSERT_NOT):
        return _Size(_sequence(value[1]).ways, 0, 0)
    if name is op.BRANCH:
        return _branch(value[1])
    if name in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return _repeat(*value)
    # References back to a group and conditions on one: their cost depends on the text.
    return _Size(MOST_WAYS + 1, 0, LONGEST)


def _branch(branches: Sequence[Sequence[Any]]) -> _Size:
    sizes = [_sequence(branch) for branch in branches]
    # Where each begins with a letter of its own, whatever its case, only one of them can match.
    first = {chr(branch[0][1]).lower() for branch in branches if len(branch) and branch[0][0] is op.LITERAL}
    apart = len(first) == len(branches) and all(letter.isascii() for letter in first)
    ways = max(s.ways for s in sizes) if apart else sum(s.ways for s in sizes)
    return _Size(ways, min(s.shortest for s in sizes), max(s.longest for s in sizes))


def _repeat(least: int, most: int, pieces: Sequence[Any]) -> _Size:
    size = _sequence(pieces)
    often = min(most, LONGEST)
    if size.ways > 1 and often > 1:
        # Each round multiplies the ways of the one before.
        rounds = size.ways ** min(often, 24)
        return _Size(min(rounds, MOST_WAYS + 1), least * size.shortest, LONGEST)
    if size.shortest == 0 and often > 1:
        return _Size(MOST_WAYS + 1, 0, LONGEST)
    return _Size((often - min(least, often) + 1) * size.ways, least * size.shortest, often * size.longest)
