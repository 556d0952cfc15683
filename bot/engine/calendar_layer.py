"""Layers of rotas that a calendar holds: it is read at start, at reloads and every 15 minutes, and its word is kept."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from bot import words
from bot.contract.http import Peer, Reply
from bot.engine import calendar, calendar_events, escalate, work
from bot.engine.desk import Desk
from bot.errors import BadInput, NotDelivered, TocsinError
from bot.model.calendar import Kept
from bot.model.job import Job, Lane, NewJob
from bot.model.rota import Fixed, Layer, Rota
from bot.rules import attending, written
from bot.settings import Calendar, Settings
from bot.store import Tx, calendars, jobs

KIND = "calendar"
EVERY = timedelta(minutes=15)
BACK, AHEAD = timedelta(days=30), timedelta(days=370)  #: how far it is read: 400 days
HOPS = 3  #: redirects that are followed, on the same host
SECONDS = 20.0  # for all of a fetch
NAMED, WHY = 10, 300  # events that are named, and characters of a reason


@dataclass(frozen=True, slots=True)
class Look:
    """What a calendar says: who holds the layer when, and the events in which it names nobody we know."""

    spans: tuple[Fixed, ...]
    strangers: tuple[str, ...] = ()


def recur(tx: Tx, desk: Desk, now: datetime) -> None:
    """Ask for each calendar to be read in this quarter of an hour, once on any number of replicas."""
    due = now - timedelta(minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond)
    for one in desk.settings.calendars:
        jobs.put_once(tx, _job(one, due, f"/{due.isoformat()}"))


async def begin(desk: Desk) -> None:
    """Ask for each to be read now: a configuration has come into force."""
    now, wanted = desk.clock.now(), desk.settings.calendars
    if wanted:
        await desk.store.write(lambda tx: jobs.put(tx, *(_job(one, now) for one in wanted)))


async def freshen(desk: Desk, seen: tuple[int, datetime | None] | None) -> tuple[int, datetime | None]:
    """Take into force what calendars say, where that has changed since `seen`; gives what was seen this time."""
    found = await desk.store.read(calendars.newest)
    if found != seen and (desk.settings.calendars or found[0]):
        await fill(desk)
    return found


async def fill(desk: Desk) -> None:
    """Let the rotas in force, and what they were, know what calendars said last."""
    settings = desk.settings
    known = await desk.store.read(lambda tx: calendars.filled(tx, settings.rotas))
    if desk.settings is settings and known != settings.rotas:  # else a reload came between, and fills its own
        desk.settings = replace(settings, rotas=known)


def carried(old: Settings, new: Settings) -> Settings:
    """`new` with what calendars said by `old`, so that nobody is missed until they are asked for anew."""
    said = {(rota.name, layer.name): layer.fixed for rota in old.rotas.values() for layer in rota.layers}
    rotas = {
        name: replace(rota, layers=tuple(_with(layer, said.get((name, layer.name), ())) for layer in rota.layers))
        if any(layer.calendar for layer in rota.layers)
        else rota
        for name, rota in new.rotas.items()
    }
    return replace(new, rotas=rotas)


def _with(layer: Layer, fixed: tuple[Fixed, ...]) -> Layer:
    return replace(layer, fixed=fixed) if layer.calendar else layer


def _job(one: Calendar, due: datetime, key: str = "") -> NewJob:
    return NewJob(f"{KIND}/{one.rota}/{one.layer}{key}", KIND, Lane.STATE, due, {"rota": one.rota, "layer": one.layer})


class Layers:
    """The handler of those wishes."""

    def __init__(self, desk: Desk) -> None:
        """The configuration is read when a job runs."""
        self._desk = desk

    async def read(self, job: Job) -> work.Outcome:
        """Read one; where that fails its last word stays, and the rota's owner is told once."""
        desk, now = self._desk, self._desk.clock.now()
        asked = str(job.payload["rota"]), str(job.payload["layer"])
        one = next((each for each in desk.settings.calendars if (each.rota, each.layer) == asked), None)
        rota = desk.settings.rotas.get(asked[0])
        if one is None or rota is None:
            return work.Done()
        look, fault = None, ""
        try:
            look = await said(one, rota, desk.settings, now)
            fault = _strangers(desk, one, look)
        except (BadInput, NotDelivered, calendar.Missing) as error:
            fault = _unread(desk, one, error)
        return await self._kept(one, look, fault, now)

    async def _kept(self, one: Calendar, look: Look | None, fault: str, now: datetime) -> work.Outcome:
        """Kept at once, and not with the job's end: from then on pages go by it."""
        if await self._desk.store.write(lambda tx: keep(tx, self._desk, one, look, fault, now)):
            await fill(self._desk)
        return work.Done()


