"""`tocsin postmortem`: drafted from the log, brought up to date, edited, looked at, published, all without Slack."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from bot.cli import door, elsewhere, export, place, say
from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.engine.hidden import Outcome
    from bot.engine.postmortem import Answer
    from bot.engine.postmortem_texts import Version
    from bot.model.postmortem import Postmortem, Standing
    from bot.rules.prose import Finding


class Default(TyperGroup):
    """A group whose first word may be what its `show` is about, as in `tocsin postmortem INC-7`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is named; else `show`, with all words as its own."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            args = ["show", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="postmortem",
    cls=Default,
    help="Postmortems: `tocsin postmortem INC-7` drafts or shows one.",
    no_args_is_help=True,
)

export.register(app)

Its = Annotated[str, typer.Argument(metavar="POSTMORTEM", help="PM-1, 1, or INC-7.")]
About = Annotated[str, typer.Argument(metavar="INCIDENT|POSTMORTEM", help="INC-7 (drafted if there is none) or PM-1.")]
Incident = Annotated[str, typer.Argument(metavar="INCIDENT", help="INC-7, or 7.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write it to this file instead.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="The whole text as Markdown; - reads it from the input.")]
Seen = Annotated[
    int | None,
    typer.Option("--seen", min=1, help="The version the text was written over; the newest if left out."),
]
Ref = Annotated[str, typer.Argument(metavar="LINE", help="Its number in the log, or what stands in the last column.")]
Why = Annotated[str, typer.Option("--why", help="The reason; it goes into the log.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")]
Which = Annotated[str | None, typer.Argument(metavar="[VERSION]", help="Print the text of this one: 3, or retail/57.")]
To = Annotated[str, typer.Argument(metavar="STATE", help="draft, review or published.")]


@app.command()
def show(
    about: About, out: Out = None, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Print one as Markdown; of an incident that has none yet, it is drafted first."""
    found, note = asyncio.run(_show(about, me, config))
    if note:
        say.warning(note)
    if out is not None:
        _write(out, found.text)
        say.line(f"{found.id} of {found.incident}, version {found.version}, {found.standing}: {out}")
    elif json:
        say.data(found)
    else:
        for line in found.text.splitlines():
            say.line(line)


@app.command("list")
def listing(limit: Limit = 50, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """The postmortems there are, the newest first."""
    found = asyncio.run(_listing(config, limit))
    if json:
        say.data(found)
        return
    if not found:
        say.line("No postmortem yet.")
        return
    head = ("ID", "INCIDENT", "STATE", "OWNER", "DUE", "VERSION", "TITLE")
    say.table(head, [(p.id, p.incident, p.standing, p.owner, p.due_at, p.version, p.title) for p in found])


@app.command()
def refresh(postmortem: Its, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Redraw what the bot owns of it; what people wrote stays as it is."""
    _answered(asyncio.run(_do("refresh", postmortem, me, config)), json)


@app.command()
def edit(
    postmortem: Its,
    file: File,
    seen: Seen = None,
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Let it say what stands in a file; every text it had before stays in the log."""
    _answered(asyncio.run(_do("edit", postmortem, me, config, (_text(file), seen))), json)


@app.command()
def publish(
    postmortem: Its,
    why: Why = "",
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Publish it and send it where `postmortems.exports` says; --why, in spite of what the linter holds against it."""
    _answered(asyncio.run(_do("publish", postmortem, me, config, ("", None), why)), json)


@app.command()
def move(
    postmortem: Its, to: To, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Move it to another state: draft, review or published."""
    _answered(asyncio.run(_do("move", postmortem, me, config, (to, None))), json)


@app.command()
def lint(postmortem: Its, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """What is missing in it, what blames, what leads nowhere; exit code 1 where something keeps it from publishing."""
    found = asyncio.run(_lint(postmortem, config))
    if json:
        say.data([{"line": one.line, "rule": one.rule, "hard": one.hard, "sentence": one.sentence} for one in found])
    else:
        for one in found:
            say.line(f"{f'line {one.line}: ' if one.line else ''}{one.sentence}{' (!)' if one.hard else ''}")
        if not found:
            say.line("The linter finds nothing.")
    if any(one.hard for one in found):
        raise typer.Exit(door.FAILED)


@app.command()
def versions(
    postmortem: Its, version: Which = None, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Every text it ever had, or one of them; also those that came too late to be kept."""
    found = asyncio.run(_versions(postmortem, version, config))
    if json:
        say.data(found)
    elif version is not None:
        for line in found[0].text.splitlines():
            say.line(line)
    else:
        head = ("VERSION", "WHEN", "BY", "WHAT", "DIGEST", "LOG")
        say.table(head, [(one.number, one.at, one.by, one.what, one.digest, one.ref) for one in found])


@app.command()
def hide(
    incident: Incident,
    line: Ref,
    why: Why = "",
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Leave a line of an incident's timeline out of documents; nothing leaves the log."""
    _put(asyncio.run(_hide(incident, line, why, me, config)), json)


@app.command()
def unhide(
    incident: Incident, line: Ref, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Have documents tell a line of an incident's timeline again."""
    _put(asyncio.run(_hide(incident, line, None, me, config)), json)


def _text(file: Path) -> str:
    try:
        data = typer.get_binary_stream("stdin").read() if str(file) == "-" else file.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.", "Name the file with the whole text.") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not UTF-8: byte {error.start}.", "Save it as UTF-8.") from None


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise BadInput(f"{out} cannot be written: {error.strerror}.", "Choose another file.") from None


def _answered(answer: "Answer", json: bool) -> None:
    more = {"postmortem": answer.postmortem, "findings": [one.sentence for one in answer.findings]}
    lines = [f"line {one.line}: {one.sentence}" for one in answer.findings if not one.hard]
    door.answered(answer.verdict.name, answer.sentence, more, json, lines)


def _put(outcome: "Outcome", json: bool) -> None:
    door.answered(outcome.verdict.name, outcome.sentence, {"incident": outcome.incident.id, "line": outcome.ref}, json)


async def _show(about: str, me: str | None, config: Path) -> "tuple[Postmortem, str]":
    """It as it is now, and what is to be said about the draft that was made."""
    from bot.engine import postmortem
    from bot.engine.roster import Asking
    from bot.errors import NotFound, Refused

    async with place.desk(config) as desk:
        try:
            return await postmortem.find(desk, about), ""
        except NotFound:
            if not about.strip().upper().startswith("INC"):
                raise
        asking = Asking(f"person:{place.person(me, desk.settings.people)}", desk.clock.now(), "cli", "en")
        answer = await postmortem.draft(desk, about, asking)
        if answer.postmortem is None:
            raise Refused(answer.sentence)
        return answer.postmortem, answer.sentence


async def _listing(config: Path, limit: int) -> "list[Postmortem]":
    from bot.engine import postmortem

    async with place.desk(config) as desk:
        return await postmortem.listing(desk, limit)


async def _do(
    verb: str,
    typed: str,
    me: str | None,
    config: Path,
    given: tuple[str, int | None] = ("", None),
    why: str = "",
) -> "Answer":
    from bot.engine import postmortem
    from bot.engine.roster import Asking
    from bot.model.postmortem import Standing

    async with place.desk(config) as desk:
        asking = Asking(f"person:{place.person(me, desk.settings.people)}", desk.clock.now(), "cli", "en")
        text, seen = given
        match verb:
            case "refresh":
                answer = await postmortem.refresh(desk, typed, asking)
            case "edit":
                seen = seen or (await postmortem.find(desk, typed)).version
                answer = await postmortem.edit(desk, typed, text, seen, asking)
            case "publish":
                answer = await postmortem.publish(desk, typed, asking, why)
            case _:
                answer = await postmortem.stand(desk, typed, _standing(text, Standing), asking)
        await elsewhere.idle(desk)
        return answer


def _standing(typed: str, known: "type[Standing]") -> "Standing":
    for one in known:
        if typed.strip().lower() in (one.value, one.name.lower()):
            return one
    raise BadInput(f"{typed[:40]!r} is no state of a postmortem.", "Write draft, review or published.")


async def _lint(typed: str, config: Path) -> "list[Finding]":
    from bot.engine import postmortem

    async with place.desk(config) as desk:
        return await postmortem.lint(desk, typed)


async def _versions(typed: str, version: str | None, config: Path) -> "list[Version]":
    from bot.engine import postmortem, postmortem_texts

    async with place.desk(config) as desk:
        found = await postmortem.find(desk, typed)
        if version is None:
            return await postmortem_texts.versions(desk, found)
        return [await postmortem_texts.version(desk, found, version)]


async def _hide(incident: str, line: str, why: str | None, me: str | None, config: Path) -> "Outcome":
    from bot.engine import hidden

    async with place.desk(config) as desk:
        by, now = f"person:{place.person(me, desk.settings.people)}", desk.clock.now()
        wish = hidden.Wish(incident, line, by, now, why or "")
        return await (hidden.show if why is None else hidden.hide)(desk, wish)
