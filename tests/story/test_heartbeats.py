"""Heartbeats: silence past its limit is an incident, the next beat ends it, and a bot that was away waits a moment."""

from collections.abc import AsyncIterator

import pytest

from bot import ticker
from bot.errors import NotFound
from bot.model.incident import Phase
from bot.store import heartbeats
from bot.testing.house import SECRET, House
from tests.story.place import START, Place, send

HEARTBEATS = """\
heartbeats:
  - {name: nightly-retrain, every: 1h, grace: 10m, model: churn, environment: production, severity: Critical}
  - {name: feature-sync, every: 5m, secret: "${PROM_SECRET}"}
"""
NAME = "nightly-retrain"


@pytest.fixture
def waiting(any_place: Place) -> Place:
    """A place whose configuration waits for two heartbeats."""
    path = any_place.home / "config/tocsin.yaml"
    path.write_text(path.read_text() + HEARTBEATS)
    return any_place


@pytest.fixture
async def bot(waiting: Place) -> AsyncIterator[House]:
    """The bot, which has looked at what it waits for."""
    async with waiting.house() as one:
        await minute(one)
        yield one


async def minute(house: House) -> None:
    """The ticker rings."""
    own, now = house.app.desk.settings, house.clock.now()
    await house.app.store.write(lambda tx: ticker.recur(tx, now, (), own.heartbeats))
    await house.settle()


async def quiet_sync(house: House) -> None:
    """The other one beats, so that only one story is told."""
    assert (await send(house, "/heartbeats/feature-sync")).status == 200


async def test_silence_past_its_limit_pages_and_the_next_beat_ends_it(bot: House) -> None:
    answer = await send(bot, f"/heartbeats/{NAME}", method="GET")
    assert (answer.status, answer.body["heartbeat"]) == (200, NAME)
    assert answer.body["next_due"] == "2026-11-23T04:48:00+00:00"
    for _ in range(35):
        await quiet_sync(bot)
        assert bot.paged() == []
        await bot.pass_time(minutes=2)
    incident = await bot.incident("INC-1")
    assert (incident.title, incident.kind, incident.model) == (f"No heartbeat of {NAME}", "freshness", "churn")
    assert incident.opened_at == bot.clock.now()
    assert [who for who, _ in bot.paged()] == ["ada"]
    answer = await send(bot, f"/heartbeats/{NAME}", method="PUT")
    assert answer.body["resolved"] == ["INC-1"]
    await bot.settle()
    over = await bot.incident("INC-1")
    assert (over.phase, over.resolution) == (Phase.RESOLVED, "ended")
    assert (await send(bot, f"/heartbeats/{NAME}")).body["resolved"] == []


async def test_the_card_says_since_when(bot: House) -> None:
    await bot.pass_time(minutes=71)
    cards = [m.shown for m in bot.workspace.messages("ml-oncall") + bot.workspace.messages("ml-retail")]
    assert any(f"No heartbeat of {NAME}" in card for card in cards), cards
    kept = await bot.app.store.read(heartbeats.every)
    assert {pulse.name: pulse.silent for pulse in kept} == {NAME: True, "feature-sync": True}


async def test_one_that_never_beat_counts_from_when_it_was_first_named(bot: House) -> None:
    await bot.pass_time(minutes=4, seconds=59)
    assert bot.paged() == []
    await bot.pass_time(seconds=1)
    assert (await bot.incident("INC-1")).title == "No heartbeat of feature-sync"


async def test_one_that_beats_in_time_is_never_heard_of(bot: House) -> None:
    for _ in range(30):
        await quiet_sync(bot)
        await send(bot, f"/heartbeats/{NAME}")
        await bot.pass_time(minutes=4)
    assert bot.paged() == []


async def test_its_silence_is_one_alert_however_long_it_lasts(bot: House) -> None:
    await bot.pass_time(hours=6)
    sync = next(i for i in [await bot.incident("INC-1"), await bot.incident("INC-2")] if "feature" in i.title)
    assert (sync.alerts_total, sync.alerts_firing) == (1, 1)
    assert sync.repeats > 60  # each missed interval is told of, and only counted


async def test_one_that_was_closed_by_hand_and_is_still_silent_comes_back(bot: House) -> None:
    await bot.pass_time(minutes=5)
    await bot.answer("resolve", "INC-1", by="ada")  # type: ignore[arg-type]
    await bot.pass_time(minutes=20)
    again = await bot.incident("INC-2")
    assert (again.title, again.open) == ("No heartbeat of feature-sync", True)


