"""An event as it came in: what is wrong with it in PagerDuty's own words, and the key it is deduplicated by."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from bot.contract import Request, Unreadable, reading

LIMIT = 512 * 1024  #: bytes of an event
SUMMARY = 1024  #: characters of a summary that are kept
ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "warning", "error", "info")

_KEY, _DEDUP = 32, 255  # characters of a routing key, and the most of a dedup_key
_NAMESPACE = uuid.UUID("b7a6e6ba-3f2c-5d0b-9a56-5d3e6e6b0f5a")
_UNRECOGNIZED = "Event object format is unrecognized"


@dataclass(frozen=True, slots=True)
class Event:
    """One body, and whether it tells of a change instead of a problem."""

    body: dict[str, Any]
    change: bool

    @property
    def payload(self) -> dict[str, Any]:
        """What it says; empty where it says nothing."""
        given = self.body.get("payload")
        return given if isinstance(given, dict) else {}

    @property
    def action(self) -> str:
        """One of ACTIONS, or whatever stands in its place."""
        return reading.text(self.body.get("event_action")) or ""

    @property
    def details(self) -> dict[str, Any]:
        """Its custom details; what is no object stands under that name."""
        given = self.payload.get("custom_details")
        if isinstance(given, dict):
            return given
        return {"custom_details": given} if given not in (None, "", []) else {}

    def errors(self) -> list[str]:
        """What PagerDuty would have against it but for its key, in its words; [] when it is well."""
        return self._missing("summary") if self.change else self._wrong()

    def _wrong(self) -> list[str]:
        dedup = self.body.get("dedup_key")
        found = []
        if not self.action.strip():
            found.append("'event_action' is missing or blank")
        elif self.action not in ACTIONS:
            one_of = "'trigger', 'acknowledge' or 'resolve'"
            found.append(f"'event_action' is invalid (must be one of the following: {one_of})")
        if isinstance(dedup, dict | list):
            found.append("'dedup_key' must be a string")
        elif len(reading.text(dedup, _DEDUP + 1) or "") > _DEDUP:
            found.append(f"Length of 'dedup_key' is incorrect (should be at most {_DEDUP} characters)")
        elif self.action in ("acknowledge", "resolve") and not stated(dedup):
            found.append("'dedup_key' is missing or blank")
        return found + (self._unsaid() if self.action == "trigger" else [])

    def _unsaid(self) -> list[str]:
        found = self._missing("summary", "source", "severity")
        severity = self.payload.get("severity")
        if reading.text(severity) and severity not in SEVERITIES:
            one_of = "'critical', 'warning', 'error' or 'info'"
            found.append(f"'payload.severity' is invalid (must be one of the following: {one_of})")
        return found

    def _missing(self, *names: str) -> list[str]:
        if not self.payload:
            return ["'payload' is missing or blank"]
        return [f"'payload.{name}' is missing or blank" for name in names if not stated(self.payload.get(name))]


def read(request: Request) -> Event:
    """The event in a request. Unreadable when it is no JSON object."""
    body = reading.loads(request.body)
    if not isinstance(body, dict):
        raise Unreadable(f"{_UNRECOGNIZED}: it is no JSON object.", "Send one event.")
    return Event(body, request.path.endswith("/change/enqueue"))


def stated(given: object) -> str:
    """The words of a field, or nothing where it is missing or blank."""
    words = reading.text(given, LIMIT) or ""
    return words if words.strip() else ""


def key_errors(key: object) -> list[str]:
    """What is wrong with a routing key as such."""
    words = stated(key)
    if not words:
        return ["'routing_key' cannot be blank"]
    found = []
    if len(words) != _KEY:
        found.append(f"Length of 'routing_key' is incorrect (should be {_KEY} characters)")
    if not (words.isascii() and words.isalnum()):
        found.append("'routing_key' cannot contain non-alphanumeric characters.")
    return found


def dedup_key(request: Request, event: Event) -> str:
    """Its own; for one without, a UUID made of what came when, so that the answer names the one that is kept."""
    return stated(event.body.get("dedup_key")) or str(uuid.uuid5(_NAMESPACE, fingerprint(request)))


def fingerprint(request: Request) -> str:
    """What no other request has: its body and when it came."""
    return digest(request.received_at.isoformat().encode() + request.body)


def digest(body: bytes) -> str:
    """What bodies that say the same share."""
    return hashlib.sha256(body).hexdigest()
