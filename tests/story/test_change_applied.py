"""An approved change is applied once, with the evidence before it, and counts when it is seen to serve."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.engine import apply
from bot.errors import Conflict, NotDelivered, NotFound, Refused
from bot.model.change import Serving, Step
from bot.model.entry import Sealed
from bot.model.freeze import Freeze, LegalHold
from bot.model.job import Job, Lane
from bot.store import Store, changes, freezes, legal_holds, log
from tests.story import hosted
from tests.story.hosted import AFTER, BEFORE, FOREIGN, Hosted


@pytest.fixture
async def scene(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Hosted]:
    """The engine with a platform."""
    async with hosted.opened(tmp_path, sqlite_url) as one:
        yield one


@pytest.fixture
async def any_scene(tmp_path: Path, migrated_url: str) -> AsyncIterator[Hosted]:
    """The same, once over each database."""
    async with hosted.opened(tmp_path, migrated_url) as one:
        yield one


async def test_it_is_applied_once_and_seen_to_serve(any_scene: Hosted) -> None:
    await any_scene.approved()
    await any_scene.room.worker.drain()
    change = await any_scene.change()
    assert (change.step, change.outcome.split(".")[0]) == (Step.DONE, "It was seen to serve 6")
    assert any_scene.platform.calls == ["CHG-1"]
    assert await any_scene.served() == [("7", "seen", None), ("6", "person:ada", "CHG-1")]
    assert (await any_scene.ledger())[0].until == (await any_scene.ledger())[1].at
    kinds = await any_scene.room.story("CHG-1")
    assert kinds == [
        *("change.proposed", "change.approved", "evidence.frozen", "change.applying", "change.applied"),
        *("change.seen", "change.done"),
    ]


async def test_the_evidence_is_in_the_log_before_the_platform_is_told(any_scene: Hosted) -> None:
    """P10: the platform itself looks into the log when it is told to switch."""
    found: list[Sealed] = []

    async def look() -> None:
        found.extend(await any_scene.store.read(lambda tx: log.of_kinds(tx.sql, "CHG-1", {"evidence.frozen"})))

    incident = await any_scene.said(0.6)
    assert incident
    await any_scene.approved(incident.id)
    any_scene.platform.first = look
    await any_scene.room.worker.drain()
    (entry,) = (sealed.entry for sealed in found)
    assert Serving.read(entry.after["serving"]) == BEFORE
    (alert,) = entry.after["alerts"]
    assert alert["measures"] == [{"metric": "auc", "value": 0.6, "threshold": 0.8, "op": "<"}]
    assert entry.after["predictions"] == {
        "estimate": 1200,
        "how": "counted in the last hour",
        "segments": {"tr": 800, "de": 400},
    }
    assert entry.after["window"]["from"] == incident.opened_at.isoformat()
    assert entry.after["incident"] == incident.id
    assert set(entry.after["configuration"]) == {"runbook", "model", "changes"}


async def test_two_replicas_apply_it_once(any_scene: Hosted) -> None:
    """Both believe that the job is theirs, as when a lease ran out under the first one's hands."""
    change = await any_scene.approved()
    now = any_scene.room.now
    job = Job(1, "apply/CHG-1", "apply", Lane.STATE, now, {"change": change.id}, 1, 1, 1, now)
    hands = [apply.Hands(any_scene.room.desk) for _ in range(4)]
    await asyncio.gather(*(each.apply(job) for each in hands))
    assert any_scene.platform.calls == ["CHG-1"]
    again = hosted.worker(any_scene.room.desk, "another")
    any_scene.room.worker = again
    await any_scene.room.pass_time(minutes=2)
    assert any_scene.platform.calls == ["CHG-1"]
    assert (await any_scene.change()).step is Step.DONE


