"""What monitors measured while an incident went on: the newest entries of the log that say it."""

from collections.abc import Collection

from sqlalchemy import bindparam, select

from bot.model.entry import Sealed
from bot.store import log
from bot.store.database import Tx

_OF = (
    select(log.ENTRIES)
    .where(
        log.ENTRIES.c.subject.in_(bindparam("those", expanding=True)),
        log.ENTRIES.c.kind == bindparam("what"),
    )
    .order_by(log.ENTRIES.c.recorded_at.desc(), log.ENTRIES.c.seq.desc())
    .limit(bindparam("most"))
)


def of(tx: Tx, subjects: Collection[str], kind: str, most: int) -> list[Sealed]:
    """The newest `most` entries of one kind about any of these, oldest first."""
    given = {"those": sorted(subjects), "what": kind, "most": most}
    return [log.read(row) for row in tx.sql.execute(_OF, given).mappings()][::-1]
