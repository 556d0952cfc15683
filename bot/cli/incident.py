"""`tocsin incident`: the open incidents, one of them in full, and the answers a person can give without Slack."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import door, elsewhere, incident_picture, incident_timeline, likeness, place, say, serious

if TYPE_CHECKING:
    from bot.engine.legal_hold import Outcome
    from bot.engine.respond import Answer
    from bot.model.incident import Incident
    from bot.model.likeness import Alike
    from bot.model.page import Page
    from bot.model.view import View

app = typer.Typer(name="incident", help="Incidents: look at them, answer them.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="INCIDENT", help="INC-7, or 7.")]
All = Annotated[bool, typer.Option("--all", help="Resolved ones too.")]
Entity = Annotated[str | None, typer.Option("--entity", help="Only those of one business entity.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many, the newest first.")]
Why = Annotated[str, typer.Option("--why", help="The reason, for the log and for whoever is paged.")]
Target = Annotated[str, typer.Argument(metavar="TARGET", help="person:NAME, team:NAME, rota:NAME, or just the name.")]
Minutes = Annotated[str, typer.Argument(metavar="MINUTES", help="How long, at most a week (10080).")]
Grade = Annotated[str, typer.Argument(metavar="SEVERITY", help="sev1 (the gravest) to sev5.")]
Into = Annotated[str, typer.Argument(metavar="INTO", help="The incident that goes on: INC-8, or 8.")]
Words = Annotated[list[str], typer.Argument(metavar="WORDS", help="What happened, or what you found.")]
Timeline = Annotated[int, typer.Option("--timeline", min=0, max=1000, help="How many entries of the log to show.")]


@dataclass(frozen=True)
class _Wish:
    """What somebody typed: a verb, on what, with what it needs besides, and why."""

    verb: str
    incident: str
    detail: str = ""
    why: str = ""


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
    view, changes, likes = asyncio.run(_view(config, incident, timeline))
    if json:
        say.data(view)
        return
    for line in (*_drawn(view), *likeness.drawn(likes, "  like:    "), *_revised(view, changes)):
        say.line(line)


@app.command()
def ack(incident: Id, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Take an incident: nobody else is paged for it."""
    _answer(_Wish("acknowledge", incident), me, config, json)


