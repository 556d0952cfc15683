"""Every exporter keeps the contract, over far ends that behave like theirs; and the suite finds those that do not."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.contract import Check, ConnectionSettings, Context, Document, Exported, Health, NotDelivered, Plugin
from bot.testing import exporters
from bot.testing.far_end import FarEnd
from plugins import canvas, confluence, files, git, notion
from tests.plugins.easels import CHANNEL, Easel
from tests.plugins.notebooks import DATABASE, Notebook
from tests.plugins.shelves import Bare, Shelf
from tests.plugins.wikis import Wiki

TOKEN = "secret-enough-91"
BASIC = f"Basic {base64.b64encode(f'tocsin@example.com:{TOKEN}'.encode()).decode()}"


@pytest.fixture
async def far() -> AsyncIterator[FarEnd]:
    async with FarEnd() as one:
        yield one


async def test_a_folder(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    await exporters.conforms(files.plugin, {"folder": str(shelf.folder)}, shelf)


async def test_a_repository(tmp_path: Path) -> None:
    await exporters.conforms(git.plugin, {"url": str((bare := Bare(tmp_path)).path)}, bare)


async def test_confluence(far: FarEnd) -> None:
    wiki = Wiki(far, ("authorization", BASIC))
    options = {"url": f"{far.url}/wiki", "user": "tocsin@example.com", "token": TOKEN, "space": "SRE"}
    await exporters.conforms(confluence.plugin, options, wiki)


async def test_notion(far: FarEnd) -> None:
    notebook = Notebook(far, ("authorization", f"Bearer {TOKEN}"))
    await exporters.conforms(notion.plugin, {"url": far.url, "token": TOKEN, "database": DATABASE}, notebook)


async def test_canvases(far: FarEnd) -> None:
    easel = Easel(far, ("authorization", f"Bearer {TOKEN}"))
    await exporters.conforms(canvas.plugin, {"url": f"{far.url}/api", "token": TOKEN, "channel": CHANNEL}, easel)


class Heap:
    """A far end in memory."""

    def __init__(self) -> None:
        self.kept: list[Document] = []
        self.away = self.unknown = False
        self.lost: int | None = None

    async def texts(self, document_id: str) -> list[str]:
        return [one.markdown for one in self.kept if one.id == document_id]

    async def pictures(self, document_id: str) -> set[bytes]:
        return {picture.png for one in self.kept for picture in one.pictures}

    async def write(self, words: str) -> None:
        self.kept.append(exporters.document("NOTES", markdown=words))

    async def beside(self) -> str:
        return " ".join(one.markdown for one in self.kept)

    async def lose(self, nth: int) -> bool:
        self.lost = nth
        return nth == 1

    async def break_down(self) -> None:
        self.away = True

    async def mend(self) -> None:
        self.away, self.lost, self.unknown = False, None, False

    async def refuse(self) -> bool:
        self.unknown = True
        return True


HEAP: list[Heap] = []


class Careful:
    """An exporter that keeps the contract, in memory."""

    retry_lost = retry_away = True
    retry_unknown = looks = True

    def __init__(self, settings: ConnectionSettings, context: Context) -> None:
        self.far = HEAP[-1]

    async def put(self, document: Document) -> Exported:
        far = self.far
        if far.away:
            raise NotDelivered("It is away.", retry=self.retry_away)
        if far.unknown:
            raise NotDelivered("It does not know us.", retry=not self.retry_unknown)
        far.kept = [one for one in far.kept if not (self.looks and one.id == document.id)] + [document]
        if far.lost == 1:
            raise NotDelivered("No answer.", retry=self.retry_lost)
        return Exported(document.id)

    async def check(self) -> list[Check]:
        return [Check("heap", Health.OK)]


class Blind(Careful):
    """It never looks for what is there."""

    looks = False


class Resigned(Careful):
    """It gives up where it could try again, and tries again where it is no use."""

    retry_lost = retry_away = retry_unknown = False


class Sweeper(Careful):
    """It throws away what others wrote."""

    async def put(self, document: Document) -> Exported:
        self.far.kept = [one for one in self.far.kept if one.id.startswith("PM-")]
        return await super().put(document)


class Clumsy(Careful):
    """It stumbles over odd words."""

    async def put(self, document: Document) -> Exported:
        if "\x00" in document.title:
            raise ValueError(document.title)
        return await super().put(document)


@pytest.mark.parametrize(
    ("part", "complaints"),
    [
        (Careful, []),
        (Blind, ["stands there 2 times"]),
        (Resigned, ["that was lost", "that is away", "do not hold are no use"]),
        (Sweeper, ["somebody else wrote there is gone"]),
        (Clumsy, ["must raise NotDelivered"]),
    ],
)
async def test_the_suite_finds_it(part: type[Any], complaints: list[str]) -> None:
    HEAP.append(Heap())
    found = await exporters.suite(Plugin("heap", exporters=(part,)), {}, HEAP[-1])
    assert bool(found) == bool(complaints), found
    for complaint in complaints:
        assert any(complaint in one for one in found), found
