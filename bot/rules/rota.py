"""Who holds the pager at a moment, why, and for how long: one resolver for the roster and for the page."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from bot.model.rota import Amendment, Holder, Layer, Override, Rota, Shift, Temporary, Unit
from bot.rules import clocks, turns
from bot.rules.turns import Spans, Turns

_YEAR = timedelta(days=400)
_LENGTH = {
    Unit.HOUR: timedelta(hours=1),
    Unit.DAY: timedelta(days=1),
    Unit.WEEK: timedelta(weeks=1),
    Unit.MONTH: timedelta(days=31),
}


def on_call(rota: Rota, at: datetime, overrides: Sequence[Override] = ()) -> tuple[Holder, ...]:
    """Who holds the pager of `rota` at `at`, each with the reason; empty when nobody does.

    A higher layer wins; where it does not hold, its seat is vacant or everybody in it absent, the next lower layer
    with somebody does. A temporary schedule takes the place of all layers. An override for everybody stands above
    them; one that `replaces` somebody acts only while they are on call, and several are followed one after the other.
    Overrides of other rotas are left out. What the rota was at `at` counts, where it was edited since.
    """
    return _held(as_it_was(rota, at), at, _hand(rota, at, overrides))


def why(rota: Rota, at: datetime, overrides: Sequence[Override] = ()) -> str:
    """Why `on_call` answers what it does, nobody included, for somebody who has just been woken."""
    if holders := on_call(rota, at, overrides):
        return " ".join(holder.why for holder in holders)
    rota = as_it_was(rota, at)
    vacancies = [vacancy for _, vacancy in _seats(rota, at, _hand(rota, at, overrides))]
    return f"Nobody is on call for {rota.name}: {'; '.join(vacancies) or 'it has no members'}."


def shift(rota: Rota, at: datetime, overrides: Sequence[Override] = ()) -> Shift:
    """The longest half-open span around `at` in which `on_call` answers the same.

    What has not changed for a whole rotation and more than a year stays until the next edge that was written down: to
    walk on hour by hour, where a window opens in vacant hours only, takes millennia.
    """
    amendments = _of(rota, overrides)
    holders = on_call(rota, at, amendments)
    start, end = _cell(rota, at, amendments)
    seen = _seen(rota)
    least = at - seen
    while start > turns.FIRST and on_call(rota, start - turns.TICK, amendments) == holders:
        start, _ = _cell(rota, start - turns.TICK, amendments)
        if start < least:
            start = max((edge for edge in _written(rota, amendments) if edge < start), default=turns.FIRST)
            least = max(start, turns.FIRST + seen) - seen
    most = at + seen
    while end < turns.LAST and on_call(rota, end, amendments) == holders:
        _, end = _cell(rota, end, amendments)
        if end > most:
            end = min((edge for edge in _written(rota, amendments) if edge > end), default=turns.LAST)
            most = min(end, turns.LAST - seen) + seen
    return Shift(rota.name, max(start, turns.FIRST), min(end, turns.LAST), holders)


def shifts(rota: Rota, start: datetime, end: datetime, overrides: Sequence[Override] = ()) -> list[Shift]:
    """The shifts of `[start, end)` in order, without gap or overlap, the outer ones cut to it."""
    amendments = [o for o in _of(rota, overrides) if o.start < end and o.end > start]
    found: list[Shift] = []
    if start >= end:
        return found
    begun, holders = start, on_call(rota, start, amendments)
    for edge, hand in _hands(_edges(rota, start, end, amendments), amendments):
        after = _held(as_it_was(rota, edge), edge, hand)
        if after != holders:
            found.append(Shift(rota.name, begun, edge, holders))
            begun, holders = edge, after
    return [*found, Shift(rota.name, begun, end, holders)]


def handoffs(layer: Layer, zone: str, start: datetime, end: datetime) -> list[datetime]:
    """The instants in `[start, end)` at which a turn of `layer` begins in time zone `zone`, in order, each once."""
    ready = turns.Turns(layer, zone)
    since, until = clocks.instant(start), min(clocks.instant(end), clocks.LATEST)
    turn = ready.number(since)
    found: list[int] = []
    while (at := ready.begins(turn)) < until:
        if at >= since and at not in found[-1:]:
            found.append(at)
        turn += 1
    return [clocks.moment(at) for at in found]


def as_it_was(rota: Rota, at: datetime) -> Rota:
    """The rota in the form that was in force at `at`."""
    if not rota.past:
        return rota
    return next((past.rota for past in rota.past if at < past.until), rota)


# What was changed by hand


class _Hand(NamedTuple):
    """The amendments in force at one moment, the one begun last last."""

    amendments: Sequence[Override] = ()
    instead: Mapping[str, Override] = {}  #: by whom it replaces
    absent: frozenset[str] = frozenset()


_UNTOUCHED = _Hand()


def _of(rota: Rota, overrides: Sequence[Override]) -> list[Override]:
    return [o for o in overrides if o.rota == rota.name]


def _hand(rota: Rota, at: datetime, overrides: Sequence[Override]) -> _Hand:
    in_force = [o for o in overrides if o.start <= at < o.end and o.rota == rota.name]
    return _gathered(sorted(in_force, key=_order)) if in_force else _UNTOUCHED


def _hands(edges: Sequence[datetime], amendments: Sequence[Override]) -> Iterator[tuple[datetime, _Hand]]:
    """What is in force at each of some instants in order, without looking at every amendment at each."""
    coming, now = sorted(amendments, key=_order, reverse=True), list[Override]()
    for edge in edges:
        while coming and coming[-1].start <= edge:
            now.append(coming.pop())
        if now:
            now = [o for o in now if edge < o.end]
        yield edge, _gathered(now) if now else _UNTOUCHED


def _order(override: Override) -> tuple[datetime, str]:
    """An order of their own, so that every replica answers the same whatever order they were read in."""
    return override.start, override.id


def _gathered(in_force: Sequence[Override]) -> _Hand:
    instead = {o.replaces: o for o in in_force if o.kind is Amendment.OVERRIDE and o.replaces is not None}
    absent = frozenset(o.person for o in in_force if o.kind is Amendment.ABSENCE and o.person is not None)
    return _Hand(in_force, instead, absent)


def _instead(holder: Holder, rota: Rota, hand: _Hand) -> Holder:
    """Who stands in for `holder` once every override is followed; two who swap stop after one step."""
    seen = {holder.person}
    while (override := hand.instead.get(holder.person)) and override.person and override.person not in seen:
        seen.add(override.person)
        told = _told(rota, override, f"stands in for {holder.person}")
        holder = Holder(override.person, f"override:{override.id}", told)
    return holder


def _for_everybody(rota: Rota, hand: _Hand) -> tuple[Holder, ...]:
    """Whom an override puts in everybody's place; nobody where there is none or its person is away."""
    for override in reversed(hand.amendments):
        if override.kind is Amendment.OVERRIDE and override.replaces is None and override.person:
            told = _told(rota, override, "stands in for whoever it would be")
            holder = _instead(Holder(override.person, f"override:{override.id}", told), rota, hand)
            if holder.person not in hand.absent:
                return (holder,)
    return ()


