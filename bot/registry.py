"""Finds plugins by entry point, checks that they fit the contract, and hands out their parts by connection."""

import difflib
import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from pydantic import ValidationError

from bot import telemetry
from bot.clock import Clock
from bot.contract import API, ConnectionSettings, Context, Pager, Plugin, Source
from bot.contract.guard import Guard
from bot.errors import BadConfig, PluginFault, PluginMisfit, TocsinError
from bot.model.connection import Connection

GROUP = "tocsin.plugins"
# The kinds of parts that have a contract to fit; the others of a Plugin are declared and not yet used.
_CONTRACTS: dict[str, type[Any]] = {"sources": Source, "pagers": Pager}
_log = telemetry.logger("registry")


@dataclass(frozen=True)
class Found:
    """The plugins that fit, by name, and why the others do not."""

    plugins: Mapping[str, Plugin] = field(default_factory=dict)
    faults: tuple[PluginFault, ...] = ()
    refused: frozenset[str] = frozenset()  #: the names of those the faults are about


@dataclass(frozen=True)
class Linked:
    """One connection with the parts its plugin gave it; every call to a part goes through `guard`."""

    connection: Connection
    plugin: Plugin
    settings: ConnectionSettings = field(repr=False)
    source: Source | None
    pager: Pager | None
    guard: Guard


@dataclass(frozen=True)
class Connected:
    """The connections that work, by name, and why the others do not (BadConfig or PluginFault)."""

    parts: Mapping[str, Linked] = field(default_factory=dict)
    faults: tuple[TocsinError, ...] = ()


def discover(group: str = GROUP, names: Collection[str] | None = None) -> Found:
    """The plugins of the entry-point group, only `names` of them (not given: all); nothing else is imported.

    Raises BadConfig where two distributions bring a plugin of one name; a plugin that cannot be loaded is a fault.
    """
    wanted: dict[str, EntryPoint] = {}
    for entry in entry_points(group=group):
        if names is not None and entry.name not in names:
            continue
        other = wanted.setdefault(entry.name, entry)
        if other.value != entry.value:
            raise BadConfig(
                f"Two plugins are called {entry.name}: {_origin(other)} and {_origin(entry)}.", "Uninstall one of them."
            )
    plugins: dict[str, Plugin] = {}
    faults: dict[str, PluginFault] = {}
    for name, entry in sorted(wanted.items()):
        try:
            plugins[name] = _load(entry)
        except PluginFault as fault:
            _log.warning("plugin.refused", plugin=name, why=str(fault), exc_info=fault.__cause__)
            faults[name] = fault
    return Found(plugins, tuple(faults.values()), frozenset(faults))


def load_one(plugin: Plugin) -> Found:
    """A plugin at hand, as if it had been discovered; raises PluginMisfit."""
    fits(plugin)
    return Found({plugin.name: plugin})


def fits(plugin: object) -> None:
    """Returns when the declaration and each part fit the contract; raises PluginMisfit with all that does not."""
    if not isinstance(plugin, Plugin):
        raise PluginMisfit(
            f"The entry point leads to {_kind_of(plugin)}, not to a Plugin.", "Point it at `plugin = Plugin(...)`."
        )
    complaints: list[str] = []
    if plugin.api != API:
        complaints.append(f"it speaks version {plugin.api!r} of the contract; this Tocsin speaks {API}")
    settings: object = plugin.settings
    if not (isinstance(settings, type) and issubclass(settings, ConnectionSettings)):
        complaints.append(f"its settings are {_kind_of(settings)}; they must inherit ConnectionSettings")
    for kind, contract in _CONTRACTS.items():
        parts = getattr(plugin, kind)
        if not isinstance(parts, tuple) or len(parts) > 1:
            complaints.append(f"{kind} must be a tuple of one class at most, since a connection has one of each")
            continue
        for part in parts:
            complaints += _misfits(part, contract)
    if complaints:
        raise PluginMisfit(f"Plugin {plugin.name} does not fit: {'; '.join(complaints)}.", "Tell its author.")


