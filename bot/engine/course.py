"""How a change goes on: its row, its entry and the wish that whatever shows it is drawn anew, in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.engine import escalate
from bot.model.change import Change, Serving, Step, move
from bot.model.entry import Entry
from bot.model.job import Lane, NewJob
from bot.store import Tx, changes, incidents, jobs

NOTHING: Mapping[str, Any] = {}
ENDS = {  #: the entry that tells of each end
    Step.DONE: "change.done",
    Step.FAILED: "change.failed",
    Step.UNKNOWN: "change.unknown",
    Step.EXPIRED: "change.expired",
}


def advance(tx: Tx, before: Change, to: Step, note: Entry, **facts: Any) -> Change:
    """Write the change at step `to` with its entry, and have it drawn; BadMove, or Conflict when it moved meanwhile."""
    after = move(before, to, tx.now, **facts)
    changes.save(tx, before, after)
    tx.note(note)
    redraw(tx, after)
    return after


def end(
    tx: Tx, before: Change, to: Step, outcome: str, *, seen: Serving | None = None, after: Mapping[str, Any] = NOTHING
) -> Change:
    """It comes to an end, or to where only a human can tell; `seen` is what serves, `after` what else is to be kept."""
    said = {"step": to.value, **after}
    if seen is not None:
        said["seen"] = seen.spelled()
    note = entry(before, ENDS[to], tx.now, outcome, said)
    return advance(tx, before, to, note, outcome=outcome, seen=seen or before.seen, deadline=None)


def entry(change: Change, kind: str, at: datetime, why: str = "", after: Mapping[str, Any] = NOTHING) -> Entry:
    """A line of the log about a change, by Tocsin itself."""
    was = {"step": change.step.value}
    return Entry(change.entity, kind, at, "tocsin", change.id, why, was, {**after, "incident": change.incident})


def redraw(tx: Tx, change: Change) -> None:
    """Ask for everything that shows the change, what it came of and its incident too, to be drawn anew."""
    for id_ in (change.id, change.follows):
        if id_:
            jobs.put(tx, NewJob(f"change/{id_}", "change", Lane.CARD, tx.now, {"change": id_}))
    if change.incident and (found := incidents.by_ids(tx, [change.incident]).get(change.incident)):
        escalate.redraw(tx, found, tx.now)


def split(serving: Serving) -> str:
    """What serves, in words: 6; 6 (90%) and 7 (10%); nothing; paused with 6."""
    shares = serving.split.items()
    said = serving.version or " and ".join(f"{version} ({share:g}%)" for version, share in shares) or "nothing"
    return f"nothing while it is paused ({said})" if serving.paused else said
