"""Whether what a version wants to be given is served: column by column, by name and by type."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.rules import written

SHOWN, NAME = 5, 60  #: faults that are told; characters of a name from outside

#: Other names of one type, as stores and libraries write them.
_SAME = {
    **dict.fromkeys(("int", "integer"), "int32"),
    **dict.fromkeys(("long", "bigint"), "int64"),
    "float": "float32",
    "double": "float64",
    "str": "string",
    "boolean": "bool",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """What a version wants and what is served to it, name -> type; `why` says why that is not known, and the cure."""

    wanted: Mapping[str, str] = field(default_factory=dict)
    served: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


UNASKED = Columns(why="not measured: nobody asked the feature store")


def found(columns: Columns) -> tuple[bool, str]:
    """Whether every column is served with its type, and what was found: the first faults by name; unknown is no."""
    if columns.why:
        return False, columns.why
    wrong = list(_faults(columns))
    if not wrong:
        return True, f"all {len(columns.wanted)} of them"
    more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    return False, f"{', '.join(wrong[:SHOWN])}{more}"


def same(one: str, other: str) -> bool:
    """Whether two names mean one type; an empty one means none that is known."""
    return bool(_plain(one)) and _plain(one) == _plain(other)


def _faults(columns: Columns) -> Iterator[str]:
    """In the order of their names, so that the same two lists are told alike."""
    for name, wanted in sorted(columns.wanted.items()):
        shown = written.line(name, NAME)
        if name not in columns.served:
            yield f"{shown} is not served"
        elif not same(wanted, columns.served[name]):
            yield f"{shown} is {_type(columns.served[name])} instead of {_type(wanted)}"


def _plain(name: str) -> str:
    plain = name.strip().casefold()
    return _SAME.get(plain, plain)


def _type(name: str) -> str:
    return written.line(name, NAME) or "of no known type"
