"""`tocsin oncall picture`: the coming weeks of a rota in a file, to look at."""

import asyncio
import sys
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.model.rota import Amendment, Override
from bot.store import Store, overrides
from tests.cli.conftest import Type

FROM = ("--from", "2026-11-03 20:00")


@pytest.fixture(autouse=True)
def there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are written where the test stands."""
    monkeypatch.chdir(folder)


@pytest.fixture
def _plots() -> None:
    pytest.importorskip("matplotlib")


@pytest.mark.usefixtures("_plots")
def test_a_png_beside_where_it_is_asked_for(typed: Type, folder: Path) -> None:
    typed("migrate")
    told = typed("oncall", "picture", "first-line", *FROM)
    assert told.stdout == (
        "first-line.png: 2 Nov – 29 Nov 2026  ·  times of America/Chicago; 1 × nobody, 168 h in all\n"
    )
    assert (folder / "first-line.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("_plots")
def test_an_svg_with_what_was_changed_by_hand(typed: Type, folder: Path) -> None:
    async def stand_in() -> None:
        store = await Store.open(f"sqlite:///{folder}/tocsin.db", clock=SystemClock())
        span = (datetime(2026, 11, 4, 15, tzinfo=UTC), datetime(2026, 11, 6, 15, tzinfo=UTC))
        override = Override("7", "first-line", Amendment.OVERRIDE, *span, "cy", "ada", "person:ada", "opera")
        await store.write(lambda tx: overrides.add(tx, override))
        await store.close()

    asyncio.run(stand_in())
    typed("oncall", "picture", "first-line", *FROM, "--weeks", "1", "--to", "out.SVG", "--language", "tr")
    told = " ".join(ElementTree.fromstring((folder / "out.SVG").read_bytes()).itertext())
    assert "Nöbet: first-line" in told
    assert "yerine geçiyor" in told
    assert "cy" in told.split()


@pytest.mark.usefixtures("_plots")
def test_down_a_pipe(typed: Type, folder: Path) -> None:
    typed("migrate")
    assert typed("oncall", "picture", "second-line", "--to", "-").stdout_bytes.startswith(b"\x89PNG")
    assert sorted(path.suffix for path in folder.glob("*.png")) == []


@pytest.mark.usefixtures("_plots")
def test_a_file_alone_needs_no_database(typed: Type, folder: Path) -> None:
    told = typed("oncall", "picture", "second-line", "--file", folder / "config/rotas.yaml", "--to", "s.png")
    assert told.stderr == ""
    assert (folder / "s.png").exists()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("first-line", "--weeks", "0"), "1 to 12 weeks, not 0"),
        (("first-line", "--weeks", "13"), "Ask for 12 at most"),
        (("first-line", "--to", "a.gif"), "Let it end in .png or .svg"),
        (("first-line", "--to", "no/such/folder/a.png"), "Name another place with --to"),
        (("first-line", "--from", "soon"), "is no moment"),
    ],
)
@pytest.mark.usefixtures("_plots")
def test_what_cannot_be_drawn_is_refused_with_its_cure(
    typed: Type, folder: Path, more: tuple[str, ...], told: str
) -> None:
    typed("migrate")
    assert told in typed("oncall", "picture", *more, code=2).stderr
    assert list(folder.glob("*.png")) == []


def test_without_the_library_it_says_how_to_get_it(typed: Type, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed("migrate")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    told = typed("oncall", "picture", "first-line", code=2).stderr
    assert "Pictures need the library `matplotlib`." in told
    assert "pip install 'tocsin[plots]'" in told
    assert list(folder.glob("*.png")) == []
