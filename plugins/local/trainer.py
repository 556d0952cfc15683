"""Trains models on a disk: the program `train` of a model's folder, started once for each token and left to itself."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from bot.contract import Check, Context, Health, NotDelivered, NotFound, Order, Refused, Run, reading
from plugins.local import disk, launch, program, runs, versions
from plugins.local.settings import LocalSettings

PROGRAM = "train"
TRIES, PAUSE = 60, 0.05  #: how often a lock that somebody holds is tried, and the seconds between
LAUNCHED = 10.0  #: seconds until it must have been started
_GONE = 40  # looks, PAUSE apart, until what was killed must be gone


class Bench:
    """The runs of the models below one folder."""

    repeatable: ClassVar[bool] = True
    patience: ClassVar[float] = 5.0  #: seconds a program has to end by itself when it is told to

    def __init__(self, settings: LocalSettings, context: Context) -> None:
        """Nothing is looked at until it is asked for."""
        self._settings = settings
        self._clock = context.clock

    async def start(self, ref: Mapping[str, str], order: Order, token: str) -> Run:
        """Start the program, unless that was done for this token; it goes on whatever becomes of this process."""
        for _ in range(TRIES):
            run = await asyncio.to_thread(self._start, ref, order, token, self._clock.now())
            if run is not None:
                return run
            await asyncio.sleep(PAUSE)
        raise NotDelivered("Another program holds the lock of the run's folder.", "Look whether the run began.")

    async def find(self, ref: Mapping[str, str], token: str) -> Run | None:
        """The run whose folder has the token's name."""
        return await asyncio.to_thread(lambda: runs.told(self._folder(ref), token))

    async def poll(self, ref: Mapping[str, str], run: str) -> Run:
        """What the run's folder tells; NotFound when there is none."""
        found = await self.find(ref, run)
        if found is None:
            raise NotFound(f"There is no run {run}.", "Choose one that was started.")
        return found

    async def cancel(self, ref: Mapping[str, str], run: str) -> Run:
        """Tell the program and all that it started to end, and end them after five seconds."""
        found = await self.poll(ref, run)
        if found.over:
            return found
        mine = await asyncio.to_thread(self._called_off, ref, run, self._clock.now())
        if mine is not None:
            await _ended(mine, self.patience)
        return await self.poll(ref, run)

    async def running(self, ref: Mapping[str, str]) -> Sequence[Run]:
        """The runs of the model's folder that are not over, the newest first."""

        def look() -> list[Run]:
            folder = self._folder(ref)
            above = disk.inside(folder, runs.FOLDER)
            found: list[Run] = []
            for name in disk.folders(above) if above else ():
                with suppress(Refused):  # one that leads elsewhere is none, and hides no other
                    if (run := runs.told(folder, name)) and not run.over:
                        found.append(run)
            return found

        return await asyncio.to_thread(look)

    async def check(self) -> list[Check]:
        """Whether runs can be started, and which programs are there that are not run."""
        return await asyncio.to_thread(self._check)

    def _folder(self, ref: Mapping[str, str]) -> Path:
        return disk.model(self._settings.root, ref)

    def _start(self, ref: Mapping[str, str], order: Order, token: str, at: datetime) -> Run | None:
        """The run; None when somebody else has its lock."""
        model = self._folder(ref)
        if found := runs.told(model, token):
            return found
        if not self._settings.run_train:
            raise Refused(f"The program {PROGRAM} of {model.name} is not run.", "Set `run_train: true` for it.")
        if not program.runnable(model / PROGRAM):
            raise Refused(f"{model.name} has no program {PROGRAM}.", "Put one there that may be run.")
        if launch.mark(os.getpid()) is None:
            raise Refused("This machine does not tell processes apart.", "Train on Linux, with /proc mounted.")
        body = _spelled(model, order, token, at)
        folder = runs.made(model, token)
        with disk.locked(folder) as lock:
            if lock is None:
                return None
            if runs.process(folder) is None:
                disk.replace(folder / runs.ORDER, body)
                _launch(lock, folder, model / PROGRAM)
        return runs.told(model, token)

    def _called_off(self, ref: Mapping[str, str], run: str, at: datetime) -> runs.Process | None:
        """The process to be ended, once it is written down that it was called off."""
        folder = runs.one(self._folder(ref), run)
        if folder is None or (mine := runs.process(folder)) is None:
            raise NotDelivered(f"The run {run} is about to begin.", "Try again in a moment.", retry=True)
        if not mine.lives:
            return None
        disk.replace(folder / runs.CANCELLED, json.dumps({"at": at.isoformat()}).encode())
        return mine

    def _check(self) -> list[Check]:
        root = Path(self._settings.root)
        models = disk.folders(root) if os.access(root, os.R_OK | os.X_OK) else []
        there = [name for name in models if os.path.lexists(root / name / PROGRAM)]
        if not self._settings.run_train:
            do = f"Its program {PROGRAM} is not run; set `run_train: true` if it shall be."
            return [Check(name, Health.UNKNOWN, do) for name in there if program.runnable(root / name / PROGRAM)]
        if launch.mark(os.getpid()) is None:
            return [Check("runs", Health.MISSING, "Train on Linux, with /proc mounted: a run is known by its process.")]
        unfit = [name for name in there if not program.runnable(root / name / PROGRAM)]
        do = f"Make its {PROGRAM} a plain file that may be run."
        rows = [Check("runs", Health.OK)] if models else [Check("runs", Health.MISSING, f"No model is below {root}.")]
        return [*rows, *(Check(name, Health.MISSING, do) for name in unfit)]


