"""Changes of production as rows: at most one is open for each lock of a model, and none is ever deleted."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, text, update

from bot.errors import Conflict, NotFound
from bot.model.change import Agreement, Change, Lock, Plan, Serving, Step
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import ChangeRow, table

_TABLE = table(ChangeRow)
_COLUMNS = tuple(column.name for column in _TABLE.columns)
_FIELDS = tuple(f.name for f in fields(Change))
_IN_ORDER = [_TABLE.c[name] for name in _FIELDS]
#: Never written twice.
_FIXED = frozenset({"id", "number", "model", "lock", "plan", "digest", "requested_by", "requested_at", "follows"})
_NUMBER = text(
    "INSERT INTO counters (name, value) VALUES ('changes', 1) "
    "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
)
_ALL = select(*_IN_ORDER)
_BY_ID = _ALL.where(_TABLE.c.id == bindparam("its"))
_OPEN_OF = _ALL.where(_TABLE.c.model == bindparam("its"), _TABLE.c.lock == bindparam("lock"), _TABLE.c.open)
_AFTER = _ALL.where(_TABLE.c.follows == bindparam("its"))
_OF_INCIDENT = _ALL.where(_TABLE.c.incident == bindparam("its")).order_by(_TABLE.c.number)
_NEWEST = _ALL.order_by(_TABLE.c.number.desc()).limit(bindparam("most"))
_SAVE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its_id"), _TABLE.c.version == bindparam("its_version"))
    .values({name: bindparam(name) for name in _COLUMNS if name not in _FIXED})
)


def next_id(tx: Tx) -> str:
    """The id of the next change: CHG-1, CHG-2 and so on."""
    return f"CHG-{tx.sql.execute(_NUMBER).scalar_one()}"


def add(tx: Tx, change: Change) -> None:
    """Write a new one; where its model has an open one already the whole work is tried again, and sees that one."""
    row = {**_changing(change), **_lasting(change)}
    bulk.add(tx.sql, _TABLE, _COLUMNS, [tuple(row[name] for name in _COLUMNS)])


def save(tx: Tx, before: Change, after: Change) -> None:
    """Write what became of it; its plan stays as proposed. Conflict when somebody changed it since it was read."""
    values = {**_changing(after), "its_id": before.id, "its_version": before.version}
    if tx.sql.execute(_SAVE, values).rowcount != 1:
        raise Conflict(f"{before.id} was changed by somebody else meanwhile.", "Look again, then try again.")


def get(tx: Tx, change_id: str, *, lock: bool = False) -> Change:
    """The change with this id; NotFound otherwise. `lock` keeps other writers off it until the transaction ends."""
    found = tx.sql.execute(_BY_ID.with_for_update() if lock else _BY_ID, {"its": change_id}).first()
    if found is None:
        raise NotFound(f"There is no change {change_id[:40]!r}.", "See `tocsin change status` or /approvals.")
    return _change(found)


def find(tx: Tx, typed: str, *, lock: bool = False) -> Change:
    """The change somebody means by CHG-7, chg-7 or 7; NotFound otherwise."""
    number = typed.strip().upper().removeprefix("CHG-")
    if not number.isascii() or not number.isdigit() or len(number) > 15:
        raise NotFound(f"{typed[:40]!r} is not a change.", "Write CHG-7 or 7.")
    return get(tx, f"CHG-{int(number)}", lock=lock)


def open_of(tx: Tx, model: str, lock: Lock = Lock.SERVING) -> Change | None:
    """The one that holds this lock of `model`; None when nothing does."""
    found = tx.sql.execute(_OPEN_OF, {"its": model, "lock": lock.value}).first()
    return _change(found) if found else None


def after(tx: Tx, change_id: str) -> Change | None:
    """The one that followed a change by itself, of which there is one at most."""
    found = tx.sql.execute(_AFTER, {"its": change_id}).first()
    return _change(found) if found else None


def listing(tx: Tx, *, open_only: bool = False, model: str | None = None, limit: int = 50) -> list[Change]:
    """The newest, newest first."""
    query = _NEWEST.where(_TABLE.c.open) if open_only else _NEWEST
    query = query.where(_TABLE.c.model == model) if model else query
    return _changes(tx.sql.execute(query, {"most": limit}))


def of_model(tx: Tx, model: str, limit: int = 50) -> list[Change]:
    """The newest of one model, newest first."""
    return listing(tx, model=model, limit=limit)


def of_incident(tx: Tx, incident_id: str) -> list[Change]:
    """Those proposed because of an incident, oldest first."""
    return _changes(tx.sql.execute(_OF_INCIDENT, {"its": incident_id}))


def _lasting(change: Change) -> dict[str, Any]:
    """What is written once."""
    return {
        "id": change.id,
        "number": int(change.id.removeprefix("CHG-")),
        "model": change.plan.model,
        "lock": change.plan.lock.value,
        "plan": change.plan.spelled(),
        "digest": change.plan.digest,
        "requested_by": change.requested_by,
        "requested_at": change.requested_at,
        "follows": change.follows,
    }


def _changing(change: Change) -> dict[str, Any]:
    """What may be different at its next step."""
    row = {name: getattr(change, name) for name in _FIELDS if name not in _FIXED}
    row["open"] = change.open
    row["step"] = change.step.value
    row["agreements"] = [
        {"by": one.by, "as_": one.as_, "at": one.at.isoformat(), "digest": one.digest, "via": one.via}
        for one in change.agreements
    ]
    row["seen"] = change.seen.spelled() if change.seen else None
    return row


def _changes(rows: Iterable[Any]) -> list[Change]:
    return [_change(row) for row in rows]


def _change(row: Any) -> Change:
    said = dict(zip(_FIELDS, row, strict=True))
    said["plan"] = Plan.read(said["plan"])
    said["step"] = Step(said["step"])
    said["agreements"] = tuple(
        Agreement(**{**one, "at": datetime.fromisoformat(one["at"])}) for one in said["agreements"]
    )
    said["seen"] = Serving.read(said["seen"]) if said["seen"] else None
    return Change(**said)
