"""`tocsin evaluate`: have versions of a model compared on the same data, and read what came of it."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import door, drawn, elsewhere, place, say, span
from bot.errors import NotDelivered

if TYPE_CHECKING:
    from bot.engine.desk import Desk
    from bot.engine.trial import Answer, Wish
    from bot.model.trial import Estimate, Score, Scorecard, Slice, Trial

app = typer.Typer(name="evaluate", help="Versions of a model, compared on the same data.", no_args_is_help=True)

POLL = 1.0  #: seconds between two looks at a trial somebody waits for
PATIENCE = timedelta(hours=1)  #: then nobody waits any more

Model = Annotated[str, typer.Argument(metavar="MODEL", help="A model or agent by its name or an alias.")]
Id = Annotated[str, typer.Argument(metavar="TRIAL", help="TRL-3, or 3.")]
Challenger = Annotated[
    str | None, typer.Option("--challenger", help="What is tried; the newest version that does not serve if left out.")
]
Champion = Annotated[
    str | None, typer.Option("--champion", help="What it is compared with; what serves most if left out.")
]
Window = Annotated[str | None, typer.Option("--window", help="How far back, as 28d; as in estate.yaml if left out.")]
Incident = Annotated[str | None, typer.Option("--incident", help="Because of this one; its thread shows the result.")]
Why = Annotated[str, typer.Option("--why", help="The reason, for the log.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until it has ended; it fails where the trial did.")]
Only = Annotated[str | None, typer.Option("--model", help="Only those of this model, by its name or an alias.")]
Target = Annotated[
    Path | None, typer.Option("--to", help="Where to write it: a .png or .svg, or - for a PNG down a pipe; TRIAL.png.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many, the newest first.")]


@dataclass(frozen=True)
class _Asked:
    """Who types, where the configuration stands, and how they want to read the answer."""

    me: str | None
    config: Path
    json: bool
    wait: bool


@app.callback()
def group() -> None:
    """Trials: champion and challenger on the same rows, made by the running bot; nothing in production changes."""


@app.command()
def run(
    model: Model,
    challenger: Challenger = None,
    champion: Champion = None,
    window: Window = None,
    incident: Incident = None,
    why: Why = "",
    me: place.As = None,
    wait: Wait = False,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Ask for a trial; with --wait the exit code is 1 where that says no, or nothing."""
    from bot.engine.trial import Wish

    back = span.window(window) if window else None
    wish = Wish(model, challenger, champion, back, incident, why=why)
    asyncio.run(_run(wish, _Asked(me, config, json, wait)))


