"""`tocsin oncall picture`: the coming weeks of a rota, to look at."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import drawn, oncall_source, place, say

app = typer.Typer()

Name = Annotated[str, typer.Argument(help="The rota.")]
Weeks = Annotated[int, typer.Option("--weeks", help="How many, at most 12.")]
Since = Annotated[str | None, typer.Option("--from", help="The first week is the one with it; now if left out.")]
Target = Annotated[
    Path | None, typer.Option("--to", help="Where to write it: a .png or .svg, or - for a PNG down a pipe; ROTA.png.")
]
Language = Annotated[str, typer.Option("--language", help="Of its words: en or tr.")]


@app.command()
def picture(
    name: Name,
    weeks: Weeks = 4,
    since: Since = None,
    to: Target = None,
    language: Language = "en",
    file: oncall_source.Alone = None,
    config: place.Config = place.HERE,
) -> None:
    """Draw the coming weeks of a rota: a row for each, a colour for everybody, gaps in red, nights dark."""
    from bot.charts import sheet as sheets
    from bot.charts import weeks as chart
    from bot.rules import rota as rule

    source = oncall_source.read(config, file)
    rota = source.rota(name)
    target = to or Path(f"{name}.png")
    form = drawn.form(target)
    at = oncall_source.instant(since, rota)
    start, end = sheets.span(at, weeks, rota.timezone)
    source = source.around(start, end)
    rota = source.rotas[name]
    shifts = rule.shifts(rota, start, end, source.overrides)
    now = place.moment(None)
    shown = sheets.Sheet(name, rota.timezone, shifts, rota.persons, at, weeks, now, language)
    drawn.write(target, chart.weeks(shown, form))
    if str(target) != "-":
        say.line(f"{target}: {sheets.shown(shown)}; {sheets.gaps_told(shown)}")
