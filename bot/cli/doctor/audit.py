"""The rows about the record: whether the log is sealed by checkpoints, and whether they leave the database."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from bot.cli import say
from bot.cli.doctor.rows import look, row

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.slack.examine import Row
    from bot.store import Tx

WHAT = "audit: checkpoints"


def rows(tx: "Tx", settings: "Settings", now: datetime) -> "Iterator[Row]":
    """One row that is good, or one for each thing that is not."""
    from bot.engine import checkpoint
    from bot.settings import audit
    from bot.store import checkpoints

    own, found = settings.audit, list(_unsigned(settings))
    newest = list(checkpoints.newest(tx).values())
    waits = checkpoint.waiting(tx, now)
    if waits > 2 * own.every:
        what = f"An entry of the log has waited {say.length(waits - waits % own.every)} for one; they are made each "
        found.append(look(WHAT, f"{what}{say.length(own.every)}.", "See that `tocsin serve` runs, and what it logs."))
    for to in map(audit.shown, own.post):
        late = [one.chain for one in newest if to not in one.posted and now - one.at > 2 * own.every]
        if late:
            what = f"{to} lacks the newest of {', '.join(late[:5])}."
            found.append(look(WHAT, what, "Look whether it can be reached, and written to."))
    latest = max((one.at for one in newest), default=None)
    everywhere = all(to in one.posted for one in newest for to in map(audit.shown, own.post))
    stand = "signed and posted" if everywhere else "signed; the newest is not posted everywhere yet"
    yield from found or [row(WHAT, "ok", f"{stand}; the last at {say.when(latest)}." if latest else "none yet.")]


def _unsigned(settings: "Settings") -> "Iterator[Row]":
    """What `tocsin check` warns of, too."""
    from bot.settings import audit

    for each in audit.unsigned(settings.audit, ""):
        yield look(WHAT, each.what, each.do)
