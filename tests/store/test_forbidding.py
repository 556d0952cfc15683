"""Freezes and legal holds as rows: kept for ever, lifted once, the same on both databases."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Conflict, NotFound
from bot.model.freeze import Freeze, LegalHold
from bot.store import Store, Tx, freezes, incidents, legal_holds
from tests.store import made
from tests.store.made import START

HOUR = timedelta(hours=1)
HOSTILE = "'; DROP TABLE freezes; -- \u202e\u00e9 {x} %s"


def freeze(its: str = "FRZ-1", **more: object) -> Freeze:
    """Cy's, of retail, for an hour from the start on."""
    return replace(Freeze(its, START, START + HOUR, "person:cy", HOSTILE, "retail", START), **more)  # type: ignore[arg-type]


async def lay(store: Store, *ids: str) -> None:
    """Holds by cy on these incidents."""

    def write(tx: Tx) -> None:
        for its in ids:
            legal_holds.lay(tx, LegalHold(its, "person:cy", HOSTILE, START))

    await store.write(write)


async def test_a_freeze_is_kept_as_it_was_said(store: Store) -> None:
    whole = freeze(await store.write(freezes.next_id), entity=None)
    await store.write(lambda tx: freezes.add(tx, whole))
    assert await store.read(lambda tx: freezes.get(tx, "FRZ-1")) == whole
    assert await store.write(freezes.next_id) == "FRZ-2"
    with pytest.raises(NotFound, match="FRZ-9"):
        await store.read(lambda tx: freezes.get(tx, "FRZ-9"))


async def test_freezes_that_are_not_over_stand_in_the_order_of_their_starts(store: Store) -> None:
    def write(tx: Tx) -> None:
        freezes.add(tx, freeze("FRZ-1", starts_at=START + HOUR, ends_at=START + 2 * HOUR))
        freezes.add(tx, freeze("FRZ-2", starts_at=START - HOUR, ends_at=START))
        for its in ("FRZ-3", "FRZ-4"):
            freezes.add(tx, freeze(its))

    await store.write(write)
    await store.write(lambda tx: freezes.lift(tx, "FRZ-3", START, "person:eve"))
    assert [one.id for one in await store.read(lambda tx: freezes.standing(tx, START))] == ["FRZ-4", "FRZ-1"]
    assert [one.id for one in await store.read(lambda tx: freezes.standing(tx, START + HOUR))] == ["FRZ-1"]
    assert [one.id for one in await store.read(lambda tx: freezes.listing(tx, 2))] == ["FRZ-4", "FRZ-3"]


async def test_two_replicas_lift_one_freeze_and_one_of_them_did(store: Store, replica: Store) -> None:
    await store.write(lambda tx: freezes.add(tx, freeze()))

    async def lift(one: Store, by: str) -> str:
        try:
            await one.write(lambda tx: freezes.lift(tx, "FRZ-1", START, by))
        except Conflict:
            return ""
        return by

    (by,) = filter(None, await asyncio.gather(lift(store, "person:cy"), lift(replica, "person:eve")))
    assert (await store.read(lambda tx: freezes.get(tx, "FRZ-1"))).ended_by == by


async def test_one_hold_stands_until_it_is_lifted_and_may_be_laid_again(store: Store) -> None:
    await store.write(lambda tx: incidents.add(tx, [made.incident(), made.incident(2)]))
    await lay(store, "INC-1", "INC-2")
    with pytest.raises(Conflict, match="already"):
        await lay(store, "INC-1")
    await store.write(lambda tx: legal_holds.lift(tx, "INC-1", START + HOUR, "person:eve"))
    with pytest.raises(Conflict, match="no legal hold"):
        await store.write(lambda tx: legal_holds.lift(tx, "INC-1", START + HOUR, "person:eve"))
    assert [one.incident for one in await store.read(legal_holds.in_force)] == ["INC-2"]
    over = await store.read(lambda tx: legal_holds.last(tx, "INC-1"))
    assert over == LegalHold("INC-1", "person:cy", HOSTILE, START, START + HOUR, "person:eve")
    await lay(store, "INC-1")
    assert await store.read(lambda tx: legal_holds.on(tx, "INC-1")) == LegalHold("INC-1", "person:cy", HOSTILE, START)