def _covering(rota: Rota, hand: _Hand) -> Iterator[Holder]:
    """Who was added by hand and is not away."""
    for cover in hand.amendments:
        if cover.kind is Amendment.COVER and cover.person:
            added = Holder(cover.person, f"cover:{cover.id}", _told(rota, cover, "covers as well"))
            holder = _instead(added, rota, hand)
            if holder.person not in hand.absent:
                yield holder


# Seats and spans


def _held(rota: Rota, at: datetime, hand: _Hand) -> tuple[Holder, ...]:
    found = _for_everybody(rota, hand) or _seated(rota, at, hand)
    if not hand.amendments and len(found) < 2:
        return found
    held: dict[str, Holder] = {}
    for holder in (*found, *_covering(rota, hand)):
        held.setdefault(holder.person, holder)
    return tuple(held.values())


def _seated(rota: Rota, at: datetime, hand: _Hand) -> tuple[Holder, ...]:
    """Who holds the highest seat that anybody holds."""
    for holders, _ in _seats(rota, at, hand):
        if holders:
            return holders
    return ()


READY = 4_096  #: rotas that are kept ready
_ready: OrderedDict[int, tuple[Rota, tuple[Turns | Spans, ...]]] = OrderedDict()


def _turns(rota: Rota) -> tuple[Turns | Spans, ...]:
    """Its layers with members, the highest first; by identity, since to compare rotas takes longer than to answer."""
    kept = _ready.get(id(rota))
    if kept is None or kept[0] is not rota:
        layers = tuple(
            turns.of(layer, rota.timezone) for layer in reversed(rota.layers) if layer.members or layer.calendar
        )
        kept = _ready[id(rota)] = (rota, layers)
        while len(_ready) > READY:
            _ready.popitem(last=False)
    return kept[1]


