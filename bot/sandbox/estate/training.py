"""How the versions of a model came to be: trained on past days, scored on days held out, put in service in turn."""

import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from bot.sandbox.estate import linear, serving, streams
from bot.sandbox.estate.linear import Array

PROGRAM = "train"  #: what plugin `local` runs in a model's folder to make a new version
ROWS, HELD_OUT = 8_000, 4_000  #: of the training days, and of the days after them

_PROGRAM = """\
#!/bin/sh
# Written by the estate at each start: real training, on the rows that were kept; see bot/sandbox/estate/train.py.
OPENBLAS_NUM_THREADS=1 PYTHONPATH={home}
export OPENBLAS_NUM_THREADS PYTHONPATH
exec {python} -P -m bot.sandbox.estate.train "$@"
"""
_PAST = 2**32  # windows that no run of the estate ever reaches

World = Callable[[np.random.Generator, int], streams.Window]
Score = Callable[[Array, Array], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Release:
    """A version: what is trained, how long ago it went into service, whose it is and what they wrote about it."""

    plan: linear.Plan
    days: int
    by: str
    note: str


def furnish(folder: Path, releases: Sequence[Release], world: World, score: Score, seed: int, at: datetime) -> None:
    """Train what is not there yet and let the last serve; `seed` makes its days, `at` is the present."""
    name = folder.name
    if not all((folder / serving.VERSIONS / release.plan.version).is_dir() for release in releases):
        days = world(streams.rng(seed, name, _PAST), ROWS)
        later = world(streams.rng(seed, name, _PAST + 1), HELD_OUT)
        for release in releases:
            fitted = linear.trained(release.plan, days.columns, days.truth)
            metrics = {key: round(value, 4) for key, value in score(later.truth, fitted.predict(later.columns)).items()}
            model = replace(fitted, parameters=fitted.parameters.model_copy(update={"metrics": metrics}))
            serving.furnish(folder, release.plan.version, model.files(), about(release, at, metrics))
    serving.began(folder, [(release.plan.version, since(release, at)) for release in releases], "deploy")


def equip(folder: Path) -> None:
    """A program `train` is there that can be run, by this Python, with nothing in its environment."""
    home, python = (shlex.quote(str(path)) for path in (Path(__file__).resolve().parents[3], sys.executable))
    serving.written(folder / PROGRAM, _PROGRAM.format(home=home, python=python).encode(), mode=0o755)


def about(release: Release, at: datetime, metrics: Mapping[str, float]) -> dict[str, object]:
    """The `version.json` of a release."""
    created = since(release, at).isoformat()
    return {"created_at": created, "by": release.by, "note": release.note, "metrics": dict(metrics)}


def since(release: Release, at: datetime) -> datetime:
    """When it went into service."""
    return at - timedelta(days=release.days)
