"""The rows about connections: each plugin that was refused, and what each part says of its scopes."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bot.cli.doctor.rows import row
from bot.errors import NotFound, TocsinError

if TYPE_CHECKING:
    from bot.contract.guard import Guard
    from bot.model.estate import Model
    from bot.registry import Connected, Found, Linked
    from bot.settings import Settings
    from bot.slack.examine import Row


def linked(settings: "Settings") -> "tuple[Found, Connected]":
    """The plugins that the connections name, and their parts; whoever asks closes their guards."""
    from bot import registry
    from bot.clock import SystemClock

    found = registry.discover(names={connection.plugin for connection in settings.connections})
    return found, registry.Registry(found, SystemClock(), settings.web.address).connect(settings.connections)


async def rows(found: "Found", connected: "Connected", models: "Iterable[Model]" = ()) -> "list[Row]":
    """One for each plugin or connection that is left out, then those of all that work, and of the `models` they run."""
    told = [row(f"plugin {name}", "missing", fault.what, fault.do) for name, fault in found.refused.items()]
    told += [row("plugin", "missing", fault.what, fault.do) for fault in connected.wrong]
    left_out = connected.broken.items()
    told += [row(f"connection {name}", "missing", fault.what, fault.do) for name, fault in left_out]
    for name, one in connected.parts.items():
        told += await _connection(name, one)
        told += [await _served(name, one, model) for model in models if one.platform and model.platform == name]
        told += [await _trains(name, one, model) for model in models if _trainer(model) == name]
    return told


async def _connection(name: str, one: "Linked") -> "list[Row]":
    return await said(name, one) or [row(name, "ok", f"The plugin {one.plugin.name} loads.")]


async def _served(name: str, one: "Linked", model: "Model") -> "Row":
    """Whether the platform knows the model by the reference that the catalogue has of it."""
    what = f"{name}: serves {model.name}"
    try:
        now = await one.guard.call("serving", lambda: one.platform.serving(model.ref), idempotent=True)  # type: ignore[union-attr]
    except NotFound as error:
        return row(what, "missing", error.what, error.do)
    except TocsinError as error:
        return row(what, "unknown", error.what, error.do)
    shares = ", ".join(f"{version} ({share:g} %)" for version, share in now.split.items()) or "Nothing serves"
    return row(what, "ok", f"{shares}{', paused' if now.paused else ''}.")


def _trainer(model: "Model") -> str:
    """Whose trainer trains it; empty where it is not retrained."""
    from bot.engine import retrain_plan

    return retrain_plan.connection(model) if model.retrain else ""


async def _trains(name: str, one: "Linked", model: "Model") -> "Row":
    """Whether the connection that is to train the model has a trainer, which knows it."""
    what = f"{name}: trains {model.name}"
    if one.trainer is None:
        do = "Name in its `retrain.connection` one whose plugin has a trainer; see `tocsin plugins`."
        return row(what, "missing", f"The plugin {one.plugin.name} has no trainer.", do)
    try:
        runs = await one.guard.call("running", lambda: one.trainer.running(model.ref), idempotent=True)  # type: ignore[union-attr]
    except NotFound as error:
        return row(what, "missing", error.what, error.do)
    except TocsinError as error:
        return row(what, "unknown", error.what, error.do)
    names = ", ".join(run.id for run in runs if not run.over)
    return row(what, "ok", f"{names} goes on." if names else "Nothing goes on.")


async def said(name: str, one: "Linked") -> "list[Row]":
    """What each of its parts says; two that looked at the same thing say it once."""
    told: list[Row] = []
    for each in one.parts:
        told += [row for row in await part(name, one.guard, each) if row not in told]
    return told


async def part(name: str, guard: "Guard", checked: Any) -> "list[Row]":
    """The rows of one part of a plugin, which may answer anything, or nothing."""
    from bot.contract.plugin import Check

    try:
        checks = await guard.call("check", checked.check)
    except TocsinError as error:
        return [row(name, "unknown", error.what, error.do)]
    if not isinstance(checks, list) or not all(isinstance(check, Check) for check in checks):
        return [
            row(name, "unknown", "Its check answers something that is no list of rows.", "Tell the plugin's author.")
        ]
    return [row(f"{name}: {check.scope}", check.health, "", check.do) for check in checks]
