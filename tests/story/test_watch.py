"""A promoted version is watched beside what was measured before it: well, wrong and taken back, or nobody can say."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.engine import drafting, freeze, respond, watch
from bot.errors import NotDelivered
from bot.model.alert import Kind
from bot.model.change import Lever, Serving, Step
from bot.model.verb import Verb
from bot.rules.agreement import AUTOMATION
from tests.story import forging, trying, watching_room
from tests.story.watching_room import USUAL, Watchtower


@pytest.fixture
async def tower(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Watchtower]:
    async with watching_room.opened(tmp_path, sqlite_url) as one:
        yield one


@pytest.fixture
async def any_tower(tmp_path: Path, migrated_url: str) -> AsyncIterator[Watchtower]:
    async with watching_room.opened(tmp_path, migrated_url) as one:
        yield one


async def watched(tower: Watchtower) -> None:
    """CHG-1 is trained beside a monitor that measures 7; 6 is promoted as CHG-2, and served."""
    await tower.smithy.propose()  # while it is in hand, what is measured is kept
    await tower.hear(*USUAL)
    change = await tower.promoted()
    assert (change.id, change.step) == ("CHG-2", Step.DONE)


async def test_what_was_measured_before_is_frozen_when_it_is_seen_to_serve(any_tower: Watchtower) -> None:
    await watched(any_tower)
    found, now = await any_tower.watch("CHG-2"), any_tower.scene.room.now
    assert (found.version, found.metric, found.since, found.until) == ("6", "auc", now, now + timedelta(days=1))
    assert [one["measure"]["value"] for one in found.baseline] == list(USUAL)
    (began,) = await any_tower.entries("CHG-2", watch.BEGAN)
    assert (began.after["samples"], began.after["version"]) == (len(USUAL), "6")
    await any_tower.hear(0.1)
    assert (await any_tower.watch("CHG-2")).baseline == found.baseline


async def test_worse_than_before_is_told_and_its_way_back_is_proposed_once(any_tower: Watchtower) -> None:
    await watched(any_tower)
    await any_tower.hear(0.83, 0.8, 0.79)
    found = await any_tower.watch("CHG-2")
    assert found.finding == "wrong", found.why
    back = await any_tower.follower("CHG-2")
    assert back is not None
    assert (back.requested_by, back.step, back.undoes) == (AUTOMATION, Step.PROPOSED, "CHG-2")
    assert (back.plan.lever, back.plan.after.version, back.why) == (Lever.ROLLBACK, "7", found.why)
    assert "0.83, 0.8, 0.79" in back.why
    for person in ("ada", "bo"):
        assert "Its way back is proposed" in await any_tower.told(person)
    await any_tower.smithy.later(minutes=30)
    assert len([one for one in await any_tower.scene.all() if one.undoes]) == 1
    plan = await drafting.draft(any_tower.scene.desk, drafting.Wish(Lever.ROLLBACK, "churn"), any_tower.scene.room.now)
    assert plan.why_after == "Last known good: 7 served before CHG-2 promoted 6, which went wrong."
    await any_tower.scene.vote(back)
    await any_tower.smithy.bench.drain()
    assert any_tower.smithy.shelf.now.version == "7"


async def test_well_at_the_end_makes_it_the_last_known_good(tower: Watchtower) -> None:
    await watched(tower)
    await tower.hear(0.9, 0.91, 0.9)
    await tower.days(0.9)
    await tower.hear(0.9, 0.91, 0.9)
    await tower.days(0.2)
    found = await tower.watch("CHG-2")
    assert found.finding == "well", found.why
    (ended,) = await tower.entries("CHG-2", watch.ENDED)
    assert (ended.after["finding"], ended.why) == ("well", found.why)
    assert await tower.follower("CHG-2") is None
    tower.scene.write("config/tocsin.yaml", "connections:", "changes: {good_after: 9d}\nconnections:")
    await tower.promoted("5")
    plan = await drafting.draft(tower.scene.desk, drafting.Wish(Lever.ROLLBACK, "churn"), tower.scene.room.now)
    assert plan.after.version == "6"  # CHG-3 is watched, and 6 served before it
    await tower.days(1.1)
    assert (await tower.watch("CHG-3")).finding == "inconclusive"
    plan = await drafting.draft(tower.scene.desk, drafting.Wish(Lever.ROLLBACK, "churn"), tower.scene.room.now)
    assert plan.after.version == "6"  # two days are not nine, but it was watched
    assert "It was watched after it was promoted, and did well." in plan.why_after


async def test_silence_is_inconclusive_and_whoever_agreed_is_told(tower: Watchtower) -> None:
    await watched(tower)
    await tower.days(1.1)
    found = await tower.watch("CHG-2")
    assert (found.finding, found.samples) == ("inconclusive", 0)
    assert "Nobody can say whether 6 does well." in await tower.told("bo")
    assert await tower.follower("CHG-2") is None


async def test_an_incident_that_it_can_have_caused_is_wrong_and_its_holder_is_paged(tower: Watchtower) -> None:
    await watched(tower)
    incident = await tower.scene.room.alert("errors", kind=Kind.FAILURE)
    press = respond.Press(Verb.ACKNOWLEDGE, incident.id, "person:bo", tower.scene.room.now, "cli")
    await respond.take(tower.scene.desk, press)
    await tower.smithy.later(minutes=2)
    assert (await tower.watch("CHG-2")).finding == "wrong"
    back = await tower.follower("CHG-2")
    assert back is not None
    assert back.incident == incident.id
    said = [each.entry for each in await tower.scene.room.log(incident.id) if each.entry.kind == "person.summoned"]
    assert said[-1].after["persons"] == ["bo"]
    assert "CHG-2 on churn" in said[-1].why


async def test_drift_of_its_data_is_no_fault_of_the_version(tower: Watchtower) -> None:
    await watched(tower)
    await tower.scene.room.alert("features drifted", kind=Kind.DRIFT)
    await tower.smithy.later(minutes=10)
    assert (await tower.watch("CHG-2")).finding == ""


async def test_whoever_moves_it_ends_the_watch_and_nothing_is_proposed(tower: Watchtower) -> None:
    await watched(tower)
    tower.smithy.shelf.now = Serving({"5": 100.0}, raw={"pointer": "5"}, guard="g9")
    await tower.hear(0.1, 0.1, 0.1)
    found = await tower.watch("CHG-2")
    assert (found.finding, found.why) == ("moved", "5 serves now, so 6 is watched no more.")
    assert await tower.follower("CHG-2") is None


async def test_a_move_that_was_taken_back_again_ends_it_too(tower: Watchtower) -> None:
    await watched(tower)
    await tower.smithy.later(minutes=3)
    back = await tower.scene.proposed(lever=Lever.ROLLBACK)
    assert "which is watched until" in back.plan.why_after
    await tower.scene.vote(back)
    await tower.smithy.bench.drain()
    await tower.promoted("6")
    assert (await tower.watch("CHG-2")).finding == "moved"


async def test_what_served_before_is_the_last_known_good_whatever_else_is_said(tower: Watchtower) -> None:
    await tower.scene.room.alert("errors", kind=Kind.FAILURE)  # 7 is in trouble all the time
    tower.scene.write("config/tocsin.yaml", "connections:", "changes: {good_after: 30d}\nconnections:")
    await tower.promoted()
    plan = await drafting.draft(tower.scene.desk, drafting.Wish(Lever.ROLLBACK, "churn"), tower.scene.room.now)
    assert plan.after.version == "7"
    assert plan.why_after.startswith("Last known good: 7 served before CHG-1 promoted 6, which is watched until")


async def test_a_freeze_keeps_it_from_being_proposed_and_nobody_from_being_told(tower: Watchtower) -> None:
    await watched(tower)
    now = tower.scene.room.now
    draft = freeze.Draft(now + timedelta(hours=1), "year's end")
    found = await freeze.declare(tower.scene.desk, draft, "person:eve", now, "cli")
    assert found.freeze is not None
    await tower.hear(0.83, 0.8, 0.79)
    assert "Its way back is proposed" in await tower.told("ada")
    assert await tower.follower("CHG-2") is None
    assert await tower.scene.refusals() == []
    await tower.smithy.later(hours=1)
    assert await tower.follower("CHG-2") is not None


async def test_another_change_is_waited_for(tower: Watchtower) -> None:
    await watched(tower)
    other = await tower.scene.proposed(lever=Lever.PAUSE)
    await tower.hear(0.83, 0.8, 0.79)
    assert await tower.follower("CHG-2") is None
    assert (await tower.scene.vote(other, verb="reject")).change is not None
    await tower.smithy.later(minutes=2)
    assert await tower.follower("CHG-2") is not None
    assert await tower.scene.refusals() == []


async def test_a_platform_that_is_silent_is_asked_again_and_told_of_nobody(tower: Watchtower) -> None:
    await watched(tower)
    tower.smithy.shelf.down = NotDelivered("The platform is silent.")
    await tower.hear(0.83, 0.8, 0.79)
    assert (await tower.watch("CHG-2")).finding == "wrong"
    assert await tower.follower("CHG-2") is None
    tower.smithy.shelf.down = None
    await tower.smithy.later(minutes=5)
    assert await tower.follower("CHG-2") is not None


async def test_what_cannot_be_proposed_is_told_once_and_tried_again(tower: Watchtower) -> None:
    await watched(tower)
    approvers = 'approvers: ["team:churn-ml"]'
    tower.scene.write("config/estate.yaml", approvers, "approvers: []")
    await tower.hear(0.83, 0.8, 0.79)
    await tower.smithy.later(minutes=45)
    said = (await tower.told("ada")).count("could not be proposed")
    assert said == 1
    tower.scene.write("config/estate.yaml", "approvers: []", approvers)
    await tower.smithy.later(hours=1)
    assert await tower.follower("CHG-2") is not None


async def test_two_replicas_and_a_restart_propose_it_once(tower: Watchtower) -> None:
    await watched(tower)
    desk = tower.scene.desk
    for value in (0.83, 0.8, 0.79):
        await tower.say(value)
        await tower.scene.room.clock.advance(timedelta(minutes=5))
    workers = [trying.worker(desk, f"replica-{number}") for number in range(2)]
    for _round in range(3):
        await asyncio.gather(*(one.drain() for one in workers))
    assert len(await tower.entries("CHG-2", watch.ENDED)) == 1
    assert len([one for one in await tower.scene.all() if one.follows == "CHG-2"]) == 1


async def test_without_a_policy_nothing_is_watched(tower: Watchtower) -> None:
    tower.scene.write("config/estate.yaml", f"    retrain: {{{forging.POLICY}}}\n", "")
    await tower.promoted()
    assert await tower.scene.jobs("watch") == []


async def test_a_flood_of_series_fills_no_log(tower: Watchtower) -> None:
    await tower.promoted()
    for number in range(120):
        await tower.say(0.9, problem=f"flood {number}")
    kept = await tower.entries("CHG-1", watch.HEARD)
    assert sum(len(one.after["samples"]) for one in kept) == 50
    await tower.say(0.9, problem="flood 1")
    assert len(await tower.entries("CHG-1", watch.HEARD)) == len(kept)


async def test_what_a_monitor_measured_before_it_served_is_not_held_against_it(tower: Watchtower) -> None:
    await watched(tower)
    before = tower.scene.room.now - timedelta(minutes=1)
    await tower.hear(0.1, 0.1, 0.1, evaluated_at=before)
    assert (await tower.watch("CHG-2")).finding == ""


async def test_a_rollback_seen_late_is_watched_by_nobody_and_a_promotion_is(tower: Watchtower) -> None:
    back = await tower.scene.proposed(lever=Lever.ROLLBACK)
    await tower.scene.vote(back)
    await tower.smithy.bench.drain()
    assert await tower.scene.jobs("watch") == []
    change = await tower.promoted("7")
    assert (await tower.watch(change)).version == "7"
