"""`tocsin runbooks`: what they are, what is weak about them, and how much of what happens they are for."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import door, place, say
from bot.errors import BadConfig, BadInput

if TYPE_CHECKING:
    from bot.engine.coverage import Coverage, Share, Unmatched
    from bot.runbooks import Library
    from bot.settings import Settings
    from bot.settings.lint import Around, Finding

app = typer.Typer(name="runbooks", help="The runbooks: kept well, and for what happens.", no_args_is_help=True)

Since = Annotated[str, typer.Option("--since", help="How far back, as 30d, 12h or 2w.")]
LONGEST = timedelta(days=3660)


@app.callback()
def group() -> None:
    """The runbooks: kept well, and for what happens."""


@app.command("list")
def listing(config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Every runbook in force: what it is for, whose it is, when it is to be reviewed."""
    from bot.clock import SystemClock
    from bot.rules import routing

    library, today = place.library(config), SystemClock().now().date()
    for complaint in library.complaints:
        say.warning(str(complaint))
    if json:
        say.data([{**say.plain(book), "overdue": book.review_by < today} for book in library.runbooks])
        return
    say.table(
        ("RUNBOOK", "OWNER", "REVIEW BY", "LEVERS", "FOR"),
        [
            (
                book.name,
                book.owner,
                f"{book.review_by}{' (overdue)' if book.review_by < today else ''}",
                ", ".join(action.name for action in book.actions),
                routing.said(book.match),
            )
            for book in library.runbooks
        ],
    )


# --- lint ---


