"""What the last look at all tiers found, kept until the next; and what its owners know of and is not mended yet."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select

from bot.model.armed import Armed, Flaw, Gap, Lack, Matter, Use
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import ArmedRow, table

_TABLE = table(ArmedRow)
_COLUMNS = ("key", "since", "until", "form")
_LOOK = "look"  #: the key of the look itself; those of matters have a slash
_ALL = select(*(_TABLE.c[name] for name in _COLUMNS)).where(_TABLE.c.key != _LOOK).order_by(_TABLE.c.key)
_LAST = select(*(_TABLE.c[name] for name in _COLUMNS)).where(_TABLE.c.key == bindparam("its"))
_ANEW = "ON CONFLICT (key) DO UPDATE SET " + ", ".join(f'"{name}" = excluded."{name}"' for name in _COLUMNS[1:])


def last(tx: Tx, *, lock: bool = False) -> Armed | None:
    """When the last look was, how far it saw and how many tiers it counted, without what it found; None before any.

    `lock` keeps other writers off all of it.
    """
    row = tx.sql.execute(_LAST.with_for_update() if lock else _LAST, {"its": _LOOK}).first()
    return Armed(row.since, row.until, row.form["tiers"], row.form["armed"]) if row else None


def matters(tx: Tx) -> dict[str, Matter]:
    """What is not mended, by key."""
    return {row.key: _read(*row) for row in tx.sql.execute(_ALL)}


def looked(tx: Tx, look: Armed) -> None:
    """Keep when it was and how much it counted; what it found is kept as matters."""
    _put(tx, [(_LOOK, look.at, look.until, {"tiers": look.tiers, "armed": look.armed})])


def put(tx: Tx, *found: Matter) -> None:
    """Keep these in the place of what was known of them."""
    _put(tx, [(one.key, one.since, one.until, _spelled(one)) for one in found])


def forget(tx: Tx, *keys: str) -> None:
    """These are mended."""
    if keys:
        tx.sql.execute(delete(_TABLE).where(_TABLE.c.key.in_(keys)))


def _put(tx: Tx, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        bulk.add(tx.sql, _TABLE, _COLUMNS, rows, _ANEW)


def _spelled(matter: Matter) -> dict[str, Any]:
    gaps = [{**asdict(gap), "start": gap.start.isoformat(), "end": gap.end.isoformat()} for gap in matter.gaps]
    lack = {**asdict(matter.lack), "at": matter.lack.at.isoformat()} if matter.lack else None
    return {"gaps": gaps, "lack": lack}


def _read(key: str, since: datetime, until: datetime, form: Any) -> Matter:
    lack = _lack(form["lack"]) if form["lack"] else None
    return Matter(key, since, until, tuple(_gap(one) for one in form["gaps"]), lack)


def _gap(form: dict[str, Any]) -> Gap:
    uses = tuple(Use(one["tier"], one["runbook"], tuple(one["models"]), one["count"]) for one in form["tiers"])
    start, end = (datetime.fromisoformat(form[name]) for name in ("start", "end"))
    targets, urgencies, owners = (tuple(form[name]) for name in ("targets", "urgencies", "owners"))
    return Gap(targets, start, end, form["why"], urgencies, uses, owners)


def _lack(form: dict[str, Any]) -> Lack:
    at = datetime.fromisoformat(form["at"])
    return Lack(form["person"], Flaw(form["flaw"]), tuple(form["targets"]), at, tuple(form["owners"]))
