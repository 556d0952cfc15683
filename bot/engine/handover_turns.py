"""Looks each minute for the changes of shift that lie ahead, and for those that a bot that was down has missed.

What it finds becomes jobs under (rota, instant, phase), which any number of replicas put down once; the row of a
handover is the truth. A draft that no change of shift answers to any more is put right at once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.engine import handover_course, roster
from bot.engine.desk import Desk
from bot.model.handover import Handover, Standing
from bot.model.job import NewJob
from bot.rules import handover as rule
from bot.rules import standin
from bot.rules.handover import Turn
from bot.store import Tx, handovers, jobs, overrides

BACK = timedelta(hours=24)  #: changes of shift that were missed longer ago are nobody's news any more
AHEAD = timedelta(minutes=5)  #: so long before its time each job stands in the table

STILL = (Standing.DRAFT, Standing.MOVED)  #: not posted, so that there is something to find out

Key = tuple[str, datetime]


@dataclass(frozen=True)
class _Found:
    """What is to be put down; `fresh` where a rota is handed over from now on, or no more."""

    bells: tuple[NewJob, ...] = ()
    drafts: tuple[Key, ...] = ()  #: that are due and missing, or not as the rota is now
    fresh: bool = False


async def recur(desk: Desk, now: datetime) -> None:
    """Put down what lies ahead and what was missed, and put drafts right; nothing is written where nothing is new."""
    found = await desk.store.read(lambda tx: _look(tx, desk, now))
    if found.bells or found.drafts or found.fresh:
        await desk.store.write(lambda tx: _put_down(tx, desk, found))


def _look(tx: Tx, desk: Desk, now: datetime) -> _Found:
    names, since = _named(desk), handovers.watched(tx)
    end = now + desk.settings.handover.draft + AHEAD
    changes = roster.changes(tx, desk, now - BACK - handover_course.SEEN, end + standin.AROUND)
    rows = [*handovers.between(tx, now - BACK, end), *handovers.standing(tx, Standing.DRAFT)]
    known = {(one.rota, one.at): one for one in rows}
    turns: dict[Key, Turn] = {}
    for name in names:
        rota, start = desk.settings.rotas[name], max(now - BACK, since.get(name, now))
        for at in rule.instants(rota, start, end, changes):
            there = known.get((name, at))
            turn = rule.change(rota, at, changes) if there is None or there.standing in STILL else None
            if turn and turn.length >= desk.settings.handover.least:
                turns[name, at] = turn
    wrong = [key for key, one in known.items() if _wrong(one, turns.get(key), now)]
    wrong += [key for key in turns if key not in known and key[1] - desk.settings.handover.draft <= now < key[1]]
    bells = _bells(desk, turns.values(), known, now)
    return _Found(tuple(bells), tuple(wrong), since.keys() != set(names))


def _named(desk: Desk) -> list[str]:
    return [name for name in desk.settings.rotas if desk.settings.handover.of(name)]


def _wrong(known: Handover, turn: Turn | None, now: datetime) -> bool:
    """Whether a handover that is still to come is not as the rota has it; what is due already its own job sees to."""
    if known.at <= now:
        return known.standing is Standing.DRAFT and turn is None
    if known.standing is Standing.DRAFT:
        return turn is None or not handover_course.same(known, turn)
    return known.standing is Standing.MOVED and turn is not None


def _bells(desk: Desk, turns: Iterable[Turn], known: dict[Key, Handover], now: datetime) -> Iterator[NewJob]:
    for turn in turns:
        there = known.get((turn.rota, turn.at))
        due = turn.at - desk.settings.handover.draft
        if there is None and due > now:
            yield handover_course.bell(turn.rota, turn.at, handover_course.DRAFT, due)
        if there is None or there.standing in STILL:
            yield handover_course.bell(turn.rota, turn.at, handover_course.POST, turn.at)


def _put_down(tx: Tx, desk: Desk, found: _Found) -> None:
    if found.drafts:
        overrides.lock(tx)  # first, as in every ring, so that no two wait for each other
    if found.fresh:
        handovers.watch(tx, _named(desk), tx.now)
    for bell in found.bells:
        jobs.put_once(tx, bell)
    for rota, at in found.drafts:
        handover_course.look(tx, desk, handovers.of_shift(tx, rota, at), handover_course.turn(tx, desk, rota, at))
