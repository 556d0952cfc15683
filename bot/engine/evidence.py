"""What was known before anything was changed, frozen into the log first: an auditor finds it whatever came after."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson

from bot.contract.platform import Flow
from bot.engine import course
from bot.engine.desk import Desk, Host
from bot.errors import TocsinError
from bot.model.alert import KeptAlert
from bot.model.change import Change, Serving
from bot.model.entry import Entry
from bot.model.incident import Incident
from bot.store import Tx, alerts, incidents
from bot.store.alerts import body

FROZEN = "evidence.frozen"
GUESS = 3.0  # seconds: nobody shall wait longer for an estimate while something is wrong
MOST = 50  # alerts, and segments, that are kept whole; the counts are


@dataclass(frozen=True, slots=True)
class Seen:
    """What the platform said before the change: what serves, and how much passed through it."""

    serving: Serving
    flow: Flow


async def flow(host: Host, change: Change, since: datetime) -> Flow:
    """How many predictions were made since the trouble began; a platform that cannot say is no reason to wait."""
    try:
        return await host.guard.call("flow", lambda: host.platform.flow(change.plan.ref, since), deadline=GUESS)
    except TocsinError as error:
        return Flow(None, f"unknown: {error.what}")


def freeze(tx: Tx, desk: Desk, change: Change, seen: Seen) -> Entry:
    """The entry to write before the change is applied."""
    incident = incidents.by_ids(tx, [change.incident]).get(change.incident) if change.incident else None
    kept = alerts.of(tx, incident.id, MOST) if incident else []
    said = {
        "serving": seen.serving.spelled(),
        "digest": change.plan.digest,
        "alerts": [_alert(one) for one in kept],
        "alerts_total": incident.alerts_total if incident else 0,
        "window": _window(incident, kept, tx.now),
        "predictions": _flow(seen.flow),
        "configuration": _configuration(desk, change),
    }
    return course.entry(change, FROZEN, tx.now, "Before anything was changed.", said)


def _alert(kept: KeptAlert) -> dict[str, Any]:
    times = {name: getattr(kept, name) for name in ("first_seen_at", "last_seen_at", "ended_at")}
    told = {name: at.isoformat() for name, at in times.items() if at}
    alert = kept.alert
    own = {"problem": alert.problem, "status": kept.status.value, "started_at": alert.started_at.isoformat()}
    return {**orjson.loads(orjson.dumps(body(alert))), **own, "repeats": kept.repeats, **told}


def _window(incident: Incident | None, kept: Sequence[KeptAlert], at: datetime) -> dict[str, str] | None:
    """From when on the data was bad as far as anybody knows."""
    if incident is None:
        return None
    first = min([incident.opened_at, *(one.alert.started_at for one in kept)])
    return {"from": first.isoformat(), "until": at.isoformat()}


def _flow(said: Flow) -> dict[str, Any]:
    segments = dict(sorted(said.segments.items(), key=lambda pair: -pair[1])[:MOST])
    return {"estimate": said.predictions, "how": said.how, "segments": segments}


def _configuration(desk: Desk, change: Change) -> dict[str, str | None]:
    """Digests: whether what was in force is what stands in a repository can be told from them."""
    own, book = desk.settings, desk.runbooks.get(change.plan.runbook)
    return {
        "runbook": f"{book.name}@{book.revision}" if book else None,
        "model": _digest(asdict(own.estate.models[change.plan.model])),
        "changes": _digest(asdict(own.changes)),
    }


def _digest(said: dict[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()
