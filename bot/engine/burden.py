"""Who bore how much of a rota in a span that may be long gone: by what it was then, and the pages that were sent."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.engine.desk import Desk
from bot.model import handover
from bot.model.rota import Rota
from bot.rules import burden
from bot.rules import rota as rota_rule
from bot.rules.burden import Burden, Terms
from bot.store import Tx, calendars, overrides, paged, rotas


@dataclass(frozen=True, slots=True)
class Report:
    """A rota in `[start, end)`: who bore what, the share of the time that was covered, and what is not even."""

    rota: str
    start: datetime
    end: datetime
    covered: float
    people: tuple[Burden, ...]
    unfair: tuple[str, ...]


def figures(tx: Tx, desk: Desk, rota: Rota, start: datetime, end: datetime, terms: Terms | None = None) -> list[Burden]:
    """What everybody bore, whoever bore most first; nights are from 22 to 7, holidays its own, but for `terms`."""
    return list(report(tx, desk, rota, start, end, terms).people)


def report(tx: Tx, desk: Desk, rota: Rota, start: datetime, end: datetime, terms: Terms | None = None) -> Report:
    """The same, with how much of the time was covered and what is not even."""
    known = replace(rota, past=rotas.past(tx).get(rota.name, rota.past))
    known = calendars.filled(tx, {rota.name: known})[rota.name]
    byhand = (*desk.settings.overrides, *overrides.active(tx, start, end, rota.name))
    changes = [one for one in byhand if not handover.own(one)]  # to wait for somebody's acceptance is no shift
    shifts = rota_rule.shifts(known, start, end, changes)
    people = burden.of(known, shifts, paged.between(tx, start, end), terms or Terms(country=burden.country(rota)))
    covered = round(burden.covered(shifts), 4)
    return Report(rota.name, start, end, covered, tuple(people), tuple(burden.unfair(people)))
