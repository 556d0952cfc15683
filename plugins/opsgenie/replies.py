"""Opsgenie's own answers, status, headers and body, to what became of a request."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from bot.contract import (
    Answer,
    BadInput,
    NotAuthentic,
    NotFound,
    Request,
    Standing,
    Taken,
    TocsinError,
    TooLarge,
    Unreadable,
    reading,
)
from plugins.opsgenie import asked
from plugins.opsgenie.asked import Asked, Wish

_FORMED = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_UNPROCESSABLE = "Request body is not processable. Please check the errors."
_PRIORITY = {"sev1": "P1", "sev2": "P2", "sev3": "P3", "sev4": "P4", "sev5": "P5"}
#: By what a request did: the action's name, and what became of it.
_DONE = {
    "firing": ("Create", "Created alert"),
    "resolved": ("Close", "Closed alert"),
    "acknowledge": ("Acknowledge", "Acknowledged alert"),
    "note": ("AddNote", "Added note"),
}


def key(request: Request) -> str:
    """The key that a request shows; empty where it shows none."""
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    # HTTP hands header bytes over as latin-1.
    return shown.strip().encode("latin-1", "replace").decode("utf-8", "replace") if scheme.lower() == "geniekey" else ""


def reply(request: Request, outcome: Taken | TocsinError, connection: str) -> Answer:
    """The answer to `request`, which came in at `connection`."""
    id_ = asked.request_id(request)
    if isinstance(outcome, TocsinError):
        return _refused(request, outcome, id_)
    try:
        given = asked.read(request)
    except TocsinError as error:
        return _refused(request, error, id_)
    if outcome.letter:
        return _error(422, _UNPROCESSABLE, id_, errors=given.errors() or {"body": outcome.why})
    if given.wish is Wish.GET:
        standing = next(iter(outcome.standings.values()), None)
        if standing is None:
            return _error(404, f"Alert with id [{given.alias}] does not exist", id_)
        return _answer(200, {"data": _alert(given, standing, connection)}, id_)
    if given.wish is Wish.STATUS:
        if outcome.earlier is None:
            return _error(404, f"Request not found. It might not be processed, yet. Request id: {given.alias}", id_)
        return _answer(200, {"data": _earlier(outcome.earlier, connection)}, id_)
    return _answer(202, {"result": "Request will be processed"}, id_)


def _refused(request: Request, error: TocsinError, id_: str) -> Answer:
    match error:
        case NotAuthentic():
            shown = key(request)
            if shown and not _FORMED.fullmatch(shown):
                return _error(422, "Key format is not valid!", id_)
            return _error(401, "Could not authenticate", id_)
        case NotFound():
            known = asked.action(request) in asked.ELSEWHERE
            return _error(422 if known else 404, f"{error}", id_)
        case TooLarge():
            return _error(413, error.what, id_)
        case Unreadable():
            return _error(400, "Request body is not a valid JSON", id_)
    return _error(400 if isinstance(error, BadInput) else 503, error.what, id_)


def _alert(given: Asked, standing: Standing, connection: str) -> dict[str, Any]:
    """An alert as it is read; one that is held back is open, and nobody has seen it."""
    acknowledged = standing.firing and standing.phase not in ("", "triggered")
    return {
        "id": given.alias,
        "tinyId": given.alias,
        "alias": given.alias,
        "message": standing.title,
        "status": "open" if standing.firing and standing.phase != "resolved" else "closed",
        "acknowledged": acknowledged,
        "isSeen": acknowledged,
        "tags": [],
        "snoozed": False,
        "count": standing.repeats + 1,
        "lastOccurredAt": _time(standing.last_seen_at),
        "createdAt": _time(standing.started_at),
        "updatedAt": _time(standing.last_seen_at),
        "source": connection,
        "owner": standing.holder or "",
        "priority": _PRIORITY.get(standing.priority, "P3"),
        "responders": [],
        "integration": {"id": connection, "name": connection, "type": "API"},
        "details": {name: said for name in ("incident", "held") if (said := getattr(standing, name))},
        "description": standing.held,
    }


def _earlier(kept: Mapping[str, Any], connection: str) -> dict[str, Any]:
    """What became of an earlier request; one that met no alert did not succeed."""
    does = str(next(iter(kept.get("did", ())), ""))
    action, status = _DONE.get(does, ("", ""))
    met = {"firing": True, "resolved": kept.get("resolved", 0) > 0}.get(does, kept.get("acted", 0) > 0)
    alias = str(next(iter(kept.get("problems", ())), "")).removeprefix(f"{connection}:")
    at = datetime.fromisoformat(kept["at"]) if "at" in kept else None
    return {
        "success": met,
        "isSuccess": met,
        "action": action,
        "processedAt": _time(at) if at else "",
        "integrationId": connection,
        "status": status if met else "Alert does not exist",
        "alertId": alias if met else "",
        "alias": alias,
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _error(status: int, message: str, id_: str, **more: Any) -> Answer:
    return _answer(status, {"message": message[: reading.LABEL], **more}, id_)


def _answer(status: int, said: Mapping[str, Any], id_: str) -> Answer:
    # What it took nobody measures here; clients want a number.
    headers = {"X-Request-ID": id_, "X-Response-Time": "0.0", "X-RateLimit-State": "OK"}
    headers |= {"X-RateLimit-Reason": "ACCOUNT", "X-RateLimit-Period-In-Sec": "60"}
    return Answer(status, orjson.dumps({**said, "took": 0.0, "requestId": id_}), headers=headers)
