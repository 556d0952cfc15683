"""What monitors said within a span of time, as far as it was kept: for playing it once more."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from bot.model.alert import KeptAlert, Status
from bot.model.entry import Entry, Sealed
from bot.store import alerts, log
from bot.store.database import Tx
from bot.store.tables import AlertRow, HeldRow, table

_ALERTS, _HELD, _LOG = table(AlertRow), table(HeldRow), log.ENTRIES


def _in_span(rows: Any) -> Any:
    until = bindparam("until", type_=rows.c.first_seen_at.type)
    return select(rows).where(rows.c.first_seen_at < until).order_by(rows.c.first_seen_at).limit(bindparam("most"))


_SINCE = bindparam("since", type_=_ALERTS.c.first_seen_at.type)
_HEARD = _in_span(_ALERTS).where(
    or_(_ALERTS.c.last_seen_at >= _SINCE, and_(_ALERTS.c.latest, _ALERTS.c.status == Status.FIRING.value))
)
_HEARD_HELD = _in_span(_HELD)


def heard(tx: Tx, since: datetime, until: datetime, most: int) -> list[KeptAlert]:
    """Every episode that began before `until` and was heard of after `since` or still fires, in order of beginning.

    Those that are held now are among them; what resolved while it was held is not kept. At most `most`.
    """
    span = {"since": since, "until": until, "most": most}
    found = [_kept(row, row["ended_at"]) for row in tx.sql.execute(_HEARD, span).mappings()]
    held = {"until": until, "most": most}
    for row in tx.sql.execute(_HEARD_HELD, held).mappings():
        found.append(_kept({**row, "status": Status.FIRING.value, "ended_at": None}, None))
    return sorted(found, key=lambda one: (one.first_seen_at, one.alert.problem))[:most]


def placed(tx: Tx) -> list[tuple[str, str]]:
    """Each problem with each incident that an episode of it is in, in the order in which they came."""
    query = select(_ALERTS.c.problem, _ALERTS.c.incident_id).order_by(_ALERTS.c.id)
    return list(dict.fromkeys((str(problem), str(incident)) for problem, incident in tx.sql.execute(query)))


_NOTED = (
    select(_LOG)
    .where(
        _LOG.c.kind.in_(bindparam("kinds", expanding=True)),
        _LOG.c.recorded_at >= bindparam("since", type_=_LOG.c.at.type),
    )
    .order_by(_LOG.c.recorded_at, _LOG.c.chain, _LOG.c.seq)
    .limit(bindparam("most"))
)


def noted(tx: Tx, kinds: Collection[str], since: datetime, most: int) -> list[Entry]:
    """The log's entries of these kinds recorded since then, oldest first."""
    rows = tx.sql.execute(_NOTED, {"kinds": list(kinds), "since": since, "most": most}).mappings()
    return [log.read(row).entry for row in rows]


def sealed(tx: Tx, kinds: Collection[str], since: datetime, until: datetime, most: int) -> list[Sealed]:
    """The same in their places, those recorded until then."""
    rows = tx.sql.execute(_NOTED, {"kinds": list(kinds), "since": since, "most": most}).mappings()
    return [log.read(row) for row in rows if row["recorded_at"] <= until]


def _kept(row: Any, ended_at: datetime | None) -> KeptAlert:
    alert = alerts.read(row)
    return KeptAlert(alert, alert.status, row["repeats"], row["first_seen_at"], row["last_seen_at"], ended_at)
