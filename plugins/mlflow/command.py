"""Has a training done by a program on the bot's own machine, in a session of its own that outlives the bot."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from bot.contract import Check, Health, NotDelivered, Refused, Unreadable, reading
from plugins.mlflow import launch, log
from plugins.mlflow.training import Train
from plugins.mlflow.way import UNSEEN, Errand, Seen, State

PAUSE = 0.05  #: seconds between two looks
LAUNCHED = 4.0  #: seconds until it must have begun
_GONE = 40  # looks, PAUSE apart, until what was killed must be gone


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    mark: str

    @property
    def lives(self) -> bool:
        """Whether it is there; another that was given its number later is not it."""
        return launch.mark(self.pid) == self.mark

    @property
    def all(self) -> list[int]:
        """All that lives of what it started, its own number too; [] when that is another's by now."""
        return launch.members(self.pid) if launch.mark(self.pid) in (None, self.mark) else []


class Command:
    """Each run has a folder of its own, with its process and its log."""

    name = "command"
    again = True
    patience: ClassVar[float] = 3.0  #: seconds a program has to end by itself when it is told to

    def __init__(self, train: Train, host: str) -> None:
        """`host` is this machine's name: what another began is not looked for here."""
        self._command, self._cwd, self._env = train.command or (), Path(train.cwd or "."), train.env_from
        self._runs = train.runs or self._cwd / "runs"
        self._host = host

    async def begin(self, errand: Errand, variables: Mapping[str, str]) -> dict[str, str]:
        """Begin the program, unless its process is written down already."""
        process = await asyncio.to_thread(self._begin, errand, variables)
        return {"tocsin.process": f"{self._host}/{process.pid}", "tocsin.process_mark": process.mark}

    async def look(self, errand: Errand) -> Seen:
        """By its process; unseen from another machine than that which began it."""
        if errand.host != self._host:
            return UNSEEN
        return await asyncio.to_thread(self._look, self._folder(errand))

    async def stop(self, errand: Errand) -> None:
        """Tell it and all it started to end, and end them after `patience`; Refused from another machine."""
        if errand.host != self._host:
            raise Refused(f"The training runs on {errand.host}, not on this machine.", "Stop it there.")
        process = await asyncio.to_thread(_process, self._folder(errand))
        if process is not None:
            await _ended(process, self.patience)

    async def check(self) -> list[Check]:
        """Whether there is such a program, and processes can be told apart."""
        if launch.mark(os.getpid()) is None:
            return [Check("training", Health.MISSING, "Train on Linux, with /proc mounted.")]
        if self._program() is None:
            do = f"There is no program {self._command[0]} that may be run; correct `train.command`."
            return [Check("training", Health.MISSING, do)]
        return [Check("training", Health.OK)]

    def _folder(self, errand: Errand) -> Path:
        return self._runs / f"{errand.token}-{errand.run}"  # a plain word, and a number of MLflow's

    def _program(self) -> str | None:
        path = os.environ.get("PATH", os.defpath)
        named = self._command[0]
        return shutil.which(str(self._cwd / named) if os.sep in named else named, path=path)

    def _begin(self, errand: Errand, variables: Mapping[str, str]) -> _Process:
        program, folder = self._program(), self._folder(errand)
        if program is None:
            raise Refused(f"There is no program {self._command[0]} that may be run.", "Correct `train.command`.")
        if launch.mark(os.getpid()) is None:
            raise Refused("This machine does not tell processes apart.", "Train on Linux, with /proc mounted.")
        inherited = {name: os.environ[name] for name in ("PATH", *self._env) if name in os.environ}
        said = b""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            done = subprocess.run(
                [sys.executable, "-I", "-S", launch.__file__, str(folder), program, *self._command[1:]],
                cwd=self._cwd,
                env={"PATH": os.defpath, **inherited, **variables},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=LAUNCHED,
                check=False,
            )
            said = done.stdout
        except subprocess.TimeoutExpired:
            raise NotDelivered("The training did not begin in time.", "Look whether it did, later.") from None
        except (OSError, ValueError) as error:
            said = str(error).encode("utf-8", "replace")
        if (process := _process(folder)) is None:
            why = log.last(said).rpartition("\n")[2] or "nothing was said"
            raise Refused(f"The training could not be started: {why}", "Run its program by hand.")
        return process

    def _look(self, folder: Path) -> Seen:
        process = _process(folder)
        if process is None:
            return Seen(State.ABSENT)
        state = State.GOING if process.lives else State.ENDED
        return Seen(state, log=_tail(folder / launch.LOG))


def _process(folder: Path) -> _Process | None:
    """The process of the run; None when none ever began."""
    try:
        said = reading.loads((folder / launch.PROCESS).read_bytes())
    except (OSError, Unreadable):
        return None
    pid, mark = (said.get("pid"), said.get("mark")) if isinstance(said, dict) else (None, None)
    # A number below 2 would mean our own group, or everybody.
    return _Process(pid, mark) if type(pid) is int and pid > 1 and isinstance(mark, str) else None


def _tail(file: Path) -> str:
    with suppress(OSError), file.open("rb") as opened:
        opened.seek(max(0, opened.seek(0, os.SEEK_END) - log.HEARD))
        return log.last(opened.read(log.HEARD))
    return ""


async def _ended(process: _Process, patience: float) -> None:
    """It is gone with all it started; NotDelivered when it cannot be ended."""
    _signal(process.all, signal.SIGTERM)
    for _ in range(int(patience / PAUSE)):
        if not process.all:
            return
        await asyncio.sleep(PAUSE)
    for _ in range(_GONE):
        if not (left := process.all):
            return
        _signal(left, signal.SIGKILL)  # each time, for one that was killed may have begun another just before
        await asyncio.sleep(PAUSE)
    raise NotDelivered("The training does not end.", "Look at its processes.", retry=True)


def _signal(processes: Sequence[int], number: signal.Signals) -> None:
    for pid in processes:
        with suppress(ProcessLookupError):
            try:
                os.kill(pid, number)
            except PermissionError:
                raise NotDelivered("The training belongs to another user.", "Stop it by hand.") from None
