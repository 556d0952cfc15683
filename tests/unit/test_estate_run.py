"""The estate by itself: it goes on whatever befalls the bot, the disk and its pointers, and tells what it could not."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.errors import BadInput, NotDelivered
from bot.sandbox.estate import serving
from bot.sandbox.estate.estate import FILE, Estate
from bot.testing.clock import FakeClock

Json = dict[str, Any]
PROBLEMS = ["churn/performance", "churn/psi/days_since_promo"]


class Bot:
    """Somebody who listens, or does not."""

    def __init__(self, *deaf: Exception) -> None:
        self.deaf = list(deaf)
        self.heard: list[list[str]] = []
        self.changes: list[str] = []
        self.came = asyncio.Event()

    async def post(self, bodies: list[Json]) -> None:
        self.heard.append(sorted(one["problem"] for one in bodies))
        self.came.set()
        if self.deaf:
            raise self.deaf.pop(0)

    async def tell(self, event: Json) -> None:
        if self.deaf:
            raise self.deaf.pop(0)
        self.changes.append(event["payload"]["summary"])


@pytest.fixture
def clock() -> FakeClock:
    """It stands still until it is moved."""
    return FakeClock(datetime(2026, 11, 23, 3, 38, tzinfo=UTC))


@pytest.fixture
def estate(tmp_path: Path, clock: FakeClock) -> Estate:
    """One that has yet to begin."""
    made = Estate(tmp_path, clock, least=0)
    made.furnish()
    return made


def pointed(folder: Path, **said: object) -> None:
    """Somebody writes a pointer by hand."""
    file = folder / serving.POINTER
    file.write_bytes(orjson.dumps({**orjson.loads(file.read_bytes()), **said}))


async def passed(estate: Estate, clock: FakeClock, bot: Bot, minutes: float) -> None:
    """A window, and another one so many minutes later."""
    await estate.turn(bot.post, bot.tell)
    await clock.advance(minutes * 60)
    await estate.turn(bot.post, bot.tell)


async def test_it_runs_on_while_the_bot_is_down_and_tells_it_all_later(estate: Estate, clock: FakeClock) -> None:
    bot = Bot(NotDelivered("Nobody answers."), ConnectionRefusedError())
    running = asyncio.create_task(estate.run(bot.post))
    for _ in range(3):
        await bot.came.wait()
        bot.came.clear()
        while not clock.sleeping:
            await asyncio.sleep(0)
        await clock.advance(5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert bot.heard == [PROBLEMS] * 3
    assert clock.sleeping == 0


async def test_who_cancels_it_finds_no_thread_still_writing(estate: Estate, tmp_path: Path) -> None:
    bot = Bot()
    running = asyncio.create_task(estate.run(bot.post))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert orjson.loads((tmp_path / FILE).read_bytes())["window"] == 1
    assert bot.heard == []


async def test_an_alert_does_not_wait_for_a_change_that_nobody_takes(estate: Estate, clock: FakeClock) -> None:
    bot = Bot(NotDelivered("No such key."))
    await estate.turn(bot.post, bot.tell)
    assert (bot.changes, bot.heard) == ([], [PROBLEMS])
    await clock.advance(5)
    await estate.turn(bot.post, bot.tell)
    assert bot.changes == ["Every customer was sent a promotion"]


async def test_the_course_is_told_in_order_and_once(estate: Estate, clock: FakeClock) -> None:
    bot = Bot()
    for _ in range(3):
        await passed(estate, clock, bot, 4)
    assert [one.split(":")[0] for one in bot.changes] == [
        "Every customer was sent a promotion",
        "Schema 2",
        "Agent 4",
        "The carrier reports at last",
    ]


async def test_a_paused_table_is_not_migrated_by_its_upstream(estate: Estate, clock: FakeClock, tmp_path: Path) -> None:
    bot = Bot()
    pointed(tmp_path / "listings", paused=True)
    await passed(estate, clock, bot, 5)
    assert serving.pointed(tmp_path / "listings").split == {"1": 100}
    assert not [one for said in bot.heard for one in said if one.startswith("listings/unusual")]
    pointed(tmp_path / "listings", paused=False)
    await estate.turn(bot.post, bot.tell)
    assert serving.pointed(tmp_path / "listings").split == {"2": 100}


async def test_a_table_that_stays_paused_is_stale(estate: Estate, clock: FakeClock, tmp_path: Path) -> None:
    bot = Bot()
    await estate.turn(bot.post)
    pointed(tmp_path / "listings", paused=True)
    await clock.advance(360)
    await estate.turn(bot.post)
    assert "listings/freshness" in bot.heard[-1]


@pytest.mark.parametrize("broken", [{"split": {"7": 10}}, {"split": 3}, {"split": {"99": 100}}])
async def test_a_pointer_that_makes_no_sense_stops_nobody_else(
    estate: Estate, clock: FakeClock, tmp_path: Path, broken: Json
) -> None:
    bot = Bot()
    for model in ("churn", "listings", "refund-agent", "demand", "collateral-price", "delivery-days"):
        pointed(tmp_path / model, **broken)
    await passed(estate, clock, bot, 9)
    assert bot.heard[0] == PROBLEMS
    assert set(estate.errors()) == {"churn", "demand", "collateral-price", "listings", "refund-agent"}


async def test_versions_that_share_the_tasks_are_told_apart(estate: Estate, tmp_path: Path) -> None:
    bot = Bot()
    pointed(tmp_path / "refund-agent", split={"3": 50, "4": 50})
    await estate.turn(bot.post)
    assert "refund-agent/cost" in bot.heard[0]


async def test_the_same_seed_is_the_same_world(tmp_path: Path, clock: FakeClock) -> None:
    found = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        one = Estate(tmp_path / name, clock, seed)
        one.furnish()
        await one.turn(Bot().post)
        found.append(one.errors())
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize("spoil", [lambda _: b"{", lambda said: orjson.dumps({**said, "format": 0}), lambda _: b"[]"])
async def test_the_state_of_another_version_is_refused(
    estate: Estate, clock: FakeClock, tmp_path: Path, spoil: Callable[[Json], bytes]
) -> None:
    await estate.turn(Bot().post)
    file = tmp_path / FILE
    file.write_bytes(spoil(orjson.loads(file.read_bytes())))
    with pytest.raises(BadInput, match="another version"):
        Estate(tmp_path, clock).furnish()
