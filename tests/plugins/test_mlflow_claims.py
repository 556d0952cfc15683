"""Who hands a run of MLflow on: any number of bots in any order of their steps, and one that is cut off at each."""

import asyncio
import random
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.contract import Context, Going, NotDelivered, Refused, TocsinError
from bot.testing.far_end import Arrived, FarEnd
from plugins.mlflow import marks
from plugins.mlflow.client import Client
from plugins.mlflow.runs import Record, Runs
from plugins.mlflow.settings import MlflowSettings
from plugins.mlflow.trainer import Delegate
from tests.plugins.benches import Commanded, Jobbed, Piped, job, pipeline
from tests.plugins.kilns import ORDER
from tests.plugins.tracks import Tracks

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TOKEN = "CHG-1"
TAGS = marks.tags(ORDER, TOKEN, "churn", "pipeline", marks.variables(ORDER, TOKEN, "churn", "http://mlflow"))


class Shuffled(Client):
    """A client whose every question waits for others a chance number of times, before it arrives and after."""

    def __init__(self, tracks: Tracks, chance: random.Random) -> None:
        self._tracks, self._chance = tracks, chance

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        return await self._ask("GET", path, b"", query)

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        return await self._ask("POST", path, orjson.dumps(body), {})

    async def _ask(self, method: str, path: str, body: bytes, query: Mapping[str, str]) -> dict[str, Any]:
        await self._turns()
        asked = "&".join(f"{key}={value}" for key, value in query.items())
        said = self._tracks.says(Arrived(method, f"/api/2.0/mlflow/{path}?{asked}", {}, body))
        await self._turns()
        assert said is not None
        if said[0] != 200:
            raise Refused(f"MLflow answered {said[0]}.")
        found: dict[str, Any] = orjson.loads(said[1])
        return found

    async def _turns(self) -> None:
        for _ in range(self._chance.choice((0, 1, 4, 40))):  # now and then one falls far behind
            await asyncio.sleep(0)


async def claim(tracks: Tracks, chance: random.Random, mine: str) -> Record | None:
    with suppress(NotDelivered):
        return await Runs(Shuffled(tracks, chance)).claim("1", TAGS, mine, NOW)
    return None


@pytest.mark.parametrize("seed", range(300))
async def test_of_any_number_of_bots_one_hands_one_run_on(seed: int) -> None:
    chance, tracks = random.Random(seed), Tracks(seed)
    for left in range(chance.randrange(3)):  # what bots that were killed left behind
        await Runs(Shuffled(tracks, chance))._create("1", {**TAGS, "left": str(left)}, NOW)
    names = [f"bot-{number}/x" for number in range(chance.randrange(2, 5))]
    found = await asyncio.gather(*(claim(tracks, chance, name) for name in names))
    taken = {one.id for one in found if one is not None}
    winners = [name for name, one in zip(names, found, strict=True) if one is not None and one.claim == name]
    assert len(taken) == 1
    assert len(winners) == 1
    claims = [run["params"].get(marks.CLAIM) for run in tracks.runs.values()]
    assert [one for one in claims if one not in (None, marks.VOID)] == winners
    assert (await claim(tracks, chance, "late/x") or found[0]).id in taken  # type: ignore[union-attr]


def trainer(url: str, train: Mapping[str, Any]) -> Delegate:
    settings = MlflowSettings.model_validate({"url": url, "train": train, "timeout": "2s"})
    return Delegate(settings, Context("registry"))


class Axe:
    """Cuts a start off as soon as so many questions were taken, in MLflow or where the work is done."""

    def __init__(self, after: int) -> None:
        self.left, self.task = after, asyncio.current_task()

    def falls(self, *_: object) -> None:
        self.left -= 1
        if self.left == 0 and self.task is not None:
            self.task.cancel()


@pytest.mark.parametrize("after", range(1, 16))
@pytest.mark.parametrize("kind", ["command", "job", "pipeline"])
async def test_a_bot_that_is_cut_off_anywhere_leaves_one_training(kind: str, after: int, tmp_path: Path) -> None:
    stage: Any = {"command": lambda: Commanded(tmp_path), "job": Jobbed, "pipeline": Piped}[kind]()
    await stage.prepare()
    behind = stage.says if kind == "pipeline" else getattr(stage, "cluster", stage.tracks).says
    axe = Axe(0)

    def counted(arrived: Arrived) -> tuple[int, bytes] | None:
        axe.falls()
        return behind(arrived)  # type: ignore[no-any-return]

    async with FarEnd(says=stage.tracks.says) as far, FarEnd(says=counted) as other:
        train = stage.train() if kind == "command" else {"job": job, "pipeline": pipeline}[kind](other.url)
        try:
            task = asyncio.ensure_future(trainer(far.url, train).start(stage.ref, ORDER, TOKEN))
            axe.task, axe.left = task, after
            stage.tracks.before = axe.falls
            with suppress(asyncio.CancelledError, TocsinError):
                await task
            stage.tracks.before, axe.left = lambda path: None, 0
            part = trainer(far.url, train)
            run = await part.find(stage.ref, TOKEN) or await part.start(stage.ref, ORDER, TOKEN)
            again = await part.start(stage.ref, ORDER, TOKEN)
            found = await part.find(stage.ref, TOKEN)
            began = await stage.started()
        finally:
            if kind == "command":
                stage.pupil.put_out()
    assert found is not None
    assert {run.id, again.id, found.id} == {run.id}
    if kind == "pipeline" and began == 0:
        assert found.going in (Going.WAITING, Going.RUNNING)  # nobody can know, so it is not asked for again
    else:
        assert began == 1
