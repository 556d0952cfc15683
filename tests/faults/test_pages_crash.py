"""kill -9 beside the call of a provider: at most one text of each page ever leaves, and mail comes at most twice.

The provider is a server of the test, which survives and counts; the plugin that calls it is found as any other is, by
its entry point.
"""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot import failpoint
from bot.clock import SystemClock
from bot.model.address import Address, Standing, digest
from bot.model.page import Page, PageState
from bot.store import Store, addresses, pages
from tests.parts import folder, free_port, process, waiting
from tests.parts.sender import Delivery

pytestmark = [pytest.mark.crash, pytest.mark.slow]

PLUGIN = """
import httpx
from bot.contract import ConnectionSettings, NotDelivered, Plugin, Sent


class Settings(ConnectionSettings):
    url: str


class Post:
    channel = "email"

    def __init__(self, settings, context):
        self.url = settings.url

    async def send(self, call):
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(self.url, json={"key": call.key, "channel": self.channel})
        return Sent(answer.json()["id"])

    async def check(self):
        return []


class Text(Post):
    channel = "sms"
    once = True


plugin = Plugin("fakephone", settings=Settings, pagers=(Post, Text))
"""
PHONE, MAIL = "+905550000001", "ada@example.com"
ENDS = (PageState.SENT, PageState.DELIVERED, PageState.FAILED)


@dataclass
class Provider:
    """What it took, by (channel, key)."""

    taken: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def take(self, request: web.Request) -> web.Response:
        """One message; a copy is counted as one more."""
        said = await request.json()
        self.taken[said["channel"], said["key"]] += 1
        return web.json_response({"id": f"{said['channel']}-{sum(self.taken.values())}"})


@dataclass
class Scene:
    """A bot that is killed, and a provider that is not."""

    database: str
    serve: process.Serve
    provider: Provider

    async def alert(self) -> None:
        """One alert, sent until it is taken."""
        delivery = Delivery("churn", ("age",), datetime.now(UTC))
        headers = {"Authorization": f"Bearer {folder.SECRET}"}
        where = f"{self.serve.url}/alerts/prom"
        async with aiohttp.request("POST", where, json=delivery.body(), headers=headers) as answer:
            assert answer.status == 202

    async def ledger(self) -> list[Page]:
        """The pages of the one incident."""
        store = await Store.open(self.database, clock=SystemClock(), migrate=False)
        try:
            return await store.read(lambda tx: pages.of(tx, "INC-1"))
        finally:
            await store.close()

    async def settled(self) -> bool:
        """Every page went, or will not."""
        found = await self.ledger()
        return len(found) == 2 and all(page.state in ENDS for page in found)


async def confirm(database: str) -> None:
    """Ada has confirmed her phone and her e-mail."""
    clock = SystemClock()
    store = await Store.open(database, clock=clock)
    try:
        for kind, value in (("phone", PHONE), ("email", MAIL)):
            one = Address("ada", kind, digest(value), Standing.CONFIRMED, clock.now(), confirmed_at=clock.now())
            await store.write(lambda tx, one=one: addresses.put(tx, one))  # type: ignore[misc]
    finally:
        await store.close()


@asynccontextmanager
async def scene(home: Path, database: str) -> AsyncIterator[Scene]:
    """Ada is texted and written to at once; the bot is not started yet."""
    provider, application = Provider(), web.Application()
    application.router.add_post("/", provider.take)
    runner = web.AppRunner(application)
    await runner.setup()
    far = web.TCPSite(runner, "127.0.0.1", 0)
    await far.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    site = home / "site"
    (site / "fakephone-1.0.dist-info").mkdir(parents=True)
    (site / "fakephone.py").write_text(PLUGIN, encoding="utf-8")
    (site / "fakephone-1.0.dist-info" / "METADATA").write_text("Name: fakephone\nVersion: 1.0\n", encoding="utf-8")
    point = "[tocsin.plugins]\nfakephone = fakephone:plugin\n"
    (site / "fakephone-1.0.dist-info" / "entry_points.txt").write_text(point, encoding="utf-8")
    port = free_port()
    config = folder.write(home / "bot", port, mode="off")
    with (config / "tocsin.yaml").open("a", encoding="utf-8") as main:
        main.write(f'  - {{name: tel, plugin: fakephone, url: "{url}"}}\n')
    people = (config / "people.yaml").read_text(encoding="utf-8")
    reached = f'email: {MAIL}, phone: "{PHONE}", notify: {{high: [sms, email]}},'
    (config / "people.yaml").write_text(people.replace(f"email: {MAIL},", reached), encoding="utf-8")
    env = {**folder.env(database, "", "", ""), "PYTHONPATH": f"{process.ROOT}:{site}"}
    serve = process.Serve(config, port, env)
    await confirm(database)
    try:
        yield Scene(database, serve, provider)
    finally:
        serve.kill()
        await runner.cleanup()


#: Beside the call of each channel; elsewhere once, for what any job goes through has a test of its own.
POINTS = [(point, nth) for point in failpoint.OF_PAGES for nth in (1, 2)]
POINTS += [(point, 1) for point in failpoint.NAMES if point not in failpoint.OF_PAGES]


@pytest.mark.parametrize(("point", "nth"), POINTS)
async def test_killed_beside_the_call(tmp_path: Path, database_url: str, point: str, nth: int) -> None:
    async with scene(tmp_path, database_url) as play:
        play.serve.start(crash_at=f"{point}:{nth}")
        await waiting.until(lambda: died_of_it(play), within=30, what=f"its end at {point}")
        play.serve.start()
        await play.serve.ready()
        if not await play.ledger():
            await play.alert()  # it was killed before it answered
        await waiting.until(play.settled, within=40, what="the end of both pages", every=0.2)
        assert await play.serve.stop() == 0, play.serve.written()
        found = {page.channel: page for page in await play.ledger()}
        text, mail = (play.provider.taken[by, f"page/INC-1/1/ada/{by}"] for by in ("sms", "email"))
        assert set(play.provider.taken) <= {("sms", "page/INC-1/1/ada/sms"), ("email", "page/INC-1/1/ada/email")}
        assert text <= 1
        assert 1 <= mail <= 2
        assert found["email"].state is PageState.SENT
        if found["sms"].state is PageState.FAILED:
            assert "in doubt: not sent again" in str(found["sms"].failure)
        else:
            assert text == 1
        status, said = await play.serve.command("audit", "verify")
        assert status == 0, said


async def died_of_it(play: Scene) -> bool:
    """Offer the alert again, as its sender would; True once the bot has been killed by its failpoint."""
    if play.serve.process and play.serve.process.poll() is not None:
        return await play.serve.died(within=1)
    with suppress(aiohttp.ClientError):
        await play.alert()
    return False
