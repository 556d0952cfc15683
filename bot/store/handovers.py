"""Handovers as rows, one for each change of shift of a rota; none is ever deleted."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select, text, update

from bot.errors import Conflict, NotFound
from bot.model.handover import Handover, Remark, Standing
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import HandoverRow, table

_TABLE = table(HandoverRow)
_COLUMNS = tuple(column.name for column in _TABLE.columns)
_FIELDS = tuple(f.name for f in fields(Handover))
_NUMBER = text(
    "INSERT INTO counters (name, value) VALUES ('handovers', 1) "
    "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
)
_ALL = select(*(_TABLE.c[name] for name in _FIELDS))
_BY_ID = _ALL.where(_TABLE.c.id == bindparam("its"))
_OF_SHIFT = _ALL.where(_TABLE.c.rota == bindparam("its"), _TABLE.c.at == bindparam("when"))
_STANDING = _ALL.where(_TABLE.c.standing.in_(bindparam("those", expanding=True))).order_by(_TABLE.c.at, _TABLE.c.rota)
_BETWEEN = _ALL.where(_TABLE.c.at >= bindparam("start"), _TABLE.c.at < bindparam("end")).order_by(_TABLE.c.at)
_NEWEST = _ALL.order_by(_TABLE.c.number.desc()).limit(bindparam("most"))
_LATEST = _ALL.where(_TABLE.c.rota == bindparam("its")).order_by(_TABLE.c.at.desc()).limit(bindparam("most"))
_SAVE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its_id"), _TABLE.c.version == bindparam("its_version"))
    .values({name: bindparam(name) for name in _FIELDS if name not in ("id", "rota", "at")})
)

#: Since when the shifts of each rota are handed over, in seconds since 1970: what came before is nobody's to make up.
_WATCHED = "handovers of "
_SINCE = text("SELECT name, value FROM counters WHERE name LIKE :its").bindparams(its=f"{_WATCHED}%")
_WATCH = text("INSERT INTO counters (name, value) VALUES (:its, :since) ON CONFLICT (name) DO NOTHING")
_UNWATCH = text("DELETE FROM counters WHERE name = :its")


def next_id(tx: Tx) -> str:
    """The id of the next one: HND-1, HND-2 and so on."""
    return f"HND-{tx.sql.execute(_NUMBER).scalar_one()}"


def add(tx: Tx, handover: Handover) -> None:
    """Write a new one."""
    row = _row(handover) | {"number": int(handover.id.removeprefix("HND-"))}
    bulk.add(tx.sql, _TABLE, _COLUMNS, [tuple(row[name] for name in _COLUMNS)])


def save(tx: Tx, before: Handover, after: Handover) -> None:
    """Write what came of it. Conflict when somebody else did since it was read: the first to accept has it."""
    row = {name: value for name, value in _row(after).items() if name not in ("id", "rota", "at")}
    if tx.sql.execute(_SAVE, row | {"its_id": before.id, "its_version": before.version}).rowcount != 1:
        raise Conflict(f"{before.id} was changed by somebody else meanwhile.", "Look again, then try again.")


def get(tx: Tx, handover_id: str, *, lock: bool = False) -> Handover:
    """The one with this id; NotFound otherwise. `lock` keeps other writers off it until the transaction ends."""
    found = tx.sql.execute(_BY_ID.with_for_update() if lock else _BY_ID, {"its": handover_id}).mappings().first()
    if found is None:
        raise NotFound(f"There is no handover {handover_id[:40]!r}.", "See `tocsin handover list`.")
    return _handover(found)


def find(tx: Tx, typed: str, *, lock: bool = False) -> Handover:
    """The one somebody means by HND-7, hnd-7 or 7; NotFound otherwise."""
    number = typed.strip().upper().removeprefix("HND-")
    if not number.isascii() or not number.isdigit() or len(number) > 15:
        raise NotFound(f"{typed[:40]!r} is no handover.", "Write HND-7 or 7.")
    return get(tx, f"HND-{int(number)}", lock=lock)


def of_shift(tx: Tx, rota: str, at: datetime) -> Handover | None:
    """The one of this change of shift; None before it was drafted."""
    found = tx.sql.execute(_OF_SHIFT, {"its": rota, "when": at}).mappings().first()
    return _handover(found) if found else None


def standing(tx: Tx, *standings: Standing) -> list[Handover]:
    """Those that stand so, in the order of their times."""
    return _handovers(tx.sql.execute(_STANDING, {"those": [one.value for one in standings]}))


def between(tx: Tx, start: datetime, end: datetime) -> list[Handover]:
    """Those of the changes of shift in `[start, end)`, in the order of their times."""
    return _handovers(tx.sql.execute(_BETWEEN, {"start": start, "end": end}))


def listing(tx: Tx, limit: int = 50, rota: str | None = None) -> list[Handover]:
    """The newest, newest first; of one rota only, if given."""
    if rota is None:
        return _handovers(tx.sql.execute(_NEWEST, {"most": limit}))
    return _handovers(tx.sql.execute(_LATEST, {"its": rota, "most": limit}))


def watched(tx: Tx) -> dict[str, datetime]:
    """Since when the shifts of each rota are handed over, by its name."""
    rows = tx.sql.execute(_SINCE).all()
    return {name.removeprefix(_WATCHED): datetime.fromtimestamp(value, UTC) for name, value in rows}


def watch(tx: Tx, rotas: Collection[str], since: datetime) -> None:
    """Hand over the shifts of these rotas and no others, from `since` on where they were not until now."""
    known = watched(tx)
    for name in known.keys() - set(rotas):
        tx.sql.execute(_UNWATCH, {"its": f"{_WATCHED}{name}"})
    for name in sorted(set(rotas) - known.keys()):
        tx.sql.execute(_WATCH, {"its": f"{_WATCHED}{name}", "since": int(since.timestamp())})


def _row(handover: Handover) -> dict[str, Any]:
    row = {name: getattr(handover, name) for name in _FIELDS} | {"standing": handover.standing.value}
    remarks = [asdict(one) | {"at": one.at.isoformat()} for one in handover.remarks]
    sides = {"outgoing": list(handover.outgoing), "incoming": list(handover.incoming)}
    return row | sides | {"remarks": remarks, "report": dict(handover.report)}


def _handovers(found: Any) -> list[Handover]:
    rows: Iterable[Mapping[str, Any]] = found.mappings()
    return [_handover(row) for row in rows]


def _handover(row: Any) -> Handover:
    kept = dict(row)
    kept["standing"] = Standing(kept["standing"])
    kept["remarks"] = tuple(
        Remark(one["by"], datetime.fromisoformat(one["at"]), one["text"]) for one in kept["remarks"]
    )
    return Handover(**kept | {"outgoing": tuple(kept["outgoing"]), "incoming": tuple(kept["incoming"])})
