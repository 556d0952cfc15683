"""Finds the installed plugins by their entry points; one that cannot be used is left out, with its reason."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version

from bot import telemetry
from bot.contract import API, Plugin
from bot.errors import PluginFault, PluginMisfit
from bot.registry.fitting import fits

GROUP = "tocsin.plugins"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_log = telemetry.logger("registry")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a plugin comes from: the distribution that was installed, and the object its entry point names."""

    distribution: str = ""
    version: str = ""
    value: str = ""

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}".strip() or self.value


@dataclass(frozen=True)
class Found:
    """The plugins that fit, by name, and why the others do not."""

    plugins: Mapping[str, Plugin] = field(default_factory=dict)
    refused: Mapping[str, PluginFault] = field(default_factory=dict)
    origins: Mapping[str, tuple[Origin, ...]] = field(default_factory=dict)  #: of both; several where names clash

    @property
    def faults(self) -> tuple[PluginFault, ...]:
        """Why those that do not fit are left out."""
        return tuple(self.refused.values())

    def origin(self, name: str) -> str:
        """The distribution and version a plugin came with, in words; its name where nobody knows."""
        return " and ".join(map(str, self.origins.get(name, ()))) or name


def discover(group: str = GROUP, names: Collection[str] | None = None) -> Found:
    """The plugins of the entry-point group, only `names` of them (not given: all); nothing else is imported.

    Never raises: one that cannot be loaded, and each of two that have one name, is refused and hinders no other.
    """
    wanted: dict[str, dict[Origin, EntryPoint]] = {}
    for entry in entry_points(group=group):
        if names is None or entry.name in names:
            wanted.setdefault(entry.name, {}).setdefault(_origin(entry), entry)
    plugins: dict[str, Plugin] = {}
    refused: dict[str, PluginFault] = {}
    for name, entries in sorted(wanted.items()):
        try:
            plugins[name] = _load_only(name, entries)
        except PluginFault as fault:
            _log.warning("plugin.refused", plugin=name, why=str(fault), exc_info=fault.__cause__)
            refused[name] = fault
    return Found(plugins, refused, {name: tuple(entries) for name, entries in wanted.items()})


def load_one(plugin: Plugin) -> Found:
    """A plugin at hand, as if it had been discovered; raises PluginMisfit."""
    fits(plugin)
    return Found({plugin.name: plugin})


def _origin(entry: EntryPoint) -> Origin:
    if entry.dist is None:
        return Origin(value=entry.value)
    return Origin(entry.dist.name, entry.dist.version, entry.value)


def _load_only(name: str, entries: Mapping[Origin, EntryPoint]) -> Plugin:
    if len(entries) > 1:
        both = " and ".join(sorted(map(str, entries)))
        # Neither, since nobody can tell which of them the connections were written for.
        raise PluginFault(f"{len(entries)} plugins are called {name}: {both}; none of them is used.", _one_of(entries))
    ((origin, entry),) = entries.items()
    return _load(entry, origin)


def _one_of(entries: Mapping[Origin, EntryPoint]) -> str:
    names = sorted({origin.distribution for origin in entries if origin.distribution})
    if len(names) < 2:
        return "Install a version of it that declares the name once, then start anew."
    return f"Uninstall {' or '.join(names)}, then start anew."


def _load(entry: EntryPoint, origin: Origin) -> Plugin:
    of = f"Plugin {entry.name} ({origin})"
    try:
        plugin = entry.load()
    # Importing is running the plugin's code: it may raise anything, or try to leave.
    except (Exception, SystemExit) as error:
        what, do = _why_not_imported(error, entry, origin)
        raise PluginFault(f"{of} {what}", do) from error
    try:
        fits(plugin)
        called = plugin.name
    except PluginMisfit as misfit:
        raise PluginMisfit(f"{of} is refused. {misfit.what}", misfit.do) from None
    except (Exception, SystemExit) as error:  # looking at a class may run its code, too
        raise PluginMisfit(f"{of} cannot be looked at: {type(error).__name__}.", "Tell its author.") from error
    if called != entry.name:
        raise PluginMisfit(f"{of} calls itself {called!r}.", "Its entry point must say the same.")
    return plugin  # type: ignore[no-any-return]


def _why_not_imported(error: BaseException, entry: EntryPoint, origin: Origin) -> tuple[str, str]:
    """What happened and what to do; of an error's own words only names are shown, the rest may hold anything."""
    if isinstance(error, TypeError) and "Plugin.__init__()" in str(error):
        return (
            f"declares what version {API} of the contract does not know.",
            "Install a version of the plugin that was made for this Tocsin.",
        )
    if isinstance(error, ImportError):
        name = error.name if error.name and _NAME.fullmatch(error.name) else ""
        if name.split(".")[0] == "bot":
            return (
                f"could not be imported: {type(error).__name__}; this Tocsin does not have what it wants of {name}.",
                "Install a version of the plugin that was made for this Tocsin.",
            )
        lacking = _lacking(entry)
        if lacking:
            return (
                f"could not be imported: {type(error).__name__}; {origin.distribution} requires "
                f"{', '.join(lacking)}, not installed here.",
                f"pip install {' '.join(map(repr, lacking))}",
            )
        if name and isinstance(error, ModuleNotFoundError):
            return (
                f"could not be imported: {type(error).__name__}; it needs the module {name}, which is not there.",
                f"Install {name}, or uninstall {origin.distribution or 'the plugin'}.",
            )
    return f"could not be imported: {type(error).__name__}.", "Install what it needs, or uninstall it."


def _lacking(entry: EntryPoint) -> list[str]:
    """What its distribution requires without a condition, and nobody has installed."""
    lacking = []
    for requirement in (entry.dist.requires if entry.dist else None) or ():
        name = _NAME.match(requirement)
        if ";" in requirement or name is None:
            continue
        try:
            version(name[0])
        except PackageNotFoundError:
            lacking.append(requirement)
    return lacking
