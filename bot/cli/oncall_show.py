"""The roster on a terminal: a table in which everybody has a colour of their own, and the same as data."""

import os
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.cli import say

if TYPE_CHECKING:
    from bot.model.rota import Override, Rota, Shift
    from bot.rules.duty import Duty

NOBODY = "nobody"
COLOURS = (
    *("green", "cyan", "yellow", "magenta", "blue"),
    *("bright_green", "bright_cyan", "bright_yellow", "bright_magenta", "bright_blue"),
)
Row = tuple["Rota", datetime, "Shift", "Sequence[Duty]"]  # who is on call: the rota, when, the span, and each of them


def table(rota: "Rota", duties: "Sequence[Duty]") -> None:
    """A row for each person and span."""
    rows = [
        (local(one.start, rota), local(one.end, rota), one.person or NOBODY, one.layer or one.source, one.why)
        for one in duties
    ]
    people = [*rota.persons, *(one.person for one in duties if one.person)]
    say.table(("FROM", "UNTIL", "ON CALL", "BY", "WHY"), rows, colours(people))


def byhand(rota: "Rota", overrides: "Iterable[Override]") -> None:
    """A row for each change of the rota by hand, with the id by which it is taken back; nothing where there is none."""
    rows = [
        (one.id, one.kind, one.person, one.replaces, local(one.start, rota), local(one.end, rota), one.by, one.why)
        for one in sorted(overrides, key=lambda one: (one.start, one.id))
        if one.rota == rota.name
    ]
    if rows:
        say.line()
        say.table(("CHANGE", "KIND", "WHO", "INSTEAD OF", "FROM", "UNTIL", "BY", "WHY"), rows)


def everybody(rows: Sequence[Row]) -> None:
    """A row for each rota: who is on call, until when and why."""
    say.table(
        ("ROTA", "ON CALL", "UNTIL", "WHY"),
        [(rota.name, _names(duties), local(span.end, rota), _why(duties)) for rota, _, span, duties in rows],
        colours(one.person for *_, duties in rows if len(duties) == 1 for one in duties if one.person),
    )


def data(rota: "Rota", one: "Duty") -> dict[str, object]:
    """One person and span; times with the offset the rota's clocks have then."""
    return {
        "person": one.person,
        "start": _iso(one.start, rota),
        "end": _iso(one.end, rota),
        "layer": one.layer,
        "source": one.source,
        "why": one.why,
    }


def now(rota: "Rota", at: datetime, span: "Shift", duties: "Sequence[Duty]") -> dict[str, object]:
    """Who is on call at a moment; `start` and `end` bound the span in which nobody comes, goes or changes layer."""
    first = duties[0]
    return {
        "rota": rota.name,
        "timezone": rota.timezone,
        "at": _iso(at, rota),
        "person": first.person,
        "persons": [one.person for one in duties if one.person],
        "start": _iso(span.start, rota),
        "end": _iso(span.end, rota),
        "layer": first.layer,
        "source": first.source,
        "why": _why(duties),
        "holders": [data(rota, one) for one in duties if one.person],
    }


def colours(people: Iterable[str]) -> dict[str, str]:
    """A colour for each person: by their name, so that they keep it, and another only where two would share one.

    Empty where the environment says NO_COLOR.
    """
    if os.environ.get("NO_COLOR"):
        return {}
    given: dict[str, str] = {}
    free = list(COLOURS)
    for person in sorted(set(people)):
        wanted = COLOURS[zlib.crc32(person.encode()) % len(COLOURS)]
        free = free or list(COLOURS)
        given[person] = wanted if wanted in free else free[0]
        free.remove(given[person])
    return {**given, NOBODY: "red"}


def _names(duties: "Sequence[Duty]") -> str:
    return ", ".join(one.person for one in duties if one.person) or NOBODY


def _why(duties: "Sequence[Duty]") -> str:
    return " ".join(one.why for one in duties)


def _at(at: datetime, rota: "Rota") -> datetime:
    from bot.rules import clocks

    return at.astimezone(clocks.zone(rota.timezone))


def _iso(at: datetime, rota: "Rota") -> str:
    return _at(at, rota).isoformat()


def local(at: datetime, rota: "Rota") -> str:
    """As people read it; what never began or never ends is a dash."""
    from bot.rules import turns

    return "-" if at <= turns.FIRST or at >= turns.LAST else _at(at, rota).strftime("%Y-%m-%d %H:%M %z")


def compared(rota: "Rota", rows: Sequence[tuple[datetime, datetime, list[str], list[str]]]) -> None:
    """Who is on call before and after a change; where nothing changes the last column says so."""
    shown = []
    for start, end, was, will in rows:
        before, after = (", ".join(names) or NOBODY for names in (was, will))
        shown.append((local(start, rota), local(end, rota), before, after if was != will else "the same"))
    people = [*rota.persons, *(name for *_, was, will in rows for name in (*was, *will))]
    say.table(("FROM", "UNTIL", "NOW", "THEN"), shown, colours(people))


def shift(rota: "Rota", one: "Shift") -> dict[str, object]:
    """A span and everybody on call in it."""
    persons = [holder.person for holder in one.holders]
    return {"start": _iso(one.start, rota), "end": _iso(one.end, rota), "persons": persons}
