"""Pages people through PagerDuty, whose incident then follows ours."""

from typing import Any, ClassVar

from bot.contract import Call, Check, Context, Health, NotDelivered, Sent, http, reading
from plugins.pagerduty import trigger
from plugins.pagerduty.settings import PagerDutySettings

_PASSING = frozenset({408, 425, 429})  # and whatever begins with 5


class PagerDutyPager:
    """The pager part: an event for each page, under the page's own key."""

    channel: ClassVar[str] = ""
    follows: ClassVar[bool] = True

    def __init__(self, settings: PagerDutySettings, context: Context) -> None:
        """Nothing is opened: each event is a request of its own."""
        self._settings = settings
        self._address = context.address

    @staticmethod
    def wanted(settings: PagerDutySettings) -> bool:
        """Only with a key to page by: any other connection stands in for PagerDuty alone."""
        return settings.page_key is not None or bool(settings.page_keys)

    async def send(self, call: Call) -> Sent:
        """Trigger an incident there, and end the one of an earlier page; harmless twice. Raises NotDelivered."""
        await self._enqueue(call, trigger.trigger(call, self._address))
        if before := trigger.superseded(call):
            try:
                await self._enqueue(call, before)
            except NotDelivered:
                pass  # the page is out; what was before ends with the incident
        return Sent(call.key)

    async def follow(self, call: Call) -> None:
        """Acknowledge or resolve there what the page triggered. Raises NotDelivered."""
        if said := trigger.follow(call):
            await self._enqueue(call, said)

    async def check(self) -> list[Check]:
        """Whether a key holds is known by a page alone."""
        rows = [Check("page_key", Health.UNKNOWN, "Only a page tells: send one by `tocsin pager test`.")]
        if self._settings.page_webhook_secret is None:
            do = "Set it, or what people acknowledge in PagerDuty is not heard here."
            return [*rows, Check("page_webhook_secret", Health.MISSING, do)]
        return [*rows, Check("page_webhook_secret", Health.OK)]

    async def _enqueue(self, call: Call, said: dict[str, Any]) -> None:
        """One event; PagerDuty's own complaints where it refuses it."""
        key = self._settings.key_of(call.person.name)
        if key is None:
            raise NotDelivered(
                f"The connection has no key to page {call.person.name} by.", "Set `page_key`, or theirs in `page_keys`."
            )
        body = {"routing_key": key.get_secret_value(), **said}
        try:
            reply = await http.Peer(self._settings.url).ask("POST", "v2/enqueue", json=body)
        except NotDelivered as error:  # the key in it makes a second copy harmless, whatever became of the first
            raise NotDelivered(error.what, error.do, retry=True) from None
        _taken(reply)


def _taken(reply: http.Reply) -> None:
    """Returns when PagerDuty says that it took the event; raises NotDelivered."""
    said = _said(reply)
    if 200 <= reply.status < 300:
        if said.get("status") != "success":
            raise NotDelivered("The answer is not PagerDuty's.", "Look whether `url` is right.")
        return
    if reply.status in _PASSING or reply.status >= 500:
        after = http.wait(reply) if reply.status in (429, 503) else None
        raise NotDelivered(f"PagerDuty answered {reply.status}.", "It is tried again.", retry=True, after=after)
    errors = said.get("errors")
    why = "; ".join(str(one) for one in errors[:5]) if isinstance(errors, list) else ""
    why = reading.text(reading.clean(why), reading.NAME) or "it does not say why"
    raise NotDelivered(f"PagerDuty answered {reply.status}: {why}.", "Check `page_key` and `url`.")


def _said(reply: http.Reply) -> dict[str, Any]:
    try:
        said = reply.json()
    except NotDelivered:
        return {}
    return said if isinstance(said, dict) else {}
