"""Runs on a disk for the tests of `local`: a model with a program `train`, the part over it, and a hand at its runs."""

import asyncio
import json
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.contract import Context, Order, Run
from bot.testing.clock import FakeClock
from plugins.local import launch
from plugins.local.settings import LocalSettings
from plugins.local.trainer import Bench
from tests.plugins.shelf import NOW, REF, model

ORDER = Order("churn", datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))

#: Does what it is told through a pipe in its folder, so that each test says when something happens.
OBEYS = """#!/bin/sh
echo $$ >> began
mkfifo "$4/gate"
eval "$(timeout --foreground 60 cat "$4/gate")"
"""


class Brisk(Bench):
    """Waits no five seconds for a program that does not listen."""

    patience = 0.2


def bench(root: Path, **options: Any) -> Bench:
    return Brisk(LocalSettings(root=str(root), **{"run_train": True, **options}), Context("disk", FakeClock(NOW)))


def trained(root: Path, script: str = OBEYS, name: str = "churn") -> Path:
    """A model's folder with this program."""
    folder = model(root, name)
    program(folder, script)
    return folder


def program(folder: Path, script: str) -> None:
    (folder / "train").write_text(script)
    (folder / "train").chmod(0o755)


async def told(run: Path, command: str) -> None:
    """Let the program of a run do this, and end."""
    await until(lambda: (run / "gate").exists())
    await asyncio.to_thread((run / "gate").write_text, command)


async def over(part: Bench, run: str, ref: Mapping[str, str] = REF) -> Run:
    """The run once it is over."""
    for _ in range(1_000):
        if (found := await part.poll(ref, run)).over:
            return found
        await asyncio.sleep(0.01)
    raise AssertionError(f"{run} goes on: {found}")


async def until(holds: Any) -> None:
    for _ in range(1_000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("It never came to that.")


def lives(pid: int) -> bool:
    """Whether the process is there, and not only its name."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def begun(folder: Path) -> list[int]:
    """The numbers of all programs that were ever begun for a model, as they wrote them themselves."""
    file = folder / "began"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def put_out(root: Path) -> None:
    """End every program that a test left behind, with what it started."""
    begins = [json.loads(file.read_text())["pid"] for file in root.glob("*/runs/*/process.json")]
    for pid in [*begins, *(pid for file in root.glob("*/began") for pid in begun(file.parent))]:
        for each in launch.members(pid) if isinstance(pid, int) and pid > 1 and pid != os.getsid(0) else ():
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)


class Kiln:
    """The stage of the suite: a folder of its own each time."""

    def __init__(self, root: Path) -> None:
        self._root, self._count = root, 0
        self.ref: Mapping[str, str] = REF

    @property
    def folder(self) -> Path:
        return self._root / self.ref["name"]

    def _run(self, run: str) -> Path:
        return self.folder / "runs" / run

    async def prepare(self) -> None:
        self._count += 1
        self.ref = {"name": f"churn-{self._count}"}
        trained(self._root, name=self.ref["name"])

    async def started(self) -> int:
        runs = [file.parent for file in self.folder.glob("runs/*/process.json")]
        await until(lambda: all((run / "gate").exists() for run in runs))
        return len(begun(self.folder))

    async def at_work(self) -> int:
        return sum(map(lives, begun(self.folder)))

    async def ordered(self, run: str) -> Order:
        said = json.loads((self._run(run) / "order.json").read_text())
        return Order(
            said["model"],
            datetime.fromisoformat(said["since"]),
            datetime.fromisoformat(said["until"]),
            tuple((datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in said["excluded"]),
            said["parameters"],
        )

    async def tells(self, run: str, stage: str, share: float) -> None:
        (self._run(run) / "progress.json").write_text(json.dumps({"stage": stage, "share": share}))

    async def succeeds(self, run: str, version: str | None, metrics: Mapping[str, float]) -> None:
        made = f"mkdir versions/{version}; " if version else ""
        result = json.dumps({"version": version or "none", "metrics": dict(metrics)})
        await told(self._run(run), f"{made}echo '{result}' > \"$4/result.json\"")

    async def fails(self, run: str, last: str) -> None:
        await told(self._run(run), f"cat <<'END'\n{last}\nEND\nexit 1")

    async def serving(self) -> str:
        return (self.folder / "serving.json").read_text()
