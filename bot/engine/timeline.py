"""What happened to an incident, one thing after the other: its own entries, and how each change for it was decided."""

from typing import Final

from bot.model.change import Lock
from bot.model.entry import Sealed
from bot.model.incident import Incident
from bot.store import Tx, changes, log

DECIDED: Final = frozenset(
    {f"change.{verb}" for verb in ("proposed", "agreed", "approved", "rejected", "withdrawn", "expired", "unknown")}
)
#: Of a retrain the incident has entries of its own: its run and its verdict.
CAME: Final = DECIDED | {"change.seen", "change.done", "change.failed"}


def of(tx: Tx, incident: Incident, limit: int) -> tuple[Sealed, ...]:
    """The newest `limit` entries, oldest first; those of a change say by their subject which one."""
    found = log.of(tx.sql, incident.id, limit)
    for change in changes.of_incident(tx, incident.id):
        kinds = DECIDED if change.plan.lock is Lock.TRAINING else CAME
        found += log.of_kinds(tx.sql, change.id, kinds)
    found.sort(key=lambda one: (one.recorded_at, one.entry.chain, one.seq))
    return tuple(found[-limit:] if limit else ())
