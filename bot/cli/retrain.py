"""`tocsin retrain`: see what training a model anew would come to, propose it, follow it, call it off."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import change, door, elsewhere, models, place, planned, say, span, training
from bot.errors import NotDelivered

if TYPE_CHECKING:
    from bot.engine.desk import Desk
    from bot.engine.propose import Proposed, Wish
    from bot.engine.retrain_report import Status
    from bot.model.change import Change
    from bot.model.retraining import Training

app = typer.Typer(name="retrain", help="Models trained anew, judged, promoted, watched.", no_args_is_help=True)

POLL = 1.0  #: seconds between two looks at a run somebody waits for
PATIENCE = timedelta(hours=1)  #: for the trial of what was made, beyond the time for agreement and training

Model = Annotated[str, typer.Argument(metavar="MODEL", help="A model or agent by its name or an alias.")]
Only = Annotated[str | None, typer.Argument(metavar="MODEL", help="Only this one, with its last runs.")]
Id = Annotated[str, typer.Argument(metavar="CHANGE", help="CHG-7, or 7.")]
Window = Annotated[str | None, typer.Option("--window", help="How much data, as 30d; as in estate.yaml if left out.")]
Incident = Annotated[str | None, typer.Option("--incident", help="Because of this one, by whose runbook then.")]
Why = Annotated[str, typer.Option("--why", help="The reason, for whoever must agree and for the log.")]
Yes = Annotated[bool, typer.Option("--yes", help="Propose what is shown without asking first.")]
Wait = Annotated[bool, typer.Option("--wait", help="Follow it to its end; it fails where nothing fit was made.")]


@dataclass(frozen=True)
class Waiting:
    """Whoever waits, and how they want to read the answer."""

    desk: "Desk"
    offered: change.Offered
    json: bool


@app.callback()
def group() -> None:
    """Retraining: proposed as any change of production, done by the running bot; nothing that serves changes by it."""


@app.command()
def run(
    model: Model,
    window: Window = None,
    incident: Incident = None,
    why: Why = "",
    me: place.As = None,
    yes: Yes = False,
    wait: Wait = False,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Show on what it would learn, its price and who must agree, then propose it.

    With --json and without --yes it is only shown. With --wait the exit code is 1 where nothing came of it that may
    be promoted.
    """
    from bot.engine.propose import Wish
    from bot.model.change import Lever

    back = span.window(window) if window else None
    wish = Wish(Lever.RETRAIN, model, incident=incident, why=why, window=back)
    asyncio.run(_run(wish, change.Asked(me, config, json, yes), wait))


