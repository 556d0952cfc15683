"""Each Monday morning an entity reads of its retrains; where there is nothing to say, nothing is said."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import ticker
from bot.engine import respond, retrain_digest
from bot.model.alert import Kind
from bot.model.verb import Verb
from bot.slack import cards
from bot.store import Tx, trainings
from tests.story import forging, retrained
from tests.story.forging import Smithy
from tests.story.place import START
from tests.story.trying import DAY

CHANNEL = "channel:#ml-retail"
RETAIL = '- {name: retail, timezone: Europe/Istanbul, channel: "#ml-retail"}'
BUDGET = RETAIL.replace("}", ", budget: {monthly: 100, currency: EUR}}")


@pytest.fixture
async def smithy(tmp_path: Path, migrated_url: str) -> AsyncIterator[Smithy]:
    async with forging.opened(tmp_path, migrated_url, retrained.FREELY) as one:
        one.scene.write("config/estate.yaml", "- {name: retail, timezone: Europe/Istanbul}", RETAIL)
        yield one


@pytest.fixture
async def here(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Smithy]:
    async with forging.opened(tmp_path, sqlite_url, retrained.FREELY) as one:
        one.scene.write("config/estate.yaml", "- {name: retail, timezone: Europe/Istanbul}", RETAIL)
        yield one


def add(smithy: Smithy, name: str, more: str = "") -> None:
    """A model of retail without a policy, unless `more` says one."""
    line = f"- {{name: {name}, kind: model, entity: retail, team: churn-ml{more}}}"
    smithy.scene.write("config/estate.yaml", "- {name: price,", f"{line}\n  - {{name: price,")


async def monday(smithy: Smithy) -> list[str]:
    """What the channel reads on the next Monday at nine in Istanbul, from two replicas."""
    at = retrain_digest._monday(smithy.bench.now + 7 * DAY, "Europe/Istanbul")
    await smithy.scene.room.clock.advance(at + timedelta(seconds=30) - smithy.bench.now)
    for _replica in range(2):
        await ticker.Ticker(smithy.desk)._recur()
        await smithy.bench.drain()
    owed = await smithy.bench.waiting.owed()
    found = [one for one in owed if "Retraining in" in one["text"] or "Yeniden eğitim" in one["text"]]
    for one in found:
        assert cards.notice(one["text"], one["lines"])
        assert one["to"] == CHANNEL
    return ["\n".join((one["text"], *one["lines"])) for one in found]


async def drifts(smithy: Smithy, model: str, title: str = "it drifts", **facts: Any) -> str:
    incident = await smithy.scene.room.alert(title, kind=facts.pop("kind", Kind.DRIFT), model=model, **facts)
    return incident.id


async def test_nothing_is_said_where_there_is_nothing_to_say(here: Smithy) -> None:
    here.scene.write("config/estate.yaml", RETAIL, BUDGET)
    await drifts(here, "churn")  # it has a policy
    await drifts(here, "orders")  # data is not trained
    assert await monday(here) == []
    assert len(await here.bench.waiting.owed(retrain_digest.KIND)) == 1  # whatever the replicas; market sleeps yet


async def test_what_drifts_and_has_no_policy_is_named_under_one_name(smithy: Smithy) -> None:
    add(smithy, "ltv", ", aliases: [ltv-v2]")
    first = await drifts(smithy, "ltv")
    await drifts(smithy, "ltv-v2", "ltv is worse", kind=Kind.PERFORMANCE)
    await drifts(smithy, "ltv", "it fails", kind=Kind.FAILURE)
    press = respond.Press(Verb.RESOLVE, first, "person:eve", smithy.bench.now, "cli")
    await respond.take(smithy.desk, press)
    (told,) = await monday(smithy)
    assert told == (
        "Retraining in retail, week to 2026-11-23\n"
        "These drift, and have no `retrain` in config/estate.yaml:\n"
        "• ltv: 2 incidents, 1 of them open, newest INC-2"
    )


async def test_one_that_is_over_for_long_and_a_false_alarm_are_forgotten_and_an_open_one_is_not(here: Smithy) -> None:
    for name in ("ltv", "uplift", "fraud"):
        add(here, name)
    over, false = await drifts(here, "ltv", "a"), await drifts(here, "uplift", "b")
    open_ = await drifts(here, "fraud", "c")
    for incident, verb in ((over, Verb.RESOLVE), (false, Verb.FALSE_ALARM)):
        await respond.take(here.desk, respond.Press(verb, incident, "person:eve", here.bench.now, "cli"))
    await here.scene.room.clock.advance(14 * DAY)
    (told,) = await monday(here)
    assert open_ in told
    assert "fraud" in told
    assert "ltv" not in told
    assert "uplift" not in told


async def test_retrains_that_never_beat_their_champion_are_named(smithy: Smithy) -> None:
    level = await smithy.bench.ended(challenger="5")
    made = [
        await retrained.run(smithy, passed=False),
        await retrained.run(smithy, done=False, version=None, passed=None, going="failed"),
        await retrained.run(smithy, trial=level.id),  # it passed, and is no better
        await retrained.run(smithy, called_off="person:ada", done=False, passed=None),  # which says nothing of it
    ]
    (told,) = await monday(smithy)
    names = ", ".join(one.id for one in reversed(made[:3]))
    assert f"The last 3 retrains of these never beat their champion:\n• churn: {names}\n" in told
    await smithy.scene.room.clock.advance(7 * DAY)
    better = await smithy.bench.ended()
    await retrained.run(smithy, trial=better.id)
    assert "never beat" not in (await monday(smithy))[-1]


async def test_two_are_not_enough_to_say_that(here: Smithy) -> None:
    for _ in range(2):
        await retrained.run(here, passed=False)
    (told,) = await monday(here)
    assert "never beat" not in told


async def test_the_week_and_what_it_cost(smithy: Smithy) -> None:
    smithy.scene.write("config/estate.yaml", RETAIL, BUDGET)
    old = await retrained.run(smithy)
    await smithy.scene.room.clock.advance(14 * DAY)
    made = [
        await retrained.run(smithy, passed=False, cost=None),
        await retrained.run(smithy, done=False, version=None, passed=None, going="failed", cost=0.5),
        await retrained.run(smithy),
        await retrained.run(smithy, passed=None),
        await retrained.run(smithy, done=False, passed=None, called_off="person:ada", cost=0.0),
        await retrained.run(smithy, on=True),
    ]
    ids = [one.id for one in made]
    told = (await monday(smithy))[-1]
    assert f"• {old.id}," not in told
    assert told.splitlines()[1:] == [
        "Retrains of the week:",
        f"• {ids[0]}, churn: 6 did not pass the gate",
        f"• {ids[1]}, churn: it failed, and made no version",
        f"• {ids[2]}, churn: 6 passed the gate",
        f"• {ids[3]}, churn: 6 was never judged",
        f"• {ids[4]}, churn: it was called off",
        f"• {ids[5]}, churn: it goes on",
        "Spent this month: 150.50 EUR, 50.50 EUR more than the budget of 100 EUR.",
    ]


async def test_what_is_left_is_told_and_without_a_budget_only_what_was_spent(here: Smithy) -> None:
    await retrained.run(here)
    assert (await monday(here))[-1].splitlines()[-1] == "Spent this month: 35. No budget is set for it."
    here.scene.write("config/estate.yaml", RETAIL, BUDGET)
    await here.scene.room.clock.advance(DAY)
    await retrained.run(here)
    told = (await monday(here))[-1].splitlines()[-1]
    assert told == "Spent this month: 70 EUR of 100 EUR, 30 EUR left."


async def test_hostile_names_are_one_line_and_lists_have_an_end(here: Smithy) -> None:
    evil = f"6\n<!channel> {'x' * 500}\0"
    for _ in range(13):
        await retrained.run(here, version="6")

    def rename(tx: Tx) -> None:
        for one in trainings.listing(tx, model="churn"):
            trainings.save(tx, replace(one, version=evil))

    await here.desk.store.write(rename)
    (told,) = await monday(here)
    lines = told.splitlines()
    assert sum(line.startswith("• CHG-") for line in lines) == 10
    assert "• and 3 others" in lines
    assert max(map(len, lines)) < 200
    assert "\0" not in told


async def test_it_is_said_in_the_language_of_the_channels(here: Smithy) -> None:
    add(here, "ltv")
    here.scene.write("config/tocsin.yaml", "slack: {mode: off}", "slack: {mode: off, language: tr}")
    await drifts(here, "ltv")
    (told,) = await monday(here)
    assert told.startswith("Yeniden eğitim, retail, 2026-11-23 ile biten hafta\nBunlar kayıyor")


async def test_a_morning_that_was_missed_by_hours_is_made_up_for_and_one_by_days_is_not(here: Smithy) -> None:
    add(here, "ltv")
    await drifts(here, "ltv")
    at = retrain_digest._monday(START + 7 * DAY, "Europe/Istanbul")
    await here.scene.room.clock.advance(at + timedelta(days=1, hours=4) - START)
    await ticker.Ticker(here.desk)._recur()
    assert await here.bench.waiting.owed(retrain_digest.KIND) == []
    await here.scene.room.clock.advance(timedelta(days=6))
    await ticker.Ticker(here.desk)._recur()
    await here.bench.drain()
    assert [one["text"] for one in await here.bench.waiting.owed() if "Retraining in" in one["text"]] == [
        "Retraining in retail, week to 2026-11-30"
    ]


@pytest.mark.parametrize("zone", ["Europe/Istanbul", "America/New_York", "Pacific/Kiritimati"])
def test_it_is_always_a_monday_at_nine_there(zone: str) -> None:
    for hours in range(0, 24 * 15, 5):
        now = START + timedelta(hours=hours)
        due = retrain_digest._monday(now, zone)
        local = due.astimezone(ZoneInfo(zone))
        assert (local.weekday(), local.hour, local.minute) == (0, 9, 0)
        assert now - 7 * DAY - timedelta(hours=1) < due <= now