async def test_two_replicas_over_one_database_apply_one_change_of_a_model(tmp_path: Path, migrated_url: str) -> None:
    """Each has a database connection, a guard and a worker of its own; a second change of the model finds it locked."""
    async with hosted.opened(tmp_path, migrated_url) as scene:
        store = await Store.open(migrated_url, clock=scene.room.clock)
        try:
            other = replace(scene.room.desk, store=store, hosts={})
            other.hosts["registry"] = hosted.host(scene.platform, other)
            await scene.approved()
            with pytest.raises(Conflict):
                await scene.approved()
            await asyncio.gather(scene.room.worker.drain(), hosted.worker(other, "another").drain())
        finally:
            await store.close()
        assert scene.platform.calls == ["CHG-1"]
        assert (await scene.change()).step is Step.DONE
        await scene.approved()  # the lock is free again
        await scene.room.worker.drain()
        assert "6 serves already" in (await scene.change("CHG-2")).outcome
        assert scene.platform.calls == ["CHG-1"]


@pytest.mark.parametrize(
    ("moved", "why"),
    [
        (FOREIGN, "9 serves now, and not 7"),
        (AFTER, "6 serves already, by no change of ours."),
        (replace(BEFORE, guard="etag-2"), "but it was touched since"),
        (replace(BEFORE, paused=True), "nothing while it is paused (7) serves now"),
    ],
)
async def test_a_plan_whose_world_has_moved_is_not_applied(scene: Hosted, moved: Serving, why: str) -> None:
    await scene.approved()
    scene.platform.pointer = moved
    await scene.room.worker.drain()
    change = await scene.change()
    assert change.step is Step.EXPIRED
    assert why in change.outcome
    assert change.outcome.endswith("Nothing was changed.")
    assert scene.platform.calls == []
    assert scene.platform.pointer == moved
    assert any("person:ada" in said and change.outcome in said for said in await scene.notices())


async def test_a_legal_hold_laid_since_it_was_approved_holds_it(scene: Hosted) -> None:
    incident = await scene.said(0.6)
    assert incident
    await scene.approved(incident.id)
    hold = LegalHold(incident.id, "person:cy", "counsel asked", scene.room.now)
    await scene.store.write(lambda tx: legal_holds.lay(tx, hold))
    await scene.room.worker.drain()
    change = await scene.change()
    assert change.step is Step.EXPIRED
    assert "counsel asked" in change.outcome
    assert scene.platform.calls == []
    assert "evidence.frozen" not in await scene.room.story("CHG-1")


async def test_a_freeze_declared_since_it_was_approved_holds_it(scene: Hosted) -> None:
    await scene.approved()
    now = scene.room.now
    freeze = Freeze("FRZ-1", now, now + timedelta(hours=2), "person:cy", "the big sale", "retail", now)
    await scene.store.write(lambda tx: freezes.add(tx, freeze))
    await scene.room.worker.drain()
    assert "the big sale" in (await scene.change()).outcome
    assert scene.platform.calls == []


async def test_a_changed_runbook_makes_it_stale(scene: Hosted) -> None:
    book = scene.room.desk.runbooks.get("anything")
    assert book
    await scene.approved(runbook="anything", revision=book.revision)
    scene.room.change("runbooks/anything.md", "1. What changed last?", "1. What changed before that?")
    await scene.room.worker.drain()
    assert "The runbook anything was changed since" in (await scene.change()).outcome
    assert scene.platform.calls == []


async def test_a_row_that_was_approved_by_another_hand_is_not_applied(scene: Hosted) -> None:
    await scene.approved(step=Step.PROPOSED)
    await scene.store.write(lambda tx: tx.sql.exec_driver_sql("UPDATE changes SET step = 'approved'"))
    job = Job(1, "k", "apply", Lane.STATE, scene.room.now, {"change": "CHG-1"}, 1, 1, 1, scene.room.now)
    await apply.Hands(scene.room.desk).apply(job)
    assert "The log does not say" in (await scene.change()).outcome
    assert scene.platform.calls == []


