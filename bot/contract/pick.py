"""One place of a mapping: a path, the first of several, several joined, or a constant."""

import sys
from dataclasses import dataclass
from typing import Any

import orjson

from bot.contract import path, reading

_FORMS = "write a path ($.a.b), a list of paths (the first that is there), {join: [paths]} or {value: constant}"


@dataclass(frozen=True, slots=True)
class Pick:
    """Finds one thing of an alert."""

    paths: tuple[path.Path, ...] = ()
    joined: bool = False
    constant: str | int | float | None = None

    @classmethod
    def of(cls, given: object) -> "Pick":
        """The pick that a configuration writes; raises ValueError with the forms there are."""
        if isinstance(given, str):
            return cls((path.parse(given),))
        if isinstance(given, list | tuple) and given:
            return cls(_paths(given))
        if isinstance(given, dict) and set(given) == {"value"} and isinstance(given["value"], str | int | float):
            return cls(constant=given["value"])
        if isinstance(given, dict) and set(given) == {"join"} and isinstance(given["join"], list) and given["join"]:
            return cls(_paths(given["join"]), joined=True)
        raise ValueError(_FORMS)

    def find(self, alert: Any, body: Any) -> Any:
        """What was picked, or None. Joined parts must all be texts or numbers, and never merge by accident."""
        if self.constant is not None:
            return self.constant
        if self.joined:
            parts = [reading.text(one.find(alert, body), sys.maxsize) for one in self.paths]
            return None if None in parts else orjson.dumps(parts).decode()
        for one in self.paths:
            found = one.find(alert, body)
            if found is not None and found != "":
                return found
        return None

    def __str__(self) -> str:
        if self.constant is not None:
            return "a constant"
        return (" and " if self.joined else " or ").join(one.text for one in self.paths)


def _paths(given: list[object] | tuple[object, ...]) -> tuple[path.Path, ...]:
    texts = [one for one in given if isinstance(one, str)]
    if len(texts) < len(given):
        raise ValueError(_FORMS)
    return tuple(path.parse(one) for one in texts)
