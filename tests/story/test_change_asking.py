"""A change that waits for people escalates like an unanswered page, stops when it is decided, and has an end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import app
from bot.engine import agree, work
from bot.errors import NotDelivered
from bot.model.change import Step
from bot.slack import off
from bot.store import Store, changes
from tests.story import waiting_room
from tests.story.waiting_room import Waiting


@pytest.fixture
async def waiting(tmp_path: Path, migrated_url: str) -> AsyncIterator[Waiting]:
    """Each story once over each database."""
    async with waiting_room.opened(tmp_path, migrated_url) as one:
        yield one


async def asked(waiting: Waiting, change: str = "CHG-1") -> list[tuple[int, str, str]]:
    """Whom the log says was asked: the stage, who, by which way."""
    found = await waiting.entries(change, "change.asked")
    return [(one.after["stage"], one.after["whom"], one.after["channel"]) for one in found]


async def test_first_the_approvers_then_the_lead_then_the_channel_and_the_fallback(waiting: Waiting) -> None:
    scene = waiting.scene
    await scene.proposed()
    await scene.room.pass_time(minutes=19)
    assert await asked(waiting) == [(0, "bo", "slack"), (0, "gus", "email")]
    assert [one["person"] for one in await waiting.owed("change") if "person" in one] == ["bo"]
    (call,) = scene.room.pagers["email"].sent
    assert call.view.headline.startswith("CHG-1: ada asks you to agree to rollback of churn: 7 -> 6. accuracy fell")
    assert (call.page.incident, call.key) == ("CHG-1", "page/CHG-1/0.1/gus/email")
    await scene.room.pass_time(minutes=1)
    assert (await asked(waiting))[2:] == [(1, "cy", "slack")]
    (lead,) = await waiting.told("person:cy")
    assert "henüz kimse onaylamadı" in lead  # cy reads Turkish
    assert "tocsin change approve CHG-1" in lead
    await scene.room.pass_time(minutes=20)
    assert (await asked(waiting))[3:] == [(2, "eve", "slack"), (2, "channel:", "slack")]
    (everybody,) = await waiting.told("channel:")
    assert "Approvers: bo, gus" in everybody
    assert "Until 2026-11-23 07:38 +03" in everybody
    assert await waiting.told("person:eve")
    await scene.room.pass_time(minutes=20)
    (expired,) = await waiting.told("person:ada")
    assert expired.startswith("CHG-1 has expired: nobody agreed in time to rollback of churn: 7 -> 6.")
    change = await scene.desk.store.read(lambda tx: changes.get(tx, "CHG-1"))
    assert change.step is Step.EXPIRED
    assert len(await waiting.entries("CHG-1", "change.expired")) == 1
    assert len(await asked(waiting)) == 5  # nobody was asked twice


async def test_a_decision_ends_the_asking(waiting: Waiting) -> None:
    scene = waiting.scene
    change = await scene.proposed()
    await scene.room.pass_time(minutes=5)
    await scene.vote(change, "person:bo", verb=agree.REJECT, why="not now")
    await scene.room.pass_time(hours=2)
    assert {stage for stage, _, _ in await asked(waiting)} == {0}
    assert await waiting.told("person:ada") == []
    assert (await scene.stored(change)).step is Step.REJECTED


async def test_whoever_is_asked_later_is_not_asked_once_it_is_decided(waiting: Waiting) -> None:
    scene = waiting.scene
    scene.write("config/people.yaml", "notify: {high: [email]}", "notify: {high: [email after 5m]}")
    change = await scene.proposed()
    await scene.room.pass_time(minutes=4)
    await scene.vote(change, "person:bo", verb=agree.REJECT, why="not now")
    await scene.room.pass_time(minutes=4)
    assert scene.room.pagers["email"].sent == []
    assert await waiting.entries("CHG-1", "change.ask_sent") == []


async def test_a_stage_that_reaches_nobody_is_passed_over_at_once(waiting: Waiting) -> None:
    scene = waiting.scene
    scene.write("config/estate.yaml", 'approvers: ["team:churn-ml"]', 'approvers: ["person:gus"]')
    del scene.desk.ways["email"]  # the only way to gus
    await scene.proposed()
    await scene.room.worker.drain()
    assert await asked(waiting) == [(1, "cy", "slack")]
    assert len(await waiting.entries("CHG-1", "change.unasked")) == 1
    await scene.room.pass_time(minutes=41)
    assert [stage for stage, _, _ in await asked(waiting)] == [1, 2, 2]


async def test_when_no_way_of_a_stage_takes_it_the_next_one_begins(waiting: Waiting) -> None:
    scene = waiting.scene
    scene.write("config/estate.yaml", 'approvers: ["team:churn-ml"]', 'approvers: ["person:gus"]')
    scene.room.pagers["email"].down = NotDelivered("The mailbox is full.")
    await scene.proposed()
    await scene.room.worker.drain()
    (failed,) = await waiting.entries("CHG-1", "change.ask_failed")
    assert failed.why == "The mailbox is full."
    assert await asked(waiting) == [(0, "gus", "email"), (1, "cy", "slack")]


async def test_what_fails_in_passing_is_tried_on_and_waited_for_no_longer_than_a_page(waiting: Waiting) -> None:
    scene = waiting.scene
    scene.write("config/estate.yaml", 'approvers: ["team:churn-ml"]', 'approvers: ["person:gus"]')
    pager = scene.room.pagers["email"]
    pager.down = NotDelivered("No line.", retry=True)
    await scene.proposed()
    await scene.room.pass_time(seconds=59)
    assert await asked(waiting) == [(0, "gus", "email")]
    await scene.room.pass_time(seconds=41)
    assert await asked(waiting) == [(0, "gus", "email"), (1, "cy", "slack")]
    pager.down = None
    await scene.room.pass_time(minutes=2)
    assert [call.person.name for call in pager.sent] == ["gus"]
    assert len(await waiting.entries("CHG-1", "change.ask_failed")) == 1
    assert len(await waiting.entries("CHG-1", "change.ask_sent")) == 1


async def test_two_replicas_ask_once_at_each_stage(waiting: Waiting, migrated_url: str) -> None:
    scene = waiting.scene
    other = await Store.open(migrated_url, clock=scene.room.clock)
    desk = replace(scene.desk, store=other)
    handlers = {**app.duties(desk), **off.HANDLERS, "change": off.HANDLERS["card"]}
    second = work.Worker(desk, handlers, owner="the other")
    try:
        await scene.proposed()
        for _ in range(4):
            await asyncio.gather(scene.room.worker.drain(), second.drain())
            await scene.room.clock.advance(timedelta(minutes=20))
        await asyncio.gather(scene.room.worker.drain(), second.drain())
    finally:
        await other.close()
    assert sorted(stage for stage, _, _ in await asked(waiting)) == [0, 0, 1, 2, 2]
    assert len(await waiting.told("person:ada")) == 1


async def test_an_approved_change_that_nobody_applies_expires_too(waiting: Waiting) -> None:
    scene = waiting.scene
    change = await scene.proposed()
    await scene.vote(change)
    assert (await scene.stored(change)).step is Step.APPROVED
    await scene.sql("DELETE FROM jobs WHERE kind = 'apply'")
    await scene.room.pass_time(hours=1)
    assert (await scene.stored(change)).step is Step.EXPIRED
    (told,) = await waiting.told("person:ada")
    assert told.startswith("CHG-1 has expired before it was applied")
