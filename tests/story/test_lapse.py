"""Prometheus posts straight to the bot: what it stops sending is over, and not a moment before."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot import ticker
from bot.engine import silence
from bot.model.matcher import Matcher
from bot.store import held, lapses
from bot.testing.house import House
from tests.story.place import Place, alertmanager, labelled, send

PATH = "/api/v2/alerts"


@pytest.fixture
async def bot(any_place: Place) -> AsyncIterator[House]:
    """The bot, on for longer than a moment."""
    async with any_place.house() as one:
        await one.pass_time(minutes=10)
        yield one


def fires(house: House, feature: str = "tenure", *, until: float | None = 240, start: datetime | None = None) -> Any:
    """An alert as Prometheus posts it: it counts for so many seconds from now."""
    now = house.clock.now()
    alert = labelled(feature, start=start or now)
    del alert["status"], alert["endsAt"]
    return alert if until is None else {**alert, "endsAt": (now + timedelta(seconds=until)).isoformat()}


async def post(house: House, *alerts: Any) -> None:
    """Prometheus posts, and gets what Alertmanager would say."""
    answer = await send(house, PATH, list(alerts))
    assert (answer.status, answer.body) == (200, ""), answer
    assert "Content-Type" not in answer.headers or not answer.headers["Content-Type"]
    await house.settle()


async def minute(house: House) -> None:
    """A minute goes by, and the ticker rings."""
    await house.pass_time(minutes=1)
    now = house.clock.now()
    await house.app.store.write(lambda tx: ticker.recur(tx, now))
    await house.settle()


async def test_what_is_not_sent_again_is_over(bot: House) -> None:
    await post(bot, fires(bot))
    assert (await bot.incident("INC-1")).alerts_firing == 1
    for _ in range(3):
        await minute(bot)
    assert (await bot.incident("INC-1")).open
    await minute(bot)
    over = await bot.incident("INC-1")
    assert (over.open, over.resolution, over.alerts_firing) == (False, "ended", 0)
    assert await bot.app.store.read(lambda tx: lapses.due(tx, bot.clock.now() + timedelta(days=1), 9)) == []


async def test_what_is_sent_again_goes_on(bot: House) -> None:
    begun = bot.clock.now()
    for _ in range(20):
        await post(bot, fires(bot, start=begun))
        await minute(bot)
    incident = await bot.incident("INC-1")
    assert (incident.open, incident.alerts_total, incident.repeats) == (True, 1, 19)


async def test_one_without_an_end_lasts_for_the_resolve_timeout(bot: House) -> None:
    await post(bot, fires(bot, until=None))
    for _ in range(4):
        await minute(bot)
    assert (await bot.incident("INC-1")).open
    await minute(bot)
    assert not (await bot.incident("INC-1")).open


async def test_only_what_ran_out_is_over(bot: House) -> None:
    await post(bot, fires(bot, "tenure", until=30), fires(bot, "age", until=600))
    await minute(bot)
    incident = await bot.incident("INC-1")
    assert (incident.open, incident.alerts_firing) == (True, 1)


async def test_prometheus_says_itself_that_it_is_over(bot: House) -> None:
    begun = bot.clock.now()
    await post(bot, fires(bot, start=begun))
    await minute(bot)
    for _ in range(3):  # it says so for a quarter of an hour
        await post(bot, fires(bot, start=begun, until=-1))
        await minute(bot)
    assert not (await bot.incident("INC-1")).open
    await post(bot, fires(bot))
    assert (await bot.incident("INC-2")).open


async def test_after_it_ran_out_the_same_alert_is_news(bot: House) -> None:
    begun = bot.clock.now()
    await post(bot, fires(bot, start=begun, until=30))
    await minute(bot)
    await post(bot, fires(bot, start=begun))
    assert (await bot.incident("INC-2")).open


async def test_what_an_alertmanager_tells_of_since_does_not_run_out(bot: House) -> None:
    begun = bot.clock.now()
    await post(bot, fires(bot, start=begun))
    await minute(bot)
    answer = await send(bot, "/alerts/prom", alertmanager(labelled("tenure", start=begun)))
    assert answer.body["repeats"] == 1
    for _ in range(6):
        await minute(bot)
    assert (await bot.incident("INC-1")).open


async def test_what_is_held_back_runs_out_too(bot: House) -> None:
    now = bot.clock.now()
    wish = silence.Draft((Matcher("model", "=", "churn"),), now + timedelta(hours=1), "a backfill")
    await silence.make(bot.app.desk, wish, "api:test", now, "api")
    await post(bot, fires(bot))
    assert await bot.app.store.read(held.any_)
    for _ in range(4):
        await minute(bot)
    assert not await bot.app.store.read(held.any_)
    await bot.pass_time(hours=1)
    assert bot.paged() == []


async def test_a_bot_that_was_away_gives_prometheus_time_to_be_heard(any_place: Place) -> None:
    async with any_place.house() as before:
        await post(before, fires(before))
    await any_place.clock.advance(3600)
    async with any_place.house() as after:
        for _ in range(4):
            await minute(after)
        assert (await after.incident("INC-1")).open
        await post(after, fires(after, start=after.clock.now() - timedelta(hours=2)))
        for _ in range(2):
            await minute(after)
        assert (await after.incident("INC-1")).open
        for _ in range(4):
            await minute(after)
        assert not (await after.incident("INC-1")).open


async def test_replicas_end_it_once(any_place: Place) -> None:
    async with any_place.house() as one, any_place.house() as other:
        await one.pass_time(minutes=10)
        await post(one, fires(one, until=30))
        await minute(one)
        await minute(other)
        story = await one.story("INC-1")
        assert story.count("incident.resolved") == 1


async def test_a_batch_that_is_partly_wrong_is_taken_and_refused(bot: House) -> None:
    answer = await send(bot, PATH, [fires(bot), {"labels": {}}])
    assert (answer.status, answer.body) == (400, "at least one label pair required")
    assert (await bot.incident("INC-1")).open


async def test_without_the_secret_nothing_is_taken(bot: House) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        answer = await send(bot, PATH, [fires(bot)], headers=headers)
        assert answer.status == 401
        assert isinstance(answer.body, str)
        assert "WWW-Authenticate" in answer.headers
    answer = await send(bot, PATH, b"{bad")
    assert (answer.status, answer.body["code"]) == (400, 400)


async def test_each_connection_has_its_own_secret(any_place: Place) -> None:
    other = '  - {name: other, plugin: alertmanager, secret: "another secret", environment: staging}\n'
    path = any_place.home / "config/tocsin.yaml"
    path.write_text(path.read_text() + other)
    async with any_place.house() as house:
        alert = fires(house)
        del alert["labels"]["environment"]
        answer = await send(house, PATH, [alert], headers={"Authorization": "Bearer another secret"})
        assert answer.status == 200
        assert (await house.incident("INC-1")).environment == "staging"
