"""The record by which a plugin declares itself, and what its parts are given."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr

API = 1  #: the version of this contract


class Health(StrEnum):
    """How it stands with one scope."""

    OK = "ok"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a part needs: how it stands, and what to do about it."""

    scope: str
    health: Health
    do: str = ""


class ConnectionSettings(BaseModel):
    """The keys every connection may have; a plugin adds its own by inheritance."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    secret: SecretStr | None = None  #: what the sender must prove it knows
    entity: str | None = None  #: the business entity when the alert names none
    environment: str | None = None  #: the environment when the alert names none
    model: str | None = None  #: the model or agent when the alert names none


@dataclass(frozen=True, slots=True)
class Context:
    """What a part is given beside its settings."""

    connection: str


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin's declaration: its capabilities are the parts it lists, nothing is guessed.

    Each part is a class built as `Part(settings, context)`.
    """

    name: str
    api: int = API
    settings: type[ConnectionSettings] = ConnectionSettings
    sources: tuple[type[Any], ...] = ()
    platforms: tuple[type[Any], ...] = ()
    pagers: tuple[type[Any], ...] = ()
    exporters: tuple[type[Any], ...] = ()
    features: tuple[type[Any], ...] = ()
