"""`tocsin oncall gaps`: every instant of the days to come at which a tier would reach nobody."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import door, elsewhere, place, say

if TYPE_CHECKING:
    from bot.model.armed import Armed, Gap

app = typer.Typer()

FLAWS = {
    "unreached": "has no way by which a page would come",
    "unurgent": "is reached by none of the ways they chose for this urgency",
    "unconfirmed": "has confirmed no address by which a page would come: tocsin pager verify",
    "stranger": "is not in people.yaml",
}
FEW = 3  # tiers that are named of a gap
Days = Annotated[int, typer.Option("--days", min=1, max=92, help="How far to look ahead.")]


@app.command()
def gaps(days: Days = 14, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """When a tier of a runbook reaches nobody, for any model or agent; who has no way that works. A gap fails it."""
    found = asyncio.run(_look(config, timedelta(days=days)))
    if json:
        say.data(found)
    else:
        _show(found)
    if found.gaps:
        raise typer.Exit(door.FAILED)


async def _look(config: Path, ahead: timedelta) -> "Armed":
    from bot.engine import armed

    async with place.desk_or_blank(config) as (desk, blank):
        if blank:
            say.warning("There is no database yet, so what was changed by hand is not looked at.")
        elsewhere.open_ways(desk)
        start = desk.clock.now()
        roster = await desk.store.read(lambda tx: armed.seen(tx, desk, start, start + ahead))
        return armed.look(desk.settings, desk.runbooks, roster, start, start + ahead)


def _show(found: "Armed") -> None:
    say.line(f"{found.armed} of {found.tiers} tiers are armed until {say.when(found.until)}.")
    if found.gaps:
        say.table(("FROM", "UNTIL", "PAGES", "FOR", "WHY"), [_row(gap) for gap in found.gaps])
    for lack in found.lacks:
        say.line(f"{lack.person}, named by {', '.join(lack.targets)}, {FLAWS[lack.flaw]}.")


def _row(gap: "Gap") -> tuple[object, ...]:
    shown = ", ".join(f"{use.tier} of {use.runbook}" for use in gap.tiers[:FEW])
    more = f" and {len(gap.tiers) - FEW} more" if len(gap.tiers) > FEW else ""
    return gap.start, gap.end, ", ".join(gap.targets), shown + more, gap.why
