"""`tocsin incident picture`: an incident's pictures in files, and its figures in the terminal."""

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Type
from tests.cli.deliveries import firing

pytestmark = pytest.mark.usefixtures("slack")


@pytest.fixture(autouse=True)
def there(typed: Type, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One incident, and files are written where the test stands."""
    monkeypatch.chdir(folder)
    typed("migrate")
    typed("replay", "-", "--connection", "prom", given=firing())


@pytest.fixture
def _plots() -> None:
    pytest.importorskip("matplotlib")


def test_without_a_file_it_says_what_they_show(typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    told = typed("incident", "picture", "1").stdout
    assert "timeline: INC-1 opened at " in told
    assert "still open after" in told


@pytest.mark.usefixtures("_plots")
def test_one_in_a_file_and_down_a_pipe(typed: Type, folder: Path) -> None:
    told = typed("incident", "picture", "INC-1", "--png", "a.png", "--only", "timeline").stdout
    assert told.startswith("a.png: INC-1 opened at ")
    assert (folder / "a.png").read_bytes().startswith(b"\x89PNG")
    assert typed("incident", "picture", "INC-1", "--png", "-").stdout_bytes.startswith(b"\x89PNG")


@pytest.mark.usefixtures("_plots")
def test_all_of_them_in_a_folder(typed: Type, folder: Path) -> None:
    (folder / "out").mkdir()
    told = typed("incident", "picture", "1", "--dir", "out", "--language", "tr").stdout
    found = sorted(path.name for path in (folder / "out").iterdir())
    assert "INC-1-timeline.png" in found
    assert len(told.splitlines()) == len(found)
    assert "hâlâ açık" in told


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("1", "--png", "a.svg"), "--png is the name of one PNG."),
        (("1", "--png", "a.png", "--dir", "out"), "--png is the name of one PNG."),
        (("1", "--png", "no/such/a.png"), "cannot be written"),
        (("1", "--dir", "no/such"), "cannot be written"),
        (("1", "--only", "pie"), "There is no picture 'pie' of it."),
        (("77",), "There is no incident"),
        (("$x$",), "is not an incident"),
    ],
)
@pytest.mark.usefixtures("_plots")
def test_what_cannot_be_drawn_is_refused_with_its_cure(typed: Type, more: tuple[str, ...], told: str) -> None:
    done = typed("incident", "picture", *more, code=1 if told.startswith("There is no") or "is not an" in told else 2)
    assert told in done.stderr


def test_without_the_library_it_says_how_to_get_it(typed: Type, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert "pip install 'tocsin[plots]'" in typed("incident", "picture", "1", "--png", "a.png", code=2).stderr
    assert list(folder.glob("*.png")) == []
