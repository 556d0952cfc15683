"""`tocsin change`: propose a change of production and see first what it would do, decide about one, follow it."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import door, elsewhere, models, place, planned, say, training
from bot.errors import BadInput, TocsinError

if TYPE_CHECKING:
    from bot.engine.desk import Desk
    from bot.engine.preview import Preview
    from bot.engine.propose import Proposed, Wish
    from bot.engine.review import Outcome
    from bot.model.change import Change
    from bot.model.entry import Sealed

_NONE = "none"  #: the digest of no plan

app = typer.Typer(name="change", help="Changes of production.", no_args_is_help=True)


class Pull(StrEnum):
    """The levers, as they are typed."""

    rollback = "rollback"
    promote = "promote"
    shift = "shift"
    pause = "pause"
    resume = "resume"


Id = Annotated[str, typer.Argument(metavar="CHANGE", help="CHG-7, or 7.")]
Some = Annotated[str | None, typer.Argument(metavar="CHANGE", help="CHG-7, or 7; the open ones if left out.")]
Model = Annotated[str, typer.Argument(metavar="MODEL", help="A model or agent by its name or an alias.")]
Lever = Annotated[Pull, typer.Option("--lever", help="What is to be done: rollback, promote, shift, pause or resume.")]
To = Annotated[str | None, typer.Option("--to", help="The version; a rollback goes to the last known good one.")]
Split = Annotated[str | None, typer.Option("--split", help="Shares of the traffic in percent, as 6=90,7=10.")]
Why = Annotated[str, typer.Option("--why", help="The reason, for whoever must agree and for the log.")]
Found = Annotated[str, typer.Option("--why", help="What you looked at, and what you found.")]
Incident = Annotated[str | None, typer.Option("--incident", help="Because of this one, by whose runbook then.")]
Glass = Annotated[str, typer.Option("--break-glass", help="Why nobody else can be asked, where the runbook allows it.")]
Yes = Annotated[bool, typer.Option("--yes", help="Propose what is shown without asking first.")]
All = Annotated[bool, typer.Option("--all", help="Those that are over, too.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many, the newest first.")]


@dataclass(frozen=True)
class Asked:
    """Who types, where the configuration stands, and how they want to read the answer."""

    me: str | None
    config: Path
    json: bool
    yes: bool = False


@dataclass(frozen=True)
class Offered:
    """What was shown, and what came of proposing it."""

    shown: "Preview"
    done: "Proposed"

    def answer(self, json: bool) -> None:
        """Print it; a refusal fails the command."""
        more = {**planned.data(self.shown), "change": _change(self.done.change)}
        door.answered(self.done.verdict.name, self.done.sentence, more, json)


@app.callback()
def group() -> None:
    """Changes of production: whatever is decided here is done by the running bot."""


@app.command()
def propose(
    model: Model,
    lever: Lever,
    to: To = None,
    split: Split = None,
    why: Why = "",
    incident: Incident = None,
    glass: Glass = "",
    me: place.As = None,
    yes: Yes = False,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Show what a change would do, then propose it; with --json and without --yes it is only shown."""
    from bot.engine.propose import Wish
    from bot.model import change

    shares = _shares(split) if split else None
    known = change.Lever(lever.value)
    wish = Wish(known, model, version=to, split=shares, incident=incident, why=why, glass=glass)
    asyncio.run(_propose(wish, Asked(me, config, json, yes)))