@app.command()
def lint(
    files: Annotated[list[Path] | None, typer.Argument(help="Only these; a draft may stand anywhere.")] = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Everything that is wrong or weak about the runbooks. Exit code 1 when something is wrong."""
    place.log()
    library, found = examined(config, files or [])
    if json:
        say.data({"ok": not any(one.wrong for one in found), "findings": [_finding(one) for one in found]})
    else:
        for one in found:
            _tell(one)
        say.line(_summary(len(library.runbooks), found))
    if any(one.wrong for one in found):
        raise typer.Exit(door.FAILED)


def examined(config: Path, files: list[Path]) -> "tuple[Library, list[Finding]]":
    """The library with `files` in it, and what there is to say about them, or about every runbook."""
    from bot import documents, runbooks
    from bot.clock import SystemClock
    from bot.rules import matching
    from bot.settings import lint

    library = place.library(config)
    for file in files:
        library = runbooks.draft(_named(file, config), matching.parse, library)
    try:
        settings = place.settings(config)
    except BadConfig as error:
        wrong = [*documents.each(error), *library.complaints]
        return library, [lint.Finding(True, each) for each in wrong]
    found = lint.look(library, settings, _around(settings), SystemClock().now())
    if not files:
        return library, found
    wanted = {str(_named(file, config)) for file in files}
    # A tie is told at one of the two files and names the other.
    return library, [one for one in found if any(name in (one.complaint.file, *_words(one)) for name in wanted)]


def _words(finding: "Finding") -> list[str]:
    return [word.rstrip(".") for word in finding.complaint.do.split()]


def _named(file: Path, config: Path) -> Path:
    """The file somebody typed, by the path that the library gives it where it stands in its folder."""
    ours = place.shelf(config) / file.name
    return ours if file.resolve() == ours.resolve() else file


def _around(settings: "Settings") -> "Around":
    from bot import registry
    from bot.clock import SystemClock
    from bot.settings.lint import Around

    found = registry.discover(names={connection.plugin for connection in settings.connections})
    parts = registry.Registry(found, SystemClock()).connect(settings.connections).parts
    for linked in parts.values():
        linked.guard.close()
    return Around(
        once=frozenset(name for name, linked in parts.items() if getattr(linked.source, "once", False) is True),
        levers={name: frozenset(map(str, linked.platform.levers)) for name, linked in parts.items() if linked.platform},
        agents=frozenset(name for name, linked in parts.items() if linked.agent is not None),
    )


def _finding(one: "Finding") -> dict[str, object]:
    error = one.complaint
    level = "error" if one.wrong else "warning"
    return {"level": level, "file": error.file, "line": error.line, "what": error.what, "do": error.do}


def _tell(one: "Finding") -> None:
    error = one.complaint
    say.line(f"{error.file}:{error.line}: {'error' if one.wrong else 'warning'}: {say.harmless(error.what)}")
    if error.do:
        say.line(f"    do: {say.harmless(error.do)}")


def _summary(count: int, found: "list[Finding]") -> str:
    errors = sum(one.wrong for one in found)
    return f"{count} runbooks: {errors} wrong, {len(found) - errors} weak."


# --- what they are for ---


@app.command()
def coverage(since: Since = "30d", config: place.Config = place.HERE, json: place.Json = False) -> None:
    """The share of incidents and alerts that a specific runbook took, and what of the estate has none."""
    from bot.engine import coverage

    async def ask() -> "Coverage":
        async with place.desk(config) as desk:
            now = desk.clock.now()
            return await coverage.measured(desk, _start(now, since), now)

    found = asyncio.run(ask())
    if json:
        say.data(_shares(found))
        return
    say.line(f"Since {say.when(found.start)} a specific runbook took {_said(found.whole)}.")
    if found.lines:
        say.line()
        say.table(
            ("ENTITY", "MODEL", "KIND", "INCIDENTS", "ALERTS"),
            [
                (one.entity, one.model, one.kind, _of(one.share, "incidents"), _of(one.share, "alerts"))
                for one in found.lines
            ],
        )
    if found.bare:
        say.line()
        say.line("No specific runbook is for:")
        for kind in dict.fromkeys(kind for _, kind in found.bare):
            say.line(f"  {kind}: {', '.join(model for model, of in found.bare if of == kind)}")


@app.command()
def unmatched(since: Since = "7d", config: place.Config = place.HERE, json: place.Json = False) -> None:
    """What only a default runbook was there for, or none, and who should write a specific one."""
    from bot.engine import coverage

    async def ask() -> "list[Unmatched]":
        async with place.desk(config) as desk:
            now = desk.clock.now()
            return await coverage.unmatched(desk, _start(now, since), now)

    found = asyncio.run(ask())
    if json:
        say.data([{**say.plain(one.tally), "title": one.title, "owner": one.owner} for one in found])
    elif not found:
        say.line(f"Every incident of the last {since} had a specific runbook.")
    else:
        say.table(
            ("OWNER", "ENTITY", "MODEL", "KIND", "RUNBOOK", "INCIDENTS", "ALERTS", "NEWEST"),
            [
                (
                    *(one.owner, one.tally.entity, one.tally.model, one.tally.kind, one.tally.runbook),
                    *(one.tally.incidents, one.tally.alerts, f"{one.tally.newest} {one.title[:60]}"),
                )
                for one in found
            ],
        )


def _start(now: datetime, since: str) -> datetime:
    from bot import documents

    try:
        length = documents.duration(since.strip())
    except BadInput as error:
        raise BadInput(f"{since[:40]!r} {error.what}", "Write 30d, 12h or 2w.") from None
    return now - min(length, LONGEST)


def _said(share: "Share") -> str:
    if not share.incidents:
        return "nothing, for no incident opened"
    incidents, alerts = _of(share, "incidents"), _of(share, "alerts")
    return f"{incidents} incidents and {alerts} alerts"


def _of(share: "Share", what: str) -> str:
    """How many of how many, and the percentage, rounded down so that only all is 100 %."""
    part, all_ = getattr(share, f"specific_{what}"), getattr(share, what)
    return f"{part} of {all_} ({100 * part // all_} %)" if all_ else "0 of 0"


def _shares(found: "Coverage") -> dict[str, object]:
    def shown(share: "Share") -> dict[str, object]:
        counts: dict[str, object] = say.plain(share)
        return {**counts, "of_incidents": share.of_incidents, "of_alerts": share.of_alerts}

    return {
        "since": found.start.isoformat(),
        "until": found.end.isoformat(),
        **shown(found.whole),
        "groups": [
            {"entity": one.entity, "model": one.model, "kind": one.kind, **shown(one.share)} for one in found.lines
        ],
        "bare": [{"model": model, "kind": kind} for model, kind in found.bare],
    }
