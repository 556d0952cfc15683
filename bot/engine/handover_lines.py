"""The lines of a report of a shift: data that any door can say in any language, on the clocks of any zone.

A line is `{"say": <name of a sentence of words.handover>, "parts": {...}}`; a part is words as they are, a number,
another line, `{"at": <instant>}`, or `{"lever": ..., "model": ...}` and `{"lever": ..., "step": ...}` of a change.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from bot import words
from bot.engine import windows
from bot.model.change import Change
from bot.rules import written
from bot.words import Words

KEPT = 25  #: lines of a section that a report holds
NAME, TITLE, WHY = 60, 120, 160  # characters
Line = dict[str, Any]
Section = dict[str, Any]
T = TypeVar("T")


def line(say: str, **parts: object) -> Line:
    """One sentence with its parts."""
    return {"say": say, "parts": parts}


def at(when: datetime) -> Line:
    """An instant, as a part."""
    return {"at": when.isoformat()}


def name(text: str | None) -> str:
    """What somebody called something, as a part."""
    return written.line(text or "?", NAME)


def title(text: str) -> str:
    """What an alert or a person called the trouble, without the stop at its end: another sentence follows."""
    return written.line(text, TITLE).rstrip(".") or "?"


def why(text: str) -> str:
    """A reason, as a part."""
    return written.line(text, WHY)


def what(change: Change) -> Line:
    """What a change does to which model, as a part."""
    return {"lever": change.plan.lever.value, "model": name(change.plan.model)}


def step(change: Change) -> Line:
    """How far it has come, as a part."""
    return {"lever": change.plan.lever.value, "step": change.step.value}


def section(kind: str, found: Iterable[T], draw: Callable[[T], Line]) -> Section:
    """A section of the first KEPT, and how many there are in all."""
    every = list(found)
    return {"kind": kind, "total": len(every), "lines": [draw(one) for one in every[:KEPT]]}


def filled(kind: str, lines: Iterable[Line]) -> Section:
    """A section of lines that are drawn already."""
    return section(kind, lines, lambda one: one)


def template(one: Mapping[str, Any], w: Words) -> str:
    """The sentence of a line in a language."""
    return str(getattr(w.handover, one["say"]))


def text(one: Mapping[str, Any], w: Words, zone: str) -> str:
    """A line in plain words, by the clocks of a zone."""
    return words.fill(template(one, w), **{key: said(part, w, zone) for key, part in one["parts"].items()})


def said(part: Any, w: Words, zone: str) -> str:
    """A part in plain words."""
    if not isinstance(part, Mapping):
        return str(part)
    if "at" in part:
        return windows.clock(datetime.fromisoformat(part["at"]), zone)
    return text(part, w, zone) if "say" in part else of_change(part, w)


def of_change(part: Mapping[str, Any], w: Words) -> str:
    """What a change does, or how far it has come."""
    if "step" in part:
        return words.step(w, part["lever"], part["step"])
    return words.fill(w.change.levers[part["lever"]], model=part["model"])
