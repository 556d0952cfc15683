"""The chat door as a whole: built without Slack, opened when Slack answers, closed in order."""

import asyncio
import os
from collections.abc import Mapping

from pydantic import SecretStr
from slack_bolt.authorization import AuthorizeResult

from bot import telemetry
from bot.clock import Clock
from bot.engine import work
from bot.engine.desk import Desk
from bot.errors import BadConfig
from bot.settings import Slack
from bot.slack import gate, listeners
from bot.slack.client import Client, SlackFault
from bot.slack.conversation import Conversation
from bot.slack.directory import Directory
from bot.slack.limiter import Limiter, Pace
from bot.slack.pager import SlackPager
from bot.slack.pieces import Json
from bot.slack.poster import Poster
from bot.slack.postman import Postman
from bot.slack.runner import Runner
from bot.slack.sockets import Patience, Sockets

log = telemetry.logger("slack")
FIRST = 1.0  # seconds the start waits for Slack's first answer; it goes on without it
LONGEST = 30.0  # seconds between two tries to greet Slack


class Door:
    """One workspace's chat door."""

    def __init__(
        self,
        desk: Desk,
        clock: Clock,
        settings: Slack,
        *,
        pace: Pace | None = None,
        patience: Patience | None = None,
        timeout: float = 10.0,
    ) -> None:
        """`timeout` is in seconds for one call of Slack's; BadConfig when a token the mode needs is missing.

        Without a `pace` the environment's `TOCSIN_SLACK_PACE` is asked.
        """
        self._clock = clock
        self._settings = settings
        self._client = Client(_required(settings), url=settings.api_url, timeout=timeout)
        limiter = Limiter(clock, pace or Pace.read(os.environ))
        directory = Directory(self._client, limiter)
        postman = Postman(self._client, limiter, directory)
        poster = Poster(desk, postman, directory)
        self.runner = Runner()
        conversation = Conversation(desk, self._client)
        revoked = {"app_uninstalled": self._revoked, "tokens_revoked": self._revoked}
        self._app = listeners.app(listeners.Listeners(self.runner, conversation, revoked), self._authorize)
        #: Job kind -> handler, for the worker.
        self.handlers: Mapping[str, work.Handler] = {"card": poster.card, "dm": poster.dm, "notice": poster.notice}
        #: The pager of the channel `slack`.
        self.pager = SlackPager(desk, postman, directory, lambda: self._scopes)
        self._gate = self._gated()
        #: An ASGI application for Slack's requests; in Socket Mode it only says that none are expected.
        self.asgi: gate.Gate | gate.Shut = self._gate or gate.Shut()
        self._sockets: Sockets | None = None
        self._listens = settings.mode == "socket"
        self._patience = patience or Patience()
        self._identity: Json | None = None
        self._scopes: frozenset[str] | None = None
        self._trouble = "Slack has not answered yet."
        self._greeting = Runner()
        self._tried = asyncio.Event()

    async def start(self, *, listen: bool = True) -> None:
        """Open the door. When Slack does not answer, it goes on trying, and everything else goes on without it.

        A replica that only works and pages does not `listen`: it opens no sockets.
        """
        self._listens = self._listens and listen
        await self._client.__aenter__()
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
        await self._client.__aexit__(None, None, None)

    @property
    def ready(self) -> list[tuple[str, bool, str]]:
        """What the door needs, one row each: (what, whether it stands, what to do)."""
        greeted = self._identity is not None
        rows = [("slack token", greeted, "" if greeted else self._trouble)]
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
        attempt = 0
        while self._identity is None:
            try:
                answer = await self._client.call("auth.test")
            except SlackFault as fault:
                self._trouble = str(fault)
                log.error("slack.not_greeted", reason=str(fault))
                self._tried.set()
                await self._clock.sleep(fault.after or min(LONGEST, 2.0**attempt))
                attempt = min(attempt + 1, 10)
            else:
                self._identity = answer
                said = answer["headers"].get("x-oauth-scopes")
                self._scopes = frozenset(said.replace(" ", "").split(",")) if said else None
        if self._listens and self._sockets is None:
            self._sockets = self._socketed()
            await self._sockets.connect()
        self._tried.set()

    def _socketed(self) -> Sockets:
        token = self._settings.app_token
        if token is None:
            raise BadConfig("Socket Mode needs an app token.", "Set SLACK_APP_TOKEN.")
        count = self._settings.sockets
        return Sockets(self._app, self._client, token, self._clock, count, self._patience)

    def _authorize(self) -> AuthorizeResult:
        """From memory, so that no listener waits for Slack; a press counts even before Slack has greeted us."""
        known = self._identity or {}
        return AuthorizeResult(
            enterprise_id=known.get("enterprise_id"),
            team_id=known.get("team_id"),
            bot_user_id=known.get("user_id"),
            bot_id=known.get("bot_id"),
            bot_token=self._client.token.get_secret_value(),
        )

    async def _revoked(self) -> None:
        """Somebody took the app away: say so, and greet again until the token is good."""
        log.error("slack.revoked", do="Install the app again.")
        self._identity = None
        if not self._greeting.busy:
            self._greeting.start("greeting", self._greet())
        self._trouble = "The app was uninstalled or its token revoked. Install it again and set SLACK_BOT_TOKEN."


def _required(settings: Slack) -> SecretStr:
    """The bot's token, when all secrets of the mode are there; an empty signing secret would let everybody in."""
    needed = {"SLACK_BOT_TOKEN": settings.bot_token}
    needed |= {"SLACK_APP_TOKEN": settings.app_token} if settings.mode == "socket" else {}
    needed |= {"SLACK_SIGNING_SECRET": settings.signing_secret} if settings.mode == "http" else {}
    missing = [name for name, value in needed.items() if value is None or not value.get_secret_value()]
    if missing or settings.bot_token is None:
        what = f"Slack's mode is {settings.mode}, but {' and '.join(missing)} is not set."
        raise BadConfig(what, "Set it in the environment.")
    return settings.bot_token
