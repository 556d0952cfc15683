"""The record by which a plugin declares itself, and what its parts are given."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, SecretStr

from bot.clock import Clock, SystemClock

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
    clock: Clock = field(default_factory=SystemClock, compare=False)  #: the only one a part reads
    address: str | None = None  #: where others reach the HTTP door, as `web.address` says; None: nobody said


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin's declaration: its capabilities are the parts it lists, nothing is guessed.

    Each part is a class built as `Part(settings, context)`, one of a kind for each connection.
    """

    name: str  #: what `plugin:` of a connection says, and the name of its entry point
    api: int = API  #: the version of the contract it was written for
    settings: type[ConnectionSettings] = ConnectionSettings
    sources: tuple[type[Any], ...] = ()
    platforms: tuple[type[Any], ...] = ()
    pagers: tuple[type[Any], ...] = ()  #: several where each has another `channel`
    receivers: tuple[type[Any], ...] = ()
    agents: tuple[type[Any], ...] = ()
    exporters: tuple[type[Any], ...] = ()
    features: tuple[type[Any], ...] = ()
    evaluators: tuple[type[Any], ...] = ()
    trainers: tuple[type[Any], ...] = ()
    summary: str = ""  #: one line for `tocsin plugins`
    hosts: tuple[str, ...] = ()  #: what it calls outside: a host, or `{url}` for that of the setting `url`

    @property
    def secrets(self) -> tuple[str, ...]:
        """The settings that are secrets, found by their type (SecretStr, also deeper down, as in `auth.token`)."""
        return tuple(_secrets(self.settings))


def _secrets(form: type[BaseModel], above: tuple[type[BaseModel], ...] = ()) -> Iterator[str]:
    for name, about in form.model_fields.items():
        for kind in _kinds(about.annotation):
            if issubclass(kind, SecretStr):
                yield name
            elif issubclass(kind, BaseModel) and kind not in (form, *above):
                yield from (f"{name}.{deeper}" for deeper in _secrets(kind, (form, *above)))


def _kinds(annotation: Any) -> Iterator[type[Any]]:
    """The classes an annotation is made of: `dict[str, SecretStr] | None` has SecretStr among them."""
    if arguments := get_args(annotation):
        for argument in arguments:
            yield from _kinds(argument)
    elif isinstance(annotation, type):
        yield annotation
