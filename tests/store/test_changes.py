"""Changes and tickets as rows: kept as proposed, one open for each model, one decision each, on both databases."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Conflict, NotFound, Refused
from bot.model.change import Agreement, Change, Lever, Plan, Serving, Step, move
from bot.store import Store, Tx, changes, tickets
from tests.store.made import START

HOUR = timedelta(hours=1)
HOSTILE = "'; DROP TABLE changes; -- \u202e\u00e9 {x} %s"


def change(its: str = "CHG-1", model: str = "churn", **more: object) -> Change:
    """Ada wants to roll a model back."""
    raw = {"aliases": [{"name": HOSTILE, "share": 0.1}], "deep": {"n": None, "yes": True}}
    before = Serving({"7": 90.5, "6": 9.5}, raw=raw, guard="etag")
    plan = Plan(
        Lever.ROLLBACK,
        model,
        "shelf",
        {"name": HOSTILE},
        before,
        Serving({"6": 100.0}),
        HOSTILE,
        "6 for 7",
        warnings=("Mind.", HOSTILE),
        metric="auc",
        parameters={"version": "6"},
    )
    whole = Change(its, plan, Step.PROPOSED, "retail", "ada", START, HOSTILE, 1, START + HOUR, START)
    return replace(whole, **more)  # type: ignore[arg-type]


async def put(store: Store, *each: Change) -> None:
    """Write them down."""

    def act(tx: Tx) -> None:
        for one in each:
            changes.add(tx, one)

    await store.write(act)


async def test_it_is_kept_as_it_was_proposed(store: Store) -> None:
    yes = Agreement("bo", "slack:U01BO", START + HOUR, "d" * 64, "button")
    whole = change(
        await store.write(changes.next_id),
        incident="INC-7",
        agreements=(yes, replace(yes, by="cy")),
        undoes="CHG-0",
        glass="why",
        outcome="so",
        seen=Serving({}, paused=True),
        deadline=START,
    )
    await put(store, whole)
    kept = await store.read(lambda tx: changes.get(tx, "CHG-1"))
    assert kept == whole
    assert kept.plan.digest == whole.plan.digest
    assert await store.write(changes.next_id) == "CHG-2"


async def test_it_is_found_by_what_people_type(store: Store) -> None:
    await put(store, change())
    for typed in ("CHG-1", "chg-1", " 1 ", "CHG-01"):
        assert (await store.read(lambda tx, typed=typed: changes.find(tx, typed))).id == "CHG-1"
    for typed in ("CHG-2", "", "-1", "one", "\u0661", HOSTILE, "9" * 99):
        with pytest.raises(NotFound):
            await store.read(lambda tx, typed=typed: changes.find(tx, typed))


async def test_listings(store: Store) -> None:
    await put(
        store,
        change("CHG-1", step=Step.DONE, incident="INC-1"),
        change("CHG-2", "price", incident="INC-1"),
        change("CHG-10", step=Step.UNKNOWN),
    )

    def ids(found: list[Change]) -> list[str]:
        return [one.id for one in found]

    assert ids(await store.read(changes.listing)) == ["CHG-10", "CHG-2", "CHG-1"]
    assert ids(await store.read(lambda tx: changes.listing(tx, open_only=True, limit=1))) == ["CHG-10"]
    assert ids(await store.read(lambda tx: changes.of_model(tx, "churn"))) == ["CHG-10", "CHG-1"]
    assert ids(await store.read(lambda tx: changes.of_incident(tx, "INC-1"))) == ["CHG-1", "CHG-2"]
    holds = await store.read(lambda tx: changes.open_of(tx, "churn"))  # an unknown outcome holds the lock, too
    assert holds is not None
    assert holds.id == "CHG-10"
    assert await store.read(lambda tx: changes.open_of(tx, "other")) is None


async def test_one_open_change_for_each_model_whatever_the_replicas_do(store: Store, replica: Store) -> None:
    def add(tx: Tx) -> str:
        if other := changes.open_of(tx, "churn"):
            return other.id
        one = change(changes.next_id(tx))
        changes.add(tx, one)
        return one.id

    both = await asyncio.gather(store.write(add), replica.write(add))
    assert len(set(both)) == 1
    (kept,) = await store.read(changes.listing)
    await store.write(lambda tx: changes.save(tx, kept, move(kept, Step.WITHDRAWN, START)))
    assert await store.write(add) != kept.id


async def test_whoever_is_late_reads_again(store: Store, replica: Store) -> None:
    await put(store, change())
    before = change()

    async def decide(one: Store, step: Step) -> str:
        try:
            await one.write(lambda tx: changes.save(tx, before, move(before, step, START)))
        except Conflict:
            return "late"
        return step.value

    done = await asyncio.gather(decide(store, Step.APPROVED), decide(replica, Step.REJECTED))
    kept = await store.read(lambda tx: changes.get(tx, "CHG-1"))
    assert sorted(done) == sorted(["late", kept.step.value])


async def test_the_plan_is_never_written_twice(store: Store) -> None:
    await put(store, change())
    before = change()
    other = replace(before.plan, after=Serving({"5": 100.0}))
    after = replace(move(before, Step.APPROVED, START + HOUR), plan=other, requested_by="bo")
    await store.write(lambda tx: changes.save(tx, before, after))
    kept = await store.read(lambda tx: changes.get(tx, "CHG-1"))
    assert (kept.plan, kept.requested_by) == (before.plan, "ada")
    assert (kept.step, kept.version, kept.changed_at) == (Step.APPROVED, 2, START + HOUR)


async def test_a_ticket_is_used_once_whatever_the_replicas_do(store: Store, replica: Store) -> None:
    id_ = await store.write(lambda tx: tickets.issue(tx, change(), "agree", START + HOUR))
    assert len(id_) >= 32

    async def use(one: Store, by: str) -> str:
        try:
            ticket = await one.write(lambda tx: tickets.use(tx, id_, by, START))
        except Refused:
            return ""
        assert (ticket.change, ticket.digest, ticket.verb) == ("CHG-1", change().plan.digest, "agree")
        return by

    done = await asyncio.gather(use(store, "slack:A"), use(replica, "slack:B"))
    assert sorted(map(bool, done)) == [False, True]
    with pytest.raises(Refused, match="used already"):
        await store.write(lambda tx: tickets.use(tx, id_, "slack:C", START))
    kept = await store.read(lambda tx: tickets.find(tx, id_))
    assert kept is not None
    assert (kept.used_at, kept.used_by) == (START, "".join(done))
    fresh = await store.write(lambda tx: tickets.issue(tx, change(), "agree", START + HOUR))
    assert fresh != id_


async def test_a_ticket_that_is_none_or_ran_out(store: Store) -> None:
    id_ = await store.write(lambda tx: tickets.issue(tx, change(), "agree", START + HOUR))
    for typed, at in ((id_, START + HOUR), ("", START), (HOSTILE, START), (id_[:-1], START), ("\0\ud800", START)):
        with pytest.raises(Refused, match="worth nothing"):
            await store.write(lambda tx, typed=typed, at=at: tickets.use(tx, typed, "slack:A", at))
    moved = replace(change(), plan=replace(change().plan, effect="another"))
    assert await store.write(lambda tx: tickets.issue(tx, moved, "agree", START + HOUR)) != id_
    assert await store.write(lambda tx: tickets.issue(tx, change(), "agree", START + HOUR)) == id_
