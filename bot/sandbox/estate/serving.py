"""A server of models on a disk: it serves what `serving.json` says, and nothing else makes it change.

The files are those that plugin `local` reads and swaps; its README has their forms. Everything here blocks: call it
in a thread.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import orjson
from numpy.typing import NDArray

from bot.errors import BadInput
from bot.sandbox.estate.linear import Array, Columns, Model

POINTER, HISTORY, PROBE, PREDICTIONS, VERSIONS = (
    "serving.json",
    "history.jsonl",
    "probe.json",
    "predictions.jsonl",
    "versions",
)
LARGEST = 1_000_000  #: bytes of a file that grows, of which the older half goes then
_GOLDEN = 0.6180339887498949  # its multiples fall evenly, so that every stretch of rows is split as it should be

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Pointer:
    """What shall serve, by `serving.json`: shares in percent that make 100, or none."""

    split: Mapping[str, float]
    paused: bool
    seq: int


@dataclass(frozen=True, slots=True)
class Share(Generic[M]):
    """A version that is loaded, and the percent of the rows it gets."""

    version: str
    percent: float
    loaded: M


@dataclass(frozen=True, slots=True)
class Serving(Generic[M]):
    """What is loaded; while it is paused nothing answers."""

    shares: tuple[Share[M], ...] = ()
    paused: bool = False

    @property
    def first(self) -> Share[M] | None:
        """The version that answers most; None when nothing answers."""
        return None if self.paused else max(self.shares, key=lambda share: share.percent, default=None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one version predicted: `rows` are the numbers of the rows it got, `predictions` has a value for each."""

    version: str
    model: Model
    rows: NDArray[np.int64]
    predictions: Array


class Served(Generic[M]):
    """One model's server: loads what the pointer names, and says in `probe.json` what answers."""

    def __init__(self, folder: Path, load: Callable[[Path], M], then: Callable[[M], None] | None = None) -> None:
        """`load` reads a version's folder, or BadInput; `then` gets what serves before `probe.json` says so."""
        self.folder = folder
        self.trouble: str | None = None  #: why it serves something else than the pointer says; None: all is well
        self._load, self._then = load, then
        self._read: bytes | None = None
        self._serving: Serving[M] = Serving()

    def serving(self, at: datetime) -> Serving[M]:
        """What serves at this moment, loaded anew when the pointer has moved.

        A pointer that makes no sense, or a version that cannot be loaded, leaves what served before, as a server that
        is careful would; `trouble` has the reason.
        """
        try:
            body = (self.folder / POINTER).read_bytes()
            if body != self._read:
                self._follow(_pointer(body, self.folder.name), at)
                self._read = body
            self.trouble = None
        except (OSError, BadInput) as error:
            self.trouble = str(error) if isinstance(error, BadInput) else f"{POINTER} cannot be read: {error.strerror}."
        return self._serving

    def count(self, n: int, at: datetime, segment: str = "") -> None:
        """`n` predictions were made at this moment: one more line of `predictions.jsonl`."""
        said = {"at": at.isoformat(), "count": n} | ({"segment": segment} if segment else {})
        added(self.folder / PREDICTIONS, orjson.dumps(said) + b"\n")

    def _follow(self, pointer: Pointer, at: datetime) -> None:
        above = self.folder / VERSIONS
        shares = tuple(Share(name, share, self._load(above / name)) for name, share in pointer.split.items())
        serving = Serving(shares, pointer.paused)
        first = serving.first
        if first and self._then:
            self._then(first.loaded)
        why = f"loaded at {at:%H:%M:%S} UTC, number {pointer.seq} of {POINTER}"
        written(self.folder / PROBE, orjson.dumps({"version": first.version if first else None, "why": why}))
        self._serving = serving


def answers(served: Served[Model], columns: Columns, at: datetime) -> tuple[Answer, ...]:
    """What serves predicts, and counts: an answer of each version that got rows; () when nothing serves."""
    serving = served.serving(at)
    n = len(next(iter(columns.values()), ()))
    if serving.first is None or not n:
        return ()
    ends = np.cumsum([share.percent for share in serving.shares])
    whose = np.searchsorted(ends, np.arange(n) * _GOLDEN % 1.0 * ends[-1], side="right")
    found = []
    for number, share in enumerate(serving.shares):
        rows = np.flatnonzero(whose == number)
        if len(rows):
            mine = {name: values[rows] for name, values in columns.items()}
            found.append(Answer(share.version, share.loaded, rows, share.loaded.predict(mine)))
    served.count(n, at)
    return tuple(found)


