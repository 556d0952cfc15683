"""Whether a plugin's declaration and its parts fit the contract."""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

from bot.contract import (
    API,
    Agent,
    ConnectionSettings,
    Counter,
    Evaluator,
    Exporter,
    FeatureStore,
    Follower,
    Lever,
    Pager,
    Place,
    Platform,
    Plugin,
    Receiver,
    Source,
    Teller,
    Trainer,
)
from bot.contract.pager import CHANNELS
from bot.errors import PluginMisfit

# The kinds of parts that have a contract to fit; the others of a Plugin are declared and not yet used.
_CONTRACTS: dict[str, type[Any]] = {
    "sources": Source,
    "pagers": Pager,
    "receivers": Receiver,
    "agents": Agent,
    "platforms": Platform,
    "evaluators": Evaluator,
    "trainers": Trainer,
    "features": FeatureStore,
    "exporters": Exporter,
}
_METHOD = re.compile(r"[A-Z]{1,20}")
_PATH = re.compile(r"(?:/(?:[\w.~-]+|\{[a-z_]+\}))+")
_SETTING = re.compile(r"\{(\w+)\}")


def fits(plugin: object) -> None:
    """Returns when the declaration and each part fit the contract; raises PluginMisfit with all that does not."""
    if not isinstance(plugin, Plugin):
        raise PluginMisfit(
            f"The entry point leads to {_kind_of(plugin)}, not to a Plugin.", "Point it at `plugin = Plugin(...)`."
        )
    if plugin.api != API:  # nothing else can be judged by a contract it was not written for
        raise PluginMisfit(
            f"Plugin {plugin.name} speaks version {plugin.api!r} of the contract; this Tocsin speaks {API}.",
            "Install a version of the plugin that was made for this Tocsin.",
        )
    complaints = list(_declared(plugin))
    for kind, contract in _CONTRACTS.items():
        parts = getattr(plugin, kind)
        if not isinstance(parts, tuple) or (len(parts) > 1 and contract is not Pager):
            complaints.append(f"{kind} must be a tuple of one class at most, since a connection has one of each")
            continue
        if contract is Pager:
            complaints += _crossed(parts)
        for part in parts:
            complaints += _misfits(part, contract)
            if contract is Source and isinstance(part, type) and hasattr(part, "places"):
                complaints += _misfits(part, Counter)
                complaints += _misplaced(part)
            if contract is Platform and isinstance(part, type):
                complaints += _unlevered(part)
            if contract in (Platform, Trainer) and isinstance(part, type):
                complaints += _unrepeated(part)
    if complaints:
        raise PluginMisfit(f"Plugin {plugin.name} does not fit: {'; '.join(complaints)}.", "Tell its author.")


def _declared(plugin: Plugin) -> Iterator[str]:
    settings: object = plugin.settings
    known: set[str] = set()
    if isinstance(settings, type) and issubclass(settings, ConnectionSettings):
        known = set(settings.model_fields)
    else:
        yield f"its settings are {_kind_of(settings)}; they must inherit ConnectionSettings"
    summary: object = plugin.summary
    if not isinstance(summary, str) or "\n" in summary:
        yield "its summary must be one line of text"
    hosts: object = plugin.hosts
    if not isinstance(hosts, tuple) or not all(isinstance(host, str) and host for host in hosts):
        yield "its hosts must be a tuple of texts"
        return
    for host in hosts:
        for name in _SETTING.findall(host):
            if name not in known:
                yield f"its host {host} names the setting {name}, which it does not have"


def _misplaced(part: type[Any]) -> Iterator[str]:
    """What is wrong with the addresses of a counter."""
    places: object = part.places
    if not isinstance(places, tuple) or not places or not all(isinstance(place, Place) for place in places):
        yield f"the places of {part.__name__} must be a tuple of Place"
        return
    for place in places:
        if not _METHOD.fullmatch(place.method) or not _PATH.fullmatch(place.path):
            yield f"{part.__name__} stands at {place.method} {place.path}; write it as POST and /v2/things/{{thing}}"
    if len({(place.method, re.sub(r"\{\w+\}", "{}", place.path)) for place in places}) < len(places):
        yield f"two places of {part.__name__} are one address"


def _crossed(parts: tuple[Any, ...]) -> Iterator[str]:
    """What is wrong with what pagers say of their channels, and of what else they can do."""
    channels = [getattr(part, "channel", "") for part in parts]
    for channel in channels:
        if channel not in CHANNELS:
            yield f"a pager has the channel {channel!r}; it must be one of {', '.join(filter(None, CHANNELS))}"
    if len(set(channels)) < len(channels):
        yield "two pagers have one channel"
    for part in parts:
        for word, contract in (("tells", Teller), ("follows", Follower)):
            if isinstance(part, type) and getattr(part, word, False):
                yield from _misfits(part, contract)
        wanted = getattr(part, "wanted", None)
        if wanted is not None and (inspect.iscoroutinefunction(wanted) or not _takes(wanted, (None,))):
            yield "the `wanted` of a pager must be a static method that takes the settings"


def _unlevered(part: type[Any]) -> Iterator[str]:
    """What is wrong with what a platform says it can do."""
    levers: object = getattr(part, "levers", None)
    if not isinstance(levers, frozenset) or not levers or not all(isinstance(one, Lever) for one in levers):
        yield f"{part.__name__} must have `levers`, a frozenset of Lever, as a class attribute"
    elif Lever.RETRAIN in levers:
        yield f"{part.__name__} has the lever `retrain`, which is a trainer's: declare it under `trainers`"


def _unrepeated(part: type[Any]) -> Iterator[str]:
    """What is wrong with what a part says of doing the same twice."""
    if not isinstance(getattr(part, "repeatable", None), bool):
        yield f"{part.__name__} must have `repeatable`, True or False, as a class attribute"


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
