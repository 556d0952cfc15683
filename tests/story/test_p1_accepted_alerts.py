"""P1: an accepted alert is never lost: the sender gets its 2xx only after the commit, and for all of it or nothing."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.model.incident import Phase
from bot.store import incidents, letters, log
from bot.testing.house import House
from tests.story.place import Answer, Place, alertmanager, labelled, send

#: Where a delivery leaves its traces; without any one of them nothing of it may be kept.
TRACES = ("incidents", "alerts", "jobs", "pages", "log")


@contextmanager
def without(place: Place, table: str) -> Iterator[None]:
    """The database cannot write there."""
    place.sql(f"ALTER TABLE {table} RENAME TO {table}_away")
    try:
        yield
    finally:
        place.sql(f"ALTER TABLE {table}_away RENAME TO {table}")


async def post(house: House, *features: str) -> Answer:
    """Alertmanager notifies of these features over HTTP."""
    return await send(house, "/alerts/prom", alertmanager(*(labelled(feature) for feature in features)))


async def kept(house: House) -> tuple[int, int, int]:
    """How many incidents, entries of the log and dead letters there are."""
    return await house.app.store.read(
        lambda tx: (len(incidents.listing(tx, open_only=False)), log.verify(tx.sql)[0], letters.count(tx))
    )


@pytest.mark.parametrize("table", TRACES)
async def test_when_the_database_fails_the_sender_is_asked_to_come_again_and_nothing_is_kept(
    any_place: Place, table: str
) -> None:
    async with any_place.house() as house:
        before = await kept(house)  # the log says already under which configuration the bot runs
        with without(any_place, table):
            answer = await post(house, "age", "income")
        assert (answer.status, answer.body["retry"]) == (503, True)
        assert int(answer.headers["Retry-After"]) > 0
        assert await kept(house) == before
        assert before[::2] == (0, 0)
        again = await post(house, "age", "income")
        assert (again.status, again.body["new"], again.body["incidents"]) == (202, 2, ["INC-1"])
        await house.settle()
        assert len(house.paged()) == 1


async def test_a_failure_leaves_what_was_accepted_before_untouched(any_place: Place) -> None:
    async with any_place.house() as house:
        await post(house, "age")
        before = await house.incident("INC-1")
        with without(any_place, "pages"):
            assert (await send(house, "/alerts/hook", {"problem": "p", "model": "price"})).status == 503
        assert await house.incident("INC-1") == before
        assert (await kept(house))[0] == 1


async def test_what_was_accepted_is_there_after_a_restart(any_place: Place) -> None:
    async with any_place.house() as house:
        assert (await post(house, "age", "income")).status == 202
    async with any_place.house() as house:  # nothing was settled before
        incident = await house.incident("INC-1")
        assert (incident.phase, incident.alerts_firing) == (Phase.TRIGGERED, 2)
        await house.settle()
        assert len(house.paged()) == 1
        assert "2 of 2 alerts firing" in (await house.card("INC-1")).shown


async def test_a_delivery_that_is_sent_again_after_its_answer_was_lost_changes_nothing(any_place: Place) -> None:
    async with any_place.house() as house:
        first, second = await post(house, "age", "income"), await post(house, "age", "income")
        assert (first.body["new"], second.body["new"], second.body["repeats"]) == (2, 0, 2)
        assert second.body["incidents"] == ["INC-1"]
        await house.settle()
        assert len(house.paged()) == 1


async def test_deliveries_that_come_at_once_are_each_accepted_once(any_place: Place) -> None:
    async with any_place.house() as house:
        answers = await asyncio.gather(*(post(house, f"f{n % 20}", f"g{n % 20}") for n in range(60)))
        assert {answer.status for answer in answers} == {202}
        assert sum(answer.body["new"] for answer in answers) == 40
        assert sum(answer.body["repeats"] for answer in answers) == 80
        assert (await house.incident("INC-1")).alerts_firing == 40


async def test_one_bad_delivery_among_many_costs_the_others_nothing(any_place: Place) -> None:
    async with any_place.house() as house:
        bodies = [b"{", b"[1]", b'{"alerts": [{}]}', b'"text"']
        bad = [send(house, "/alerts/prom", body) for body in bodies]
        wrong = send(house, "/alerts/prom", alertmanager(labelled("x")), headers={"Authorization": "Bearer no"})
        answers = await asyncio.gather(*(post(house, f"f{n}") for n in range(20)), *bad, wrong)
        assert [answer.status for answer in answers[:20]] == [202] * 20
        assert [answer.status for answer in answers[20:]] == [400, 202, 202, 202, 401]
        assert (await house.incident("INC-1")).alerts_firing == 20
        assert (await kept(house))[2] == 3  # the unreadable ones are dead letters


async def test_what_cannot_be_read_is_kept_or_refused_but_never_lost(any_place: Place) -> None:
    async with any_place.house() as house:
        with without(any_place, "letters"):
            assert (await send(house, "/alerts/prom", {"no": "alerts"})).status == 503
        assert (await send(house, "/alerts/prom", {"no": "alerts"})).status == 202
        assert await house.app.store.read(letters.count) == 1


async def test_a_sender_that_hangs_up_is_booked_all_the_same_or_not_at_all(any_place: Place) -> None:
    async with any_place.house() as house:
        tasks = [asyncio.ensure_future(post(house, f"f{n}")) for n in range(10)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        answers = [await post(house, f"f{n}") for n in range(10)]
        assert all(answer.body["accepted"] == 1 for answer in answers)
        assert (await house.incident("INC-1")).alerts_firing == 10
