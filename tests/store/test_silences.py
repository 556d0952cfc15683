"""Silences as rows: kept for ever, ended once, the same on both databases; and alerts of late."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Conflict, NotFound
from bot.model.matcher import Matcher
from bot.model.silence import Silence
from bot.store import Store, Tx, alerts, incidents, recent, silences
from tests.store import made
from tests.store.made import START

HOUR = timedelta(hours=1)
HOSTILE = "'; DROP TABLE silences; -- \u202e\u00e9 {x} %s"


def silence(its: str = "SIL-1", **more: object) -> Silence:
    """Ada's, for an hour from the start on."""
    matchers = (Matcher("model", "=", "churn"), Matcher("title", "=~", HOSTILE))
    return replace(Silence(its, matchers, START, START + HOUR, "person:ada", HOSTILE, START), **more)  # type: ignore[arg-type]


async def test_it_is_kept_as_it_was_said(store: Store) -> None:
    whole = silence(
        await store.write(silences.next_id), maintenance=True, shadow=True, incident="INC-7", by="api:ci:O'Neil"
    )
    await store.write(lambda tx: silences.add(tx, whole))
    assert await store.read(lambda tx: silences.get(tx, "SIL-1")) == whole
    assert await store.write(silences.next_id) == "SIL-2"
    with pytest.raises(NotFound, match="SIL-9"):
        await store.read(lambda tx: silences.get(tx, "SIL-9"))


async def test_those_that_are_not_over_stand_in_the_order_of_their_starts(store: Store) -> None:
    planned = silence("SIL-1", starts_at=START + HOUR, ends_at=START + 2 * HOUR)
    over = silence("SIL-2", starts_at=START - HOUR, ends_at=START)
    ended = silence("SIL-3")

    def write(tx: Tx) -> None:
        for one in (planned, over, ended, silence("SIL-4")):
            silences.add(tx, one)

    await store.write(write)
    await store.write(lambda tx: silences.end(tx, "SIL-3", START, "person:bo"))
    assert [one.id for one in await store.read(lambda tx: silences.standing(tx, START))] == ["SIL-4", "SIL-1"]
    assert [one.id for one in await store.read(lambda tx: silences.standing(tx, START + HOUR))] == ["SIL-1"]
    newest = await store.read(lambda tx: silences.listing(tx, limit=3))
    assert [one.id for one in newest] == ["SIL-4", "SIL-3", "SIL-2"]
    assert [(one.until, one.ended_by) for one in newest if one.ended_by] == [(START, "person:bo")]


async def test_two_replicas_end_one_silence_and_one_of_them_did(store: Store, replica: Store) -> None:
    await store.write(lambda tx: silences.add(tx, silence()))

    async def end(one: Store, by: str) -> str:
        try:
            await one.write(lambda tx: silences.end(tx, "SIL-1", START, by))
        except Conflict:
            return ""
        return by

    ended = await asyncio.gather(end(store, "person:ada"), end(replica, "person:bo"))
    (by,) = filter(None, ended)
    assert (await store.read(lambda tx: silences.get(tx, "SIL-1"))).ended_by == by


async def test_alerts_of_late_are_those_that_fire_and_those_that_began(store: Store) -> None:
    def write(tx: Tx) -> None:
        incidents.add(tx, [made.incident(), made.incident(2)])
        early = [(made.alert(problem=f"early-{n}"), "INC-1", True) for n in range(2)]
        alerts.add(tx, early, (), START - HOUR)
        alerts.add(tx, [(made.alert(problem="late"), "INC-2", True)], (), START)
        alerts.resolve(tx, {"early-0": START}, START)

    await store.write(write)
    firing = await store.read(lambda tx: recent.firing(tx, ["INC-1", "INC-2"], 10))
    assert [(its, alert.problem) for its, alert in firing] == [("INC-2", "late"), ("INC-1", "early-1")]
    assert await store.read(lambda tx: recent.firing(tx, [], 10)) == []
    late, more = await store.read(lambda tx: recent.since(tx, START, 10))
    assert ([alert.problem for alert in late], more) == (["late"], False)
    late, more = await store.read(lambda tx: recent.since(tx, START - HOUR, 3))
    assert ([alert.problem for alert in late], more) == (["late", "early-1", "early-0"], True)
