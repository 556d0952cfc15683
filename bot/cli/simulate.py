"""`tocsin simulate`: what a changed configuration would have paged, beside the one in force."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import elsewhere, place, read, say
from bot.errors import BadInput, TocsinError

if TYPE_CHECKING:
    from bot.engine.difference import Cause, Difference, Row, Side
    from bot.engine.playing import Rules, Word
    from bot.engine.simulate import Heard
    from bot.model.alert import Alert

Folder = Annotated[Path, typer.Argument(help="A folder with the changed config/ and runbooks/, or its config folder.")]
Since = Annotated[str, typer.Option("--since", help="How far back the alerts of the database are played.")]
Alerts = Annotated[
    Path | None,
    typer.Option("--alerts", help="A folder of deliveries to play instead, in order of name."),
]
Through = Annotated[str | None, typer.Option("--connection", help="For --alerts: their connection; guessed otherwise.")]
After = Annotated[str, typer.Option("--answer-after", help="When the paged take it: a length, or never.")]
FILES = 5_000  # deliveries in one folder
LEAST = (timedelta(seconds=1), timedelta(0))
LONGEST = timedelta(days=31)
LISTED = 40  # causes that are spelled out; --json has all of them


def simulate(
    folder: Folder,
    since: Since = "24h",
    alerts: Alerts = None,
    answer_after: After = "5m",
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Play what monitors said against a changed configuration and show the difference in pages.

    It is played twice by the bot itself, over a database of its own: nothing is written and nobody is paged.
    """
    place.log()
    answer = None if answer_after == "never" else _span(answer_after, "--answer-after", zero=True)
    changed = _config(folder)
    found, heard = asyncio.run(_simulate(config, changed, alerts, _span(since, "--since"), answer))
    if json:
        played = {"since": heard.since, "until": heard.until, "alerts": heard.alerts}
        say.data({**played, **say.plain(found), "unknown": heard.unknown})
    else:
        _show(found, heard)


def _span(typed: str, option: str, *, zero: bool = False) -> timedelta:
    """A length of time, longer than nothing unless `zero` allows that; BadInput for anything else."""
    from bot import documents

    try:
        span = documents.duration(typed.strip())
    except BadInput as wrong:
        raise BadInput(f"{option} {typed[:40]!r} is no length of time.", wrong.do) from None
    if not LEAST[zero] <= span <= LONGEST:
        raise BadInput(f"{option} {typed[:40]} is too short or too long.", "Give at most 31d.")
    return span


def _config(folder: Path) -> Path:
    """The config folder that is meant; BadInput when there is none."""
    for found in (folder / "config", folder):
        if (found / "tocsin.yaml").is_file():
            return found
    raise BadInput(f"There is no configuration in {folder}.", "Give a folder that has config/ and runbooks/ in it.")


async def _simulate(
    config: Path, changed: Path, folder: Path | None, since: timedelta, answer: timedelta | None
) -> "tuple[Difference, Heard]":
    from bot import app
    from bot.engine import simulate

    if folder is not None:
        words, left_out = await _deliveries(folder, config)
        heard = simulate.given(words, answer, left_out)
    else:
        async with place.desk(config) as desk:
            until = desk.clock.now()
            heard = await simulate.kept(desk.store, until - since, until, answer)
    return await simulate.compare(heard, _rules(config), _rules(changed), app.duties, _progress), heard


def _rules(config: Path) -> "Rules":
    """A configuration with its runbooks, checked as at a start; BadConfigs."""
    from bot import app
    from bot.engine.playing import Rules

    shelf = place.shelf(config)
    loaded = app.load(app.Folder(config, shelf), dict(os.environ))
    return Rules(loaded.settings, loaded.library, elsewhere.channels(loaded.settings))


def _files(folder: Path) -> list[Path]:
    """The deliveries of a folder and of the folders in it, in order of name; BadInput: none, or too many."""
    found = (*folder.glob("*"), *folder.glob("*/*")) if folder.is_dir() else ()
    files = sorted((file for file in found if file.is_file()), key=lambda file: (file.name, file.parent.name))
    if not files or len(files) > FILES:
        raise BadInput(f"{folder} holds {len(files) or 'no'} deliveries.", f"Give a folder with 1 to {FILES} files.")
    return files


