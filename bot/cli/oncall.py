"""`tocsin oncall`: who holds the pager, who will, and what people change by hand."""

from datetime import timedelta
from typing import Annotated

import typer

from bot.cli import (
    feed,
    oncall_amend,
    oncall_armed,
    oncall_burden,
    oncall_cover,
    oncall_picture,
    oncall_show,
    oncall_source,
    place,
    say,
)
from bot.errors import BadInput

app = typer.Typer(name="oncall", help="Who holds the pager, and who will.", no_args_is_help=True)

LONGEST = timedelta(days=20 * 366)  # nobody reads more

Some = Annotated[str | None, typer.Argument(help="The rota; every one if left out.")]
Name = Annotated[str, typer.Argument(help="The rota.")]
Days = Annotated[int | None, typer.Option("--days", min=1, max=366, help="How far to look ahead; 14 if left out.")]
Since = Annotated[
    str | None, typer.Option("--from", "--at", help="From then on, as 2026-11-02T09:00+03:00; now if left out.")
]
To = Annotated[str | None, typer.Option("--to", help="Until then, instead of --days.")]
Cut = Annotated[bool, typer.Option("--cut", help="Cut the first and the last to what was asked for.")]


@app.callback()
def group() -> None:
    """Who holds the pager, and who will; times without an offset are the rota's wall clock."""


@app.command()
def who(
    name: Some = None,
    at: place.At = None,
    file: oncall_source.Alone = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Who is on call now, or at another moment, until when and why."""
    from bot.rules import duty

    source = oncall_source.read(config, file)
    asked = [source.rota(name)] if name else list(source.rotas.values())
    moment = place.moment(at, asked[0].timezone if name else "UTC")
    source = source.around(moment, moment)
    rows = []
    for rota in (source.rotas[one.name] for one in asked):
        span = duty.steady(rota, moment, source.overrides)
        rows.append((rota, moment, span, duty.listed(rota, moment, moment + timedelta.resolution, source.overrides)))
    if json:
        found = [oncall_show.now(*row) for row in rows]
        say.data(found[0] if name else found)
        return
    oncall_show.everybody(rows)


@app.command()
def show(
    name: Name,
    since: Since = None,
    to: To = None,
    days: Days = None,
    cut: Cut = False,
    file: oncall_source.Alone = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Who is on call in a span, gaps included; the first and the last are whole unless they are cut."""
    from bot.rules import duty

    if to and days:
        raise BadInput("--to and --days say two ends.", "Give one of them.")
    source = oncall_source.read(config, file)
    rota = source.rota(name)
    start = oncall_source.instant(since, rota)
    end = oncall_source.instant(to, rota) if to else start + timedelta(days=days or 14)
    oncall_source.ordered(start, end, LONGEST)
    planned = len(source.overrides)  # those of the configuration come first, and are taken back in its file
    source = source.around(start, end)
    rota = source.rotas[name]
    found = duty.listed(rota, start, end, source.overrides)
    if cut:
        found = [duty.cut(one, start, end) for one in found]
    if json:
        say.data({"shifts": [oncall_show.data(rota, one) for one in found]})
        return
    oncall_show.table(rota, found)
    oncall_show.byhand(rota, [one for one in source.overrides[planned:] if one.start < end and one.end > start])


for part in (oncall_armed, oncall_burden, oncall_picture, oncall_amend, oncall_cover):
    app.add_typer(part.app)
app.command()(feed.feed)
