"""Attacks that need a race: over replicas and over real processes, on both databases, one decision is made once."""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.engine import agree
from bot.engine.desk import Desk
from bot.model.change import Step
from bot.model.verdict import Verdict
from bot.store import Store
from bot.testing.clock import FakeClock
from tests.story import changing
from tests.story.changing import Scene

RUNBOOK = "runbooks/anything.md"
TWO = ("rollback: {approval: one}", "rollback: {approval: two}")


async def other_process(scene: Scene, stack: AsyncExitStack) -> Desk:
    """The desk of another replica."""
    clock = FakeClock(scene.room.now)
    store = await Store.open(scene.room.env["DATABASE_URL"], clock=clock, migrate=False)
    stack.push_async_callback(store.close)
    return Desk(store, clock, scene.desk.settings, scene.desk.runbooks, hosts=scene.desk.hosts)


async def test_two_proposals_at_once_on_two_replicas_are_one(tmp_path: Path, migrated_url: str) -> None:
    async with changing.opened(tmp_path, migrated_url) as scene, AsyncExitStack() as stack:
        other = await other_process(scene, stack)
        both = await asyncio.gather(scene.propose(), scene.propose("person:bo", desk=other))
        assert sorted(one.verdict.name for one in both) == ["GO", "LOCKED"]
        (change,) = await scene.all()
        loser = next(one for one in both if one.verdict is Verdict.LOCKED)
        assert f"{change.id} is under way" in loser.sentence
        assert change.requested_by in loser.sentence
        assert await scene.refusals() == ["LOCKED"]


async def processes(scene: Scene, votes: list[tuple[str, str]]) -> list[str]:
    """Real processes that agree to CHG-1 at the same moment: (by, ticket); their verdicts."""
    env = {**os.environ, **scene.room.env}
    command = [sys.executable, "-m", "tests.story.voter", str(scene.room.home / "config"), "CHG-1"]
    pipe = asyncio.subprocess.PIPE
    started = [
        await asyncio.create_subprocess_exec(*command, by, ticket, stdin=pipe, stdout=pipe, env=env)
        for by, ticket in votes
    ]
    for one in started:
        assert one.stdout is not None
        assert await one.stdout.readline() == b"ready\n"
    ended = await asyncio.gather(*(one.communicate(b"go\n") for one in started))
    return sorted(out.decode().strip() for out, _ in ended)


@pytest.mark.parametrize("pressed", [True, False])
async def test_two_approvers_in_two_processes_make_one_job(tmp_path: Path, migrated_url: str, pressed: bool) -> None:
    async with changing.opened(tmp_path, migrated_url) as scene:
        change = await scene.proposed()
        ticket = await scene.button(change) if pressed else ""
        assert await processes(scene, [("person:bo", ticket), ("person:gus", ticket)]) == ["DECIDED", "GO"]
        now = await scene.stored(change)
        assert (now.step, len(now.agreements)) == (Step.APPROVED, 1)
        assert await scene.jobs() == ["apply/CHG-1"]
        assert [each.entry.kind for each in await scene.log(change)].count("change.approved") == 1


async def test_two_approvers_press_one_button_in_two_processes(tmp_path: Path, migrated_url: str) -> None:
    async with changing.opened(tmp_path, migrated_url) as scene:
        scene.write(RUNBOOK, *TWO)
        change = await scene.proposed()
        ticket = await scene.button(change)
        assert await processes(scene, [("person:bo", ticket), ("person:gus", ticket)]) == ["GO", "USED"]
        now = await scene.stored(change)
        assert (now.step, len(now.agreements)) == (Step.PROPOSED, 1)
        assert await scene.refusals() == ["USED"]


async def test_one_person_clicks_twice_in_two_processes(tmp_path: Path, migrated_url: str) -> None:
    async with changing.opened(tmp_path, migrated_url) as scene:
        scene.write(RUNBOOK, *TWO)
        change = await scene.proposed()
        ticket = await scene.button(change)
        assert await processes(scene, [("slack:U01BO", ticket), ("person:bo", ticket)]) == ["ALREADY", "GO"]
        now = await scene.stored(change)
        assert (now.step, [one.by for one in now.agreements]) == (Step.PROPOSED, ["bo"])


async def test_withdrawn_and_approved_at_once_ends_as_one_of_them(tmp_path: Path, migrated_url: str) -> None:
    async with changing.opened(tmp_path, migrated_url) as scene, AsyncExitStack() as stack:
        other = await other_process(scene, stack)
        change = await scene.proposed()
        yes, no = await asyncio.gather(
            scene.vote(change), scene.vote(change, "person:gus", verb=agree.REJECT, desk=other)
        )
        assert sorted((yes.verdict.name, no.verdict.name)) == ["DECIDED", "GO"]
        approved = yes.verdict is Verdict.GO
        assert (await scene.stored(change)).step is (Step.APPROVED if approved else Step.REJECTED)
        assert await scene.jobs() == (["apply/CHG-1"] if approved else [])