@app.command()
def status(model: Only = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """What goes on, what it cost, what is left, and what stands in the way of the next run."""
    found = asyncio.run(_status(config, model))
    if json:
        say.data([_data(one) for one in found])
    elif not found:
        say.line("No model has `retrain` in config/estate.yaml.")
    elif model is None:
        head = ("MODEL", "NOW", "LAST RUN", "COSTS", "LEFT", "NEXT", "IN THE WAY")
        say.table(head, [_row(one) for one in found])
    else:
        for one in found:
            _show(one)


@app.command("call-off")
def call_off(
    change: Id, why: Why = "", me: place.As = None, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Stop a run that goes on; what it has made so far is not promoted."""
    done = asyncio.run(_call_off(config, change, why, me))
    named = models.brief(done.change) if done.change else None
    door.answered(done.verdict.name, done.sentence, {"change": named}, json)


async def _run(wish: "Wish", asked: change.Asked, wait: bool) -> None:
    from bot.engine import estate_report, retrain_plan

    async with place.desk(asked.config) as desk:
        elsewhere.open_ways(desk)
        by = f"person:{place.person(asked.me, desk.settings.people)}"
        model = estate_report.find(desk, wish.model)
        with elsewhere.hosts(desk, model.platform, retrain_plan.connection(model)):
            offered = await change.offer(desk, wish, by, asked)
        if offered is None:
            return
        if wait and offered.done.change:
            await awaited(Waiting(desk, offered, asked.json), offered.done.change)
        else:
            offered.answer(asked.json)


async def awaited(who: Waiting, asked_for: "Change") -> None:
    """What was proposed, told at once to people and at the end to programs, then how it goes on and how it ended."""
    if not who.json:
        say.line(who.offered.done.sentence)
    last = await ended(who.desk, asked_for, (lambda _: None) if who.json else say.line)
    told = await who.desk.store.read(lambda tx: training.story(tx, last.id))
    if who.json:
        said = {"verdict": who.offered.done.verdict.name, "sentence": who.offered.done.sentence}
        say.data({**said, **planned.data(who.offered.shown), "change": models.brief(last), **told.data()})
    else:
        say.line(training.change_line(last))
        training.show(told, last.plan.parameters["currency"], who.desk.clock.now())
    if last.step.value != "done":
        raise typer.Exit(door.FAILED)


async def ended(desk: "Desk", change: "Change", tell: Callable[[str], None]) -> "Change":
    """The change once it has ended, or nobody can say what became of it; `tell` hears how far it is, once each.

    NotDelivered when it has not ended by the time that asking, training and judging may take.
    """
    from bot.model.change import Step
    from bot.store import Tx, changes, trainings

    def look(tx: Tx) -> "tuple[Change, Training | None]":
        return changes.get(tx, change.id), trainings.find(tx, change.id)

    until, told = change.expires_at + change.plan.verify_within + PATIENCE, ""
    while True:
        now, run = await desk.store.read(look)
        if (line := training.progress(now, run)) != told:
            tell(f"  {say.when(desk.clock.now())}  {(told := line)}")
        if not now.open or now.step is Step.UNKNOWN:
            return now
        if desk.clock.now() >= until:
            raise NotDelivered(f"{now.id} has not ended in its time.", f"See `tocsin change status {now.id}`.")
        await desk.clock.sleep(POLL)


async def _status(config: Path, model: str | None) -> "list[Status]":
    from bot.engine import retrain_report

    async with place.desk(config) as desk:
        await elsewhere.idle(desk)
        return await retrain_report.status(desk, model)


async def _call_off(config: Path, typed: str, why: str, me: str | None) -> "Proposed":
    from bot.engine import train

    async with place.desk(config) as desk:
        elsewhere.open_ways(desk)
        by = f"person:{place.person(me, desk.settings.people)}"
        done = await train.call_off(desk, typed, by, desk.clock.now(), "cli", why)
        await elsewhere.idle(desk)
        return done


# --- the drawing ---


def _data(one: "Status") -> dict[str, Any]:
    runs = [{"change": models.brief(asked), "run": say.plain(run)} for asked, run in one.past]
    going = {"change": models.brief(one.going[0]), "run": say.plain(one.going[1])} if one.going else None
    plain = ("model", "policy", "watch", "spent", "left", "currency", "foreseen", "next_at", "rests_until", "obstacle")
    return {**{name: say.plain(getattr(one, name)) for name in plain}, "going": going, "past": runs}


def _row(one: "Status") -> tuple[object, ...]:
    going = f"{one.going[0].id} {training.progress(*one.going)}" if one.going else None
    last = f"{one.past[0][0].id} {one.past[0][0].step}" if one.past else "never"
    left = None if one.left is None else planned.money(one.left, one.currency)
    return (one.model, going, last, planned.money(one.foreseen, one.currency), left, one.next_at, one.obstacle)


def _show(one: "Status") -> None:
    for line in _told(one):
        say.line(line)
    if one.past:
        say.line("Last runs:")
        head = ("CHANGE", "STEP", "MADE", "GATE", "COST", "ENDED", "OUTCOME")
        say.table(head, [_past(asked, run, one.currency) for asked, run in one.past])


def _told(one: "Status") -> Iterator[str]:
    """Of one model, line by line."""
    yield one.model
    if policy := one.policy:
        window, rest, longest = map(say.length, (policy.window, policy.cooldown, policy.longest))
        yield f"  policy:      learns from {window}, rests {rest} after a run, which is stopped after {longest}"
    yield f"  costs:       {planned.money(one.foreseen, one.currency)}"
    if one.left is not None:
        spent, left = planned.money(one.spent, one.currency), planned.money(one.left, one.currency)
        yield f"  budget:      {spent} spent this month by all models of its entity, {left} left"
    yield f"  now:         {_going(one)}"
    if one.watch:
        yield f"  watch:       {training.watched(one.watch)}"
    if one.rests_until:
        yield f"  rests until: {say.when(one.rests_until)}"
    if one.next_at:
        yield f"  by itself:   {say.when(one.next_at)}"
    if one.obstacle:
        yield f"  in the way:  {one.obstacle}"


def _going(one: "Status") -> str:
    if one.going is None:
        return "nothing goes on"
    asked, run = one.going
    return " ".join(part for part in (asked.id, training.progress(asked, run), run.link) if part)


def _past(asked: "Change", run: "Training", currency: str) -> tuple[object, ...]:
    gate = {None: "not judged", True: "passed", False: "not passed"}[run.passed]
    cost = None if run.cost is None else planned.money(run.cost, currency)
    return (asked.id, asked.step, run.version, gate, cost, run.ended_at, asked.outcome)
