"""Can it be rolled back now? Asked of every model's platform once a night; whoever owns it hears when it no longer can.

The ledger, the platform's memory and a trial of the plan that writes nothing decide, so a version that was tidied away
is missed on the night it goes and not on the night it is needed.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import telemetry, words
from bot.engine import drafting, escalate, estate_report, nudge, work
from bot.engine.desk import Desk, Host
from bot.errors import NotFound, PluginFault, Refused, TocsinError
from bot.model.change import Lever
from bot.model.entry import Entry
from bot.model.estate import Model
from bot.model.job import Job, Lane, NewJob
from bot.model.served import WayBack
from bot.rules import reach, reversibility, target
from bot.rules.reversibility import Asked, Look
from bot.rules.target import Known, Target
from bot.store import Tx, jobs, ways_back
from bot.words.way_back import Ways

KIND, SWEEP = "way-back", "ways-back"
NIGHT = time(1)  #: of the entity's own day, when the looks begin
LASTS = timedelta(hours=4)  #: over so long they are spread
SOON = timedelta(minutes=10)  #: over so long those are spread that nobody has looked at yet
HOUR = timedelta(hours=1)
AGAIN = timedelta(minutes=10)  #: until a platform that did not answer is asked again
TRIES = 3  #: then it counts as unreachable


async def look(desk: Desk, model: Model) -> WayBack:
    """Whether `model` can be rolled back now, asked of its platform behind its guard; writes nothing."""
    return (await seen(desk, model))[1]


async def seen(desk: Desk, model: Model) -> tuple[Look, WayBack]:
    """The same, with all that was found on the way."""
    now = desk.clock.now()
    rehearsed = await desk.store.read(lambda tx: ways_back.rehearsed(tx, model.name))
    found = replace(await _ask(desk, model, now), rehearsed_at=rehearsed)
    asked = Asked(model.name, desk.settings.changes.good_after, now, _house(desk))
    return found, reversibility.way_back(asked, found)


def ask(tx: Tx, model: str, due: datetime) -> None:
    """Put down the wish that this model's way back is looked at anew from `due` on."""
    jobs.put(tx, NewJob(f"{KIND}/{model}", KIND, Lane.DIGEST, due, {"model": model}))


def recur(tx: Tx, now: datetime) -> None:
    """Ask once an hour for the looks that fall into it, which any number of replicas do once."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    jobs.put_once(tx, NewJob(f"{SWEEP}/{hour.isoformat()}", SWEEP, Lane.DIGEST, hour))


def turn(model: str, zone: str, by: datetime) -> datetime:
    """The last moment up to `by` at which it was this model's turn: each night in `zone`, always at the same hour."""
    where = ZoneInfo(zone)
    later = timedelta(seconds=_place(model, LASTS))
    today = by.astimezone(where).date()
    walls = (datetime.combine(today - timedelta(days=n), NIGHT) + later for n in (0, 1))
    return next(at for at in (wall.replace(tzinfo=where).astimezone(by.tzinfo) for wall in walls) if at <= by)


class WaysBack:
    """The handlers of both jobs."""

    def __init__(self, desk: Desk) -> None:
        """The estate is read when a job runs."""
        self._desk = desk

    async def sweep(self, job: Job) -> work.Outcome:
        """Ask for the looks of this hour, and for those that were missed."""
        return work.Done(lambda tx: _sweep(tx, self._desk, max(tx.now, job.due_at)))

    async def ring(self, job: Job) -> work.Outcome:
        """Look at one model, and keep what was found; a platform that does not answer is asked again first."""
        name = str(job.payload["model"])
        model = self._desk.settings.estate.models.get(name)
        if model is None:
            return work.Done(lambda tx: ways_back.forget(tx, name))
        found, way = await seen(self._desk, model)
        if found.silent and job.attempts < TRIES:
            return work.Later(self._desk.clock.now() + AGAIN, found.trouble)
        return work.Done(lambda tx: keep(tx, self._desk, model, found, way))


def keep(tx: Tx, desk: Desk, model: Model, found: Look, way: WayBack) -> None:
    """Write what was found; a way that was lost is told of once, and one that is there again is written down."""
    before = ways_back.of(tx, model.name, lock=True)
    ways_back.put(tx, way)
    could = before.possible if before else False
    if could is way.possible:
        return
    kind = "model.way_found" if way.possible else "model.way_lost"
    told = {"possible": way.possible, "to": way.to}
    was = {"possible": before.possible, "to": before.to} if before else {}
    tx.note(Entry(model.entity, kind, way.looked_at, "tocsin", model.name, way.why, before=was, after=told))
    jobs.put(tx, escalate.homes(tx.now))
    for notice in () if way.possible else _notices(desk, model, found, way, tx.now):
        jobs.put_once(tx, notice)


