"""A delivery out of a file, and the plugin that reads it."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli import place
from bot.errors import BadInput, NotFound, PluginFault

if TYPE_CHECKING:
    from bot.contract.source import Delivery, Request
    from bot.registry import Linked

LARGEST = 16 * 1_048_576  #: bytes of a file somebody may hand over


def request(file: str, at: datetime) -> "Request":
    """The body in `file` (`-` is standard input) as if it had arrived at `at`; BadInput when it cannot be read."""
    from bot.contract.source import Request

    return Request(body(file), at, {"content-type": "application/json"})


def body(file: str) -> bytes:
    """The bytes of `file`, `-` being standard input; BadInput when it cannot be read or is over the limit."""
    try:
        if file == "-":
            raw = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(file).open("rb") as opened:
                raw = opened.read(LARGEST + 1)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.", "Give a file, or - for standard input.") from None
    if len(raw) > LARGEST:
        raise BadInput(f"{file} is over {LARGEST} bytes.", "Split it.")
    return raw


def source(name: str, config: Path) -> "Linked":
    """The connection called `name`, or else the plugin of that name with its default settings.

    NotFound when neither is there or it reads no alerts; the plugin's own fault when it cannot be loaded.
    """
    from bot import registry
    from bot.clock import SystemClock
    from bot.model.connection import Connection

    connections = place.settings(config).connections if config.is_dir() else ()
    wanted = next((one for one in connections if one.name == name), Connection(name, name))
    found = registry.discover(names={wanted.plugin})
    if wanted.plugin not in found.plugins:
        if found.faults:
            raise found.faults[0]
        names = ", ".join(one.name for one in connections) or "none"
        raise NotFound(
            f"There is neither a connection nor a plugin called {name!r}.",
            f"Connections in {config}: {names}. Plugins: {', '.join(sorted(registry.discover().plugins)) or 'none'}.",
        )
    connected = registry.Registry(found, SystemClock()).connect([wanted])
    if connected.faults:
        raise connected.faults[0]
    linked = connected.parts[wanted.name]
    if linked.source is None:
        raise NotFound(f"{name} reads no alerts.", "Name a connection whose plugin has a source.")
    return linked


async def delivery(linked: "Linked", message: "Request") -> "Delivery":
    """What the plugin makes of `message`; Unreadable with its reason, or the fault of the plugin."""
    assert linked.source is not None  # noqa: S101  (`source` saw to it)
    try:
        read: Delivery = await linked.guard.run("source", linked.source.parse, message)
    finally:
        linked.guard.close()
    return read


def readers(config: Path, name: str | None = None) -> "list[Linked]":
    """The connection or plugin called `name`, or every connection that works and reads alerts; NotFound.

    Whoever asked closes their guards.
    """
    from bot import registry
    from bot.clock import SystemClock

    if name is not None:
        return [source(name, config)]
    connections = place.settings(config).connections
    found = registry.discover(names={connection.plugin for connection in connections})
    linked = registry.Registry(found, SystemClock()).connect(connections).parts
    return [one for one in linked.values() if one.source is not None]


async def understood(linked: "Sequence[Linked]", message: "Request") -> "tuple[str, Delivery]":
    """What a message says, and by which of these it was read: the only one there is, or the only one that fits.

    BadInput: none fits, or several do; Unreadable where the only one cannot read it.
    """
    fit: dict[str, Delivery] = {}
    reasons: dict[str, str] = {}
    for one in linked:
        assert one.source is not None  # noqa: S101  (`readers` saw to it)
        try:
            read: Delivery = await one.guard.run("source", one.source.parse, message)
        except (BadInput, PluginFault) as error:
            if len(linked) == 1:
                raise
            reasons[one.connection.name] = error.what
        else:
            if read.alerts or len(linked) == 1:
                fit[one.connection.name] = read
            else:
                reasons[one.connection.name] = "; ".join(read.skipped) or "no alert in it"
    if len(fit) == 1:
        return next(iter(fit.items()))
    if fit:
        raise BadInput(f"Several connections can read this: {', '.join(fit)}.", "Name one with --connection.")
    said = "; ".join(f"{name}: {why}" for name, why in reasons.items()) or "none is configured"
    raise BadInput(f"No connection can read this ({said}).", "Name one with --connection.")
