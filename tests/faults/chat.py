"""Two bots side by side over one database and one Slack, and the hands of people who act at the same moment."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from bot.clock import SystemClock
from bot.model.incident import Incident
from bot.model.page import Page
from bot.sandbox.workspace import App, Limits, Message, Workspace
from bot.slack import validate
from bot.store import Store, engines, incidents, log, pages
from tests.parts import folder, free_port, process, waiting
from tests.parts.sender import Delivery

T = TypeVar("T")
INDEX = "incidents"
WITHIN = 20.0  #: seconds anything may take on a busy machine; nothing waits that long when all is well
TOGETHER = '{mode: socket, channel: "#ml-oncall", index: "#incidents", own_channel: [sev2]}'
#: What is due at once; timers, sweeps and people's own pages may wait for their time.
PROMPT = ("card", "line", "thread", "own", "dm", "page", "notice")
LEFT = f"SELECT count(*) FROM jobs WHERE outcome IS NULL AND kind IN {PROMPT}"
LOCK = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "LOCK TABLE incidents, seen IN ACCESS EXCLUSIVE MODE"}


@dataclass(frozen=True)
class Kept:
    """What the database holds of an incident: its row, its pages, and the kinds of what was written down."""

    incident: Incident
    pages: tuple[Page, ...]
    story: tuple[str, ...]


class Pair:
    """Two `tocsin serve` of two sockets each; every envelope reaches one of them."""

    def __init__(self, slack: Workspace, bots: tuple[process.Serve, process.Serve], store: Store, url: str) -> None:
        self.slack, self.bots, self.database = slack, bots, url
        self._store = store
        self._models = 0

    # --- the bots ---

    async def up(self) -> None:
        """Both run, with two sockets each."""
        for bot in self.bots:
            if bot.process is None or bot.process.poll() is not None:
                bot.start()
        for bot in self.bots:
            await bot.ready()
        await self.seen(lambda: self.slack.sockets == 4, "four sockets")

    async def aim(self, *wanted: int) -> None:
        """Let envelopes without meaning pass until the next ones go to these bots, in this order."""
        acks = [await _acks(bot) for bot in self.bots]
        ring = [await self._reached(acks) for _ in range(self.slack.sockets)]
        for _ in range(len(ring)):
            if [ring[at % len(ring)] for at in range(len(wanted))] == list(wanted):
                return
            assert await self._reached(acks) == ring[0], "the sockets take turns"
            ring.append(ring.pop(0))
        raise AssertionError(f"No order of {ring} is {wanted}.")

    async def _reached(self, acks: list[float]) -> int:
        """Which bot an envelope went to; `acks` are those counted before it, and afterwards with it."""
        before = list(acks)
        assert await self.slack.event({"type": "nothing_of_ours"})

        async def counted() -> list[int]:
            acks[:] = [await _acks(bot) for bot in self.bots]
            return [number for number, (was, now) in enumerate(zip(before, acks, strict=True)) if now > was]

        (number,) = await waiting.until(counted, within=WITHIN, what="an ack that was counted")
        return number

    async def killed(self, bot: process.Serve) -> None:
        """SIGKILL, without holding up Slack."""
        await asyncio.to_thread(bot.kill)
        await self.seen(lambda: self.slack.sockets == 2, "the end of its sockets")

    async def working_on(self, key: str) -> process.Serve:
        """The bot that holds the job called `key`."""

        async def held() -> str:
            return str(await self._one(f"SELECT lease_owner FROM jobs WHERE key = '{key}' AND outcome IS NULL") or "")

        owner = await waiting.until(held, within=WITHIN, what=f"a bot that does {key}")
        (bot,) = [bot for bot in self.bots if bot.pid == int(owner.split("/")[1])]
        return bot

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody can answer an incident meanwhile: the database is somebody else's."""
        engine = engines.create(self.database)
        connection = engine.raw_connection()
        try:
            connection.cursor().execute(LOCK[engine.dialect.name])
            yield
        finally:
            connection.rollback()
            connection.close()
            engine.dispose()

    # --- what is there ---

    async def incident(self) -> str:
        """A new incident about a model of its own, its card and its page drawn; its id."""
        self._models += 1
        delivery = Delivery(f"model-{self._models}", ("age",), datetime.now(UTC))
        headers = {"Authorization": f"Bearer {folder.SECRET}"}
        bot = self.bots[self._models % 2]
        async with aiohttp.request("POST", f"{bot.url}/alerts/prom", json=delivery.body(), headers=headers) as reply:
            assert reply.status == 202, await reply.text()
        await self.rest()
        (found,) = [key for key in self.posted() if key.startswith("card/") and delivery.model in self.card(key).shown]
        return found.removeprefix("card/")

    async def kept(self, incident: str) -> Kept:
        """What the database holds of it."""
        return await self._store.read(
            lambda tx: Kept(
                incidents.get(tx, incident),
                tuple(pages.of(tx, incident)),
                tuple(sealed.entry.kind for sealed in log.of(tx.sql, incident)),
            )
        )

    async def all(self) -> set[str]:
        """Every incident there is."""
        return {one.id for one in await self._store.read(lambda tx: incidents.listing(tx, limit=1_000))}

    @property
    def standing(self) -> process.Serve:
        """A bot that runs."""
        return next(bot for bot in self.bots if bot.process and bot.process.poll() is None)

    def posted(self) -> Counter[str]:
        """How often each message of ours was ever posted, by the key it carries."""
        return Counter(
            name_of(change.message) for change in self.slack.journal if change.kind == "post" and change.message
        )

    def card(self, incident: str) -> Message:
        """Its card on the screen."""
        return self._standing(f"card/{incident.removeprefix('card/')}", self.slack.messages(folder.CHANNEL))

    def pages(self, person: str, incident: str) -> list[Message]:
        """The pages about it in somebody's direct messages."""
        return [one for one in self.slack.dms(person) if name_of(one).startswith(f"page/{incident}/")]

    def _standing(self, key: str, among: list[Message]) -> Message:
        (found,) = [message for message in among if name_of(message) == key]
        return found

    def twice(self) -> list[str]:
        """What was posted more than once: every message has a key of its own."""
        return [name for name, count in self.posted().items() if name and count > 1]

    def answers(self) -> int:
        """How many answers were posted for all to read."""
        return len([name for name in self.posted() if name.startswith("answer/")])

    # --- waiting ---

    async def acknowledged(self, incident: str) -> None:
        """Somebody holds it, whatever is shown."""

        async def held() -> bool:
            return bool(await self._one(f"SELECT holder FROM incidents WHERE id = '{incident}'"))

        await waiting.until(held, within=WITHIN, what=f"a holder of {incident}")

    async def seen(self, what: Callable[[], T], named: str) -> T:
        """The first truthy answer; what is not there yet may raise a LookupError or a ValueError."""

        async def look() -> T | None:
            with suppress(LookupError, ValueError):
                return what()
            return None

        found = await waiting.until(look, within=WITHIN, what=named)
        assert found is not None
        return found

    @asynccontextmanager
    async def heard(self, count: int) -> AsyncIterator[None]:
        """What is done here reaches the bots as so many envelopes; afterwards all of them have been dealt with."""
        before = await self._works()
        yield

        async def ended() -> bool:
            return await self._works() >= before + count

        await waiting.until(ended, within=WITHIN, what=f"{count} envelopes dealt with", every=0.05)
        await self.rest()

    async def rest(self) -> None:
        """Nothing that can be drawn or sent by now is owed to anybody."""

        async def nothing() -> bool:
            return not await self._one(LEFT)

        await waiting.until(nothing, within=WITHIN, what="rest", every=0.05)

    async def _works(self) -> float:
        """How many envelopes the bots have dealt with."""
        running = [bot for bot in self.bots if bot.process and bot.process.poll() is None]
        return sum([await _metric(bot, 'tocsin_slack_calls_total{method="work:') for bot in running])

    async def _one(self, query: str) -> Any:
        return await self._store.read(lambda tx: tx.sql.exec_driver_sql(query).scalar())


