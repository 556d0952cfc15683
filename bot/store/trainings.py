"""Runs of models trained anew as rows, by the change that asked for them; none is ever deleted."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select, update

from bot.errors import NotFound
from bot.model.retraining import Finding, Phase, Training
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import TrainingRow, table

_TABLE = table(TrainingRow)
_COLUMNS = tuple(column.name for column in _TABLE.columns)
_FIELDS = tuple(f.name for f in fields(Training))
_FIXED = frozenset({"id", "model", "entity", "connection", "asked_at", "foreseen"})  #: never written twice
_ALL = select(*(_TABLE.c[name] for name in _FIELDS))
_BY_ID = _ALL.where(_TABLE.c.id == bindparam("its"))
_NEWEST = _ALL.order_by(_TABLE.c.asked_at.desc(), _TABLE.c.id.desc()).limit(bindparam("most"))
_SINCE = _ALL.where(
    _TABLE.c.entity == bindparam("its"), or_(_TABLE.c.ended_at.is_(None), _TABLE.c.ended_at >= bindparam("since"))
)
_SAVE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its_id"))
    .values({name: bindparam(name) for name in _COLUMNS if name not in _FIXED})
)


def add(tx: Tx, training: Training) -> None:
    """Write a new one."""
    row = _row(training)
    bulk.add(tx.sql, _TABLE, _COLUMNS, [tuple(row[name] for name in _COLUMNS)])


def save(tx: Tx, training: Training) -> None:
    """Write what became of it; whoever does holds its change (`changes.get(..., lock=True)`)."""
    row = {name: value for name, value in _row(training).items() if name not in _FIXED}
    tx.sql.execute(_SAVE, {**row, "its_id": training.id})


def find(tx: Tx, change_id: str) -> Training | None:
    """The run that this change asked for; None when nothing was started for it."""
    found = tx.sql.execute(_BY_ID, {"its": change_id}).first()
    return _training(found) if found else None


def get(tx: Tx, change_id: str) -> Training:
    """The run that this change asked for; NotFound when nothing was started for it."""
    if (found := find(tx, change_id)) is None:
        raise NotFound(f"Nothing was trained for {change_id[:40]!r}.", "See `tocsin retrain status`.")
    return found


def listing(tx: Tx, *, model: str | None = None, limit: int = 50) -> list[Training]:
    """The newest, newest first."""
    query = _NEWEST.where(_TABLE.c.model == model) if model else _NEWEST
    return _trainings(tx.sql.execute(query, {"most": limit}))


def since(tx: Tx, entity: str, at: datetime) -> list[Training]:
    """Those of an entity that go on, or ended at `at` or later."""
    return _trainings(tx.sql.execute(_SINCE, {"its": entity, "since": at}))


def _row(training: Training) -> dict[str, Any]:
    row = {name: getattr(training, name) for name in _FIELDS}
    findings = [asdict(one) for one in training.findings]
    return {**row, "phase": training.phase.value, "metrics": dict(training.metrics), "findings": findings}


def _trainings(rows: Iterable[Any]) -> list[Training]:
    return [_training(row) for row in rows]


def _training(row: Any) -> Training:
    said = dict(zip(_FIELDS, row, strict=True))
    said |= {"phase": Phase(said["phase"]), "findings": tuple(Finding(**one) for one in said["findings"])}
    return Training(**said)
