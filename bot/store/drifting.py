"""What drifts: the incidents of a kind about models, counted by model."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, select

from bot.model.incident import FALSE_ALARM, MERGED
from bot.store.database import Tx
from bot.store.tables import IncidentRow, table

_TABLE = table(IncidentRow)


@dataclass(frozen=True, slots=True)
class Drifting:
    """A model as its incidents name it, how many there were, how many of them are open, and the newest of all."""

    model: str
    incidents: int
    open: int
    newest: str  #: INC-<number>


def of(tx: Tx, entity: str, kinds: Collection[str], since: datetime) -> list[Drifting]:
    """Those of one entity whose incidents of `kinds` are open, or opened at `since` or later; the most hit first.

    False alarms, and what became part of another incident, do not count.
    """
    query = (
        select(_TABLE.c.model, func.count(), func.sum(case((_TABLE.c.open, 1), else_=0)), func.max(_TABLE.c.number))
        .where(
            _TABLE.c.entity == entity,
            _TABLE.c.model.is_not(None),
            _TABLE.c.kind.in_(sorted(kinds)),
            _TABLE.c.resolution.not_in((FALSE_ALARM, MERGED)),
            or_(_TABLE.c.open, _TABLE.c.opened_at >= since),
        )
        .group_by(_TABLE.c.model)
    )
    found = [
        Drifting(model, int(count), int(going), f"INC-{newest}")
        for model, count, going, newest in tx.sql.execute(query)
    ]
    return sorted(found, key=lambda one: (-one.incidents, one.model))