def _seats(rota: Rota, at: datetime, hand: _Hand) -> Iterator[tuple[tuple[Holder, ...], str]]:
    """From the highest layer down: who holds its seat, or nobody and why."""
    if temporary := _temporary(rota, at):
        yield _temporarily(rota, temporary, at, hand)
        return
    now, above = clocks.instant(at), ""
    for layer in _turns(rota):
        holders, vacancy = _seat(rota, layer, now, hand, above)
        yield holders, vacancy
        above += f"; {vacancy}"


def _seat(rota: Rota, ready: Turns | Spans, now: int, hand: _Hand, above: str) -> tuple[tuple[Holder, ...], str]:
    """Who holds the seat of a layer, or nobody and why; `above` is why no higher layer has anybody."""
    name = ready.layer.name
    if not ready.anybody:
        return (), f"the seat in layer {name} is vacant"
    seat = ready.seat(now)
    if seat is None:
        return (), f"layer {name} does not hold now"
    persons, end = seat
    if not persons:
        return (), f"the seat in layer {name} is vacant"
    holders = _turn(rota.name, name, persons, _spoken(end, rota.timezone), above)
    if not hand.amendments:
        return holders, ""
    holders = tuple(_instead(holder, rota, hand) for holder in holders)
    if there := tuple(holder for holder in holders if holder.person not in hand.absent):
        return there, ""
    return (), f"{_away(holders, f'layer {name}')} ({_absences(holders, hand)})"


def _away(holders: Sequence[Holder], where: str) -> str:
    names = " and ".join(holder.person for holder in holders)
    return f"{names} {'is' if len(holders) == 1 else 'are'} away from {where}"


def _absences(holders: Sequence[Holder], hand: _Hand) -> str:
    """Which absences that is by: whoever wants to take one back needs its id."""
    away = {holder.person for holder in holders}
    return ", ".join(
        f"{one.kind} {one.id}" for one in hand.amendments if one.kind is Amendment.ABSENCE and one.person in away
    )


def _turn(rota: str, layer: str, persons: tuple[str, ...], until: str, above: str) -> tuple[Holder, ...]:
    said = f"turn in layer {layer} of {rota} until {until}{above}."
    return tuple(Holder(one, f"layer:{layer}", f"It is {one}'s {said}") for one in persons)


def _temporary(rota: Rota, at: datetime) -> Temporary | None:
    if not rota.temporary:
        return None
    return next((one for one in reversed(rota.temporary) if one.start <= at < one.end), None)


