"""Two replicas at the same held problem: no alert is lost, and none opens two incidents."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.contract.source import Delivery
from bot.engine import intake, release, work
from bot.engine.desk import Desk
from bot.errors import Conflict
from bot.model.alert import Alert, Status
from bot.model.entry import Entry
from bot.model.held import Cause, Held, Hold
from bot.model.incident import Incident
from bot.model.job import Lane
from bot.model.silence import Silence
from bot.runbooks import Library
from bot.settings import Settings
from bot.store import Store, Tx, held, incidents, jobs, silences
from bot.testing.clock import FakeClock
from tests.store import made
from tests.store.made import SOON, START
from tests.store.test_holding_machine import DRIFT

HOUR = timedelta(hours=1)
HOLD = Hold(Cause.SILENCE, "SIL-1", "Held by SIL-1 (ada: why).", START + HOUR)
Opened = Callable[..., Awaitable[Store]]


def desk(store: Store, folder: Path) -> Desk:
    return Desk(store, store.clock, Settings(folder, ""), Library((DRIFT,)))


async def tell(its: Desk, *alerts: Alert) -> intake.Receipt:
    arrived = [intake.Arrived("prom", Delivery(alerts))]
    (receipt,) = await its.store.write(lambda tx: intake.book(tx, its, arrived, tx.now))
    return receipt


async def silence(its: Desk) -> None:
    one = Silence("SIL-1", (), START, START + HOUR, "person:ada", "why", START)
    await its.store.write(lambda tx: silences.add(tx, one))


async def hold(store: Store, *rows: Held) -> None:
    def act(tx: Tx) -> None:
        held.add(tx, rows)
        release.ask(tx, START)

    await store.write(act)


async def let_all_go(its: Desk) -> None:
    await its.store.write(lambda tx: intake.again(tx, its, held.chunk(tx, "", 100), tx.now))


async def standing(store: Store) -> tuple[list[Held], list[Incident]]:
    return await store.read(lambda tx: (held.listing(tx), incidents.listing(tx, open_only=False)))


@pytest.fixture
async def two(url: str, tmp_path: Path, opened: Opened) -> tuple[Desk, Desk, FakeClock]:
    clock = FakeClock(START)
    return desk(await opened(url, clock), tmp_path), desk(await opened(url, clock), tmp_path), clock


async def test_both_judge_and_hear_it_again_at_once(two: tuple[Desk, Desk, FakeClock]) -> None:
    one, other, clock = two
    await silence(one)
    names = [f"p{number}" for number in range(20)]
    await tell(one, *map(made.alert, names))
    await clock.advance(HOUR)
    again = [tell(other, made.alert(name)) for name in names]
    receipts = await asyncio.gather(let_all_go(one), *again, let_all_go(other), return_exceptions=True)
    assert not [each for each in receipts if isinstance(each, Exception) and not isinstance(each, Conflict)]
    kept, found = await standing(one.store)
    assert kept == []
    assert sum(incident.alerts_total for incident in found) == 20
    assert sum(incident.alerts_firing for incident in found) == 20
    assert len(found) == 1


async def test_one_lets_go_what_the_other_hears_the_end_of(two: tuple[Desk, Desk, FakeClock]) -> None:
    one, other, clock = two
    await silence(one)
    names = [f"p{number}" for number in range(20)]
    await tell(one, *map(made.alert, names))
    await clock.advance(HOUR)
    over = [tell(other, made.alert(name, Status.RESOLVED)) for name in names]
    receipts = await asyncio.gather(*over, let_all_go(one))
    kept, found = await standing(one.store)
    assert kept == []
    assert sum(incident.alerts_firing for incident in found) == 0
    assert [receipt.resolved for receipt in receipts[:20] if receipt] == [1] * 20
    assert all(not incident.open for incident in found)


async def test_both_hold_it_at_once(two: tuple[Desk, Desk, FakeClock]) -> None:
    one, other, _ = two
    await silence(one)
    receipts = await asyncio.gather(tell(one, made.alert()), tell(other, made.alert()))
    assert sorted((receipt.held, receipt.repeat) for receipt in receipts) == [(0, 1), (1, 0)]
    (kept,), found = await standing(one.store)
    assert (kept.repeats, found) == (1, [])


async def test_what_one_opened_while_the_other_held_it_is_held_no_more_at_the_next_look(
    two: tuple[Desk, Desk, FakeClock],
) -> None:
    one, other, _ = two
    await tell(one, made.alert())
    row = Held(made.alert(), HOLD, 0, START, START)
    await other.store.write(lambda tx: held.add(tx, [row]))  # as if it had judged before the other committed
    await let_all_go(other)
    kept, (incident,) = await standing(one.store)
    assert (kept, incident.alerts_total) == ([], 1)
    await other.store.write(lambda tx: held.add(tx, [row]))
    assert (await tell(other, made.alert())).repeat == 1
    kept, (incident,) = await standing(one.store)
    assert (kept, incident.alerts_total, incident.repeats) == ([], 1, 1)


async def test_what_was_let_go_meanwhile_is_a_conflict(store: Store) -> None:
    row = Held(made.alert(), HOLD, 0, START, START)
    with pytest.raises(Conflict):
        await store.write(lambda tx: held.change(tx, [row]))
    with pytest.raises(Conflict):
        await store.write(lambda tx: held.let_go(tx, {"churn/drift"}))
    assert await store.read(held.listing) == []


async def test_a_held_alert_is_kept_as_it_was_told(store: Store) -> None:
    alert = made.alert(model="churn", labels={"a": "b"}, evaluated_at=START)
    row = Held(alert, replace(HOLD, incident="INC-1"), 3, START, START + SOON)
    await store.write(lambda tx: held.add(tx, [row]))
    assert await store.read(held.listing) == [row]
    assert await store.read(lambda tx: held.of(tx, alert.problem)) == row
    assert await store.read(lambda tx: held.held_by(tx, "SIL-1")) == [row]
    assert await store.read(held.count) == {Cause.SILENCE: 1}
    assert await store.read(lambda tx: held.about(tx, "INC-1")) == held.Behind(1, ("churn",))
    assert await store.read(lambda tx: held.about(tx, "INC-2")) == held.Behind(0)
    changed = replace(row, repeats=4, hold=HOLD)
    await store.write(lambda tx: held.change(tx, [changed]))
    assert await store.write(lambda tx: held.locked(tx, [alert.problem])) == {alert.problem: changed}


async def test_a_release_that_fails_changed_nothing_and_is_tried_again(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    its, tries = desk(store, tmp_path), []

    def stumble(tx: Tx, desk: Desk, rows: object, now: object) -> None:
        tries.append(tx.now)
        tx.note(Entry("tocsin", "never.seen", tx.now, "tocsin", "x"))
        if len(tries) < 3:
            raise Conflict("Somebody was faster.")
        intake.again(tx, desk, rows, tx.now)  # type: ignore[arg-type]

    row = Held(made.alert(), HOLD, 0, START, START)
    await hold(store, row)
    worker = work.Worker(its, {"release": work.inside(its, partial(release.ring, again=stumble))}, owner="me")
    for _ in range(4):
        await worker.drain()
        await clock.advance(timedelta(minutes=1))
    kept, found = await standing(store)
    assert (len(tries), kept, len(found)) == (3, [], 1)


async def test_more_than_fit_into_one_transaction_are_let_go_in_turn(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    its, seen = desk(store, tmp_path), []

    def again(tx: Tx, desk: Desk, rows: list[Held], now: object) -> None:
        seen.append(len(rows))
        intake.again(tx, desk, rows, tx.now)

    many = release.MANY * 2 + 1
    rows = [Held(made.alert(f"p{number}"), HOLD, 0, START, START) for number in range(many)]
    await hold(store, *rows)
    worker = work.Worker(its, {"release": work.inside(its, partial(release.ring, again=again))}, owner="me")  # type: ignore[arg-type]
    await worker.drain()
    kept, (incident,) = await standing(store)
    assert (seen, kept, incident.alerts_total) == ([release.MANY, release.MANY, 1], [], many)


async def test_a_release_is_asked_for_at_the_end_of_a_silence(store: Store) -> None:
    one = Silence("SIL-1", (), START, START + HOUR, "person:ada", "why", START)
    await store.write(lambda tx: release.at(tx, one))
    assert await store.read(jobs.next_due) == START + HOUR
    await store.write(lambda tx: release.at(tx, replace(one, ended_at=START + SOON)))
    assert await store.read(jobs.next_due) == START + SOON


def test_jobs_of_this_kind_are_state() -> None:
    one = Silence("SIL-1", (), START, START + HOUR, "person:ada", "why", START)
    assert (release.job(one).lane, release.job(one).kind) == (Lane.STATE, "release")
