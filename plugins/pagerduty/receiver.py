"""Hears what people do with a page at PagerDuty, by its webhooks (version 3)."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import orjson

from bot.contract import Answer, Context, Heard, NotAuthentic, Reply, Request, Says, Unreadable, reading
from plugins.pagerduty.settings import PagerDutySettings

_SIGNATURE = "x-pagerduty-signature"
_SAYS = {"incident.acknowledged": Says.ACKNOWLEDGE, "incident.resolved": Says.RESOLVE}
_OURS = ("page/", "test/")  # how the keys of our pages begin, and of tests of the way
_SIGNATURES = 10  # that one request may show


class PagerDutyReceiver:
    """The receiver part; pure."""

    def __init__(self, settings: PagerDutySettings, context: Context) -> None:
        """The settings hold the secret of the webhook subscription."""
        self._secret = settings.page_webhook_secret

    def authenticate(self, request: Request) -> None:
        """One of its signatures is made of the raw body with our secret; NotAuthentic otherwise."""
        if self._secret is None:
            raise NotAuthentic("This connection hears no webhooks.", "Set its `page_webhook_secret`.")
        key = self._secret.get_secret_value().encode("utf-8", "backslashreplace")
        wanted = f"v1={hmac.new(key, request.body, hashlib.sha256).hexdigest()}".encode()
        shown = request.headers.get(_SIGNATURE, "").split(",")[:_SIGNATURES]
        # All are compared, whichever fits, so that the time taken tells nothing.
        fits = [hmac.compare_digest(one.strip().encode("utf-8", "backslashreplace"), wanted) for one in shown]
        if not key or not any(fits):
            raise NotAuthentic("No signature in X-PagerDuty-Signature is right.", "Compare `page_webhook_secret`.")

    def hear(self, request: Request) -> Heard:
        """What a person did to an incident that a page of ours opened; whatever else happened there says nothing.

        What programs do says nothing either: our own events come back as webhooks, too. Unreadable.
        """
        told = _object(_object(reading.loads(request.body), "The body").get("event"), "Its event")
        says = _SAYS.get(str(told.get("event_type")))
        agent, data = told.get("agent"), told.get("data")
        if says is None or not isinstance(data, dict) or not isinstance(agent, dict):
            return Heard()
        page = reading.text(data.get("incident_key")) or ""
        if agent.get("type") not in ("user_reference", "user") or not page.startswith(_OURS):
            return Heard()
        return Heard(replies=(Reply(says, page=page, id=reading.text(told.get("id")) or ""),))

    def answer(self, request: Request, sentences: Sequence[str]) -> Answer:
        """200; PagerDuty shows the body to whoever looks at the webhook's deliveries."""
        return Answer(200, orjson.dumps({"said": [reading.clean(one) for one in sentences]}))


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable(f"{what} is no JSON object.", "Subscribe with webhooks of version 3.")
    return value
