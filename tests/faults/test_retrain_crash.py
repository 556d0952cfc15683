"""kill -9 at any moment of a retrain: one run is started, and it is followed, or stopped, by whoever comes after.

Over the plugin `local`, whose trainer starts a program of its own that outlives the bot. `TOCSIN_SEED` repeats a run.
"""

import os
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import app, failpoint
from bot.clock import SystemClock
from bot.contract.guard import Guard
from bot.engine import agree, propose, train
from bot.engine.desk import Desk, Forge, Host
from bot.model.change import Change, Lever, Step
from bot.model.entry import Sealed
from bot.model.retraining import Phase, Training
from bot.model.verdict import Verdict
from bot.store import Store, changes, log, trainings
from tests.parts import folder, free_port, process, waiting

pytestmark = [pytest.mark.crash, pytest.mark.slow]

LIVES = 4
WITHIN = 90.0  #: seconds in which it must have come that far; what is in doubt is left to settle for thirty
#: Fits a line through rows of the window it was given, once it may, and registers that as a version.
PROGRAM = """#!/bin/sh
echo $$ >> began
echo '{"stage": "fitting", "share": 0.5}' > "$4/progress.json"
while [ ! -e "$4/../../go" ]; do sleep 0.1; done
mkdir versions/9
awk 'BEGIN { srand(7); for (i = 0; i < 500; i++) { x = rand(); y = 2 * x + rand() / 9; a += x * y; b += x * x }
    printf "{\\"slope\\": %f}", a / b }' > versions/9/model.json
echo '{"version": "9", "metrics": {"slope": 2.1}}' > "$4/result.json"
"""
Holds = Callable[[Change, Training | None], bool]


@dataclass
class Scene:
    """A bot that is killed again and again, a model on a disk with its program, and a retrain that was approved."""

    home: Path
    database: str
    serve: process.Serve

    @property
    def model(self) -> Path:
        """Its folder."""
        return self.home / "models" / "churn"

    @property
    def begun(self) -> list[int]:
        """The process of each run that was ever started."""
        file = self.model / "began"
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    def go(self) -> None:
        """The program may come to its end."""
        (self.model / "go").touch()

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[Desk]:
        """What another process over the same database has at hand."""
        clock = SystemClock()
        store = await Store.open(self.database, clock=clock)
        try:
            loaded = app.load(app.Folder.of(self.home / "bot" / "config"), self.serve.env)
            disk = app.connect(loaded.settings, clock, None, {})["disk"]
            assert disk.platform
            assert disk.trainer
            hosts = {"disk": Host(disk.platform, Guard("disk", clock))}
            forges = {"disk": Forge(disk.trainer, Guard("disk", clock))}
            yield Desk(store, clock, loaded.settings, loaded.library, hosts=hosts, forges=forges)
        finally:
            await store.close()

    async def approve(self) -> None:
        """Ada proposes to train it anew, Bo agrees."""
        async with self.desk() as desk:
            now = desk.clock.now()
            made = await propose.propose(
                desk, propose.Wish(Lever.RETRAIN, "churn", why="drift"), "person:ada", now, "cli"
            )
            assert made.change, made.sentence
            said = await agree.vote(desk, agree.Vote(agree.AGREE, made.change.id, "person:bo", now, "cli"))
            assert said.verdict is Verdict.GO, said.sentence

    async def call_off(self) -> None:
        """Ada has had enough."""
        async with self.desk() as desk:
            said = await train.call_off(desk, "CHG-1", "person:ada", desk.clock.now(), "cli", "the data is wrong")
            assert said.verdict is Verdict.GO, said.sentence

    async def kept(self) -> tuple[Change, Training | None, list[Sealed]]:
        """What the database holds of it."""
        store = await Store.open(self.database, clock=SystemClock(), migrate=False)
        try:
            return await store.read(
                lambda tx: (changes.get(tx, "CHG-1"), trainings.find(tx, "CHG-1"), log.of(tx.sql, "CHG-1"))
            )
        finally:
            await store.close()

    async def until(self, holds: Holds, what: str) -> None:
        """A life that is not ended from outside, until it has come that far."""
        if self.serve.process is None or self.serve.process.poll() is not None:
            self.serve.start()
            await self.serve.ready()

        async def so() -> bool:
            change, training, _ = await self.kept()
            return holds(change, training)

        try:
            await waiting.until(so, within=WITHIN, what=what, every=0.3)
        finally:
            print(self.serve.written()[-3000:])


