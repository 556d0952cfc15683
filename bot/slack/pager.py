"""The pager of the channel `slack`: a direct message with buttons. Taken by Slack is not woken; the engine knows."""

from collections.abc import Callable
from datetime import timedelta

from bot.contract.pager import Call, Sent
from bot.contract.plugin import Check, Health
from bot.engine.desk import Desk
from bot.errors import NotDelivered
from bot.model.job import Lane
from bot.slack import cards
from bot.slack.client import TOKEN, SlackFault
from bot.slack.directory import Directory
from bot.slack.postman import Parcel, Postman

BEFORE = timedelta(minutes=5)  # how far Slack's clock may be behind ours when a page in doubt is looked up
#: What each scope is for, and so what is lost without it.
SCOPES = {
    "chat:write": "cards and pages are posted with it",
    "im:write": "pages reach people by direct message with it",
    "im:history": "a page in doubt is looked up with it, instead of sent twice",
    "channels:history": "a card in doubt is looked up with it, instead of posted twice",
    "channels:read": "channels are found by name with it",
    "commands": "/incident and /oncall need it",
}


class SlackPager:
    """Implements `contract.Pager`."""

    def __init__(
        self, desk: Desk, postman: Postman, directory: Directory, granted: Callable[[], frozenset[str] | None]
    ) -> None:
        """`granted` tells the token's scopes, None while Slack has not said."""
        self._desk = desk
        self._postman = postman
        self._directory = directory
        self._granted = granted

    async def send(self, call: Call) -> Sent:
        """Send it once; NotDelivered with the reason otherwise. `provider_id` is `channel:ts`."""
        if call.person.slack is None:
            raise NotDelivered(f"{call.person.name} has no Slack id.", "Write it in config/people.yaml.")
        message = cards.page_dm(call.view, call.page, call.at)
        since = call.page.decided_at - BEFORE
        try:
            channel = await self._directory.direct(call.person.slack)
            place = await self._postman.post(Parcel(call.key, channel, message, Lane.PAGE, call.attempt, since))
        except SlackFault as fault:
            if fault.code in TOKEN:  # nobody mends a token while somebody sleeps: the next way goes at once
                raise NotDelivered(fault.what, fault.do) from fault
            if fault.code == "channel_not_found":
                self._directory.forget(call.person.slack)
            raise
        return Sent(f"{place.channel}:{place.ts}")

    async def check(self) -> list[Check]:
        """One row for each scope of the bot's token."""
        granted = self._granted()
        if granted is None:
            return [Check(scope, Health.UNKNOWN, "Slack has not answered yet.") for scope in SCOPES]
        return [
            Check(scope, Health.OK)
            if scope in granted
            else Check(scope, Health.MISSING, f"Add it to the app and install it again: {why}.")
            for scope, why in SCOPES.items()
        ]
