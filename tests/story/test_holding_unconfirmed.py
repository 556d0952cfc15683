"""K of N evaluations before anybody is paged, clean ones in a row before it ends, and only newer ones end anything."""

from datetime import timedelta
from typing import Any

from bot.engine import intake
from bot.model.held import Cause
from bot.model.incident import Phase
from bot.rules import confirming
from tests.story import quieted
from tests.story.place import START, Place
from tests.story.quieted import Quieted

CONFIRM = "confirm: {breaches: 2, of: 3}"
CALM = "calm: {evaluations: 2}"


def at(minute: int) -> str:
    return (START + timedelta(minutes=minute)).isoformat()


async def look(q: Quieted, minute: int, breaches: bool, **more: Any) -> intake.Receipt:
    """The monitor's look at that minute; a look may be told again."""
    goal = START + timedelta(minutes=minute)
    if goal > q.now:
        await q.house.pass_time(minutes=(goal - q.now).total_seconds() / 60)
    word = "firing" if breaches else "resolved"
    started = {"started_at": at(minute)} if breaches else {"started_at": None}
    return await q.tell("age drifts", status=word, evaluated_at=at(minute), **{**started, **more})


async def test_one_breach_pages_nobody_and_the_second_does(any_place: Place) -> None:
    async with quieted.opened(any_place, head=CONFIRM) as q:
        assert (await look(q, 0, True)).held == 1
        assert (await look(q, 0, True)).repeat == 1  # the same look, told again
        (held,) = await q.held()
        assert (held.hold.cause, held.hold.by) == (Cause.UNCONFIRMED, "anything")
        assert held.hold.why == "Held by anything: 1 of its last 3 evaluations breached, and 2 must."
        assert q.house.paged() == []
        receipt = await look(q, 10, True, started_at=at(0))
        assert (receipt.new, receipt.incidents) == (1, {"INC-1"})
        incident = await q.incident(1)
        assert incident.why.startswith("Held 10 min by anything: 1 of its last 3")
        assert (incident.alerts_firing, incident.repeats) == (1, 1)
        assert len(q.house.paged()) == 1
        assert await q.held() == []


async def test_a_clean_look_between_counts_and_one_too_long_ago_does_not(any_place: Place) -> None:
    async with quieted.opened(any_place, head=CONFIRM) as q:
        assert (await look(q, 0, True)).held == 1
        assert (await look(q, 10, False)).resolved == 1
        assert await q.held() == []
        assert (await look(q, 20, False)).dropped == 1
        assert (await look(q, 30, True)).held == 1  # the breach at 0 is the fourth by now
        assert (await look(q, 40, False)).resolved == 1
        assert (await look(q, 50, True)).new == 1  # two of the last three
        assert len(q.house.paged()) == 1


async def test_where_the_monitor_names_no_look_each_delivery_is_one(place: Place) -> None:
    async with quieted.opened(place, head=CONFIRM) as q:
        assert (await q.tell("age drifts")).held == 1
        assert (await q.tell("age drifts", started_at=None)).new == 1


async def test_in_one_body_each_look_counts(any_place: Place) -> None:
    async with quieted.opened(any_place, head=CONFIRM) as q:
        said = {"title": "age drifts", "started_at": at(0)}
        receipt = await q.tell_all({**said, "evaluated_at": at(0)}, {**said, "evaluated_at": at(5)})
        assert (receipt.held, receipt.new) == (1, 1)
        assert (await q.incident(1)).alerts_total == 1
        assert (await q.over("age drifts", evaluated_at=at(6))).resolved == 1


async def test_what_is_held_ends_and_breaches_again_in_one_body(any_place: Place) -> None:
    """The second breach is one of its own: here it is what confirms the problem."""
    async with quieted.opened(any_place, head=CONFIRM) as q:
        assert (await q.tell("age drifts")).held == 1
        receipt = await q.tell_all({"title": "age drifts", "status": "resolved"}, {"title": "age drifts"})
        assert (receipt.resolved, receipt.new, receipt.incidents) == (1, 1, {"INC-1"})
        assert await q.held() == []
        assert (await q.incident(1)).alerts_firing == 1


