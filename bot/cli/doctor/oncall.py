"""The rows about who is paged: tiers that reach nobody, now or soon, and people whom nothing reaches."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.cli import say
from bot.cli.doctor.rows import look, row

if TYPE_CHECKING:
    from bot.model.armed import Gap, Lack
    from bot.model.people import People
    from bot.model.rota import Override
    from bot.rules.escalation import Roster
    from bot.runbooks import Library
    from bot.settings import Settings
    from bot.slack.examine import Row

AHEAD = timedelta(days=14)
SHOWN = 8  # gaps of the roster
FEW = 4  # runbooks that are named of one


def roster(
    settings: "Settings",
    people: "People",
    byhand: "Sequence[Override]",
    ways: Mapping[str, str],
    confirmed: "Collection[tuple[str, str]] | None" = None,
) -> "Roster":
    """Who could be paged in the next fortnight by the channels that are set up; `ways` has the kind of each."""
    from bot.model import address
    from bot.rules import escalation

    needs = {name: address.NEEDS[kind] for name, kind in ways.items() if kind in address.NEEDS}
    return escalation.Roster(settings.rotas, people, (*settings.overrides, *byhand), ways, needs, confirmed)


def rows(settings: "Settings", library: "Library", who: "Roster", now: datetime) -> "Iterator[Row]":
    """One for all that is well, one for each list of targets that reaches nobody, one for those nothing reaches."""
    from bot.engine import armed
    from bot.model.armed import Flaw
    from bot.rules.armed import unreached

    if not who.channels:
        do = "Set slack.mode, or connect a pager."
        yield look("channels", "None works, so nobody can be paged.", do)
        return
    found = armed.look(settings, library, who, now, now + armed.AHEAD)
    if not found.gaps:
        yield row("tiers", "ok", f"Each of {found.tiers} reaches somebody at every instant until {found.until.date()}.")
    gaps: dict[tuple[str, ...], list[Gap]] = {}
    for gap in found.gaps:
        gaps.setdefault(gap.targets, []).append(gap)
    for each in list(gaps.values())[:SHOWN]:
        yield _gap(each, now)
    if len(gaps) > SHOWN:
        yield look("more gaps", f"{len(gaps) - SHOWN} more.", "See `tocsin oncall gaps`.")
    red = [lack.person for lack in found.lacks if lack.flaw is Flaw.UNREACHED]
    if red:
        do = "Give them `slack` or `email` in config/people.yaml, or another way that is connected."
        yield row("people nothing reaches", "missing", ", ".join(red), do)
    waits = [lack.person for lack in found.lacks if lack.flaw is Flaw.UNCONFIRMED]
    if waits:
        do = "They press Confirm on their Home tab, or type `tocsin pager verify PERSON KIND`."
        yield row("addresses nobody confirmed", "missing", f"No page reaches {', '.join(waits)} before that.", do)
    if other := [name for name in unreached(who, now) if name not in (*red, *waits)]:
        yield look("people nothing reaches", f"{', '.join(other)} (no tier names them)", "Give them a way.")
    yield from _lacks(found.lacks)


def _lacks(lacks: "Iterable[Lack]") -> "Iterator[Row]":
    """Whom what is urgent does not reach, and whom nobody knows."""
    from bot.model.armed import Flaw

    for lack in lacks:
        named = ", ".join(lack.targets)
        if lack.flaw is Flaw.UNURGENT:
            do = "Change their `notify` in config/people.yaml, or connect one of its ways."
            yield look(lack.person, f"None of the ways by which {named} would page them is connected.", do)
        if lack.flaw is Flaw.STRANGER:
            yield look(lack.person, f"{named} names them, and config/people.yaml does not.", "Take them out of it.")


def _gap(gaps: "Sequence[Gap]", now: datetime) -> "Row":
    first = gaps[0]
    tiers = "; ".join(_named(tier, first) for tier in dict.fromkeys(use.tier for use in first.tiers))
    more = f" {len(gaps) - 1} more such spans follow." if len(gaps) > 1 else ""
    said = f"{first.why} Until {say.when(first.end)}.{more} It is {tiers}."
    what, do = ", ".join(first.targets), "Fill the seat in config/rotas.yaml, or cover it; see `tocsin oncall gaps`."
    if first.start <= now:
        return row(what, "missing", f"Nobody, now. {said}", do)
    return look(what, f"Nobody from {say.when(first.start)}. {said}", do)


def _named(tier: str, gap: "Gap") -> str:
    """`L1 of drift, performance and 3 more`."""
    books = [use.runbook for use in gap.tiers if use.tier == tier]
    return f"{tier} of {', '.join(books[:FEW])}{f' and {len(books) - FEW} more' if len(books) > FEW else ''}"
