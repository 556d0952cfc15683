"""The rows about who is paged: tiers that reach nobody, now or soon, and people whom nothing reaches."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.cli import say
from bot.cli.doctor.rows import look, row

if TYPE_CHECKING:
    from bot.engine.reachable import Gap
    from bot.model.people import People
    from bot.model.rota import Override
    from bot.rules.escalation import Roster
    from bot.runbooks import Library
    from bot.settings import Settings
    from bot.slack.examine import Row

AHEAD = timedelta(days=14)
SHOWN = 8  # gaps of the roster
FEW = 4  # runbooks that are named of one


def roster(settings: "Settings", people: "People", byhand: "Sequence[Override]", ways: Collection[str]) -> "Roster":
    """Who could be paged in the next fortnight by the channels that are set up."""
    from bot.rules import escalation

    return escalation.Roster(settings.rotas, people, (*settings.overrides, *byhand), ways)


def rows(settings: "Settings", library: "Library", who: "Roster", now: datetime) -> "Iterator[Row]":
    """One for all that is well, one for each list of targets that reaches nobody, one for those nothing reaches."""
    from bot.engine import reachable

    if not who.channels:
        do = "Set slack.mode, or connect a pager."
        yield look("channels", "None works, so nobody can be paged.", do)
        return
    gaps = reachable.gaps(settings, library, who, now, now + AHEAD)
    if not gaps:
        yield row("tiers", "ok", f"Each reaches somebody, now and until {(now + AHEAD).date()}.")
    for gap in gaps[:SHOWN]:
        yield _gap(gap, now)
    if len(gaps) > SHOWN:
        yield look("more gaps", f"{len(gaps) - SHOWN} more.", "See `tocsin oncall show ROTA`.")
    lost = reachable.unreached(who, now)
    needed = reachable.needed(settings, library, who)
    if red := [name for name in lost if name in needed]:
        do = "Give them `slack` or `email` in config/people.yaml, or another way that is connected."
        yield row("people nothing reaches", "missing", ", ".join(red), do)
    if other := [name for name in lost if name not in needed]:
        yield look("people nothing reaches", f"{', '.join(other)} (no tier names them)", "Give them a way.")


def _gap(gap: "Gap", now: datetime) -> "Row":
    tiers = "; ".join(_named(tier, gap) for tier in dict.fromkeys(tier for tier, _ in gap.tiers))
    what = ", ".join(gap.targets)
    do = "Fill the seat in config/rotas.yaml, or cover it in Slack."
    if gap.at == now:
        return row(what, "missing", f"Nobody, now. {gap.why} It is {tiers}.", do)
    return look(what, f"Nobody from {say.when(gap.at)}. {gap.why} It is {tiers}.", do)


def _named(tier: str, gap: "Gap") -> str:
    """`L1 of drift, performance and 3 more`."""
    books = [book for each, book in gap.tiers if each == tier]
    return f"{tier} of {', '.join(books[:FEW])}{f' and {len(books) - FEW} more' if len(books) > FEW else ''}"
