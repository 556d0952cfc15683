"""What people and programs are shown: an incident as it stands, the open ones, who is on call."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import documents
from bot.engine import (
    annotate,
    blast,
    checklist,
    escalate,
    estate_report,
    headline,
    ladder,
    likeness,
    opening,
    serious_say,
    staging,
    waiting,
)
from bot.engine import timeline as timelines
from bot.engine.desk import Desk
from bot.engine.ladder import Rung
from bot.errors import NotFound
from bot.model.alert import Alert, Kind, Status
from bot.model.change import Lever
from bot.model.estate import Model
from bot.model.freeze import LegalHold
from bot.model.incident import SEVERITIES, Incident
from bot.model.page import Page, PageState
from bot.model.people import Person
from bot.model.rota import Shift
from bot.model.served import WayBack
from bot.model.silence import Silence
from bot.model.view import NextStep, View
from bot.rules import escalation, reach, rota, stages
from bot.store import Tx, change_events, clocks, held, incidents, legal_holds, overrides, silences
from bot.store import alerts as alert_rows
from bot.store import pages as page_rows

GATHERED = 10  # incidents of a storm that a view spells out
CHANGES, CHANGED = 3, timedelta(hours=24)  # so many of the changes so shortly before an incident are shown beside it
MOST = 500  # open incidents that are looked through for somebody's own
EVALUATE = "evaluate"  #: what runbooks call the comparison of versions
_RETRAIN = frozenset({Lever.RETRAIN})
AHEAD = timedelta(days=31)  # how far back and ahead overrides are looked up when shifts are shown


@dataclass(frozen=True, slots=True)
class OnCall:
    """Who holds a rota now, and who after that."""

    rota: str
    shift: Shift
    after: Shift | None
    persons: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Degraded:
    """A model or agent, by name, and its open incidents, the gravest first."""

    model: str
    incidents: tuple[Incident, ...]


@dataclass(frozen=True)
class Overview:
    """What people's own pages are drawn from, read at one moment."""

    on_call: tuple[OnCall, ...]
    mine: Mapping[str, tuple[Incident, ...]]  #: by person, the gravest first
    degraded: tuple[Degraded, ...]
    snoozed: tuple[Incident, ...]
    without_way_back: tuple[WayBack, ...]
    silences: tuple[Silence, ...] = ()  #: in force or planned, in the order of their starts


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers for something now: the rotas, for a model also its tiers, and everybody behind them, first first."""

    about: str  #: model churn, team churn-ml, rota first-line, entity retail
    rotas: tuple[OnCall, ...]
    tiers: tuple[Rung, ...]
    persons: tuple[Person, ...]


async def view(desk: Desk, typed: str, *, timeline: int = 0, whole: bool = False) -> View:
    """The incident somebody means by `typed`, with its newest `timeline` entries; `whole`: checklist and notes too.

    NotFound.
    """
    return await desk.store.read(lambda tx: view_in(tx, desk, typed, timeline, whole=whole))


async def incidents_list(
    desk: Desk, *, open_only: bool = True, entity: str | None = None, limit: int = 20
) -> list[Incident]:
    """The newest incidents, newest first."""
    return await desk.store.read(lambda tx: incidents.listing(tx, open_only=open_only, entity=entity, limit=limit))


async def mine(desk: Desk, person: str) -> list[Incident]:
    """The open incidents that `person` holds or is waited for, newest first."""
    return await desk.store.read(lambda tx: _mine(tx, person, _open(tx)))


async def snoozed(desk: Desk) -> list[Incident]:
    """The open incidents that are quiet for a while, the next to wake first."""
    return _snoozed(await desk.store.read(_open))


async def degraded(desk: Desk) -> list[Degraded]:
    """Every model or agent that open incidents are about, the gravest first."""
    return _degraded(await desk.store.read(_open))


async def overview(desk: Desk, persons: Collection[str], at: datetime) -> Overview:
    """What the pages of all `persons` show at `at`, nothing read twice."""
    return await desk.store.read(lambda tx: _overview(tx, desk, persons, at))


async def without_way_back(desk: Desk) -> list[WayBack]:
    """The models and agents that could not be rolled back if they failed now, as the last look found, each with why."""
    return await desk.store.read(lambda tx: estate_report.without_way_back(tx, desk))


async def on_call(desk: Desk, at: datetime) -> list[OnCall]:
    """Every rota's shift at `at` and the one after, by the resolver that pages (P8)."""
    return await desk.store.read(lambda tx: _on_call(tx, desk, at, desk.settings.rotas))


