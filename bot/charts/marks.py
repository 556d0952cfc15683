"""Small shapes that are told apart without their colours, and moments on an axis of time that are named by letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import cos, pi, sin
from string import ascii_uppercase

MOST = 8  #: moments that are named in one picture
Point = tuple[float, float]

#: What a moment is, by the kind of what happened: its shape and colour. The order is what matters most first.
LOOKS: dict[str, tuple[str, str]] = {
    "opened": ("down", "#c1121f"),
    "mitigated": ("diamond", "#228833"),
    "resolved": ("square", "#228833"),
    "acknowledged": ("circle", "#0b3d91"),
    "applying": ("right", "#aa3377"),
    "seen": ("right", "#aa3377"),
    "done": ("right", "#aa3377"),
    "failed": ("cross", "#aa3377"),
    "unknown": ("cross", "#aa3377"),
    "served": ("right", "#666666"),
    "deploy": ("up", "#b35900"),
}
OTHER = ("circle", "#666666")
#: What only a timeline tells; where there is no room for all, these go first.
LESSER = ("worsened", "regraded", "handed_over", "escalated", "approved", "rejected", "proposed", "snoozed")


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened: when, what it is (a key of LOOKS), and in few words."""

    at: datetime
    what: str
    told: str


def lettered(marks: Sequence[Mark], most: int = MOST) -> tuple[list[tuple[str, Mark]], int]:
    """The most telling ones in their order of time, each with its letter, and how many were left out."""
    order = [*LOOKS, *LESSER]
    rank = {what: place for place, what in enumerate(order)}
    most = min(most, len(ascii_uppercase))
    kept = sorted(marks, key=lambda one: (rank.get(one.what, len(order)), one.at))[:most]
    named = zip(ascii_uppercase, sorted(kept, key=lambda one: one.at), strict=False)
    return list(named), len(marks) - len(kept)


def corners(shape: str, at: Point, size: float) -> list[Point]:
    """The corners of a shape around its middle, `size` from there to its edge."""
    x, y = at
    match shape:
        case "up":
            turns = [(0.0, -1.1), (1.0, 0.8), (-1.0, 0.8)]
        case "down":
            turns = [(0.0, 1.1), (1.0, -0.8), (-1.0, -0.8)]
        case "right":
            turns = [(1.1, 0.0), (-0.8, 1.0), (-0.8, -1.0)]
        case "square":
            turns = [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]
        case "diamond":
            turns = [(0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)]
        case "cross":
            arm = 0.35
            turns = [(0, arm), (1 - arm, 1), (1, 1 - arm), (arm, 0), (1, arm - 1), (1 - arm, -1)]
            turns += [(-a, -b) for a, b in turns]
        case _:
            turns = [(cos(pi * n / 10), sin(pi * n / 10)) for n in range(20)]
    return [(x + a * size, y + b * size) for a, b in turns]


def look(what: str) -> tuple[str, str]:
    """The shape and the colour of a moment."""
    return LOOKS.get(what, OTHER)


def spread(places: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """The places, rising, moved as little as need be so that `least` lies between them, within low and high."""
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + least) if found else max(place, low))
    edge = high
    for number in reversed(range(len(found))):
        found[number] = min(found[number], edge)
        edge = found[number] - least
    return found
