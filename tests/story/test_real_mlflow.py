"""A real MLflow, a real bot and what people do to both: there and back, somebody else's hand, signed webhooks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from bot.engine import agree, propose
from bot.model.change import Change, Lever, Step
from bot.model.served import Moved
from bot.store import changes, history, moved
from bot.testing.clock import FakeClock
from bot.testing.house import House
from tests.parts import waiting
from tests.parts.mlflow import Server
from tests.story.place import START, Place, send

pytestmark = [pytest.mark.mlflow, pytest.mark.slow]

SECRET = "a-secret-of-the-webhooks"
PATIENCE = 20.0


@pytest.fixture
def clock() -> FakeClock:
    """It stands at the real time, which MLflow signs."""
    return FakeClock(datetime.now(UTC))


@dataclass
class Shop:
    """The bot, MLflow, and a model of which 3 serves."""

    house: House
    server: Server
    name: str

    async def proposed(self, version: str | None = "2", lever: Lever = Lever.ROLLBACK) -> Change:
        """Ada asks for another version."""
        return await self.wished(propose.Wish(lever, "churn", version=version, why="accuracy fell"))

    async def wished(self, wish: propose.Wish) -> Change:
        """Ada asks for something."""
        said = await propose.propose(self.house.app.desk, wish, "person:ada", self.house.clock.now(), "cli")
        assert said.change, said.sentence
        return said.change

    async def agreed(self, change: Change) -> Change:
        """Bo agrees, and what follows happens; the change as it is then."""
        vote = agree.Vote(agree.AGREE, change.id, "person:bo", self.house.clock.now(), "cli")
        voted = await agree.vote(self.house.app.desk, vote)
        assert voted.change, voted.sentence
        await self.house.settle()
        return await self.house.app.store.read(lambda tx: changes.get(tx, change.id))

    async def ledger(self) -> list[Moved]:
        """What served, the oldest first."""
        return (await self.house.app.store.read(lambda tx: moved.listing(tx, "churn")))[::-1]

    async def pointed(self) -> str | None:
        """Where the alias points, by MLflow's own word."""
        return await self.server.pointed(self.name, "champion")


@pytest.fixture
async def shop(place: Place, mlflow: Server) -> AsyncIterator[Shop]:
    name = f"churn-{uuid4().hex[:8]}"
    await mlflow.model(name, 3, alias="champion")
    connection = f"  - {{name: registry, plugin: mlflow, url: '{mlflow.url}', secret: {SECRET}}}\n"
    place.change("config/tocsin.yaml", "connections:\n", f"connections:\n{connection}")
    ref = f"platform: registry, ref: {{registered_model: {name}, alias: champion}}"
    old = "team: churn-ml}"
    place.change("config/estate.yaml", old, f"{old[:-1]}, {ref}, approvers: [person:bo]}}")
    async with place.house() as house:
        yield Shop(house, mlflow, name)


async def test_there_and_back(shop: Shop) -> None:
    asked = await shop.proposed()
    assert asked.plan.before.version == "3"
    assert any("keeps answering with it" in warning for warning in asked.plan.warnings)
    assert await shop.pointed() == "3"  # nothing is done that nobody agreed to
    done = await shop.agreed(asked)
    assert (done.step, await shop.pointed()) == (Step.DONE, "2")
    assert [(one.serving.version, one.change) for one in await shop.ledger()] == [("3", None), ("2", asked.id)]
    back = await shop.wished(await propose.undo(shop.house.app.desk, asked.id, "it was not the model", "en"))
    assert (await shop.agreed(back)).step is Step.DONE
    assert await shop.pointed() == "3"


async def test_what_somebody_moved_meanwhile_is_left_alone(shop: Shop) -> None:
    asked = await shop.proposed()
    await shop.server.point(shop.name, "champion", 1)
    ended = await shop.agreed(asked)
    assert (ended.step, await shop.pointed()) == (Step.EXPIRED, "1")
    assert "1 serves now" in ended.outcome


async def test_a_version_that_was_deleted_meanwhile(shop: Shop) -> None:
    asked = await shop.proposed()
    await shop.server.delete(shop.name, 2)
    ended = await shop.agreed(asked)
    assert (ended.step, await shop.pointed()) == (Step.FAILED, "3")
    assert "nothing was changed" in ended.outcome


async def test_mlflow_itself_tells_of_what_was_moved(shop: Shop) -> None:
    desk, events = shop.house.app.desk, [("MODEL_VERSION_ALIAS", "CREATED"), ("MODEL_VERSION", "CREATED")]
    await shop.agreed(await shop.proposed())

    async def seen() -> bool:
        await shop.house.settle()
        return [one.serving.version for one in await shop.ledger()][-1] == "4"

    async with shop.server.telling(f"{shop.house.url}/alerts/registry", SECRET, *events):
        assert await shop.server.trained(shop.name, auc=0.99) == "4"
        await shop.server.point(shop.name, "champion", 4)
        await waiting.until(seen, within=PATIENCE, what="the move in the ledger")
    last = (await shop.ledger())[-1]
    assert (last.by, last.change) == ("seen", None)
    noted = await desk.store.read(lambda tx: history.noted(tx, ["model.moved"], START, 10))
    assert [entry.subject for entry in noted][-1:] == ["churn"]


async def test_a_webhook_that_mlflow_did_not_sign_moves_nothing(shop: Shop) -> None:
    data = {"name": shop.name, "alias": "champion", "version": "1"}
    body = {"entity": "model_version_alias", "action": "created", "timestamp": "2026-11-23T00:00:00Z", "data": data}
    forged = {"X-MLflow-Delivery-Id": "d", "X-MLflow-Timestamp": "1", "X-MLflow-Signature": "v1,AAAA"}
    assert (await send(shop.house, "/alerts/registry", body, headers=forged)).status == 401
    await shop.house.settle()
    assert [one.serving.version for one in await shop.ledger()] in ([], ["3"])
