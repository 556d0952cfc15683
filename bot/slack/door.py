"""The chat door as a whole: built without Slack, opened when Slack answers, closed in order."""

import asyncio
import os
from collections.abc import Mapping

from pydantic import SecretStr
from slack_bolt.authorization import AuthorizeResult

from bot import telemetry
from bot.engine import work
from bot.engine.desk import Desk
from bot.errors import BadConfig
from bot.settings import Slack
from bot.settings.nouns import OAuth
from bot.slack import gate, groups, homes, install, listeners, mentions, poster, reactions, topics, vouching
from bot.slack.client import Client
from bot.slack.identity import Identity
from bot.slack.installed import Installed
from bot.slack.limiter import Pace
from bot.slack.office import NotInstalled, Office, Offices, greet, office
from bot.slack.pager import SlackPager
from bot.slack.payloads import Happened
from bot.slack.runner import Runner
from bot.slack.sockets import Patience, Sockets
from bot.slack.talk import Talk

log = telemetry.logger("slack")
UNKNOWN = "xoxb-not-installed"  # bolt wants a token even where nobody will use it
REVOKED = "The app was uninstalled or its token revoked. Install it again and set SLACK_BOT_TOKEN."
FIRST = 1.0  # seconds the start waits for Slack's first answer; it goes on without it


class Door:
    """One workspace's chat door."""

    def __init__(
        self,
        desk: Desk,
        settings: Slack,
        *,
        pace: Pace | None = None,
        patience: Patience | None = None,
        timeout: float = 10.0,
        health: homes.Healthy | None = None,
    ) -> None:
        """`timeout` is in seconds for one call of Slack's; BadConfig when a token the mode needs is missing.

        `health` tells how the parts of the bot are, for the pages of those who see to it.
        Without a `pace` the environment's `TOCSIN_SLACK_PACE` is asked.
        """
        needed = _required(settings)
        self._clock = desk.clock
        self._settings = settings
        pace = pace or Pace.read(os.environ)

        def make(token: SecretStr) -> Office:
            return office(token, desk.clock, pace, url=settings.api_url, timeout=timeout)

        #: The only workspace; None where several install the app by themselves.
        self._office = make(needed) if needed else None
        self.offices = Offices(self._office) if self._office else Installed(desk, _oauth(settings), make)
        #: Lets workspaces in and out; None where there is one for good.
        self._installer = _installer(desk, settings, self.offices)
        # Sockets belong to the app, not to a workspace.
        self._connector = self._office.client if self._office else Client(_app_token(settings), url=settings.api_url)
        #: What every conversation has at hand.
        self.talk = Talk(desk, self.offices, Identity(desk, self.offices))
        self.runner = Runner()
        self._homes = homes.Homes(self.talk, health)
        self._app = listeners.app(listeners.Listeners(self.runner, self.talk, self._events()), self._authorize)
        #: Job kind -> handler, for the worker.
        self.handlers: Mapping[str, work.Handler] = {
            **poster.handlers(desk, self.offices),
            "homes": self._homes.refresh,
            "group": groups.Groups(desk, self.offices).sync,
            topics.KIND: topics.Topics(desk, self.offices).sync,
            "vouch": vouching.Vouching(desk, self.offices).vouch,
        }
        #: The pager of the channel `slack`.
        self.pager = SlackPager(desk, self.offices, self._granted)
        self._gate = self._gated()
        #: An ASGI application for Slack's requests; in Socket Mode it only says that none are expected.
        self.asgi: gate.Gate | install.Front | gate.Shut = self._gate or gate.Shut()
        if self._installer and self._gate:
            self.asgi = install.Front(self._gate, self._installer)
        self._sockets: Sockets | None = None
        self._listens = settings.mode == "socket"
        self._patience = patience or Patience()
        self._greeting = Runner()
        self._tried = asyncio.Event()

    async def start(self, *, listen: bool = True) -> None:
        """Open the door. When Slack does not answer, it goes on trying, and everything else goes on without it.

        A replica that only works and pages does not `listen`: it opens no sockets.
        """
        self._listens = self._listens and listen
        await self.offices.open()
        if self._office is None:
            await self._connector.__aenter__()
        self._greeting.start("greeting", self._greet())
        try:
            async with asyncio.timeout(FIRST):
                await self._tried.wait()
        except TimeoutError:
            log.warning("slack.late", do="The bot goes on; /health/ready tells when Slack has answered.")

    async def stop(self, deadline: float) -> None:
        """Take nothing more in, finish what was acknowledged within `deadline` seconds, then let go."""
        if self._gate is not None:
            self._gate.closed = True
        await self._greeting.drain(0)
        if self._sockets is not None:
            await self._sockets.close()
        await self.runner.drain(deadline)
        await self.offices.close()
        if self._office is None:
            await self._connector.__aexit__(None, None, None)

    @property
    def ready(self) -> list[tuple[str, bool, str]]:
        """What the door needs, one row each: (what, whether it stands, what to do)."""
        rows = list(self.offices.rows)
        if self._listens:
            opened = self._sockets is not None and self._sockets.open > 0
            cure = "" if opened else "No socket to Slack is open; check SLACK_APP_TOKEN and the network."
            rows.append(("slack sockets", opened, cure))
        return rows

    def _gated(self) -> gate.Gate | None:
        secret = self._settings.signing_secret
        if self._settings.mode != "http" or secret is None:
            return None
        return gate.Gate(secret, self._clock, self._app.async_dispatch)

    async def _greet(self) -> None:
        """auth.test until it answers, then the sockets."""
        if self._office is not None:
            await greet(self._office, self._clock, lambda fault: self._tried.set())
        if self._listens and self._sockets is None:
            self._sockets = self._socketed()
            await self._sockets.connect()
        self._tried.set()

    def _socketed(self) -> Sockets:
        token = _app_token(self._settings)
        count = self._settings.sockets
        return Sockets(self._app, self._connector, token, self._clock, count, self._patience)

    async def _authorize(self, team: str | None) -> AuthorizeResult:
        """From memory, so that no listener waits for Slack; a press counts even before Slack has greeted us."""
        await self.offices.look(team)
        try:
            one = self.offices.of(team)
        except NotInstalled:
            return AuthorizeResult(enterprise_id=None, team_id=team, bot_token=UNKNOWN)
        return AuthorizeResult(
            enterprise_id=one.identity.get("enterprise_id"),
            team_id=one.identity.get("team_id"),
            bot_user_id=one.identity.get("user_id"),
            bot_id=one.identity.get("bot_id"),
            bot_token=one.client.token.get_secret_value(),
        )

    def _granted(self) -> frozenset[str] | None:
        """The scopes of the main workspace's token; None while nobody knows them."""
        try:
            return self.offices.main.scopes
        except NotInstalled:
            return None

    def _events(self) -> listeners.OnEvent:
        """What each event sets off."""
        return {
            "app_home_opened": self._homes.opened,
            "app_mention": mentions.heard,
            "message": mentions.heard,
            "reaction_added": reactions.put,
            "reaction_removed": reactions.taken,
            "channel_archive": _moved,
            "channel_deleted": _moved,
            "channel_rename": _moved,
            "user_change": _changed,
            **dict.fromkeys(
                ("app_uninstalled", "tokens_revoked"), self._installer.left if self._installer else self._revoked
            ),
        }

    async def _revoked(self, talk: Talk, happened: Happened) -> None:
        """Somebody took the app away: say so, and greet again until the token is good."""
        log.error("slack.revoked", team=happened.team, do="Install the app again.")
        talk.offices.of(happened.team).trouble = REVOKED
        if self._office is not None and not self._greeting.busy:
            self._greeting.start("greeting", self._greet())