async def on_call_for(desk: Desk, what: str, at: datetime) -> Answering:
    """Who answers at `at` for a model (by an alias, too), a rota, a team or an entity. NotFound with what it may mean.

    For a model that is whom its runbook would page if it failed in production now.
    """
    return await desk.store.read(lambda tx: _on_call_for(tx, desk, what.strip(), at))


def view_in(tx: Tx, desk: Desk, typed: str, timeline: int = 0, *, whole: bool = False) -> View:
    """The same, within a transaction that reads more. NotFound."""
    incident = incidents.find(tx, typed)
    behind = held.about(tx, incident.id) if incident.open else held.Behind(0)
    hold, owed = legal_holds.on(tx, incident.id), serious_say.owed(desk, clocks.of(tx, incident.id))
    read = _Read(incident, page_rows.of(tx, incident.id), behind, hold, owed)
    return _view(tx, desk, read, timeline, whole=whole)


def views_in(tx: Tx, desk: Desk, ids: Collection[str]) -> dict[str, View]:
    """The same for several incidents that there are, by id; what few of them have is asked for once."""
    found, sheets = incidents.by_ids(tx, ids), page_rows.of_several(tx, ids)
    holding, none = held.holding(tx, [its for its, incident in found.items() if incident.open]), held.Behind(0)
    holds = {hold.incident: hold for hold in legal_holds.in_force(tx)}
    running = clocks.running(tx)

    def read(its: str, incident: Incident) -> _Read:
        behind = held.about(tx, its) if its in holding else none
        owed = serious_say.owed(desk, (clock for clock in running if clock.incident == its))
        return _Read(incident, sheets[its], behind, holds.get(its), owed)

    return {its: _view(tx, desk, read(its, incident)) for its, incident in found.items()}


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of an incident before the rest of its view is."""

    incident: Incident
    sheets: list[Page]
    behind: held.Behind
    hold: LegalHold | None
    owed: tuple[serious_say.Owed, ...] = ()


def _view(tx: Tx, desk: Desk, read: _Read, timeline: int = 0, *, whole: bool = False) -> View:
    incident, sheets, behind = read.incident, read.sheets, read.behind
    kept = alert_rows.of(tx, incident.id)
    people = desk.people(tx).persons
    book = desk.runbooks.get(incident.runbook)
    storm = incident.key.startswith(escalate.STORM)
    return View(
        incident=incident,
        headline=headline.of(incident, kept[0] if kept else None),
        alerts=tuple(kept),
        pages=tuple(sheets),
        runbook_title=book.title if book else incident.runbook,
        owner_team=desk.owner_team(incident),
        holder=people.get(incident.holder or ""),
        waiting_for=_waiting(incident, sheets, people),
        next_step=_next(tx, desk, incident),
        timeline=timelines.of(tx, incident, timeline) if timeline else (),
        checklist=checklist.of(tx, desk, incident) if whole else (),
        notes=annotate.remarks(tx, incident) if whole else (),
        holds=behind.alerts,
        holds_about=behind.about,
        gathered=tuple(incidents.under(tx, incident.id, limit=GATHERED)) if storm else (),
        gathered_total=incidents.count_under(tx, incident.id) if storm else 0,
        calm_until=incident.calm_since + waiting.calm(desk, incident) if incident.calm_since else None,
        changes=tuple(change_events.before(tx, incident, CHANGED, CHANGES)),
        hold=read.hold,
        clocks=read.owed,
        likes=likeness.last(tx, incident.id),
        blast=blast.last(tx, incident.id) if blast.hosted(desk, incident.model) else None,
        levers=levers(desk, incident.model),
        evaluates=evaluates(desk, incident),
        retrains=retrains(desk, incident),
    )


def levers(desk: Desk, name: str | None) -> frozenset[Lever]:
    """What the platform that runs a model or agent lets one do to it, and to retrain it where that can be done."""
    model = desk.settings.estate.find(name)
    if model is None:
        return frozenset()
    host = desk.hosts.get(model.platform or "")
    trained = model.retrain is not None and model.trained_by in desk.forges
    return (host.platform.levers if host else frozenset()) | (_RETRAIN if trained else frozenset())


def evaluates(desk: Desk, incident: Incident) -> bool:
    """Whether the incident's runbook offers to evaluate its model, and the catalogue says how that is done."""
    model, book = desk.settings.estate.find(incident.model), desk.runbooks.get(incident.runbook)
    offered = book is not None and any(action.name == EVALUATE for action in book.actions)
    return offered and model is not None and model.trial is not None


