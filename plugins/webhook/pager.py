"""Pages posted as signed JSON to an address of yours, in the form of the Standard Webhooks."""

import base64
import hashlib
import hmac
from typing import Any

import orjson
from pydantic import SecretStr

from bot.contract import Call, Check, Context, Health, NotDelivered, Sent, http, reading
from plugins.webhook.settings import WebhookSettings

_CURE = "Set the connection's `page_url` and `page_secret`, or take it out of everybody's `notify`."


class Hook:
    """Implements `Pager`; its channel is known by the connection's name alone.

    Every attempt of a page has the same `webhook-id`, by which a receiver drops copies.
    """

    channel = ""

    def __init__(self, settings: WebhookSettings, context: Context) -> None:
        """Nothing is opened: the settings are all it knows."""
        self._settings = settings
        self._connection = context.connection

    @staticmethod
    def wanted(settings: WebhookSettings) -> bool:
        """Only where the settings say where to: any other connection takes alerts alone."""
        return settings.page_url is not None

    async def send(self, call: Call) -> Sent:
        """Post it; NotDelivered. `provider_id` is the `id` of the answer's JSON, else the page's key."""
        url, secret = self._settings.page_url, self._settings.page_secret
        if url is None or secret is None:
            raise NotDelivered(f"The connection {self._connection} takes alerts and pages nobody.", _CURE)
        body = orjson.dumps(_page(call))
        headers = signed(secret, _id(call.key), int(call.at.timestamp()), body)
        headers["content-type"] = "application/json"
        reply = await http.send("POST", url, content=body, headers=headers)
        return Sent(_told(reply) or call.key)

    async def check(self) -> list[Check]:
        """One row; nothing is posted."""
        return [Check("page_url", Health.UNKNOWN, "It is known to work once a page was taken: send yourself one.")]


def signed(secret: SecretStr, id: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers of a signed message; `at` in seconds since 1970."""
    key = base64.b64decode(secret.get_secret_value().removeprefix("whsec_"))
    digest = hmac.new(key, f"{id}.{at}.".encode() + body, hashlib.sha256).digest()
    mark = base64.b64encode(digest).decode()
    return {"webhook-id": id, "webhook-timestamp": str(at), "webhook-signature": f"v1,{mark}"}


def _id(key: str) -> str:
    """The same for every attempt, and of signs that any header takes; a dot would be read as the end of it."""
    return f"page_{hashlib.sha256(key.encode('utf-8', 'backslashreplace')).hexdigest()[:32]}"


def _page(call: Call) -> dict[str, Any]:
    page, person = call.page, call.person
    return {
        "type": "page",
        "key": call.key,
        "attempt": call.attempt,
        "at": call.at.isoformat(),
        "incident": _incident(call.view),
        "person": {"name": person.name, "timezone": person.timezone, "language": person.language},
        "page": {
            "id": page.id,
            "tier": page.tier,
            "step": page.step,
            "why": reading.clean(page.why),
            "asked": page.asked,
        },
        "also": [_incident(view) for view in call.also],
    }


def _incident(view: Any) -> dict[str, Any]:
    """What is told of an incident: every text in one line, since it may come from an alert."""
    incident = view.incident
    facts = {
        "id": incident.id,
        "code": incident.id.removeprefix("INC-"),
        "headline": view.headline[: reading.SUMMARY],
        "title": incident.title,
        "phase": str(incident.phase),
        "severity": incident.severity,
        "urgency": incident.policy.urgency,
        "entity": incident.entity,
        "kind": incident.kind,
        "model": incident.model,
        "model_version": incident.model_version,
        "environment": incident.environment,
        "runbook": view.runbook_title,
        "opened_at": incident.opened_at.isoformat(),
    }
    return {name: None if fact is None else reading.clean(fact) for name, fact in facts.items()}


def _told(reply: http.Reply) -> str | None:
    """The id in an answer; a receiver need not say one, or anything."""
    try:
        said = reply.json()
    except NotDelivered:
        return None
    return reading.text(said.get("id"), reading.NAME) if isinstance(said, dict) else None