async def _moved(talk: Talk, happened: Happened) -> None:
    """A channel's name leads elsewhere now, or nowhere."""
    channel = happened.event.get("channel")
    its = channel.get("id") if isinstance(channel, dict) else channel
    if isinstance(its, str):
        talk.offices.of(happened.team).directory.gone(its)


async def _changed(talk: Talk, happened: Happened) -> None:
    await talk.identity.changed(happened)


def _required(settings: Slack) -> SecretStr | None:
    """The bot's token, None where each workspace brings its own; BadConfig when a secret of the mode is missing."""
    needed = {} if settings.oauth else {"SLACK_BOT_TOKEN": settings.bot_token}
    needed |= {"SLACK_APP_TOKEN": settings.app_token} if settings.mode == "socket" else {}
    # An empty signing secret would let everybody in.
    needed |= {"SLACK_SIGNING_SECRET": settings.signing_secret} if settings.mode == "http" else {}
    missing = [name for name, value in needed.items() if value is None or not value.get_secret_value()]
    if missing:
        what = f"Slack's mode is {settings.mode}, but {' and '.join(missing)} is not set."
        raise BadConfig(what, "Set it in the environment.")
    return None if settings.oauth else settings.bot_token


def _installer(desk: Desk, settings: Slack, offices: Offices) -> install.Installer | None:
    if not isinstance(offices, Installed) or settings.signing_secret is None:
        return None
    return install.Installer(desk, _oauth(settings), offices, settings.signing_secret, settings.api_url)


def _oauth(settings: Slack) -> OAuth:
    if settings.oauth is None:
        raise BadConfig("There is neither a bot token nor `slack.oauth`.", "Set SLACK_BOT_TOKEN.")
    return settings.oauth


def _app_token(settings: Slack) -> SecretStr:
    """The token of the app itself; empty, and never used, where Slack comes by HTTP."""
    return settings.app_token or SecretStr("")
