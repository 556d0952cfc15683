"""`tocsin audit`: whether the log is as it was written, and what shows that to somebody who trusts nobody."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import audit_bundle, audit_erase, audit_given, audit_pack, audit_told, door, place, say
from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.cli.audit_told import Whole
    from bot.engine.export import Bundle
    from bot.model.checkpoint import Checkpoint

app = typer.Typer(name="audit", help="The log of everything that happened.", no_args_is_help=True)
audit_erase.register(app)
audit_pack.register(app)

File = Annotated[Path | None, typer.Argument(metavar="[BUNDLE]", help="An export to verify; the database if left out.")]
Keys = Annotated[
    list[Path] | None,
    typer.Option("--key", metavar="KEY.PUB", help="A public key that did not come with it; may be given many times."),
]
Notes = Annotated[
    list[Path] | None,
    typer.Option("--checkpoints", metavar="FILE", help="Checkpoints as they were posted; may be given many times."),
]


@app.callback()
def group() -> None:
    """The log of everything that happened."""


@app.command()
def verify(
    bundle: File = None,
    key: Keys = None,
    checkpoints: Notes = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Read every chain of the log, or of an export; name the first entry that is not as it was written.

    Exit code 1 where something is not, and where nobody outside an export vouches for it.
    """
    keys, notes = audit_given.keys(key or ()), audit_given.notes(checkpoints or ())
    if bundle is not None:
        found = audit_bundle.verify(bundle, keys, notes)
        say.data(audit_told.data(found)) if json else audit_told.lines(found)
        ok = found.ok
    else:
        whole = asyncio.run(_verify(config, keys, notes))
        say.data(audit_told.whole_data(whole)) if json else audit_told.whole_lines(whole)
        ok = whole.ok
    if not ok:
        raise typer.Exit(door.FAILED)


async def _verify(config: Path, keys: Sequence[Any], notes: Sequence[Any]) -> "Whole":
    from bot.cli.audit_told import Whole
    from bot.engine import compared
    from bot.store import log

    settings = place.settings(config)
    given = audit_given.trusted(notes, settings.audit, keys)
    async with place.store(settings) as store:
        walks = await store.read(lambda tx: log.walks(tx.sql))
        outside = await compared.against(store, given.checkpoints)
        kept = await compared.kept(store)
        own = await compared.against(store, kept)
    given = replace(given, faults=(*given.faults, *audit_given.own(kept, settings.audit, keys)))
    return Whole(walks, outside, own, given)


@app.command()
def export(
    entity: Annotated[str, typer.Option("--entity", help="Whose log: a business entity, or tocsin.")],
    since: Annotated[str | None, typer.Option("--from", help="Recorded from then on; all if left out.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Recorded before then; now if left out.")] = None,
    subject: Annotated[list[str] | None, typer.Option("--subject", help="Only what is about it, as INC-7.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The zip to write; audit-ENTITY.zip if left out.")] = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Write a part of the log as a bundle that can be verified alone: entries, checkpoints, key, and a summary."""
    file = out or Path(f"audit-{entity}.zip")
    if file.exists():
        raise BadInput(f"{file} is there already.", "Choose another name with --out.")
    begin, end = place.moment(since or "1970-01-01"), place.moment(until)
    if begin >= end:
        raise BadInput("The span ends before it begins.", "Let --from be before --to.")
    made = asyncio.run(_export(config, entity, (begin, end), subject or None, file))
    if json:
        say.data(made)
        return
    say.line(f"{made.path}: {made.entries} entries of {made.chain}, from {made.first} to {made.last}.")
    covered = f"The checkpoint of {made.size} entries covers them." if made.size else "No checkpoint covers them."
    say.line(f"{covered} SHA-256 {made.digest}")


async def _export(config: Path, entity: str, span: Any, subjects: Sequence[str] | None, out: Path) -> "Bundle":
    from bot.engine import export as exports

    async with place.desk(config) as desk:
        made = await exports.bundle(desk, entity, span[0], span[1], subjects, out=out)
        after = {"from": span[0].isoformat(), "to": span[1].isoformat(), "subjects": sorted(subjects or ())}
        after |= {"first": made.first, "last": made.last, "entries": made.entries, "sha256": made.digest}
        await exports.record(desk, place.typist(desk), made.chain, after)
        return made


@app.command("checkpoints")
def listed(
    chain: Annotated[list[str] | None, typer.Option("--chain", help="Of this chain; may be given many times.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="So many of the newest.")] = 50,
    notes: Annotated[
        bool, typer.Option("--notes", help="The signed texts themselves, as `verify` reads them.")
    ] = False,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """List the checkpoints of the log and where each was posted."""
    found = asyncio.run(_listed(config, chain or (), limit))
    if json:
        say.data([audit_told.checkpoint(one) for one in found])
    elif notes:
        typer.echo("\n".join(one.note for one in found), nl=False)
    elif not found:
        say.line("There is no checkpoint yet; one is made as `audit.every` says while the bot runs.")
    else:
        say.table(audit_told.HEAD, [audit_told.row(one) for one in found])


async def _listed(config: Path, chains: Sequence[str], limit: int) -> "list[Checkpoint]":
    from bot.store import checkpoints

    async with place.store(place.settings(config)) as store:
        return await store.read(lambda tx: checkpoints.listing(tx, chains, limit))


@app.command("key")
def make_key(
    out: Annotated[
        Path | None, typer.Option("--out", help="The file to write; audit.key of the configuration.")
    ] = None,
    config: place.Config = place.HERE,
) -> None:
    """Make the pair of keys that checkpoints are signed with and verified by."""
    file = out or config / "audit.key"
    public, text, mark = audit_given.make(file)
    try:
        named = file.resolve().relative_to(config.resolve())
    except ValueError:
        named = file.resolve()
    say.line(
        f"{file}: the private key. Whoever has it can sign; it belongs into no repository and no backup of the log."
    )
    say.line(f"{public}: the public key, for whoever verifies. Give it to them yourself:")
    for line in text.splitlines():
        say.line(line)
    say.line(f"Its fingerprint, to be compared by telephone: {mark}")
    say.line("In tocsin.yaml:")
    for line in (
        "audit:",
        f"  key: {named}",
        '  post: ["channel:#audit"]   # or a file of another machine, or https://...',
    ):
        say.line(line)
