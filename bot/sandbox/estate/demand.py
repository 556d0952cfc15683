"""Demand, retail: how many pieces are sold in the week to come. Nothing ever happens to it."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from bot.sandbox.estate import scores, streams, training
from bot.sandbox.estate.linear import Array, Form, Plan

NAME, ENTITY = "demand", "retail"
_FOUR: Mapping[str, Form] = {"price": "log", "sold_last_week": "log1p"}
_FIVE: Mapping[str, Form] = {**_FOUR, "visitors": "log1p", "stock_days": "as is"}
RELEASES = (
    training.Release(Plan(NAME, "4", _FOUR, "exp"), 150, "ada", "Last week's sales and the price."),
    training.Release(Plan(NAME, "5", _FIVE, "exp"), 30, "ada", "Visitors of the shop's page as well."),
)


def furnish(folder: Path, seed: int, at: datetime) -> None:
    """Versions 4 and 5 are there, and what serves stays; at first 5 does."""
    training.furnish(folder, RELEASES, streams.orders, score, seed, at)


def score(truth: Array, predicted: Array) -> dict[str, float]:
    """The mean error as a share of what was sold."""
    return {"mape": scores.mape(truth, predicted)}
