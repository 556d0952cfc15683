"""The whole bot in one test: its store, its doors and a Slack-compatible workspace, in frozen time.

async with House.open(config, clock=clock, env=env, workspace=workspace) as house:
    incident = await house.alert("accuracy fell", model="churn")
    await house.press(await house.card(incident.id), "Acknowledge", by="ada")
    await house.pass_time(minutes=30)
    assert [person for person, _ in house.paged()] == ["ada"]
"""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from bot import app, registry
from bot.contract.source import Request
from bot.engine import declare, report, respond
from bot.engine.inbox import Receipt
from bot.model.incident import Incident
from bot.model.page import Page
from bot.sandbox.workspace import Message, Reply, Workspace
from bot.store import jobs, log, pages
from bot.testing.clock import FakeClock

LOOK = 0.1  # seconds until answers that have not come are looked at again
CARD = 5  # seconds a card may have to wait for its turn in a channel that others have just written in
QUIET = 3  # rounds without anything happening before all is said to be settled


@dataclasses.dataclass
class House:
    """A bot under test and the workspace it talks to."""

    app: app.App
    workspace: Workspace
    clock: FakeClock
    env: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    connection: str = "hook"  #: the connection `alert` uses; its plugin reads our native form

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        config: Path,
        *,
        clock: FakeClock,
        env: Mapping[str, str],
        workspace: Workspace,
        http: bool = False,
        plugins: registry.Found | None = None,
    ) -> "AsyncIterator[House]":
        """A running bot over the configuration in `config`; `http` lets Slack talk to it by signed HTTP.

        `plugins` take the place of the installed ones.
        """
        folder = app.Folder.of(config)
        env = {**env, **workspace_env(workspace)}
        loaded = app.load(folder, env)
        own = loaded.settings
        slack = own.slack
        if slack.mode != "off":
            slack = dataclasses.replace(slack, mode="http" if http else "socket")
        web = dataclasses.replace(own.web, host="127.0.0.1", port=0)
        loaded = dataclasses.replace(loaded, settings=dataclasses.replace(own, web=web, slack=slack))
        bot = app.App(loaded, folder, clock=clock, roles={"web", "slack"}, plugins=plugins)
        await bot.start()
        if http:
            workspace.request_url = f"http://127.0.0.1:{bot.server.port}/slack/events"
        try:
            yield cls(bot, workspace, clock, env)
        finally:
            await bot.stop()

    @property
    def url(self) -> str:
        """Where the bot's HTTP door is."""
        return f"http://127.0.0.1:{self.app.server.port}"

    async def settle(self) -> None:
        """Let everything that is due by the clock happen."""
        for _ in range(QUIET):
            await self._answered()
            await self.app.worker.drain()

    async def _answered(self) -> None:
        """Let every listener finish; an answer that waits for its turn in Slack gets the seconds it needs."""
        slack = self.app.slack
        while slack and slack.runner.busy:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await slack.runner.idle()
            if slack.talk.waiting:
                await self.clock.advance(1)

    async def pass_time(self, **span: float) -> None:
        """Move on by `minutes=10` and the like, and let what falls due on the way happen at its own moment."""
        goal = self.clock.now() + timedelta(**span)
        while True:
            await self.settle()
            due = await self.app.store.read(jobs.next_due)
            if due is None or due > goal:
                break
            await self.clock.advance(max(timedelta(0), due - self.clock.now()))
        await self.clock.advance(goal - self.clock.now())
        await self.settle()

    async def reload(self) -> None:
        """The operator sends SIGHUP."""
        await self.app.reload(dict(self.env))
        await self.settle()

    async def deliver(self, body: Any, *, connection: str | None = None, **headers: str) -> Receipt:
        """Hand a request to the inbox as the HTTP door does; `body` is bytes or a JSON value."""
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        known = {"x-tocsin-secret": SECRET, "authorization": f"Bearer {SECRET}", **headers}
        request = Request(raw, self.clock.now(), known)
        return await self.app.inbox.accept(connection or self.connection, request)

    async def alert(self, title: str, **fields: Any) -> Incident:
        """One alert in the native form, delivered and settled; returns its incident."""
        alert = {"title": title, "problem": title, "kind": "performance", "model": "churn", "status": "firing"}
        receipt = await self.deliver({**alert, "started_at": self.clock.now().isoformat(), **fields})
        await self.settle()
        return await self.incident(min(receipt.booked.incidents))

    async def declare(self, title: str, *, by: str = "bo", model: str = "churn") -> Incident:
        """Somebody opens an incident by hand; who is on call for it is paged."""
        key = f"declared/{title}/{self.clock.now().isoformat()}"
        draft = declare.Draft(title, model=model)
        declared = await declare.open_(self.app.desk, draft, f"person:{by}", self.clock.now(), "cli", key)
        await self.settle()
        assert declared.incident, declared.sentence
        return await self.incident(declared.incident.id)

    async def resolve(self, title: str, **fields: Any) -> None:
        """The monitor says that it is over."""
        alert = {"title": title, "problem": title, "kind": "performance", "model": "churn", "status": "resolved"}
        await self.deliver({**alert, **fields})
        await self.settle()

    async def incident(self, incident_id: str) -> Incident:
        """The incident as it is now."""
        return (await report.view(self.app.desk, incident_id)).incident

    async def card(self, incident_id: str, channel: str = "ml-oncall") -> Message:
        """The incident's card as it is on the screen now."""
        cards: list[Message] = []
        for _ in range(CARD):
            await self.pass_time(seconds=1)
            if cards := [m for m in self.workspace.messages(channel) if _key(m) == f"card/{incident_id}"]:
                break
        assert len(cards) == 1, f"{len(cards)} cards for {incident_id} in #{channel}"
        return cards[0]

    def pages_to(self, person: str) -> list[Message]:
        """The pages in this person's direct messages, as they look now, oldest first."""
        return [message for message in self.workspace.dms(person) if _key(message).startswith("page/")]

    def told(self, who: str) -> list[str]:
        """The plain sentences in this person's direct messages, or in this `#channel`, oldest first."""
        messages = self.workspace.messages(who) if who.startswith("#") else self.workspace.dms(who)
        return [message.shown for message in messages if _key(message).startswith("notice/")]

    def paged(self) -> list[tuple[str, timedelta]]:
        """Every page that anybody got, in order: whom, and how long after the first."""
        posts = [c.message for c in self.workspace.journal if c.kind == "post" and c.message is not None]
        found = [message for message in posts if _key(message).startswith("page/")]
        person = {m.channel: self.workspace.person(self.workspace.channel(m.channel).im_with).name for m in found}
        return [(person[m.channel], m.at - found[0].at) for m in found]

    async def press(self, message: Message, button: str, *, by: str) -> Reply:
        """Press a button as it stood on `message`, and let what follows happen."""
        reply = await self.workspace.press(message, button, by=by)
        await self.settle()
        return reply

    async def command(self, name: str, text: str = "", *, by: str, channel: str = "ml-oncall") -> Reply:
        """Type a slash command, and let what follows happen."""
        reply = await self.workspace.command(name, text, by=by, channel=channel)
        await self.settle()
        return reply

    async def mention(
        self, text: str, *, by: str, channel: str = "ml-oncall", thread: Message | None = None
    ) -> list[Message]:
        """Write to the bot by its name in a channel; what it says in the thread of that."""
        said = await self.workspace.say(channel, f"<@{self.workspace.bot_user}> {text}", by=by, thread=thread)
        await self.heard()
        root = thread.ts if thread else said.ts
        return [one for one in self.workspace.messages(channel, thread=root) if _answers(one) and one.ts > said.ts]

    async def tell(self, text: str, *, by: str) -> list[Message]:
        """Write to the bot in a direct message; what it answers there."""
        said = await self.workspace.say(self.workspace.bot_user, text, by=by)
        await self.heard()
        return [one for one in self.workspace.dms(by) if _answers(one) and one.ts > said.ts]

    async def react(self, message: Message, emoji: str = "pushpin", *, by: str, take_away: bool = False) -> None:
        """Put an emoji under a message, or take it away, and let what follows happen."""
        act = self.workspace.unreact if take_away else self.workspace.react
        await act(message, emoji, by=by)
        await self.heard()

    async def heard(self) -> None:
        """Let every event reach the bot, and what follows happen."""
        await self.workspace.until(lambda: not self.workspace.courier.busy)
        await self.settle()

    async def answer(self, verb: respond.Verb, incident_id: str, *, by: str, seen: int | None = None) -> respond.Answer:
        """Answer without Slack, as the command line does."""
        press = respond.Press(verb, incident_id, f"person:{by}", self.clock.now(), "cli", seen)
        answer = await respond.take(self.app.desk, press)
        await self.settle()
        return answer

    async def ledger(self, incident_id: str) -> list[Page]:
        """Every page of the incident, in the order they were decided."""
        return await self.app.store.read(lambda tx: pages.of(tx, incident_id))

    async def story(self, incident_id: str) -> list[str]:
        """The kinds of the log's entries about the incident, in order."""
        sealed = await self.app.store.read(lambda tx: log.of(tx.sql, incident_id))
        return [each.entry.kind for each in sealed]

    async def whole(self) -> bool:
        """Whether the log verifies."""
        _, broken = await self.app.store.read(lambda tx: log.verify(tx.sql))
        return not broken


def _key(message: Message) -> str:
    """What the bot calls this message: card/..., page/... or notice/...; empty when it is none of its own."""
    return str((message.metadata or {}).get("event_payload", {}).get("key", ""))


def _answers(message: Message) -> bool:
    return _key(message).startswith("answer/")


SECRET = "a-secret-of-the-tests"


def workspace_env(workspace: Workspace) -> dict[str, str]:
    """The environment that points a bot at this workspace."""
    return {
        "SLACK_API_URL": workspace.url,
        "SLACK_BOT_TOKEN": workspace.bot_token,
        "SLACK_APP_TOKEN": workspace.app_token,
        "SLACK_SIGNING_SECRET": workspace.signing_secret,
    }
