"""What lies ahead: somebody's shifts, the next ones of a rota, the covers they may take, gaps they answer for."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.engine import armed
from bot.engine.desk import Desk
from bot.model.armed import Gap, Lack
from bot.model.cover import Request
from bot.model.rota import Override, Rota, Shift
from bot.rules import rota, turns
from bot.store import Tx, covers, overrides

MONTH = timedelta(days=28)  #: how far somebody's own shifts are looked for
FORTNIGHT = timedelta(days=14)  #: how far gaps are told


@dataclass(frozen=True, slots=True)
class Turn:
    """A shift of somebody's, and the open wish that another takes it."""

    shift: Shift
    wish: Request | None = None
    begun: bool = False  #: it goes on already


@dataclass(frozen=True, slots=True)
class Ahead:
    """What one person's own page says of duty."""

    next: Turn | None = None  #: the shift they have now, else the one that comes
    offers: tuple[Request, ...] = ()  #: open, and offered to them
    gaps: tuple[Gap, ...] = ()  #: of what their teams answer for
    lacks: tuple[Lack, ...] = ()  #: people no page reaches, of whom they or their teams hear


async def mine(desk: Desk, person: str, start: datetime, end: datetime) -> list[Turn]:
    """The shifts of `person` from `start` on in every rota that begin before `end`, the first first, as of `start`."""
    return await desk.store.read(lambda tx: mine_in(tx, desk, person, start, end))


async def coming(desk: Desk, names: Collection[str], start: datetime, most: int) -> dict[str, list[Shift]]:
    """For each of these rotas the `most` shifts from `start` on, within four weeks, by the resolver that pages."""

    def read(tx: Tx) -> dict[str, list[Shift]]:
        changes = _changes(tx, desk, start, start + MONTH)
        rotas = (desk.settings.rotas[name] for name in names if name in desk.settings.rotas)
        return {one.name: rota.shifts(one, start, start + MONTH, changes)[:most] for one in rotas}

    return await desk.store.read(read)


async def offers(desk: Desk, person: str | None, at: datetime) -> list[Request]:
    """The open wishes for cover that `person` may take, or has; all of them for None."""
    found = await desk.store.read(covers.standing)
    return [one for one in found if at < one.end and (person is None or person in (*one.offered, one.person))]


def mine_in(tx: Tx, desk: Desk, person: str, start: datetime, end: datetime) -> list[Turn]:
    """The same as `mine`, within a transaction that reads more."""
    changes, wishes = _changes(tx, desk, start, end), covers.standing(tx)
    named = {change.rota for change in changes if change.person == person}
    own = [one for one in desk.settings.rotas.values() if one.name in named or person in one.persons]
    found = [turn for one in own for turn in _turns(one, person, (start, end), changes)]
    ordered = sorted(found, key=lambda turn: (turn.start, turn.rota))
    return [Turn(turn, _wish(turn, person, wishes), begun=turn.start <= start) for turn in ordered]


def pages(tx: Tx, desk: Desk, persons: Collection[str], at: datetime) -> dict[str, Ahead]:
    """What lies ahead of each of `persons`."""
    open_, looked = covers.standing(tx), armed.standing(tx)
    gaps = [gap for gap in looked.gaps if gap.start < at + FORTNIGHT and at < gap.end] if looked else []
    found = {}
    for person in persons:
        shifts = mine_in(tx, desk, person, at, at + MONTH)
        offered = tuple(one for one in open_ if person in one.offered and person != one.person and at < one.end)
        answers = {f"person:{person}", *_teams(desk, person)}
        own = tuple(gap for gap in gaps if answers & {*gap.owners})
        lacks = tuple(
            one for one in (looked.lacks if looked else ()) if answers & {*one.owners, f"person:{one.person}"}
        )
        found[person] = Ahead(shifts[0] if shifts else None, offered, own, lacks)
    return found


def _teams(desk: Desk, person: str) -> Iterable[str]:
    for team in desk.settings.people.teams.values():
        if person in (*team.members, team.lead):
            yield from (f"team:{team.name}", f"lead:{team.name}")


def _changes(tx: Tx, desk: Desk, start: datetime, end: datetime) -> tuple[Override, ...]:
    return (*desk.settings.overrides, *overrides.active(tx, start, end))


def _turns(one: Rota, person: str, span: tuple[datetime, datetime], changes: Sequence[Override]) -> list[Shift]:
    """The spans in which `person` holds it; those that follow each other for one and the same reason are one.

    The last ends where it really does, so that what is drawn of it does not move with the present.
    """
    found: list[Shift] = []
    for shift in rota.shifts(one, *span, changes):
        own = next((holder for holder in shift.holders if holder.person == person), None)
        if own is None:
            continue
        last = found[-1] if found else None
        if last is not None and last.end == shift.start and own in last.holders:
            found[-1] = replace(last, end=shift.end)
        else:
            found.append(shift)
    if found and found[-1].end == span[1]:
        found[-1] = replace(found[-1], end=rota.shift(one, span[1] - turns.TICK, changes).end)
    return found


def _wish(shift: Shift, person: str, wishes: Iterable[Request]) -> Request | None:
    """The wish of theirs that is about some of this shift."""
    return next(
        (
            one
            for one in wishes
            if one.rota == shift.rota and one.person == person and one.start < shift.end and shift.start < one.end
        ),
        None,
    )
