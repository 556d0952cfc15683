"""Who is on call as iCalendar text that calendars subscribe to, by the resolver that pages (a home of icalendar)."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from bot.engine.desk import Desk
from bot.errors import TocsinError
from bot.model import handover
from bot.model.feed import Shown
from bot.model.rota import Override, Rota, Shift
from bot.rules import rota as rule
from bot.rules import tombstones, written
from bot.settings import Settings
from bot.store import Tx, feeds, overrides

if TYPE_CHECKING:
    from icalendar import Calendar, Event

BACK, AHEAD = timedelta(weeks=4), timedelta(weeks=26)
KINDS = ("person", "rota", "team")
EVERY = timedelta(hours=1)  #: how often readers are asked to come again
WHY = 2_000  # characters of a reason
READY = 256  # texts that are kept for whoever asks again before anything has changed
_WEEK = timedelta(weeks=1)
_MONDAY = datetime.fromisoformat("2024-01-01T00:00+00:00")


class Missing(TocsinError):
    """The library that writes and reads calendars is not installed."""

    def __init__(self) -> None:
        """Says how to get it."""
        super().__init__("Calendars need the library `icalendar`.", "pip install 'tocsin[ical]', then start again.")


class _Basis(NamedTuple):
    """What a text was made from; the same basis makes the same text."""

    settings: Settings
    overrides: tuple[Override, ...]
    start: datetime
    day: int  #: cancelled events are shown for days
    newest: datetime | None  #: when what was shown last changed, on whichever replica


@dataclass(frozen=True)
class _Drawn:
    """An event, and what a reader is told about it."""

    event: Shown
    why: str
    rota: str


class Calendars:
    """Draws calendars, and keeps those that nothing has changed since."""

    def __init__(self, desk: Desk) -> None:
        """The configuration is read whenever one is drawn."""
        self._desk = desk
        self._ready: OrderedDict[str, tuple[_Basis, bytes]] = OrderedDict()

    async def text(self, about: str) -> bytes:
        """The calendar of person:NAME, rota:NAME or team:NAME as it is now; Missing without the library.

        Where that is nobody any more, what was shown before is cancelled.
        """
        library()
        desk, now = self._desk, self._desk.clock.now()
        basis = await desk.store.read(lambda tx: _basis(tx, desk, about, now))
        kept = self._ready.get(about)
        if kept and kept[0].settings is basis.settings and kept[0] == basis:
            return kept[1]
        drawn = await desk.store.read(lambda tx: _drawn(tx, about, basis))
        wanted = [one.event for one in drawn]
        shown, changed = await desk.store.read(lambda tx: _reconciled(tx, about, basis, wanted, now))
        if changed:
            shown = await desk.store.write(lambda tx: _keep(tx, about, basis, wanted, now))
        told = {one.event.uid: one for one in drawn}
        visible = [event for event in shown if tombstones.visible(event, now)]
        made = await asyncio.to_thread(_text, basis.settings, about, visible, told)
        newest = max((event.changed_at for event in shown), default=None)
        self._ready[about] = (basis._replace(newest=newest), made)
        self._ready.move_to_end(about)
        while len(self._ready) > READY:
            self._ready.popitem(last=False)
        return made


def library() -> None:
    """Missing unless calendars can be written and read here."""
    try:
        import icalendar  # noqa: F401
    except ImportError:
        raise Missing from None


def span(now: datetime) -> tuple[datetime, datetime]:
    """From when until when calendars tell: whole weeks, so that nothing changes merely because time goes by."""
    start = _MONDAY + (now - BACK - _MONDAY) // _WEEK * _WEEK
    return start, start + BACK + AHEAD + _WEEK


def uid(about: str, rota: str, start: datetime) -> str:
    """The name of the event about a shift of `rota` that begins at `start`; it keeps it whoever holds the shift."""
    said = f"{about}|{rota}|{start.isoformat()}".encode()
    return f"{hashlib.sha256(said).hexdigest()[:32]}@tocsin"


def _basis(tx: Tx, desk: Desk, about: str, now: datetime) -> _Basis:
    settings, (start, end) = desk.settings, span(now)
    byhand = (*settings.overrides, *overrides.active(tx, start, end))
    # Who is kept on call until a handover is accepted is so for minutes: subscribers' calendars would only flicker.
    changes = tuple(one for one in byhand if not handover.own(one))
    return _Basis(settings, changes, start, (now - _MONDAY).days, feeds.newest(tx, about, start))


def _drawn(tx: Tx, about: str, basis: _Basis) -> list[_Drawn]:
    """The event of each shift it is about."""
    before = feeds.shown(tx, about, basis.start)
    found = []
    for rota in _rotas(basis, about):
        for shift in _shifts(rota, about, basis):
            who = ", ".join(holder.person for holder in shift.holders)
            summary = f"On call: {rota.name} ({who})"
            blank = Shown(about, uid(about, rota.name, shift.start), shift.start, shift.end, summary, 0, basis.start)
            event = _begun(blank, rota, before) if shift.start == basis.start else blank
            why = " ".join(holder.why for holder in shift.holders)
            found.append(_Drawn(event, why, rota.name))
    return found


def _begun(cut: Shown, rota: Rota, before: Sequence[Shown]) -> Shown:
    """The event with the beginning it was shown with, where that was before what calendars tell of now."""
    for old in before:
        same = old.summary == cut.summary and old.start < cut.start and not old.cancelled
        if same and old.uid == uid(cut.about, rota.name, old.start):
            return replace(cut, uid=old.uid, start=old.start)
    return cut


def _rotas(basis: _Basis, about: str) -> Iterator[Rota]:
    """Those of which shifts may be about it."""
    persons = _persons(basis.settings, about)
    for rota in basis.settings.rotas.values():
        named = {*rota.persons, *(person for past in rota.past for person in past.rota.persons)}
        named |= {change.person for change in basis.overrides if change.rota == rota.name and change.person}
        if _whole(rota, about) or named & persons:
            yield rota


def _whole(rota: Rota, about: str) -> bool:
    """Whether each of its shifts is about it, whoever holds it."""
    return about == f"rota:{rota.name}" or (rota.owner is not None and about == f"team:{rota.owner}")


def _persons(settings: Settings, about: str) -> frozenset[str]:
    """The persons whose shifts it tells of, whatever the rota."""
    kind, _, name = about.partition(":")
    team = settings.people.teams.get(name) if kind == "team" else None
    if team:
        return frozenset((*team.members, *((team.lead,) if team.lead else ())))
    return frozenset((name,)) if kind == "person" else frozenset()


def _shifts(rota: Rota, about: str, basis: _Basis) -> Iterator[Shift]:
    whole, persons = _whole(rota, about), _persons(basis.settings, about)
    end = basis.start + BACK + AHEAD + _WEEK
    for shift in rule.shifts(rota, basis.start, end, basis.overrides):
        if shift.holders and (whole or any(holder.person in persons for holder in shift.holders)):
            yield shift


def _reconciled(
    tx: Tx, about: str, basis: _Basis, wanted: Iterable[Shown], now: datetime
) -> tuple[list[Shown], list[Shown]]:
    """All events as they stand now, and those that are another than what is written down."""
    before = feeds.shown(tx, about, basis.start)
    shown = tombstones.reconciled(wanted, before, now)
    known = set(before)
    return shown, [event for event in shown if event not in known]


def _keep(tx: Tx, about: str, basis: _Basis, wanted: Iterable[Shown], now: datetime) -> list[Shown]:
    shown, changed = _reconciled(tx, about, basis, wanted, now)
    feeds.keep(tx, changed)
    feeds.forget(tx, about, basis.start)
    return shown


# The text


def _text(settings: Settings, about: str, shown: Sequence[Shown], told: dict[str, _Drawn]) -> bytes:
    from icalendar import Calendar

    made, zone = Calendar(), _zone(settings, about)
    kind, _, name = about.partition(":")
    title = f"On call: {name}" if kind != "team" else f"On call: team {name}"
    made.add("prodid", "-//Tocsin//On call//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    for key, value in (
        ("x-wr-calname", title),
        ("x-wr-caldesc", f"Who is on call, by Tocsin. Its wall clock is that of {zone}."),
        ("x-wr-timezone", zone),
        ("x-published-ttl", "PT1H"),
    ):
        made.add(key, value)
    made.add("refresh-interval", EVERY, parameters={"VALUE": "DURATION"})
    for event in sorted(shown, key=lambda one: (one.start, one.uid)):
        made.add_component(_event(settings, event, told.get(event.uid)))
    return _bytes(made)


def _bytes(made: "Calendar") -> bytes:
    return bytes(made.to_ical())


def _event(settings: Settings, shown: Shown, drawn: _Drawn | None) -> "Event":
    from icalendar import Event

    made = Event()
    made.add("uid", shown.uid)
    made.add("dtstamp", shown.changed_at)
    made.add("last-modified", shown.changed_at)
    made.add("sequence", shown.sequence)
    made.add("dtstart", shown.start)
    made.add("dtend", shown.end)
    made.add("summary", written.line(shown.summary, WHY))
    made.add("status", "CANCELLED" if shown.cancelled else "CONFIRMED")
    made.add("transp", "TRANSPARENT")
    if drawn:
        made.add("description", _told(settings, drawn))
    return made


def _told(settings: Settings, drawn: _Drawn) -> str:
    """Why, on whose clock, and how to do something about it."""
    rota = settings.rotas[drawn.rota]
    chat = "" if settings.slack.mode == "off" else "In Slack: /oncall. "
    where = f"{chat}In a terminal: tocsin oncall show {rota.name}."
    return f"{written.line(drawn.why, WHY)}\n\nThe clock of {rota.name} is that of {rota.timezone}.\n{where}"


def _zone(settings: Settings, about: str) -> str:
    """The zone of the rota, the person, or the team's first rota, else of its entity."""
    kind, _, name = about.partition(":")
    people = settings.people
    if kind == "rota":
        return settings.rotas[name].timezone if name in settings.rotas else "UTC"
    if kind == "person":
        return people.persons[name].timezone if name in people.persons else "UTC"
    owned = [rota.timezone for rota in settings.rotas.values() if rota.owner == name]
    team = people.teams.get(name)
    entity = settings.estate.entities.get(team.entity) if team else None
    return owned[0] if owned else entity.timezone if entity else "UTC"
