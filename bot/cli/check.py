"""`tocsin check`: everything that is wrong with the configuration, the runbooks and the plugins, at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.cli import door, place, say
from bot.errors import BadConfig, TocsinError

if TYPE_CHECKING:
    from bot.registry import Connected
    from bot.runbooks import Library
    from bot.settings import Settings


@dataclass
class Findings:
    """What was looked at and what is wrong with it."""

    complaints: list[TocsinError] = field(default_factory=list)
    warnings: list[TocsinError] = field(default_factory=list)
    settings: "Settings | None" = None
    library: "Library | None" = None


def check(config: place.Config = place.HERE, json: place.Json = False, verbose: place.Verbose = False) -> None:
    """Check the configuration. Every complaint has its file, its line and a cure."""
    place.log(verbose)
    found = look(config)
    if json:
        say.data(_data(found))
    else:
        for warning in found.warnings:
            say.warning(str(warning))
        for complaint in found.complaints:
            say.complaint(complaint)
        say.line(_summary(found))
    if found.complaints:
        raise typer.Exit(door.FAILED)


def look(config: Path) -> Findings:
    """Read what `serve` would read; one wrong file hides nothing about the others."""
    from bot import documents
    from bot.clock import SystemClock
    from bot.settings import audit, fit

    found = Findings()
    try:
        found.settings = place.settings(config)
    except BadConfig as error:
        found.complaints += documents.each(error)
    found.library = place.library(config)
    found.complaints += found.library.complaints
    found.warnings += fit.overdue(found.library, SystemClock().now().date())
    if found.settings:
        found.complaints += fit.check(found.library, found.settings)
        connected, refused = _connected(found.settings)
        found.complaints += [*refused, *connected.faults]
        found.complaints += _exports_nowhere(found.settings, connected, config / "tocsin.yaml")
        if (
            found.settings.audit.key or found.settings.audit.post
        ):  # begun, not whole; who has neither hears of the doctor
            found.warnings += audit.unsigned(found.settings.audit, config / "tocsin.yaml")
        found.warnings += _pages_nobody(found.settings, connected, config / "people.yaml")
    found.complaints.sort(key=lambda e: (getattr(e, "file", "~"), getattr(e, "line", 0)))
    return found


def _connected(settings: "Settings") -> "tuple[Connected, Iterable[TocsinError]]":
    """The connections, and what is wrong with the plugins that they name."""
    from bot import registry
    from bot.clock import SystemClock

    found = registry.discover(names={connection.plugin for connection in settings.connections})
    return registry.Registry(found, SystemClock()).connect(settings.connections), found.faults


def _exports_nowhere(settings: "Settings", connected: "Connected", file: Path) -> Iterator[BadConfig]:
    """The connections postmortems are to go to that take no documents."""
    from bot import documents

    sheet = documents.read(file)
    for number, name in enumerate(settings.postmortems.exports):
        part = connected.parts.get(name)
        if part is not None and part.exporter is None:
            what, do = f"{name} takes no documents.", "Name a connection whose plugin has an exporter, such as `files`."
            yield sheet.wrong(what, do, "postmortems", "exports", number)


def _pages_nobody(settings: "Settings", connected: "Connected", file: Path) -> Iterator[BadConfig]:
    """The ways people name that are connections which page nobody: they would be passed over in silence."""
    from bot import registry

    offered = registry.offered(connected.parts)
    for person in settings.people.persons.values():
        for way in dict.fromkeys(step.channel for steps in person.notify.values() for step in steps):
            name = way if way in connected.parts else way.rpartition(".")[0]
            if way not in offered and name in connected.parts:
                do = f"Give {name} what it pages with (see its plugin's README), or take {way} out of their `notify`."
                yield BadConfig(f"{person.name} is to be paged by {way}, which pages nobody.", do, file=file)


def _data(found: Findings) -> dict[str, object]:
    return {
        "ok": not found.complaints,
        "complaints": [_complaint(error) for error in found.complaints],
        "warnings": [_complaint(error) for error in found.warnings],
    }


def _complaint(error: TocsinError) -> dict[str, object]:
    return {
        "file": getattr(error, "file", ""),
        "line": getattr(error, "line", 0),
        "what": error.what,
        "do": error.do,
    }


def _summary(found: Findings) -> str:
    if found.complaints:
        return f"{len(found.complaints)} complaint(s); nothing of this is in force until they are gone."
    settings, library = found.settings, found.library
    assert settings is not None  # noqa: S101  (without settings there would be a complaint)
    assert library is not None  # noqa: S101
    counts = {
        "connections": settings.connections,
        "people": settings.people.persons,
        "models and agents": settings.estate.models,
        "rotas": settings.rotas,
        "runbooks": library.runbooks,
    }
    return f"Good: {', '.join(f'{what} {len(these)}' for what, these in counts.items())}."
