"""Incidents as rows: found, opened and changed, many at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Row, Select, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from bot.errors import Conflict, NotFound
from bot.model.incident import Incident, Phase
from bot.model.runbook import Policy, Tier
from bot.model.seal import canonical
from bot.store import bulk, stages
from bot.store.database import Tx
from bot.store.tables import AlertRow, CounterRow, IncidentRow, MergedKeyRow, table

_TABLE = table(IncidentRow)
_MERGED = table(MergedKeyRow)
_COUNTERS = table(CounterRow)
_COLUMNS = tuple(column.name for column in _TABLE.columns)
_FIELDS = [f.name for f in fields(Incident)]
_PHASE, _POLICY = _FIELDS.index("phase"), _FIELDS.index("policy")
_IN_ORDER = [_TABLE.c[name] for name in _FIELDS]


def _more(insert: Any) -> Any:
    ask = insert.values(name="incident", value=bindparam("count", type_=_COUNTERS.c.value.type))
    ask = ask.on_conflict_do_update(index_elements=["name"], set_={"value": _COUNTERS.c.value + ask.excluded.value})
    return ask.returning(_COUNTERS.c.value)


_NUMBERS = {"sqlite": _more(sqlite.insert(_COUNTERS)), "postgresql": _more(postgresql.insert(_COUNTERS))}


def numbers(tx: Tx, count: int) -> range:
    """The next `count` incident numbers, without gaps."""
    last = int(tx.sql.execute(_NUMBERS[tx.dialect], {"count": count}).scalar_one())
    return range(last - count + 1, last + 1)


def get(tx: Tx, incident_id: str, *, lock: bool = False) -> Incident:
    """The incident with this id; NotFound otherwise. `lock` keeps other writers off it until the transaction ends."""
    found = by_ids(tx, [incident_id], lock=lock)
    if not found:
        raise NotFound(f"There is no incident {incident_id}.", "See `tocsin incident list` or /incident list.")
    return found[incident_id]


def find(tx: Tx, typed: str) -> Incident:
    """The incident somebody means by INC-7, inc-7 or 7; NotFound otherwise."""
    number = typed.strip().upper().removeprefix("INC-")
    if not number.isascii() or not number.isdigit() or len(number) > 15:
        raise NotFound(f"{typed[:40]!r} is not an incident.", "Write INC-7 or 7.")
    return get(tx, f"INC-{int(number)}")


_MANY_OF: Any = bindparam("wanted", expanding=True)
_BY_ID = select(*_IN_ORDER).where(_TABLE.c.id.in_(_MANY_OF)).order_by(_TABLE.c.number)
_BY_KEY = select(*_IN_ORDER).where(_TABLE.c.key.in_(_MANY_OF), _TABLE.c.open).order_by(_TABLE.c.number)
_BY_ID_LOCKED, _BY_KEY_LOCKED = _BY_ID.with_for_update(), _BY_KEY.with_for_update()
# Most often one is asked for, and a list of one costs a third more.
_ONE = {
    _BY_ID_LOCKED: select(*_IN_ORDER).where(_TABLE.c.id == bindparam("wanted")).with_for_update(),
    _BY_KEY_LOCKED: select(*_IN_ORDER).where(_TABLE.c.key == bindparam("wanted"), _TABLE.c.open).with_for_update(),
}
_GOES_ON = (
    select(_MERGED.c.key, _MERGED.c.incident_id)
    .join(_TABLE, (_TABLE.c.id == _MERGED.c.incident_id) & _TABLE.c.open)
    .where(_MERGED.c.key.in_(bindparam("wanted", expanding=True)))
)
_REDIRECT = update(_MERGED).where(_MERGED.c.incident_id == bindparam("was")).values(incident_id=bindparam("becomes"))
_ANEW = "ON CONFLICT (key) DO UPDATE SET incident_id = excluded.incident_id"
_MANY = 500  # values in one IN


def by_ids(tx: Tx, ids: Collection[str], *, lock: bool = False) -> dict[str, Incident]:
    """The incidents with these ids, by id."""
    return {incident.id: incident for incident in _found(tx, _BY_ID_LOCKED if lock else _BY_ID, ids)}


def open_by_keys(tx: Tx, keys: Collection[str]) -> dict[str, Incident]:
    """The open incidents with these grouping keys, by key, locked."""
    return {incident.key: incident for incident in _found(tx, _BY_KEY_LOCKED, keys)}


def _found(tx: Tx, query: Select[Any], values: Collection[str]) -> list[Incident]:
    wanted = sorted(values)
    if len(wanted) == 1 and query in _ONE:
        return [_incident(row) for row in tx.sql.execute(_ONE[query], {"wanted": wanted[0]})]
    return [
        _incident(row)
        for at in range(0, len(wanted), _MANY)
        for row in tx.sql.execute(query, {"wanted": wanted[at : at + _MANY]})
    ]


def keep_together(tx: Tx, merged: Incident, into: Incident) -> None:
    """What would open `merged` anew joins `into` while that is open, and so does all that joined `merged`."""
    tx.sql.execute(_REDIRECT, {"was": merged.id, "becomes": into.id})
    bulk.add(tx.sql, _MERGED, ("key", "incident_id"), [(merged.key, into.id)], _ANEW)


def open_by_merged_keys(tx: Tx, keys: Collection[str]) -> dict[str, Incident]:
    """The open incidents that go on for merged ones with these grouping keys, by those keys, locked."""
    wanted = sorted(keys)
    found = [
        tuple(row)
        for at in range(0, len(wanted), _MANY)
        for row in tx.sql.execute(_GOES_ON, {"wanted": wanted[at : at + _MANY]})
    ]
    kept = by_ids(tx, {id_ for _, id_ in found}, lock=True)
    return {key: kept[id_] for key, id_ in found if kept[id_].open}


def listing(tx: Tx, *, open_only: bool = True, entity: str | None = None, limit: int = 50) -> list[Incident]:
    """The newest incidents, newest first."""
    query = select(*_IN_ORDER).order_by(_TABLE.c.number.desc()).limit(limit)
    if open_only:
        query = query.where(col(IncidentRow.open))
    if entity:
        query = query.where(col(IncidentRow.entity) == entity)
    return [_incident(row) for row in tx.sql.execute(query)]


_BY_MONITORS = func.substr(_TABLE.c.key, 1, 1) == "["  # a grouping key, not one of a person's or of ours


def openings(tx: Tx, entities: Collection[str], since: datetime) -> dict[str, int]:
    """How many incidents of each of these entities monitors have opened after `since`."""
    query = select(_TABLE.c.entity, func.count()).where(
        _TABLE.c.entity.in_(sorted(entities)), _TABLE.c.opened_at > since, _BY_MONITORS
    )
    return {row[0]: row[1] for row in tx.sql.execute(query.group_by(_TABLE.c.entity))}


def last_opening(tx: Tx, entity: str) -> datetime | None:
    """When a monitor has opened an incident of this entity last."""
    query = select(func.max(_TABLE.c.opened_at)).where(_TABLE.c.entity == entity, _BY_MONITORS)
    found: datetime | None = tx.sql.execute(query).scalar()
    return found


def standing(tx: Tx, keys: Collection[str]) -> dict[str, Incident]:
    """The open incidents with these keys, by key; not locked."""
    query = select(*_IN_ORDER).where(_TABLE.c.key.in_(sorted(keys)), _TABLE.c.open)
    return {found.key: found for found in map(_incident, tx.sql.execute(query))}


def under(tx: Tx, storm: str, *, limit: int | None = None, open_only: bool = False) -> list[Incident]:
    """The incidents that this one pages for, oldest first."""
    query = select(*_IN_ORDER).where(_TABLE.c.storm == storm).order_by(_TABLE.c.number).limit(limit)
    return [_incident(row) for row in tx.sql.execute(query.where(_TABLE.c.open) if open_only else query)]


def count_under(tx: Tx, storm: str) -> int:
    """How many incidents this one pages for."""
    return int(tx.sql.execute(select(func.count()).select_from(_TABLE).where(_TABLE.c.storm == storm)).scalar_one())


def waited(tx: Tx, entity: str, since: datetime, until: datetime) -> list[Incident]:
    """The incidents of an entity that waited until `until`: open ones, and those that ended before anybody was paged.

    Oldest first; of those that ended only what did so after `since`.
    """
    ended = ~_TABLE.c.open & (_TABLE.c.step == 0) & (_TABLE.c.resolved_at >= since)
    still = _TABLE.c.open & (_TABLE.c.next_step_at <= until)
    query = select(*_IN_ORDER).where(_TABLE.c.entity == entity, _TABLE.c.waits != "", ended | still)
    return [_incident(row) for row in tx.sql.execute(query.order_by(_TABLE.c.number))]


def last_joined(tx: Tx, ids: Collection[str]) -> Mapping[str, datetime]:
    """When the newest alert of each of these incidents was first seen; those without one are left out."""
    alert = table(AlertRow)
    newest = select(alert.c.incident_id, func.max(alert.c.first_seen_at)).where(alert.c.incident_id.in_(sorted(ids)))
    return {row[0]: row[1] for row in tx.sql.execute(newest.group_by(alert.c.incident_id))}


_GIVE_UP = update(_TABLE).where(_TABLE.c.id == bindparam("its_id")).values(key=_TABLE.c.key + "#" + _TABLE.c.id)


def acknowledged(tx: Tx, before: datetime) -> list[Incident]:
    """What somebody holds, of those that opened before that moment and are not snoozed, the oldest first."""
    held = _TABLE.c.phase == Phase.ACKNOWLEDGED.value
    old = select(*_IN_ORDER).where(_TABLE.c.open, held, _TABLE.c.snoozed_until.is_(None), _TABLE.c.opened_at < before)
    return [_incident(row) for row in tx.sql.execute(old.order_by(_TABLE.c.number))]


def give_up_key(tx: Tx, ids: Collection[str]) -> None:
    """These incidents stay as they are, but no alert joins them by their key any more."""
    if ids:
        tx.sql.execute(_GIVE_UP, [{"its_id": id_} for id_ in sorted(ids)])


def count_open(tx: Tx) -> int:
    """How many are open."""
    return int(tx.sql.execute(select(func.count()).select_from(_TABLE).where(col(IncidentRow.open))).scalar_one())


def add(tx: Tx, incidents: Sequence[Incident]) -> None:
    """Write new incidents, all in one statement."""
    if incidents:
        rows = [row(incident) for incident in incidents]
        bulk.add(tx.sql, _TABLE, _COLUMNS, [tuple(each[name] for name in _COLUMNS) for each in rows])


_CHANGE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its_id"), _TABLE.c.version == bindparam("its_version"))
    .values({c.name: bindparam(c.name) for c in _TABLE.c if c.name not in ("id", "number", "key")})
)


_COUNTED = ("alerts_firing", "alerts_total", "repeats")
_COUNT = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its_id"), _TABLE.c.version == bindparam("its_version"))
    .values({name: bindparam(name) for name in _COUNTED})
)


def save(tx: Tx, changes: Sequence[tuple[Incident, Incident]]) -> None:
    """Write (before, after) pairs; Conflict when somebody changed one of them since it was read.

    Where only counts moved (the version is the same) only they are written, all in one statement.
    """
    counted = [
        {"its_id": after.id, "its_version": after.version, **{name: getattr(after, name) for name in _COUNTED}}
        for before, after in changes
        if before.version == after.version
    ]
    if counted and tx.sql.execute(_COUNT, counted).rowcount != len(counted):
        raise Conflict("An incident was changed by somebody else meanwhile.", "Look again, then try again.")
    for before, after in changes:
        if before.version != after.version:
            values = {key: value for key, value in row(after).items() if key not in ("id", "number", "key")}
            if tx.sql.execute(_CHANGE, {**values, "its_id": before.id, "its_version": before.version}).rowcount != 1:
                raise Conflict(f"{before.id} was changed by somebody else meanwhile.", "Look again, then try again.")


def row(incident: Incident) -> dict[str, Any]:
    """The incident as its row, by column."""
    row = {name: getattr(incident, name) for name in _FIELDS}
    row["number"] = int(incident.id.removeprefix("INC-"))
    row["open"] = incident.open
    row["phase"] = incident.phase.value
    row["policy"] = freeze(incident.policy)
    return row


def _incident(row: Row[Any]) -> Incident:
    values = list(row)
    values[_PHASE] = Phase(values[_PHASE])
    values[_POLICY] = thaw(values[_POLICY])
    return Incident(*values)


@lru_cache(maxsize=1024)
def freeze(policy: Policy) -> str:
    """The policy as JSON: waits in seconds."""
    said = {
        "tiers": [
            {
                "name": t.name,
                "page": list(t.page),
                "answer_within": t.answer_within.total_seconds(),
                "may": list(t.may),
                **({"stages": [stages.frozen(stage) for stage in t.stages]} if t.stages else {}),
            }
            for t in policy.tiers
        ],
        "start": policy.start,
        "repeats": policy.repeats,
        "fallback": list(policy.fallback),
        "urgency": policy.urgency,
        "owner": policy.owner,
        "remind": policy.remind.total_seconds(),
        "give_back": policy.give_back.total_seconds(),
    }
    return canonical(said).decode()


@lru_cache(maxsize=1024)
def thaw(frozen: str) -> Policy:
    """The policy that `freeze` wrote; few policies serve many incidents, so each is read once."""
    kept = orjson.loads(frozen)
    tiers = tuple(
        Tier(
            t["name"],
            tuple(t["page"]),
            timedelta(seconds=t["answer_within"]),
            tuple(t["may"]),
            tuple(map(stages.thawed, t.get("stages", ()))),
        )
        for t in kept["tiers"]
    )
    said = (kept["start"], kept["repeats"], tuple(kept["fallback"]), kept["urgency"], kept["owner"])
    waits = (timedelta(seconds=kept.get(name, 0.0)) for name in ("remind", "give_back"))
    return Policy(tiers, *said, *waits)