def retrains(desk: Desk, incident: Incident) -> bool:
    """Whether the incident's runbook offers to retrain its model, and that can be done."""
    book = desk.runbooks.get(incident.runbook)
    offered = book is not None and any(action.name == Lever.RETRAIN for action in book.actions)
    return offered and Lever.RETRAIN in levers(desk, incident.model)


def _open(tx: Tx) -> list[Incident]:
    return incidents.listing(tx, limit=MOST)


def _mine(tx: Tx, person: str, found: Iterable[Incident]) -> list[Incident]:
    waiting = page_rows.waiting_for(tx, person)
    return [each for each in found if each.holder == person or each.id in waiting]


def _snoozed(found: Iterable[Incident]) -> list[Incident]:
    quiet = [incident for incident in found if incident.snoozed_until is not None]
    return sorted(quiet, key=lambda incident: (incident.snoozed_until, incident.opened_at))


def _degraded(found: Iterable[Incident]) -> list[Degraded]:
    about: dict[str, list[Incident]] = {}
    for incident in sorted(found, key=_gravity):
        if incident.model:
            about.setdefault(incident.model, []).append(incident)
    return [Degraded(model, tuple(each)) for model, each in about.items()]


def _overview(tx: Tx, desk: Desk, persons: Collection[str], at: datetime) -> Overview:
    found = sorted(_open(tx), key=_gravity)
    return Overview(
        on_call=tuple(_on_call(tx, desk, at, desk.settings.rotas)),
        mine={person: tuple(_mine(tx, person, found)) for person in persons},
        degraded=tuple(_degraded(found)),
        snoozed=tuple(_snoozed(found)),
        without_way_back=tuple(estate_report.without_way_back(tx, desk)),
        silences=tuple(silences.standing(tx, at)),
    )


def _gravity(incident: Incident) -> tuple[int, datetime]:
    return SEVERITIES.index(incident.severity), incident.opened_at


def _on_call(tx: Tx, desk: Desk, at: datetime, names: Iterable[str]) -> list[OnCall]:
    byhand = overrides.active(tx, at - AHEAD, at + AHEAD)
    changes, people = (*desk.settings.overrides, *byhand), desk.people(tx).persons
    found = []
    for each in (desk.settings.rotas[name] for name in names):
        shift = rota.shift(each, at, changes)
        following = rota.shift(each, shift.end, changes) if shift.end < at + AHEAD else None
        persons = tuple(people[holder.person] for holder in shift.holders if holder.person in people)
        found.append(OnCall(each.name, shift, following, persons))
    return found


def _on_call_for(tx: Tx, desk: Desk, what: str, at: datetime) -> Answering:
    own = desk.settings
    if model := own.estate.find(what):
        return _answering(tx, desk, f"model {model.name}", [model], at)
    if what in own.rotas:
        rotas = _on_call(tx, desk, at, [what])
        return Answering(f"rota {what}", tuple(rotas), (), rotas[0].persons)
    if what in own.people.teams:
        models = [model for model in own.estate.models.values() if model.team == what]
        return _answering(tx, desk, f"team {what}", models, at)
    if what in own.estate.entities:
        models = [model for model in own.estate.models.values() if model.entity == what]
        return _answering(tx, desk, f"entity {what}", models, at)
    known = (*own.estate.names, *own.rotas, *own.people.teams, *own.estate.entities)
    cure = documents.closest(what, known) or "Name a model, a rota, a team or an entity."
    raise NotFound(f"Nothing is called {what[:60]!r}.", cure)


