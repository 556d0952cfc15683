"""The pager of the channel `slack`: a direct message with buttons. Taken by Slack is not woken; the engine knows."""

from collections.abc import Callable
from datetime import timedelta

from bot.contract.pager import Call, Sent
from bot.contract.plugin import Check, Health
from bot.engine.desk import Desk
from bot.errors import NotDelivered
from bot.model.job import Lane
from bot.model.people import DND
from bot.rules import reach
from bot.slack import accounts, cards, language
from bot.slack.client import TOKEN, SlackFault
from bot.slack.disturbing import Disturbing
from bot.slack.manifest import SCOPES as SCOPES
from bot.slack.office import Office, Offices
from bot.slack.places import Places
from bot.slack.postman import Parcel, Place

BEFORE = timedelta(minutes=5)  # how far Slack's clock may be behind ours when a page in doubt is looked up


class SlackPager:
    """Implements `contract.Pager`."""

    channel = "slack"

    def __init__(self, desk: Desk, offices: Offices, granted: Callable[[], frozenset[str] | None]) -> None:
        """`granted` tells the token's scopes, None while Slack has not said."""
        self._desk = desk
        self._offices = offices
        self._granted = granted
        self._disturbing = Disturbing(desk.clock)
        self._places = Places(desk, offices)

    @property
    def unpaced(self) -> bool:
        """Whether posts go out at no pace at all, as benchmarks want it."""
        return all(office.limiter.off for office in self._offices.all)

    async def send(self, call: Call) -> Sent:
        """Send it once; NotDelivered with the reason otherwise. `provider_id` is `channel:ts`."""
        spoken = language.person(self._desk, call.person.name)
        message = cards.page_dm(call.view, call.page, call.at, spoken, call.also)
        since = call.page.decided_at - BEFORE
        try:
            if reach.place(call.page.person):
                parcel = Parcel(call.key, "", message, Lane.PAGE, call.attempt, since)
                place = await self._places.post(call, parcel)
                return Sent(f"{place.channel}:{place.ts}")
            user = await accounts.of(self._desk, self._offices, call.person)
            office = self._offices.person(call.person.name)
            channel = await office.directory.direct(user)
            parcel = Parcel(call.key, channel, message, Lane.PAGE, call.attempt, since)
            place = await _posted(office, user, parcel)
        except SlackFault as fault:
            if fault.code in TOKEN:  # nobody mends a token while somebody sleeps: the next way goes at once
                raise NotDelivered(fault.what, fault.do) from fault
            raise
        quiet = _matters(call) and await self._disturbing.silent(office, user)
        return Sent(f"{place.channel}:{place.ts}", quiet=quiet)

    async def check(self) -> list[Check]:
        """One row for each scope of the bot's token."""
        granted = self._granted()
        if granted is None:
            return [Check(name, Health.UNKNOWN, "Slack has not answered yet.") for name in SCOPES]
        return [
            Check(name, Health.OK)
            if name in granted
            else Check(name, Health.MISSING, f"{scope.lost} Add it to the app and install it again.")
            for name, scope in SCOPES.items()
        ]


def _matters(call: Call) -> bool:
    """Whether anything would be done otherwise if they are not to be disturbed; else Slack need not be asked."""
    urgency = call.view.incident.policy.urgency
    return urgency == "high" and any(way.after and DND in way.at_once for way in call.person.ways(urgency))


async def _posted(office: Office, user: str, parcel: Parcel) -> Place:
    try:
        return await office.postman.post(parcel)
    except SlackFault as fault:
        if fault.code == "channel_not_found":
            office.directory.forget(user)
        raise
