"""What a request wants, and what is wrong with it in Opsgenie's own words.

An alert has one name here: its id, its tiny id and its alias are the same text, so any `identifierType` finds it.
"""

import hashlib
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.contract import NotFound, Request, Unreadable, reading

ALIAS, MESSAGE, DESCRIPTION, SOURCE, USER, NOTE = 512, 130, 15_000, 100, 100, 25_000  #: characters that are kept
TAGS, TAG = 20, 50  #: how many, and characters of each
PRIORITIES = ("P1", "P2", "P3", "P4", "P5")
#: What Opsgenie can do to an alert and Tocsin leaves to people.
ELSEWHERE = frozenset(
    {"unacknowledge", "snooze", "escalate", "assign", "responders", "teams", "tags", "details", "actions", "message",
     "description", "priority", "attachments", "logs", "recipients", "list"}
)  # fmt: skip

_NAMESPACE = uuid.UUID("4b3cb9c1-58a5-5d35-9b60-3b6b2f6c4a19")


class Wish(StrEnum):
    """What we do for it."""

    CREATE = "create"
    CLOSE = "close"
    ACKNOWLEDGE = "acknowledge"
    NOTE = "notes"
    GET = "get"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: what it wants, of which alert or earlier request, and with which words."""

    wish: Wish
    alias: str
    request_id: str
    body: dict[str, Any]

    def words(self, name: str, most: int) -> str:
        """A field of the body as text, cut after `most` characters; empty where it is missing."""
        return (reading.text(self.body.get(name), 10 * DESCRIPTION) or "").strip()[:most]

    def errors(self) -> dict[str, str]:
        """What Opsgenie would have against it, by field; {} when it is well."""
        found = {}
        if self.wish is Wish.CREATE and not self.words("message", MESSAGE):
            found["message"] = "Message can not be empty."
        priority = self.body.get("priority")
        if self.wish is Wish.CREATE and priority is not None and priority not in PRIORITIES:
            found["priority"] = f"Priority must be one of [{', '.join(PRIORITIES)}]."
        if self.wish is Wish.NOTE and not self.words("note", NOTE):
            found["note"] = "Note can not be empty."
        return found


def read(request: Request) -> Asked:
    """What is asked. NotFound where that is no business of ours; Unreadable when the body is no JSON object."""
    wish = _wish(request)
    body = reading.loads(request.body) if request.body.strip() and request.method != "GET" else {}
    if not isinstance(body, dict):
        raise Unreadable("The body is no JSON object.", "Send one alert.")
    return Asked(wish, _alias(request, wish, body), request_id(request), body)


def request_id(request: Request) -> str:
    """A UUID that is made of what came when, so that the answer names the one that is kept."""
    told = f"{request.received_at.isoformat()}|{request.method}|{request.path}|{sorted(request.query.items())}|"
    return str(uuid.uuid5(_NAMESPACE, hashlib.sha256(told.encode("utf-8", "replace") + request.body).hexdigest()))


def action(request: Request) -> str:
    """The last word of the address, where it names what is to be done to an alert."""
    if "identifier" not in request.params:
        return "list" if request.method == "GET" and "request" not in request.params else ""
    return request.params.get("action", "")


def _wish(request: Request) -> Wish:
    wanted = action(request)
    match request.method, wanted:
        case "GET", "":
            return Wish.STATUS if "request" in request.params else Wish.GET
        case "DELETE", "":
            return Wish.CLOSE
        case "POST" | "PUT", "" if not request.params:
            return Wish.CREATE
        case "POST", "close" | "acknowledge" | "notes":
            return Wish(wanted)
    where = "Acknowledge, close and note go through here; the rest is done in Slack or by `tocsin incident`."
    raise NotFound(f"{wanted or request.method} of an alert is not taken here.", where)


def _alias(request: Request, wish: Wish, body: dict[str, Any]) -> str:
    if wish is Wish.STATUS:
        return request.params["request"][: reading.NAME]
    if wish is not Wish.CREATE:
        return request.params["identifier"].replace("\0", "\ufffd")[:ALIAS]
    given = reading.text(body.get("alias"), 10 * DESCRIPTION) or ""
    return given[:ALIAS] if given.strip() else request_id(request)
