"""The small path language of a mapping: `$.a.b[0]['c d']` from the alert, `$$.a` from the whole body."""

import re
from dataclasses import dataclass
from typing import Any

_STEP = re.compile(r"\.([^.\[\]\s'\"$]+)|\[(-?[0-9]{1,6})\]|\['([^']*)'\]|\[\"([^\"]*)\"\]")


@dataclass(frozen=True, slots=True)
class Path:
    """Names and positions to follow from the alert, or from the whole body."""

    text: str
    whole: bool
    steps: tuple[str | int, ...]

    def find(self, alert: Any, body: Any) -> Any:
        """What stands there, or None: null and nothing are the same."""
        here = body if self.whole else alert
        for step in self.steps:
            if isinstance(step, str):
                here = here.get(step) if isinstance(here, dict) else None
            else:
                here = here[step] if isinstance(here, list) and -len(here) <= step < len(here) else None
        return here


def parse(text: str) -> Path:
    """The path that `text` spells; raises ValueError with the place that cannot be read."""
    start = 2 if text.startswith("$$") else 1
    if not text.startswith("$"):
        raise ValueError("a path begins with `$` (the alert) or `$$` (the whole body); a constant is {value: ...}")
    steps: list[str | int] = []
    place = start
    while place < len(text):
        match = _STEP.match(text, place)
        if match is None:
            raise ValueError(f"the path breaks off at character {place + 1}; steps are .name, [0], ['a name']")
        name, number, single, double = match.groups()
        steps.append(int(number) if number is not None else next(n for n in (name, single, double) if n is not None))
        place = match.end()
    return Path(text=text, whole=start == 2, steps=tuple(steps))
