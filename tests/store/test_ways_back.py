"""What is kept of ways back: one row for each model, written over, and when a rollback was last seen to serve."""

from datetime import timedelta
from typing import Any

from bot.model.change import Change, Lever, Plan, Serving, Step
from bot.model.served import WayBack
from bot.store import Store, Tx, changes, ways_back
from tests.store.made import START

FOUND = WayBack("churn", True, "6", "It was good.", START)
LOST = WayBack("churn", False, None, "6 is gone.", START + timedelta(days=1), START - timedelta(days=9))


def change(number: int, **more: Any) -> Change:
    """A rollback of churn that is done, unless `more` says otherwise."""
    serving = Serving({"7": 100.0}), Serving({"6": 100.0})
    plan = Plan(
        more.pop("lever", Lever.ROLLBACK), more.pop("model", "churn"), "shelf", {}, *serving, "good", "6 serves"
    )
    facts = {"step": Step.DONE, "entity": "retail", "requested_by": "ada", "requested_at": START, "why": "bad"}
    at = START + timedelta(hours=number)
    return Change(f"CHG-{number}", plan, **{**facts, "needs": 1, "expires_at": at, "changed_at": at, **more})


async def test_the_last_look_is_kept_in_the_place_of_the_one_before(store: Store) -> None:
    assert await store.read(lambda tx: ways_back.of(tx, "churn")) is None
    other = WayBack("price", True, "2", "So.", START)

    def look(tx: Tx) -> None:
        for found in (FOUND, other, LOST):
            ways_back.put(tx, found)

    await store.write(look)
    assert await store.read(lambda tx: ways_back.of(tx, "churn")) == LOST
    assert await store.write(lambda tx: ways_back.of(tx, "churn", lock=True)) == LOST
    assert await store.read(ways_back.every) == {"churn": LOST, "price": other}
    await store.write(lambda tx: ways_back.forget(tx, "churn"))
    assert list(await store.read(ways_back.every)) == ["price"]


async def test_only_a_rollback_that_was_seen_to_serve_is_a_rehearsal(store: Store) -> None:
    assert await store.read(lambda tx: ways_back.rehearsed(tx, "churn")) is None
    made = [
        change(1),
        change(2),
        change(3, lever=Lever.PROMOTE),
        change(4, step=Step.FAILED),
        change(5, model="price"),
    ]
    for one in made:
        await store.write(lambda tx, one=one: changes.add(tx, one))  # type: ignore[misc]
    assert await store.read(lambda tx: ways_back.rehearsed(tx, "churn")) == START + timedelta(hours=2)
