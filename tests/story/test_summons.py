"""Somebody is asked to join: they are paged, whoever holds the incident goes on holding it, and no clock stops."""

from bot.model.incident import Phase
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from tests.story.answers import do, names
from tests.story.place import Place


async def test_who_is_asked_to_join_is_paged_and_the_holder_stays(any_place: Place) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        await do(house, Verb.ACKNOWLEDGE, incident, "ada")
        before = await house.incident(incident.id)
        answer = await do(house, Verb.PAGE, incident, "dee", "person:flo", why="you know this feed")
        assert answer.sentence == f"{incident.id}: flo paged and asked to join. It stays with ada."
        assert await house.incident(incident.id) == before
        (asked,) = house.pages_to("flo")
        assert "you know this feed" in asked.shown
        again = await do(house, Verb.PAGE, incident, "ada", "flo")
        assert (again.verdict, len(house.pages_to("flo"))) == (Verdict.ALREADY, 1)
        there = await do(house, Verb.ACKNOWLEDGE, incident, "flo")
        assert there.verdict is Verdict.ALREADY
        assert there.sentence.startswith(f"{incident.id} was acknowledged already, by ada.")
        assert (await house.ledger(incident.id))[-1].answered_at == house.clock.now()
        assert (await house.story(incident.id))[-1] == "person.joined"
        assert "Acknowledge" not in house.pages_to("flo")[0].buttons
        assert (await do(house, Verb.RESOLVE, incident, "flo")).verdict is Verdict.GO  # who was asked may answer


async def test_asking_somebody_stops_no_clock_and_an_answer_by_another_leaves_them_asked(any_place: Place) -> None:
    any_place.change(
        "config/people.yaml",
        "{name: flo, slack: U01FLO}",
        "{name: flo, slack: U01FLO, notify: {high: [slack after 2m]}}",
    )
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        await do(house, Verb.PAGE, incident, "ada", "person:flo")
        assert (await house.incident(incident.id)).next_step_at == any_place.after(minutes=10)
        await do(house, Verb.ACKNOWLEDGE, incident, "ada")
        await house.pass_time(minutes=3)
        assert names(house) == ["ada", "flo"]
        await do(house, Verb.PAGE, incident, "ada", "bo")
        await do(house, Verb.RESOLVE, incident, "bo")
        await house.pass_time(minutes=30)
        assert names(house) == ["ada", "flo", "bo"]


async def test_nobody_lets_themselves_in(any_place: Place) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        assert (await do(house, Verb.PAGE, incident, "dee", "dee")).verdict is Verdict.YOURSELF
        assert (await do(house, Verb.PAGE, incident, "dee", "price-ml")).verdict is Verdict.YOURSELF
        assert (await do(house, Verb.ACKNOWLEDGE, incident, "dee")).verdict is Verdict.NOT_ALLOWED


async def test_a_request_that_does_not_arrive_is_told_of(any_place: Place) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        await do(house, Verb.ACKNOWLEDGE, incident, "ada")
        house.workspace.fault("chat.postMessage", "channel_not_found", times=1)
        await do(house, Verb.PAGE, incident, "ada", "person:flo")
        await house.pass_time(minutes=1)
        assert any("flo could not be asked to join" in text for text in house.told("#ml-oncall"))
        assert (await house.incident(incident.id)).phase is Phase.ACKNOWLEDGED
