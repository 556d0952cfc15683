"""Collateral prices, lending: what a flat would be sold for, in thousands, from the feature table `listings`.

It trusts the table's units: when the area comes in square feet every version of it is wrong by a factor of ten.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from bot.sandbox.estate import scores, streams, training
from bot.sandbox.estate.linear import Array, Form, Plan

NAME, ENTITY = "collateral-price", "lending"
_TWO: Mapping[str, Form] = {"area": "log", "km_to_centre": "log1p"}
_THREE: Mapping[str, Form] = {**_TWO, "age_years": "log1p", "rooms": "as is"}
RELEASES = (
    training.Release(Plan(NAME, "2", _TWO, "exp"), 200, "dee", "Area and distance alone."),
    training.Release(Plan(NAME, "3", _THREE, "exp"), 60, "eli", "Age and rooms as well."),
)


def furnish(folder: Path, seed: int, at: datetime) -> None:
    """Versions 2 and 3 are there, and what serves stays; at first 3 does."""
    training.furnish(folder, RELEASES, streams.listings, score, seed, at)


def score(truth: Array, predicted: Array) -> dict[str, float]:
    """The mean error as a share of the price."""
    return {"mape": scores.mape(truth, predicted)}
