"""The workspaces that installed the app, each with an office of its own; what one replica learns, the others read."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import SecretStr

from bot import telemetry
from bot.engine.desk import Desk
from bot.errors import BadConfig, StoreDown
from bot.settings.nouns import OAuth
from bot.slack.office import NotInstalled, Office, Offices, greet
from bot.slack.runner import Runner
from bot.slack.vault import Vault
from bot.store import installations
from bot.store.installations import Installation

AGAIN = 5.0  # seconds before the database is asked again for a workspace it did not know
log = telemetry.logger("slack")


@dataclass(frozen=True)
class _Held:
    """An office and the installation it was made from."""

    office: Office
    installation: Installation
    greeting: Runner


class Installed(Offices):
    """An office for each installation; a workspace that is not among them is looked for again now and then."""

    several = True

    def __init__(self, desk: Desk, oauth: OAuth, make: Callable[[SecretStr], Office]) -> None:
        """`make` builds an office around a token. BadConfig when tokens cannot be sealed."""
        self.vault = Vault(oauth.keys)
        self._desk = desk
        self._oauth = oauth
        self._make = make
        self._held: dict[str, _Held] = {}
        self._sealed: dict[str, str] = {}  # why a token cannot be opened, by team
        self._lock = asyncio.Lock()
        self._read_at: float | None = None
        self._looks = Runner()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    @property
    def main(self) -> Office:
        """The one that is named main, else the only one. NotInstalled."""
        named = self._desk.settings.slack.workspace
        if named:
            return self.of(named)
        if len(self._held) != 1:
            self._look_again()
            raise self._absent("")
        return next(iter(self._held.values())).office

    @property
    def all(self) -> tuple[Office, ...]:
        """Every workspace the app is installed in."""
        return tuple(held.office for held in self._held.values())

    @property
    def rows(self) -> list[tuple[str, bool, str]]:
        """A row for each workspace; one that says where to install the app while there is none."""
        if not self._held and not self._sealed:
            return [("slack workspaces", False, str(self._absent("")))]
        rows = [(f"slack workspace {team}", False, why) for team, why in self._sealed.items()]
        return rows + [
            (f"slack workspace {team}", not held.office.trouble, held.office.trouble)
            for team, held in self._held.items()
        ]

    def of(self, team: str | None) -> Office:
        """The office of `team`, never another's; no team at all means the main one. NotInstalled."""
        if not team:
            return self.main
        if team not in self._held:
            self._look_again()
            raise self._absent(team)
        return self._held[team].office

    def entity(self, name: str) -> Office:
        """Where the channels of a business entity are. NotInstalled."""
        entity = self._desk.settings.estate.entities.get(name)
        return self.of(entity.workspace if entity else None)

    def person(self, name: str) -> Office:
        """Where a person is reached. NotInstalled."""
        person = self._desk.settings.people.persons.get(name)
        return self.of(person.workspace if person else None)

    async def look(self, team: str | None) -> None:
        """Ask the database for a workspace we do not know, at most once in AGAIN seconds."""
        now = self._desk.clock.monotonic()
        if team in self._held or (self._read_at is not None and now - self._read_at < AGAIN):
            return
        self._read_at = now
        try:
            await self.read()
        except StoreDown as down:
            log.warning("slack.workspaces_unread", reason=str(down))

    async def open(self) -> None:
        """Read who installed the app. StoreDown."""
        self._loop = asyncio.get_running_loop()
        await self.read()

    async def close(self) -> None:
        """Close every client."""
        self._closed = True
        await self._looks.drain(0)
        async with self._lock:
            for team in list(self._held):
                await self._drop(team)

    async def read(self) -> None:
        """Hold an office for each installation that is in force, and no other. StoreDown."""
        async with self._lock:
            found = {each.team: each for each in await self._desk.store.read(installations.current)}
            self._sealed = {}
            for team in [team for team in self._held if team not in found]:
                await self._drop(team)
            for team, installation in found.items():
                held = self._held.get(team)
                if held is None or held.installation.token != installation.token:
                    await self._hold(installation)

    def token(self, team: str) -> str:
        """The sealed token the office of `team` was made with; empty where there is none."""
        return self._held[team].installation.token if team in self._held else ""

    async def _hold(self, installation: Installation) -> None:
        team = installation.team
        try:
            token = self.vault.open(installation.token)
        except BadConfig as wrong:
            self._sealed[team] = str(wrong)
            log.error("slack.token_sealed", team=team, reason=str(wrong))
            return
        office = self._make(token)
        office.identity = {
            "team_id": team,
            "team": installation.name,
            "user_id": installation.bot_user,
        }
        office.scopes = frozenset(installation.scopes.split(","))
        await office.client.__aenter__()
        await self._drop(team)
        greeting = Runner()
        self._held[team] = _Held(office, installation, greeting)
        greeting.start("greeting", greet(office, self._desk.clock, lambda fault: None))

    async def _drop(self, team: str) -> None:
        held = self._held.pop(team, None)
        if held is not None:
            await held.greeting.drain(0)
            await held.office.client.__aexit__(None, None, None)

    def _look_again(self) -> None:
        """In the background: whoever asked has failed by now, and asks again. They may do so in the store's thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._start_looking)

    def _start_looking(self) -> None:
        if not self._looks.busy and not self._closed:
            self._looks.start("workspaces", self.look(None))

    def _absent(self, team: str) -> NotInstalled:
        return NotInstalled(team, self._oauth.install_url, self._sealed.get(team, ""))
