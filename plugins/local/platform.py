"""Switches models on a disk; whatever blocks runs in a thread."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from bot.contract import (
    Check,
    Context,
    Flow,
    Health,
    Lever,
    NotFound,
    Op,
    Plan,
    Probe,
    Refused,
    Served,
    Serving,
    Version,
)
from plugins.local import behaviour, disk, flow, history, pointer, program, shares, versions
from plugins.local.settings import LocalSettings

TRIES, PAUSE = 60, 0.05  #: how often a lock that somebody holds is tried, and the seconds between


class Local:
    """The models below one folder."""

    levers: ClassVar[frozenset[Lever]] = frozenset(Lever) - {Lever.RETRAIN}
    repeatable: ClassVar[bool] = True

    def __init__(self, settings: LocalSettings, context: Context) -> None:
        """Nothing is looked at until it is asked for."""
        self._settings = settings
        self._clock = context.clock

    async def serving(self, ref: Mapping[str, str]) -> Serving:
        """What `serving.json` says."""
        return await asyncio.to_thread(lambda: pointer.read(self._folder(ref)))

    async def versions(self, ref: Mapping[str, str], limit: int = 50) -> Sequence[Version]:
        """The folders below `versions`, the newest first."""
        return await asyncio.to_thread(lambda: versions.listed(self._folder(ref), limit))

    async def history(self, ref: Mapping[str, str]) -> Sequence[Served]:
        """The switches that were made through this plugin, the newest first."""

        def look() -> list[Served]:
            folder = self._folder(ref)
            return history.read(folder, pointer.read(folder))

        return await asyncio.to_thread(look)

    async def wanted(
        self, ref: Mapping[str, str], lever: Lever, now: Serving, parameters: Mapping[str, Any]
    ) -> Serving:
        """The pointer as it shall be; NotFound for a version without a folder, Refused for what serves already."""
        return await asyncio.to_thread(lambda: _wanted(self._folder(ref), lever, now, parameters))

    async def apply(self, plan: Plan, token: str) -> Op:
        """Swap the pointer, once; Refused when somebody holds the lock for longer than three seconds."""
        # Tries that end, not one that waits: a thread that was given up could swap long after.
        for _ in range(TRIES):
            done = await asyncio.to_thread(self._swap, plan, token, self._clock.now())
            if done is not None:
                return Op("done", token, done)
            await asyncio.sleep(PAUSE)
        raise Refused("Another program holds the lock of the model's folder.", "Try again in a while.", retry=True)

    async def poll(self, plan: Plan, op: Op) -> Op:
        """Done when the pointer says so: a swap is never under way."""
        if (await self.serving(plan.ref)).same(plan.after):
            return Op("done", op.id, f"{pointer.FILE} says so.")
        return Op("failed", op.id, f"{pointer.FILE} says something else.")

    async def probe(self, ref: Mapping[str, str]) -> Probe | None:
        """What `probe.json`, or the program `probe`, says that answers."""
        folder = await asyncio.to_thread(self._folder, ref)
        return await behaviour.asked(folder, self._settings.run_probe)

    async def flow(self, ref: Mapping[str, str], since: datetime) -> Flow:
        """How many predictions `predictions.jsonl` counts since."""
        return await asyncio.to_thread(lambda: flow.since(self._folder(ref), since))

    async def check(self) -> list[Check]:
        """Whether the folder can be read and written, and what of its models cannot be."""
        return await asyncio.to_thread(self._check)

    def _swap(self, plan: Plan, token: str, at: datetime) -> str | None:
        return pointer.swap(self._folder(plan.ref), plan, token, at)

    def _folder(self, ref: Mapping[str, str]) -> Path:
        return disk.model(self._settings.root, ref)

    def _check(self) -> list[Check]:
        root = Path(self._settings.root)
        if not root.is_dir() or not os.access(root, os.R_OK | os.X_OK):
            do = f"Make the folder that `root` names ({root}), and let the bot's user read and write there."
            return [Check("root", Health.MISSING, do)]
        rows = [Check("root", Health.OK)]
        for name in disk.folders(root):
            try:
                rows += _found(disk.model(str(root), {"name": name}), name, self._settings.run_probe)
            except (Refused, NotFound) as error:
                rows.append(Check(name, Health.MISSING, str(error)))
        return rows


def _wanted(folder: Path, lever: Lever, now: Serving, parameters: Mapping[str, Any]) -> Serving:
    if lever not in Local.levers:
        raise Refused(f"A file cannot {lever}.", "A trainer does that.")
    if lever in (Lever.PAUSE, Lever.RESUME):
        after = _serving(now.split, lever is Lever.PAUSE)
    elif lever is Lever.SHIFT:
        after = _serving(shares.read(parameters.get("split")), now.paused)
        if not after.split:
            raise Refused("A split of nothing serves nobody.", "Pause it instead.")
    else:
        after = _serving({disk.named(parameters.get("version")): 100.0}, now.paused)
    for version in after.split if lever is not Lever.PAUSE else ():
        pointer.there(folder, version)
        found = versions.one(folder, version)
        if not found.usable:
            raise Refused(f"Version {version} of {folder.name} may not serve: {found.why_not}", "Choose another.")
    if after.same(now):
        raise Refused(f"{folder.name} serves that already.", "Nothing is to be done.")
    return after


def _serving(split: Mapping[str, float], paused: bool) -> Serving:
    """A state to come; its number is not known before it is there."""
    return Serving(dict(split), paused, {"split": dict(split), "paused": paused})


def _found(folder: Path, name: str, run: bool) -> list[Check]:
    """What of one model needs somebody's look; nothing when all is well."""
    rows: list[Check] = []
    if not os.access(folder, os.W_OK):
        rows.append(Check(name, Health.MISSING, "Let the bot's user write in its folder."))
    for version in pointer.read(folder).split:
        try:
            pointer.there(folder, version)
        except (Refused, NotFound) as error:
            rows.append(Check(name, Health.MISSING, f"It serves what is not there. {error}"))
    if program.runnable(folder / behaviour.PROGRAM) and not run:
        do = f"Its program {behaviour.PROGRAM} is not run; set `run_probe: true` if it shall be."
        rows.append(Check(name, Health.UNKNOWN, do))
    return rows
