"""The one folder in which a demo keeps everything: made at the first start, gone on from, taken away whole."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from bot.errors import BadInput

FORMAT = 2  #: raised whenever a folder of an older demo could not be gone on from
NAME = "tocsin demo"
MARK, LOCK, GONE = "demo.json", ".lock", ".gone-"


@dataclass(frozen=True, slots=True)
class Folder:
    """Where everything of one demo stands; see `opened`."""

    root: Path

    @property
    def config(self) -> Path:
        """The YAML files; the runbooks are their sibling."""
        return self.root / "config"

    @property
    def database(self) -> str:
        """The address of the database."""
        return f"sqlite:///{self.root / 'tocsin.db'}"

    @property
    def models(self) -> Path:
        """The root of the living estate, in the form of plugin `local`."""
        return self.root / "models"

    @property
    def workspace(self) -> Path:
        """What the workspace keeps between two starts."""
        return self.root / "workspace.json"

    @property
    def environment(self) -> Path:
        """What other commands need in their environment to look at this demo."""
        return self.root / ".env"

    def read(self) -> dict[str, Any]:
        """What was written down with `write`; empty where nothing was."""
        return dict(_mark(self.root).get("kept") or {})

    def write(self, kept: Mapping[str, Any]) -> None:
        """Keep these facts (JSON) for the next start, whole or not at all."""
        _write_mark(self.root, {"made_by": NAME, "format": FORMAT, "kept": dict(kept)})

    def expose(self, environment: Mapping[str, str]) -> None:
        """Write down the environment, for the eyes of its owner only."""
        self.environment.touch(0o600)
        self.environment.write_text("".join(f"{name}={value}\n" for name, value in environment.items()), "utf-8")


@contextmanager
def opened(root: Path, runbooks: Path, *, reset: bool = False) -> Iterator[Folder]:
    """The folder at `root`, made or gone on from, and locked against a second demo for as long as this is entered.

    `runbooks` are those a new folder starts with; what is in the folder already stays as it is. With `reset` whatever
    an earlier demo left there is removed first. BadInput, with the cure, where it cannot be had.
    """
    folder = Folder(root.absolute())
    with ExitStack() as held:
        try:
            ours = _known(folder.root, reset)
            folder.root.mkdir(parents=True, exist_ok=True)
            held.enter_context(_alone(folder.root))
            if reset and ours:
                _emptied(folder.root)
            if reset or not ours:
                folder.write({})
            _furnish(folder, runbooks)
        except OSError as error:
            where = error.filename or folder.root
            raise BadInput(f"{where} cannot be written: {error.strerror}.", _elsewhere()) from None
        yield folder


def _known(root: Path, reset: bool) -> bool:
    """Whether an earlier demo left this folder; BadInput where it is somebody else's, or too old to go on from."""
    if not root.exists():
        return False
    if not root.is_dir() or root.is_symlink():
        raise BadInput(f"{root} is no folder.", _elsewhere())
    if not (root / MARK).exists():
        if any(entry.name != LOCK for entry in root.iterdir()):
            raise BadInput(f"{root} holds something that no demo has written; it is left alone.", _elsewhere())
        return False
    mark = _mark(root)
    if mark.get("made_by") != NAME:
        raise BadInput(f"{root} holds something that no demo has written; it is left alone.", _elsewhere())
    if mark.get("format") != FORMAT and not reset:
        raise BadInput(
            f"{root} was written by another version of the demo.", "Start it with --reset, which begins anew there."
        )
    return True


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """The lock goes with the process, so that one that was killed does not stand in the way."""
    with (root / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadInput(
                f"A demo is running in {root} already.", "Stop that one with Ctrl-C, or choose another --folder."
            ) from None
        yield


def _emptied(root: Path) -> None:
    """Everything goes but the lock that is held; the mark goes last, so that half a removal can be done again."""
    for left in root.glob(f"{GONE}*"):
        shutil.rmtree(left)
    for entry in sorted(root.iterdir(), key=lambda entry: entry.name == MARK):
        if entry.name == LOCK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            _removed(entry)
        else:
            entry.unlink()


def _removed(entry: Path) -> None:
    """Renamed first: a training that a killed demo left behind writes there no more, and ends."""
    shutil.rmtree(entry.rename(entry.with_name(f"{GONE}{entry.name}")))


def _furnish(folder: Folder, runbooks: Path) -> None:
    """The configuration and the runbooks that a new folder starts with; each file that is there stays."""
    shipped = files("bot.sandbox.demo") / "config"
    sources = [(folder.config, one.name, one.read_bytes()) for one in shipped.iterdir() if one.name.endswith(".yaml")]
    beside = folder.root / "runbooks"
    own = files("bot.sandbox.demo") / "runbooks"
    books = [*runbooks.iterdir(), *own.iterdir()]
    sources += [(beside, one.name, one.read_bytes()) for one in books if one.name.endswith(".md")]
    for place, name, content in sources:
        place.mkdir(exist_ok=True)
        if not (place / name).exists():
            (place / name).write_bytes(content)
    folder.models.mkdir(exist_ok=True)


def _mark(root: Path) -> dict[str, Any]:
    try:
        said = json.loads((root / MARK).read_text("utf-8"))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _write_mark(root: Path, said: Mapping[str, Any]) -> None:
    fresh = root / f"{MARK}.new"
    fresh.write_text(json.dumps(said), "utf-8")
    os.replace(fresh, root / MARK)


def _elsewhere() -> str:
    return "Choose another place with --folder."
