"""Book deliveries: every alert finds its episode, its incident, its runbook and its tier, in one transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot import telemetry
from bot.contract.source import Delivery
from bot.engine import escalate, notes, opening, respond
from bot.engine.desk import Desk
from bot.model.alert import Alert
from bot.model.incident import ENDED, SEVERITIES, Incident, close
from bot.rules import episodes, escalation
from bot.store import Tx, alerts, incidents, jobs, seen

STILL = timedelta(minutes=15)  # an alert that still fires this long after a resolve by hand opens a new incident
COPIES = timedelta(days=7)  # how long a sender's delivery id is remembered


@dataclass(frozen=True, slots=True)
class Arrived:
    """A delivery that was read, and through which connection."""

    connection: str
    delivery: Delivery


@dataclass
class Receipt:
    """What became of a delivery."""

    new: int = 0
    repeat: int = 0
    resolved: int = 0
    dropped: int = 0
    copy: bool = False  #: the sender's id of this delivery was seen before
    incidents: set[str] = field(default_factory=set)

    @property
    def accepted(self) -> int:
        """How many alerts were taken in."""
        return self.new + self.repeat + self.resolved + self.dropped


@dataclass
class _Known:
    """The newest episode of a problem, as it changes while a batch is booked."""

    id: int | None
    started_at: datetime
    firing: bool
    incident: str


@dataclass
class _Tally:
    """What a batch does to one incident."""

    connection: str = ""
    new: list[Alert] = field(default_factory=list)
    resolved: list[Alert] = field(default_factory=list)
    repeats: int = 0
    worst: opening.Route | None = None  #: of its new episodes


@dataclass(slots=True)  # not frozen: that costs a microsecond for each alert
class _Judged:
    """An alert with its meaning; `fired` tells whether the known episode fired before it."""

    alert: Alert
    receipt: Receipt
    connection: str
    meaning: episodes.Meaning
    known: _Known | None
    fired: bool
    became: _Known | None  #: what is known after it, when it begins an episode


def book(tx: Tx, desk: Desk, arrived: Sequence[Arrived], now: datetime) -> list[Receipt]:
    """Take in `arrived` and return a receipt for each; all or nothing."""
    return _Book(tx, desk, now).run(arrived)


def graver(one: str, other: str) -> bool:
    """Whether severity `one` is worse than `other`."""
    return SEVERITIES.index(one) < SEVERITIES.index(other)


def lag(before: Incident, after: Incident) -> timedelta:
    """How long the card may wait: a turn of the incident shows at once, a count may lag."""
    return timedelta(0) if after.version != before.version else escalate.COUNTS


class _Book:
    """One transaction's worth of intake: loads once, decides alert by alert, writes once."""

    def __init__(self, tx: Tx, desk: Desk, now: datetime) -> None:
        self.tx, self.desk, self.now = tx, desk, now
        self.known: dict[str, _Known] = {}
        self.before: dict[str, Incident] = {}
        self.open: dict[str, str] = {}  # grouping key -> incident id
        self.opened: dict[str, Incident] = {}
        self.tallies: dict[str, _Tally] = {}
        self.added: dict[str, tuple[Alert, str]] = {}  # problem -> its newest episode and incident
        self.passed: list[tuple[Alert, str]] = []  # episodes that began and ended within this batch
        self.superseded: set[str] = set()
        self.repeated: dict[int, int] = {}
        self.ended: dict[str, datetime] = {}
        self.raised: set[str] = set()  # incidents whose next step a graver alert made due
        self.meanings: Counter[tuple[str, str]] = Counter()

    def run(self, arrived: Sequence[Arrived]) -> list[Receipt]:
        receipts = [Receipt() for _ in arrived]
        wanted = []
        for receipt, one in zip(receipts, arrived, strict=True):
            receipt.copy = self._copy(one)
            if not receipt.copy:
                wanted += [(alert, receipt, one.connection) for alert in one.delivery.alerts]
        self._load([alert for alert, _, _ in wanted])
        judged = [self._judge(*each) for each in wanted]
        self._place([each for each in judged if each.meaning is episodes.Meaning.NEW])
        for each in judged:
            self._count(each)
        self._write()
        for (connection, meaning), count in self.meanings.items():
            telemetry.ALERTS.labels(connection, meaning).inc(count)
        return receipts

    def _copy(self, one: Arrived) -> bool:
        if one.delivery.id is None:
            return False
        return not seen.first(self.tx, f"delivery/{one.connection}/{one.delivery.id}", self.now + COPIES)

    def _load(self, wanted: Sequence[Alert]) -> None:
        found = alerts.latest(self.tx, {alert.problem for alert in wanted})
        for problem, e in found.items():
            self.known[problem] = _Known(e.id, e.started_at, e.status == "firing", e.incident_id)
        self.before = incidents.by_ids(self.tx, {e.incident_id for e in found.values()}, lock=True)
        self._follow_merges()

    def _follow_merges(self) -> None:
        """Episodes that another replica moved into another incident just before we locked theirs."""
        while away := {id_: i.merged_into for id_, i in self.before.items() if i.merged_into is not None}:
            for known in self.known.values():
                known.incident = away.get(known.incident, known.incident)
            for id_ in away:
                del self.before[id_]
            self.before |= incidents.by_ids(self.tx, set(away.values()) - self.before.keys(), lock=True)

    def _judge(self, alert: Alert, receipt: Receipt, connection: str) -> "_Judged":
        """What the alert means; what is known of its problem moves on at once, for the next one in this batch."""
        known = self.known.get(alert.problem)
        meaning, _ = episodes.judge(alert, episodes.Known(known.started_at, known.firing) if known else None)
        if meaning is episodes.Meaning.REPEAT and known and self._still(known):
            meaning = episodes.Meaning.NEW
        self.meanings[connection, meaning.value] += 1
        fired, became = known is not None and known.firing, None
        if meaning is episodes.Meaning.NEW:
            became = self.known[alert.problem] = _Known(None, alert.started_at, True, "")
        elif meaning is episodes.Meaning.RESOLVE and known:
            known.firing = False
        return _Judged(alert, receipt, connection, meaning, known, fired, became)

    def _still(self, known: _Known) -> bool:
        """Whether an alert that goes on firing outlived its incident's resolve long enough to be news."""
        incident = self.before.get(known.incident)
        return incident is not None and incident.resolved_at is not None and self.now - incident.resolved_at >= STILL

    def _count(self, each: "_Judged") -> None:
        """Put one judged alert down in its receipt, its incident's tally and its episode."""
        match each.meaning, each.known:
            case episodes.Meaning.NEW, known:
                each.receipt.new += 1
                if known is not None and each.fired:  # it takes the place of an episode that still fired
                    self._tally(known.incident).resolved.append(each.alert)
            case episodes.Meaning.REPEAT, _Known() as known:
                each.receipt.repeat += 1
                each.receipt.incidents.add(known.incident)
                tally = self._tally(known.incident)
                tally.repeats += 1
                tally.connection = each.connection
                if known.id is not None:
                    self.repeated[known.id] = self.repeated.get(known.id, 0) + 1
            case episodes.Meaning.RESOLVE, _Known() as known:
                each.receipt.resolved += 1
                each.receipt.incidents.add(known.incident)
                tally = self._tally(known.incident)
                tally.resolved.append(each.alert)
                tally.connection = each.connection
                self.ended[each.alert.problem] = each.alert.ended_at or self.now
            case _:
                each.receipt.dropped += 1

    def _tally(self, incident: str) -> _Tally:
        return self.tallies.setdefault(incident, _Tally())

    def _place(self, new: Sequence["_Judged"]) -> None:
        """Find the incident of each new episode, opening those that are missing."""
        routed = [opening.route(self.desk, each.alert) for each in new]
        keys = {route.key for route in routed}
        for key, incident in (incidents.open_by_keys(self.tx, keys) if keys else {}).items():
            self.open[key] = incident.id
            self.before.setdefault(incident.id, incident)
        missing = [key for key in dict.fromkeys(route.key for route in routed) if key not in self.open]
        for key, incident in (incidents.open_by_merged_keys(self.tx, missing) if missing else {}).items():
            self.open[key] = incident.id
            self.before.setdefault(incident.id, incident)
            missing.remove(key)
        numbers = iter(incidents.numbers(self.tx, len(missing)) if missing else ())
        for each, route in zip(new, routed, strict=True):
            if route.key not in self.open:
                incident = opening.incident(self.desk, f"INC-{next(numbers)}", each.alert, route, self.now)
                self.open[route.key] = incident.id
                self.opened[incident.id] = incident
            self._join(each, route, self.open[route.key])

    def _join(self, each: "_Judged", route: opening.Route, incident_id: str) -> None:
        """A new episode becomes part of an incident."""
        tally = self._tally(incident_id)
        tally.new.append(each.alert)
        tally.connection = each.connection
        if tally.worst is None or graver(route.severity, tally.worst.severity):
            tally.worst = route
        if each.became:
            each.became.incident = incident_id
        if each.known is not None and each.known.id is not None:
            self.superseded.add(each.alert.problem)
        if passed := self.added.get(each.alert.problem):
            self.passed.append(passed)
        self.added[each.alert.problem] = (each.alert, incident_id)
        each.receipt.incidents.add(incident_id)

    def _write(self) -> None:
        tx, now = self.tx, self.now
        opened, changed = [], []
        for id_, tally in self.tallies.items():
            fresh = id_ in self.opened
            before = self.opened[id_] if fresh else self.before[id_]
            after = self._after(before, tally)
            self._note(before, after, tally, fresh)
            if fresh:
                opened.append(after)
            else:
                changed.append((before, after))
        due = [incident for incident in opened if incident.open]
        due += [after for _, after in changed if after.open and after.id in self.raised]
        fired = escalate.decide(tx, self.desk, due, now)
        stepped = {step.incident.id: step.incident for step in fired}
        opened = [stepped.get(incident.id, incident) for incident in opened]
        changed = [(before, stepped.get(after.id, after)) for before, after in changed]
        incidents.add(tx, opened)
        incidents.save(tx, changed)
        escalate.put_down(tx, self.desk, fired, "tocsin", now)
        rows = [(*each, False) for each in self.passed] + [(*each, True) for each in self.added.values()]
        alerts.add(tx, rows, self.superseded, now)
        alerts.repeat(tx, self.repeated, now)
        over = {problem: at for problem, at in self.ended.items() if not self.known[problem].firing}
        alerts.resolve(tx, over, now)
        for before, after in changed:
            if before.open and not after.open:
                respond.close_pages(tx, after)
        shown = [escalate.card(incident, now) for incident in opened]  # once it stands, it asks for all the others
        for before, after in changed:
            shown += escalate.drawings(after, now + lag(before, after), self.desk)
        if opened or any(before.version != after.version for before, after in changed):
            shown.append(escalate.homes(now))
        jobs.put(tx, *shown)

    def _after(self, before: Incident, tally: _Tally) -> Incident:
        """The incident with the batch's counts; worse if an alert says so, resolved if nothing fires any more."""
        firing = max(0, before.alerts_firing + len(tally.new) - len(tally.resolved))
        after = replace(
            before,
            alerts_firing=firing,
            alerts_total=before.alerts_total + len(tally.new),
            repeats=before.repeats + tally.repeats,
        )
        if not after.open:
            return after
        if tally.worst and graver(tally.worst.severity, after.severity):
            after = self._worse(after, tally.worst)
        if firing == 0 and tally.resolved:
            after = close(after, ENDED, self.now)
        return after

    def _worse(self, incident: Incident, route: opening.Route) -> Incident:
        """A graver alert joined: its severity counts from now on, and who answers for that is paged at once."""
        policy = opening.policy(self.desk, route.chosen.runbook, route.severity, route.model)
        after, due = escalation.worse(incident, route.severity, policy)
        if due:
            self.raised.add(incident.id)
        return replace(after, changed_at=self.now, version=incident.version + 1)

    def _note(self, before: Incident, after: Incident, tally: _Tally, fresh: bool) -> None:
        actor = f"connection:{tally.connection}"
        if fresh:
            self.tx.note(notes.opened(after, self.now, actor))
        self.tx.note(notes.received(after, self.now, actor, tally.new, tally.resolved, tally.repeats))
        if after.severity != before.severity:
            self.tx.note(notes.worsened(before, after, self.now, tally.worst.why if tally.worst else ""))
        if after.phase is not before.phase:
            self.tx.note(notes.ended(before, after, self.now))
