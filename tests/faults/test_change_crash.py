"""kill -9 at any moment of a change: it is applied at most once, and ends with what is really served.

Over the plugin `local`, whose pointer counts its switches. `TOCSIN_SEED` repeats a run.
"""

import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from bot import app, failpoint
from bot.clock import SystemClock
from bot.contract.guard import Guard
from bot.engine import agree, propose
from bot.engine.desk import Desk, Host
from bot.model.change import Change, Lever, Step
from bot.model.entry import Sealed
from bot.model.served import Moved
from bot.model.verdict import Verdict
from bot.store import Store, changes, log, moved
from tests.parts import folder, free_port, process, waiting

pytestmark = [pytest.mark.crash, pytest.mark.slow]

LIVES = 4
WITHIN = 90.0  #: seconds in which it must have come to an end; what is in doubt is left to settle for thirty
ENDS = frozenset({Step.DONE, Step.FAILED, Step.UNKNOWN, Step.EXPIRED})


@dataclass
class Scene:
    """A bot that is killed again and again, a model on a disk, and a rollback of it that was approved."""

    home: Path
    database: str
    serve: process.Serve

    @property
    def model(self) -> Path:
        """Its folder."""
        return self.home / "models" / "churn"

    def pointer(self) -> tuple[dict[str, float], int]:
        """What really serves, and how often it was switched."""
        said = orjson.loads((self.model / "serving.json").read_bytes())
        return said["split"], said["seq"]

    async def approve(self) -> None:
        """Ada proposes to go from 7 to 6, Bo agrees."""
        clock = SystemClock()
        store = await Store.open(self.database, clock=clock)
        try:
            loaded = app.load(app.Folder.of(self.home / "bot" / "config"), self.serve.env)
            linked = app.connect(loaded.settings, clock, None, {})
            disk = linked["disk"].platform
            assert disk
            hosts = {"disk": Host(disk, Guard("disk", clock))}
            desk = Desk(store, clock, loaded.settings, loaded.library, hosts=hosts)
            wish = propose.Wish(Lever.ROLLBACK, "churn", version="6", why="7 is worse")
            made = await propose.propose(desk, wish, "person:ada", clock.now(), "cli")
            assert made.change, made.sentence
            vote = agree.Vote(agree.AGREE, made.change.id, "person:bo", clock.now(), "cli")
            said = await agree.vote(desk, vote)
            assert said.verdict is Verdict.GO, said.sentence
        finally:
            await store.close()

    async def kept(self) -> tuple[Change, list[Sealed], list[Moved]]:
        """What the database holds of it: the row, its entries, and the ledger of its model."""
        store = await Store.open(self.database, clock=SystemClock(), migrate=False)
        try:
            return await store.read(
                lambda tx: (changes.get(tx, "CHG-1"), log.of(tx.sql, "CHG-1"), moved.listing(tx, "churn"))
            )
        finally:
            await store.close()

    async def ended(self) -> bool:
        """Nothing is in hand any more."""
        return (await self.kept())[0].step in ENDS


@asynccontextmanager
async def scene(home: Path, database: str) -> AsyncIterator[Scene]:
    """Version 7 serves; the bot is not started yet."""
    port = free_port()
    config = folder.write(home / "bot", port, mode="off", models=["churn"])
    for version in ("6", "7"):
        (home / "models" / "churn" / "versions" / version).mkdir(parents=True)
    (home / "models" / "churn" / "serving.json").write_text('{"split": {"7": 100.0}, "seq": 1}', encoding="utf-8")
    with (config / "tocsin.yaml").open("a", encoding="utf-8") as main:
        main.write(f"  - {{name: disk, plugin: local, root: {home / 'models'}}}\n")
        main.write("changes: {call_within: 3s}\n")  # what is in doubt settles in half as long again
    estate = (config / "estate.yaml").read_text(encoding="utf-8")
    hosted = "team: churn-ml, platform: disk, ref: {name: churn}, approvers: [person:bo]}"
    (config / "estate.yaml").write_text(estate.replace("team: churn-ml}", hosted), encoding="utf-8")
    serve = process.Serve(config, port, folder.env(database, "", "", ""))
    play = Scene(home, database, serve)
    try:
        await play.approve()
        yield play
    finally:
        serve.kill()


async def survive(play: Scene) -> None:
    """The last life: the bot is left alone until the change has ended, then everything is looked at."""
    play.serve.start()
    await play.serve.ready()
    try:
        await waiting.until(play.ended, within=WITHIN, what="an end of the change", every=0.3)
    finally:
        print(play.serve.written()[-3000:])
    assert await play.serve.stop() == 0, play.serve.written()
    change, story, ledger = await play.kept()
    kinds = [sealed.entry.kind for sealed in story]
    # Applied once, and seen to be; with `local` a lost call may be repeated, so it comes to a good end.
    assert play.pointer() == ({"6": 100.0}, 2)
    assert change.step is Step.DONE, change.outcome
    assert change.seen
    assert change.seen.version == "6"
    assert [(one.serving.version, one.change) for one in ledger] == [("6", "CHG-1"), ("7", None)]
    # P10, and every step once, whatever was killed when.
    assert kinds.index("evidence.frozen") < kinds.index("change.applying") < kinds.index("change.applied")
    once = ("change.approved", "evidence.frozen", "change.applying", "change.applied", "change.seen", "change.done")
    assert {kind: kinds.count(kind) for kind in once} == dict.fromkeys(once, 1)
    status, said = await play.serve.command("audit", "verify")
    assert status == 0, said


@pytest.mark.parametrize("point", failpoint.OF_CHANGES)
async def test_killed_beside_the_call(tmp_path: Path, database_url: str, point: str) -> None:
    async with scene(tmp_path, database_url) as play:
        play.serve.start(crash_at=point)
        assert await play.serve.died(within=30), f"{point} was never reached.\n{play.serve.written()}"
        change, story, _ = await play.kept()
        assert change.step is Step.APPLYING
        assert "evidence.frozen" in [sealed.entry.kind for sealed in story]
        assert play.pointer() == (({"7": 100.0}, 1) if point == "before_apply" else ({"6": 100.0}, 2))
        await survive(play)


async def test_killed_at_any_moment(tmp_path: Path, database_url: str) -> None:
    seed = int(os.environ.get("TOCSIN_SEED") or random.SystemRandom().randrange(1_000_000))
    print(f"TOCSIN_SEED={seed}")
    chance = random.Random(seed)
    async with scene(tmp_path, database_url) as play:
        for _ in range(LIVES):
            point = f"{chance.choice(['after_claim', 'before_settle'])}:{chance.randint(1, 4)}"
            moment = chance.uniform(0.5, 3.0)
            print(f"killed at {point}, or after {moment:.3f} s")
            play.serve.start(crash_at=point)
            await play.serve.died(within=moment)
            play.serve.kill()
        await survive(play)
