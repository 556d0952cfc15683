"""Jobs whose outcomes are written together: all in one go, and one that cannot be takes no other with it."""

import asyncio
from collections.abc import Sequence

from bot.engine import work
from bot.model.job import Job
from bot.store import Store, Tx, jobs
from tests.store import made
from tests.store.hired import Hire
from tests.store.made import START


class Writer:
    """Writes a job for each name it is told, and keeps how many it was told at once."""

    def __init__(self, bad: str = "") -> None:
        self.lots: list[int] = []
        self.bad = bad

    async def __call__(self, job: Job) -> work.Outcome:
        return work.Done(work.Joint(self.write, job.key))

    def write(self, tx: Tx, keys: Sequence[str]) -> None:
        self.lots.append(len(keys))
        if self.bad in keys:
            raise ValueError(self.bad)
        jobs.put(tx, *(made.job(f"after/{key}", due=START + made.TEN) for key in keys))


async def outcomes(store: Store) -> dict[str, str | None]:
    return dict(await made.rows(store, "SELECT key, outcome FROM jobs"))


async def test_they_are_written_together(store: Store, hire: Hire) -> None:
    writer = Writer()
    await store.write(lambda tx: jobs.put(tx, *(made.job(name) for name in "abc")))
    await hire(writer).drain()
    assert writer.lots == [3]
    assert await outcomes(store) == {
        **dict.fromkeys("abc", "done"),
        **dict.fromkeys(("after/a", "after/b", "after/c")),
    }


async def test_one_that_cannot_be_written_takes_nothing_with_it(store: Store, hire: Hire) -> None:
    writer = Writer(bad="b")
    await store.write(lambda tx: jobs.put(tx, *(made.job(name) for name in "abc")))
    await hire(writer).drain()
    found = await outcomes(store)
    assert (found["a"], found["b"], found["c"]) == ("done", None, "done")
    assert "after/b" not in found
    assert {"after/a", "after/c"} <= set(found)


async def test_one_that_was_asked_for_again_meanwhile_stays_due(store: Store, hire: Hire) -> None:
    writer, again = Writer(), asyncio.Event()

    async def page(job: Job) -> work.Outcome:
        if job.key == "b" and not again.is_set():
            again.set()
            await store.write(lambda tx: jobs.put(tx, made.job("b")))
        await again.wait()
        return await writer(job)

    await store.write(lambda tx: jobs.put(tx, *(made.job(name) for name in "ab")))
    await hire(page).drain()
    assert sum(writer.lots) >= 3  # b twice
    assert {key: said for key, said in (await outcomes(store)).items() if len(key) == 1} == {"a": "done", "b": "done"}
