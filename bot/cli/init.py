"""`tocsin init`: write a commented configuration, the first runbooks and an environment file into a folder."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

import bot
from bot.cli import say
from bot.errors import BadInput, NotFound

ENVIRONMENT = ".env"
SLACK = {
    "SLACK_BOT_TOKEN": "xoxb-..., from OAuth & Permissions of your Slack app",
    "SLACK_APP_TOKEN": "xapp-..., from Basic Information, App-Level Tokens (mode socket)",
    "SLACK_SIGNING_SECRET": "from Basic Information, App Credentials (mode http)",
}
_UNSET = re.compile(r"\$\{(\w+)\}")  # what the configuration takes from the environment and has no default for


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write; made if it is not there.")] = Path("."),
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there already.")] = False,
) -> None:
    """Write a commented configuration and runbooks. What is there already stays as it is."""
    kept = 0
    for source, target in files(folder):
        if target.exists() and not force:
            kept += 1
            say.line(f"kept   {target}")
        else:
            _write(target, source.read_bytes())
    # Never written over, not even by force: monitors know the secrets in it.
    environment = folder / ENVIRONMENT
    if environment.exists():
        say.line(f"kept   {environment}")
    else:
        _write(environment, _environment(folder).encode(), mode=0o600)
    if kept:
        say.line(f"{kept} file(s) were there already and are as they were; --force writes over them.")
    _next(folder)


def files(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Each file that travels with the program, and where it goes."""
    for part in ("config", "runbooks"):
        for source in sorted(origin(part).iterdir()):
            if source.suffix in (".yaml", ".md"):
                yield source, folder / part / source.name


def origin(part: str) -> Path:
    """Where the program keeps its own `config` or `runbooks`: in the wheel, or beside `bot` in a clone."""
    package = Path(bot.__file__).parent
    for place in (package / "defaults" / part, package.parent / part):
        if place.is_dir():
            return place
    raise NotFound(f"This installation has no default {part}.", "Install tocsin anew.")


def _write(target: Path, content: bytes, mode: int = 0o644) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(mode)
        target.write_bytes(content)
    except OSError as error:
        raise BadInput(f"{target} cannot be written: {error.strerror}.", "Choose another folder.") from None
    say.line(f"wrote  {target}")


def _environment(folder: Path) -> str:
    """What the configuration takes from the environment: Slack's tokens to fill in, secrets of our own made up."""
    names = wanted((folder / "config" / "tocsin.yaml").read_text("utf-8"))
    lines = ["# Read it into the environment before `tocsin serve`:  set -a; . ./.env; set +a"]
    lines += [line for name, where in SLACK.items() for line in (f"# {where}", f"{name}=")]
    lines += ["# What each monitor must show to be believed; give it to the monitor as well."]
    lines += [f"{name}={secrets.token_urlsafe(32)}" for name in names if name not in SLACK]
    return "\n".join(lines) + "\n"


def wanted(text: str) -> list[str]:
    """The variables that a configuration takes from the environment and has no default for."""
    return list(dict.fromkeys(_UNSET.findall(re.sub("(?m)(^| )#.*$", "", text))))


def _next(folder: Path) -> None:
    config = folder / "config"
    option = "" if config == Path("config") else f" --config {config}"
    say.line()
    say.line("Next:")
    say.line(f"  put your people, models and rotas into {config}, and Slack's tokens into {folder / ENVIRONMENT}")
    say.line(f"  set -a; . {'./' if folder == Path('.') else ''}{folder / ENVIRONMENT}; set +a")
    say.line(f"  tocsin check{option}")
    say.line(f"  tocsin serve{option}")
