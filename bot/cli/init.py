"""`tocsin init`: write a commented configuration and the first runbooks into a folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

import bot
from bot.cli import say
from bot.errors import BadInput, NotFound

PARTS = {"config": "*.yaml", "runbooks": "*.md"}


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write; made if it is not there.")] = Path("."),
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there already.")] = False,
) -> None:
    """Write a commented configuration and runbooks, ready to be made your own."""
    kept = 0
    for source, target in _files(folder):
        if target.exists() and not force:
            kept += 1
            say.line(f"kept   {target}")
            continue
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
        except OSError as error:
            raise BadInput(f"{target} cannot be written: {error.strerror}.", "Choose another folder.") from None
        say.line(f"wrote  {target}")
    if kept:
        say.line(f"{kept} file(s) were there already and are as they were; --force writes over them.")
    say.line()
    say.line("Next: put your people, models and rotas into config/, then run")
    say.line(f"  tocsin check --config {folder / 'config'}")
    say.line(f"  tocsin serve --config {folder / 'config'}")


def _files(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Each file that travels with the program, and where it goes."""
    for part, pattern in PARTS.items():
        for source in sorted(origin(part).glob(pattern)):
            yield source, folder / part / source.name


def origin(part: str) -> Path:
    """Where the program keeps its own `config` or `runbooks`: in the wheel, or beside `bot` in a clone."""
    package = Path(bot.__file__).parent
    for place in (package / "defaults" / part, package.parent / part):
        if place.is_dir():
            return place
    raise NotFound(f"This installation has no default {part}.", "Install tocsin anew.")
