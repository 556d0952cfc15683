"""`tocsin demo`: an alert, its card, the page, the escalation and the answer in this terminal, nothing to set up."""

import asyncio
import json
import secrets
import shutil
import signal
import tempfile
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import door, draw, init, place, say

if TYPE_CHECKING:
    from bot.sandbox.demo import beats
    from bot.sandbox.demo.stage import Stage

WAIT, FAST = 4, 2  # seconds every tier has to answer
INTERRUPTED = 130

Fast = Annotated[bool, typer.Option("--fast", help=f"Wait {FAST} s at each tier instead of {WAIT} s.")]
Keep = Annotated[bool, typer.Option("--keep-running", help="Leave everything up afterwards, and say how to try it.")]


def demo(fast: Fast = False, keep_running: Keep = False, verbose: place.Verbose = False) -> None:
    """Play an incident from alert to resolve in this terminal. Needs no Slack account and leaves nothing behind."""
    place.log(verbose)
    with tempfile.TemporaryDirectory(prefix="tocsin-demo-") as folder:
        try:
            asyncio.run(_play(Path(folder), FAST if fast else WAIT, keep_running))
        except (KeyboardInterrupt, asyncio.CancelledError):
            say.line()
            say.line("Stopped; nothing is left behind.")
            raise typer.Exit(0 if keep_running else INTERRUPTED) from None


async def _play(home: Path, wait: int, keep: bool) -> None:
    from bot.sandbox.demo import beats, stage, story

    # SIGTERM ends it as Ctrl-C does, so that the folder goes away as well.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _this_task().cancel)
    say.line("Starting the bot on SQLite in a folder of its own, and a Slack-compatible workspace beside it.")
    whole = True
    async with stage.Stage.open(home, _furnish(home), wait) as playing:
        async with aclosing(story.told(playing)) as told:
            async for beat in told:
                _tell(beat, playing)
                whole = whole and not (isinstance(beat, beats.Audited) and beat.broken)
        _next()
        if keep:
            _try(playing)
            async with aclosing(story.watched(playing)) as watched:
                async for beat in watched:
                    _tell(beat, playing)
    if not whole:
        raise typer.Exit(door.FAILED)


def _this_task() -> "asyncio.Task[None]":
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  (asked inside a coroutine)
    return task


def _furnish(home: Path) -> dict[str, str]:
    """Writes what `tocsin init` writes into `home`; returns made-up values for what its configuration asks for."""
    for source, target in init.files(home):
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(source.read_bytes())
    return {name: secrets.token_hex(12) for name in init.wanted((home / "config/tocsin.yaml").read_text("utf-8"))}


def _tell(beat: "beats.Beat", stage: "Stage") -> None:
    from bot.sandbox.demo import beats

    match beat:
        case beats.Said(text):
            say.line()
            say.line(text)
        case beats.Posted():
            say.line(f"  {draw.clock(beat.at)}  POST {beat.path}  {beat.alert}")
            told = ", ".join(f"{key} {_brief(value)}" for key, value in beat.reply.items() if value)
            say.line(f"  {beat.status} after {beat.seconds * 1000:.0f} ms, committed: {told}")
        case beats.Shown():
            _show(beat, stage)
        case beats.Pressed():
            say.line(f"  {beat.by} presses {beat.button}: {'taken' if beat.acked else 'NOT taken'} by the bot")
            for whisper in beat.whispers:
                say.line(f'  only {beat.by} sees: "{whisper.replace(chr(10), " ")}"')
        case beats.Ledger():
            _ledger(beat)
        case beats.Audited():
            say.line()
            say.line("What `tocsin audit verify` says:")
            for fault in beat.broken:
                say.line(f"  broken: chain {fault.chain}, entry {fault.seq}: {fault.what}")
            say.line(f"  {beat.entries} entries read; {'NOT every' if beat.broken else 'every'} chain is whole.")


def _brief(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _show(beat: "beats.Shown", stage: "Stage") -> None:
    message = beat.message
    how = "edited" if message.edits else "posted"
    title = f"{beat.place} · {how} {draw.clock(message.changed_at)}"
    for line in draw.message(message.blocks or [_text(message.text)], title, stage.names(), _width() - 2):
        say.line(f"  {line}")


def _text(text: str) -> dict[str, object]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _ledger(beat: "beats.Ledger") -> None:
    view = beat.view
    say.line()
    say.line(f"{view.incident.id} in the database: {view.incident.phase}, held by {view.incident.holder or 'nobody'}.")
    say.line("Its pages:")
    rows = [(p.tier, p.person, p.channel, p.state, p.decided_at, p.sent_at, p.answered_at) for p in view.pages]
    shown = [[draw.clock(cell) if isinstance(cell, datetime) else cell for cell in row] for row in rows]
    say.table(("TIER", "PERSON", "BY", "STATE", "DECIDED", "SENT", "ANSWERED"), shown)
    say.line("Its log:")
    for sealed in view.timeline:
        entry = sealed.entry
        head = f"{draw.clock(entry.at)}  {entry.kind:21}  {entry.actor:15}  "
        for line in draw.hanging(head, entry.why, _width()):
            say.line(line)


def _width() -> int:
    return shutil.get_terminal_size().columns


def _next() -> None:
    say.line()
    say.line("All of this is the program you would run; only Slack was played. To go on:")
    say.line("  tocsin demo --keep-running   leave it up, and try it by hand")
    say.line("  tocsin init my-oncall        write a configuration and runbooks of your own into a folder")
    say.line("  README.md, Quickstart        connect your own Slack and your own Alertmanager")


def _try(stage: "Stage") -> None:
    """What can be typed in another terminal; the tokens are made up and end with the demo."""
    from bot.sandbox.demo.stage import CONNECTION, SECRET

    environment = stage.home / init.ENVIRONMENT
    environment.touch(0o600)
    environment.write_text("".join(f"{name}={value}\n" for name, value in stage.env.items()), "utf-8")
    model = next(iter(stage.app.loaded.settings.estate.models.values()))
    entity = stage.app.loaded.settings.estate.entities[model.entity]
    channel = (entity.channel or stage.app.loaded.settings.slack.channel).removeprefix("#")
    labels = {"alertname": "AccuracyLow", "model": model.name, "environment": "production"}
    alert = json.dumps({"alerts": [{"status": "firing", "labels": labels}]})
    press = json.dumps({"channel": channel, "ts": "TS", "button": "Acknowledge", "by": "NAME"})
    control = f"curl -s -H 'X-Control-Token: {stage.workspace.control_token}' {stage.workspace.origin}/control"
    say.line()
    say.line("Still up. What changes in the workspace is shown below; Ctrl-C ends it. Try in another terminal:")
    secret = f"'Authorization: Bearer {stage.env[SECRET]}'"
    say.line(f"  curl -s -H {secret} {stage.url}/alerts/{CONNECTION} -d '{alert}'")
    say.line(f"  curl -s {stage.url}/health/ready; curl -s {stage.url}/metrics | grep tocsin_pages")
    say.line(f"  {control}/messages?channel={channel}")
    say.line(f"  {control}/press -d '{press}'   # TS: a ts of the line above, NAME: ada ...")
    say.line(f"  cd {stage.home}; set -a; . ./{environment.name}; set +a; tocsin incident list --all")
