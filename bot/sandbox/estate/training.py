"""How the versions of a model came to be: trained on past days, scored on days held out, put in service in turn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from bot.sandbox.estate import linear, serving, streams
from bot.sandbox.estate.linear import Array

ROWS, HELD_OUT = 8_000, 4_000  #: of the training days, and of the days after them

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


def about(release: Release, at: datetime, metrics: Mapping[str, float]) -> dict[str, object]:
    """The `version.json` of a release."""
    created = since(release, at).isoformat()
    return {"created_at": created, "by": release.by, "note": release.note, "metrics": dict(metrics)}


def since(release: Release, at: datetime) -> datetime:
    """When it went into service."""
    return at - timedelta(days=release.days)
