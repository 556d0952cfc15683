"""How much of what happens has a runbook of its own, and what only the default one was there for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import telemetry
from bot.engine.desk import Desk
from bot.model.alert import Kind
from bot.model.matcher import Matcher
from bot.runbooks import Library
from bot.settings import Settings, fit
from bot.store import Tx, incidents, tally
from bot.store.tally import Tally

MONTH = timedelta(days=30)  #: what the metric tells of
ITSELF = "tocsin"  #: the source of what the rules on noise say
NONE = "none"  #: what an incident has for a runbook that none matched


@dataclass(frozen=True, slots=True)
class Share:
    """Incidents and their alerts, and how many of each a specific runbook took."""

    incidents: int = 0
    alerts: int = 0
    specific_incidents: int = 0
    specific_alerts: int = 0

    @property
    def of_incidents(self) -> float | None:
        """From 0 to 1; None where nothing happened."""
        return self.specific_incidents / self.incidents if self.incidents else None

    @property
    def of_alerts(self) -> float | None:
        """The same for alerts."""
        return self.specific_alerts / self.alerts if self.alerts else None


@dataclass(frozen=True, slots=True)
class Line:
    """The share of one entity, model and kind."""

    entity: str
    model: str | None
    kind: str
    share: Share


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of everything in `[start, end)`, that of each part, and what of the estate has no specific runbook."""

    start: datetime
    end: datetime
    whole: Share
    lines: tuple[Line, ...]
    bare: tuple[tuple[str, str], ...]  #: (model, kind)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """What a default runbook took, and who should write one: the team of the model, or the owner of the default."""

    tally: Tally
    title: str  #: of the newest incident
    owner: str | None


async def measured(desk: Desk, start: datetime, end: datetime) -> Coverage:
    """What there is to say of the incidents that opened in `[start, end)`."""
    tallies = await desk.store.read(lambda tx: _opened(tx, desk, start, end))
    usual = defaults(desk.runbooks)
    places = dict.fromkeys((one.entity, one.model, one.kind) for one in tallies)
    lines = [
        Line(*place, share([one for one in tallies if (one.entity, one.model, one.kind) == place], usual))
        for place in places
    ]
    found = bare(desk.runbooks, desk.settings)
    return Coverage(start, end, share(tallies, usual), tuple(lines), found)


def share(tallies: Iterable[Tally], usual: frozenset[str]) -> Share:
    """The share of all of `tallies`, `usual` being the names of the runbooks that are not specific."""
    each = list(tallies)
    own = [one for one in each if one.runbook not in usual]
    return Share(_incidents(each), _alerts(each), _incidents(own), _alerts(own))


def _incidents(tallies: Sequence[Tally]) -> int:
    return sum(one.incidents for one in tallies)


def _alerts(tallies: Sequence[Tally]) -> int:
    return sum(one.alerts for one in tallies)


def defaults(library: Library) -> frozenset[str]:
    """The names of the runbooks that match everything, and the word for none at all."""
    return frozenset({NONE, *(book.name for book in library.runbooks if not book.match)})


def _opened(tx: Tx, desk: Desk, start: datetime, end: datetime) -> list[Tally]:
    """What opened, but for the bot's own incidents, which no monitor told of and nobody declared."""
    own = inner(desk.runbooks, desk.settings)
    return [one for one in tally.opened(tx, start, end) if one.runbook not in own]


def inner(library: Library, settings: Settings) -> frozenset[str]:
    """The runbooks that are for the bot's own alerts alone, as that of a storm is."""
    others = [sender for sender in fit.senders(settings) if sender[0] != ITSELF]
    return frozenset(book.name for book in library.runbooks if not any(fit.brings(sender, book) for sender in others))


def bare(library: Library, settings: Settings) -> tuple[tuple[str, str], ...]:
    """Each (model, kind) for which no specific runbook could ever be chosen, by kind."""
    own, estate = inner(library, settings), settings.estate
    specific = [book for book in library.runbooks if book.match and book.name not in own]
    covered = {
        (model.name, kind.value)
        for kind in Kind
        for book in specific
        for model in fit.candidates(book, estate, Matcher("kind", "=", kind.value))
        if model
    }
    return tuple((name, kind.value) for kind in Kind for name in estate.models if (name, kind.value) not in covered)


async def unmatched(desk: Desk, start: datetime, end: datetime) -> list[Unmatched]:
    """What went to a default runbook in `[start, end)`, the most frequent first."""
    return await desk.store.read(lambda tx: left_over(tx, desk, start, end))


def left_over(tx: Tx, desk: Desk, start: datetime, end: datetime) -> list[Unmatched]:
    """The same within a transaction."""
    usual = defaults(desk.runbooks)
    found = [one for one in tally.opened(tx, start, end) if one.runbook in usual]
    newest = incidents.by_ids(tx, {one.newest for one in found})
    return [Unmatched(one, newest[one.newest].title, _owner(desk, one)) for one in found]


def _owner(desk: Desk, one: Tally) -> str | None:
    model = desk.settings.estate.find(one.model)
    book = desk.runbooks.get(one.runbook)
    return f"team:{model.team}" if model else book.owner if book else None


async def measure(desk: Desk, now: datetime) -> None:
    """Set the metric: the shares of the last 30 days, of everything (`entity` empty) and of each entity."""
    tallies = await desk.store.read(lambda tx: _opened(tx, desk, now - MONTH, now))
    usual = defaults(desk.runbooks)
    telemetry.RUNBOOK_COVERAGE.clear()
    for entity in ("", *sorted({one.entity for one in tallies})):
        found = share([one for one in tallies if entity in ("", one.entity)], usual)
        for what, value in (("incidents", found.of_incidents), ("alerts", found.of_alerts)):
            if value is not None:
                telemetry.RUNBOOK_COVERAGE.labels(entity, what).set(value)