async def measure(desk: Desk) -> None:
    """Set the metric: the share of what could be looked at that can be rolled back, of everything and each entity."""
    found = await desk.store.read(ways_back.every)
    telemetry.WAY_BACK.clear()
    served = list(estate_report.reversible(desk.settings.estate))
    for entity in ("", *sorted({model.entity for model in served})):
        names = [model.name for model in served if entity in ("", model.entity)]
        if names:
            possible = sum(name in found and found[name].possible for name in names)
            telemetry.WAY_BACK.labels(entity).set(possible / len(names))


async def _ask(desk: Desk, model: Model, now: datetime) -> Look:
    """What its platform says; a platform that is not there, or says nothing, is no reason to fail."""
    if model.platform is None:
        return Look()
    host = desk.hosts.get(model.platform)
    if host is None:
        return Look(trouble=words.fill(_house(desk).no_host, platform=model.platform))
    try:
        return await _tried(desk, model, host, now)
    except TocsinError as error:
        silent = error.retry or isinstance(error, PluginFault)
        return Look(trouble=words.fill(_house(desk).unsaid, platform=model.platform, why=error), silent=silent)


async def _tried(desk: Desk, model: Model, host: Host, now: datetime) -> Look:
    """What it has, and whether it would take the rollback; nothing is written."""
    levers = frozenset(host.platform.levers)
    seen = await drafting.look(host, model, Lever.ROLLBACK)
    known = await desk.store.read(lambda tx: drafting.known(tx, model, seen, now))
    aim = target.last_good(known, desk.settings.changes.good_after, now)
    refusal = await _refusal(model, host, known, aim) if aim and Lever.ROLLBACK in levers else ""
    return Look(levers, known, refusal=refusal)


async def _refusal(model: Model, host: Host, known: Known, aim: Target) -> str:
    """Why the platform would not go there; empty where it would."""
    what = drafting.parameters(aim)
    try:
        await host.guard.call(
            "wanted", lambda: host.platform.wanted(model.ref, Lever.ROLLBACK, known.before, what), idempotent=True
        )
    except (Refused, NotFound) as error:
        return str(error)
    return ""


def _house(desk: Desk) -> Ways:
    """The words for what many read."""
    return words.of(desk.settings.slack.language).way_back


def _sweep(tx: Tx, desk: Desk, now: datetime) -> None:
    known = ways_back.every(tx)
    for model in estate_report.reversible(desk.settings.estate):
        entity = desk.settings.estate.entities.get(model.entity)
        its, way = turn(model.name, entity.timezone if entity else "UTC", now + HOUR), known.get(model.name)
        if way is None:
            ask(tx, model.name, now + timedelta(seconds=_place(model.name, SOON)))
        elif way.looked_at < its:
            ask(tx, model.name, max(now, its))
    for name in known.keys() - desk.settings.estate.models.keys():
        ways_back.forget(tx, name)


def _place(model: str, span: timedelta) -> int:
    """Where within `span` this model's turn is, in seconds: by its name, so that it stays the same."""
    return zlib.crc32(model.encode()) % int(span.total_seconds())


def _notices(desk: Desk, model: Model, found: Look, way: WayBack, now: datetime) -> Iterator[NewJob]:
    """Everybody of the team that owns it hears it in their morning; of a platform that is down, once for all of it."""
    about = f"platform/{model.platform}/{model.team}" if found.silent else model.name
    key = f"{KIND}/{about}/{way.looked_at.date()}"
    for person, to in _owners(desk, model, now):
        known = desk.settings.people.persons.get(person)
        say = words.of(known.language if known and known.language else desk.settings.slack.language).way_back
        template = say.unreachable if found.silent else say.lost
        text = words.fill(template, model=model.name, platform=model.platform, team=model.team, why=way.why)
        due = nudge.morning(now, known.timezone) if known else now
        name = f"notice/{key}/{person}" if person else f"notice/{key}"
        yield NewJob(name, "notice", Lane.DIGEST, due, {"to": to, "text": text})


def _owners(desk: Desk, model: Model, at: datetime) -> Iterable[tuple[str, str]]:
    """The persons of the team, each with the address of a notice; the entity's channel where there is nobody."""
    own = desk.settings
    found = reach.people(f"team:{model.team}", own.rotas, own.people, own.overrides, at).persons
    entity = own.estate.entities.get(model.entity)
    channel = (entity.channel if entity else None) or own.slack.channel
    return [(name, f"person:{name}") for name in found] or [("", f"channel:{channel}")]
