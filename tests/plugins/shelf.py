"""Models on a disk for the tests of `local`: a folder with versions, its pointer, the part over it, and a plan."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.contract import Context, Lever, Plan
from bot.testing.clock import FakeClock
from plugins.local import Local, LocalSettings

NOW = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)
REF = {"name": "churn"}


def model(
    root: Path, name: str = "churn", serves: str | None = "7", versions: tuple[str, ...] = ("6", "7", "8")
) -> Path:
    """A model's folder with versions, each made a day after the one before."""
    folder = root / name
    for day, version in enumerate(versions, 1):
        (folder / "versions" / version).mkdir(parents=True)
        (folder / "versions" / version / "version.json").write_text(
            json.dumps({"created_at": f"2026-11-{day:02}T00:00:00Z", "by": "ada", "metrics": {"auc": 0.9}})
        )
    if serves is not None:
        point(folder, serves, 1)
    return folder


def point(folder: Path, version: str, seq: int, **more: Any) -> None:
    """The pointer, as somebody writes it by hand."""
    (folder / "serving.json").write_text(json.dumps({"split": {version: 100}, "paused": False, "seq": seq, **more}))


def part(root: Path, **options: Any) -> Local:
    return Local(LocalSettings(root=str(root), **options), Context("disk", FakeClock(NOW)))


async def plan(one: Local, lever: Lever = Lever.ROLLBACK, ref: Mapping[str, str] = REF, **parameters: Any) -> Plan:
    before = await one.serving(ref)
    after = await one.wanted(ref, lever, before, parameters)
    return Plan(lever, ref["name"], "disk", ref, before, after, "asked for", "another serves")
