"""`tocsin oncall override|cover|absence|remove`: change a rota by hand, seeing first who is on call then."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import door, elsewhere, oncall_show, place, say
from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.engine.desk import Desk
    from bot.engine.roster import Done, Preview, Wish
    from bot.model.rota import Amendment, Rota, Shift

app = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="ROTA", help="The rota.")]
Person = Annotated[str, typer.Argument(metavar="PERSON", help="Who takes it, by their name in people.yaml.")]
Away = Annotated[str | None, typer.Argument(metavar="PERSON", help="Who is away; you if left out.")]
Change = Annotated[str, typer.Argument(metavar="CHANGE", help="The change by its id, as `tocsin oncall show` says it.")]
Starts = Annotated[
    str | None, typer.Option("--from", help="When it starts, as 2026-11-02T09:00+03:00; now if left out.")
]
Ends = Annotated[str | None, typer.Option("--to", help="When it ends, itself not included.")]
Length = Annotated[str | None, typer.Option("--for", help="How long it lasts instead: 90m, 2h, 1d or 1w.")]
Replaces = Annotated[str | None, typer.Option("--replaces", help="In whose place; whoever it would be if left out.")]
Why = Annotated[str, typer.Option("--why", help="The reason, for whoever is paged and for the log.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do what is shown without asking first.")]


@dataclass(frozen=True)
class Asked:
    """Who types, where the configuration stands, and how they want to read the answer."""

    me: str | None
    config: Path
    json: bool
    yes: bool = False


@dataclass(frozen=True)
class When:
    """The span somebody typed; without an offset its times are the rota's wall clock."""

    starts: str | None
    ends: str | None
    length: str | None = None

    def read(self, rota: "Rota", now: datetime) -> tuple[datetime, datetime]:
        """BadInput where no end is typed, or two are."""
        from bot.rules import window

        if (self.ends is None) == (self.length is None):
            raise BadInput("It needs one end.", "Give --to 2026-11-02T17:00, or --for 8h.")
        start = place.moment(self.starts, rota.timezone) if self.starts else now
        if self.length:
            return start, start + window.span(self.length)
        return start, place.moment(self.ends, rota.timezone)


@app.command()
def override(
    rota: Name,
    person: Person,
    starts: Starts = None,
    ends: Ends = None,
    length: Length = None,
    replaces: Replaces = None,
    why: Why = "",
    me: place.As = None,
    yes: Yes = False,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Put somebody in another's place; where that one is not on call, nothing changes. Shown first, then asked."""
    from bot.model.rota import Amendment

    what = _What(rota, Amendment.OVERRIDE, person, replaces, why)
    asyncio.run(_amend(what, When(starts, ends, length), Asked(me, config, json, yes)))


@app.command()
def cover(
    rota: Name,
    person: Person,
    starts: Starts = None,
    ends: Ends = None,
    length: Length = None,
    why: Why = "",
    me: place.As = None,
    yes: Yes = False,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Put somebody on call as well, beside whoever it is. Shown first, then asked."""
    from bot.model.rota import Amendment

    what = _What(rota, Amendment.COVER, person, None, why)
    asyncio.run(_amend(what, When(starts, ends, length), Asked(me, config, json, yes)))


@app.command()
def absence(
    rota: Name,
    person: Away = None,
    starts: Starts = None,
    ends: Ends = None,
    length: Length = None,
    why: Why = "",
    me: place.As = None,
    yes: Yes = False,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Take somebody off; nobody takes their place, and the gap is shown. Shown first, then asked."""
    from bot.model.rota import Amendment

    what = _What(rota, Amendment.ABSENCE, person, None, why)
    asyncio.run(_amend(what, When(starts, ends, length), Asked(me, config, json, yes)))


@app.command()
def remove(change: Change, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Take a change by hand back: at once where it is in force, as if it had never been where it has not begun."""
    answered(asyncio.run(_remove(change, Asked(me, config, json))), json)


@dataclass(frozen=True)
class _What:
    """The change somebody typed; `person` None is themselves."""

    rota: str
    kind: "Amendment"
    person: str | None
    replaces: str | None
    why: str


async def _amend(what: _What, when: When, asked: Asked) -> None:
    from bot.engine import roster
    from bot.engine.roster import Wish

    async with place.desk(asked.config) as desk:
        me, now = place.person(asked.me, desk.settings.people), desk.clock.now()
        rota = roster.find(desk, what.rota)
        start, end = when.read(rota, now)
        wish = Wish(rota.name, what.kind, start, end, what.person or me, what.replaces, what.why)
        shown = await roster.preview(desk, wish, f"person:{me}", now)
        _show(rota, shown, asked)
        if asked.json and not asked.yes:
            return
        elsewhere.open_ways(desk)
        done = await _do(desk, wish, me, shown, asked)
        answered(done, asked.json, _data(rota, shown))


async def _do(desk: "Desk", wish: "Wish", me: str, shown: "Preview", asked: Asked) -> "Done":
    from bot.engine import roster

    if not (asked.yes or typer.confirm("Do this?")):
        say.line("Nothing was changed.")
        raise typer.Exit(door.FAILED)
    done = await roster.amend(desk, wish, f"person:{me}", desk.clock.now(), "cli", shown.seen)
    await elsewhere.idle(desk)
    return done


async def _remove(change: str, asked: Asked) -> "Done":
    from bot.engine import roster

    async with place.desk(asked.config) as desk:
        by = f"person:{place.person(asked.me, desk.settings.people)}"
        done = await roster.take_back(desk, change, by, desk.clock.now(), "cli")
        await elsewhere.idle(desk)
        return done


def answered(done: "Done", json: bool, more: dict[str, object] | None = None) -> None:
    """Print what came of it; a refusal fails the command."""
    door.answered(done.verdict.name, done.sentence, {**(more or {}), "override": done.override}, json)


def _show(rota: "Rota", shown: "Preview", asked: Asked) -> None:
    """Who is on call before and after, and a refusal, which ends it."""
    from bot.model.verdict import Verdict

    if shown.verdict is not Verdict.GO:
        door.answered(shown.verdict.name, shown.sentence, _data(rota, shown), asked.json)
    elif asked.json and not asked.yes:
        say.data({"verdict": shown.verdict.name, "sentence": shown.sentence, **_data(rota, shown)})
    elif not asked.json:
        oncall_show.compared(rota, list(_compared(shown.before, shown.after)))
        say.line(shown.sentence)


def _data(rota: "Rota", shown: "Preview") -> dict[str, object]:
    before, after = ([oncall_show.shift(rota, one) for one in found] for found in (shown.before, shown.after))
    return {"before": before, "after": after, "moved": shown.moved, "conflicts": shown.conflicts}


def _compared(
    before: "Sequence[Shift]", after: "Sequence[Shift]"
) -> Iterator[tuple[datetime, datetime, list[str], list[str]]]:
    """Each span in which neither changes: from, until, who it was, and who it will be."""
    edges = sorted({edge for shift in (*before, *after) for edge in (shift.start, shift.end)})
    for start, end in pairwise(edges):
        was, will = (_on(found, start) for found in (before, after))
        yield start, end, was, will


def _on(shifts: "Sequence[Shift]", at: datetime) -> list[str]:
    return [holder.person for one in shifts if one.start <= at < one.end for holder in one.holders]
