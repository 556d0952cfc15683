"""What would become of an alert, by the very rules that would take it in; nothing is written."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.engine import calm, escalate, holding, intake, ladder, opening, waiting
from bot.engine.desk import Desk
from bot.engine.ladder import Ladder, Mark
from bot.engine.opening import Route
from bot.model.alert import Alert, Status
from bot.model.estate import Model
from bot.model.evaluation import History
from bot.model.held import Hold
from bot.model.incident import Incident
from bot.model.runbook import Policy
from bot.rules import confirming, episodes, escalation, matching, routing, storming
from bot.rules.episodes import Meaning
from bot.store import Tx, evaluations, held, incidents
from bot.store import alerts as alert_rows

NONE = "none"  #: the runbook of what no runbook is for
DRAWN = "INC-0"  #: the id of an incident that is only imagined


@dataclass(frozen=True, slots=True)
class Passed:
    """A runbook that was not the one, and why."""

    runbook: str
    why: str


@dataclass(frozen=True, slots=True)
class Path:
    """Where the configuration leads an alert: the key of its incident, its runbook, its severity, its tiers."""

    model: Model | None
    group: tuple[tuple[str, str], ...]  #: the fields that make the grouping key, each with its value
    runbook: str
    title: str
    chosen: str  #: why this runbook
    passed: tuple[Passed, ...]
    severity: str
    graded: str  #: why this severity
    policy: Policy


@dataclass(frozen=True, slots=True)
class Told:
    """One alert, explained; `climb` is what silence leads to if it comes in."""

    alert: Alert
    path: Path
    meaning: episodes.Meaning
    meant: str  #: why it is new, a repeat, a resolve or dropped
    hold: Hold | None = None  #: what holds it back
    shadows: tuple[str, ...] = ()  #: what rules in shadow would have done
    incident: str | None = None  #: the open one it is in or would join; DRAWN where this delivery opens it
    opens: bool = False  #: it would open one
    joins: bool = False  #: it would become part of that incident; else it is already
    raises: bool = False  #: it would make that incident graver
    storm: str = ""  #: why another incident pages for the one it opens
    climb: Ladder = ladder.NOBODY
    marks: tuple[Mark, ...] = ()


def alerts(tx: Tx, desk: Desk, said: Sequence[Alert], at: datetime, language: str = "en") -> tuple[Told, ...]:
    """The alerts of one delivery, each as if those before it had been taken in."""
    return _Delivery(tx, desk, at, language).told(said)


def anew(tx: Tx, desk: Desk, alert: Alert, at: datetime, language: str = "en") -> Told:
    """An alert as if nothing of its problem or its incident were known."""
    return _Delivery(tx, desk, at, language).anew(alert)


def path(desk: Desk, alert: Alert) -> tuple[Route, Path]:
    """Where the configuration leads an alert, and why not elsewhere."""
    route = opening.route(desk, alert)
    facts = matching.Facts(alert, route.model)
    book = route.chosen.runbook
    others = (other for other in desk.runbooks.runbooks if other is not book)
    passed = tuple(Passed(other.name, routing.why_not(other, facts, book)) for other in others)
    group = tuple((name, _said(facts.get(name))) for name in (book.group.by if book else opening.BY_DEFAULT))
    policy = opening.policy(desk, book, route.severity, route.model)
    name, title = (book.name, book.title) if book else (NONE, "")
    way = Path(route.model, group, name, title, route.chosen.why, passed, route.severity, route.why, policy)
    return route, way


def _said(value: matching.Value) -> str:
    return "" if value is None else str(value)


class _Delivery:
    """The alerts of one delivery in turn; what each would leave behind is remembered here alone."""

    def __init__(self, tx: Tx, desk: Desk, at: datetime, language: str) -> None:
        self.tx, self.desk, self.at, self.language = tx, desk, at, language
        self.force = holding.InForce(desk.settings.noise, desk.settings.estate, at)
        self.episodes: dict[str, _Episode] = {}
        self.histories: dict[str, History] = {}
        self.open: dict[str, Incident | None] = {}  # by grouping key, as it would stand by now
        self.fresh: Counter[str] = Counter()  # incidents that this delivery opens, by entity

    def told(self, said: Sequence[Alert]) -> tuple[Told, ...]:
        """Each in its turn: what holds others is taken in before those."""
        routed = [path(self.desk, alert) for alert in said]
        problems = {alert.problem for alert in said}
        self.force = holding.load(self.tx, self.desk, self._pairs(said, routed), self.at)
        self.histories = evaluations.of(self.tx, problems)
        self._load(problems)
        found: dict[int, Told] = {}
        for wave in self.force.waves(self._pairs(said, routed)):
            for n in wave:
                found[n] = self._one(said[n], *routed[n])
        return tuple(found[n] for n in range(len(said)))

    @staticmethod
    def _pairs(said: Sequence[Alert], routed: Sequence[tuple[Route, Path]]) -> list[tuple[Alert, Route]]:
        return [(alert, route) for alert, (route, _) in zip(said, routed, strict=True)]

    def anew(self, alert: Alert) -> Told:
        """As if nothing of it were known, and nothing were open."""
        route, way = path(self.desk, alert)
        self.force = holding.load(self.tx, self.desk, [(alert, route)], self.at)
        self.open[route.key] = None
        return self._new(alert, route, way, "first seen")

    def _load(self, problems: Collection[str]) -> None:
        known, kept = alert_rows.known(self.tx, problems)
        at_home = incidents.by_ids(self.tx, {e.incident_id for e in known.values()})
        for problem, e in known.items():
            home = at_home.get(e.incident_id)
            while home is not None and home.merged_into is not None:
                home = incidents.get(self.tx, home.merged_into)
            firing = e.status is Status.FIRING
            self.episodes[problem] = _Episode(episodes.Known(e.started_at, firing, e.evaluated_at), home)
        for problem in kept:
            if one := held.of(self.tx, problem):
                alert = one.alert
                known_as = episodes.Known(alert.started_at, True, alert.evaluated_at)
                self.episodes[problem] = _Episode(known_as, None, held=True)

    def _one(self, alert: Alert, route: Route, way: Path) -> Told:
        before = self.episodes.get(alert.problem)
        history = confirming.noted(self.histories.get(alert.problem, ()), alert, self.at)
        self.histories[alert.problem] = history
        meaning, meant = episodes.judge(alert, before.known if before else None)
        if before is not None and meaning is Meaning.REPEAT and self._still(before):
            meaning, meant = Meaning.NEW, "it still fires, long after its incident was resolved"
        if before is not None and before.held and alert.status is Status.FIRING and meaning is not Meaning.DROP:
            meaning, meant = Meaning.NEW, "it was held until now, and is judged anew"
        if meaning is Meaning.NEW:
            stays = bool(before and before.known.firing and before.home and before.home.open)
            told = self._new(alert, route, way, meant, stays=stays)
            firing = episodes.Known(alert.started_at, True, alert.evaluated_at)
            home = self.open.get(route.key) if told.hold is None else None
            self.episodes[alert.problem] = _Episode(firing, home, told.hold is not None)
            return told
        return self._known(alert, way, meaning, meant, before)

    def _known(self, alert: Alert, way: Path, meaning: Meaning, meant: str, before: "_Episode | None") -> Told:
        """What concerns an episode that is known already, or nothing at all."""
        home = before.home if before else None
        if meaning is Meaning.RESOLVE and before:
            book = self.desk.runbooks.get(home.runbook) if home else None
            clean = confirming.clean(self.histories[alert.problem])
            if book and not book.calm.shadow and clean < book.calm.evaluations:
                meaning, meant = Meaning.REPEAT, f"{clean} of {book.calm.evaluations} clean evaluations in a row"
            else:
                self.episodes[alert.problem] = replace(before, known=replace(before.known, firing=False))
                self.force.leave_out([alert.problem])
        told = Told(alert, way, meaning, meant, incident=home.id if home and home.open else None)
        last = meaning is Meaning.RESOLVE and home is not None and home.alerts_firing <= 1
        return told if home is None or last else self._climbing(told, home)

    def _still(self, before: "_Episode") -> bool:
        """Whether it goes on firing long after somebody resolved its incident."""
        over = before.home.resolved_at if before.home else None
        return over is not None and self.at - over >= intake.STILL

    def _new(self, alert: Alert, route: Route, way: Path, meant: str, *, stays: bool = False) -> Told:
        """A new episode; one that `stays` in an open incident is held by nothing."""
        standing = self._standing(route)
        history = self.histories.get(alert.problem) or confirming.noted((), alert, self.at)
        judged = self.force.judge(alert, route, opens=standing is None, history=history) if not stays else holding.FREE
        shadows = tuple(f"In shadow: it would have been {one.why[:1].lower()}{one.why[1:]}" for one in judged.shadows)
        told = Told(alert, way, Meaning.NEW, meant, judged.hold, shadows)
        if judged.hold:
            return told
        if standing is None:
            return self._opening(told, opening.incident(self.desk, DRAWN, alert, route, self.at), route)
        return self._joining(told, standing, route)

    def _standing(self, route: Route) -> Incident | None:
        """The open incident of its grouping key, unless that is too old to be joined."""
        key = route.key
        if key not in self.open:
            found = incidents.open_by_keys(self.tx, [key]) or incidents.open_by_merged_keys(self.tx, [key])
            self.open[key] = found.get(key)
        standing, book = self.open[key], route.chosen.runbook
        window = book.group.window if book else None
        if standing is not None and standing.id != DRAWN and window is not None:
            last = incidents.last_joined(self.tx, {standing.id}).get(standing.id)
            return None if last is not None and self.at - last > window else standing
        return standing

    def _opening(self, told: Told, drawn: Incident, route: Route) -> Told:
        self.open[route.key] = drawn
        self.force.stands(told.alert.problem, self.force.holds(told.alert, route), drawn)
        told = replace(told, opens=True, incident=DRAWN, storm=self._storm(drawn))
        if would := waiting.would(self.desk, drawn, self.at):
            told = replace(told, shadows=(*told.shadows, would[1]))
        return told if told.storm else self._climbing(told, drawn)

    def _joining(self, told: Told, standing: Incident, route: Route) -> Told:
        """As intake does: its severity counts if it is graver, and a calm incident stirs."""
        after, due = standing, False
        if intake.graver(route.severity, standing.severity):
            policy = opening.policy(self.desk, route.chosen.runbook, route.severity, route.model)
            after, due = escalation.worse(standing, route.severity, policy)
            due = due or waiting.over(self.desk, after, self.at)
        if after.calm_since:
            after = calm.stir(after, self.at)
        self.force.stands(told.alert.problem, self.force.holds(told.alert, route), after)
        self.open[route.key] = after
        told = replace(told, incident=after.id, joins=True, raises=after.severity != standing.severity)
        return self._climbing(told, after, at_once=due)

    def _climbing(self, told: Told, standing: Incident, *, at_once: bool = False) -> Told:
        climb = ladder.ahead(self.tx, self.desk, standing, self.at, self.language, at_once=at_once)
        return replace(told, climb=climb, marks=ladder.marks(climb, self.at))

    def _storm(self, drawn: Incident) -> str:
        """Why a storm would page for it; empty where it pages for itself."""
        rule = self.desk.settings.noise.storm
        if rule is None or rule.shadow:
            return ""
        self.fresh[drawn.entity] += 1
        before = incidents.openings(self.tx, {drawn.entity}, self.at - rule.within).get(drawn.entity, 0)
        blowing = incidents.standing(self.tx, {escalate.STORM + drawn.entity}).get(escalate.STORM + drawn.entity)
        fresh = self.fresh[drawn.entity]
        if fresh <= storming.alone(rule, before, fresh, blowing=blowing is not None):
            return ""
        pages = f"{blowing.id} pages for it." if blowing else "A storm opens, and pages once for all of them."
        return f"{storming.why(rule, drawn.entity)} {pages}"


@dataclass(frozen=True, slots=True)
class _Episode:
    """What is known of a problem: its newest episode, its incident, and whether it is held."""

    known: episodes.Known
    home: Incident | None
    held: bool = False