@app.command()
def attend(incident: Id, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Say that you are still at an incident you hold; somebody else's becomes yours."""
    _answer(_Wish("attend", incident), me, config, json)


@app.command()
def resolve(incident: Id, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Close an incident."""
    _answer(_Wish("resolve", incident), me, config, json)


@app.command("false-alarm")
def false_alarm(
    incident: Id, why: Why = "", me: place.As = None, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Close an incident as one that was none."""
    _answer(_Wish("false-alarm", incident, why=why), me, config, json)


@app.command()
def escalate(incident: Id, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Page the next step of an incident now."""
    _answer(_Wish("escalate", incident), me, config, json)


@app.command("hand-over")
def hand_over(
    incident: Id,
    to: Target,
    why: Why = "",
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Give an incident to others: they are paged, and if they are silent it escalates."""
    _answer(_Wish("hand-over", incident, to, why), me, config, json)


@app.command()
def page(
    incident: Id,
    who: Target,
    why: Why = "",
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Ask others to join: they are paged, and whoever holds the incident goes on holding it."""
    _answer(_Wish("page", incident, who, why), me, config, json)


@app.command()
def snooze(
    incident: Id, minutes: Minutes, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Take an incident and have it quiet for a while; then you are paged again."""
    _answer(_Wish("snooze", incident, minutes), me, config, json)


@app.command()
def severity(
    incident: Id,
    to: Grade,
    why: Why = "",
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Say how severe an incident is; a graver one may page others."""
    _answer(_Wish("regrade", incident, to, why), me, config, json)


@app.command()
def merge(
    incident: Id,
    into: Into,
    why: Why = "",
    me: place.As = None,
    config: place.Config = place.HERE,
    json: place.Json = False,
) -> None:
    """Make an incident part of another: its alerts go there, and so will new ones."""
    _answer(_Wish("merge", incident, into, why), me, config, json)


@app.command()
def note(
    incident: Id, words: Words, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Write something into an incident's timeline."""
    _answer(_Wish("note", incident, " ".join(words)), me, config, json)


@app.command()
def adopt(incident: Id, me: place.As = None, config: place.Config = place.HERE, json: place.Json = False) -> None:
    """Let an open incident go on by its runbook as it is now; `show` says what that changes."""
    answer = asyncio.run(_adopt(incident, me, config))
    door.answered(answer.verdict.name, answer.sentence, {"incident": answer.incident}, json)


@app.command()
def hold(
    incident: Id, why: Why = "", me: place.As = None, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Lay a legal hold on an incident: nothing it is about may be changed until it is lifted."""
    _held(_Wish("hold", incident, why=why), me, config, json)


@app.command("release-hold")
def release_hold(
    incident: Id, why: Why = "", me: place.As = None, config: place.Config = place.HERE, json: place.Json = False
) -> None:
    """Lift the legal hold on an incident."""
    _held(_Wish("release-hold", incident, why=why), me, config, json)


def _held(wish: "_Wish", me: str | None, config: Path, json: bool) -> None:
    outcome = asyncio.run(_hold(wish, me, config))
    door.answered(outcome.verdict.name, outcome.sentence, {"hold": outcome.hold}, json)


async def _hold(wish: "_Wish", me: str | None, config: Path) -> "Outcome":
    from bot.engine import legal_hold

    async with place.desk(config) as desk:
        by, now = f"person:{place.person(me, desk.settings.people)}", desk.clock.now()
        wanted = legal_hold.Wish(wish.incident, by, now, "cli", wish.why)
        return await (legal_hold.lay if wish.verb == "hold" else legal_hold.lift)(desk, wanted)


def _answer(wish: "_Wish", me: str | None, config: Path, json: bool) -> None:
    answer = asyncio.run(_press(wish, me, config))
    door.answered(answer.verdict.name, answer.sentence, {"incident": answer.incident}, json)


async def _listing(config: Path, open_only: bool, entity: str | None, limit: int) -> "list[Incident]":
    from bot.engine import report

    async with place.desk(config) as desk:
        return await report.incidents_list(desk, open_only=open_only, entity=entity, limit=limit)


async def _view(config: Path, incident: str, timeline: int) -> "tuple[View, tuple[str, ...], tuple[Alike, ...]]":
    from bot.engine import adopt, report
    from bot.engine import likeness as likenesses

    async with place.desk(config) as desk:
        elsewhere.open_ways(desk)  # whom the next stage reaches depends on them
        view = await report.view(desk, incident, timeline=timeline)
        changes = await desk.store.read(lambda tx: adopt.difference(tx, desk, view.incident))
        return view, changes, await desk.store.read(lambda tx: likenesses.alike(tx, view.likes))


async def _press(wish: "_Wish", me: str | None, config: Path) -> "Answer":
    from bot.engine import respond

    async with place.desk(config) as desk:
        elsewhere.open_ways(desk)
        by, now = f"person:{place.person(me, desk.settings.people)}", desk.clock.now()
        verb = respond.Verb(wish.verb)
        press = respond.Press(verb, wish.incident, by, now, via="cli", detail=wish.detail, why=wish.why)
        return await respond.take(desk, press)


async def _adopt(incident: str, me: str | None, config: Path) -> "Answer":
    from bot.engine import adopt, respond

    async with place.desk(config) as desk:
        elsewhere.open_ways(desk)
        by, now = f"person:{place.person(me, desk.settings.people)}", desk.clock.now()
        return await adopt.adopt(desk, respond.Press(respond.Verb.ESCALATE, incident, by, now, via="cli"))


def _revised(view: "View", changes: tuple[str, ...]) -> Iterator[str]:
    """What the runbook says otherwise since the incident opened."""
    if changes:
        yield f"The runbook was changed; it goes on as it was. `tocsin incident adopt {view.incident.id}` would change:"
        yield from (f"  {one}" for one in changes)


def _phase(incident: "Incident") -> str:
    """How far it has come, until when it is quiet, or how it ended."""
    if incident.snoozed_until:
        return f"{incident.phase}, snoozed until {say.when(incident.snoozed_until)}"
    if incident.merged_into:
        return f"merged into {incident.merged_into}"
    return incident.resolution or incident.phase.value


def _quiet(view: "View") -> Iterator[str]:
    """Why nobody is paged, which incident pages for it, until when it is calm, and what it keeps from paging."""
    incident = view.incident
    if incident.storm:
        yield f"  storm:   {incident.storm} pages for it"
    if incident.waits:
        yield f"  waits:   {incident.waits}"
    if incident.calm_since and view.calm_until:
        yield f"  calm:    since {say.when(incident.calm_since)}, ends by itself {say.when(view.calm_until)}"
    if view.holds:
        yield f"  holds:   {view.holds} alerts back ({', '.join(view.holds_about)})"
    for each in view.gathered:
        yield f"  gathers: {each.id}  {each.severity}  {each.phase}  {each.title}"
    if more := view.gathered_total - len(view.gathered):
        yield f"           and {more} more"


def _reached(view: "View") -> Iterator[str]:
    """How far the fault has reached, and what lets nothing be changed."""
    if blast := view.blast:
        count = f"about {blast.predictions:,}" if blast.predictions is not None else "nobody knows how many"
        about = ", ".join((*blast.segments, *blast.features))
        yield f"  reached: {count} predictions since {say.when(blast.since)} (estimate: {blast.how or 'none'})"
        if about:
            yield f"           {about}"
    for clock, duty in view.clocks:
        source = f" ({duty.source})" if duty.source else ""
        yield f"  report:  {duty.title}{source} due {say.when(clock.due_at)} [{clock.regime}/{clock.step}]"
    if hold := view.hold:
        yield f"  hold:    legal, since {say.when(hold.at)} by {hold.by.partition(':')[2]}: {hold.why}"


def _whose(page: "Page") -> str:
    from bot.rules import reach

    return f"{reach.shown(page.person)} by {page.channel}"


def _paged(page: "Page") -> Iterator[str]:
    """One page of the ledger: how far it came, and below it when each of that happened."""
    late = "" if page.state == "failed" else "late: "
    failed = f" ({late}{page.failure})" if page.failure else ""
    yield f"  {page.tier:9} {say.when(page.decided_at)}  {_whose(page)}: {page.state}{failed}"
    stamps = {
        "due": page.due_at if page.due_at != page.decided_at else None,
        "claimed": page.claimed_at,
        "sent": page.sent_at,
        "delivered": page.delivered_at,
        "answered": page.answered_at,
    }
    told = [f"{what} {say.when(at)}" for what, at in stamps.items() if at]
    told += [f"as {page.provider_id}"] if page.provider_id else []
    told += [f"with {page.bundled}"] if page.bundled else []
    if told:
        yield f"            {', '.join(told)}"


def _drawn(view: "View") -> Iterator[str]:
    incident = view.incident
    yield f"{incident.id}  {view.headline}"
    yield f"  {_phase(incident)}, tier {incident.tier}, held by {incident.holder or 'nobody'}"
    yield f"  runbook: {view.runbook_title}"
    yield f"  why:     {incident.why}"
    yield from _quiet(view)
    if view.waiting_for:
        yield f"  waiting for {', '.join(person.name for person in view.waiting_for)}"
    if view.next_step:
        yield f"  next:    {view.next_step.tier} at {say.when(view.next_step.at)} ({view.next_step.who})"
    for event in view.changes:
        yield f"  changed: {say.when(event.at)}  {event.summary}{f' ({event.source})' if event.source else ''}"
    yield from _reached(view)
    yield f"Alerts: {incident.alerts_firing} firing, {incident.alerts_total} in all, {incident.repeats} repeats"
    for kept in view.alerts:
        yield f"  {kept.status:9} {say.when(kept.last_seen_at)}  {kept.alert.title}"
    if view.pages:
        yield "Pages:"
    for page in view.pages:
        yield from _paged(page)
    whom = {page.id: _whose(page) for page in view.pages}
    if view.timeline:
        yield "What happened:"
    for sealed in view.timeline:
        entry = sealed.entry
        its = f" {entry.subject}" if entry.subject != incident.id else ""
        told = whom.get(str(entry.after.get("page")))
        of = f" ({told})" if told else ""
        yield f"  {say.when(entry.at)}  {entry.kind}{its}{of} by {entry.actor}{': ' if entry.why else ''}{entry.why}"


app.add_typer(likeness.app)
app.add_typer(serious.app)


app.add_typer(incident_picture.app)
app.add_typer(incident_timeline.app)
