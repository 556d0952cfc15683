"""What Slack says of an account, asked when it is needed and remembered for a minute."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.clock import Clock
from bot.model.job import Lane
from bot.slack.client import SlackFault
from bot.slack.office import Office

PATIENCE = 1.0  # seconds that whoever pressed waits for it
REMEMBERED = 60.0  # seconds
KEPT = 10_000
METHOD = "users.info"


@dataclass(frozen=True, slots=True)
class Profile:
    """One account as its workspace knows it."""

    teams: frozenset[str] = frozenset()  #: the workspaces it is a member of
    closed: bool = False
    bot: bool = False
    guest: bool = False
    stranger: bool = False  #: of another company, seen through a shared channel
    email: str = ""  #: empty unless Slack has verified it
    locale: str = ""

    @classmethod
    def read(cls, user: Mapping[str, Any]) -> "Profile":
        """From the `user` of users.info; what is missing counts as not so, and an address as not verified."""
        profile, enterprise = user.get("profile"), user.get("enterprise_user")
        teams = enterprise.get("teams") if isinstance(enterprise, Mapping) else None
        email = profile.get("email") if isinstance(profile, Mapping) else None
        return cls(
            teams=frozenset(map(str, [user.get("team_id"), *(teams if isinstance(teams, list) else [])])) - {"None"},
            closed=bool(user.get("deleted")),
            bot=bool(user.get("is_bot")) or user.get("id") == "USLACKBOT",
            guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
            stranger=bool(user.get("is_stranger")),
            email=email if isinstance(email, str) and user.get("is_email_confirmed") is True else "",
            locale=str(user.get("locale") or ""),
        )


class Profiles:
    """The accounts that were asked for lately, of every workspace."""

    def __init__(self, clock: Clock) -> None:
        """Nothing is known."""
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], tuple[float, Profile]] = OrderedDict()
        self._changes = 0

    async def of(self, office: Office, user: str) -> Profile:
        """The account; SlackFault when Slack does not answer within PATIENCE, refuses, or it is not our turn."""
        key, changes = (office.team, user), self._changes
        until, profile = self._known.get(key, (0.0, Profile()))
        if self._clock.monotonic() < until:
            return profile
        profile = Profile.read(await self._ask(office, user))
        if changes == self._changes:  # otherwise it may be older than the change
            self._known[key] = (self._clock.monotonic() + REMEMBERED, profile)
            self._known.move_to_end(key)
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        return profile

    def forget(self, team: str, user: str) -> None:
        """Slack says that something about it has changed."""
        self._changes += 1
        self._known.pop((team, user), None)

    async def _ask(self, office: Office, user: str) -> Mapping[str, Any]:
        if wait := office.limiter.ask(METHOD, "", Lane.PAGE, user):
            raise SlackFault(METHOD, "waiting", after=wait)
        asking = asyncio.ensure_future(office.client.call(METHOD, user=user, include_locale=True))
        bell = asyncio.ensure_future(self._clock.sleep(PATIENCE))
        try:
            await asyncio.wait({asking, bell}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                raise SlackFault(METHOD, "no_answer", in_doubt=True)
            said = asking.result().get("user")
        finally:
            bell.cancel()
            asking.cancel()
        return said if isinstance(said, Mapping) else {}
