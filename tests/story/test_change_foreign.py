"""Somebody moves the pointer by hand, in each phase of a change and in none: nothing is overwritten silently."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot import ticker
from bot.contract.source import Delivery, Move
from bot.engine import ledger, work
from bot.errors import NotDelivered
from bot.model.change import Step
from bot.model.job import Job, Lane
from bot.model.served import Moved
from bot.store import jobs, moved
from tests.story import hosted
from tests.story.hosted import AFTER, BEFORE, FOREIGN, REF, Hosted
from tests.story.place import START


@pytest.fixture
async def scene(tmp_path: Path, migrated_url: str) -> AsyncIterator[Hosted]:
    """The engine with a platform that was looked at once, on each database."""
    async with hosted.opened(tmp_path, migrated_url) as one:
        await one.hint("7")
        await one.room.worker.drain()
        assert await one.served() == [("7", "seen", None)]
        yield one


async def test_while_it_is_proposed(scene: Hosted) -> None:
    await scene.approved(step=Step.PROPOSED)
    scene.platform.pointer = FOREIGN
    await scene.hint("9", "eve@mlflow")
    await scene.room.worker.drain()
    change = await scene.change()
    assert change.step is Step.EXPIRED
    assert "9 serves now, by no change of ours, so this plan is stale" in change.outcome
    assert await scene.served() == [("7", "seen", None), ("9", "platform:eve@mlflow", None)]
    assert any("person:ada" in said for said in await scene.notices())


async def test_while_it_is_approved(scene: Hosted) -> None:
    await scene.approved()
    scene.platform.pointer = FOREIGN
    await scene.room.worker.drain()
    assert (await scene.change()).step is Step.EXPIRED
    assert scene.platform.calls == []


async def test_between_the_last_look_and_the_call(scene: Hosted) -> None:
    """The platform itself refuses: its answer is believed, and what serves is left alone."""

    async def somebody() -> None:
        scene.platform.pointer = FOREIGN

    scene.platform.first = somebody
    await scene.approved()
    await scene.room.worker.drain()
    change = await scene.change()
    assert change.step is Step.FAILED
    assert "nothing was changed" in change.outcome
    assert (scene.platform.applied, scene.platform.pointer) == ([], FOREIGN)
    await scene.room.pass_time(minutes=6)


async def test_while_it_is_applying(scene: Hosted) -> None:
    """The answer is lost and somebody else was there meanwhile: a human decides, and nothing is sent again."""

    async def somebody() -> None:
        scene.platform.pointer = FOREIGN

    scene.platform.repeatable = True
    scene.platform.first = somebody
    scene.platform.faults = ["lose write"]
    await scene.approved()
    await scene.room.pass_time(minutes=2)
    change = await scene.change()
    assert change.step is Step.UNKNOWN
    assert change.seen == FOREIGN
    assert (scene.platform.calls, scene.platform.pointer) == (["CHG-1"], FOREIGN)
    assert (await scene.served())[-1] == ("9", "seen", None)
    await scene.hint("9")
    await scene.room.pass_time(minutes=16)
    assert "9 serves, which is not what was wanted" in (await scene.change()).outcome


async def test_while_it_is_verifying(scene: Hosted) -> None:
    scene.platform.slow = True
    await scene.approved()
    await scene.room.pass_time(minutes=1)
    scene.platform.pointer = FOREIGN
    await scene.hint("9")
    await scene.room.pass_time(minutes=10)
    change = await scene.change()
    assert change.step is Step.UNKNOWN
    assert change.seen == FOREIGN
    assert "9 serves" in change.outcome
    assert scene.platform.calls == ["CHG-1"]
    assert await scene.served() == [("7", "seen", None), ("9", "seen", None)]


async def test_our_own_move_is_no_foreign_one(scene: Hosted) -> None:
    scene.platform.slow = True
    await scene.approved()
    await scene.room.pass_time(seconds=20)
    scene.platform.finish()
    await scene.hint("6", "tocsin")  # the platform tells of it before the job looks again
    await scene.room.pass_time(minutes=1)
    assert await scene.served() == [("7", "seen", None), ("6", "person:ada", "CHG-1")]
    assert "model.moved" not in await scene.room.story("churn")


async def test_an_answer_that_is_older_than_our_own_move_is_worth_nothing(scene: Hosted) -> None:
    """While a look waits for its answer the whole change happens; the answer still says what was before."""
    await scene.approved()
    apply_now = hosted.worker(scene.room.desk, "another")

    async def meanwhile() -> None:
        await apply_now.drain()

    scene.platform.after = meanwhile
    now = scene.room.now
    look = Job(1, "look/churn", "look", Lane.STATE, now, {"model": "churn"}, 1, 1, 1, now)
    outcome = await ledger.Looks(scene.room.desk).look(look)
    assert isinstance(outcome, work.Done)
    assert outcome.then
    await scene.store.write(outcome.then)
    await scene.room.pass_time(minutes=1)
    assert await scene.served() == [("7", "seen", None), ("6", "person:ada", "CHG-1")]
    assert (await scene.change()).step is Step.DONE


async def test_without_any_change_it_is_kept_and_shown_on_open_incidents(scene: Hosted) -> None:
    incident = await scene.said(0.6)
    assert incident
    scene.platform.pointer = FOREIGN
    await scene.hint("9")
    await scene.room.worker.drain()
    (entry,) = [each.entry for each in await scene.room.log(incident.id) if each.entry.kind == "model.moved"]
    assert entry.why == "9 serves now; no change of ours did that."
    assert entry.before["serving"]["split"] == {"7": 100.0}
    assert (await scene.ledger())[-1].serving == FOREIGN  # raw, too: enough to put it back
    first, second = await scene.ledger()
    assert (first.until, second.until) == (second.at, None)


async def test_a_hint_is_only_a_hint(scene: Hosted) -> None:
    """Nothing of it is believed; it asks, and only the platform it is about."""
    await scene.hint("9", "mallory")
    await scene.room.worker.drain()
    assert await scene.served() == [("7", "seen", None)]
    scene.platform.pointer = FOREIGN
    for move, connection in (
        (Move(REF, scene.room.now), "hook"),
        (Move({"name": "price"}, scene.room.now), "registry"),
    ):
        await scene.deliver(Delivery(moves=(move,)), connection)
    await scene.room.worker.drain()
    assert await scene.served() == [("7", "seen", None)]


async def test_every_replica_asks_for_the_same_looks(scene: Hosted) -> None:
    now, desk = scene.room.now, scene.room.desk
    for _ in range(3):
        await scene.store.write(lambda tx: ledger.recur(tx, desk, now))
    poll = desk.settings.changes.poll
    due = await scene.store.read(jobs.next_due)
    assert due == ledger.slot("churn", poll, now)
    assert now < due <= now + poll
    scene.platform.pointer = FOREIGN
    await scene.room.pass_time(seconds=poll.total_seconds())
    assert (await scene.served())[-1][0] == "9"
    scene.platform.pointer = BEFORE
    await scene.room.pass_time(seconds=poll.total_seconds())  # a look asks for the next by itself
    assert (await scene.served())[-1][0] == "7"


async def test_the_ticker_asks_for_looks(scene: Hosted) -> None:
    bell = ticker.Ticker(scene.room.desk)
    await bell._recur()
    keys = await scene.store.read(
        lambda tx: (
            tx.sql.exec_driver_sql("SELECT key FROM jobs WHERE kind = 'look' AND outcome IS NULL").scalars().all()
        )
    )
    assert list(keys) == ["look/churn"]


async def test_a_silent_platform_is_asked_again_at_its_turn(scene: Hosted) -> None:
    scene.platform.down = NotDelivered("Nobody is there.")
    await scene.hint("9")
    await scene.room.worker.drain()
    scene.platform.down, scene.platform.pointer = None, FOREIGN
    await scene.room.pass_time(minutes=6)
    assert (await scene.served())[-1][0] == "9"


def test_looks_are_spread_over_the_interval() -> None:
    poll, now = timedelta(minutes=5), START
    slots = [ledger.slot(f"model-{n}", poll, now) for n in range(200)]
    assert all(now < each <= now + poll for each in slots)
    assert len(set(slots)) > 100


async def test_the_ledger_closes_an_entry_when_the_next_begins(scene: Hosted) -> None:
    at = scene.room.now + timedelta(hours=1)
    await scene.store.write(lambda tx: moved.add(tx, Moved("churn", at, AFTER, "person:ada", "CHG-9", "why")))
    newest, oldest = await scene.store.read(lambda tx: moved.listing(tx, "churn"))
    assert (oldest.until, newest) == (at, Moved("churn", at, AFTER, "person:ada", "CHG-9", "why"))
    assert await scene.store.read(lambda tx: moved.latest(tx, "price")) is None
    assert len(await scene.store.read(lambda tx: moved.listing(tx, "churn", 1))) == 1