def _temporarily(rota: Rota, temporary: Temporary, at: datetime, hand: _Hand) -> tuple[tuple[Holder, ...], str]:
    """Who is named by the schedule that takes the place of all layers."""
    named = []
    for one in temporary.shifts:
        if one.start <= at < one.end:
            until = _spoken(clocks.instant(min(one.end, temporary.end)), rota.timezone)
            told = f"{one.person} is named by {temporary.name} until {until}."
            named.append(Holder(one.person, f"temporary:{temporary.name}", told))
    holders = [_instead(holder, rota, hand) for holder in named]
    if there := tuple(holder for holder in holders if holder.person not in hand.absent):
        return there, ""
    takes = f"{temporary.name}, which takes the place of all layers"
    return (), f"{_away(holders, takes)} ({_absences(holders, hand)})" if holders else f"{takes}, names nobody"


def _cell(rota: Rota, at: datetime, amendments: Sequence[Override]) -> tuple[datetime, datetime]:
    """The half-open span around `at` in which no layer hands over, no window opens, and nothing by hand changes."""
    was, now = as_it_was(rota, at), clocks.instant(at)
    first, last = clocks.EARLIEST, clocks.LATEST
    for layer in _turns(was):
        # A layer of nothing but vacant seats has no hand-over anybody would notice.
        if layer.anybody:
            begin, finish = layer.cell(now)
            first, last = max(first, begin), min(last, finish)
    start, end = clocks.moment(first), clocks.moment(last)
    for edge in _set(rota, was, amendments):
        if start < edge <= at:
            start = edge
        elif at < edge < end:
            end = edge
    return start, end


def _seen(rota: Rota) -> timedelta:
    """What a walk must have seen: every turn of the longest layer, and the holidays of a year."""
    layers = [layer for one in (rota, *(past.rota for past in rota.past)) for layer in one.layers]
    return _YEAR + max((_LENGTH[one.every.unit] * one.every.count * len(one.members) for one in layers), default=_YEAR)


def _edges(rota: Rota, start: datetime, end: datetime, amendments: Sequence[Override]) -> list[datetime]:
    """All instants in `(start, end)` at which the answer may change, in order."""
    found = {edge for one in (rota, *(past.rota for past in rota.past)) for edge in _set(rota, one, amendments)}
    begin = start
    for until, one in (*((past.until, past.rota) for past in rota.past), (end, rota)):
        until = min(until, end)
        if begin < until:
            since, most = clocks.instant(begin), clocks.instant(until)
            for layer in _turns(one):
                if layer.anybody:
                    found.update(map(clocks.moment, layer.edges(since, most)))
            begin = until
    return sorted(edge for edge in found if start < edge < end)


def _set(rota: Rota, was: Rota, amendments: Sequence[Override]) -> Iterator[datetime]:
    """The edges of what was written down with its own beginning and end."""
    for amendment in amendments:
        yield amendment.start
        yield amendment.end
    for past in rota.past:
        yield past.until
    for temporary in was.temporary:
        yield temporary.start
        yield temporary.end
        for one in temporary.shifts:
            yield one.start
            yield one.end


def _written(rota: Rota, amendments: Sequence[Override]) -> Iterator[datetime]:
    """The same over every form the rota had, and the ends of their layers."""
    for one in (rota, *(past.rota for past in rota.past)):
        yield from _set(rota, one, amendments)
        for layer in _turns(one):
            yield from map(clocks.moment, layer.ends())


# Words

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _told(rota: Rota, override: Override, does: str) -> str:
    by = f" by {override.by}" if override.by else ""
    reason = f": {override.why}" if override.why else ""
    until = _spoken(clocks.instant(override.end), rota.timezone)
    return f"{override.person} {does} on {rota.name} until {until} ({override.kind} {override.id}{by}{reason})."


@lru_cache(maxsize=16_384)  # ends are few, and asked about at every moment before them
def _spoken(at: int, zone: str) -> str:
    """An instant of `clocks` as the people of the rota say it, whatever the machine's language."""
    if at >= clocks.LATEST:
        return "further notice"
    wall = clocks.shown(clocks.of(zone).shows(at))
    day = f"{_DAYS[wall.weekday()]} {wall.day} {_MONTHS[wall.month - 1]} {wall.year}"
    return f"{day} {wall.hour:02}:{wall.minute:02} {zone}"
