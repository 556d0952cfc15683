"""Our alerts and silences in the shapes of Alertmanager's API, version 2."""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from bot.engine import silence as silences
from bot.model.estate import Estate
from bot.model.held import Cause
from bot.model.matcher import Matcher
from bot.model.silence import Silence
from bot.rules import matching, patterns
from bot.store.firing import Firing
from bot.web import labels

RECEIVER = "tocsin"  #: runbooks route here, so there is one receiver
STILL = timedelta(minutes=5)  # what fires and names no end counts as firing for so long from now
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_SUPPRESSED = (Cause.SILENCE, Cause.MAINTENANCE, Cause.INHIBITION)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts somebody wants to see: those with these states, that meet these conditions."""

    active: bool = True
    silenced: bool = True
    inhibited: bool = True
    unprocessed: bool = True
    conditions: Sequence[Matcher] = ()
    receiver: str = ""  #: a pattern


def alerts(firing: Iterable[Firing], estate: Estate, wanted: Wanted, now: datetime) -> list[dict[str, Any]]:
    """Those that are wanted, in the order of their fingerprints; BadInput for a wrong pattern of receivers."""
    if wanted.receiver and not patterns.compiled(wanted.receiver)(RECEIVER):
        return []
    shown = [_alert(one, estate, now) for one in firing]
    return sorted((one for one in shown if _wants(wanted, one)), key=lambda one: str(one["fingerprint"]))


def groups(firing: Iterable[Firing], estate: Estate, wanted: Wanted, now: datetime) -> list[dict[str, Any]]:
    """The same by incident; what is held back stands by what holds it."""
    keyed = sorted(firing, key=_group)
    found = []
    for (name, value), members in groupby(keyed, key=_group):
        if shown := alerts(list(members), estate, wanted, now):
            found.append({"alerts": shown, "labels": {name: value}, "receiver": {"name": RECEIVER}})
    return found


def silence(one: Silence, now: datetime) -> dict[str, Any]:
    """A silence or a maintenance window."""
    state = "active" if one.active(now) else "pending" if now < min(one.starts_at, one.until) else "expired"
    return {
        "id": one.id,
        "status": {"state": state},
        "updatedAt": instant(one.ended_at or one.made_at),
        "comment": one.why,
        "createdBy": silences.author(one),
        "startsAt": instant(min(one.starts_at, one.until)),
        "endsAt": instant(one.until),
        "matchers": [labels.shown(condition) for condition in one.matchers],
    }


def in_order(found: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Silences as Alertmanager lists them: active by end, pending by start, then the expired, latest first."""
    rows = sorted(found, key=lambda row: str(row["startsAt" if _state(row) == "pending" else "endsAt"]))
    over = [row for row in rows if _state(row) == "expired"]
    return [
        *(row for row in rows if _state(row) == "active"),
        *(row for row in rows if _state(row) == "pending"),
        *reversed(over),
    ]


def instant(moment: datetime) -> str:
    """RFC 3339 with milliseconds, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _state(row: Mapping[str, Any]) -> str:
    return str(row["status"]["state"])


def _group(one: Firing) -> tuple[str, str]:
    return ("incident", one.incident or "") if one.hold is None else ("held_by", one.hold.by)


def _alert(one: Firing, estate: Estate, now: datetime) -> dict[str, Any]:
    alert = one.alert
    notes = {"summary": alert.summary, "incident": one.incident or "", "held": one.hold.why if one.hold else ""}
    said = {
        "annotations": {name: text for name, text in notes.items() if text},
        "endsAt": instant(one.until or now + STILL),
        "fingerprint": _fingerprint(alert.problem),
        "receivers": [{"name": RECEIVER}],
        "startsAt": instant(alert.started_at),
        "status": _status(one),
        "updatedAt": instant(one.last_seen_at),
        "labels": labels.of(matching.Facts(alert, estate.find(alert.model))),
    }
    return {**said, "generatorURL": alert.links[0]} if alert.links else said


def _status(one: Firing) -> dict[str, Any]:
    """One that is in an incident is active, whatever silence fits it: people are paged for it."""
    hold = one.hold
    silenced = [hold.by] if hold and hold.cause in (Cause.SILENCE, Cause.MAINTENANCE) else []
    inhibited = [hold.incident or hold.by] if hold and hold.cause is Cause.INHIBITION else []
    state = "active" if hold is None else "suppressed" if hold.cause in _SUPPRESSED else "unprocessed"
    return {"inhibitedBy": inhibited, "mutedBy": [], "silencedBy": silenced, "state": state}


def _wants(wanted: Wanted, shown: Mapping[str, Any]) -> bool:
    status = shown["status"]
    if not wanted.active and status["state"] == "active":
        return False
    if not wanted.unprocessed and status["state"] == "unprocessed":
        return False
    if (not wanted.silenced and status["silencedBy"]) or (not wanted.inhibited and status["inhibitedBy"]):
        return False
    return labels.fit(wanted.conditions, shown["labels"])


def _fingerprint(problem: str) -> str:
    """Prometheus' own, where the alert came with one."""
    tail = problem.rpartition(":")[2]
    return tail if _FINGERPRINT.fullmatch(tail) else hashlib.sha256(problem.encode(errors="replace")).hexdigest()[:16]


def names(found: Collection[Mapping[str, Any]]) -> dict[str, str]:
    """The matchers of one silence as a filter sees them: by name, their values."""
    return {str(one["name"]): str(one["value"]) for one in found}
