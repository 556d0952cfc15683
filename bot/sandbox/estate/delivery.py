"""Delivery days, retail: how long a parcel is on its way. The carrier works otherwise by now, so only learning helps.

What became of a parcel is known once the carrier reports; until then nobody can tell how good a version is. No column
looks different since the change, so no version before is better: what counts is what the days now depend on.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from bot.sandbox.estate import past, rows, scores, streams, training
from bot.sandbox.estate.linear import Array, Columns, Form, Plan

NAME, ENTITY = "delivery-days", "retail"
_TWO: Mapping[str, Form] = {"km": "log", "waiting": "as is"}
_THREE: Mapping[str, Form] = {**_TWO, "weight_kg": "log1p"}
HOUR = timedelta(hours=1)
REPORTED, SINCE = 48, 36  #: hours that the carrier's first report tells of, and of those the ones since its change
AN_HOUR = 250  #: parcels of which a report tells
AFTERWARDS = timedelta(minutes=10)  #: between two reports from then on
_REPORT = 2**33  # where the chance of the first report begins; no window of a run ever gets there

RELEASES = (
    training.Release(Plan(NAME, "2", _TWO, "exp"), 120, "bo", "How far it goes, and how many parcels wait."),
    training.Release(Plan(NAME, "3", _THREE, "exp"), 20, "ada", "What it weighs as well."),
)


def furnish(folder: Path, seed: int, at: datetime) -> None:
    """Versions 2 and 3 are there, and what serves stays; at first 3 does. A program `train` makes new ones."""
    training.furnish(folder, RELEASES, streams.parcels, score, seed, at)
    training.equip(folder)


def report(folder: Path, seed: int, at: datetime) -> None:
    """The first report comes in at `at`: of each hour of the last two days some parcels, and how long they took."""
    (folder / past.FILE).unlink(missing_ok=True)  # of a run that was cut off while it read the report
    for ago in range(REPORTED, 0, -1):
        came = streams.parcels(streams.rng(seed, NAME, _REPORT + ago), AN_HOUR, hub=ago <= SINCE)
        past.keep(folder, came, at - HOUR * (ago - 1), HOUR)


def score(truth: Array, predicted: Array) -> dict[str, float]:
    """The mean error as a share of the days that it took."""
    return {"mape": scores.mape(truth, predicted)}


def apart(columns: Columns) -> dict[str, list[str]]:
    """How people tell parcels apart: by how far they go, and by what they weigh."""
    return {
        "distance": rows.told((100, 400), ("near", "across the country", "far"), columns["km"]),
        "weight": rows.told((3, 10), ("light", "usual", "heavy"), columns["weight_kg"]),
    }
