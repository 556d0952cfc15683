"""`tocsin alert`: what the bot would understand of a monitor's message."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import place, read, say

if TYPE_CHECKING:
    from bot.contract.source import Delivery

app = typer.Typer(name="alert", help="Messages from monitors.", no_args_is_help=True)

Reader = Annotated[str, typer.Argument(metavar="CONNECTION|PLUGIN", help="A connection, or a plugin by its name.")]
File = Annotated[str, typer.Argument(help="A file with the body of a delivery; - reads standard input.")]


@app.callback()
def group() -> None:
    """Messages from monitors."""


@app.command()
def parse(
    reader: Reader,
    file: File,
    at: place.At = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
    verbose: place.Verbose = False,
) -> None:
    """Show the alerts that a delivery would become; nothing is written and nobody is paged."""
    place.log(verbose)
    request = read.request(file, place.moment(at))
    delivery = asyncio.run(read.delivery(read.source(reader, config), request))
    if json:
        say.data(replace(delivery, reply=None))
        return
    _show(delivery)


def _show(delivery: "Delivery") -> None:
    head = ("STATUS", "KIND", "MODEL", "VERSION", "ENVIRONMENT", "SEVERITY", "STARTED", "TITLE", "PROBLEM")
    say.table(
        head,
        [
            (a.status, a.kind, a.model, a.version, a.environment, a.severity, a.started_at, a.title, a.problem)
            for a in delivery.alerts
        ],
    )
    for alert in delivery.alerts:
        for m in alert.measures:
            of = " ".join(f"{name} {value}" for name, value in (("of", m.feature), ("in", m.segment)) if value)
            limit = f" (threshold {m.op or ''} {m.threshold})" if m.threshold is not None else ""
            say.line(f"  {alert.title}: {m.metric} {of} {m.value}{limit}")
    for skipped in delivery.skipped:
        say.line(f"left out: {skipped}")
