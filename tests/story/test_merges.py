"""Two incidents become one: alerts, keys, pages and cards follow, whoever is at it at the same moment."""

import asyncio

import pytest

from bot.errors import NotFound
from bot.model.incident import MERGED, Incident, Phase
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.testing.house import House
from tests.story.answers import at_once, do, last, names
from tests.story.place import Place


async def two(house: House) -> tuple[Incident, Incident]:
    """One incident of churn's, one of price's."""
    return await house.alert("accuracy fell"), await house.alert("price is off", model="price")


async def test_what_is_merged_goes_on_in_the_other(any_place: Place) -> None:
    async with any_place.house() as house:
        one, other = await two(house)
        answer = await do(house, Verb.MERGE, one, "eve", other.id.lower(), why="one feed feeds both")
        assert answer.sentence.startswith(f"{one.id} is part of {other.id} now.")
        gone, on = await house.incident(one.id), await house.incident(other.id)
        assert (gone.phase, gone.resolution, gone.merged_into) == (Phase.RESOLVED, MERGED, other.id)
        assert (on.phase, on.alerts_firing, on.alerts_total) == (Phase.TRIGGERED, 2, 2)
        assert on.version == other.version  # a card of it that somebody looks at is not stale for that
        merged, joined = await last(house, one, "incident.merged"), await last(house, other, "incident.joined")
        assert (merged.chain, merged.after["into"], merged.why) == ("retail", other.id, "one feed feeds both")
        assert (joined.chain, joined.after["merged"], joined.after["firing"]) == ("market", one.id, 1)
        assert "Acknowledge" not in house.pages_to("ada")[0].buttons
        assert other.id in (await house.card(one.id)).shown
        assert "2 of 2 alerts firing" in (await house.card(other.id)).shown
        refused = await do(house, Verb.ACKNOWLEDGE, one, "ada")
        assert (refused.verdict, refused.sentence) == (
            Verdict.RESOLVED,
            f"{one.id} is part of {other.id} now; look there.",
        )


async def test_what_would_open_it_anew_joins_the_other_while_that_is_open(any_place: Place) -> None:
    async with any_place.house() as house:
        one, other = await two(house)
        await do(house, Verb.MERGE, one, "eve", other.id)
        assert (await house.alert("recall fell")).id == other.id  # new, with the key of what was merged
        assert (await house.alert("accuracy fell")).id == other.id  # a repeat of what has moved
        for title, left in (("accuracy fell", 2), ("recall fell", 1)):
            await house.resolve(title)
            assert (await house.incident(other.id)).alerts_firing == left
        await house.resolve("price is off", model="price")
        assert (await house.incident(other.id)).resolution == "ended"
        again = await house.alert("auc fell")
        assert again.id not in (one.id, other.id)


async def test_a_chain_of_merges_ends_where_it_goes_on(any_place: Place) -> None:
    async with any_place.house() as house:
        one, other = await two(house)
        third = await house.alert("late", kind="freshness", model="price")
        await do(house, Verb.MERGE, one, "eve", other.id)
        await do(house, Verb.MERGE, other, "eve", third.id)
        assert (await house.incident(third.id)).alerts_firing == 3
        assert (await house.alert("recall fell")).id == third.id
        assert (await house.alert("price is odd", model="price")).id == third.id
        back = await do(house, Verb.MERGE, third, "eve", one.id)
        assert back.verdict is Verdict.OVER  # no circle


async def test_what_cannot_be_merged_is_refused_with_the_reason(any_place: Place) -> None:
    async with any_place.house() as house:
        one, other = await two(house)
        before = await house.incident(one.id)
        assert (await do(house, Verb.MERGE, one, "eve", one.id)).verdict is Verdict.ITSELF
        assert (await do(house, Verb.MERGE, one, "dee", other.id)).verdict is Verdict.NOT_ALLOWED
        assert (await do(house, Verb.MERGE, other, "dee", one.id)).verdict is Verdict.NOT_ALLOWED_THERE
        for typed in ("INC-99", "", "that one"):
            with pytest.raises(NotFound):
                await do(house, Verb.MERGE, one, "eve", typed)
        await do(house, Verb.RESOLVE, other, "eve")
        assert (await do(house, Verb.MERGE, one, "eve", other.id)).verdict is Verdict.OVER
        assert await house.incident(one.id) == before


async def test_a_snooze_and_a_climb_of_what_was_merged_are_over(any_place: Place) -> None:
    async with any_place.house() as house:
        one, other = await two(house)
        await do(house, Verb.SNOOZE, one, "ada", "5")
        await do(house, Verb.ACKNOWLEDGE, other, "eve")
        await do(house, Verb.MERGE, one, "eve", other.id)
        paged = names(house)
        await house.pass_time(minutes=30)
        assert names(house) == paged
        assert (await house.incident(one.id)).resolution == MERGED


async def test_of_two_who_merge_crosswise_at_once_one_does(any_place: Place) -> None:
    async with any_place.house() as house:
        one, other = await two(house)
        answers = await asyncio.gather(
            at_once(house, Verb.MERGE, one, "eve", other.id), at_once(house, Verb.MERGE, other, "eve", one.id)
        )
        assert [answer.verdict for answer in answers].count(Verdict.GO) == 1
        assert [(await house.incident(i.id)).open for i in (one, other)].count(True) == 1


async def test_alerts_that_arrive_while_it_is_merged_are_counted_once_where_they_belong(any_place: Place) -> None:
    async with any_place.house() as house:
        one, other = await two(house)

        def body(number: int, status: str = "firing") -> dict[str, str]:
            title = f"feature {number}"
            return {"title": title, "problem": title, "kind": "performance", "model": "churn", "status": status}

        storm = [house.deliver(body(number)) for number in range(12)]
        await asyncio.gather(*storm[:6], at_once(house, Verb.MERGE, one, "eve", other.id), *storm[6:])
        await house.settle()
        on = await house.incident(other.id)
        assert (on.alerts_firing, on.alerts_total) == (14, 14)
        await asyncio.gather(*(house.deliver(body(number, "resolved")) for number in range(12)))
        await house.resolve("accuracy fell")
        assert (await house.incident(other.id)).alerts_firing == 1
        assert (await house.incident(one.id)).alerts_total == 0
