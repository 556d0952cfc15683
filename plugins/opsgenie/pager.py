"""Pages people through Opsgenie, whose alert then follows our incident."""

from typing import Any, ClassVar

from bot.contract import Call, Check, Context, Health, NotDelivered, Sent, http, reading
from plugins.opsgenie import created
from plugins.opsgenie.settings import OpsgenieSettings

_PASSING = frozenset({408, 425, 429})  # and whatever begins with 5


class OpsgeniePager:
    """The pager part: an alert for each page."""

    channel: ClassVar[str] = ""
    follows: ClassVar[bool] = True

    def __init__(self, settings: OpsgenieSettings, context: Context) -> None:
        """Nothing is opened: each request stands alone."""
        self._settings = settings

    @staticmethod
    def wanted(settings: OpsgenieSettings) -> bool:
        """Only with a key to page by: any other connection stands in for Opsgenie alone."""
        return settings.page_key is not None

    async def send(self, call: Call) -> Sent:
        """Create an alert there, and close the one of an earlier page; harmless twice. Raises NotDelivered."""
        if self._settings.page_key is None:
            raise NotDelivered("The connection has no key to page people by.", "Set `page_key`.")
        alert = created.alert(call, self._settings)
        if "responders" not in alert and self._settings.responders is None:
            raise NotDelivered(
                f"Opsgenie would not know whom to reach: {call.person.name} has no e-mail address.",
                "Give them one, or set `responders`.",
            )
        await self._ask("v2/alerts", alert)
        if before := created.superseded(call):
            try:
                await self._ask(*before)
            except NotDelivered:
                pass  # the page is out; what was before ends with the incident
        return Sent(alert["alias"])

    async def follow(self, call: Call) -> None:
        """Acknowledge or close there what the page created. Raises NotDelivered."""
        if said := created.follow(call):
            await self._ask(*said)

    async def check(self) -> list[Check]:
        """Whether a key holds is known by a page alone."""
        rows = [Check("page_key", Health.UNKNOWN, "Only a page tells: send one by `tocsin pager test`.")]
        if self._settings.page_webhook_secret is None:
            do = "Set it, or what people acknowledge in Opsgenie is not heard here."
            return [*rows, Check("page_webhook_secret", Health.MISSING, do)]
        return [*rows, Check("page_webhook_secret", Health.OK)]

    async def _ask(self, where: str, body: dict[str, Any]) -> None:
        """One request; Opsgenie's own complaint where it refuses it."""
        key = self._settings.page_key
        head = {"Authorization": f"GenieKey {key.get_secret_value()}"} if key else {}
        try:
            reply = await http.Peer(self._settings.url, head).ask("POST", where, json=body)
        except NotDelivered as error:  # the alias in it makes a second copy harmless, whatever became of the first
            raise NotDelivered(error.what, error.do, retry=True) from None
        _taken(reply)


def _taken(reply: http.Reply) -> None:
    """Returns when Opsgenie says that it took the request; raises NotDelivered."""
    said = _said(reply)
    if 200 <= reply.status < 300:
        if not reading.text(said.get("requestId")):
            raise NotDelivered("The answer is not Opsgenie's.", "Look whether `url` is right.")
        return
    if reply.status in _PASSING or (reply.status >= 500 and reply.status != 501):
        after = http.wait(reply) if reply.status in (429, 503) else None
        raise NotDelivered(f"Opsgenie answered {reply.status}.", "It is tried again.", retry=True, after=after)
    why = reading.text(reading.clean(reading.text(said.get("message")) or ""), reading.NAME) or "it does not say why"
    raise NotDelivered(
        f"Opsgenie answered {reply.status}: {why.rstrip('.')}.", "Check `page_key`, `url` and whom it is to reach."
    )


def _said(reply: http.Reply) -> dict[str, Any]:
    try:
        said = reply.json()
    except NotDelivered:
        return {}
    return said if isinstance(said, dict) else {}
