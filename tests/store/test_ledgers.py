"""The smaller aggregates: pages, posts, dead letters, what was seen, and overrides."""

import asyncio
from datetime import timedelta

import pytest

from bot.errors import BadInput, Conflict, NotFound
from bot.model.page import PageState
from bot.model.rota import Amendment, Override
from bot.store import Store, incidents, letters, overrides, pages, posts, seen
from bot.testing.clock import FakeClock
from tests.store import made
from tests.store.made import SOON, START

LETTER = letters.Letter("dl-1", "prom", START, "no \0 sense", {"content-type": "x"}, b"\x00\xff{}")


async def test_what_was_seen_is_new_only_once_until_it_runs_out(store: Store, clock: FakeClock) -> None:
    async def first(key: str) -> bool:
        return await store.write(lambda tx: seen.first(tx, key, tx.now + SOON))

    assert await first("a")
    assert not await first("a")
    assert await first("b")
    await clock.advance(SOON - timedelta(microseconds=1))
    assert not await first("a")
    await clock.advance(timedelta(microseconds=1))
    assert await first("a")
    assert not await first("a")
    await clock.advance(SOON)
    assert await store.write(seen.prune) == 2
    assert await store.write(seen.prune) == 0


async def test_of_many_who_show_the_same_key_one_is_first(store: Store, replica: Store) -> None:
    firsts = await asyncio.gather(
        *(each.write(lambda tx: seen.first(tx, "k", START + SOON)) for _ in range(8) for each in (store, replica))
    )
    assert firsts.count(True) == 1


async def test_twice_in_one_transaction_is_once(store: Store) -> None:
    assert await store.write(lambda tx: [seen.first(tx, "k", START + SOON) for _ in range(3)]) == [True, False, False]


async def test_a_post_is_remembered_where_it_stands_last(store: Store) -> None:
    assert await store.read(lambda tx: posts.get(tx, "card/INC-1")) is None
    first = posts.Post("card/INC-1", "#a", "1.0", "d1")
    second = posts.Post("card/INC-1", "#b", "2.0", "d2")
    for post in (first, second):
        await store.write(lambda tx, post=post: posts.save(tx, post))
        assert await store.read(lambda tx: posts.get(tx, "card/INC-1")) == post


@pytest.fixture
async def ledger(store: Store) -> Store:
    """A store with one incident, to which pages may belong."""
    await store.write(lambda tx: incidents.add(tx, [made.incident()]))
    return store


async def test_the_ledger_of_a_page_is_filled_in_as_it_goes(ledger: Store) -> None:
    page = made.page()
    await ledger.write(lambda tx: pages.add(tx, [page]))
    assert await ledger.read(lambda tx: pages.get(tx, page.id)) == page
    await ledger.write(lambda tx: pages.change(tx, page.id, PageState.SENT, sent_at=START, provider_id="C1/1.0"))
    await ledger.write(lambda tx: pages.change(tx, page.id, PageState.ANSWERED, answered_at=START + SOON))
    back = await ledger.read(lambda tx: pages.get(tx, page.id))
    assert (back.state, back.sent_at, back.provider_id, back.answered_at) == (
        PageState.ANSWERED,
        START,
        "C1/1.0",
        START + SOON,
    )
    assert (back.why, back.failure, back.decided_at) == (page.why, None, START)


async def test_pages_come_by_step_then_by_person(ledger: Store) -> None:
    names = ["2/ada", "1/cy", "1/bo", "10/ada"]
    await ledger.write(lambda tx: pages.add(tx, [made.page(f"INC-1/{name}/slack") for name in names]))
    found = await ledger.read(lambda tx: pages.of(tx, "INC-1"))
    assert [f"{page.step}/{page.person}" for page in found] == ["1/bo", "1/cy", "2/ada", "10/ada"]
    assert [page.person for page in await ledger.read(lambda tx: pages.of(tx, "INC-1", 1))] == ["bo", "cy"]
    assert await ledger.read(lambda tx: pages.of(tx, "INC-2")) == []


