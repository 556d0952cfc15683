"""A merge on one replica while another books alerts: nothing is counted where it no longer belongs."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.contract.source import Delivery
from bot.engine import intake, merge
from bot.engine.deed import Deed, Press
from bot.engine.desk import Desk
from bot.model.alert import Alert, Status
from bot.model.estate import Entity, Estate, Model
from bot.model.people import People, Person
from bot.model.runbook import Grade, Runbook, Tier
from bot.model.verb import Verb
from bot.runbooks import Library
from bot.settings import Settings
from bot.store import Store, Tx, incidents
from bot.testing.clock import FakeClock
from tests.store import made
from tests.store.made import START, TEN

BOOK = Runbook(
    name="drift",
    file="drift.md",
    revision="r1",
    title="Drift",
    owner="person:ada",
    review_by=date(2027, 1, 1),
    match=(),
    severity=(Grade("sev2"),),
    tiers=(Tier("L1", ("person:ada",), TEN),),
    start={"sev2": "L1"},
)
MODELS = {name: Model(name, "retail", "ml") for name in ("churn", "price")}


def desk(store: Store, folder: Path) -> Desk:
    own = Settings(
        folder,
        "",
        people=People({"ada": Person("ada", slack="U01ADA")}),
        estate=Estate({"retail": Entity("retail")}, MODELS, MODELS),
    )
    return Desk(store, store.clock, own, Library((BOOK,)))


async def book(desk: Desk, *alerts: Alert) -> set[str]:
    """A delivery on this replica; the incidents it touched."""
    arrived = [intake.Arrived("prom", Delivery(alerts))]
    (receipt,) = await desk.store.write(lambda tx: intake.book(tx, desk, arrived, tx.now))
    return receipt.incidents


def alert(problem: str, status: Status = Status.FIRING) -> Alert:
    return made.alert(problem, status, model=problem.partition("/")[0], environment="production")


def until_somebody_waits(tx: Tx) -> None:
    """Hold what is locked until another replica wants it."""
    waiting = text(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND transactionid::text = pg_current_xact_id()::text"
    )
    for _ in range(100_000):
        if tx.sql.execute(waiting).scalar_one():
            return
    raise AssertionError("nobody came")


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("arriving", "firing"),
    [
        (alert("churn/a", Status.RESOLVED), 1),
        (alert("churn/a"), 2),
        (alert("churn/b"), 3),
    ],
    ids=["an end", "a repeat", "a new one"],
)
async def test_an_alert_that_waited_for_a_merge_is_booked_where_it_belongs_now(
    shared_url: str,
    opened: Callable[..., Awaitable[Store]],
    tmp_path: Path,
    arriving: Alert,
    firing: int,
) -> None:
    one, other = [desk(await opened(shared_url, FakeClock(START)), tmp_path) for _ in range(2)]
    for problem in ("churn/a", "price/a"):
        await book(one, alert(problem))
    press = Press(Verb.MERGE, "INC-1", "person:ada", START, "cli", detail="INC-2")
    locked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def merging(tx: Tx) -> None:
        both = incidents.by_ids(tx, {"INC-1", "INC-2"}, lock=True)
        loop.call_soon_threadsafe(locked.set)
        until_somebody_waits(tx)
        deed = Deed(tx, one, both["INC-1"], "ada", press, one.roster(tx, START))
        merge.merge(deed, both["INC-2"], {"ada"})

    at_it = asyncio.create_task(one.store.write(merging))
    await locked.wait()
    assert await book(other, arriving) == {"INC-2"}
    await at_it
    gone, on = await one.store.read(lambda tx: [incidents.get(tx, f"INC-{n}") for n in (1, 2)])
    assert (gone.alerts_firing, gone.alerts_total, gone.merged_into) == (0, 0, "INC-2")
    assert on.alerts_firing == firing
    assert on.repeats == (1 if firing == 2 else 0)
