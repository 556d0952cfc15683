"""A published postmortem comes to stand where people read it: once, newest version last, and in nobody's way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import registry
from bot.contract import Check, ConnectionSettings, Context, Document, Exported, Health, NotDelivered, Plugin
from bot.engine import exporting
from bot.errors import NotFound, TocsinError
from bot.model.job import Job, Lane
from bot.model.postmortem import Export, Sent, Standing
from bot.store import Tx, exports, postmortems
from bot.testing.house import House
from plugins import alertmanager, files, webhook
from tests.story.place import Place

TEXT = """\
# Scores fell

<!-- tocsin:summary -->
Drift of **age**: <script>alert(1)</script>
<!-- /tocsin -->

![what drifted](INC-1-drift.png)
"""


@dataclass
class Wall:
    """Where the exporter of these stories puts documents, and how it behaves."""

    stands: list[Document] = field(default_factory=list)
    asked: int = 0
    fault: TocsinError | Exception | None = None
    gate: asyncio.Event | None = None


WALLS: list[Wall] = []


class Nail:
    """It keeps the contract: it looks for the id first."""

    def __init__(self, settings: ConnectionSettings, context: Context) -> None:
        self.wall = WALLS[-1]

    async def put(self, document: Document) -> Exported:
        self.wall.asked += 1
        if self.wall.gate is not None:
            await self.wall.gate.wait()
        if self.wall.fault is not None:
            raise self.wall.fault
        self.wall.stands = [one for one in self.wall.stands if one.id != document.id] + [document]
        return Exported(f"wall/{document.id}", f"https://wall.example/{document.id}")

    async def check(self) -> list[Check]:
        return [Check("wall", Health.OK)]


@pytest.fixture
def wall() -> Wall:
    WALLS.append(Wall())
    return WALLS[-1]


@pytest.fixture
def shelf(place: Place) -> Path:
    """A place that exports to a wall, and to a folder that nobody named under `exports`."""
    folder = place.home / "shelf"
    place.change(
        "config/tocsin.yaml",
        "connections:\n",
        f"postmortems: {{exports: [wall]}}\nconnections:\n  - {{name: wall, plugin: wall}}\n"
        f"  - {{name: shelf, plugin: files, folder: {folder}}}\n",
    )
    return folder


@asynccontextmanager
async def opened(place: Place) -> AsyncIterator[House]:
    known = (webhook.plugin, alertmanager.plugin, files.plugin, Plugin("wall", exporters=(Nail,)))
    async with place.house(plugins=registry.Found({one.name: one for one in known})) as house:
        yield house


async def written(house: House, *, version: int = 1, owner: str | None = "flo", text: str = TEXT) -> None:
    """A postmortem of a resolved incident, as [draft] would write it down."""
    incident = await house.alert("Scores fell", model="churn")
    await house.resolve("Scores fell", model="churn")
    await house.settle()

    def act(tx: Tx) -> None:
        drafted = postmortems.of_incident(tx, incident.id)
        assert drafted is not None  # by itself, since it was a sev2
        after = replace(
            drafted, title="Scores fell", standing=Standing.PUBLISHED, text=text, owner=owner, version=version
        )
        postmortems.save(tx, drafted, after)

    await house.app.store.write(act)


async def owe(house: House, to: str | None = None) -> tuple[str, ...]:
    names: tuple[str, ...] = await house.app.store.write(
        lambda tx: exporting.owe(tx, house.app.desk, "PM-1", to=to, by="person:ada")
    )
    return names


async def changed(house: House, text: str) -> None:
    """Somebody writes another version."""

    def act(tx: Tx) -> None:
        before = postmortems.get(tx, "PM-1")
        postmortems.save(tx, before, replace(before, text=text, version=before.version + 1))

    await house.app.store.write(act)


def drawn(tx: Tx) -> list[str]:
    """The keys of the jobs that drew, or will draw, a card of a postmortem."""
    return [row[0] for row in tx.sql.exec_driver_sql("SELECT key FROM jobs WHERE kind = 'postmortem_card'")]


async def known(house: House, connection: str = "wall") -> Export:
    found = await house.app.store.read(lambda tx: exports.find(tx, "PM-1", connection))
    assert found is not None
    return found


async def test_it_stands_everywhere_with_what_finds_it_again(place: Place, wall: Wall, shelf: Path) -> None:
    async with opened(place) as house:
        await written(house)
        assert await owe(house) == ("wall", "shelf")  # a folder on this machine has every one
        await house.settle()
        (stands,) = wall.stands
        assert (stands.id, stands.version, stands.entity, stands.reference) == ("PM-1", 1, "retail", "")
        assert stands.labels["model"] == "churn"
        assert "tocsin:" not in stands.markdown
        assert "&lt;script&gt;" in stands.html
        row = await known(house)
        assert (row.standing, row.version, row.attempts) == (Sent.DONE, 1, 1)
        assert (row.reference, row.link) == ("wall/PM-1", "https://wall.example/PM-1")
        assert (shelf / "PM-1.html").exists()
        assert (await house.story("INC-1")).count("postmortem.exported") == 2
        assert await house.app.store.read(lambda tx: "postmortem_card/INC-1" in drawn(tx))  # its card tells of it
        assert "Nothing" not in (await place.typed("postmortem", "exports", "PM-1"))[1]


async def test_a_newer_version_goes_over_the_older_one(place: Place, wall: Wall, shelf: Path) -> None:
    async with opened(place) as house:
        await written(house)
        await owe(house)
        await house.settle()
        await changed(house, "# Another text\n")
        await owe(house)
        await house.settle()
        (stands,) = wall.stands
        assert (stands.version, stands.reference, stands.markdown) == (2, "wall/PM-1", "# Another text\n")
        assert (await known(house)).version == 2


async def test_a_version_that_comes_while_one_is_being_put_is_put_too(place: Place, wall: Wall, shelf: Path) -> None:
    async with opened(place) as house:
        await written(house)
        wall.gate = asyncio.Event()
        await owe(house, "wall")
        drained = asyncio.create_task(house.settle())
        while not wall.asked:
            await asyncio.sleep(0)
        await changed(house, "# Another text\n")
        await owe(house, "wall")
        wall.gate.set()
        await drained
        await house.settle()
        assert [one.version for one in wall.stands] == [2]
        row = await known(house)
        assert (row.standing, row.version) == (Sent.DONE, 2)


async def test_killed_between_the_call_and_the_note_it_stands_once(place: Place, wall: Wall, shelf: Path) -> None:
    async with opened(place) as house:
        await written(house)
        desk = house.app.desk
        now = house.clock.now()
        await house.app.store.write(lambda tx: exports.save(tx, Export("PM-1", "wall", Sent.OWED, 1, now)))
        job = Job(
            1, "export/PM-1/wall", "export", Lane.CARD, now, {"document": "PM-1", "connection": "wall"}, 1, 1, 1, now
        )
        await exporting.Exports(desk).put(job)  # nobody settles it: that process is dead
        assert (await known(house)).standing is Sent.OWED
        await owe(house, "wall")
        await house.settle()
        assert len(wall.stands) == 1
        assert wall.asked == 2
        assert (await known(house)).standing is Sent.DONE


async def test_a_destination_that_is_down_is_in_nobodys_way(place: Place, wall: Wall, shelf: Path) -> None:
    """Incidents go on, the folder has its copy, and once the destination is back so has it."""
    async with opened(place) as house:
        wall.fault = NotDelivered("wall.example cannot be reached.", retry=True)
        await written(house)
        await owe(house)
        await house.settle()
        assert (shelf / "PM-1.md").exists()
        row = await known(house)
        assert (row.standing, row.attempts, row.failure) == (Sent.OWED, 1, "wall.example cannot be reached.")
        await house.alert("Another one", model="churn")
        await house.press(await house.card("INC-2"), "Acknowledge", by="ada")
        assert (await house.incident("INC-2")).holder == "ada"
        await house.pass_time(hours=3)
        assert 5 < (await known(house)).attempts < 30
        wall.fault = None
        await house.pass_time(hours=2)
        assert len(wall.stands) == 1
        assert (await known(house)).standing is Sent.DONE
        assert "does not stand" not in str(house.told("flo"))


async def test_what_no_retry_can_mend_is_told_to_the_owner_once(place: Place, wall: Wall, shelf: Path) -> None:
    async with opened(place) as house:
        wall.fault = NotDelivered("wall.example answered 401.", "Check the connection's token.")
        await written(house)
        await owe(house)
        await house.settle()
        row = await known(house)
        assert (row.standing, row.failure) == (Sent.FAILED, "wall.example answered 401. Check the connection's token.")
        told = [one for one in house.told("flo") if "PM-1" in one]
        assert len(told) == 1
        assert "does not stand at wall" in told[0]
        assert "tocsin postmortem export PM-1 --to wall" in told[0]
        await house.pass_time(hours=5)
        assert wall.asked == 1
        wall.fault = None
        code, said = await place.typed("postmortem", "export", "PM-1", "--to", "wall", "--as", "ada")
        assert (code, "Asked for: wall" in said) == (0, True), said
        assert (await known(house)).standing is Sent.OWED
        await owe(house, "wall")  # a command's clock is the machine's, the house's stands in November
        await house.settle()
        assert (await known(house)).standing is Sent.DONE


async def test_it_is_given_up_after_more_than_a_day(place: Place, wall: Wall, shelf: Path) -> None:
    async with opened(place) as house:
        wall.fault = NotDelivered("wall.example is busy.", retry=True, after=30)
        await written(house, owner=None)
        await owe(house, "wall")
        began = house.clock.now()
        await house.pass_time(hours=32)
        row = await known(house)
        assert (row.standing, row.attempts) == (Sent.FAILED, exporting.MOST)
        assert row.changed_at - began > timedelta(days=1)
        told = [one for one in house.told("#ml-oncall") if "does not stand at wall" in one]
        assert len(told) == 1  # nobody owns it, so the incident's channel hears of it


async def test_a_plugin_that_breaks_is_given_up_with_its_reason(place: Place, wall: Wall, shelf: Path) -> None:
    async with opened(place) as house:
        wall.fault = ValueError("secret words of its own")
        await written(house)
        await owe(house)
        await house.settle()
        row = await known(house)
        assert row.standing is Sent.FAILED
        assert "secret words" not in row.failure
        assert (shelf / "PM-1.md").exists()


async def test_what_is_no_destination_says_so(place: Place, wall: Wall, shelf: Path) -> None:
    async with opened(place) as house:
        await written(house)
        with pytest.raises(NotFound):
            await owe(house, "nowhere")
        await owe(house, "hook")
        await house.settle()
        assert "takes no documents" in (await known(house, "hook")).failure
        code, said = await place.typed("postmortem", "export", "PM-9", "--as", "ada")
        assert (code, "PM-9" in said) == (1, True)
        code, said = await place.typed("postmortem", "exports")
        assert "takes no documents" in said