@app.command()
def undo(
    change: Id,
    why: Why = "",
    me: place.As = None,
    yes: Yes = False,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Propose that what served before a change shall serve again; shown first, as any proposal."""
    asyncio.run(_undo(change, why, Asked(me, config, json, yes)))


@app.command()
def approve(change: Id, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Agree to a change that somebody else proposed; the last who must agree sets it going."""
    asyncio.run(_vote("agree", change, "", Asked(me, config, json)))


@app.command()
def reject(
    change: Id, why: Why = "", me: place.As = None, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Say no to a change that somebody else proposed."""
    asyncio.run(_vote("reject", change, why, Asked(me, config, json)))


@app.command()
def withdraw(
    change: Id, why: Why = "", me: place.As = None, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Take a change back before it is applied."""
    asyncio.run(_vote("withdraw", change, why, Asked(me, config, json)))


@app.command()
def review(
    change: Id, why: Found = "", me: place.As = None, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Put down that you looked at a change for which somebody broke the glass."""
    outcome = asyncio.run(_review(change, why, Asked(me, config, json)))
    door.answered(outcome.verdict.name, outcome.sentence, {}, json)


@app.command()
def status(
    change: Some = None,
    everything: All = False,
    limit: Limit = 20,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """The open changes, or one with its plan and all that happened to it."""
    from bot.clock import SystemClock

    if change is None:
        _listed(asyncio.run(_listing(config, not everything, limit)), json)
        return
    found, trail, led = asyncio.run(_story(config, change))
    if json:
        say.data({**_whole(found), "trail": trail, **led.data()})
        return
    for line in _told(found):
        say.line(line)
    training.show(led, found.plan.parameters.get("currency", ""), SystemClock().now())
    for line in _trail(trail):
        say.line(line)


async def _propose(wish: "Wish", asked: Asked) -> None:
    """Preview, consent, proposal; what was shown is what is proposed."""
    from bot.engine import estate_report

    async with place.desk(asked.config) as desk:
        elsewhere.open_ways(desk)
        by = f"person:{place.person(asked.me, desk.settings.people)}"
        model = estate_report.find(desk, wish.model)
        with elsewhere.hosts(desk, model.platform):
            offered = await offer(desk, wish, by, asked)
        if offered:
            offered.answer(asked.json)


async def _undo(typed: str, why: str, asked: Asked) -> None:
    from bot.engine import propose

    async with place.desk(asked.config) as desk:
        wish = await propose.undo(desk, typed, why)
    await _propose(wish, asked)


async def offer(desk: "Desk", wish: "Wish", by: str, asked: Asked) -> "Offered | None":
    """Show what it would come to, ask, and propose just that; None where it was only to be shown.

    Exit code 1 where whoever was asked wants it not. Raises what `planning.draft` raises, which is kept as a refusal
    where nobody was to be asked.
    """
    from dataclasses import replace

    from bot.engine import preview, propose

    try:
        shown = await preview.preview(desk, wish, by, desk.clock.now())
    except TocsinError:
        if asked.yes:  # with a digest that no plan has, so that nothing can come of it
            await propose.propose(desk, replace(wish, seen=_NONE), by, desk.clock.now(), "cli")
        raise
    if not asked.json:
        for line in planned.preview(shown):
            say.line(line)
    elif not asked.yes:
        say.data(planned.data(shown))
        return None
    if not (asked.yes or typer.confirm("Propose this?")):
        say.line("Nothing was proposed.")
        raise typer.Exit(door.FAILED)
    done = await propose.propose(desk, replace(wish, seen=shown.plan.digest), by, desk.clock.now(), "cli")
    await elsewhere.idle(desk)
    return Offered(shown, done)


async def _vote(verb: str, typed: str, why: str, asked: Asked) -> None:
    """What is shown is what is agreed to: the vote carries its digest."""
    from bot.engine import agree, estate_report

    async with place.desk(asked.config) as desk:
        elsewhere.open_ways(desk)
        by = f"person:{place.person(asked.me, desk.settings.people)}"
        change, _ = await estate_report.story(desk, typed)
        plan = list(planned.lines(change.plan)) if verb == "agree" and not asked.json else []
        for line in plan:
            say.line(line)
        told = {"digest": change.plan.digest, "why": why, "shown": "\n".join(plan)}
        said = agree.Vote(verb, change.id, by, desk.clock.now(), "cli", **told)
        voted = await agree.vote(desk, said)
        await elsewhere.idle(desk)
    door.answered(voted.verdict.name, voted.sentence, {"change": _change(voted.change)}, asked.json)


async def _review(typed: str, why: str, asked: Asked) -> "Outcome":
    from bot.engine import review

    async with place.desk(asked.config) as desk:
        elsewhere.open_ways(desk)
        by = f"person:{place.person(asked.me, desk.settings.people)}"
        return await review.note(desk, typed, by, desk.clock.now(), why)


async def _listing(config: Path, open_only: bool, limit: int) -> "list[Change]":
    from bot.engine import estate_report

    async with place.desk(config) as desk:
        await elsewhere.idle(desk)
        return await estate_report.changes(desk, open_only=open_only, limit=limit)


async def _story(config: Path, typed: str) -> "tuple[Change, list[Sealed], training.Story]":
    from bot.engine import estate_report

    async with place.desk(config) as desk:
        await elsewhere.idle(desk)
        change, trail = await estate_report.story(desk, typed)
        return change, trail, await desk.store.read(lambda tx: training.story(tx, change.id))


def _shares(typed: str) -> dict[str, float]:
    """`6=90,7=10` as shares in percent; BadInput when it is not that."""
    shares: dict[str, float] = {}
    for part in typed.split(","):
        version, equals, share = part.rpartition("=")
        try:
            value = float(share)
        except ValueError:
            equals = ""
        if not equals or not version.strip() or version.strip() in shares:
            raise BadInput(f"{typed[:60]!r} is no split of the traffic.", "Write --split 6=90,7=10.")
        shares[version.strip()] = value
    return shares


def _change(change: "Change | None") -> dict[str, Any] | None:
    return models.brief(change) if change else None


def _whole(change: "Change") -> dict[str, Any]:
    told: dict[str, Any] = say.plain(change)
    return {**told, "plan": planned.spelled(change.plan)}


def _listed(found: "list[Change]", json: bool) -> None:
    if json:
        say.data([models.brief(change) for change in found])
        return
    if not found:
        say.line("No change.")
        return
    head = ("ID", "STEP", "LEVER", "MODEL", "FROM", "TO", "BY", "ASKED", "AGREED")
    rows = (
        (
            *(one.id, one.step, one.plan.lever, one.plan.model),
            *(models.serves(one.plan.before), models.serves(one.plan.after)),
            *(one.requested_by, one.requested_at, _agreed(one)),
        )
        for one in found
    )
    say.table(head, rows)


def _agreed(change: "Change") -> str:
    who = f" ({', '.join(one.by for one in change.agreements)})" if change.agreements else ""
    return f"{len(change.agreements)} of {change.needs}{who}"


def _told(change: "Change") -> Iterator[str]:
    yield f"{change.id}  {change.step}, asked for by {change.requested_by} {say.when(change.requested_at)}"
    yield f"  because:     {change.why}"
    if change.incident:
        yield f"  incident:    {change.incident}"
    if change.undoes:
        yield f"  takes back:  {change.undoes}"
    if change.follows:
        yield f"  comes of:    {change.follows}"
    if change.glass:
        yield f"  BROKE GLASS: {change.glass}"
    yield f"  agreed:      {_agreed(change)}; until {say.when(change.expires_at)}"
    if change.seen:
        yield f"  seen:        {models.serves(change.seen)}"
    if change.outcome:
        yield f"  outcome:     {change.outcome}"
    yield from planned.lines(change.plan)


def _trail(trail: "list[Sealed]") -> Iterator[str]:
    yield "What happened:"
    for sealed in trail:
        entry = sealed.entry
        yield f"  {say.when(entry.at)}  {entry.kind} by {entry.actor}{': ' if entry.why else ''}{entry.why}"
