"""Which lines of a timeline documents leave out: a reading of the entries `entry.hidden` and `entry.shown`."""

from bot.model.incident import Incident
from bot.store import Tx, log

HIDDEN, SHOWN = KINDS = ("entry.hidden", "entry.shown")


def of(tx: Tx, incident: Incident) -> dict[str, str]:
    """What is hidden of it now: the reason by `Line.ref`."""
    found: dict[str, str] = {}
    for each in log.of_kinds(tx.sql, incident.id, KINDS):
        ref = str(each.entry.after.get("ref", ""))
        if each.entry.kind == HIDDEN:
            found[ref] = each.entry.why
        else:
            found.pop(ref, None)
    return found
