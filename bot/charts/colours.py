"""A colour for each person that they keep, told apart by colour-blind eyes too, with black words on it."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: The light scheme of Paul Tol (https://personal.sron.nl/~pault/, "Light qualitative") without its grey and olive.
LIGHT = ("#77aadd", "#44bb99", "#eedd88", "#99ddff", "#bbcc33", "#ffaabb", "#ee8866")
#: For lines and shapes on white, told apart by colour-blind eyes too: his scheme "Bright qualitative".
BRIGHT = ("#4477aa", "#ee6677", "#228833", "#aa3377")
MARKS = ("", "\\\\\\", "|||", "---", "+++")  #: what is drawn over a colour that somebody else has already


@dataclass(frozen=True, slots=True)
class Paint:
    """A fill, and the pattern over it where more people than colours are there."""

    fill: str
    mark: str = ""


def of(people: Iterable[str]) -> Mapping[str, Paint]:
    """A paint for each of them: by their name, so that they keep it, and the next only where two would share one."""
    given: dict[str, Paint] = {}
    paints = [Paint(fill, mark) for mark in MARKS for fill in LIGHT]
    free = list(paints)
    for person in sorted(set(people)):
        first = zlib.crc32(person.encode("utf-8", "replace")) % len(LIGHT)
        wanted = next((one for one in _from(paints, first) if one in free), paints[first])
        given[person] = wanted
        if wanted in free:
            free.remove(wanted)
    return given


def _from(paints: list[Paint], first: int) -> Iterable[Paint]:
    """All paints, plain ones first, each round beginning at the person's own."""
    for start in range(0, len(paints), len(LIGHT)):
        round_ = paints[start : start + len(LIGHT)]
        yield from (*round_[first:], *round_[:first])