async def test_it_waits_for_a_platform_that_is_down_and_ends_with_its_approval(scene: Hosted) -> None:
    scene.platform.down = NotDelivered("Nobody is there.")
    await scene.approved()
    await scene.room.pass_time(minutes=20)
    assert (await scene.change()).step is Step.APPROVED
    await scene.room.pass_time(minutes=45)
    change = await scene.change()
    assert change.step is Step.EXPIRED
    assert scene.platform.calls == []


@pytest.mark.parametrize("error", [Refused("It is being updated."), NotFound("There is no version 6.")])
async def test_what_the_platform_refuses_has_failed_and_changed_nothing(
    scene: Hosted, error: Refused | NotFound
) -> None:
    scene.platform.faults = [error]
    await scene.approved()
    await scene.room.worker.drain()
    change = await scene.change()
    assert change.step is Step.FAILED
    assert error.what in change.outcome
    assert "nothing was changed" in change.outcome
    assert any("person:ada" in said for said in await scene.notices())


# --- in doubt ---


@pytest.mark.parametrize("repeatable", [True, False])
async def test_a_lost_answer_is_read_from_what_serves(any_scene: Hosted, repeatable: bool) -> None:
    any_scene.platform.repeatable = repeatable
    any_scene.platform.faults = ["lose answer"]
    await any_scene.approved()
    await any_scene.room.pass_time(minutes=1)
    assert (await any_scene.change()).step is Step.DONE
    assert any_scene.platform.calls == ["CHG-1"]
    assert any_scene.platform.applied == ["6"]


async def test_a_lost_write_is_repeated_once_where_that_is_harmless(scene: Hosted) -> None:
    scene.platform.repeatable = True
    scene.platform.faults = ["lose write"]
    await scene.approved()
    await scene.room.pass_time(minutes=1)
    assert (await scene.change()).step is Step.DONE
    assert scene.platform.calls == ["CHG-1", "CHG-1"]
    assert scene.platform.applied == ["6"]
    assert "change.repeated" in await scene.room.story("CHG-1")


async def test_a_second_lost_write_ends_in_the_hands_of_a_human(scene: Hosted) -> None:
    scene.platform.repeatable = True
    scene.platform.faults = ["lose write", "lose write"]
    await scene.approved()
    await scene.room.pass_time(minutes=2)
    change = await scene.change()
    assert change.step is Step.UNKNOWN
    assert change.seen == BEFORE
    assert "7 serves" in change.outcome
    assert len(scene.platform.calls) == 2
    told = await scene.notices()
    assert any("person:ada" in said and "unknown" in said for said in told)


async def test_what_may_not_be_repeated_is_not(scene: Hosted) -> None:
    scene.platform.faults = ["lose write"]
    await scene.approved()
    await scene.room.pass_time(minutes=2)
    assert scene.platform.calls == ["CHG-1"]
    assert (await scene.change()).step is Step.UNKNOWN


@pytest.mark.parametrize("repeatable", [True, False])
@pytest.mark.parametrize("landed", [True, False])
async def test_what_a_dead_worker_left_is_read_and_not_applied_blindly(
    any_scene: Hosted, repeatable: bool, landed: bool
) -> None:
    """Its worker died in the middle of the call: before it reached the platform, or after."""
    reached = asyncio.Event()

    async def hang() -> None:
        any_scene.platform.pointer = AFTER if landed else BEFORE
        reached.set()
        await asyncio.Event().wait()

    any_scene.platform.repeatable, any_scene.platform.first = repeatable, hang
    await any_scene.approved()
    now = any_scene.room.now
    job = Job(1, "apply/CHG-1", "apply", Lane.STATE, now, {"change": "CHG-1"}, 1, 1, 1, now)
    dead = asyncio.create_task(apply.Hands(any_scene.room.desk).apply(job))
    await reached.wait()
    dead.cancel()
    await asyncio.gather(dead, return_exceptions=True)
    any_scene.platform.first = None
    assert (await any_scene.change()).step is Step.APPLYING
    await any_scene.room.pass_time(seconds=20)
    assert any_scene.platform.calls == ["CHG-1"]  # another worker may still be at it
    await any_scene.room.pass_time(minutes=1)
    change = await any_scene.change()
    assert change.step is (Step.DONE if landed or repeatable else Step.UNKNOWN)
    assert len(any_scene.platform.calls) == (2 if repeatable and not landed else 1)
    assert change.seen == any_scene.platform.pointer


