"""Alerts as rows: the latest episode of each problem, written and counted many at a time."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, func, literal_column, or_, select, update

from bot.model.alert import Alert, KeptAlert, Kind, Measure, Status
from bot.model.incident import Incident
from bot.store import bulk
from bot.store.database import Tx
from bot.store.tables import AlertRow, HeldRow, table

_TABLE, _HELD = table(AlertRow), table(HeldRow)


@dataclass(frozen=True, slots=True)
class Episode:
    """What is known of the newest episode of a problem."""

    id: int
    problem: str
    started_at: datetime
    status: Status
    incident_id: str
    evaluated_at: datetime | None = None  #: of its last breach, where its monitor says


_NEWEST = ("id", "problem", "started_at", "status", "incident_id", "evaluated_at")
_NULL: Any = literal_column("NULL")


def _latest(problem: Callable[[Any], Any], *, held: bool) -> Any:
    """The question after newest episodes, and after what is held, of those problems for which `problem` holds."""
    newest = select(*(_TABLE.c[name] for name in _NEWEST)).where(problem(_TABLE.c.problem), _TABLE.c.latest)
    also = select(_NULL, _HELD.c.problem, _NULL, literal_column("'held'"), _NULL, _NULL).where(problem(_HELD.c.problem))
    return newest.union_all(also) if held else newest


def _some(problem: Any) -> Any:
    return problem.in_(bindparam("wanted", expanding=True))


_LATEST, _ALSO_HELD = _latest(_some, held=False), _latest(_some, held=True)
_ALSO_HELD_ONE = _latest(lambda problem: problem == bindparam("wanted"), held=True)  # a list costs a third more
_LOOKED = bindparam("looked", type_=_TABLE.c.evaluated_at.type)
_MANY = 500  # values in one IN


def latest(tx: Tx, problems: Collection[str]) -> dict[str, Episode]:
    """The newest episode of each of these problems, by problem; unknown ones are left out."""
    return {row[1]: _episode(row) for row in _rows(tx, _LATEST, problems)}


def known(tx: Tx, problems: Collection[str]) -> tuple[dict[str, Episode], set[str]]:
    """The newest episode of each of these problems, and which of them are held; one question for both."""
    if len(problems) == 1:
        rows = tx.sql.execute(_ALSO_HELD_ONE, {"wanted": next(iter(problems))}).all()
    else:
        rows = _rows(tx, _ALSO_HELD, problems)
    return {row[1]: _episode(row) for row in rows if row[3] != "held"}, {row[1] for row in rows if row[3] == "held"}


def _rows(tx: Tx, query: Any, problems: Collection[str]) -> list[Any]:
    wanted = list(problems)
    parts = (wanted[at : at + _MANY] for at in range(0, len(wanted), _MANY))
    return [row for part in parts for row in tx.sql.execute(query, {"wanted": part})]


def _episode(row: Any) -> Episode:
    return Episode(row[0], row[1], row[2], Status(row[3]), row[4], row[5])


_SUPERSEDE = (
    update(_TABLE)
    .where(_TABLE.c.problem == bindparam("its"), _TABLE.c.latest)
    .values(
        latest=False,
        status=Status.RESOLVED.value,
        ended_at=func.coalesce(_TABLE.c.ended_at, bindparam("seen", type_=_TABLE.c.ended_at.type)),
    )
)
_REPEAT = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its"))
    .values(repeats=_TABLE.c.repeats + bindparam("more"), last_seen_at=bindparam("seen"))
)
_EVALUATED = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("its"))
    .values(
        evaluated_at=case(
            (or_(_TABLE.c.evaluated_at.is_(None), _TABLE.c.evaluated_at < _LOOKED), _LOOKED),
            else_=_TABLE.c.evaluated_at,
        )
    )
)
_RESOLVE = (
    update(_TABLE)
    .where(_TABLE.c.problem == bindparam("its"), _TABLE.c.latest)
    .values(status=Status.RESOLVED.value, ended_at=bindparam("ended"), last_seen_at=bindparam("seen"))
)


def add(tx: Tx, new: Sequence[tuple[Alert, str, bool]], supersede: Collection[str], seen: datetime) -> None:
    """Write new episodes: (alert, incident id, whether it is its problem's newest) each.

    `supersede` names the problems that had an earlier one; if that still fired it is over, since a new one began.
    """
    if supersede:
        tx.sql.execute(_SUPERSEDE, [{"its": problem, "seen": seen} for problem in supersede])
    if new:
        bulk.add(tx.sql, _TABLE, _COLUMNS, [_row(*each, seen) for each in new])


def repeat(tx: Tx, counts: dict[int, int], seen: datetime) -> None:
    """Count repeats: episode id -> how many more."""
    if counts:
        tx.sql.execute(_REPEAT, [{"its": its, "more": more, "seen": seen} for its, more in counts.items()])


def evaluated(tx: Tx, looks: Mapping[int, datetime]) -> None:
    """Advance when each episode breached last: episode id -> when its monitor looked; never back."""
    if looks:
        tx.sql.execute(_EVALUATED, [{"its": its, "looked": at} for its, at in looks.items()])


def resolve(tx: Tx, ended: dict[str, datetime], seen: datetime) -> None:
    """Close the newest episode of each problem: problem -> when it ended."""
    if ended:
        tx.sql.execute(_RESOLVE, [{"its": its, "ended": at, "seen": seen} for its, at in ended.items()])


_MOVE = update(_TABLE).where(_TABLE.c.incident_id == bindparam("was")).values(incident_id=bindparam("becomes"))


def move(tx: Tx, was: str, becomes: str) -> None:
    """All episodes of incident `was` belong to incident `becomes` from now on."""
    tx.sql.execute(_MOVE, {"was": was, "becomes": becomes})


# Two statements instead of one with a sort: an incident may have tens of thousands of alerts.
_OF = (
    select(_TABLE)
    .where(_TABLE.c.incident_id == bindparam("its"), _TABLE.c.status == bindparam("wanted"))
    .order_by(_TABLE.c.id.desc())
    .limit(bindparam("most"))
)


def of(tx: Tx, incident_id: str, limit: int = 20) -> list[KeptAlert]:
    """The newest episodes of an incident, firing ones first, then newest first."""
    found: list[KeptAlert] = []
    for status in (Status.FIRING, Status.RESOLVED):
        wanted = {"its": incident_id, "wanted": status.value, "most": limit - len(found)}
        if limit > len(found):
            found += [_kept(row) for row in tx.sql.execute(_OF, wanted).mappings()]
    return found


_FIRST = (
    select(_TABLE)
    .where(
        _TABLE.c.incident_id == bindparam("its"),
        _TABLE.c.status == bindparam("wanted"),
        _TABLE.c.first_seen_at >= bindparam("since"),
    )
    .order_by(_TABLE.c.id)
    .limit(1)
)


def first(tx: Tx, incident: Incident) -> Alert | None:
    """The alert that opened an incident: the same whatever joins later, older ones of a merged incident included."""
    its = {"its": incident.id, "since": incident.opened_at}
    wanted = [{**its, "wanted": status.value} for status in (Status.FIRING, Status.RESOLVED)]
    rows = [row for each in wanted for row in tx.sql.execute(_FIRST, each).mappings()]
    return _kept(min(rows, key=lambda row: row["id"])).alert if rows else None


_COLUMNS = (
    "problem",
    "started_at",
    "latest",
    "status",
    "incident_id",
    "body",
    "repeats",
    "first_seen_at",
    "last_seen_at",
    "ended_at",
    "evaluated_at",
)


def _row(alert: Alert, incident: str, newest: bool, seen: datetime) -> tuple[Any, ...]:
    status = alert.status.value if newest else Status.RESOLVED.value
    ended, evaluated = alert.ended_at, alert.evaluated_at
    return (alert.problem, alert.started_at, newest, status, incident, body(alert), 0, seen, seen, ended, evaluated)


_PLAIN = (
    "source",
    "connection",
    "title",
    "started_inferred",
    "model",
    "version",
    "environment",
    "entity",
    "severity",
    "summary",
)
_NUMBERS = tuple(Measure.__slots__)


def body(alert: Alert) -> dict[str, Any]:
    """What is kept of an alert as JSON: whatever its sender said, and nothing it did not."""
    said: dict[str, Any] = {name: value for name in _PLAIN if (value := getattr(alert, name))}
    said["kind"] = alert.kind.value
    if alert.labels:
        said["labels"] = alert.labels if type(alert.labels) is dict else dict(alert.labels)
    if alert.links:
        said["links"] = alert.links
    if alert.measures:
        said["measures"] = [
            {name: value for name in _NUMBERS if (value := getattr(m, name)) is not None} for m in alert.measures
        ]
    return said


def read(row: Any) -> Alert:
    """The alert in a row that has its problem, status, body and times."""
    said = row["body"]
    plain = {name: said[name] for name in _PLAIN if name in said}
    return Alert(
        **{"title": "", **plain},
        problem=row["problem"],
        status=Status(row["status"]),
        kind=Kind(said["kind"]),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        evaluated_at=row["evaluated_at"],
        measures=tuple(Measure(**m) for m in said.get("measures", ())),
        labels=said.get("labels", {}),
        links=tuple(said.get("links", ())),
    )


def _kept(row: Any) -> KeptAlert:
    alert = read(row)
    return KeptAlert(alert, alert.status, row["repeats"], row["first_seen_at"], row["last_seen_at"], row["ended_at"])
