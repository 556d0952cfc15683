"""One run of a suite over one plugin: what was found, the guard around its calls, its parts as in production."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from pydantic import BaseModel, SecretStr

from bot.clock import SystemClock
from bot.contract import Context, Evaluator, Exporter, FeatureStore, Pager, Platform, Plugin, Receiver, Source, Trainer
from bot.contract.guard import Guard
from bot.testing.promises import CONNECTION

ADDRESS = "https://tocsin.example"  #: where the suites say that Tocsin is reached from outside
ENOUGH = 25  # complaints; more tell nothing new


class TooMany(Exception):
    """Enough has been found."""


class Trial:
    """Collects complaints; `guard` is the real one: what it makes of a plugin is what will happen in production."""

    def __init__(self, plugin: Plugin, options: dict[str, Any], deadline: float) -> None:
        """`options` are a connection's; `deadline` in seconds for one call."""
        self.found: list[str] = []
        self.guard = Guard(plugin.name, SystemClock(), deadline=deadline, failures=1_000_000)
        self.plugin = plugin
        self.options = options

    def say(self, complaint: str) -> None:
        """Note it once; raises TooMany when there is enough."""
        if complaint not in self.found:
            self.found.append(complaint)
        if len(self.found) >= ENOUGH:
            raise TooMany

    def secret(self, where: str, words: str) -> None:
        """A complaint when one of the connection's secrets stands there."""
        if any(secret in words for secret in self._hidden):
            self.say(f"A secret shows in {where}.")

    @cached_property
    def _hidden(self) -> tuple[str, ...]:
        return tuple(secrets(self.settings()))

    def settings(self, **more: Any) -> Any:
        """The settings of a connection, with some options beside the trial's own."""
        return self.plugin.settings.model_validate({**self.options, **more})

    def source(self, connection: str = CONNECTION, **more: Any) -> Source:
        """The plugin's source, as a connection of that name would have it."""
        source: Source = self.plugin.sources[0](self.settings(**more), Context(connection))
        return source

    def pager(self, nth: int = 0, **more: Any) -> Pager:
        """One of the plugin's pagers, the same way."""
        pager: Pager = self.plugin.pagers[nth](self.settings(**more), Context(CONNECTION, address=ADDRESS))
        return pager

    def receiver(self) -> Receiver:
        """The plugin's receiver, the same way."""
        receiver: Receiver = self.plugin.receivers[0](self.settings(), Context(CONNECTION, address=ADDRESS))
        return receiver

    def platform(self, **more: Any) -> Platform:
        """The plugin's platform, the same way."""
        platform: Platform = self.plugin.platforms[0](self.settings(**more), Context(CONNECTION))
        return platform

    def evaluator(self) -> Evaluator:
        """The plugin's evaluator, the same way."""
        evaluator: Evaluator = self.plugin.evaluators[0](self.settings(), Context(CONNECTION))
        return evaluator

    def trainer(self) -> Trainer:
        """The plugin's trainer, the same way."""
        trainer: Trainer = self.plugin.trainers[0](self.settings(), Context(CONNECTION))
        return trainer

    def exporter(self) -> Exporter:
        """The plugin's exporter, the same way."""
        exporter: Exporter = self.plugin.exporters[0](self.settings(), Context(CONNECTION))
        return exporter

    def store(self) -> FeatureStore:
        """The plugin's feature store, the same way."""
        store: FeatureStore = self.plugin.features[0](self.settings(), Context(CONNECTION))
        return store


def short(body: bytes) -> str:
    """A body as a complaint shows it."""
    return f"{body[:120]!r}{'…' if len(body) > 120 else ''}"


def secrets(settings: object) -> Iterator[str]:
    """The secrets of a connection that are long enough to be looked for, however deep they stand."""
    if isinstance(settings, SecretStr):
        if len(settings.get_secret_value()) >= 8:
            yield settings.get_secret_value()
    elif isinstance(settings, BaseModel):
        for name in type(settings).model_fields:
            yield from secrets(getattr(settings, name))
    elif isinstance(settings, Mapping):
        for value in settings.values():
            yield from secrets(value)
    elif isinstance(settings, list | tuple):
        for value in settings:
            yield from secrets(value)