async def test_an_unknown_outcome_pages_who_holds_the_incident(scene: Hosted) -> None:
    incident = await scene.said(0.6)
    assert incident
    await scene.room.worker.drain()
    before = len(scene.pager.sent)
    scene.platform.faults = ["lose write"]
    await scene.approved(incident.id)
    await scene.room.pass_time(minutes=1)
    told = [call.page for call in scene.pager.sent[before:]]
    assert [(page.person, page.asked) for page in told] == [("ada", True)]  # nobody holds it; L1 looks now
    assert "CHG-1 on churn: unknown." in told[0].why
    assert "7 serves" in told[0].why


async def test_an_unknown_outcome_is_settled_by_what_is_seen_later(scene: Hosted) -> None:
    scene.platform.faults = ["lose write"]
    await scene.approved()
    await scene.room.pass_time(minutes=2)
    scene.platform.pointer = AFTER  # it had only been slow
    await scene.hint("6")
    await scene.room.worker.drain()
    change = await scene.change()
    assert change.step is Step.DONE
    assert "after all" in change.outcome
    assert (await scene.served())[-1] == ("6", "person:ada", "CHG-1")


async def test_an_unknown_outcome_does_not_lock_its_model_for_ever(scene: Hosted) -> None:
    scene.platform.faults = ["lose write"]
    await scene.approved()
    await scene.room.pass_time(minutes=2)
    await scene.hint("7")
    await scene.room.worker.drain()
    assert (await scene.change()).step is Step.UNKNOWN
    await scene.room.pass_time(minutes=16)
    change = await scene.change()
    assert change.step is Step.FAILED
    assert "as before" in change.outcome
    assert await scene.store.read(lambda tx: changes.open_of(tx, "churn")) is None


async def test_a_switch_that_takes_its_time_is_waited_for(scene: Hosted) -> None:
    scene.platform.slow = True
    await scene.approved()
    await scene.room.pass_time(minutes=5)
    assert (await scene.change()).step is Step.VERIFYING
    scene.platform.finish()
    await scene.room.pass_time(minutes=1)
    assert (await scene.change()).step is Step.DONE


async def test_a_lost_answer_of_a_slow_switch_is_waited_for_and_not_repeated(scene: Hosted) -> None:
    scene.platform.slow = scene.platform.repeatable = True
    scene.platform.faults = ["lose answer"]
    await scene.approved()
    await scene.room.pass_time(minutes=2)
    scene.platform.finish()
    await scene.room.pass_time(minutes=1)
    assert (await scene.change()).step is Step.DONE
    assert scene.platform.calls == ["CHG-1"]


async def test_a_deadline_stands_everywhere(scene: Hosted) -> None:
    scene.platform.slow = True
    await scene.approved(verify_within=timedelta(minutes=3))
    await scene.room.pass_time(minutes=4)
    change = await scene.change()
    assert change.step is Step.FAILED
    assert "not seen to serve within 180 s" in change.outcome
    assert change.seen == BEFORE


async def test_a_pointer_that_lies_is_no_success(scene: Hosted) -> None:
    scene.platform.answers = "7"
    await scene.approved()
    await scene.room.pass_time(minutes=11)
    change = await scene.change()
    assert change.step is Step.UNKNOWN
    assert "The pointer says 6, but a request was answered by 7" in change.outcome
    assert (await scene.served())[-1] == ("6", "person:ada", "CHG-1")


async def test_a_platform_that_says_yes_and_does_nothing_has_failed(scene: Hosted) -> None:
    scene.platform.faults = ["ignore"]
    await scene.approved()
    await scene.room.pass_time(minutes=11)
    assert (await scene.change()).step is Step.FAILED
