"""Follow-ups as rows: what shall be done after an incident; none is ever deleted."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, text, update

from bot.errors import Conflict, NotFound
from bot.model.postmortem import Doing, FollowUp
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import FollowUpRow, PostmortemRow, table

_TABLE = table(FollowUpRow)
_DOCUMENTS = table(PostmortemRow)
_DOCUMENT = select(_DOCUMENTS.c.id).where(_DOCUMENTS.c.incident == bindparam("its"))
_COLUMNS = tuple(column.name for column in _TABLE.columns)
_FIELDS = tuple(f.name for f in fields(FollowUp))
_NUMBER = text(
    "INSERT INTO counters (name, value) VALUES ('follow_ups', 1) "
    "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
)
_ALL = select(*(_TABLE.c[name] for name in _FIELDS))
_BY_ID = _ALL.where(_TABLE.c.id == bindparam("its"))
_OF_INCIDENTS = _ALL.where(_TABLE.c.incident.in_(bindparam("those", expanding=True))).order_by(_TABLE.c.number)
_NEWEST = _ALL.order_by(_TABLE.c.number.desc()).limit(bindparam("most"))
_OPEN = _ALL.where(_TABLE.c.standing == Doing.OPEN.value)
#: What is due first stands first; what has no day stands last.
_URGENT = _OPEN.order_by(_TABLE.c.due_at.is_(None), _TABLE.c.due_at, _TABLE.c.number).limit(bindparam("most"))
_LATE = _OPEN.where(_TABLE.c.due_at < bindparam("before")).order_by(_TABLE.c.due_at, _TABLE.c.number)
_SAVE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its_id"), _TABLE.c.version == bindparam("its_version"))
    .values({name: bindparam(name) for name in _FIELDS if name != "id"})
)
_REMIND = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its"))
    .values(reminded_at=bindparam("when", type_=_TABLE.c.changed_at.type))
)


def next_id(tx: Tx) -> str:
    """The id of the next one: FU-1, FU-2 and so on."""
    return f"FU-{tx.sql.execute(_NUMBER).scalar_one()}"


def add(tx: Tx, follow_up: FollowUp) -> None:
    """Write a new one."""
    row = _row(follow_up) | {"number": int(follow_up.id.removeprefix("FU-"))}
    bulk.add(tx.sql, _TABLE, _COLUMNS, [tuple(row[name] for name in _COLUMNS)])


def document(tx: Tx, incident: str) -> str:
    """The id of the incident's postmortem; empty as long as there is none, and a follow-up may come before it."""
    return str(tx.sql.execute(_DOCUMENT, {"its": incident}).scalar() or "")


def save(tx: Tx, before: FollowUp, after: FollowUp) -> None:
    """Write what came of it. Conflict when somebody else did since it was read."""
    row = {name: value for name, value in _row(after).items() if name != "id"}
    if tx.sql.execute(_SAVE, row | {"its_id": before.id, "its_version": before.version}).rowcount != 1:
        raise Conflict(f"{before.id} was changed by somebody else meanwhile.", "Look again, then try again.")


def reminded(tx: Tx, follow_up: str, at: datetime) -> None:
    """Keep when somebody was last told of it; that is no change of it."""
    tx.sql.execute(_REMIND, {"its": follow_up, "when": at})


def get(tx: Tx, follow_up: str, *, lock: bool = False) -> FollowUp:
    """The one with this id; NotFound otherwise. `lock` keeps other writers off it until the transaction ends."""
    found = tx.sql.execute(_BY_ID.with_for_update() if lock else _BY_ID, {"its": follow_up}).mappings().first()
    if found is None:
        raise NotFound(f"There is no follow-up {follow_up[:40]!r}.", "See `tocsin follow-up list`.")
    return _follow_up(found)


def find(tx: Tx, typed: str, *, lock: bool = False) -> FollowUp:
    """The one somebody means by FU-7, fu-7 or 7; NotFound otherwise."""
    number = typed.strip().upper().removeprefix("FU-")
    if not number.isascii() or not number.isdigit() or len(number) > 15:
        raise NotFound(f"{typed[:40]!r} is no follow-up.", "Write FU-7 or 7.")
    return get(tx, f"FU-{int(number)}", lock=lock)


def of_incident(tx: Tx, incident: str) -> list[FollowUp]:
    """All of an incident, whatever became of them, oldest first."""
    return of_incidents(tx, [incident])


def of_incidents(tx: Tx, those: Iterable[str]) -> list[FollowUp]:
    """All of these incidents, whatever became of them, oldest first."""
    return _follow_ups(tx.sql.execute(_OF_INCIDENTS, {"those": list(those)}))


def listing(tx: Tx, limit: int = 50, owner: str | None = None, *, all_: bool = False) -> list[FollowUp]:
    """The open ones, what is due first first; of one owner, if given. `all_`: the others, too, the newest first."""
    query = _NEWEST if all_ else _URGENT
    if owner is not None:
        query = query.where(_TABLE.c.owner == bindparam("whose"))
    return _follow_ups(tx.sql.execute(query, {"most": limit} | ({"whose": owner} if owner is not None else {})))


def due_before(tx: Tx, moment: datetime) -> list[FollowUp]:
    """The open ones that were due before `moment`, the oldest first."""
    return _follow_ups(tx.sql.execute(_LATE, {"before": moment}))


def _row(follow_up: FollowUp) -> dict[str, Any]:
    return {name: getattr(follow_up, name) for name in _FIELDS} | {"standing": follow_up.standing.value}


def _follow_ups(found: Any) -> list[FollowUp]:
    rows: Iterable[Mapping[str, Any]] = found.mappings()
    return [_follow_up(row) for row in rows]


def _follow_up(row: Any) -> FollowUp:
    return FollowUp(**dict(row) | {"standing": Doing(row["standing"])})
