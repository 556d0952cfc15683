"""Pages by Watchtower's push gateway, which drops a second copy of an idempotency key."""

from bot.contract import BadInput, Call, Check, Context, Health, NotDelivered, Sent, http, reading
from watchtower.settings import WatchtowerSettings


class Push:
    """The pager part."""

    def __init__(self, settings: WatchtowerSettings, context: Context) -> None:
        """Nothing is opened until a page is sent."""
        self._settings = settings

    async def send(self, call: Call) -> Sent:
        """One push; NotDelivered as the gateway says."""
        try:
            token = self._settings.token()
        except BadInput as error:
            raise NotDelivered(error.what, error.do) from None
        head = {"Authorization": f"Bearer {token}", "Idempotency-Key": reading.clean(call.key)}
        body = {"to": call.person.name, "title": reading.clean(call.view.headline)[:200], "tag": call.view.incident.id}
        reply = (await http.send("POST", f"{self._settings.gateway}/v1/push", json=body, headers=head)).json()
        id_ = reading.text(reply.get("id"), reading.NAME) if isinstance(reply, dict) else None
        if id_ is None:
            raise NotDelivered("The gateway names no message.", "Look whether `gateway` is right.")
        return Sent(id_, delivered=reply.get("seen") is True)

    async def check(self) -> list[Check]:
        """One row: the account."""
        if self._settings.push is None:
            return [Check("push", Health.MISSING, "Set push.token, or nobody is paged by it.")]
        return [Check("push", Health.OK)]
