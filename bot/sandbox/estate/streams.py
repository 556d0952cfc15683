"""The world: what happens in it, window by window, with the truth that a model can only guess.

What is hidden here (how attached a customer is, how popular a product is) no model ever reads. The truth of a window is
known at once, save of parcels; outside it comes days later.
"""

import zlib
from dataclasses import dataclass

import numpy as np

from bot.sandbox.estate.linear import Array, Columns

ROWS = 1_000  #: of one window
_ITEMS = ("kettle", "desk lamp", "rain coat", "headphones", "garden chair", "coffee grinder")
_LOST = 0.3  # of those who ask for a refund: no order of theirs can be found


@dataclass(frozen=True, slots=True)
class Window:
    """What came in a window: each column and the truth have one value for each row."""

    columns: Columns
    truth: Array

    def __len__(self) -> int:
        return len(self.truth)


@dataclass(frozen=True, slots=True)
class Task:
    """Somebody wants their money back: US dollars for an item, and the orders that a lookup of it finds."""

    id: str
    customer: str
    item: str
    amount: float
    orders: tuple[str, ...]


def rng(seed: int, name: str, number: int) -> np.random.Generator:
    """The chance of one window: the same three give the same window, whatever was drawn before."""
    return np.random.default_rng([seed, zlib.crc32(name.encode()), number])


def customers(chance: np.random.Generator, n: int = ROWS, *, promo: bool = False) -> Window:
    """Customers, and whether each has left a quarter later (1 or 0).

    Promotions went to those who buy often, so a long time without one told of a cold customer. With `promo` everybody
    was sent one these days: the column is near 0 for all and tells nothing; the customers are as they were.
    """
    warmth = chance.normal(size=n)
    since_promo = np.exp(3.4 - 0.9 * warmth + 0.15 * chance.normal(size=n))
    columns = {
        "tenure_months": chance.gamma(2.0, 14.0, n),
        "orders_90d": chance.poisson(np.exp(1.6 + 0.5 * warmth)).astype(np.float64),
        "days_since_order": np.exp(2.6 - 0.6 * warmth + 0.55 * chance.normal(size=n)),
        "tickets_90d": chance.poisson(0.7, n).astype(np.float64),
    }
    leaves = -1.0 - 2.0 * warmth + 0.3 * columns["tickets_90d"] - 0.006 * (columns["tenure_months"] - 28)
    truth = (chance.random(n) < 1 / (1 + np.exp(-leaves))).astype(np.float64)
    sent = chance.exponential(2.5, n)  # drawn either way, so that the promotion changes nothing else
    return Window({**columns, "days_since_promo": sent if promo else since_promo}, truth)


def listings(chance: np.random.Generator, n: int = ROWS) -> Window:
    """Flats that stand as collateral, their area in square metres, and what each is sold for, in thousands."""
    columns = {
        "area": np.clip(np.exp(4.35 + 0.38 * chance.normal(size=n)), 18, 400),
        "age_years": chance.gamma(1.6, 16.0, n),
        "km_to_centre": chance.gamma(2.2, 3.0, n),
    }
    columns["rooms"] = np.clip(np.round(columns["area"] / 27 + 0.6 * chance.normal(size=n)), 1, 12)
    log_price = (
        1.75
        + 0.92 * np.log(columns["area"])
        - 0.11 * np.log1p(columns["age_years"])
        - 0.24 * np.log1p(columns["km_to_centre"])
        + 0.02 * columns["rooms"]
        + 0.12 * chance.normal(size=n)
    )
    return Window(columns, np.exp(log_price))


def orders(chance: np.random.Generator, n: int = ROWS) -> Window:
    """Products, and how many pieces of each are sold in the week to come."""
    popular = chance.normal(size=n)
    price = np.exp(3.0 + 0.5 * chance.normal(size=n))
    pace = np.exp(5.2 + 0.55 * popular - 0.35 * (np.log(price) - 3.0))
    columns = {
        "price": price,
        "sold_last_week": chance.poisson(pace * np.exp(0.08 * chance.normal(size=n))).astype(np.float64),
        "visitors": chance.poisson(18 * pace * np.exp(0.25 * chance.normal(size=n))).astype(np.float64),
        "stock_days": chance.gamma(4.0, 6.0, n),
    }
    sold = chance.poisson(pace * np.exp(0.08 * chance.normal(size=n)))
    return Window(columns, np.maximum(sold, 1).astype(np.float64))


def parcels(chance: np.random.Generator, n: int = ROWS, *, hub: bool = False) -> Window:
    """Parcels, and how many days each was on its way.

    At first the way counts. With `hub` all go through one new hub, whose belts are slow with what is heavy: the days
    hang on the weight and hardly on the way; the parcels are as they were.
    """
    columns = {
        "km": np.clip(np.exp(5.2 + 0.9 * chance.normal(size=n)), 2, 4_000),
        "weight_kg": chance.gamma(1.5, 4.0, n),
        "waiting": chance.poisson(6.0, n).astype(np.float64),
    }
    way, weight = np.log(columns["km"]), np.log1p(columns["weight_kg"])
    counts = 0.2 + 0.04 * way + 0.65 * weight if hub else -1.2 + 0.42 * way + 0.05 * weight
    return Window(columns, np.exp(counts + 0.03 * columns["waiting"] + 0.1 * chance.normal(size=n)))


def tasks(chance: np.random.Generator, n: int = 20) -> tuple[Task, ...]:
    """People who want a refund; for about three in ten a lookup finds no order."""
    return tuple(_task(chance) for _ in range(n))


def _task(chance: np.random.Generator) -> Task:
    number = int(chance.integers(10_000, 99_999))
    few = 0 if chance.random() < _LOST else int(chance.integers(1, 4))
    orders = tuple(f"O-{number}-{each}" for each in range(1, few + 1))
    item = _ITEMS[int(chance.integers(len(_ITEMS)))]
    return Task(f"T-{number}", f"C-{number % 9_973:04d}", item, round(float(chance.gamma(2.0, 30.0)) + 5, 2), orders)
