"""Regulatory clocks as rows: started, settled, never deleted; there is one for each (incident, regime, step)."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from bot.errors import Conflict
from bot.model.serious import Clock, Standing
from bot.store.database import Tx
from bot.store.tables import ClockRow, table

_TABLE = table(ClockRow)
_NAMES = tuple(each.name for each in fields(Clock))
_ALL = select(*(_TABLE.c[name] for name in _NAMES)).order_by(_TABLE.c.due_at, _TABLE.c.regime, _TABLE.c.step)
_OF = _ALL.where(_TABLE.c.incident.in_(bindparam("its", expanding=True)))
_RUNNING = _ALL.where(_TABLE.c.standing == Standing.RUNNING.value)
_ITS = (
    (_TABLE.c.incident == bindparam("its_incident"))
    & (_TABLE.c.regime == bindparam("its_regime"))
    & (_TABLE.c.step == bindparam("its_step"))
)
_CHANGING = ("incident", "since", "due_at", "standing", "why", "settled_at", "settled_by", "reference", "told")
_SAVE = update(_TABLE).where(_ITS, _TABLE.c.standing == bindparam("was"))


def add(tx: Tx, clocks: Sequence[Clock]) -> None:
    """Write new ones; their caller has the incident locked."""
    if clocks:
        tx.sql.execute(insert(_TABLE), [_row(clock) for clock in clocks])


def save(tx: Tx, before: Clock, after: Clock) -> None:
    """Write what has changed; Conflict when it stands otherwise than `before` says."""
    its = {"its_incident": before.incident, "its_regime": before.regime, "its_step": before.step}
    row = _row(after)
    changed = {name: row[name] for name in _CHANGING}
    if tx.sql.execute(_SAVE.values(**changed), {**its, "was": before.standing.value}).rowcount != 1:
        raise Conflict(f"The clock {before.regime} of {before.incident} was settled meanwhile.", "Look again.")


def of(tx: Tx, incident: str) -> list[Clock]:
    """All of an incident, the first to fall due first."""
    return [_clock(row) for row in tx.sql.execute(_OF, {"its": [incident]}).mappings()]


def get(tx: Tx, incident: str, regime: str, step: str) -> Clock | None:
    """This one, if it is there."""
    return next((one for one in of(tx, incident) if (one.regime, one.step) == (regime, step)), None)


def running(tx: Tx) -> list[Clock]:
    """All that run, the first to fall due first."""
    return [_clock(row) for row in tx.sql.execute(_RUNNING).mappings()]


def marked(tx: Tx, since: datetime, limit: int) -> list[Clock]:
    """Those of any standing that count from `since` on or run still, the newest first, at most `limit`."""
    query = _ALL.where((_TABLE.c.since >= since) | (_TABLE.c.standing == Standing.RUNNING.value))
    newest = query.order_by(None).order_by(_TABLE.c.since.desc(), _TABLE.c.incident, _TABLE.c.due_at)
    return [_clock(row) for row in tx.sql.execute(newest.limit(limit)).mappings()]


def watched(tx: Tx, incidents: Collection[str]) -> frozenset[str]:
    """Which of these incidents have a clock that runs."""
    wanted = frozenset(incidents)
    return frozenset(clock.incident for clock in running(tx) if clock.incident in wanted)


def _row(clock: Clock) -> dict[str, Any]:
    row = {name: getattr(clock, name) for name in _NAMES}
    return row | {"standing": clock.standing.value, "told": dict(clock.told)}


def _clock(row: Any) -> Clock:
    return Clock(**{**row, "standing": Standing(row["standing"]), "told": dict(row["told"] or {})})
