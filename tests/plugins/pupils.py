"""A training for the tests of `mlflow`: a program that speaks to MLflow and does what it is told through a pipe."""

import asyncio
import json
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.contract import Order
from plugins.mlflow import launch
from tests.plugins.kilns import lives, until

#: Says that it began, waits for one line of JSON, and ends as that says.
PROGRAM = """
import json, os, signal, sys, time, urllib.request
run, root = os.environ["MLFLOW_RUN_ID"], os.environ["MLFLOW_TRACKING_URI"]
signal.alarm(120)

def post(path, **body):
    asked = urllib.request.Request(f"{root}/api/2.0/mlflow/{path}", json.dumps({"run_id": run, **body}).encode())
    asked.add_header("Content-Type", "application/json")
    urllib.request.urlopen(asked).close()

def source():
    with urllib.request.urlopen(f"{root}/api/2.0/mlflow/runs/get?run_id={run}") as said:
        return json.load(said)["run"]["info"].get("artifact_uri", "") + "/model"

with open("began", "a") as began:
    began.write(f"{os.getpid()}\\n")
with open(f"{run}.env", "w") as told:
    json.dump(dict(os.environ), told)
post("runs/update", status="RUNNING")
os.mkfifo(f"{run}.gate")
with open(f"{run}.gate") as gate:
    do = json.load(gate)
for key, value in do.get("metrics", {}).items():
    post("runs/log-metric", key=key, value=value, timestamp=int(time.time() * 1000), step=0)
if "fails" in do:
    print(do["fails"])
    post("runs/update", status="FAILED", end_time=int(time.time() * 1000))
    sys.exit(1)
if do.get("registers"):
    post("model-versions/create", name=os.environ["TOCSIN_REGISTERED_MODEL"], source=source())
if not do.get("forgets"):
    post("runs/update", status="FINISHED", end_time=int(time.time() * 1000))
"""


class Pupil:
    """The programs that were begun in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "train.py").write_text(PROGRAM)

    @property
    def began(self) -> list[int]:
        """The numbers of all that were ever begun, as they wrote them themselves."""
        file = self.folder / "began"
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    def environment(self, run: str) -> dict[str, str]:
        """What the program of a run was given."""
        found: dict[str, str] = json.loads((self.folder / f"{run}.env").read_text())
        return found

    async def waits(self, run: str) -> None:
        """It began, and waits to be told."""
        await until(lambda: (self.folder / f"{run}.gate").exists())

    async def does(self, run: str, **what: Any) -> None:
        """Let the program of a run do this, and end."""
        await self.waits(run)
        await asyncio.to_thread((self.folder / f"{run}.gate").write_text, json.dumps(what))

    async def settled(self) -> int:
        """How many were begun, once all that are about to are there."""
        runs = [file.parent.name.rpartition("-")[2] for file in self.folder.glob("runs/*/process.json")]
        for run in runs:
            await self.waits(run)
        return len(self.began)

    def at_work(self) -> int:
        """How many of them go on."""
        return sum(map(lives, self.began))

    def put_out(self) -> None:
        """End all that a test left behind."""
        for pid in self.began:
            for each in launch.members(pid) if pid > 1 and pid != os.getsid(0) else ():
                with suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)


def ordered(said: Mapping[str, str]) -> Order:
    """The order that a training reads out of its environment."""
    return Order(
        said["TOCSIN_MODEL"],
        datetime.fromisoformat(said["TOCSIN_SINCE"]),
        datetime.fromisoformat(said["TOCSIN_UNTIL"]),
        tuple(
            (datetime.fromisoformat(start), datetime.fromisoformat(end))
            for start, end in json.loads(said["TOCSIN_EXCLUDED"])
        ),
        json.loads(said["TOCSIN_PARAMETERS"]),
    )
