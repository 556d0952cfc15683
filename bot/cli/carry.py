"""`tocsin import`: people, teams, rotas and runbooks out of what another on-call tool exports."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import place, say
from bot.errors import BadInput, Conflict

if TYPE_CHECKING:
    from bot.importing import Draft


class Vendor(StrEnum):
    """Whose export it is."""

    PAGERDUTY = "pagerduty"
    OPSGENIE = "opsgenie"
    GRAFANA = "grafana-oncall"


def carry(
    vendor: Annotated[Vendor, typer.Argument(help="Whose export it is.")],
    file: Annotated[Path, typer.Argument(help="One JSON file, or a folder with the API's answers.")],
    into: Annotated[Path, typer.Option("--into", help="Where to write; nothing there is written over.")] = Path(
        "imported"
    ),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be written, and write nothing.")] = False,
    json: place.Json = False,
) -> None:
    """Carry people, teams, schedules and policies over from another tool's export, and list what cannot be."""
    from bot import importing
    from bot.clock import SystemClock

    draft = importing.draft(vendor.value, importing.read(file))
    files = importing.files(draft, vendor.value, SystemClock().now().date())
    if not dry_run:
        _write({into / name: content for name, content in files.items()})
    if json:
        say.data({"written": not dry_run, "folder": str(into), "files": sorted(files), **_counts(draft),
                  "not_carried": draft.lost, "to_fill_in": draft.wanting})  # fmt: skip
        return
    _tell(draft, into, sorted(files), dry_run=dry_run)


def _write(files: dict[Path, str]) -> None:
    """All of them, or none where one is there already."""
    if there := [path for path in files if path.exists()]:
        raise Conflict(
            f"{there[0]} is there already; nothing was written.", "Name another folder with --into.", retry=False
        )
    for path, content in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
        except OSError as error:
            raise BadInput(f"{path} cannot be written: {error.strerror}.", "Choose another folder.") from None


def _counts(draft: "Draft") -> dict[str, int]:
    return {
        "people": len(draft.people),
        "teams": len(draft.teams),
        "rotas": sum(map(len, draft.rotas.values())),
        "overrides": len(draft.overrides),
        "runbooks": len(draft.ladders),
    }


def _tell(draft: "Draft", into: Path, files: list[str], *, dry_run: bool) -> None:
    for name in files:
        say.line(f"{'would write' if dry_run else 'wrote'}  {into / name}")
    say.line()
    say.line(f"Carried over: {', '.join(f'{what} {count}' for what, count in _counts(draft).items())}.")
    for lost in draft.lost:
        say.line(f"not carried: {lost}")
    for wanting in draft.wanting:
        say.line(f"to fill in: {wanting}")
    say.line()
    say.line(f"Next: tocsin check --config {into / 'config'}")
