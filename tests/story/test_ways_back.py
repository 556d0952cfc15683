"""Every night each model's way back is looked at; whoever owns it hears once when it is lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot import app, telemetry, ticker
from bot.contract.guard import Guard
from bot.engine import estate_report, report, waysback, work
from bot.engine.desk import Host
from bot.errors import NotDelivered, NotFound
from bot.model.change import Lever, Serving
from bot.model.entry import Entry
from bot.model.job import Job, Lane
from bot.model.served import Moved, Version, WayBack
from bot.slack import off
from bot.store import history, moved, ways_back
from bot.store.tables import JobRow, table
from tests.story import changing
from tests.story.changing import Scene, Shelf
from tests.story.place import START

HOUR = timedelta(hours=1)
QUIET = ("card", "line", "thread", "own", "homes", "notice", "tidy", "nudge", "look", "change")


@pytest.fixture
async def scene(tmp_path: Path, migrated_url: str) -> AsyncIterator[Scene]:
    """Churn on a shelf, over each database; price, which no platform runs."""
    async with changing.opened(tmp_path, migrated_url) as one:
        yield one


@pytest.fixture
async def here(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Scene]:
    """The same over SQLite, where the database does not matter."""
    async with changing.opened(tmp_path, sqlite_url) as one:
        yield one


def replicas(scene: Scene, count: int = 2) -> list[work.Worker]:
    """Processes that share the database."""
    handlers = {**app.duties(scene.desk), **dict.fromkeys(QUIET, off.HANDLERS["card"])}
    return [work.Worker(scene.desk, handlers, owner=f"replica-{number}") for number in range(count)]


async def hours(scene: Scene, count: int, step: timedelta = HOUR) -> None:
    """So many of them in steps, on two replicas at once."""
    workers = replicas(scene)
    for _step in range(int(count * HOUR / step)):
        for _ in workers:
            await scene.desk.store.write(lambda tx: ticker.recur(tx, scene.room.now))
        await asyncio.gather(*(worker.drain() for worker in workers))
        await scene.room.clock.advance(step)


async def way(scene: Scene, model: str = "churn") -> WayBack | None:
    """What is kept of a model."""
    return await scene.desk.store.read(lambda tx: ways_back.of(tx, model))


async def told(scene: Scene) -> dict[str, str]:
    """By the keys of their jobs, the notices about ways back that were ever owed."""
    rows = table(JobRow)
    wanted = select(rows.c.key, rows.c.payload).where(rows.c.key.startswith("notice/way-back/")).order_by(rows.c.key)
    found = await scene.desk.store.read(lambda tx: tx.sql.execute(wanted).all())
    return {key: said["text"] for key, said in found}


async def noted(scene: Scene) -> list[Entry]:
    """What the log says of ways back."""
    kinds = ["model.way_lost", "model.way_found"]
    return await scene.desk.store.read(lambda tx: history.noted(tx, kinds, START - timedelta(days=99), 100))


async def test_a_new_model_is_looked_at_within_minutes_and_then_every_night(scene: Scene) -> None:
    await hours(scene, 1, step=HOUR / 4)
    found = await way(scene)
    assert found is not None
    assert (found.possible, found.to, found.rehearsed_at) == (True, "6", None)
    assert found.looked_at - START < timedelta(minutes=30)
    price = await way(scene, "price")
    assert price is not None
    assert not price.possible
    looked: list[datetime] = []
    for _hour in range(48):
        await hours(scene, 1)
        if (now := await way(scene)) and now.looked_at not in looked:
            looked.append(now.looked_at)
    nights = {at.astimezone(ZoneInfo("Europe/Istanbul")) for at in looked if at > found.looked_at}
    assert len(nights) == 2
    assert all(1 <= at.hour < 6 for at in nights)
    assert [entry.kind for entry in await noted(scene)] == ["model.way_found"]  # and nothing was told of
    assert await told(scene) == {}


async def test_whoever_owns_it_hears_once_that_the_way_was_lost_and_the_log_that_it_is_back(scene: Scene) -> None:
    await hours(scene, 2)
    scene.shelf.there = [Version("7")]
    await hours(scene, 48)
    lost = await way(scene)
    assert lost is not None
    assert (lost.possible, lost.to) == (False, "6")
    messages = await told(scene)
    assert [key.rpartition("/")[2] for key in messages] == ["ada", "bo", "gus"]  # the team, each once in two nights
    assert {key.split("/")[2] for key in messages} == {"churn"}
    assert all("churn lost its way back" in text and "does not have it any more" in text for text in messages.values())
    scene.shelf.there = [Version("7"), Version("6")]
    await hours(scene, 24)
    entries = await noted(scene)
    assert [entry.kind for entry in entries] == ["model.way_found", "model.way_lost", "model.way_found"]
    assert entries[1].chain == "retail"
    assert entries[1].subject == "churn"
    assert (entries[1].before, entries[1].after) == ({"possible": True, "to": "6"}, {"possible": False, "to": "6"})
    assert await told(scene) == messages


async def test_a_platform_that_is_silent_is_asked_again_before_anybody_hears_and_told_of_as_a_whole(
    here: Scene,
) -> None:
    await hours(here, 2)
    here.shelf.down = RuntimeError("It broke.")
    await here.desk.store.write(lambda tx: waysback.ask(tx, "churn", tx.now))
    await hours(here, 1, step=HOUR / 4)
    before = await way(here)
    assert before is not None
    assert not before.possible
    assert "shelf could not say: shelf " in before.why
    messages = await told(here)
    assert {key.rpartition("/")[0].rpartition("/")[0] for key in messages} == {
        "notice/way-back/platform/shelf/churn-ml"
    }
    assert "The platform shelf does not answer" in messages[max(messages)]


async def test_what_passes_within_minutes_is_no_loss(here: Scene) -> None:
    await hours(here, 1)
    here.shelf.down = RuntimeError("It broke.")
    await here.desk.store.write(lambda tx: waysback.ask(tx, "churn", tx.now))
    (worker, _) = replicas(here)
    await worker.drain()
    here.shelf.down = None
    await hours(here, 2)
    found = await way(here)
    assert found is not None
    assert found.possible
    assert await told(here) == {}


async def test_a_reference_the_platform_does_not_know_is_told_as_what_it_is(here: Scene) -> None:
    await hours(here, 2)
    here.shelf.down = NotFound("There is no model churn.", "Make it.")
    await here.desk.store.write(lambda tx: waysback.ask(tx, "churn", tx.now))
    await hours(here, 1)
    texts = set((await told(here)).values())
    assert len(texts) == 1
    assert "churn lost its way back" in texts.pop()


@pytest.mark.parametrize("fault", [RuntimeError("boom"), NotDelivered("Down."), OSError("x")])
async def test_a_broken_platform_breaks_nothing(here: Scene, fault: Exception) -> None:
    here.shelf.down = fault
    found = await waysback.look(here.desk, here.desk.settings.estate.models["churn"])
    assert not found.possible
    assert found.why.startswith("shelf could not say: ")


async def test_a_plugin_that_is_left_out_is_told_with_what_to_do(here: Scene) -> None:
    here.desk.hosts.clear()
    found = await waysback.look(here.desk, here.desk.settings.estate.models["churn"])
    assert (found.possible, found.to) == (False, None)
    assert "tocsin doctor" in found.why


async def test_a_trial_of_the_plan_has_the_last_word_and_writes_nothing(here: Scene) -> None:
    class Picky(Shelf):
        async def wanted(self, ref, lever, now, parameters):  # type: ignore[no-untyped-def]
            assert (lever, parameters) == (Lever.ROLLBACK, {"version": "6", "raw": {"pointer": "6"}})
            raise NotFound("The artefacts of 6 were tidied away.")

    here.desk.hosts["shelf"] = Host(Picky(), Guard("shelf", here.room.clock))
    found = await waysback.look(here.desk, here.desk.settings.estate.models["churn"])
    assert (found.possible, found.to) == (False, "6")
    assert found.why == "The platform would refuse it: The artefacts of 6 were tidied away."


async def test_what_is_shown_of_the_estate(here: Scene) -> None:
    fresh = await estate_report.models(here.desk)
    assert [(one.model.name, one.way.possible if one.way else None) for one in fresh] == [
        ("churn", None),
        ("price", False),
    ]
    assert [one.model for one in await report.without_way_back(here.desk)] == ["price"]
    await hours(here, 2)
    change = await here.proposed()
    (churn, price) = await estate_report.models(here.desk)
    assert churn.serving is not None
    assert (churn.serving.version, churn.since, churn.by) == ("7", START - timedelta(days=1), "seen")
    assert churn.way is not None
    assert churn.way.to == "6"
    assert churn.change == change
    assert (price.serving, price.since, price.by) == (None, None, "")
    one = await estate_report.one(here.desk, " Churn-V2 ")
    assert one == replace(churn, changes=(change,))
    moved_since = Moved("churn", here.room.now, Serving({"6": 100.0}), "seen")
    await here.desk.store.write(lambda tx: moved.add(tx, moved_since))
    assert (await estate_report.one(here.desk, "churn")).way is None  # what was found before is no answer any more
    assert await estate_report.changes(here.desk) == [change]
    found, trail = await estate_report.story(here.desk, "1")
    assert (found, trail[0].entry.kind) == (change, "change.proposed")


async def test_nearest_names_are_offered_for_an_unknown_one(here: Scene) -> None:
    with pytest.raises(NotFound, match="Did you mean churn") as refusal:
        await estate_report.one(here.desk, "chrun")
    assert "chrun" in refusal.value.what
    with pytest.raises(NotFound, match="models list"):
        await estate_report.one(here.desk, "<!channel>" * 1000)


async def test_the_metric_is_the_share_of_what_can_go_back(here: Scene) -> None:
    await hours(here, 2)
    await waysback.measure(here.desk)
    figures = {s.labels["entity"]: s.value for s in next(iter(telemetry.WAY_BACK.collect())).samples}
    assert figures == {"": 0.5, "retail": 1.0, "market": 0.0}


async def test_a_model_that_left_the_catalogue_is_forgotten(here: Scene) -> None:
    await hours(here, 2)
    here.write("config/estate.yaml", "{name: price, kind", "{name: cost, kind")
    await hours(here, 2)
    assert await way(here, "price") is None
    ghost = Job(1, "way-back/gone", "way-back", Lane.DIGEST, START, {"model": "gone"}, 1, 1, 1, START)
    assert isinstance(await waysback.WaysBack(here.desk).ring(ghost), work.Done)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Istanbul", "Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati"])
def test_each_model_has_one_turn_a_night_always_at_the_same_hour(zone: str) -> None:
    for model in ("churn", "price", "a", "an-agent"):
        by = datetime(2026, 3, 1, tzinfo=UTC)
        turns = {waysback.turn(model, zone, by + n * HOUR) for n in range(24 * 10)}
        local = {turn.astimezone(ZoneInfo(zone)) for turn in turns}
        assert len({turn.date() for turn in local}) == len(turns) in (10, 11)
        assert len({turn.time() for turn in local}) <= 2  # the night in which the clocks are put forward
        assert all(1 <= turn.hour < 6 for turn in local)
    spread = {waysback.turn(f"model-{n}", "UTC", datetime(2026, 3, 1, tzinfo=UTC)) for n in range(100)}
    assert len(spread) > 90
