"""Is every tier armed? Each tier of each runbook for each model, at every instant of the days to come.

It asks as a step that fires would, so that what it says is what will happen.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot import runbooks
from bot.engine.desk import Desk
from bot.model.armed import Armed, Gap, Lack, Use
from bot.model.runbook import Policy, Tier
from bot.rules import armed, escalation, reach
from bot.rules.escalation import Roster
from bot.runbooks import Library
from bot.settings import Settings, fit
from bot.store import Tx, calendars, overrides
from bot.store import armed as rows

AHEAD = timedelta(days=14)
FEW = 5  #: models that are named of a tier, and teams that are told of one gap
ANY = "*"  #: what nobody has catalogued, among models


@dataclass
class _Wanted:
    """Who asks for one list of targets at one urgency: models by tier and runbook, their teams, the last resorts."""

    models: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    teams: dict[str, None] = field(default_factory=dict)
    last: dict[str, None] = field(default_factory=dict)


_Demands = dict[armed.Asked, _Wanted]


def look(settings: Settings, library: Library, roster: Roster, start: datetime, end: datetime) -> Armed:
    """Every gap and lack in `[start, end)`; `roster` holds the overrides of that whole span.

    It may take a second, so it has no place in a loop that others wait for.
    """
    demands = _demands(settings, library)
    sight = armed.Sight(roster, start, end)
    found = sorted(_gaps(demands, sight, roster), key=lambda gap: (gap.start, gap.targets))
    lacks = tuple(_owned(lack, settings, roster) for lack in sight.lacks(demands))
    tiers, dark = _count(demands, {(gap.targets, urgency) for gap in found for urgency in gap.urgencies})
    return Armed(start, end, tiers, tiers - dark, tuple(found), lacks)


def gaps(settings: Settings, library: Library, roster: Roster, start: datetime, end: datetime) -> list[Gap]:
    """The gaps alone, the first first."""
    return list(look(settings, library, roster, start, end).gaps)


def seen(tx: Tx, desk: Desk, start: datetime, end: datetime) -> Roster:
    """Everything needed to say who answers at any moment of the span."""
    byhand = overrides.active(tx, start, end)
    known = desk.roster(tx, start)
    rotas = calendars.filled(tx, known.rotas)  # a terminal has only what stands in the files
    return replace(known, rotas=rotas, overrides=(*desk.settings.overrides, *byhand))


def standing(tx: Tx) -> Armed | None:
    """What the last nightly look found, as far as it is not over; None before the first."""
    last = rows.last(tx)
    if last is None:
        return None
    matters = rows.matters(tx).values()
    found = sorted(
        (gap for one in matters for gap in one.gaps if gap.end > tx.now), key=lambda gap: (gap.start, gap.targets)
    )
    return replace(last, gaps=tuple(found), lacks=tuple(one.lack for one in matters if one.lack))


def _demands(settings: Settings, library: Library) -> _Demands:
    """Every list of targets that some tier pages, with what urgency and for what, equal ones as one.

    What nobody has catalogued has no team: a target that asks for one is not counted as a gap.
    """
    found: _Demands = {}
    for book in library.runbooks:
        grades = dict.fromkeys(grade.severity for grade in book.severity)
        urgencies = dict.fromkeys(runbooks.policy(book, one, None, settings.escalation).urgency for one in grades)
        for model in fit.candidates(book, settings.estate):
            policy = runbooks.policy(book, book.severity[-1].severity, model, settings.escalation)
            for tier in _tiers(policy):
                for urgency in urgencies:
                    wanted = found.setdefault((tier.page, urgency), _Wanted())
                    wanted.models.setdefault((tier.name, book.name), []).append(model.name if model else ANY)
                    wanted.teams |= {model.team: None} if model else {}
                    wanted.last |= dict.fromkeys(policy.fallback)
    return found


def _tiers(policy: Policy) -> Iterator[Tier]:
    """Those that lead somewhere, the last resort among them; which they are does not depend on the severity."""
    for tier in (*policy.tiers, Tier(escalation.FALLBACK, policy.fallback, policy.tiers[0].answer_within)):
        people = tuple(
            target for target in tier.page if not target.startswith(f"{reach.AGENT}:")
        )  # an agent wakes nobody
        tier = tier if people == tier.page else replace(tier, page=people)
        if tier.page and not any("{" in target for target in tier.page):
            yield tier


def _gaps(demands: _Demands, sight: armed.Sight, roster: Roster) -> Iterator[Gap]:
    """One for each span; what is dark both for what is urgent and for what is not, as one."""
    found: dict[tuple[tuple[str, ...], datetime, datetime], tuple[str, list[str]]] = {}
    for targets, urgency in demands:
        for span in sight.silent(targets, urgency):
            found.setdefault((targets, span.start, span.end), (span.why, []))[1].append(urgency)
    for (targets, start, end), (why, urgencies) in found.items():
        wanted = [demands[targets, urgency] for urgency in urgencies]
        teams, last = [name for one in wanted for name in one.teams], [name for one in wanted for name in one.last]
        yield Gap(targets, start, end, why, tuple(urgencies), _uses(wanted), _owners(targets, teams, last, roster))


def _uses(wanted: Iterable[_Wanted]) -> tuple[Use, ...]:
    """The tiers of several, each once."""
    every: dict[tuple[str, str], dict[str, None]] = {}
    for one in wanted:
        for key, models in one.models.items():
            every.setdefault(key, {}).update(dict.fromkeys(models))
    return tuple(Use(*key, tuple(models)[:FEW], len(models)) for key, models in every.items())


def _owners(targets: Iterable[str], teams: Iterable[str], last: Iterable[str], roster: Roster) -> tuple[str, ...]:
    """The owners of the rotas among the targets; else the teams, unless there are many; else the last resort."""
    asked = [
        roster.rotas.get(reach.part(target.partition(":")[2])[0]) for target in targets if target.startswith("rota:")
    ]
    theirs = [f"team:{rota.owner}" for rota in asked if rota and rota.owner]
    others = [f"team:{team}" for team in dict.fromkeys(teams)]
    found = theirs or (others if len(others) <= FEW else [])
    return tuple(dict.fromkeys(found or last))


def _owned(lack: Lack, settings: Settings, roster: Roster) -> Lack:
    """With whoever has to see to it: the owners of the rotas that name them, else their own teams."""
    teams = [name for name, team in roster.people.teams.items() if lack.person in (*team.members, team.lead)]
    return replace(lack, owners=_owners(lack.targets, teams, settings.escalation.fallback, roster))


def _count(demands: _Demands, dark: Collection[armed.Asked]) -> tuple[int, int]:
    """How many tiers there are, each of a runbook for a model, and how many of them have a gap."""
    every: set[tuple[str, str, str]] = set()
    silent: set[tuple[str, str, str]] = set()
    for asked, wanted in demands.items():
        uses = {(*key, model) for key, models in wanted.models.items() for model in models}
        every |= uses
        silent |= uses if asked in dark else set()
    return len(every), len(silent)
