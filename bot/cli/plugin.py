"""`tocsin plugin new`: write a plugin of one's own, with tests that pass as they are."""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import bot
from bot.cli import say
from bot.errors import BadInput

TEMPLATES = Path(bot.__file__).parent / "templates" / "plugin"
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LONGEST = 40

app = typer.Typer(name="plugin", help="Plugins of your own.", no_args_is_help=True)


class Kind(StrEnum):
    """What the plugin is for."""

    SOURCE = "source"
    PAGER = "pager"
    PLATFORM = "platform"


@app.callback()
def group() -> None:
    """Plugins of your own."""


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="What `plugin:` of a connection will say, as in beacon.")],
    kind: Annotated[
        Kind, typer.Option("--kind", help="Whether it reads a monitor, reaches people or runs models.")
    ] = Kind.SOURCE,
    folder: Annotated[Path | None, typer.Option("--folder", help="Where to write; tocsin-NAME if left out.")] = None,
) -> None:
    """Write a distribution with a working plugin: package, samples, README, and tests that pass as they are."""
    check(name)
    target = folder or Path(f"tocsin-{name}")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadInput(f"{target} is there already.", "Name another with --folder, or empty it.")
    for path, text in files(name, kind):
        try:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_text(text, encoding="utf-8")
        except OSError as error:
            raise BadInput(f"{target / path} cannot be written: {error.strerror}.", "Choose another folder.") from None
        say.line(f"wrote  {target / path}")
    say.line()
    say.line("Next:")
    say.line(f"  cd {target}")
    say.line("  pip install -e '.[test]'    # into the environment in which Tocsin is")
    say.line("  pytest")
    say.line("  tocsin plugins")


def check(name: str) -> None:
    """Returns when a plugin may be called that; raises BadInput."""
    from importlib.metadata import entry_points

    from bot.registry import GROUP

    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise BadInput(
            f"{name[:60]!r} is no name for a plugin.", "Use small letters, digits and hyphens, as in beacon."
        )
    if name in entry_points(group=GROUP).names:
        raise BadInput(
            f"A plugin called {name} is installed already.", "Two of one name are both refused: take another."
        )


def files(name: str, kind: Kind) -> Iterator[tuple[Path, str]]:
    """Each file of a new plugin: where it goes below its folder, and what stands in it."""
    package = f"tocsin_{name.replace('-', '_')}"
    words = {
        "@NAME@": name,
        "@PACKAGE@": package,
        "@CLASS@": "".join(part.capitalize() for part in name.split("-")),
        "@VERSION@": bot.__version__,
        "@KIND@": str(kind),
    }
    for part in ("both", str(kind)):
        for template in sorted((TEMPLATES / part).rglob("*.in")):
            path, text = str(template.relative_to(TEMPLATES / part)).removesuffix(".in"), template.read_text("utf-8")
            for hole, filling in words.items():
                path, text = path.replace(hole.strip("@"), filling), text.replace(hole, filling)
            yield Path(path), text