async def _metric(bot: process.Serve, begins: str) -> float:
    """The sum of what begins so on the bot's page of metrics."""
    async with aiohttp.request("GET", f"{bot.url}/metrics") as reply:
        lines = (await reply.text()).splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(begins))


async def _acks(bot: process.Serve) -> float:
    return await _metric(bot, "tocsin_ack_latency_seconds_count")


def name_of(message: Message) -> str:
    """What the bot calls this message; empty when it is none of its own."""
    return str((message.metadata or {}).get("event_payload", {}).get("key", ""))


@asynccontextmanager
async def pair(home: Path, url: str) -> AsyncIterator[Pair]:
    """Both bots, running; at the end nobody saw anything twice, nothing was refused, and the log is whole."""
    quiet = App(events=("app_mention",))  # nothing else may move the turn of the sockets
    async with AsyncExitStack() as stack:
        channels = [folder.CHANNEL, INDEX]
        slack = Workspace(people=folder.PEOPLE, channels=channels, limits=Limits.off(), app=quiet)
        await stack.enter_async_context(slack)
        env = folder.env(url, slack.url, slack.bot_token, slack.app_token)
        one, other = (_bot(home / name, env) for name in ("one", "other"))
        stack.callback(one.kill)
        stack.callback(other.kill)
        one.start()
        await one.ready()  # it brings the database up to date
        store = await Store.open(url, clock=SystemClock(), migrate=False)
        stack.push_async_callback(store.close)
        play = Pair(slack, (one, other), store, url)
        await play.up()
        yield play
        assert faulty(slack) == []
        status, said = await one.command("audit", "verify")
        assert status == 0, said


def _bot(home: Path, env: dict[str, str]) -> process.Serve:
    port = free_port()
    config = folder.write(home, port)
    main = config / "tocsin.yaml"
    plain = f'{{mode: socket, channel: "#{folder.CHANNEL}"}}'
    text = main.read_text(encoding="utf-8")
    assert plain in text
    main.write_text(text.replace(plain, TOGETHER), encoding="utf-8")
    return process.Serve(config, port, env)


def faulty(slack: Workspace) -> list[validate.Fault]:
    """What Slack would refuse of all that the bots ever showed."""
    shown = [change.message for change in slack.journal if change.message and change.message.user == slack.bot_user]
    return [fault for one in shown for fault in validate.validate({"text": one.text, "blocks": one.blocks}, "message")]