def pointed(folder: Path) -> Pointer:
    """What the pointer of a model says; BadInput when it is not there or makes no sense."""
    try:
        return _pointer((folder / POINTER).read_bytes(), folder.name)
    except OSError as error:
        raise BadInput(f"{POINTER} of {folder.name} cannot be read: {error.strerror}.", "Furnish its folder.") from None


def switch(folder: Path, version: str, at: datetime, by: str) -> None:
    """Somebody moves the pointer by hand to serve `version` alone; BadInput when there is no such version."""
    if not (folder / VERSIONS / version).is_dir():
        raise BadInput(f"{folder.name} has no version {version}.", "Choose one that is there.")
    with _locked(folder):
        now = pointed(folder)
        kept = orjson.loads((folder / POINTER).read_bytes())
        moved = {"split": {version: 100}, "paused": False, "seq": now.seq + 1, "at": at.isoformat(), "by": by}
        written(folder / POINTER, orjson.dumps({**kept, **moved}, option=orjson.OPT_INDENT_2))


def furnish(folder: Path, version: str, files: Mapping[str, bytes], about: Mapping[str, Any]) -> None:
    """Put a version there, whole or not at all; one that is there stays as it is.

    `about` becomes its `version.json`: created_at, by, note, metrics.
    """
    there = folder / VERSIONS / version
    if there.is_dir():
        return
    new = there.with_name(f".{version}.new")
    shutil.rmtree(new, ignore_errors=True)  # what a run that was cut off left
    new.mkdir(parents=True)
    for name, body in {**files, "version.json": orjson.dumps(about, option=orjson.OPT_INDENT_2)}.items():
        (new / name).write_bytes(body)
    new.rename(there)


def began(folder: Path, served: Sequence[tuple[str, datetime]], by: str) -> None:
    """The first pointer of a model, with what served before it: versions and since when, the newest last.

    A model that has a pointer keeps it.
    """
    if (folder / POINTER).exists():
        return
    lines = [
        {"split": {version: 100}, "paused": False, "seq": seq, "at": since.isoformat(), "by": by}
        for seq, (version, since) in enumerate(served, 1)
    ]
    written(folder / HISTORY, b"".join(orjson.dumps(line) + b"\n" for line in lines))
    first = {key: lines[-1][key] for key in ("split", "paused", "seq")}
    written(folder / POINTER, orjson.dumps(first, option=orjson.OPT_INDENT_2))


def added(file: Path, lines: bytes, *, headed: bool = False) -> None:
    """The file ends with these lines; of one larger than LARGEST the older half goes, but not the header it has."""
    with file.open("ab") as opened:
        opened.write(lines)
        size = opened.tell()
    if size > LARGEST:
        body = file.read_bytes()
        header, kept = body[: body.find(b"\n") + 1] if headed else b"", body[-LARGEST // 2 :]
        written(file, header + kept[kept.find(b"\n") + 1 :])


def written(file: Path, body: bytes, mode: int | None = None) -> None:
    """The file holds `body` or what it held before, never a part; `mode` says who may do what with it."""
    new = file.with_name(f".{file.name}.estate")
    new.write_bytes(body)
    if mode is not None:
        new.chmod(mode)
    new.replace(file)


def _pointer(body: bytes, whose: str) -> Pointer:
    try:
        said = orjson.loads(body)
        split = {name: float(share) for name, share in said["split"].items() if float(share) > 0}
        paused, seq = said.get("paused", False) is True, int(said.get("seq", 0))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise BadInput(
            f"{POINTER} of {whose} makes no sense.", 'Write {"split": {"7": 100}, "seq": 1} there.'
        ) from None
    if any(name != Path(name).name for name in split):
        raise BadInput(f"{POINTER} of {whose} names what is no version.", "Name a folder of its versions.")
    if split and abs(sum(split.values()) - 100) > 0.01:
        raise BadInput(f"The shares in {POINTER} of {whose} do not make 100.", "Let them.")
    return Pointer(split, paused, seq)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)  # which unlocks
