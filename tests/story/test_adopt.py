"""A runbook that is changed while an incident is open: shown as a difference, taken over on request alone."""

from datetime import timedelta

import pytest

from bot.engine import adopt, explain
from bot.engine.respond import Answer, Press, Verb
from bot.model.verdict import Verdict
from bot.store import log
from bot.testing.house import House
from tests.story.place import Place
from tests.story.test_stages import ledger, staged

WAS, LONGER, SHORTER = ("answer_within: 10m", "answer_within: 20m", "answer_within: 2m")


async def ask(house: House, incident: str, by: str = "ada", seen: str = "") -> Answer:
    press = Press(Verb.ESCALATE, incident, f"person:{by}", house.clock.now(), "cli", detail=seen)
    answer = await adopt.adopt(house.app.desk, press)
    await house.settle()
    return answer


async def differs(house: House, incident: str) -> tuple[str, ...]:
    found = await house.incident(incident)
    return await house.app.store.read(lambda tx: adopt.difference(tx, house.app.desk, found))


async def change(place: Place, house: House, old: str, new: str) -> None:
    place.change("runbooks/anything.md", old, new)
    await house.reload()


@pytest.mark.parametrize(("length", "minute"), [(LONGER, 20), (SHORTER, 5)])
async def test_the_running_step_gets_its_new_length_from_its_own_beginning(
    any_place: Place, length: str, minute: int
) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        await house.pass_time(minutes=5)
        await change(any_place, house, WAS, length)
        now = length.partition(" ")[2]
        want = f"L1 pages rota:first-line and waits {now}; it pages rota:first-line and waits 10m before."
        assert await differs(house, incident.id) == (want,)
        answer = await ask(house, incident.id)
        assert (answer.verdict, want in answer.sentence) == (Verdict.GO, True)
        await house.pass_time(minutes=26)
        assert (await ledger(house, incident.id))[1] == (minute, "bo")
        assert await differs(house, incident.id) == ()


async def test_without_a_request_nothing_changes(place: Place) -> None:
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        await change(place, house, WAS, LONGER)
        await house.pass_time(minutes=11)
        assert await ledger(house, incident.id) == [(0.0, "ada"), (10.0, "bo")]
        assert (await explain.incident(house.app.desk, incident.id, house.clock.now())).revised


async def test_twice_is_once_and_what_was_before_is_written_down(place: Place) -> None:
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        await change(place, house, "fallback: person:eve", "fallback: person:dee")
        first, second = await ask(house, incident.id), await ask(house, incident.id)
        assert (first.verdict, second.verdict) == (Verdict.GO, Verdict.ALREADY)
        sealed = await house.app.store.read(lambda tx: log.of_kinds(tx.sql, incident.id, (adopt.ADOPTED,)))
        (entry,) = [one.entry for one in sealed]
        assert '"fallback":["person:eve"]' in entry.before["policy"]
        assert '"fallback":["person:dee"]' in entry.after["policy"]
        assert entry.after["changes"] == ["The last resort is person:dee, not person:eve."]


async def test_who_may_not_escalate_may_not_adopt(place: Place) -> None:
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        await change(place, house, WAS, LONGER)
        assert (await ask(house, incident.id, by="dee")).verdict is Verdict.NOT_ALLOWED
        assert (await ask(house, incident.id, by="nobody")).verdict is Verdict.STRANGER
        assert (await house.incident(incident.id)).policy == incident.policy


async def test_a_tier_that_is_no_more_stays_until_its_time(place: Place) -> None:
    """H4 of the lifecycle: what a policy no longer says is dead, and never replayed."""
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        await house.pass_time(minutes=12)
        await change(place, house, '  L2: {page: "person:bo", answer_within: 15m}\n', "")
        assert await differs(house, incident.id) == ("L2 is no more.",)
        await ask(house, incident.id)
        await house.pass_time(hours=2)
        assert await ledger(house, incident.id) == [
            *((0.0, "ada"), (10.0, "bo"), (25.0, "cy"), (55.0, "ada"), (65.0, "cy"), (95.0, "eve"))
        ]


async def test_a_stage_that_was_added_is_paged_and_one_that_is_over_is_not(place: Place) -> None:
    """H7: rules that were added count from where it stands; none is retroactive."""
    staged(place, 'page: "person:ada", wait: 5m', 'page: "person:dee", wait: 5m')
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        await house.pass_time(minutes=6)
        old = '      - {page: "person:dee", wait: 5m}\n'
        await change(
            place, house, old, '      - {page: "person:flo", wait: 8m}\n      - {page: "person:eve", wait: 5m}\n'
        )
        await ask(house, incident.id)
        await house.pass_time(minutes=30)
        climbed = [(0.0, "ada"), (5.0, "dee"), (13.0, "eve"), (18.0, "bo"), (33.0, "cy")]
        assert await ledger(house, incident.id) == climbed


async def test_the_thread_says_so_once_and_its_button_takes_it_over(place: Place) -> None:
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        card = await house.card(incident.id)
        await change(place, house, WAS, LONGER)
        await house.reload()
        await house.pass_time(seconds=10)
        said = house.workspace.messages("ml-oncall", thread=card.ts)
        (line,) = [one for one in said if "was changed since" in one.shown]
        assert "L1 pages rota:first-line and waits 20m" in line.shown
        await change(place, house, LONGER, SHORTER)
        await house.press(line, "Take the change over", by="ada")  # an old line
        assert (await house.incident(incident.id)).policy == incident.policy
        await house.pass_time(seconds=10)
        lines = [one for one in house.workspace.messages("ml-oncall", thread=card.ts) if "waits 2m" in one.shown]
        await house.press(lines[-1], "Take the change over", by="ada")
        taken = await house.incident(incident.id)
        assert taken.policy.tiers[0].answer_within == timedelta(minutes=2)