async def test_what_is_silenced_ends_and_breaches_again_in_one_body(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        await q.silence("model = churn")
        await q.tell("age drifts")
        receipt = await q.tell_all({"title": "age drifts", "status": "resolved"}, {"title": "age drifts"})
        assert (receipt.resolved, receipt.held) == (1, 1)
        (held,) = await q.held()
        assert held.repeats == 0
        assert len(await q.told(held.alert.problem, "alert.released")) == 1


async def test_what_joins_an_open_incident_needs_no_confirmation(place: Place) -> None:
    async with quieted.opened(place, head=CONFIRM) as q:
        await look(q, 0, True)
        await look(q, 10, True)
        assert (await q.tell("income drifts")).incidents == {"INC-1"}


async def test_nothing_is_held_for_ever_when_its_monitor_falls_silent(place: Place) -> None:
    async with quieted.opened(place, head=CONFIRM) as q:
        await look(q, 0, True)
        await q.house.clock.advance(confirming.UNHEARD - timedelta(seconds=1))
        await q.ring_the_minute()
        assert len(await q.held()) == 1
        await q.house.clock.advance(1)
        await q.ring_the_minute()
        assert (await q.incident(1)).title == "age drifts"


async def test_in_shadow_the_first_breach_pages_and_says_that_it_would_have_waited(place: Place) -> None:
    async with quieted.opened(place, head="confirm: {breaches: 2, of: 3, shadow: true}") as q:
        assert (await look(q, 0, True)).new == 1
        assert "In shadow: it would have been held by anything: 1 of its last 3" in (await q.incident(1)).why
        assert len(await q.told("INC-1", "noise.shadowed")) == 1


async def test_it_ends_with_the_second_clean_look_in_a_row(any_place: Place) -> None:
    async with quieted.opened(any_place, head=CALM) as q:
        await look(q, 0, True)
        assert (await look(q, 10, False)).repeat == 1
        assert (await look(q, 10, False)).repeat == 1  # the same look
        assert (await look(q, 20, True, started_at=at(0))).repeat == 1
        assert (await look(q, 30, False)).repeat == 1
        assert (await q.incident(1)).phase is Phase.TRIGGERED
        assert (await look(q, 40, False)).resolved == 1
        assert (await q.incident(1)).phase is Phase.RESOLVED
        assert (await look(q, 50, True)).incidents == {"INC-2"}


async def test_in_shadow_the_first_clean_look_ends_it_and_that_is_told(place: Place) -> None:
    async with quieted.opened(place, head="calm: {evaluations: 3, shadow: true}") as q:
        await look(q, 0, True)
        assert (await look(q, 10, False)).resolved == 1
        (entry,) = await q.told("INC-1", "noise.shadowed")
        assert entry.entry.why == "It would have stayed open: 1 of 3 clean evaluations in a row."


async def test_a_resolve_of_an_older_look_than_the_last_breach_ends_nothing(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        await look(q, 0, True)
        await look(q, 10, True, started_at=at(0))
        assert (await look(q, 5, False)).dropped == 1
        assert (await look(q, 10, False)).dropped == 1
        assert (await q.over("age drifts", ended_at=at(9))).dropped == 1
        assert (await look(q, 11, False)).resolved == 1


async def test_an_older_breach_told_late_takes_nothing_back(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        await look(q, 0, True)
        await look(q, 10, True, started_at=at(0))
        assert (await look(q, 4, True, started_at=at(0))).repeat == 1
        assert (await look(q, 7, False)).dropped == 1


async def test_what_is_held_resolves_only_by_a_newer_look_too(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        await q.silence("model = churn")
        await look(q, 10, True)
        assert (await look(q, 8, False)).dropped == 1
        assert len(await q.held()) == 1
        assert (await look(q, 12, False)).resolved == 1
