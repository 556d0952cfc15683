"""The terms of a trial as they are kept with it: those it was asked for under, whatever the estate says later."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any

from bot.model.trial import Terms

_SPANS = ("window", "label_delay", "every")  #: kept in seconds


def spelled(terms: Terms) -> dict[str, Any]:
    """All of it as JSON; `read` makes the same of it again."""
    return {each.name: _spell(getattr(terms, each.name)) for each in fields(terms)}


def read(said: Mapping[str, Any]) -> Terms:
    """What was `spelled` so."""
    return Terms(**{name: _read(name, value) for name, value in said.items()})


def _spell(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    return list(value) if isinstance(value, tuple) else value


def _read(name: str, value: Any) -> Any:
    if name in _SPANS:
        return None if value is None else timedelta(seconds=value)
    return tuple(value) if isinstance(value, list) else value
