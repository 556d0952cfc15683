"""The real bot over a real workspace that listens, on the machine's clock: what a browser finds when it comes."""

import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from bot import app
from bot.sandbox.workspace import App, Message, Person, Workspace
from bot.sandbox.workspace.nouns import ALL_EVENTS
from bot.slack import manifest
from bot.testing.house import SECRET, workspace_env
from tests.parts import waiting
from tests.story.place import FILES

PEOPLE = (
    Person("ada", real_name="Ada Yıldız", tz="Europe/Istanbul"),
    Person("bo", real_name="Bo Chen", tz="America/Chicago"),
    Person("cy", real_name="Cy Okafor"),
)
CHANNELS = ("#ml-oncall", "#ml-retail")


@dataclass
class Browsed:
    """The bot and the workspace, running, and what the world does to them."""

    bot: app.App
    ws: Workspace

    @property
    def address(self) -> str:
        """What is printed for a person to open: the page's address with its key."""
        return f"{self.ws.origin}/#key={self.ws.control_token}"

    async def alert(self, title: str, **fields: Any) -> Message:
        """A monitor posts this over HTTP; returns the card that came of it, in #ml-oncall."""
        now = self.bot.clock.now().isoformat()
        body = {"title": title, "problem": title, "kind": "performance", "model": "churn", "status": "firing"}
        await self.post({**body, "started_at": now, **fields})
        return await self.card(title)

    async def post(self, body: Any) -> None:
        """Any body at the webhook's door; it must be accepted."""
        url = f"http://127.0.0.1:{self.bot.server.port}/alerts/hook"
        headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"}
        async with aiohttp.request("POST", url, data=orjson.dumps(body), headers=headers) as reply:
            assert reply.status == 202, await reply.text()

    async def card(self, words: str, channel: str = "#ml-oncall") -> Message:
        """The card that shows these words, as soon as it stands in the channel."""

        async def seen() -> Message | None:
            cards = [one for one in self.ws.messages(channel) if key(one).startswith("card/") and words in one.shown]
            return cards[0] if cards else None

        found = await waiting.until(seen, within=15, what=f"a card with {words!r} in {channel}")
        assert found is not None
        return found

    async def shows(self, card: Message, words: str) -> Message:
        """The same card, as soon as the bot has drawn these words on it."""

        async def seen() -> Message | None:
            now = next(one for one in self.ws.messages(card.channel) if one.ts == card.ts)
            return now if words in now.shown else None

        found = await waiting.until(seen, within=15, what=f"{words!r} on the card")
        assert found is not None
        return found


def key(message: Message) -> str:
    """What the bot calls this message; empty when it is none of its own."""
    return str((message.metadata or {}).get("event_payload", {}).get("key", ""))


@asynccontextmanager
async def opened(home: Path) -> AsyncIterator[Browsed]:
    """A configuration in `home`, the workspace with its page, and the bot with every role; both end with the block."""
    for name, text in FILES.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    seed = App(events=ALL_EVENTS, commands=tuple(one.name for one in manifest.COMMANDS))
    async with Workspace(people=PEOPLE, channels=CHANNELS, app=seed) as ws:
        ws.about = {"manifest": manifest.manifest("socket")}
        given = {"DATABASE_URL": f"sqlite:///{home / 'tocsin.db'}", "PROM_SECRET": SECRET, **workspace_env(ws)}
        folder = app.Folder.of(home / "config")
        bot = app.App(app.load(folder, given), folder)
        await bot.start()
        try:
            yield Browsed(bot, ws)
        finally:
            await bot.stop()
        assert ws.failures == []  # a press or command without its ack
