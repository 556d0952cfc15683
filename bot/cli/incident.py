"""`tocsin incident`: the open incidents, one of them in full, and the answers a person can give without Slack."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import door, place, say
from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.engine.respond import Answer
    from bot.model.incident import Incident
    from bot.model.people import People
    from bot.model.view import View

app = typer.Typer(name="incident", help="Incidents: look at them, answer them.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="INCIDENT", help="INC-7, or 7.")]
As = Annotated[
    str | None,
    typer.Option("--as", envvar="TOCSIN_PERSON", help="Who you are in people.yaml; your login name if left out."),
]
All = Annotated[bool, typer.Option("--all", help="Resolved ones too.")]
Entity = Annotated[str | None, typer.Option("--entity", help="Only those of one business entity.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many, the newest first.")]
Timeline = Annotated[int, typer.Option("--timeline", min=0, max=1000, help="How many entries of the log to show.")]


@app.callback()
def group() -> None:
    """Incidents: look at them, answer them."""


@app.command("list")
def listing(
    everything: All = False,
    entity: Entity = None,
    limit: Limit = 20,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """The open incidents, the newest first."""
    found = asyncio.run(_listing(config, not everything, entity, limit))
    if json:
        say.data(found)
        return
    if not found:
        say.line("No incident." if everything else "No open incident.")
        return
    head = ("ID", "SEVERITY", "PHASE", "TIER", "HOLDER", "MODEL", "OPENED", "TITLE")
    say.table(head, [(i.id, i.severity, i.phase, i.tier, i.holder, i.model, i.opened_at, i.title) for i in found])


@app.command()
def show(incident: Id, timeline: Timeline = 20, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """One incident: what fires, who was paged, what comes next, what happened."""
    view = asyncio.run(_view(config, incident, timeline))
    if json:
        say.data(view)
        return
    for line in _drawn(view):
        say.line(line)


@app.command()
def ack(incident: Id, me: As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Take an incident: nobody else is paged for it."""
    _answer(asyncio.run(_press("acknowledge", incident, me, config)), json)


@app.command()
def resolve(incident: Id, me: As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Close an incident."""
    _answer(asyncio.run(_press("resolve", incident, me, config)), json)


def _answer(answer: "Answer", json: bool) -> None:
    """What the rules said; a refusal is a failure of the command."""
    if json:
        say.data({"verdict": answer.verdict.name, "sentence": answer.sentence, "incident": answer.incident})
    else:
        say.line(answer.sentence)
    if answer.verdict.name not in ("GO", "ALREADY"):
        raise typer.Exit(door.FAILED)


async def _listing(config: Path, open_only: bool, entity: str | None, limit: int) -> "list[Incident]":
    from bot.engine import report

    async with place.desk(config) as desk:
        return await report.incidents_list(desk, open_only=open_only, entity=entity, limit=limit)


async def _view(config: Path, incident: str, timeline: int) -> "View":
    from bot.engine import report

    async with place.desk(config) as desk:
        return await report.view(desk, incident, timeline=timeline)


async def _press(verb: str, incident: str, me: str | None, config: Path) -> "Answer":
    from bot.engine import respond

    async with place.desk(config) as desk:
        by = f"person:{_me(me, desk.settings.people)}"
        press = respond.Press(respond.Verb(verb), incident, by, desk.clock.now(), via="cli")
        return await respond.take(desk, press)


def _me(typed: str | None, people: "People") -> str:
    """The person who types: as they say, or as they are logged in; BadInput when that is nobody we know."""
    from bot import documents

    name = typed or place.login()
    if name not in people.persons:
        near = documents.closest(name, people.persons)
        raise BadInput(f"Nobody called {name!r} is in people.yaml.", f"{near} Say who you are with --as NAME.".strip())
    return name


def _drawn(view: "View") -> Iterator[str]:
    incident = view.incident
    yield f"{incident.id}  {view.headline}"
    yield f"  {incident.phase}, tier {incident.tier}, held by {incident.holder or 'nobody'}"
    yield f"  runbook: {view.runbook_title}"
    yield f"  why:     {incident.why}"
    if view.waiting_for:
        yield f"  waiting for {', '.join(person.name for person in view.waiting_for)}"
    if view.next_step:
        yield f"  next:    {view.next_step.tier} at {say.when(view.next_step.at)} ({view.next_step.who})"
    yield f"Alerts: {incident.alerts_firing} firing, {incident.alerts_total} in all, {incident.repeats} repeats"
    for kept in view.alerts:
        yield f"  {kept.status:9} {say.when(kept.last_seen_at)}  {kept.alert.title}"
    if view.pages:
        yield "Pages:"
    for page in view.pages:
        late = "" if page.state == "failed" else "late: "
        failed = f" ({late}{page.failure})" if page.failure else ""
        yield f"  {page.tier:9} {say.when(page.decided_at)}  {page.person} by {page.channel}: {page.state}{failed}"
    if view.timeline:
        yield "What happened:"
    for sealed in view.timeline:
        entry = sealed.entry
        yield f"  {say.when(entry.at)}  {entry.kind} by {entry.actor}{': ' if entry.why else ''}{entry.why}"
