"""Reads the pieces that MLflow's answers are made of; what makes no sense is left out."""

from collections.abc import Mapping
from typing import Any

from bot.contract import reading

METRICS = 50  #: of one run that are kept


def dicts(said: object) -> list[dict[str, Any]]:
    """The objects of a list; MLflow leaves empty lists out."""
    return [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []


def number(said: object) -> object:
    """A 64-bit number, which MLflow writes as a number and other servers of its API as text."""
    return int(said) if isinstance(said, str) and said.isdecimal() and len(said) < 20 else said


def tags(said: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a run, a version or a model."""
    return pairs(said.get("tags"))


def pairs(said: object) -> dict[str, str]:
    """A list of keys and values as one table of texts."""
    return {str(one.get("key")): str(one.get("value", "")) for one in dicts(said)}


def measured(run: Mapping[str, Any]) -> dict[str, float]:
    """The last value of each metric of a run, those that are finite."""
    data = run.get("data")
    metrics = dicts(data.get("metrics") if isinstance(data, dict) else None)
    read = ((reading.text(one.get("key"), reading.NAME), reading.number(one.get("value"))) for one in metrics)
    return dict(sorted((name, value) for name, value in read if name and value is not None)[:METRICS])
