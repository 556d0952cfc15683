"""`tocsin demo`: the bot, a workspace with a page, and a living estate on this machine; nothing to set up."""

import asyncio
import json as notation
import shutil
import tempfile
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import draw, init, place, say
from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.sandbox.demo.beats import Beat
    from bot.sandbox.demo.folder import Folder
    from bot.sandbox.demo.stage import Stage

app = typer.Typer()

HERE = Path(".tocsin-demo")
PORT = 8765
SLOW, FAST = 1.0, 60.0  # how fast its clock runs with the page, and without
FASTEST = 300.0  # models answer once a second at most: faster, and a runbook's ten minutes are over before they did
INTERRUPTED = 130

Headless = Annotated[bool, typer.Option("--headless", help="Play the tour by itself, without a page, and end.")]
Lines = Annotated[bool, typer.Option("--json", help="Print one JSON object a line, for programs.")]
Speed = Annotated[
    float | None,
    typer.Option("--speed", min=0.1, max=FASTEST, help=f"How fast time runs; {SLOW:g}, or {FAST:g} with --headless."),
]
Reset = Annotated[bool, typer.Option("--reset", help="Remove what an earlier demo left in its folder, and begin anew.")]
Where = Annotated[
    Path | None,
    typer.Option("--folder", help=f"Where it keeps everything; {HERE}, or with --headless a folder that is removed."),
]
Port = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="The page's port on 127.0.0.1; 0 takes a free one.")
]


@app.command()
def demo(
    headless: Headless = False,
    json: Lines = False,
    speed: Speed = None,
    reset: Reset = False,
    folder: Where = None,
    port: Port = PORT,
    verbose: place.Verbose = False,
) -> None:
    """Try Tocsin on models that really drift, in a workspace on this machine. Needs no Slack account."""
    place.log(verbose)
    if headless:
        _headless(folder, reset, speed or FAST, json)
    else:
        _page(folder or HERE, reset, speed or SLOW, (port, json))


def _page(root: Path, reset: bool, speed: float, shown: tuple[int, bool]) -> None:
    from bot.sandbox.demo import folder as folders
    from bot.sandbox.demo import running

    with folders.opened(root, init.origin("runbooks"), reset=reset) as folder:
        running.whole(_open(folder, speed, *shown))
    if not shown[1]:
        again = "" if root == HERE else f" --folder {root}"
        say.line()
        say.line(
            f"Stopped. Everything is kept in {root}: `tocsin demo{again}` goes on from there, --reset begins anew."
        )


def _headless(root: Path | None, reset: bool, speed: float, json: bool) -> None:
    from bot.sandbox.demo import folder as folders
    from bot.sandbox.demo import running

    with tempfile.TemporaryDirectory(prefix="tocsin-demo-") as scratch:
        chosen = root or Path(scratch) / "demo"
        with folders.opened(chosen, init.origin("runbooks"), reset=reset) as folder:
            if folder.workspace.exists():
                raise BadInput(f"In {chosen} a demo has played already.", "Add --reset, or choose another --folder.")
            done = running.whole(_play(folder, speed, json))
    if not done:
        if not json:
            say.line("Stopped; nothing is left behind." if root is None else f"Stopped. Everything is kept in {root}.")
        raise typer.Exit(INTERRUPTED)


async def _open(folder: "Folder", speed: float, port: int, json: bool) -> None:
    from bot.sandbox.demo import stage

    async with stage.opened(folder, speed=speed, port=port) as up:
        if json:
            _data({"page": up.page, "bot": up.url, "folder": str(folder.root), "speed": up.clock.speed})
        else:
            say.line(f"The demo is up. Open  {up.page}")
            say.line(f"It keeps everything in {folder.root}; Ctrl-C stops it.")
        await asyncio.Event().wait()


async def _play(folder: "Folder", speed: float, json: bool) -> None:
    from bot.sandbox.demo import stage, story

    async with stage.opened(folder, speed=speed) as up, aclosing(story.told(up)) as told:
        if not json:
            say.line(f"The bot, a workspace and the models are up; their clock runs {speed:g} times as fast.")
        async for beat in told:
            if json:
                _data(beat.spelled())
            else:
                _tell(beat, up)
    if not json:
        say.line("All of it happened in the program you would run; only Slack was played. To look around: tocsin demo")


def _data(value: dict[str, Any]) -> None:
    typer.echo(notation.dumps(say.plain(value)))


def _tell(beat: "Beat", up: "Stage") -> None:
    width = shutil.get_terminal_size().columns
    say.line()
    for line in draw.hanging(f"{draw.clock(beat.at)}  ", beat.text, width):
        say.line(line)
    if beat.message is not None:
        state = up.workspace.state
        names = {one.id: one.name for one in state.people.values()}
        names |= {one.id: one.name for one in state.channels.values()}
        title = f"#{names[beat.message.channel]}"
        for line in draw.message(beat.message.blocks, title, names, width - 2):
            say.line(f"  {line}")
