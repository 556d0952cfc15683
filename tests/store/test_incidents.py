"""Incidents: numbered without gaps, one open for each cause, saved only over what was read."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Conflict, NotFound
from bot.model.incident import ENDED, Incident, Phase, close
from bot.model.runbook import Policy, Tier
from bot.store import Store, Tx, incidents
from bot.testing.clock import FakeClock
from tests.store import made
from tests.store.made import SOON, START


async def add(store: Store, *wanted: Incident) -> None:
    await store.write(lambda tx: incidents.add(tx, wanted))


async def get(store: Store, id_: str) -> Incident:
    return await store.read(lambda tx: incidents.get(tx, id_))


async def save(store: Store, before: Incident, after: Incident) -> None:
    await store.write(lambda tx: incidents.save(tx, [(before, after)]))


FULL = made.incident(
    7,
    title="Zürich → \u2028 'quoted' % :x",
    phase=Phase.ACKNOWLEDGED,
    holder="ada",
    round=1,
    step=4,
    version=9,
    next_step_at=START + timedelta(microseconds=1),
    exhausted=True,
    alerts_firing=3,
    alerts_total=5,
    repeats=2**40,
    resolution="merged",
    snoozed_until=START + timedelta(days=7, microseconds=1),
    merged_into="INC-6",
)
BARE = made.incident(8, model=None, model_version=None, environment=None, key="")


@pytest.mark.parametrize("incident", [FULL, BARE], ids=["full", "bare"])
async def test_an_incident_comes_back_as_it_was_written(store: Store, incident: Incident) -> None:
    await add(store, incident)
    assert await get(store, incident.id) == incident


async def test_nothing_to_add_is_no_trouble(store: Store) -> None:
    await add(store)
    assert await store.read(lambda tx: incidents.by_ids(tx, [])) == {}
    assert await store.write(lambda tx: incidents.open_by_keys(tx, [])) == {}


async def test_numbers_have_no_gaps_whatever_fails(store: Store, replica: Store) -> None:
    def fails(tx: Tx) -> None:
        incidents.numbers(tx, 5)
        raise NotFound("no")

    async def some(at: Store, count: int) -> list[int]:
        with pytest.raises(NotFound):
            await at.write(fails)
        return list(await at.write(lambda tx: incidents.numbers(tx, count)))

    parts = await asyncio.gather(*(some(each, n % 3 + 1) for n in range(12) for each in (store, replica)))
    assert sorted(number for part in parts for number in part) == list(range(1, 49))
    assert all(part == list(range(part[0], part[0] + len(part))) for part in parts)


@pytest.mark.parametrize("typed", ["INC-7", "inc-7", "7", " 7 ", "Inc-007"])
async def test_an_incident_is_found_as_people_write_it(store: Store, typed: str) -> None:
    await add(store, FULL)
    assert (await store.read(lambda tx: incidents.find(tx, typed))).id == "INC-7"


@pytest.mark.parametrize(
    "typed", ["", "INC-", "INC-8", "seven", "7.0", "-7", "٧", "INC-INC-7", "1" * 40, "7; --", "\0"]
)
async def test_what_names_no_incident_is_told_so(store: Store, typed: str) -> None:
    await add(store, FULL)
    with pytest.raises(NotFound):
        await store.read(lambda tx: incidents.find(tx, typed))


async def test_only_what_was_read_is_overwritten(store: Store) -> None:
    before = made.incident()
    await add(store, before)
    first = replace(before, holder="ada", version=2)
    await save(store, before, first)
    with pytest.raises(Conflict) as told:
        await save(store, before, replace(before, holder="bo", version=2))
    assert told.value.retry
    assert await get(store, "INC-1") == first
    with pytest.raises(Conflict):
        await save(store, made.incident(2), made.incident(2))


async def test_a_conflict_in_one_of_many_saves_none(store: Store) -> None:
    one, two = made.incident(1), made.incident(2)
    await add(store, one, two)
    pairs = [(one, replace(one, title="new")), (replace(two, version=5), two)]
    with pytest.raises(Conflict):
        await store.write(lambda tx: incidents.save(tx, pairs))
    assert (await get(store, "INC-1")).title == one.title


async def test_one_cause_has_one_open_incident_and_any_number_of_closed_ones(store: Store) -> None:
    def closed(n: int) -> Incident:
        return made.incident(n, key="k", phase=Phase.RESOLVED, resolved_at=START)

    await add(store, closed(1), closed(2), made.incident(3, key="k"))
    with pytest.raises(Conflict):
        await add(store, made.incident(4, key="k"))
    found = await store.write(lambda tx: incidents.open_by_keys(tx, ["k", "other"]))
    assert {key: each.id for key, each in found.items()} == {"k": "INC-3"}
    await save(store, found["k"], replace(closed(3), version=2))
    assert await store.write(lambda tx: incidents.open_by_keys(tx, ["k"])) == {}
    await add(store, made.incident(5, key="k"))


async def test_replicas_that_open_the_same_cause_at_once_share_one_incident(url: str, store: Store, opened) -> None:
    stores = [store, *[await opened(url, FakeClock(START)) for _ in range(2)]]
    keys = [f"cause {n}" for n in range(6)]

    def act(tx: Tx, wanted: list[str]) -> dict[str, str]:
        found = {key: each.id for key, each in incidents.open_by_keys(tx, wanted).items()}
        missing = [key for key in wanted if key not in found]
        numbers = incidents.numbers(tx, len(missing)) if missing else ()
        new = [made.incident(number, key=key) for number, key in zip(numbers, missing, strict=True)]
        incidents.add(tx, new)
        return found | {each.key: each.id for each in new}

    parts = await asyncio.gather(
        *(each.write(lambda tx, n=n: act(tx, keys[n:] + keys[:n])) for n, each in enumerate(stores))
    )
    assert parts[0] == parts[1] == parts[2]
    assert sorted(parts[0].values()) == [f"INC-{n}" for n in range(1, 7)]
    assert await store.read(incidents.count_open) == 6


async def test_the_list_is_newest_first_by_number_not_by_text(store: Store) -> None:
    await add(
        store,
        *(made.incident(n, entity="retail" if n % 2 else "market") for n in (9, 10, 101)),
        made.incident(11, phase=Phase.RESOLVED, resolved_at=START),
    )

    async def listed(**how) -> list[str]:
        return [each.id for each in await store.read(lambda tx: incidents.listing(tx, **how))]

    assert await listed() == ["INC-101", "INC-10", "INC-9"]
    assert await listed(open_only=False, limit=2) == ["INC-101", "INC-11"]
    assert await listed(entity="market") == ["INC-10"]
    assert await listed(entity="nowhere") == []
    assert await store.read(incidents.count_open) == 3


async def test_many_ids_are_found_in_one_question(store: Store) -> None:
    await add(store, *(made.incident(n) for n in range(1, 1203)))
    found = await store.read(lambda tx: incidents.by_ids(tx, [f"INC-{n}" for n in range(2000)]))
    assert len(found) == 1202


async def test_a_locked_incident_makes_the_other_replica_wait_and_see_what_was_written(
    store: Store, replica: Store
) -> None:
    await add(store, made.incident())

    def bump(tx: Tx) -> None:
        before = incidents.get(tx, "INC-1", lock=True)
        incidents.save(tx, [(before, replace(before, repeats=before.repeats + 1, changed_at=tx.now + SOON))])

    await asyncio.gather(*(each.write(bump) for _ in range(20) for each in (store, replica)))
    assert (await get(store, "INC-1")).repeats == 40


words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
tiers = st.builds(
    Tier,
    name=words,
    page=st.lists(words, max_size=3).map(tuple),
    answer_within=st.integers(0, 10**7).map(lambda s: timedelta(milliseconds=s)),
    may=st.lists(words, max_size=2).map(tuple),
)
policies = st.builds(
    Policy,
    tiers=st.lists(tiers, max_size=3).map(tuple),
    start=words,
    repeats=st.integers(0, 9),
    fallback=st.lists(words, max_size=2).map(tuple),
    urgency=words,
    owner=st.none() | words,
)


@given(policies)
def test_a_policy_survives_the_ice(policy: Policy) -> None:
    assert incidents.thaw(incidents.freeze(policy)) == policy


# --- merged keys ---


async def test_what_joined_a_merged_incident_goes_on_with_it(store: Store) -> None:
    one, two, three, four = (made.incident(number) for number in range(1, 5))
    await add(store, one, two, three, four)

    def together(tx: Tx) -> None:
        incidents.keep_together(tx, one, two)
        incidents.keep_together(tx, two, three)

    await store.write(together)
    wanted = {one.key, two.key, three.key, "key-9"}
    found = await store.write(lambda tx: incidents.open_by_merged_keys(tx, wanted))
    assert {key: kept.id for key, kept in found.items()} == {one.key: three.id, two.key: three.id}
    await store.write(lambda tx: incidents.keep_together(tx, one, four))  # opened anew since, and merged elsewhere
    found = await store.write(lambda tx: incidents.open_by_merged_keys(tx, wanted))
    assert {key: kept.id for key, kept in found.items()} == {one.key: four.id, two.key: three.id}
    await save(store, three, close(three, ENDED, START))
    found = await store.write(lambda tx: incidents.open_by_merged_keys(tx, wanted))
    assert {key: kept.id for key, kept in found.items()} == {one.key: four.id}
    assert await store.write(lambda tx: incidents.open_by_merged_keys(tx, ())) == {}