class Registry:
    """Turns connections into parts that can be called."""

    def __init__(self, found: Found, clock: Clock) -> None:
        """`clock` is what the guards measure by."""
        self._found = found
        self._clock = clock

    def connect(self, connections: Iterable[Connection]) -> Connected:
        """A linked part for every connection that can have one; the others are faults, and hinder nobody."""
        parts: dict[str, Linked] = {}
        faults: list[TocsinError] = []
        for connection in connections:
            if connection.name in parts:
                faults.append(_bad(connection, "has a name that was given before", "Rename one of the two."))
                continue
            try:
                parts[connection.name] = self._link(connection)
            except _Several as several:
                faults += several.complaints
            except (BadConfig, PluginFault) as fault:
                faults.append(fault)
        return Connected(parts, tuple(faults))

    def _link(self, connection: Connection) -> Linked:
        plugin = self._found.plugins.get(connection.plugin)
        if plugin is None:
            raise self._unknown(connection)
        context = Context(connection.name)
        try:
            settings = _settings(connection, plugin)
            source = plugin.sources[0](settings, context) if plugin.sources else None
            pager = plugin.pagers[0](settings, context) if plugin.pagers else None
        except TocsinError:
            raise
        except (Exception, SystemExit) as error:
            raise PluginFault(
                f"Plugin {plugin.name} could not be set up for {connection.name}: {type(error).__name__}.",
                "Tell its author.",
            ) from error
        return Linked(connection, plugin, settings, source, pager, Guard(connection.name, self._clock))

    def _unknown(self, connection: Connection) -> TocsinError:
        """A plugin that is broken is its own fault; one that is not installed is the configuration's."""
        if connection.plugin in self._found.refused:
            what = f"Connection {connection.name} needs the plugin {connection.plugin}, which could not be loaded."
            return PluginFault(what, "See the log.")
        names = list(self._found.plugins)
        cure = _did_you_mean(connection.plugin, names) or f"There is: {', '.join(names) or 'none'}."
        return _bad(connection, f"names the plugin {connection.plugin}, which is not installed", cure)


def _load(entry: EntryPoint) -> Plugin:
    try:
        plugin = entry.load()
    # Importing is running the plugin's code: it may raise anything, or try to leave.
    except (Exception, SystemExit) as error:
        raise PluginFault(
            f"Plugin {entry.name} ({_origin(entry)}) could not be imported: {type(error).__name__}.",
            "Install what it needs, or uninstall it.",
        ) from error
    try:
        fits(plugin)
    except PluginMisfit as misfit:
        raise PluginMisfit(f"Plugin {entry.name} ({_origin(entry)}) is refused. {misfit.what}", misfit.do) from None
    if plugin.name != entry.name:
        raise PluginMisfit(
            f"Plugin {entry.name} ({_origin(entry)}) calls itself {plugin.name!r}.",
            "Its entry point must say the same.",
        )
    return plugin  # type: ignore[no-any-return]


def _origin(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value


def _misfits(part: object, contract: type[Any]) -> list[str]:
    """What of the contract a part lacks, both signatures shown."""
    if not isinstance(part, type):
        return [f"{_kind_of(part)} stands where a class is wanted"]
    found = []
    if not _takes(part, (None, None)):
        found.append(f"{part.__name__}{_signature(part)} cannot be built as {part.__name__}(settings, context)")
    for name, wanted in inspect.getmembers(contract, inspect.isfunction):
        if name.startswith("_"):
            continue
        given = getattr(part, name, None)
        promise = f"the contract says {_spelled(name, wanted)}"
        if not callable(given):
            found.append(f"{part.__name__} has no {name}; {promise}")
            continue
        arguments = tuple(inspect.signature(wanted).parameters.values())
        waits = inspect.iscoroutinefunction(inspect.unwrap(given))
        if waits != inspect.iscoroutinefunction(wanted) or not _takes(given, arguments):
            found.append(f"{part.__name__} has {_spelled(name, given)}; {promise}")
    return found


def _takes(function: Callable[..., Any], arguments: tuple[Any, ...]) -> bool:
    """True when it can be called with this many positional arguments."""
    try:
        inspect.signature(function).bind(*arguments)
    except (TypeError, ValueError):
        return False
    return True


def _spelled(name: str, function: Callable[..., Any]) -> str:
    prefix = "async " if inspect.iscoroutinefunction(inspect.unwrap(function)) else ""
    return f"{prefix}{name}{_signature(function)}"


def _signature(function: Callable[..., Any]) -> str:
    try:
        return str(inspect.signature(function))
    except (TypeError, ValueError):
        return "(?)"


def _kind_of(thing: object) -> str:
    return f"the class {thing.__name__}" if isinstance(thing, type) else f"a {type(thing).__name__}"


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


def _bad(connection: Connection, what: str, do: str) -> BadConfig:
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