async def test_replicas_open_one_incident(waiting: Place) -> None:
    async with waiting.house() as one, waiting.house() as other:
        await minute(one)
        await minute(other)
        await one.clock.advance(5 * 60)
        for _ in range(3):
            await minute(one)
            await minute(other)
        opened = [await one.incident("INC-1")]
        assert opened[0].alerts_total == 1
        with pytest.raises(NotFound):
            await one.incident("INC-2")


async def test_a_bot_that_was_away_waits_a_moment_before_it_cries(waiting: Place) -> None:
    async with waiting.house() as before:
        await minute(before)
    await waiting.clock.advance(3600 * 3)
    async with waiting.house() as after:
        await minute(after)
        await after.pass_time(seconds=59)
        assert after.paged() == []
        await quiet_sync(after)  # it tried again, and is heard
        await after.pass_time(minutes=4)
        assert after.paged() == []
        await after.pass_time(minutes=7)  # the other one's grace is ten minutes
        assert (await after.incident("INC-1")).title == "No heartbeat of feature-sync"
        assert (await after.incident("INC-2")).title == f"No heartbeat of {NAME}"


async def test_one_that_is_taken_out_of_the_configuration_is_no_fault_any_more(bot: House, waiting: Place) -> None:
    await bot.pass_time(minutes=5)
    assert (await bot.incident("INC-1")).open
    waiting.change("config/tocsin.yaml", HEARTBEATS.splitlines()[2] + "\n", "")
    await bot.reload()
    await minute(bot)
    assert not (await bot.incident("INC-1")).open
    assert (await send(bot, "/heartbeats/feature-sync")).status == 404
    assert [pulse.name for pulse in await bot.app.store.read(heartbeats.every)] == [NAME]


async def test_one_that_is_new_in_the_configuration_counts_from_then(bot: House, waiting: Place) -> None:
    waiting.change("config/tocsin.yaml", "heartbeats:\n", "heartbeats:\n  - {name: late-one, every: 2m}\n")
    await bot.pass_time(minutes=1)
    await bot.reload()
    await bot.pass_time(minutes=1, seconds=59)
    assert bot.paged() == []
    await bot.pass_time(seconds=1)
    assert (await bot.incident("INC-1")).title == "No heartbeat of late-one"


async def test_a_shorter_interval_is_in_force_at_once(bot: House, waiting: Place) -> None:
    await quiet_sync(bot)
    waiting.change("config/tocsin.yaml", "every: 5m", "every: 1m")
    await bot.reload()
    await bot.pass_time(seconds=61)
    assert (await bot.incident("INC-1")).title == "No heartbeat of feature-sync"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"X-Tocsin-Secret": f"{SECRET}x"}])
async def test_a_beat_without_the_secret_counts_for_nothing(bot: House, headers: dict[str, str]) -> None:
    answer = await send(bot, "/heartbeats/feature-sync", headers=headers)
    assert answer.status == 401
    assert SECRET not in str(answer.body)
    await bot.pass_time(minutes=5)
    assert (await bot.incident("INC-1")).open


async def test_an_unknown_name_is_told_what_there_is(bot: House) -> None:
    answer = await send(bot, "/heartbeats/nightly-retrian", headers={})
    assert (answer.status, answer.body["do"]) == (404, f"Did you mean {NAME}?")
    answer = await send(bot, "/heartbeats/" + "x" * 500, headers={})
    assert answer.status == 404
    assert "tocsin.yaml" in answer.body["do"]
    assert (await send(bot, f"/heartbeats/{NAME}", method="DELETE")).status == 405


async def test_a_beat_with_a_body_of_any_kind_counts(bot: House) -> None:
    for body in (b"\xff\x00", b"{", b"x" * 10_000):
        assert (await send(bot, f"/heartbeats/{NAME}", body)).status == 200
    assert (await send(bot, f"/heartbeats/{NAME}", b"x" * 2_000_000)).status == 413


async def test_the_log_tells_the_story(bot: House) -> None:
    await bot.pass_time(minutes=5)
    await quiet_sync(bot)
    await bot.settle()
    story = await bot.story("INC-1")
    assert story[:2] == ["incident.opened", "alerts.received"]
    assert story[-1] == "incident.resolved"
    assert (await bot.incident("INC-1")).opened_at > START
