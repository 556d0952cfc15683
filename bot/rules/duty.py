"""The roster as people read it: for each person the whole span they are on call in one way, and the gaps between."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.rota import Override, Rota, Shift
from bot.rules import rota as rule
from bot.rules import turns

REACH = timedelta(days=366)  #: how far before and after what was asked for somebody's further turns are joined to it

STEP = timedelta(days=8)  # that many days are looked at first, and then eight times as many

Way = tuple[str | None, str, str | None]  #: person, source, layer


@dataclass(frozen=True, slots=True)
class Duty:
    """One person on call during `[start, end)`, or nobody; turns of theirs that touch are one."""

    person: str | None
    start: datetime
    end: datetime
    layer: str | None  #: None where no layer put them there
    source: str  #: layer | override | cover | temporary | gap
    why: str

    @property
    def way(self) -> Way:
        """Who, and by what."""
        return self.person, self.source, self.layer


def listed(rota: Rota, start: datetime, end: datetime, overrides: Sequence[Override] = ()) -> list[Duty]:
    """Whoever is on call in `[start, end)` and its gaps, in the order in which they begin, each whole.

    The first is in force at `start`, and begins where it really does; the last ends where it really does. Empty where
    `end` is not after `start`.
    """
    if start >= end:
        return []
    cells = [rule.shift(rota, start, overrides)]
    if cells[0].end < end:
        cells += rule.shifts(rota, cells[0].end, end, overrides)
        cells[-1] = rule.shift(rota, cells[-1].start, overrides)
    cells = [*_before(rota, cells[0], start - REACH, overrides), *cells]
    cells += _after(rota, cells[-1], end + REACH, overrides)
    return [duty for duty in _joined(rota, cells, overrides) if duty.start < end and duty.end > start]


def steady(rota: Rota, at: datetime, overrides: Sequence[Override] = ()) -> Shift:
    """The span around `at` in which the same people are on call in the same way, looked for as far as REACH."""
    now = rule.shift(rota, at, overrides)
    ways, start, end = _ways(now), now.start, now.end
    for cell in reversed(_before(rota, now, at - REACH, overrides)):
        if _ways(cell) != ways:
            break
        start = cell.start
    for cell in _after(rota, now, at + REACH, overrides):
        if _ways(cell) != ways:
            break
        end = cell.end
    return Shift(rota.name, start, end, now.holders)


def cut(duty: Duty, start: datetime, end: datetime) -> Duty:
    """What of it lies in `[start, end)`."""
    return Duty(duty.person, max(duty.start, start), min(duty.end, end), duty.layer, duty.source, duty.why)


def _before(rota: Rota, first: Shift, since: datetime, overrides: Sequence[Override]) -> list[Shift]:
    """What came before a shift, the oldest first, for as long as one way of being on call goes on."""
    found: list[Shift] = []
    ways, begun, step, since = _ways(first), first.start, STEP, max(since, turns.FIRST)
    while ways and since < begun:
        start = max(begun - step, since)
        for cell in reversed(rule.shifts(rota, start, begun, overrides)):
            found.append(cell)
            ways &= _ways(cell)
            if not ways:
                break
        begun, step = start, step * 8
    if ways and found:
        found[-1] = rule.shift(rota, found[-1].start, overrides)  # the shift at the end of the reach is whole
    return found[::-1]


def _after(rota: Rota, last: Shift, until: datetime, overrides: Sequence[Override]) -> list[Shift]:
    """The same for what comes after it."""
    found: list[Shift] = []
    ways, begun, step, until = _ways(last), last.end, STEP, min(until, turns.LAST)
    while ways and begun < until:
        end = min(begun + step, until)
        for cell in rule.shifts(rota, begun, end, overrides):
            found.append(cell)
            ways &= _ways(cell)
            if not ways:
                break
        begun, step = end, step * 8
    if ways and found:
        found[-1] = rule.shift(rota, found[-1].start, overrides)
    return found


def _joined(rota: Rota, cells: Sequence[Shift], overrides: Sequence[Override]) -> list[Duty]:
    """Shifts that follow each other as duties, by person; those on call together begin in the order of the rota."""
    found: list[Duty] = []
    going: dict[Way, int] = {}  #: where in `found` it stands
    for cell in cells:
        now: dict[Way, int] = {}
        for duty in _duties(rota, cell, overrides):
            place = going.get(duty.way)
            if place is None:
                now[duty.way] = len(found)
                found.append(duty)
            else:
                # The reason of the last turn says until when it goes on.
                now[duty.way] = place
                found[place] = Duty(duty.person, found[place].start, duty.end, duty.layer, duty.source, duty.why)
        going = now
    return found


def _duties(rota: Rota, cell: Shift, overrides: Sequence[Override]) -> Iterator[Duty]:
    if not cell.holders:
        yield Duty(None, cell.start, cell.end, None, "gap", rule.why(rota, cell.start, overrides))
    for holder in cell.holders:
        person, source, layer = _way(holder.person, holder.source)
        yield Duty(person, cell.start, cell.end, layer, source, holder.why)


def _ways(cell: Shift) -> frozenset[Way]:
    found = [_way(holder.person, holder.source) for holder in cell.holders]
    return frozenset(found or [(None, "gap", None)])


def _way(person: str, source: str) -> Way:
    kind, _, name = source.partition(":")
    return person, kind, name if kind == "layer" else None
