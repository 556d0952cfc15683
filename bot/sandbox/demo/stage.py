"""Where the demo plays: a workspace, and the bot over a folder as `tocsin init` writes it, in one process."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from bot import app
from bot.clock import Clock, SystemClock
from bot.engine import report
from bot.errors import TocsinError
from bot.model.view import View
from bot.sandbox.demo.beats import Posted
from bot.sandbox.workspace import Channel, Message, Person, Workspace
from bot.settings import Settings
from bot.store import posts

T = TypeVar("T")
CONNECTION = "prom"  #: the connection of the example configuration that Alertmanager posts to
SECRET = "PROM_SECRET"
STRANGER = "kim"  #: is in the workspace, yet not in the configuration
LOOK = 0.03  # seconds between two looks at the store
_WAIT = re.compile(r"answer_within:\s*(\w+)")


@dataclass
class Stage:
    """A running bot and the workspace it talks to; `env` is what the bot was started with."""

    home: Path
    app: app.App
    workspace: Workspace
    env: Mapping[str, str]
    wait: int  #: seconds that every tier has to answer
    waits: Mapping[str, tuple[str, ...]]  #: by runbook, how long its tiers have outside the demo
    clock: Clock = field(default_factory=SystemClock)
    patience: float = 30.0  #: seconds after which something was waited for in vain

    @classmethod
    @asynccontextmanager
    async def open(cls, home: Path, secrets: Mapping[str, str], wait: int) -> "AsyncIterator[Stage]":
        """Everything up, over `home`'s config and runbooks; each wait of a runbook becomes `wait` seconds."""
        waits = shortened(home / "runbooks", wait)
        workspace = Workspace()
        await workspace.start()
        try:
            env = {**secrets, **environment(home, workspace)}
            folder = app.Folder.of(home / "config")
            loaded = app.load(folder, env)
            people(workspace, loaded.settings)
            bot = app.App(loaded, folder)
            await bot.start()
            try:
                stage = cls(home, bot, workspace, env, wait, waits)
                await stage.until(lambda: _later(workspace.sockets), "the bot to connect to the workspace")
                yield stage
            finally:
                await bot.stop()
        finally:
            await workspace.stop()

    @property
    def url(self) -> str:
        """Where the bot's HTTP door is."""
        return f"http://127.0.0.1:{self.app.server.port}"

    async def post(self, body: Mapping[str, Any]) -> Posted:
        """Deliver `body` as Alertmanager does; TocsinError when the bot does not take it."""
        path, began, at = f"/alerts/{CONNECTION}", self.clock.monotonic(), self.clock.now()
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {self.env[SECRET]}"}) as http,
            http.post(self.url + path, json=body) as answer,
        ):
            reply = await answer.json()
        if answer.status != 202:
            raise TocsinError(f"The bot answered {answer.status} to the alert: {reply}")
        title = f"{body['status']}: {body['commonAnnotations']['summary']}"
        return Posted(path, title, at, self.clock.monotonic() - began, answer.status, reply)

    async def view(self, incident: str) -> View:
        """The incident as the store has it now."""
        return await report.view(self.app.desk, incident, timeline=200)

    async def card(self, incident: str) -> Message | None:
        """The incident's card as it stands in its channel; None before it was posted."""
        post = await self.app.store.read(lambda tx: posts.get(tx, f"card/{incident}"))
        return self.message(post.channel, post.ts) if post else None

    def message(self, channel: str, ts: str) -> Message | None:
        """One message as it stands."""
        return next((m for m in self.workspace.messages(channel) if m.ts == ts), None)

    def place(self, message: Message) -> str:
        """Where it stands, as a person would say it."""
        channel = self.workspace.channel(message.channel)
        if channel.im_with:
            return f"direct message to {self.workspace.person(channel.im_with).name}"
        return f"#{channel.name}"

    def names(self) -> dict[str, str]:
        """Whom and what the ids in a message mean."""
        state = self.workspace.state
        channels = {channel.id: channel.name for channel in state.channels.values()}
        return channels | {person.id: person.name for person in state.people.values()}

    async def until(self, seen: Callable[[], Awaitable[T | None]], what: str) -> T:
        """The first truthy answer of `seen`; TocsinError that names `what` when it takes too long."""
        try:
            async with asyncio.timeout(self.patience):
                while not (found := await seen()):
                    await self.clock.sleep(LOOK)
        except TimeoutError:
            raise TocsinError(
                f"The demo waited {self.patience:g} s for {what}.", "Run it again with --verbose to see the log."
            ) from None
        return found


def environment(home: Path, workspace: Workspace) -> dict[str, str]:
    """What leads the bot to this workspace, to a database in `home` and to a free port."""
    return {
        "DATABASE_URL": f"sqlite:///{home / 'tocsin.db'}",
        "SLACK_MODE": "socket",
        "SLACK_API_URL": workspace.url,
        "SLACK_BOT_TOKEN": workspace.bot_token,
        "SLACK_APP_TOKEN": workspace.app_token,
        "TOCSIN_PORT": "0",
    }


def people(workspace: Workspace, settings: Settings) -> None:
    """The workspace gets everybody and every channel that the configuration names, and one person it does not."""
    for person in settings.people.persons.values():
        if person.slack:
            workspace.add_person(Person(person.name, id=person.slack, email=person.email or "", tz=person.timezone))
    workspace.add_person(STRANGER)
    named = [settings.slack.channel, *(entity.channel for entity in settings.estate.entities.values())]
    for name in dict.fromkeys(channel.removeprefix("#") for channel in named if channel):
        workspace.add_channel(Channel(name))


def shortened(runbooks: Path, wait: int) -> dict[str, tuple[str, ...]]:
    """Writes `wait` seconds into each tier of each runbook; returns what stood there, by the runbook's name."""
    before = {}
    for file in sorted(runbooks.glob("*.md")):
        text = file.read_text("utf-8")
        before[file.stem] = tuple(_WAIT.findall(text))
        file.write_text(_WAIT.sub(f"answer_within: {wait}s", text), "utf-8")
    return before


async def _later(value: T) -> T:
    return value