@asynccontextmanager
async def scene(home: Path, database: str) -> AsyncIterator[Scene]:
    """Version 7 serves; the bot is not started yet."""
    port = free_port()
    config = folder.write(home / "bot", port, mode="off", models=["churn"])
    model = home / "models" / "churn"
    (model / "versions" / "7").mkdir(parents=True)
    (model / "serving.json").write_text('{"split": {"7": 100.0}, "seq": 1}', encoding="utf-8")
    (model / "train").write_text(PROGRAM, encoding="utf-8")
    (model / "train").chmod(0o755)
    with (config / "tocsin.yaml").open("a", encoding="utf-8") as main:
        main.write(f"  - {{name: disk, plugin: local, root: {home / 'models'}, run_train: true}}\n")
        main.write("changes: {call_within: 3s}\n")  # what is in doubt settles in half as long again
    estate = (config / "estate.yaml").read_text(encoding="utf-8")
    hosted = "team: churn-ml, platform: disk, ref: {name: churn}, approvers: [person:bo], retrain: {longest: 1h}}"
    (config / "estate.yaml").write_text(estate.replace("team: churn-ml}", hosted), encoding="utf-8")
    play = Scene(home, database, process.Serve(config, port, folder.env(database, "", "", "")))
    try:
        await play.approve()
        yield play
    finally:
        play.serve.kill()
        play.go()  # a program that was left behind ends with this


async def whole(play: Scene) -> list[str]:
    """One run was started, with the evidence before it, and each thing is said once; the kinds of all entries."""
    assert await play.serve.stop() == 0, play.serve.written()
    change, training, story = await play.kept()
    kinds = [sealed.entry.kind for sealed in story]
    assert training
    assert training.run == "CHG-1"
    assert len(play.begun) == 1
    assert kinds.index("evidence.frozen") < kinds.index("change.applying") < kinds.index("training.started")
    once = ("change.approved", "evidence.frozen", "change.applying", "training.started", "training.ended")
    assert {kind: kinds.count(kind) for kind in once} == dict.fromkeys(once, 1), change.outcome
    status, said = await play.serve.command("audit", "verify")
    assert status == 0, said
    return kinds


async def survive(play: Scene) -> None:
    """The last life: the bot is left alone until the run has made its version, then everything is looked at."""
    play.go()
    await play.until(lambda _, training: training is not None and training.done, "an end of the run")
    await whole(play)
    _, training, _ = await play.kept()
    assert training
    assert (training.version, training.metrics) == ("9", {"slope": 2.1})
    assert training.phase in (Phase.JUDGING, Phase.ENDED)


@pytest.mark.parametrize("point", failpoint.OF_TRAININGS)
async def test_killed_beside_the_call(tmp_path: Path, database_url: str, point: str) -> None:
    async with scene(tmp_path, database_url) as play:
        play.serve.start(crash_at=point)
        assert await play.serve.died(within=30), f"{point} was never reached.\n{play.serve.written()}"
        change, training, story = await play.kept()
        assert training
        assert "evidence.frozen" in [sealed.entry.kind for sealed in story]
        came = (change.step, training.phase, len(play.begun))
        assert (
            came
            == {
                "before_train": (Step.APPLYING, Phase.STARTING, 0),
                "after_train": (Step.APPLYING, Phase.STARTING, 1),
                "after_poll": (Step.VERIFYING, Phase.TRAINING, 1),
            }[point]
        )
        await survive(play)


async def test_killed_while_it_is_stopped(tmp_path: Path, database_url: str) -> None:
    async with scene(tmp_path, database_url) as play:
        await play.until(lambda _, training: bool(training and training.run), "a run")
        play.serve.kill()
        await play.call_off()
        play.serve.start(crash_at="after_poll")
        assert await play.serve.died(within=60), play.serve.written()
        await play.until(lambda change, _: change.step is Step.FAILED, "an end")
        kinds = await whole(play)
        change, training, _ = await play.kept()
        assert change.outcome == "Called off by ada: the data is wrong"
        assert training
        assert (training.phase, training.going, training.version) == (Phase.ENDED, "cancelled", None)
        assert kinds.count("training.called_off") == 1
        assert not (play.model / "versions" / "9").exists()


async def test_killed_at_any_moment(tmp_path: Path, database_url: str) -> None:
    seed = int(os.environ.get("TOCSIN_SEED") or random.SystemRandom().randrange(1_000_000))
    print(f"TOCSIN_SEED={seed}")
    chance = random.Random(seed)
    async with scene(tmp_path, database_url) as play:
        for _ in range(LIVES):
            point = f"{chance.choice(['after_claim', 'before_settle', 'after_poll'])}:{chance.randint(1, 4)}"
            moment = chance.uniform(0.5, 3.0)
            print(f"killed at {point}, or after {moment:.3f} s")
            play.serve.start(crash_at=point)
            await play.serve.died(within=moment)
            play.serve.kill()
        await survive(play)
