"""Churn, retail: who leaves within a quarter. Version 7 reads how long ago the last promotion was, 6 does not."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from bot.sandbox.estate import rows, scores, streams, training
from bot.sandbox.estate.linear import Array, Columns, Form, Plan

NAME, ENTITY = "churn", "retail"
_SIX: Mapping[str, Form] = {
    "tenure_months": "log1p",
    "orders_90d": "log1p",
    "days_since_order": "log1p",
    "tickets_90d": "as is",
}
_SEVEN: Mapping[str, Form] = {**_SIX, "days_since_promo": "log1p"}
RELEASES = (
    training.Release(Plan(NAME, "6", _SIX, "logistic"), 45, "ada", "Retrained on the autumn's customers."),
    training.Release(Plan(NAME, "7", _SEVEN, "logistic"), 3, "bo", "Reads days_since_promo; AUC is clearly better."),
)


def furnish(folder: Path, seed: int, at: datetime) -> None:
    """Versions 6 and 7 are there, and what serves stays; at first 7 does."""
    training.furnish(folder, RELEASES, streams.customers, score, seed, at)


def score(truth: Array, predicted: Array) -> dict[str, float]:
    """AUC (where there are both kinds) and log loss in nats."""
    area = scores.auc(truth, predicted)
    return {**({} if area is None else {"auc": area}), "log_loss": scores.log_loss(truth, predicted)}


def apart(columns: Columns) -> dict[str, list[str]]:
    """How people tell customers apart: by how long they have been some, and by how often they buy."""
    return {
        "tenure": rows.told((12, 36), ("first year", "one to three years", "longer"), columns["tenure_months"]),
        "orders": rows.told((4, 10), ("few", "some", "many"), columns["orders_90d"]),
    }