def _spelled(model: Path, order: Order, token: str, at: datetime) -> bytes:
    """What the program is given to read; Refused when it cannot be written down."""
    above = disk.inside(model, versions.FOLDER)
    said = {
        "token": token,
        "at": at.isoformat(),
        "model": order.model,
        "since": order.since.isoformat(),
        "until": order.until.isoformat(),
        "excluded": [[start.isoformat(), end.isoformat()] for start, end in order.excluded],
        "parameters": dict(order.parameters),
        "versions": disk.folders(above) if above else [],
    }
    try:
        body = json.dumps(said, allow_nan=False).encode()
    except (TypeError, ValueError):
        raise Refused("The parameters are no plain JSON.", "Use texts, numbers, lists and objects.") from None
    if len(body) > disk.LARGEST:
        raise Refused(f"The order is larger than {disk.LARGEST:,} bytes.", "Give it fewer parameters.")
    return body


def _launch(lock: int, folder: Path, file: Path) -> None:
    """Start it, and return once it wrote down which process it is; Refused when nothing was started."""
    # What is printed until then comes here; it ends when the program's own process turns to its log.
    command = [sys.executable, "-I", "-S", launch.__file__, str(lock), str(folder), str(file)]
    said = b""
    try:
        done = subprocess.run(
            command,
            cwd=file.parent,
            env=launch.ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(lock,),
            timeout=LAUNCHED,
            check=False,
        )
        said = done.stdout
    except subprocess.TimeoutExpired:
        raise NotDelivered("The run did not begin in time.", "Look whether it did, later.") from None
    except OSError as error:
        said = (error.strerror or "").encode()
    if runs.process(folder) is None:
        lines = said.decode("utf-8", "replace").splitlines()
        why = reading.clean(lines[-1])[: reading.TITLE] if lines else "nothing was said"
        raise Refused(f"The program {PROGRAM} of {file.parent.name} could not be started: {why}", "Run it by hand.")


async def _ended(mine: runs.Process, patience: float) -> None:
    """It is gone with all it started, after `patience` seconds by force; NotDelivered when it cannot be ended."""
    _signal(mine.all, signal.SIGTERM)
    for _ in range(int(patience / PAUSE)):
        if not mine.all:
            return
        await asyncio.sleep(PAUSE)
    for _ in range(_GONE):
        if not (left := mine.all):
            return
        _signal(left, signal.SIGKILL)  # each time, for one that was killed may have begun another just before
        await asyncio.sleep(PAUSE)
    raise NotDelivered("The run does not end.", "Look at its processes.", retry=True)


def _signal(processes: Sequence[int], number: signal.Signals) -> None:
    for pid in processes:
        with suppress(ProcessLookupError):
            try:
                os.kill(pid, number)
            except PermissionError:
                raise NotDelivered("The run belongs to another user.", "Stop it by hand.") from None
