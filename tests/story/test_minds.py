"""An agent that looks first: what it leaves stands in the thread, and people come whatever it says."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bot.contract.agent import Evidence, Findings, Task
from bot.contract.guard import Guard
from bot.contract.plugin import Check
from bot.engine import minds, report
from bot.engine.desk import Mind
from bot.engine.respond import Verb
from bot.errors import NotDelivered
from bot.model.incident import Phase
from bot.store import log
from bot.testing.house import House
from tests.story.place import Place
from tests.story.test_stages import staged

AGENT = 'page: "agent:hook", wait: 3m, spend: 2'
Say = Callable[[Task], Findings]


class Looker:
    """Says what it is told to; remembers what it was asked."""

    def __init__(self, say: Say) -> None:
        self.say, self.asked = say, list[Task]()

    async def look(self, task: Task) -> Findings:
        self.asked.append(task)
        return self.say(task)

    async def check(self) -> list[Check]:
        return []


def evidence(at: datetime, claim: str = "The upstream table is a day old.") -> tuple[Evidence, ...]:
    return (Evidence(claim, "https://lake.example/orders", at),)


def bring(house: House, say: Say) -> Looker:
    """Give the connection an agent."""
    looker = Looker(say)
    house.app.desk.minds["hook"] = Mind(looker, Guard("hook", house.clock))
    return looker


async def decided(house: House, incident: str, since: datetime) -> list[tuple[float, str]]:
    sheets = await house.ledger(incident)
    return [((one.decided_at - since) / timedelta(minutes=1), one.person) for one in sheets]


async def test_with_evidence_people_come_at_their_time(any_place: Place) -> None:
    staged(any_place, AGENT, 'page: "person:ada", wait: 5m')
    async with any_place.house() as house:
        looker, since = bring(house, lambda task: Findings("Stale data.", evidence(task.at), 1.5)), house.clock.now()
        incident = await house.alert("accuracy fell")
        (task,) = looker.asked
        assert (task.spend, task.key) == (2.0, f"mind/{incident.id}/1/hook")
        assert task.within <= timedelta(minutes=3)
        now = await house.incident(incident.id)
        assert (now.phase, now.holder) == (Phase.TRIGGERED, None)
        card = await house.card(incident.id)
        assert "The agent of hook looks first." in card.shown
        await house.pass_time(minutes=1)
        thread = "\n".join(one.shown for one in house.workspace.messages("ml-oncall", thread=card.ts))
        assert "Stale data." in thread
        assert "The upstream table is a day old. (https://lake.example/orders," in thread
        await house.pass_time(minutes=4)
        assert await decided(house, incident.id, since) == [(3.0, "ada")]
        assert len(looker.asked) == 1


def _broken(_task: Task) -> Findings:
    raise NotDelivered("It is asleep.", "Wake it.", retry=True)


def _bug(_task: Task) -> Findings:
    raise ZeroDivisionError


NOTHING: dict[str, tuple[Say, str]] = {
    "no evidence": (lambda task: Findings("Nothing odd.", (), 0.5, ("the lineage",)), "It left no evidence."),
    "too dear": (lambda task: Findings("", evidence(task.at), 2.5), "It spent 2.5 of 2, more than it may."),
    "asleep": (_broken, "It is asleep."),
    "broken": (_bug, "hook failed in mind: ZeroDivisionError."),
}


@pytest.mark.parametrize("case", NOTHING)
async def test_without_it_people_come_at_once_and_read_what_it_tried(place: Place, case: str) -> None:
    say, why = NOTHING[case]
    staged(place, AGENT, 'page: "person:ada", wait: 5m')
    async with place.house() as house:
        bring(house, say)
        since = house.clock.now()
        incident = await house.alert("accuracy fell")
        assert await decided(house, incident.id, since) == [(0.0, "ada")]
        view = await report.view(house.app.desk, incident.id, timeline=50)
        (told,) = [one.entry for one in view.timeline if one.entry.kind in minds.KINDS]
        assert told.why.startswith(why)
        assert told.actor == "agent:hook"
        card = await house.card(incident.id)
        await house.pass_time(minutes=1)
        thread = "\n".join(one.shown for one in house.workspace.messages("ml-oncall", thread=card.ts))
        assert why in thread
        if case == "no evidence":
            assert "It tried: the lineage." in thread


async def test_beside_people_it_moves_nothing(place: Place) -> None:
    staged(place, 'page: ["agent:hook", "person:ada"], wait: 3m, spend: 2')
    async with place.house() as house:
        bring(house, lambda task: Findings(""))
        since = house.clock.now()
        incident = await house.alert("accuracy fell")
        await house.pass_time(minutes=4)
        assert await decided(house, incident.id, since) == [(0.0, "ada"), (3.0, "bo")]


async def test_what_it_says_is_data(place: Place) -> None:
    staged(place, AGENT, 'page: "person:ada", wait: 5m')
    async with place.house() as house:
        bring(house, lambda task: Findings("<!channel> <@U01BO>", evidence(task.at, "<https://evil.example|click>")))
        incident = await house.alert("accuracy fell")
        card = await house.card(incident.id)
        for one in house.workspace.messages("ml-oncall", thread=card.ts):
            drawn = f"{one.text} {one.blocks}"
            assert "'type': 'broadcast'" not in drawn
            assert "'user_id': 'U01BO'" not in drawn
            assert "<!channel>" not in (one.text or "")
            assert "'url': 'https://evil.example'" not in drawn
        assert (await house.incident(incident.id)).phase is Phase.TRIGGERED


async def test_a_connection_without_an_agent_is_passed_over_and_the_owner_told(place: Place) -> None:
    staged(place, AGENT, 'page: "person:ada", wait: 5m')
    async with place.house() as house:
        since = house.clock.now()
        incident = await house.alert("accuracy fell")
        assert await decided(house, incident.id, since) == [(0.0, "ada")]
        assert any("The connection hook has no agent." in told for told in house.told("flo"))


async def test_it_is_asked_once_whatever_happens_after(place: Place) -> None:
    staged(place, AGENT, 'page: "person:ada", wait: 5m')
    async with place.house() as house:
        looker = bring(house, lambda task: Findings(""))
        incident = await house.alert("accuracy fell")
        await house.answer(Verb.ACKNOWLEDGE, incident.id, by="ada")
        await house.pass_time(hours=1)
        assert len(looker.asked) == 1
        kinds = [each.entry.kind for each in await house.app.store.read(lambda tx: log.of(tx.sql, incident.id))]
        assert kinds.count("agent.failed") == 1
