"""Hears what people do with a page at Opsgenie, by its outgoing webhook."""

from collections.abc import Sequence
from typing import Any

import orjson

from bot.contract import Answer, Context, Heard, NotAuthentic, Reply, Request, Says, Unreadable, proof, reading
from plugins.opsgenie import created
from plugins.opsgenie.settings import OpsgenieSettings

_SAYS = {"Acknowledge": Says.ACKNOWLEDGE, "Close": Says.RESOLVE}
_OURS = ("page/", "test/")  # how the keys of our pages begin, and of tests of the way


class OpsgenieReceiver:
    """The receiver part; pure."""

    def __init__(self, settings: OpsgenieSettings, context: Context) -> None:
        """The settings hold what the webhook must show."""
        self._secret = settings.page_webhook_secret

    def authenticate(self, request: Request) -> None:
        """It shows `page_webhook_secret` in a header: X-Tocsin-Secret, or `Authorization: Bearer`. NotAuthentic."""
        if self._secret is None:
            raise NotAuthentic("This connection hears no webhooks.", "Set its `page_webhook_secret`.")
        if not proof.carries(request, self._secret):
            raise NotAuthentic(
                "The webhook shows no right secret.", "Let it send `page_webhook_secret` in a header X-Tocsin-Secret."
            )

    def hear(self, request: Request) -> Heard:
        """What a person did to an alert that is a page of ours; whatever else happened there says nothing.

        What came by an API says nothing either: our own requests come back as webhooks, too. Unreadable.
        """
        told = reading.loads(request.body)
        if not isinstance(told, dict):
            raise Unreadable("The body is no JSON object.", "Let Opsgenie's webhook post it as it is.")
        alert = _object(told.get("alert"))
        says, page = _SAYS.get(str(told.get("action"))), created.key(reading.text(alert.get("alias")) or "")
        if says is None or not page.startswith(_OURS) or _program(told, alert):
            return Heard()
        stamp = reading.text(alert.get("updatedAt"))
        once = f"{says}/{page}/{stamp}" if stamp else ""  # it has no id of its own
        return Heard(replies=(Reply(says, page=page, id=once),))

    def answer(self, request: Request, sentences: Sequence[str]) -> Answer:
        """200; Opsgenie keeps the body in its logs."""
        return Answer(200, orjson.dumps({"said": [reading.clean(one) for one in sentences]}))


def _program(told: dict[str, Any], alert: dict[str, Any]) -> bool:
    """Whether a program did it: we ourselves, or whoever else has an API key."""
    source = _object(told.get("source"))
    named = (alert.get("username"), source.get("name"))
    return str(source.get("type")).lower() == "api" or created.SOURCE in named


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