@app.command("list")
def listing(model: Only = None, limit: Limit = 20, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """The newest trials, and what each found."""
    found = asyncio.run(_listing(config, model, limit))
    if json:
        say.data(found)
        return
    if not found:
        say.line("No trial.")
        return
    rows = [
        (one.id, one.model, one.champion, one.challenger, _finding(one), _who(one), one.asked_at, one.outcome)
        for one in found
    ]
    say.table(("ID", "MODEL", "CHAMPION", "CHALLENGER", "FOUND", "BY", "ASKED", "OUTCOME"), rows)


@app.command()
def show(trial: Id, wait: Wait = False, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """One trial with all its figures; with --wait the exit code is 1 where that says no, or nothing."""
    found = asyncio.run(_show(config, trial, wait))
    _tell(found, json)
    if wait:
        _judged(found)


@app.command()
def picture(trial: Id, to: Target = None, config: place.Config = place.HERE) -> None:
    """Draw a trial: champion and challenger with their intervals, on all rows and on each slice."""
    from bot.charts import trial as chart

    target = to or Path(f"{trial}.png")
    form = drawn.form(target)
    found = asyncio.run(_show(config, trial, wait=False))
    drawn.write(target, chart.picture(found, form))
    if str(target) != "-":
        say.line(f"{target}: {found.id}, {found.model}")


async def _run(wish: "Wish", asked: _Asked) -> None:
    from bot.engine import estate_report, trial

    async with place.desk(asked.config) as desk:
        by = f"person:{place.person(asked.me, desk.settings.people)}"
        model = estate_report.find(desk, wish.model)
        with elsewhere.hosts(desk, model.platform, model.trial.connection if model.trial else None):
            answer = await trial.ask(desk, wish, by, desk.clock.now(), "cli")
        await elsewhere.idle(desk)
        if answer.trial is None or not asked.wait:
            door.answered(answer.verdict.name, answer.sentence, {"trial": answer.trial}, asked.json)
            return
        await awaited(desk, answer, asked.json)


async def awaited(desk: "Desk", answer: "Answer", json: bool) -> None:
    """What was asked for, told at once to people and at the end to programs, then how it ended."""
    assert answer.trial is not None  # noqa: S101  (whoever waits has been given one)
    if not json:
        say.line(answer.sentence)
    found = await ended(desk, answer.trial.id)
    if json:
        say.data({"verdict": answer.verdict.name, "sentence": answer.sentence, "trial": found})
    else:
        _tell(found, json=False)
    _judged(found)


async def ended(desk: "Desk", trial_id: str) -> "Trial":
    """The trial once it has ended; NotDelivered when it has not within an hour."""
    from bot.model.trial import Stage
    from bot.store import trials

    until = desk.clock.now() + PATIENCE
    while (found := await desk.store.read(lambda tx: trials.get(tx, trial_id))).stage is Stage.ASKED:
        if desk.clock.now() >= until:
            raise NotDelivered(f"{trial_id} has not ended within an hour.", f"See `tocsin evaluate show {trial_id}`.")
        await desk.clock.sleep(POLL)
    return found


async def _listing(config: Path, model: str | None, limit: int) -> "list[Trial]":
    from bot.engine import estate_report
    from bot.store import trials

    async with place.desk(config) as desk:
        name = estate_report.find(desk, model).name if model else None
        return await desk.store.read(lambda tx: trials.listing(tx, model=name, limit=limit))


async def _show(config: Path, typed: str, wait: bool) -> "Trial":
    from bot.store import trials

    async with place.desk(config) as desk:
        found = await desk.store.read(lambda tx: trials.find(tx, typed))
        return await ended(desk, found.id) if wait else found


def _judged(trial: "Trial") -> None:
    """Whoever waited learns by the exit code whether the challenger may go on."""
    from bot.model.trial import Finding, Stage

    card = trial.scorecard
    if trial.stage is not Stage.DONE or card is None or card.finding in (Finding.WORSE, Finding.INSUFFICIENT):
        raise typer.Exit(door.FAILED)


# --- the drawing ---


def _tell(trial: "Trial", json: bool) -> None:
    if json:
        say.data(trial)
        return
    for line in _head(trial):
        say.line(line)
    if trial.scorecard:
        _card(trial, trial.scorecard)


def _finding(trial: "Trial") -> str:
    return trial.scorecard.finding.value if trial.scorecard else trial.stage.value


def _who(trial: "Trial") -> str:
    return trial.asked_by.removeprefix("person:")


def _head(trial: "Trial") -> Iterator[str]:
    both = f"{trial.challenger} against {trial.champion}" if trial.challenger else f"{trial.champion} alone"
    yield f"{trial.id}  {trial.model}: {both}: {_finding(trial).upper()}"
    if trial.outcome:
        yield f"  outcome:   {trial.outcome}"
    because = f": {trial.why}" if trial.why else ""
    yield f"  asked by:  {_who(trial)} {say.when(trial.asked_at)}{because}"
    if trial.incident:
        yield f"  incident:  {trial.incident}"
    yield f"  window:    {say.span(trial.since, trial.until)}"
    for start, end in trial.excluded:
        yield f"  left out:  {say.span(start, end)}: the data was not to be trusted"
    if card := trial.scorecard:
        yield f"  rows:      {card.samples:,}"
        for why, count in card.left_out.items():
            yield f"  left out:  {count:,} {why}"


def _card(trial: "Trial", card: "Scorecard") -> None:
    heads = (f"CHAMPION {trial.champion}", f"CHALLENGER {trial.challenger}", "DIFFERENCE")
    columns = heads if trial.challenger else heads[:1]
    if card.scores:
        say.line()
        say.table(("METRIC", *columns), [(one.metric, *_values(one, len(columns))) for one in card.scores])
    for title, parts in (("SLICE", card.slices), ("GROUP", card.fairness)):
        if parts:
            say.line()
            say.table((title, "ROWS", "FOUND", "METRIC", *columns), _sliced(parts, len(columns)))
    say.line()
    for check in card.checks:
        say.line(f"{'ok    ' if check.ok else 'FAILED'}  {check.what}: {check.why}")
    for asked in card.gate:
        say.line(f"{'passes' if asked.ok else 'FAILS '}  gate, {asked.what}: {asked.why}")
    if any(one.champion for one in card.scores):
        say.line(f"Intervals of 95 % by {card.draws} resamples, seed {card.seed}.")


def _sliced(parts: "tuple[Slice, ...]", count: int) -> Iterator[tuple[object, ...]]:
    for one in parts:
        start = (f"{one.column} = {one.value}", one.samples, one.finding)
        if not one.scores:
            yield (*start, *("" for _ in range(count + 1)))
        for score in one.scores:
            yield (*start, score.metric, *_values(score, count))


def _values(score: "Score", count: int) -> tuple[str, ...]:
    found = (_estimate(score.champion), _estimate(score.challenger), _estimate(score.difference, "+"))
    return found[:count]


def _estimate(one: "Estimate | None", sign: str = "") -> str:
    if one is None:
        return "-"
    value, low, high = (f"{each:{sign}.4g}" for each in (one.value, one.low, one.high))
    return f"{value} ({low} to {high})"
