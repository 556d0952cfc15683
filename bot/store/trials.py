"""Trials as rows: what was asked, under which terms, and what was found; none is ever deleted."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, text, update

from bot.errors import Conflict, NotFound
from bot.model.trial import Scorecard, Stage, Trial
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import TrialRow, table

_TABLE = table(TrialRow)
_COLUMNS = tuple(column.name for column in _TABLE.columns)
_FIELDS = tuple(f.name for f in fields(Trial))
_MOVES = ("stage", "changed_at", "version", "outcome", "scorecard")  #: what is written again
_NUMBER = text(
    "INSERT INTO counters (name, value) VALUES ('trials', 1) "
    "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
)
_ALL = select(*(_TABLE.c[name] for name in _FIELDS))
_BY_ID = _ALL.where(_TABLE.c.id == bindparam("its"))
_NEWEST = _ALL.order_by(_TABLE.c.number.desc()).limit(bindparam("most"))
_OF_INCIDENT = _ALL.where(_TABLE.c.incident == bindparam("its")).order_by(_TABLE.c.number)
_SAVE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its_id"), _TABLE.c.version == bindparam("its_version"))
    .values({name: bindparam(name) for name in _MOVES})
)


def next_id(tx: Tx) -> str:
    """The id of the next trial: TRL-1, TRL-2 and so on."""
    return f"TRL-{tx.sql.execute(_NUMBER).scalar_one()}"


def add(tx: Tx, trial: Trial) -> None:
    """Write a new one."""
    row = {name: getattr(trial, name) for name in _FIELDS} | _moving(trial)
    row["number"] = int(trial.id.removeprefix("TRL-"))
    row["excluded"] = [[start.isoformat(), end.isoformat()] for start, end in trial.excluded]
    row["terms"] = dict(trial.terms)
    bulk.add(tx.sql, _TABLE, _COLUMNS, [tuple(row[name] for name in _COLUMNS)])


def save(tx: Tx, before: Trial, after: Trial) -> None:
    """Write what came of it. Conflict when somebody else did since it was read."""
    values = {**_moving(after), "its_id": before.id, "its_version": before.version}
    if tx.sql.execute(_SAVE, values).rowcount != 1:
        raise Conflict(f"{before.id} was changed by somebody else meanwhile.", "Look again, then try again.")


def get(tx: Tx, trial_id: str, *, lock: bool = False) -> Trial:
    """The trial with this id; NotFound otherwise. `lock` keeps other writers off it until the transaction ends."""
    found = tx.sql.execute(_BY_ID.with_for_update() if lock else _BY_ID, {"its": trial_id}).first()
    if found is None:
        raise NotFound(f"There is no trial {trial_id[:40]!r}.", "See `tocsin evaluate list`.")
    return _trial(found)


def find(tx: Tx, typed: str) -> Trial:
    """The trial somebody means by TRL-7, trl-7 or 7; NotFound otherwise."""
    number = typed.strip().upper().removeprefix("TRL-")
    if not number.isascii() or not number.isdigit() or len(number) > 15:
        raise NotFound(f"{typed[:40]!r} is not a trial.", "Write TRL-7 or 7.")
    return get(tx, f"TRL-{int(number)}")


def listing(tx: Tx, *, model: str | None = None, stage: Stage | None = None, limit: int = 50) -> list[Trial]:
    """The newest, newest first."""
    query = _NEWEST.where(_TABLE.c.model == model) if model else _NEWEST
    query = query.where(_TABLE.c.stage == stage.value) if stage else query
    return _trials(tx.sql.execute(query, {"most": limit}))


def of_incident(tx: Tx, incident_id: str) -> list[Trial]:
    """Those made because of an incident, oldest first."""
    return _trials(tx.sql.execute(_OF_INCIDENT, {"its": incident_id}))


def _moving(trial: Trial) -> dict[str, Any]:
    row = {name: getattr(trial, name) for name in _MOVES}
    return row | {"stage": trial.stage.value, "scorecard": trial.scorecard.spelled() if trial.scorecard else None}


def _trials(rows: Iterable[Any]) -> list[Trial]:
    return [_trial(row) for row in rows]


def _trial(row: Any) -> Trial:
    said = dict(zip(_FIELDS, row, strict=True))
    spans = ((datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in said["excluded"])
    said |= {"excluded": tuple(spans), "stage": Stage(said["stage"])}
    said["scorecard"] = Scorecard.read(said["scorecard"]) if said["scorecard"] else None
    return Trial(**said)
