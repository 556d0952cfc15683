"""Several rotations of one schedule as layers of one rota, or of more where their people are on call at once.

Ours are ranked: of two layers that hold, the higher one counts. What other tools call together is said here by one
rota with several people in a seat, where the turns go alike, and else by several rotas that are paged together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from math import lcm

from bot.importing import week
from bot.model.rota import Layer, Seat, seated

MOST_SEATS = 60  #: of what two rotations become together


@dataclass(frozen=True, slots=True)
class Piece:
    """A layer, and where it stands: only those of one level are on call at once."""

    id: str
    layer: Layer
    level: int = 0
    alone: bool = False  #: it must have a rota of its own


@dataclass(frozen=True, slots=True)
class Part:
    """The layers of one rota, the lowest first, and whose they were."""

    layers: tuple[Layer, ...]
    ids: frozenset[str]


def arrange(pieces: Sequence[Piece]) -> tuple[list[Part], list[str]]:
    """The rotas that say together what the pieces say, and the ids of those for which that is not so at every hour."""
    ready = sorted(_merged(pieces), key=lambda piece: piece.level)
    crowded = any(_meet(one, other) for one, other in _pairs(ready) if one.level == other.level)
    doubts: list[str] = []
    if (crowded and ready[0].level != ready[-1].level) or any(piece.alone for piece in ready):
        ready = list(_cut(ready, doubts))
    together: list[list[Piece]] = []
    for piece in ready:
        for part in together:
            if not piece.alone and not any(one.alone or _crowds(one, piece) for one in part):
                part.append(piece)
                break
        else:
            together.append([piece])
    parts = [Part(tuple(one.layer for one in part), frozenset(_ids(part))) for part in together]
    return parts, doubts


def _ids(part: list[Piece]) -> Iterator[str]:
    return (id_ for piece in part for id_ in piece.id.split("\n"))


def _crowds(one: Piece, other: Piece) -> bool:
    return one.level == other.level and _meet(one, other)


def _pairs(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, Piece]]:
    return ((one, other) for number, one in enumerate(pieces) for other in pieces[number + 1 :])


def _meet(one: Piece, other: Piece) -> bool:
    """Whether both may hold at some time."""
    a, b = one.layer, other.layer
    if a.timezone != b.timezone:
        return True
    for first, second in ((a, b), (b, a)):
        if first.until and second.since and first.until <= second.since:
            return False
    return week.meet(week.of(a), week.of(b))


def _merged(pieces: Sequence[Piece]) -> list[Piece]:
    """Those whose turns go alike become one, with several people in a seat."""
    kept: list[Piece] = []
    for piece in pieces:
        for place, other in enumerate(kept):
            if not (piece.alone or other.alone) and _alike(piece, other):
                members = _seats(piece.layer.members, other.layer.members)
                layer = replace(other.layer, name=f"{other.layer.name}-{piece.layer.name}", members=tuple(members))
                kept[place] = replace(other, id=f"{other.id}\n{piece.id}", layer=layer)
                break
        else:
            kept.append(piece)
    return kept


def _alike(one: Piece, other: Piece) -> bool:
    a, b = one.layer, other.layer
    many = lcm(len(a.members), len(b.members)) <= MOST_SEATS
    return many and one.level == other.level and replace(a, name="", members=()) == replace(b, name="", members=())


def _seats(some: Sequence[Seat], others: Sequence[Seat]) -> Iterator[Seat]:
    for turn in range(lcm(len(some), len(others))):
        both = (*seated(others[turn % len(others)]), *seated(some[turn % len(some)]))
        persons = tuple(dict.fromkeys(both))
        yield (persons if len(persons) > 1 else persons[0]) if persons else None


def _cut(pieces: Sequence[Piece], doubts: list[str]) -> Iterator[Piece]:
    """Each without the hours of those above it, so that it matters no longer in which rota they stand."""
    for piece in pieces:
        above = [other.layer for other in pieces if other.level > piece.level and _meet(piece, other)]
        if above and (piece.layer.rolling or not all(_full(layer, piece.layer) for layer in above)):
            doubts += piece.id.split("\n")
            above = []
        for begin, end in pairwise(_bounds(piece.layer, above)):
            there = [layer for layer in above if _holds(layer, begin, end)]
            hours = week.normal(span for layer in there for span in week.of(layer))
            if left := week.minus(week.of(piece.layer), hours):
                only = week.windows(left) if there else piece.layer.only
                layer = replace(piece.layer, since=begin, until=end, only=only)
                if week.opens(layer):
                    yield replace(piece, layer=layer)


def _full(above: Layer, below: Layer) -> bool:
    """Whether a layer has somebody in all of its hours, told by the same clocks as those of the lower one."""
    return None not in above.members and above.timezone == below.timezone


def _bounds(layer: Layer, above: Sequence[Layer]) -> list[datetime | None]:
    """When the layer begins and ends, and between them all the times at which one above it does."""
    begun, ended = layer.since, layer.until
    found = {edge for one in above for edge in (one.since, one.until) if edge}
    edges = [edge for edge in found if (not begun or begun < edge) and (not ended or edge < ended)]
    return [layer.since, *sorted(edges), layer.until]


def _holds(layer: Layer, begin: datetime | None, end: datetime | None) -> bool:
    since = layer.since is None or (begin is not None and layer.since <= begin)
    return since and (layer.until is None or (end is not None and layer.until >= end))
