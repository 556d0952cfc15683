"""Rows on a disk for the tests of `local`: a model with rows or a program, the part over it, and what is asked."""

import asyncio
import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.contract import Asked, Context, Scored
from plugins import local
from plugins.local.evaluator import Shelf
from plugins.local.settings import LocalSettings
from tests.plugins.shelf import REF, model

SAMPLES = Path(local.__file__).parent / "samples"
START, END = datetime(2026, 11, 23, 1, tzinfo=UTC), datetime(2026, 11, 23, 2, tzinfo=UTC)
EVERYTHING = Asked(("6", "7"), START, END, ("segment", "plan"))

PROGRAM = """#!/bin/sh
set -eu
for given in "$@"; do case "$given" in --out=*) out="${given#--out=}" ;; esac; done
"""


def shelf(root: Path, **options: Any) -> Shelf:
    return Shelf(LocalSettings(root=str(root), **options), Context("disk"))


def scored(root: Path, asked: Asked = EVERYTHING, ref: Mapping[str, str] = REF, **options: Any) -> Scored:
    return asyncio.run(shelf(root, **options).scored(ref, asked))


def kept(root: Path, *lines: str, name: str = "a.jsonl") -> Path:
    """A model whose rows are these lines."""
    folder = root / "churn" if (root / "churn").exists() else model(root)
    (folder / "rows").mkdir(exist_ok=True)
    (folder / "rows" / name).write_text("".join(f"{line}\n" for line in lines))
    return folder


def line(second: int = 0, **more: Any) -> str:
    at = (START + timedelta(seconds=second)).isoformat()
    return json.dumps({"at": at, "truth": 1, "said": {"6": 0.5, "7": 0.25}, **more})


def program(folder: Path, script: str) -> None:
    (folder / "score").write_text(PROGRAM + script)
    (folder / "score").chmod(0o755)


def plain(numbers: Sequence[float]) -> list[float | None]:
    return [None if math.isnan(number) else number for number in numbers]
