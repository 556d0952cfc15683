"""What a promotion that is watched stands on: the first of its steps, what served before that, and what did well."""

from dataclasses import replace

from bot.model import canary
from bot.model.change import Change
from bot.rules import watching
from bot.rules.target import Kept, Known
from bot.store import Tx, changes, trainings, watches

MOST = 50  #: watches and runs of a model that are looked through


def first(tx: Tx, change: Change) -> Change:
    """The change that people agreed to: a canary's first step; any other change is its own."""
    found, seen = change, {change.id}
    while (own := canary.of(found.plan)) and own.at > 0 and found.follows and found.follows not in seen:
        found = changes.get(tx, found.follows)
        seen.add(found.id)
    return found


def known(tx: Tx, model: str, seen: Known) -> Known:
    """The same, with what served before the watched promotion, the promotions that did well, and what passed its gate.

    One that went wrong still promises its way back for as long as what it left serves.
    """
    runs = trainings.listing(tx, model=model, limit=MOST)
    seen = replace(seen, passed={run.version: run.id for run in reversed(runs) if run.passed and run.version})
    over = watches.listing(tx, model=model, limit=MOST)
    well = frozenset(one.id for one in over if one.finding == watching.Finding.WELL)
    if not over or not (over[0].ended_at is None or over[0].finding == watching.Finding.WRONG):
        return replace(seen, well=well)
    newest, change = over[0], changes.get(tx, over[0].id)
    if newest.ended_at is not None and not seen.before.same(change.plan.after):
        return replace(seen, well=well)
    start, until = first(tx, change), newest.until if newest.ended_at is None else None
    return replace(seen, well=well, kept=Kept(start.plan.before, start.id, newest.version, until))