def _answering(tx: Tx, desk: Desk, about: str, models: Sequence[Model], at: datetime) -> Answering:
    """By what their runbooks would page; for a team also the rotas it owns, and its people where that is nobody."""
    own, team = desk.settings, about.partition(" ")[2]
    drawn = [_failing(desk, model, at) for model in models]
    tiers = [tier for incident in drawn for tier in incident.policy.tiers]
    targets = [target.partition(":") for tier in tiers for target in tier.page]
    named = [name for kind, _, name in targets if kind == "rota" and name in own.rotas]
    if about.startswith("team "):
        named += [name for name, each in own.rotas.items() if each.owner == team]
    rotas = _on_call(tx, desk, at, dict.fromkeys(named))
    ladders = [ladder.climb(tx, desk, incident, at).rungs for incident in drawn]
    names = [name for rungs in ladders for rung in rungs for name in rung.persons]
    names += [person.name for each in rotas for person in each.persons]
    if not names and (crew := own.people.teams.get(team)):
        names = [*((crew.lead,) if crew.lead else ()), *crew.members]
    people = desk.people(tx).persons
    persons = tuple(people[name] for name in dict.fromkeys(names) if name in people)
    tiers_of_one = ladders[0] if about.startswith("model ") else ()
    return Answering(about, tuple(rotas), tiers_of_one, persons)


def _waiting(incident: Incident, sheets: list[Page], people: Mapping[str, Person]) -> tuple[Person, ...]:
    if incident.holder or not incident.open:
        return ()
    out = (PageState.DECIDED, PageState.SENT, PageState.DELIVERED)
    step = incident.step
    if stages.staged(incident.policy):  # a stage that only waits leaves those who were paged before it
        step = max((sheet.step for sheet in sheets if not sheet.asked), default=step)
    names = dict.fromkeys(sheet.person for sheet in sheets if sheet.step == step and sheet.state in out)
    known = (Person(reach.shown(name)) if reach.place(name) else people.get(name) for name in names)
    return tuple(person for person in known if person)


def _next(tx: Tx, desk: Desk, incident: Incident) -> NextStep | None:
    """The step after this one, and who would be paged if it fired at its time."""
    if incident.next_step_at is None or not incident.open:
        return None
    if stages.staged(incident.policy):
        return _next_stage(tx, desk, incident, incident.next_step_at)
    position: tuple[int, str] | None = (incident.round, incident.tier)  # nothing has fired yet
    if incident.step:
        position = escalation.following(incident.policy, incident.round, incident.tier)
    tier = position[1] if position else escalation.FALLBACK
    targets = escalation.tier_of(incident.policy, tier).page if position else incident.policy.fallback
    at = incident.next_step_at
    roster = desk.roster(tx, at)
    found = [reach.people(t, roster.rotas, roster.people, roster.overrides, at).persons for t in targets]
    names = dict.fromkeys(name for persons in found for name in persons)
    return NextStep(at, tier, ", ".join(names) or "nobody")


def _next_stage(tx: Tx, desk: Desk, incident: Incident, at: datetime) -> NextStep:
    """The same by the stages of its tiers, as it would fire."""
    step = escalation.fire(incident, desk.roster(tx, at), at, staging.facts(tx, desk, incident, at))
    names = [reach.shown(page.person) for page in step.pages] + [f"agent {name}" for name in step.agents]
    tier = escalation.FALLBACK if step.incident.exhausted else step.incident.tier
    return NextStep(at, tier, ", ".join(dict.fromkeys(names)) or ("nobody yet" if step.waits else "nobody"))


def _failing(desk: Desk, model: Model, at: datetime) -> Incident:
    """The incident there would be if `model` failed in production at `at`."""
    alert = Alert(
        "person", "by-hand", "imagined", "", Status.FIRING, Kind.FAILURE, at, model=model.name, environment="production"
    )
    return opening.incident(desk, "INC-0", alert, opening.route(desk, alert), at)
