"""How far a fault has reached: an estimate, marked so; what is unknown is said, and nothing waits for the answer."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.contract.guard import Guard
from bot.contract.platform import Flow
from bot.contract.source import Delivery
from bot.engine import blast, intake, report
from bot.engine.desk import Host
from bot.errors import NotDelivered
from bot.model.alert import Alert, Kind, Measure, Status
from bot.model.blast import Blast
from tests.story import waiting_room
from tests.story.changing import Shelf
from tests.story.place import START
from tests.story.waiting_room import Waiting

BAD = START - timedelta(hours=2)
HOSTILE = "<!channel> {x} \u202eue\n"


@dataclass
class Counting(Shelf):
    """A platform that knows how much passed through."""

    said: Flow | Exception | None = None
    since: datetime | None = None

    async def flow(self, ref: Mapping[str, str], since: datetime) -> Flow:
        """What it was told to say."""
        self.since = since
        if isinstance(self.said, Exception):
            raise self.said
        return self.said or Flow(None)


@pytest.fixture
async def waiting(tmp_path: Path, migrated_url: str) -> AsyncIterator[Waiting]:
    """Each story once over each database."""
    async with waiting_room.opened(tmp_path, migrated_url) as one:
        yield one


def host(waiting: Waiting, said: Flow | Exception) -> Counting:
    """Churn's platform says so."""
    part = Counting(said=said)
    waiting.scene.desk.hosts["shelf"] = Host(part, Guard("shelf", waiting.scene.room.clock))
    return part


async def opened(waiting: Waiting, **facts: object) -> Blast | None:
    """An incident opens whose monitor says that it began two hours ago; what the card knows then."""
    measures = (
        Measure("psi", 0.31, breached=True, segment="eu", feature="age"),
        Measure("psi", 0.01, breached=False, segment="us", feature="tenure"),
    )
    said = {"model": "churn", "environment": "production", "measures": measures, **facts}
    alert = Alert("webhook", "hook", "hook:1", "accuracy fell", Status.FIRING, Kind.FAILURE, BAD, **said)  # type: ignore[arg-type]
    arrived = [intake.Arrived("hook", Delivery((alert,)))]
    desk = waiting.scene.desk
    await desk.store.write(lambda tx: intake.book(tx, desk, arrived, waiting.now))
    await waiting.scene.room.worker.drain()
    return (await report.view(waiting.scene.desk, "1")).blast


async def test_an_incident_that_opens_says_how_far_it_reaches(waiting: Waiting) -> None:
    part = host(waiting, Flow(12_400, "requests of the access log", {"eu": 9_000}))
    found = await opened(waiting)
    assert part.since == BAD
    whole = (BAD, START, 12_400, "requests of the access log", ("eu",), ("age",), ("retail",), {"eu": 9_000})
    assert found == Blast(*whole)
    (entry,) = await waiting.entries("INC-1", "blast.taken")
    assert (entry.after["predictions"], entry.after["estimate"]) == (12_400, True)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Flow(None, "no traffic log"), "no traffic log"),
        (NotDelivered("Nobody answers there."), "Nobody answers there."),
        (RuntimeError("its plugin broke"), "failed in flow"),
    ],
)
async def test_what_nobody_knows_is_said_and_keeps_nobody_from_being_paged(
    waiting: Waiting, said: Flow | Exception, why: str
) -> None:
    host(waiting, said)
    found = await opened(waiting)
    assert found is not None
    assert found.predictions is None
    assert why in found.how
    assert found.segments == ("eu",)
    assert waiting.scene.room.paged() == ["ada"]


async def test_a_platform_that_is_not_connected_is_said_too(waiting: Waiting) -> None:
    waiting.scene.desk.hosts.clear()
    found = await opened(waiting)
    assert found is not None
    assert found.how == "shelf is not connected"


async def test_a_model_that_no_platform_runs_is_not_asked_for(waiting: Waiting) -> None:
    assert await opened(waiting, model="price") is None
    assert await waiting.owed("blast") == []


async def test_names_from_an_alert_are_cut_and_never_too_many(waiting: Waiting) -> None:
    host(waiting, Flow(1, HOSTILE * 100, {HOSTILE * 100: 1}))
    measures = tuple(Measure("psi", segment=f"{number} {HOSTILE}", feature="x" * 500) for number in range(100))
    found = await opened(waiting, measures=measures)
    assert found is not None
    assert len(found.segments) == blast.KEPT
    assert found.segments[0] == "0 <!channel> {x} \u202eue"
    assert max(map(len, (*found.features, *found.by_segment))) == blast.NAME


async def test_it_is_taken_again_before_a_change_is_applied(waiting: Waiting) -> None:
    part = host(waiting, Flow(12_400))
    await opened(waiting)
    part.said, scene = Flow(15_000, "later"), waiting.scene
    change = await scene.proposed(incident="INC-1")
    assert await scene.desk.store.read(lambda tx: blast.since(tx, "INC-1")) == BAD
    await scene.vote(change)
    await scene.room.worker.drain()
    assert part.applied == [change.id]
    found = (await report.view(scene.desk, "1")).blast
    assert found is not None
    assert (found.predictions, found.how, found.segments) == (15_000, "later", ("eu",))
    taken = [one.why for one in await waiting.entries("INC-1", "blast.taken")]
    assert taken == ["The incident opened.", "Before CHG-1 was applied."]


async def test_an_incident_about_something_else_says_nothing_of_a_change(waiting: Waiting) -> None:
    part = host(waiting, Flow(15_000))
    await opened(waiting, model="price")
    change = await waiting.scene.proposed(incident="INC-1")
    await waiting.scene.vote(change)
    await waiting.scene.room.worker.drain()
    assert part.applied == [change.id]
    assert await waiting.entries("INC-1", "blast.taken") == []


def test_what_is_kept_is_read_back() -> None:
    kept = Blast(BAD, START, None, "who knows", ("eu",), (), ("retail", "market"), {"eu": 3})
    assert Blast.read(kept.spelled()) == kept
