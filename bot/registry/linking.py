"""Turns connections into parts that can be called; one that cannot work hinders no other."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from bot.clock import Clock
from bot.contract import (
    Agent,
    ConnectionSettings,
    Context,
    Evaluator,
    Exporter,
    FeatureStore,
    Pager,
    Platform,
    Plugin,
    Receiver,
    Source,
    Trainer,
)
from bot.contract.guard import Guard
from bot.errors import BadConfig, BadInput, PluginFault, TocsinError
from bot.model.connection import Connection
from bot.registry.found import Found


@dataclass(frozen=True)
class Linked:
    """One connection with the parts its plugin gave it; every call to a part goes through `guard`."""

    connection: Connection
    plugin: Plugin
    settings: ConnectionSettings = field(repr=False)
    source: Source | None
    pagers: Mapping[str, Pager]  #: by channel, of contract.pager.CHANNELS; those that its settings want
    guard: Guard
    platform: Platform | None = None
    evaluator: Evaluator | None = None
    trainer: Trainer | None = None
    features: FeatureStore | None = None
    receiver: Receiver | None = None
    agent: Agent | None = None
    exporter: Exporter | None = None

    @property
    def parts(self) -> tuple[Any, ...]:
        """Everything of it that has a self-check."""
        one = (self.source, *self.pagers.values(), self.platform, self.evaluator, self.trainer, self.features)
        return tuple(part for part in (*one, self.agent, self.exporter) if part is not None)


@dataclass(frozen=True)
class Connected:
    """The connections that work, by name, and why the others do not.

    `wrong` is what the operator wrote and must change; `broken` are those whose plugin failed them, by their names.
    """

    parts: Mapping[str, Linked] = field(default_factory=dict)
    wrong: tuple[BadConfig, ...] = ()
    broken: Mapping[str, PluginFault] = field(default_factory=dict)

    @property
    def faults(self) -> tuple[TocsinError, ...]:
        """All of them."""
        return (*self.wrong, *self.broken.values())


class Registry:
    """Turns connections into parts that can be called."""

    def __init__(self, found: Found, clock: Clock, address: str | None = None) -> None:
        """`clock` is what the guards measure by; `address` is where others reach our HTTP door."""
        self._found = found
        self._clock = clock
        self._address = address

    def connect(self, connections: Iterable[Connection]) -> Connected:
        """A linked part for every connection that can have one; the others are faults, and hinder nobody."""
        parts: dict[str, Linked] = {}
        wrong: list[BadConfig] = []
        broken: dict[str, PluginFault] = {}
        for connection in connections:
            if connection.name in parts or connection.name in broken:
                wrong.append(_bad(connection, "has a name that was given before", "Rename one of the two."))
                continue
            try:
                parts[connection.name] = self._link(connection)
            except _Several as several:
                wrong += several.complaints
            except BadConfig as fault:
                wrong.append(fault)
            except PluginFault as fault:
                broken[connection.name] = fault
        return Connected(parts, tuple(wrong), broken)

    def _link(self, connection: Connection) -> Linked:
        plugin = self._found.plugins.get(connection.plugin)
        if plugin is None:
            raise self._unknown(connection)
        context = Context(connection.name, self._clock, self._address)
        try:
            settings = _settings(connection, plugin)
            source = plugin.sources[0](settings, context) if plugin.sources else None
            pagers = {getattr(part, "channel", ""): part(settings, context) for part in _wanted(plugin, settings)}
            platform = plugin.platforms[0](settings, context) if plugin.platforms else None
            evaluator = plugin.evaluators[0](settings, context) if plugin.evaluators else None
            trainer = plugin.trainers[0](settings, context) if plugin.trainers else None
            features = plugin.features[0](settings, context) if plugin.features else None
            receiver = plugin.receivers[0](settings, context) if plugin.receivers else None
            agent = plugin.agents[0](settings, context) if plugin.agents else None
            exporter = plugin.exporters[0](settings, context) if plugin.exporters else None
        except (BadConfig, PluginFault):
            raise
        except BadInput as error:  # a part may look closer at its settings than their form can
            raise _bad(connection, f"has options its plugin refuses: {error.what}", error.do) from None
        except (Exception, SystemExit) as error:
            said = error.what if isinstance(error, TocsinError) else type(error).__name__
            raise PluginFault(
                f"Plugin {plugin.name} ({self._found.origin(plugin.name)}) could not be set up for "
                f"{connection.name}: {said.rstrip('.')}.",
                "Tell its author; everything else goes on without this connection.",
            ) from error
        guard = Guard(connection.name, self._clock)
        most = (platform, evaluator, trainer, features, receiver, agent, exporter)
        return Linked(connection, plugin, settings, source, pagers, guard, *most)

    def _unknown(self, connection: Connection) -> TocsinError:
        """A plugin that is broken is its own fault; one that is not installed is the configuration's."""
        if fault := self._found.refused.get(connection.plugin):
            why = f"Connection {connection.name} does not work, for its plugin could not be loaded: {fault.what}"
            return PluginFault(why, fault.do)
        names = list(self._found.plugins)
        cure = _did_you_mean(connection.plugin, names) or f"There is: {', '.join(names) or 'none'}."
        return _bad(connection, f"names the plugin {connection.plugin}, which is not installed", cure)


class _Several(BadConfig):
    """All that is wrong with one connection's options."""

    def __init__(self, complaints: list[BadConfig]) -> None:
        super().__init__(" ".join(str(one) for one in complaints))
        self.complaints = complaints


def _settings(connection: Connection, plugin: Plugin) -> ConnectionSettings:
    """The options as the plugin's settings; raises _Several."""
    try:
        settings = plugin.settings.model_validate(dict(connection.options))
    except ValidationError as error:
        raise _Several([_wrong(connection, plugin.settings, one) for one in error.errors(include_url=False)]) from None
    if settings.secret is not None and not settings.secret.get_secret_value().strip():
        raise _bad(connection, "has an empty `secret`", "Set it, or remove the key to let anybody post.")
    return settings


def _wanted(plugin: Plugin, settings: ConnectionSettings) -> list[type[Any]]:
    """The pagers that these settings want; a class that does not say is always wanted."""
    return [part for part in plugin.pagers if not hasattr(part, "wanted") or part.wanted(settings)]


def _bad(connection: Connection, what: str, do: str) -> BadConfig:
    what = what.rstrip(".")
    return BadConfig(f"Connection {connection.name} {what}.", do, file=connection.file, line=connection.line)


def _wrong(connection: Connection, settings: type[ConnectionSettings], error: Mapping[str, Any]) -> BadConfig:
    """The complaint about one key; pydantic's sentence is used, the value itself never (it may be a secret)."""
    key = ".".join(str(step) for step in error["loc"]) or "its options"
    known = list(settings.model_fields)
    if error["type"] == "extra_forbidden":
        last = str(error["loc"][-1])
        names = known if len(error["loc"]) == 1 else []
        cure = _did_you_mean(last, names) or (f"It knows {', '.join(known)}." if names else "Remove it.")
        return _bad(connection, f"has an unknown key {key}", cure)
    if error["type"] == "missing":
        return _bad(connection, f"lacks the key {key}", f"Add {key}.")
    said = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    given = error.get("input")
    if len(str(given)) >= 4:
        said = said.replace(str(given), "…")
    return _bad(connection, f"has a wrong {key}: {said}", "Correct it.")


def _did_you_mean(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"Did you mean {close[0]}?" if close else ""