async def _deliveries(folder: Path, config: Path) -> "tuple[list[Word], list[str]]":
    """The alerts of a folder of deliveries: each file at the time it tells itself, never before the one ahead of it.

    Those in a folder of their own came through the connection that it is named for; the others' is guessed.
    """
    from bot.engine.playing import Word

    files = _files(folder)
    readers = {
        parent: read.readers(config, None if parent == folder else parent.name)
        for parent in dict.fromkeys(file.parent for file in files)
    }
    words: list[Word] = []
    left_out: list[str] = []
    now: datetime | None = None
    for file in files:
        arrived = now or datetime.fromtimestamp(file.stat().st_mtime, UTC)
        try:
            _, delivery = await read.understood(readers[file.parent], read.request(str(file), arrived))
        except TocsinError as error:
            left_out.append(f"Left out: {file.name}: {error.what}")
            continue
        now = max((_said(alert) for alert in delivery.alerts), default=arrived)
        now = max(now, words[-1].at) if words else now
        words += [Word(now, alert) for alert in delivery.alerts]
    for one in (one for linked in readers.values() for one in linked):
        one.guard.close()
    return words, left_out


def _said(alert: "Alert") -> datetime:
    """When a monitor said so, as far as it tells."""
    return alert.ended_at or alert.started_at


def _progress(run: str, done: int, total: int) -> None:
    typer.echo(f"playing {run}: {done} of {total} messages", err=True)


def _show(found: "Difference", heard: "Heard") -> None:
    say.line(f"{heard.alerts} alerts, {say.when(heard.since)} to {say.when(heard.until)}")
    say.line()
    say.table(("", "BEFORE", "AFTER"), _figures(found.before, found.after))
    say.line()
    if found.people:
        say.table(("PERSON", "BEFORE", "AFTER", "FIRST BEFORE", "FIRST AFTER"), [_row(row) for row in found.people])
        say.line()
    titles = {"gone": "No longer paged", "new": "Newly paged", "else": "Paged otherwise"}
    for kind, title in titles.items():
        causes = [one for one in found.causes if _kind(one) == kind]
        if causes:
            say.line(f"{title}: {len(causes)}")
            for one in causes[:LISTED]:
                _cause(one)
            if len(causes) > LISTED:
                say.line(f"  ... and {len(causes) - LISTED} more (--json has all)")
            say.line()
    if not found.causes:
        say.line("Nobody would be paged otherwise.")
    say.line(f"Unchanged: {found.unchanged}")
    say.line("What this cannot know:")
    for unknown in heard.unknown:
        say.line(f"  {unknown}")


def _figures(before: "Side", after: "Side") -> list[tuple[object, ...]]:
    names = ("pages", "people", "incidents", "held", "first")
    labels = ("pages", "people paged", "incidents", "alerts held back", "first page")
    return [(label, getattr(before, n), getattr(after, n)) for label, n in zip(labels, names, strict=True)]


def _row(row: "Row") -> tuple[object, ...]:
    return row.name, row.before, row.after, row.first_before, row.first_after


def _kind(one: "Cause") -> str:
    if one.row.before and not one.row.after:
        return "gone"
    return "new" if one.row.after and not one.row.before else "else"


def _cause(one: "Cause") -> None:
    row = one.row
    alerts = f", {one.alerts} alerts" if one.alerts > 1 else ""
    say.line(f"  {row.name}{alerts}: {row.before} -> {row.after} pages")
    firsts = tuple(say.when(at) if at else "never" for at in (row.first_before, row.first_after))
    say.line(f"    first page {firsts[0]} -> {firsts[1]}")
    if one.people_before != one.people_after:
        say.line(f"    {', '.join(one.people_before) or 'nobody'} -> {', '.join(one.people_after) or 'nobody'}")
    for why in one.why:
        say.line(f"    {why}")
