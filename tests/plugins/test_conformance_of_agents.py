"""The suite for agents: it passes one that keeps the contract and names what another does instead."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.contract.agent import Evidence, Findings, Task
from bot.contract.plugin import Check, Health
from bot.errors import NotDelivered
from bot.model.incident import imagined
from bot.model.runbook import Policy, Tier
from bot.model.view import View
from bot.testing import agents

AT = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
POLICY = Policy((Tier("L1", ("person:ada",), timedelta(minutes=5)),), "L1")
VIEW = View(imagined(POLICY, AT), "accuracy fell", (), (), "Anything", None, None, (), None, ())
SEEN = Evidence("The table is old.", "https://lake.example", AT)


class Good:
    """As small as an agent can be that keeps the contract."""

    async def look(self, task: Task) -> Findings:
        spent = min(0.5, task.spend)
        return Findings("Stale.", (SEEN,) if spent else (), spent, ("the lineage",))

    async def check(self) -> list[Check]:
        return [Check("model", Health.OK)]


class Asleep(Good):
    async def look(self, task: Task) -> Findings:
        raise NotDelivered("It is asleep.", "Wake it.")


class Dear(Good):
    async def look(self, task: Task) -> Findings:
        return Findings("", (SEEN,), 9.0)


class Empty(Good):
    async def look(self, task: Task) -> Findings:
        return Findings("I am sure.")


class Vague(Good):
    async def look(self, task: Task) -> Findings:
        return Findings("", (Evidence("It is odd.", " ", datetime(2026, 11, 23)),))


class Broken(Good):
    async def look(self, task: Task) -> Findings:
        raise ZeroDivisionError


class Mute(Good):
    async def check(self) -> list[Check]:
        raise KeyError("model")


@pytest.mark.parametrize("agent", [Good(), Asleep()])
async def test_one_that_keeps_its_word_passes(agent: Good) -> None:
    assert await agents.suite(agent, VIEW) == []


@pytest.mark.parametrize(
    ("agent", "complaint"),
    [
        (Dear(), "It spent 9 of 1."),
        (Dear(), "It spent 9 where it may spend nothing."),
        (Empty(), "It left neither evidence nor what it tried."),
        (Vague(), "An observation has no source."),
        (Vague(), "An observation bears a time without a zone."),
        (Broken(), "look() failed in a way of its own"),
        (Mute(), "check() failed"),
    ],
)
async def test_what_another_does_instead_is_named(agent: Good, complaint: str) -> None:
    found = await agents.suite(agent, VIEW)
    assert any(one.startswith(complaint) for one in found), found