def keep(tx: Tx, desk: Desk, one: Calendar, look: Look | None, fault: str, now: datetime) -> bool:
    """Write down what was read, or (`look` None) that it could not be; whether anything is another than before."""
    before = calendars.find(tx, one.rota, one.layer)
    was = Kept(one.rota, one.layer, (), now) if before is None else before
    known = before.spans if before and before.read_at else None
    spans = attending.lived(known, look.spans, now) if look else was.spans
    changed = before is None or spans != was.spans or fault != was.fault
    at = now if changed else was.changed_at
    calendars.keep(tx, Kept(one.rota, one.layer, spans, at, now if look else was.read_at, fault))
    if fault and fault != was.fault:
        _tell(tx, desk, one, fault, now)
    return changed


async def said(one: Calendar, rota: Rota, settings: Settings, now: datetime) -> Look:
    """What a calendar says now. BadInput, NotDelivered: why it cannot be read, without its address."""
    calendar.library()
    layer = next((each for each in rota.layers if each.name == one.layer), None)
    zone = (layer.timezone if layer else "") or rota.timezone
    text = await _text(one)
    found = await calendar_events.apart(text, zone, now - BACK, now + AHEAD)
    directory = attending.Directory(settings.people.persons.values())
    spans: list[Fixed] = []
    strangers: dict[str, None] = {}
    for event in found:
        persons = directory.of(event.attendees, event.organizer, event.summary)
        spans += (Fixed(event.start, event.end, person) for person in persons)
        if not persons and event.end > now:
            strangers[event.summary or ", ".join(event.attendees) or "an event without a name"] = None
    return Look(tuple(spans), tuple(strangers))


async def _text(one: Calendar) -> bytes:
    if one.file is not None:
        return await asyncio.to_thread(_file, one)
    try:
        async with asyncio.timeout(SECONDS):
            return await fetched(one.address.get_secret_value() if one.address else "")
    except TimeoutError:
        raise NotDelivered(f"Its host did not answer within {SECONDS:g} s.", retry=True) from None


def _file(one: Calendar) -> bytes:
    assert one.file is not None  # noqa: S101 - the caller's own check
    try:
        with one.file.open("rb") as file:
            return file.read(calendar_events.LARGEST + 1)
    except OSError as error:
        raise BadInput(f"The file {one.file.name} cannot be read: {error.strerror}.", "Look at the file.") from None


async def fetched(address: str, ask: Callable[[str], Awaitable[Reply]] | None = None) -> bytes:
    """The body at an https address, which may lead elsewhere on its own host alone; no error shows its path.

    BadInput where it leads away, NotDelivered; `ask` gets the answer at an address, whatever it is.
    """
    host = urlsplit(address).netloc
    for _ in range(HOPS + 1):
        parts = urlsplit(address)
        if parts.scheme != "https" or parts.netloc != host:
            raise BadInput(f"{urlsplit(f'//{host}').hostname} leads elsewhere.", "Set the address it leads to.")
        reply = await (ask or _asked)(address)
        if not 300 <= reply.status < 400:
            break
        address = urljoin(address, reply.headers.get("location", ""))
    if reply.status != 200:
        raise NotDelivered(f"{urlsplit(address).hostname} answered {reply.status}.", "Look at the address.")
    return reply.body


async def _asked(address: str) -> Reply:
    parts = urlsplit(address)
    peer = Peer(f"{parts.scheme}://{parts.netloc}", {"Accept": "text/calendar"}, largest=calendar_events.LARGEST)
    query = f"?{parts.query}" if parts.query else ""
    return await peer.ask("GET", f"{parts.path.removeprefix('/')}{query}")


# What is told


def _unread(desk: Desk, one: Calendar, error: TocsinError) -> str:
    w = words.of(desk.settings.slack.language).calendars
    return words.fill(w.unread, layer=one.layer, rota=one.rota, why=written.line(str(error), WHY))


def _strangers(desk: Desk, one: Calendar, look: Look) -> str:
    if not look.strangers:
        return ""
    w = words.of(desk.settings.slack.language).calendars
    names = ", ".join(f"“{written.line(name, 60)}”" for name in sorted(look.strangers)[:NAMED])
    return words.fill(w.strangers, layer=one.layer, rota=one.rota, count=str(len(look.strangers)), names=names)


def _tell(tx: Tx, desk: Desk, one: Calendar, text: str, now: datetime) -> None:
    """The lead of the rota's owner team, else the team; where nobody owns it, the channel."""
    for to in _owners(desk, one.rota):
        escalate.owe(tx, f"{KIND}/{one.rota}/{one.layer}/{now.isoformat()}/{to}", to, text, now)


def _owners(desk: Desk, name: str) -> Iterable[str]:
    rota = desk.settings.rotas.get(name)
    team = desk.settings.people.teams.get((rota.owner or "") if rota else "")
    if team is None:
        return [f"channel:{desk.settings.slack.channel}"]
    return [f"person:{person}" for person in ((team.lead,) if team.lead else team.members)]
