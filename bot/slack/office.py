"""Everything the bot has of one workspace: its token, its pace, what it has learned of it; and which one is meant."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import SecretStr

from bot import telemetry
from bot.clock import Clock
from bot.slack.client import Client, SlackFault
from bot.slack.directory import Directory
from bot.slack.limiter import Limiter, Pace
from bot.slack.pieces import Json
from bot.slack.postman import Postman

LONGEST = 30.0  # seconds between two tries to greet Slack
SILENT = "Slack has not answered yet."
log = telemetry.logger("slack")


@dataclass
class Office:
    """One workspace; `team`, `bot_user` and `scopes` are empty until Slack has answered."""

    client: Client
    limiter: Limiter
    directory: Directory
    postman: Postman
    identity: Json = field(default_factory=dict)  #: the answer of auth.test
    scopes: frozenset[str] | None = None  #: None while Slack has not said
    trouble: str = SILENT  #: why its token cannot be counted on; empty once Slack has taken it

    @property
    def team(self) -> str:
        """The id of the workspace."""
        return str(self.identity.get("team_id", ""))

    @property
    def bot_user(self) -> str:
        """The id of the bot's own user there."""
        return str(self.identity.get("user_id", ""))


def office(token: SecretStr, clock: Clock, pace: Pace, *, url: str | None, timeout: float) -> Office:
    """An office behind one token; its client is opened by whoever owns it."""
    limiter = Limiter(clock, pace)
    client = Client(token, url=url, timeout=timeout, limited=limiter.hold)
    directory = Directory(client, limiter)
    return Office(client, limiter, directory, Postman(client, limiter, directory))


async def greet(one: Office, clock: Clock, refused: Callable[[SlackFault], None]) -> None:
    """auth.test until it answers, however long that takes; `refused` hears of every try that failed."""
    attempt = 0
    while one.trouble:
        try:
            answer = await one.client.call("auth.test")
        except SlackFault as fault:
            one.trouble = str(fault)
            log.error("slack.not_greeted", team=one.team, reason=str(fault))
            refused(fault)
            await clock.sleep(fault.after or min(LONGEST, 2.0**attempt))
            attempt = min(attempt + 1, 10)
        else:
            said = answer["headers"].get("x-oauth-scopes")
            one.scopes = frozenset(said.replace(" ", "").split(",")) if said else None
            one.identity = answer
            one.trouble = ""


class NotInstalled(SlackFault):
    """Whatever is meant for a workspace waits until an admin of it has installed the app."""

    def __init__(self, team: str, install_url: str, why: str = "") -> None:
        """`team` is empty for the main workspace; `why` is told when the app is there and of no use all the same."""
        super().__init__("workspace", "not_installed")
        where = f"the workspace {team}" if team else "the main workspace"
        self.what = why or f"The app is not installed in {where}."
        self.do = "" if why else f"An admin of that workspace opens {install_url} and presses Allow."


class Offices:
    """The workspaces the bot is installed in, and which of them a team, an entity or a person belongs to.

    This one has a single workspace, that of the bot token; `Installed` has several.
    """

    several = False

    def __init__(self, main: Office) -> None:
        """`main` serves everything."""
        self._main = main

    @property
    def main(self) -> Office:
        """The workspace of whatever names none."""
        return self._main

    @property
    def all(self) -> tuple[Office, ...]:
        """Every workspace there is."""
        return (self.main,)

    @property
    def rows(self) -> list[tuple[str, bool, str]]:
        """How it stands with the tokens: (what, whether it stands, what to do)."""
        return [("slack token", not self._main.trouble, self._main.trouble)]

    def of(self, team: str | None) -> Office:
        """The office of the workspace `team`; NotInstalled where several could be and this one is not."""
        return self.main

    def entity(self, name: str) -> Office:
        """Where the channels of a business entity are. NotInstalled."""
        return self.main

    def person(self, name: str) -> Office:
        """Where a person is reached. NotInstalled."""
        return self.main

    async def look(self, team: str | None) -> None:
        """Somebody asks from the workspace `team`: learn of it, if another replica knows more than we do."""

    async def open(self) -> None:
        """Open every client."""
        await self._main.client.__aenter__()

    async def close(self) -> None:
        """Close every client."""
        await self._main.client.__aexit__(None, None, None)
