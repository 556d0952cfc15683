"""Who holds the pager at a moment, why, and for how long: one resolver for the roster and for the page."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.model.rota import Amendment, Holder, Layer, Override, Rota, Shift
from bot.rules import turns


def on_call(rota: Rota, at: datetime, overrides: Sequence[Override] = ()) -> tuple[Holder, ...]:
    """Who holds the pager of `rota` at `at`, each with the reason; empty when nobody does.

    A higher layer wins; where its seat is vacant or its member absent, the next lower layer with somebody does.
    An override for everybody stands above the layers; one that `replaces` somebody acts only while they are on call,
    and several are followed one after the other. Overrides of other rotas are left out.
    """
    hand = _hand(rota, at, overrides)
    seated = _for_everybody(rota, hand) or next((holder for holder, _ in _seats(rota, at, hand) if holder), None)
    held = {seated.person: seated} if seated else {}
    for holder in _covering(rota, hand):
        held.setdefault(holder.person, holder)
    return tuple(held.values())


def why(rota: Rota, at: datetime, overrides: Sequence[Override] = ()) -> str:
    """Why `on_call` answers what it does, nobody included, for somebody who has just been woken."""
    if holders := on_call(rota, at, overrides):
        return " ".join(holder.why for holder in holders)
    vacancies = [vacancy for _, vacancy in _seats(rota, at, _hand(rota, at, overrides))]
    return f"Nobody is on call for {rota.name}: {'; '.join(vacancies) or 'it has no members'}."


def shift(rota: Rota, at: datetime, overrides: Sequence[Override] = ()) -> Shift:
    """The longest half-open span around `at` in which `on_call` answers the same."""
    amendments = _of(rota, overrides)
    holders = on_call(rota, at, amendments)
    start, _ = _cell(rota, at, amendments)
    while start > turns.FIRST and on_call(rota, start - turns.TICK, amendments) == holders:
        start, _ = _cell(rota, start - turns.TICK, amendments)
    return Shift(rota.name, start, _until(rota, at, turns.LAST, amendments), holders)


def shifts(rota: Rota, start: datetime, end: datetime, overrides: Sequence[Override] = ()) -> list[Shift]:
    """The shifts of `[start, end)` in order, without gap or overlap, the outer ones cut to it."""
    amendments = [o for o in _of(rota, overrides) if o.start < end and o.end > start]
    found = []
    while start < end:
        after = _until(rota, start, end, amendments)
        found.append(Shift(rota.name, start, after, on_call(rota, start, amendments)))
        start = after
    return found


def handoffs(layer: Layer, zone: str, start: datetime, end: datetime) -> list[datetime]:
    """The instants in `[start, end)` at which a turn of `layer` begins in time zone `zone`, in order, each once."""
    where = turns.zone(zone)
    turn = turns.number(layer, where, start)
    found: list[datetime] = []
    while (instant := turns.begins(layer, where, turn)) < min(end, turns.LAST):
        if instant >= start and instant not in found[-1:]:
            found.append(instant)
        turn += 1
    return found


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
    in_force = [o for o in overrides if o.rota == rota.name and o.start <= at < o.end]
    if not in_force:
        return _UNTOUCHED
    # An order of their own, so that every replica answers the same whatever order they were read in.
    in_force.sort(key=lambda o: (o.start, o.id))
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


def _for_everybody(rota: Rota, hand: _Hand) -> Holder | None:
    """Whom an override puts in everybody's place; None where there is none or its person is away."""
    for override in reversed(hand.amendments):
        if override.kind is Amendment.OVERRIDE and override.replaces is None and override.person:
            told = _told(rota, override, "stands in for whoever it would be")
            holder = _instead(Holder(override.person, f"override:{override.id}", told), rota, hand)
            if holder.person not in hand.absent:
                return holder
    return None


def _covering(rota: Rota, hand: _Hand) -> Iterator[Holder]:
    """Who was added by hand and is not away."""
    for cover in hand.amendments:
        if cover.kind is Amendment.COVER and cover.person:
            added = Holder(cover.person, f"cover:{cover.id}", _told(rota, cover, "covers as well"))
            holder = _instead(added, rota, hand)
            if holder.person not in hand.absent:
                yield holder


# Seats and spans


def _seats(rota: Rota, at: datetime, hand: _Hand) -> Iterator[tuple[Holder | None, str]]:
    """From the highest layer down: who holds its seat, or None and why it is vacant."""
    where, above = turns.zone(rota.timezone), ""
    for layer in reversed(rota.layers):
        if not layer.members:
            continue
        turn = turns.number(layer, where, at)
        member = layer.members[turn % len(layer.members)]
        vacancy = f"the seat in layer {layer.name} is vacant"
        if member is not None:
            until = _spoken(turns.begins(layer, where, turn + 1), rota)
            told = f"It is {member}'s turn in layer {layer.name} of {rota.name} until {until}{above}."
            holder = _instead(Holder(member, f"layer:{layer.name}", told), rota, hand)
            if holder.person not in hand.absent:
                yield holder, ""
                continue
            vacancy = f"{holder.person} is away from layer {layer.name}"
        yield None, vacancy
        above += f"; {vacancy}"


def _cell(rota: Rota, at: datetime, amendments: Sequence[Override]) -> tuple[datetime, datetime]:
    """The half-open span around `at` in which no layer hands over and no amendment begins or ends."""
    where, start, end = turns.zone(rota.timezone), turns.FIRST, turns.LAST
    for layer in rota.layers:
        # A layer of nothing but vacant seats has no hand-over anybody would notice.
        if any(layer.members):
            turn = turns.number(layer, where, at)
            start = max(start, turns.begins(layer, where, turn))
            end = min(end, turns.begins(layer, where, turn + 1))
    for edge in (edge for o in amendments for edge in (o.start, o.end)):
        if edge <= at:
            start = max(start, edge)
        else:
            end = min(end, edge)
    return start, end


def _until(rota: Rota, at: datetime, end: datetime, amendments: Sequence[Override]) -> datetime:
    """When the answer at `at` stops being true; at most `end`."""
    holders = on_call(rota, at, amendments)
    _, after = _cell(rota, at, amendments)
    while after < end and on_call(rota, after, amendments) == holders:
        _, after = _cell(rota, after, amendments)
    return min(after, end)


# Words

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _told(rota: Rota, override: Override, does: str) -> str:
    by = f" by {override.by}" if override.by else ""
    reason = f": {override.why}" if override.why else ""
    until = _spoken(override.end, rota)
    return f"{override.person} {does} on {rota.name} until {until} ({override.kind} {override.id}{by}{reason})."


def _spoken(instant: datetime, rota: Rota) -> str:
    """An instant as the people of the rota say it, whatever the machine's language."""
    if instant >= turns.LAST:
        return "further notice"
    wall = instant.astimezone(turns.zone(rota.timezone))
    day = f"{_DAYS[wall.weekday()]} {wall.day} {_MONTHS[wall.month - 1]} {wall.year}"
    return f"{day} {wall.hour:02}:{wall.minute:02} {rota.timezone}"
