"""Retention: old entries lose what they say by policy, the chain holds, and nothing under investigation is touched."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.engine import legal_hold, respond, retention, serious
from bot.engine.retention import Due
from bot.model.entry import Sealed
from bot.model.job import Job, Lane
from bot.model.verb import Verb
from bot.store import Tx, letters, log
from bot.store.letters import Letter
from tests.story import waiting_room
from tests.story.waiting_room import Waiting

DAY = timedelta(days=1)
OFF = "slack: {mode: off}"


@pytest.fixture
async def waiting(tmp_path: Path, migrated_url: str) -> AsyncIterator[Waiting]:
    """Each story once over each database; entries are kept for two hundred days."""
    async with waiting_room.opened(tmp_path, migrated_url) as one:
        one.scene.write("config/tocsin.yaml", OFF, f"{OFF}\naudit: {{keep: 200d}}")
        yield one


async def resolved(waiting: Waiting, title: str = "accuracy fell") -> str:
    """An incident that came and went."""
    incident = await waiting.scene.room.alert(title)
    for verb in (Verb.ACKNOWLEDGE, Verb.RESOLVE):
        await respond.take(waiting.scene.desk, respond.Press(verb, incident.id, "person:ada", waiting.now, via="cli"))
    return incident.id


async def night(waiting: Waiting) -> None:
    """What is due tonight is done."""
    desk, now = waiting.scene.desk, waiting.now
    job = Job(1, "retention/x", retention.KIND, Lane.DIGEST, now, {}, 1, 1, 1, claimed_at=now)
    await desk.store.write(lambda tx: retention.ring(tx, desk, job))


async def due(waiting: Waiting) -> list[Due]:
    """What would go."""
    desk = waiting.scene.desk
    return await desk.store.read(lambda tx: retention.due(tx, desk, waiting.now))


async def told(waiting: Waiting, subject: str) -> list[Sealed]:
    """What the log says about it still."""
    return await waiting.scene.room.log(subject)


async def whole(waiting: Waiting) -> bool:
    """Whether every chain is."""
    _, broken = await waiting.scene.desk.store.read(lambda tx: log.verify(tx.sql))
    return not broken


async def test_old_entries_go_by_policy_and_that_is_recorded(waiting: Waiting) -> None:
    old = await resolved(waiting)
    await waiting.scene.room.clock.advance(150 * DAY)
    young = await resolved(waiting, "latency rose")
    assert await due(waiting) == []
    await waiting.scene.room.clock.advance(60 * DAY)
    (one,) = await due(waiting)
    assert (one.chain, one.keep, one.high_risk, one.kept) == ("retail", 200 * DAY, False, frozenset())
    before = len(await told(waiting, old))
    assert one.entries == before > 0
    await night(waiting)
    assert await told(waiting, old) == []
    assert await told(waiting, young) != []
    (entry,) = await waiting.scene.desk.store.read(lambda tx: log.of_kinds(tx.sql, "log", {"log.blanked"}))
    assert (entry.entry.actor, entry.entry.after["count"]) == ("tocsin", before)
    assert await whole(waiting)
    assert await due(waiting) == []
    await night(waiting)  # a second time there is nothing to do, and nothing is written
    assert len(await told(waiting, "log")) == 1


async def test_what_is_open_held_or_owes_a_report_stays_whatever_its_age(waiting: Waiting) -> None:
    desk = waiting.scene.desk
    gone, held, owing = [await resolved(waiting, title) for title in ("one", "two", "three")]
    still = (await waiting.scene.room.alert("four")).id
    await legal_hold.lay(desk, legal_hold.Wish(held, "person:cy", waiting.now, "cli", "auditors"))
    await serious.mark(desk, serious.Wish(owing, "person:cy", waiting.now, "cli", "harm", ("dora",)))
    await waiting.scene.room.clock.advance(300 * DAY)
    await night(waiting)
    assert await told(waiting, gone) == []
    for kept in (held, owing, still):
        assert await told(waiting, kept), kept
    await legal_hold.lift(desk, legal_hold.Wish(held, "person:cy", waiting.now, "cli", "done"))
    await night(waiting)
    assert {one.entry.kind for one in await told(waiting, held)} == {"incident.released_legally"}
    assert await told(waiting, owing)
    assert await whole(waiting)


async def test_of_what_is_kept_everything_that_belongs_to_it_stays(waiting: Waiting) -> None:
    scene = waiting.scene
    await scene.room.alert("accuracy fell")
    change = await scene.proposed(incident="INC-1")
    await scene.room.clock.advance(300 * DAY)
    await night(waiting)
    assert "change.proposed" in [one.entry.kind for one in await told(waiting, change.id)]


async def test_an_entity_with_a_model_of_high_risk_has_a_time_of_its_own(waiting: Waiting) -> None:
    waiting.scene.write("config/tocsin.yaml", "audit: {keep: 200d}", "audit: {keep: 200d, high_risk: 1000d}")
    old = await resolved(waiting)
    await waiting.scene.room.clock.advance(300 * DAY)
    (one,) = await due(waiting)
    assert one.keep == 200 * DAY
    waiting.scene.write(
        "config/estate.yaml", "kind: model\n    entity", "kind: model\n    criticality: high\n    entity"
    )
    assert await due(waiting) == []
    assert await told(waiting, old)
    await waiting.scene.room.clock.advance(701 * DAY)
    (one,) = await due(waiting)
    assert (one.keep, one.high_risk) == (1000 * DAY, True)


async def test_without_a_policy_all_is_kept_for_ever(waiting: Waiting) -> None:
    waiting.scene.write("config/tocsin.yaml", "\naudit: {keep: 200d}", "")
    old = await resolved(waiting)
    await waiting.scene.room.clock.advance(5_000 * DAY)
    assert await due(waiting) == []
    await night(waiting)
    assert await told(waiting, old)
    desk = waiting.scene.desk
    await desk.store.write(lambda tx: retention.recur(tx, desk, waiting.now))
    assert await waiting.scene.jobs(retention.KIND) == []


async def test_any_number_of_replicas_ask_for_one_night(waiting: Waiting) -> None:
    desk = waiting.scene.desk
    for _ in range(3):
        await desk.store.write(lambda tx: retention.recur(tx, desk, waiting.now))
    assert await waiting.scene.jobs(retention.KIND) == [f"retention/{waiting.now.date()}"]
    old = await resolved(waiting)
    await waiting.scene.room.clock.advance(300 * DAY)
    await desk.store.write(lambda tx: retention.recur(tx, desk, waiting.now))
    await waiting.scene.room.worker.drain()
    assert "incident.opened" not in [one.entry.kind for one in await told(waiting, old)]


async def test_letters_that_were_read_at_last_go_and_those_nobody_read_stay(waiting: Waiting) -> None:
    desk, now = waiting.scene.desk, waiting.now

    def write(tx: Tx) -> None:
        for name in ("read", "unread"):
            letters.add(tx, Letter(name, "hook", now, "no JSON", {}, b"x"))
        letters.replayed(tx, "read")

    await desk.store.write(write)
    await waiting.scene.room.clock.advance(201 * DAY)
    await night(waiting)
    assert [one.id for one in await desk.store.read(letters.waiting)] == ["unread"]
    found = await desk.store.read(lambda tx: tx.sql.exec_driver_sql("SELECT id FROM letters").scalars().all())
    assert found == ["unread"]
