"""`tocsin plugins`: what was found, where it comes from, what it can, wants and calls, and how its connections are."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.cli import place, say
from bot.cli.doctor import connections
from bot.errors import BadConfig

if TYPE_CHECKING:
    from bot.contract import Plugin
    from bot.model.connection import Connection
    from bot.registry import Connected, Found, Linked

KINDS = ("sources", "platforms", "evaluators", "trainers", "pagers", "receivers", "agents", "exporters", "features")


def plugins(config: place.Config = place.HERE, json: place.Json = False, verbose: place.Verbose = False) -> None:
    """List the plugins: distribution and version, parts, hosts and secrets, connections and their health."""
    place.log(verbose)
    configured, address, complaints = read(config)
    told = asyncio.run(look(configured, address))
    for complaint in complaints:
        say.warning(f"connections are left out: {complaint}")
    if json:
        say.data(told)
    else:
        show(told)


def read(config: Path) -> "tuple[tuple[Connection, ...], str | None, list[BadConfig]]":
    """The connections of a configuration and its `web.address`; none, and why, where it does not load."""
    from bot import documents

    if not config.is_dir():
        return (), None, []
    try:
        settings = place.settings(config)
        return settings.connections, settings.web.address, []
    except BadConfig as error:
        return (), None, list(documents.each(error))


async def look(configured: "tuple[Connection, ...]", address: str | None = None) -> dict[str, Any]:
    """Everything the command tells; `address` is where others reach our HTTP door."""
    from bot import registry
    from bot.clock import SystemClock

    found = registry.discover()
    connected = registry.Registry(found, SystemClock(), address).connect(configured)
    try:
        working = {name: await _connection(name, one) for name, one in connected.parts.items()}
    finally:
        for one in connected.parts.values():
            one.guard.close()
    return {
        "plugins": [_plugin(name, plugin, found, connected, working) for name, plugin in found.plugins.items()],
        "refused": [_refused(name, found) for name in found.refused],
        "left_out": [
            *({"connection": name, "what": fault.what, "do": fault.do} for name, fault in connected.broken.items()),
            *({"connection": "", "what": fault.what, "do": fault.do} for fault in connected.wrong),
        ],
    }


def _plugin(
    name: str, plugin: "Plugin", found: "Found", connected: "Connected", working: Mapping[str, Any]
) -> dict[str, Any]:
    origin = next(iter(found.origins.get(name, ())), None)
    places = getattr(plugin.sources[0], "places", ()) if plugin.sources else ()
    mine = [one for one, linked in connected.parts.items() if linked.plugin is plugin]
    return {
        "name": name,
        "summary": plugin.summary,
        "distribution": origin.distribution if origin else "",
        "version": origin.version if origin else "",
        "api": plugin.api,
        "parts": [kind.removesuffix("s") for kind in KINDS if getattr(plugin, kind)],
        "levers": sorted(map(str, plugin.platforms[0].levers)) if plugin.platforms else [],
        "places": [f"{one.method} {one.path}" for one in places],
        "hosts": list(plugin.hosts),
        "secrets": list(plugin.secrets),
        "connections": [working[one] for one in mine],
    }


def _refused(name: str, found: "Found") -> dict[str, Any]:
    fault = found.refused[name]
    return {
        "name": name,
        "distributions": [str(origin) for origin in found.origins.get(name, ())],
        "what": fault.what,
        "do": fault.do,
    }


async def _connection(name: str, one: "Linked") -> dict[str, Any]:
    rows = await connections.said(name, one)
    checks = [
        {"scope": row.what.removeprefix(f"{name}: "), "health": row.health.value, "found": row.found, "do": row.do}
        for row in rows
    ]
    return {"name": name, "hosts": list(_hosts(one)), "checks": checks}


def _hosts(one: "Linked") -> Iterator[str]:
    """What a connection calls: `{url}` is the host of its setting, left out where it is not set; a secret stays so."""
    for host in one.plugin.hosts:
        name = host.strip("{}")
        value: object = getattr(one.settings, name, None) if host == f"{{{name}}}" else host
        if isinstance(value, str):
            yield host if value == host else urlsplit(value).hostname or value
        elif value is not None:
            yield host


def show(told: Mapping[str, Any]) -> None:
    """The same for a person."""
    for plugin in told["plugins"]:
        origin = f"{plugin['distribution']} {plugin['version']}".strip() or "this process"
        say.line(f"{plugin['name']} ({origin}, api {plugin['api']}): {', '.join(plugin['parts']) or 'no parts'}")
        details = {
            "": plugin["summary"],
            "levers: ": ", ".join(plugin["levers"]),
            "stands at ": ", ".join(plugin["places"]),
            "calls ": ", ".join(plugin["hosts"]),
            "secrets: ": ", ".join(plugin["secrets"]),
        }
        for what, words in details.items():
            if words:
                say.line(f"  {what}{words}")
        for one in plugin["connections"]:
            at = f" (calls {', '.join(one['hosts'])})" if one["hosts"] else ""
            say.line(f"  connection {one['name']}{at}")
            for check in one["checks"]:
                do = f"; do: {check['do']}" if check["do"] and check["health"] != "ok" else ""
                found = f" {check['found']}" if check["found"] else ""
                say.line(f"    {check['health']:8}{check['scope']}{found}{do}")
    for refused in told["refused"]:
        say.line(f"REFUSED {refused['name']}: {refused['what']}")
        say.line(f"  do: {refused['do']}")
    for left in told["left_out"]:
        say.line(f"LEFT OUT {left['what']}")
        say.line(f"  do: {left['do']}")
