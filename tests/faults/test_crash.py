"""kill -9 at any moment: what was accepted is there, every due step is paged, and nobody twice for the same step.

Slack survives, the sender repeats whatever got no 2xx (as Alertmanager does), and nobody answers, so every incident
climbs its whole ladder within seconds. `TOCSIN_SEED` repeats a run.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot import failpoint
from bot.clock import SystemClock
from bot.model.incident import Incident
from bot.model.page import Page, PageState
from bot.sandbox.workspace import Limits, Workspace
from bot.store import Store, incidents, pages
from tests.parts import folder, free_port, process, waiting
from tests.parts.sender import Sender

pytestmark = [pytest.mark.crash, pytest.mark.slow]

LADDER = folder.Ladder(
    page={"L1": "person:ada", "L2": "person:bo", "L3": "person:cy"},
    answer_within={"L1": "1s", "L2": "2s", "L3": "3s"},
    fallback="person:ada",
)
STEPS = ((1, "ada"), (2, "bo"), (3, "cy"), (4, "ada"))  # the fallback is the fourth
LIVES = 5
CLIMB = 60.0  #: seconds in which every ladder must have been climbed after the last start; it ends as soon as it is


@pytest.fixture
def chance() -> random.Random:
    """Where the axe falls; the seed is printed with a failure."""
    seed = int(os.environ.get("TOCSIN_SEED") or random.SystemRandom().randrange(1_000_000))
    print(f"TOCSIN_SEED={seed}")
    return random.Random(seed)


class Scene:
    """A bot that is killed again and again, the Slack that survives, and a sender that never gives up."""

    def __init__(self, slack: Workspace, serve: process.Serve, database: str) -> None:
        self.slack, self.serve, self.database = slack, serve, database
        self.sender = Sender(serve.url)
        self.sending = asyncio.create_task(self.sender.run())

    def posted(self) -> Counter[str]:
        """How often each message of ours stands in Slack, by the key it carries."""
        told = [*self.slack.messages(folder.CHANNEL), *(dm for name in folder.PEOPLE for dm in self.slack.dms(name))]
        return Counter(message.metadata["event_payload"]["key"] for message in told if message.metadata)

    async def kept(self) -> tuple[list[Incident], dict[str, list[Page]]]:
        """What the database holds: incidents, and the pages of each."""
        store = await Store.open(self.database, clock=SystemClock(), migrate=False)
        try:
            found = await store.read(lambda tx: incidents.listing(tx, limit=10_000))
            ledger = await store.read(lambda tx: {one.id: pages.of(tx, one.id) for one in found})
        finally:
            await store.close()
        return list(found), {name: list(each) for name, each in ledger.items()}

    def models(self) -> dict[str, set[str]]:
        """The accepted alerts: model -> features."""
        found: dict[str, set[str]] = {}
        for delivery in self.sender.accepted:
            found.setdefault(delivery.model, set()).update(delivery.features)
        return found


@asynccontextmanager
async def scene(home: Path, database: str) -> AsyncIterator[Scene]:
    """Slack stands and alerts arrive; the bot is not started yet."""
    port = free_port()
    config = folder.write(home / "bot", port, ladder=LADDER)
    async with Workspace(people=folder.PEOPLE, channels=[folder.CHANNEL], limits=Limits.off()) as slack:
        env = folder.env(database, slack.url, slack.bot_token, slack.app_token)
        serve = process.Serve(config, port, env)
        play = Scene(slack, serve, database)
        try:
            yield play
        finally:
            play.sending.cancel()
            await asyncio.gather(play.sending, return_exceptions=True)
            serve.kill()


async def survive(play: Scene) -> None:
    """The last life: the bot is left alone until every ladder has been climbed, then everything is looked at."""
    play.serve.start()
    await play.serve.ready()
    before = len(play.sender.accepted)

    async def still_accepts() -> bool:
        return len(play.sender.accepted) > before

    await waiting.until(still_accepts, within=20, what="a delivery accepted after the last start")
    play.sender.stop()
    await play.sending
    wanted = len(play.models()) * len(STEPS)

    async def climbed() -> bool:
        return len([key for key in play.posted() if key.startswith("page/")]) >= wanted

    try:
        await waiting.until(climbed, within=CLIMB, what=f"{wanted} pages in Slack", every=0.1)
    except AssertionError:
        print(play.serve.written())  # the checks below say what is missing
    assert await play.serve.stop() == 0, play.serve.written()
    await look(play)


async def look(play: Scene) -> None:
    """Nothing lost, nothing twice, nothing forged."""
    found, ledger = await play.kept()
    assert play.sender.unkind == []
    # P1: every accepted alert has its incident, one for each model, with every alert in it.
    assert Counter(one.model for one in found) == Counter(list(play.models()))
    assert {one.model: one.alerts_total for one in found} == {m: len(each) for m, each in play.models().items()}
    # P2: every due step was paged, once, and its ledger says so.
    due = Counter(f"page/{one.id}/{step}/{person}/slack" for one in found for step, person in STEPS)
    posted = play.posted()
    assert Counter({key: n for key, n in posted.items() if key.startswith("page/")}) == due
    assert {page.id: page.state for each in ledger.values() for page in each} == {
        key.removeprefix("page/"): PageState.SENT for key in due
    }
    # One card each, however often it was drawn.
    assert {key: n for key, n in posted.items() if key.startswith("card/")} == {f"card/{one.id}": 1 for one in found}
    # P6: the chain was never torn.
    status, said = await play.serve.command("audit", "verify")
    assert status == 0, said


async def test_killed_at_each_named_point(tmp_path: Path, database_url: str, chance: random.Random) -> None:
    names = list(failpoint.NAMES)
    chance.shuffle(names)
    async with scene(tmp_path, database_url) as play:
        for name in names:
            point = f"{name}:{chance.randint(1, 6)}"
            print("killed at", point)
            play.serve.start(crash_at=point)
            assert await play.serve.died(within=30), f"{point} was never reached.\n{play.serve.written()}"
        await survive(play)


async def test_killed_at_any_moment(tmp_path: Path, database_url: str, chance: random.Random) -> None:
    async with scene(tmp_path, database_url) as play:
        for _ in range(LIVES):
            moment = chance.uniform(0.2, 3.0)
            print(f"killed after {moment:.3f} s")
            play.serve.start()
            assert not await play.serve.died(within=moment), "No failpoint was asked for."
            play.serve.kill()
        await survive(play)