async def test_one_step_pages_one_person_by_one_channel_once(ledger: Store) -> None:
    await ledger.write(lambda tx: pages.add(tx, [made.page()]))
    with pytest.raises(Conflict):
        await ledger.write(lambda tx: pages.add(tx, [made.page("INC-1/1/bo/slack"), made.page()]))
    assert len(await ledger.read(lambda tx: pages.of(tx, "INC-1"))) == 1


async def test_a_page_nobody_decided_is_not_found(ledger: Store) -> None:
    with pytest.raises(NotFound):
        await ledger.read(lambda tx: pages.get(tx, "INC-1/1/ada/slack"))
    with pytest.raises(Conflict):
        await ledger.write(lambda tx: pages.add(tx, [made.page("INC-2/1/ada/slack")]))
    await ledger.write(lambda tx: pages.add(tx, []))


async def test_a_dead_letter_is_kept_whole_until_it_is_replayed(store: Store, clock: FakeClock) -> None:
    later = letters.Letter("dl-2", "prom", START + SOON, "why", {}, b"")
    for letter in (later, LETTER):
        await store.write(lambda tx, letter=letter: letters.add(tx, letter))
    assert [letter.id for letter in await store.read(letters.waiting)] == ["dl-1", "dl-2"]
    assert [letter.id for letter in await store.read(lambda tx: letters.waiting(tx, 1))] == ["dl-1"]
    back = await store.read(lambda tx: letters.get(tx, "dl-1"))
    assert (back.body, back.headers, back.why) == (LETTER.body, LETTER.headers, "no \ufffd sense")
    await clock.advance(90)
    await store.write(lambda tx: letters.replayed(tx, "dl-1"))
    assert await store.read(letters.count) == 1
    back = await store.read(lambda tx: letters.get(tx, "dl-1"))
    assert back.replayed_at == START + timedelta(seconds=90)
    with pytest.raises(NotFound):
        await store.read(lambda tx: letters.get(tx, "dl-3"))


def override(id_: str, start: int, end: int, **more) -> Override:
    span = (START + start * SOON, START + end * SOON)
    return Override(id_, "first-line", Amendment.COVER, *span, **({"person": "bo", "by": "ada", "why": "sick"} | more))


async def test_an_override_counts_while_it_touches_the_span(store: Store) -> None:
    wanted = [override("late", 20, 30), override("early", 0, 10), override("other", 5, 6)]
    wanted[2] = Override(
        **{**{n: getattr(wanted[2], n) for n in Override.__slots__}, "kind": Amendment.ABSENCE, "rota": "nights"}
    )
    for each in wanted:
        await store.write(lambda tx, each=each: overrides.add(tx, each))

    async def active(start: float, end: float, rota: str | None = None) -> list[str]:
        span = START + start * SOON, START + end * SOON
        return [each.id for each in await store.read(lambda tx: overrides.active(tx, *span, rota))]

    assert await active(0, 30) == ["early", "other", "late"]
    assert await active(0, 30, "first-line") == ["early", "late"]
    assert await active(10, 20) == []
    assert await active(9.99, 10) == ["early"]
    assert await active(-1, 0) == []
    assert await active(0, 0.01) == ["early"]
    found = await store.read(lambda tx: overrides.active(tx, START, START + SOON))
    assert found == [wanted[1]]
    await store.write(lambda tx: overrides.remove(tx, "early"))
    assert await active(0, 10, "first-line") == []
    with pytest.raises(NotFound):
        await store.write(lambda tx: overrides.remove(tx, "early"))


@pytest.mark.parametrize(("start", "end"), [(5, 5), (5, 4)])
async def test_an_override_without_a_span_is_refused(store: Store, start: int, end: int) -> None:
    with pytest.raises(BadInput):
        await store.write(lambda tx: overrides.add(tx, override("x", start, end)))


async def test_the_same_override_twice_is_refused(store: Store) -> None:
    await store.write(lambda tx: overrides.add(tx, override("a", 0, 1, replaces="cy")))
    with pytest.raises(Conflict):
        await store.write(lambda tx: overrides.add(tx, override("b", 0, 2, replaces="cy")))
