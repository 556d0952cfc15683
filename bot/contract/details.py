"""Reads the free part of a message, an object of whatever its sender thought of: who, which numbers, and the rest."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from bot.contract import reading
from bot.model.alert import Measure

#: Under these names senders say which model or agent, which version of it, where, and for which business entity.
MODEL = ("model", "model_name", "registered_model", "agent", "agent_name", "endpoint_name")
VERSION = ("model_version", "version", "agent_version")
ENVIRONMENT = ("environment", "env", "stage")
ENTITY = ("entity", "business_entity", "business_unit")
MEASURES = 50  #: how many of one message are kept

_OPS = frozenset({">", ">=", "<", "<=", "==", "!="})


def first(details: Mapping[str, Any], names: Iterable[str]) -> str | None:
    """The first of these that says something."""
    return next((words for name in names if (words := reading.text(details.get(name), reading.NAME))), None)


def labels(details: Mapping[str, Any]) -> tuple[dict[str, str], str | None]:
    """All of them as short text, an object or a list as JSON; and a sentence about what was left out, if anything."""
    given = {name: _plain(value) for name, value in details.items() if name != "measures"}
    return reading.labels({name: words for name, words in given.items() if words is not None})


def measures(details: Mapping[str, Any]) -> tuple[Measure, ...]:
    """Those of a list `measures`; else the one that `metric` names; else every one that is a number by itself."""
    listed = details.get("measures")
    if isinstance(listed, list):
        found = [measure(one) for one in listed[:MEASURES] if isinstance(one, dict)]
        return tuple(one for one in found if one is not None)
    if one := measure(details):
        return (one,)
    numbers = [(name, value) for name, value in details.items() if name and type(value) in (int, float)]
    return tuple(
        Measure(name[: reading.NAME], value)
        for name, given in numbers[:MEASURES]
        if (value := reading.number(given)) is not None
    )


def measure(said: Mapping[str, Any]) -> Measure | None:
    """The measure that these words make: `metric`, `value`, `threshold` and so on; None when they name no metric."""
    metric = reading.text(said.get("metric"), reading.NAME)
    if metric is None:
        return None
    op = reading.text(said.get("op"), 2)
    sample = reading.number(said.get("sample_size"))
    return Measure(
        metric=metric,
        value=reading.number(said.get("value")),
        threshold=reading.number(said.get("threshold")),
        op=op if op in _OPS else None,
        baseline=reading.number(said.get("baseline")),
        sample_size=int(sample) if sample is not None and 0 <= sample < 2**53 else None,
        window=reading.text(said.get("window"), reading.NAME),
        feature=reading.text(said.get("feature"), reading.NAME),
        segment=reading.text(said.get("segment"), reading.NAME),
    )


def _plain(value: object) -> str | None:
    return orjson.dumps(value).decode() if isinstance(value, dict | list) and value else reading.text(value)
