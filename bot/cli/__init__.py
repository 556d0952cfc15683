"""The command line: one file for each group of commands, each importing only what it needs once it runs."""

from typing import Annotated

import typer

import bot
from bot.cli import (
    alert,
    audit,
    carry,
    change,
    check,
    demo,
    doctor,
    evaluate,
    explain,
    follow_up,
    freeze,
    handover,
    incident,
    init,
    manifest,
    migrate,
    models,
    oncall,
    pager,
    plugin,
    plugins,
    postmortem,
    replay,
    report,
    retrain,
    runbooks,
    serve,
    silence,
    simulate,
)
from bot.cli.door import Door

app = typer.Typer(
    name="tocsin",
    cls=Door,
    help="The on-call bot for production machine learning.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def version(shown: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False) -> None:
    """The on-call bot for production machine learning."""
    if shown:
        typer.echo(f"tocsin {bot.__version__}")
        raise typer.Exit


app.command("serve")(serve.serve)
app.add_typer(demo.app)
app.command("init")(init.init)
app.command("check")(check.check)
app.command("manifest")(manifest.manifest)
app.command("doctor")(doctor.doctor)
app.command("plugins")(plugins.plugins)
app.command("import")(carry.carry)
app.command("migrate")(migrate.migrate)
app.command("replay")(replay.replay)
app.add_typer(report.app)
app.command("explain")(explain.explain)
app.command("simulate")(simulate.simulate)
for group in (
    alert,
    incident,
    change,
    evaluate,
    retrain,
    models,
    silence,
    freeze,
    oncall,
    handover,
    postmortem,
    follow_up,
    pager,
    runbooks,
    plugin,
    audit,
):
    app.add_typer(group.app)
