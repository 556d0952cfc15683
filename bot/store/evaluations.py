"""What the last evaluations of a problem said, where its runbook counts them."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from sqlalchemy import bindparam, delete, select

from bot.model.evaluation import Evaluation, History
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import EvaluationsRow, table

_TABLE = table(EvaluationsRow)
_COLUMNS = ("problem", "history", "last_at")
_ANEW = "ON CONFLICT (problem) DO UPDATE SET history = excluded.history, last_at = excluded.last_at"
_OF = select(_TABLE.c.problem, _TABLE.c.history).where(_TABLE.c.problem.in_(bindparam("wanted", expanding=True)))
_LOCKED = _OF.order_by(_TABLE.c.problem).with_for_update()
_MANY = 500  # values in one IN


def of(tx: Tx, problems: Collection[str], *, lock: bool = False) -> dict[str, History]:
    """The histories of these problems, by problem; those that were never counted are left out."""
    wanted = sorted(problems)
    query = _LOCKED if lock else _OF
    return {
        problem: tuple(Evaluation(datetime.fromisoformat(at), breached) for at, breached in history)
        for at in range(0, len(wanted), _MANY)
        for problem, history in tx.sql.execute(query, {"wanted": wanted[at : at + _MANY]})
    }


def put(tx: Tx, histories: Mapping[str, History]) -> None:
    """Keep these in place of what was known of their problems."""
    rows = [
        (problem, [[one.at.astimezone(UTC).isoformat(), one.breached] for one in history], history[-1].at)
        for problem, history in sorted(histories.items())
        if history
    ]
    if rows:
        bulk.add(tx.sql, _TABLE, _COLUMNS, rows, _ANEW)


def prune(tx: Tx, before: datetime) -> int:
    """Forget those of which nothing was heard since `before`; how many they were."""
    return tx.sql.execute(delete(_TABLE).where(_TABLE.c.last_at < before)).rowcount
