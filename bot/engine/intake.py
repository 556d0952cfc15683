"""Book deliveries: every alert finds its episode and, unless it is held back, its incident, in one transaction."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import telemetry
from bot.engine import calm, escalate, holding, joining, notes, onset, opening, release, respond, storm, waiting
from bot.engine.booking import Arrived, Judged, Known, Receipt, Tally
from bot.engine.counting import Counting
from bot.engine.desk import Desk
from bot.engine.shelf import Shelf
from bot.model.alert import Alert, Status
from bot.model.held import Held
from bot.model.incident import SEVERITIES, Incident
from bot.rules import episodes, escalation, inhibition
from bot.store import Tx, alerts, incidents, inhibitors, jobs, lapses, seen

__all__ = ["Arrived", "Receipt", "again", "book", "graver", "lag"]

STILL = timedelta(minutes=15)  # an alert that still fires this long after a resolve by hand opens a new incident
COPIES = timedelta(days=7)  # how long a sender's delivery id is remembered


def book(tx: Tx, desk: Desk, arrived: Sequence[Arrived], now: datetime) -> list[Receipt]:
    """Take in `arrived` and return a receipt for each; all or nothing."""
    receipts = _Book(tx, desk, now).run(arrived)
    lapses.watch(tx, ((one.connection, alert) for one in arrived for alert in one.delivery.alerts if alert.until), now)
    return receipts


def again(tx: Tx, desk: Desk, rows: Sequence[Held], now: datetime) -> None:
    """Judge these locked rows anew: what is no longer held is booked as if it came in now."""
    _Book(tx, desk, now).again(rows)


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
        self.shelf = Shelf(tx, desk, now)
        self.counting = Counting(tx, desk, now)
        self.force = holding.InForce(desk.settings.noise, desk.settings.estate, now)
        self.known: dict[str, Known] = {}
        self.before: dict[str, Incident] = {}
        self.open: dict[str, str] = {}  # grouping key -> incident id
        self.opened: dict[str, Incident] = {}
        self.tallies: defaultdict[str, Tally] = defaultdict(Tally)
        self.added: dict[str, tuple[Alert, str]] = {}  # problem -> its newest episode and incident
        self.passed: list[tuple[Alert, str]] = []  # episodes that began and ended within this batch
        self.superseded: set[str] = set()
        self.repeated: dict[int, int] = {}
        self.sources: dict[str, tuple[list[inhibition.Key], str]] = {}  # problem -> by what it holds others, and where
        self.looked: dict[int, datetime] = {}  # episode -> the last time its monitor saw it breach
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
        self._load({alert.problem for alert, _, _ in wanted})
        if self.counting.on:
            self.counting.load((alert.problem, self._incident(alert.problem)) for alert, _, _ in wanted)
        judged = [self._judge(*each) for each in wanted]
        self._book(judged)
        for (connection, meaning), count in self.meanings.items():
            telemetry.ALERTS.labels(connection, meaning).inc(count)
        return receipts

    def again(self, rows: Sequence[Held]) -> None:
        problems = [row.alert.problem for row in rows]
        self._load(problems, {row.alert.problem: row for row in rows})
        if self.counting.on:
            self.counting.load((problem, None) for problem in problems)
        judged, repeat = [], episodes.Meaning.REPEAT
        for alert, known in ((row.alert, self.known[row.alert.problem]) for row in rows):
            if known.held:
                history = self.counting.of(alert.problem)
                judged.append(Judged(alert, Receipt(), alert.connection, repeat, known, True, None, history, anew=True))
        self._book(judged)

    def _book(self, judged: Sequence[Judged]) -> None:
        self._place(judged)
        for each in judged:
            self._count(each)
        self._write()

    def _copy(self, one: Arrived) -> bool:
        return one.key is not None and not seen.first(self.tx, one.key, self.now + COPIES)

    def _load(self, problems: Collection[str], rows: dict[str, Held] | None = None) -> None:
        """What is known of these problems, locked; `rows` are those held, where they were locked already."""
        found = self.shelf.load(problems, rows)
        for problem, e in found.items():
            self.known[problem] = Known(e.id, e.started_at, e.status == "firing", e.incident_id, e.evaluated_at)
        self.before = incidents.by_ids(self.tx, {e.incident_id for e in found.values()}, lock=True)
        self._follow_merges()
        for problem, row in self.shelf.rows.items():
            episode = self.known.get(problem)
            if episode is not None and episode.firing:
                self.shelf.released(row, f"It fires in {episode.incident} by now.")
                continue
            its = episode.id if episode else None
            self.known[problem] = Known(its, row.alert.started_at, True, "", row.alert.evaluated_at, row)

    def _incident(self, problem: str) -> Incident | None:
        """The incident that a problem is known to be in."""
        known = self.known.get(problem)
        return self.before.get(known.incident) if known else None

    def _follow_merges(self) -> None:
        """Episodes that another replica moved into another incident just before we locked theirs."""
        while away := {id_: i.merged_into for id_, i in self.before.items() if i.merged_into is not None}:
            for known in self.known.values():
                known.incident = away.get(known.incident, known.incident)
            for id_ in away:
                del self.before[id_]
            self.before |= incidents.by_ids(self.tx, set(away.values()) - self.before.keys(), lock=True)

    def _judge(self, alert: Alert, receipt: Receipt, connection: str) -> Judged:
        """What the alert means; what is known of its problem moves on at once, for the next one in this batch."""
        known = self.known.get(alert.problem)
        now_known = episodes.Known(known.started_at, known.firing, known.evaluated_at) if known else None
        meaning, _ = episodes.judge(alert, now_known)
        if meaning is episodes.Meaning.REPEAT and alert.status is Status.FIRING and known and self._still(known):
            meaning = episodes.Meaning.NEW
        if known and known.held and known.firing and meaning is episodes.Meaning.NEW:  # what is held is held on
            meaning, known.started_at = episodes.Meaning.REPEAT, alert.started_at
        each = Judged(alert, receipt, connection, meaning, known, known is not None and known.firing, None)
        if self.counting.on:
            self.counting.evaluate(each, self._incident(alert.problem))
        if each.meaning is episodes.Meaning.NEW:
            each.became = self.known[alert.problem] = Known(None, alert.started_at, True, "", alert.evaluated_at)
        elif each.meaning is episodes.Meaning.RESOLVE and known:
            known.firing = False
        elif known and alert.evaluated_at and alert.status is Status.FIRING:
            known.evaluated_at = max(alert.evaluated_at, known.evaluated_at or alert.evaluated_at)
        return each

    def _still(self, known: Known) -> bool:
        """Whether an alert that goes on firing outlived its incident's resolve long enough to be news."""
        incident = self.before.get(known.incident)
        return incident is not None and incident.resolved_at is not None and self.now - incident.resolved_at >= STILL

    def _count(self, each: Judged) -> None:
        """Put one judged alert down in its receipt, its incident's tally and its episode, or on the shelf."""
        if outcome := self.shelf.count(each):
            self.meanings[each.connection, outcome] += not each.anew
            return
        match each.meaning, each.known:
            case episodes.Meaning.NEW, known:
                each.receipt.new += 1
                if known is not None and each.fired and each.was is None:  # in the place of one that still fired
                    self.tallies[known.incident].resolved.append(each.alert)
            case episodes.Meaning.REPEAT, Known() as known:
                each.receipt.repeat += 1
                each.receipt.incidents.add(known.incident)
                tally = self.tallies[known.incident]
                tally.repeat(each.alert)
                tally.connection = each.connection
                self._repeat(each.alert, known)
            case episodes.Meaning.RESOLVE, Known() as known:
                each.receipt.resolved += 1
                each.receipt.incidents.add(known.incident)
                self.tallies[known.incident].resolved.append(each.alert)
                self.tallies[known.incident].connection = each.connection
                self.ended[each.alert.problem] = each.alert.ended_at or self.now
            case _:
                each.receipt.dropped += 1
        self.meanings[each.connection, each.meaning.value] += not each.anew

    def _repeat(self, alert: Alert, known: Known) -> None:
        looked = alert.evaluated_at if alert.status is Status.FIRING else None
        if known.id is not None:
            self.repeated[known.id] = self.repeated.get(known.id, 0) + 1
            if looked:
                self.looked[known.id] = max(looked, self.looked.get(known.id, looked))
        elif looked and (added := self.added.get(alert.problem)):
            self.added[alert.problem] = replace(added[0], evaluated_at=known.evaluated_at), added[1]

    def _place(self, judged: Sequence[Judged]) -> None:
        """Find the incident of whatever is new, or held until now, unless something holds it back."""
        ahead = [each for each in judged if each.meaning is episodes.Meaning.NEW or self._may_be_held(each)]
        if not ahead:
            return
        told = [(each.alert, each.route or opening.route(self.desk, each.alert)) for each in ahead]
        self._find({route.key: route for _, route in told})
        self.force = holding.load(self.tx, self.desk, told, self.now, lock=True)
        if self.force.sources:
            self.force.leave_out([problem for problem, known in self.known.items() if not known.firing])
        for wave in self.force.waves(told):
            keys: dict[str, None] = {}  # of the incidents that this wave opens
            placed = [(ahead[at], told[at][1]) for at in wave if self._goes_ahead(ahead[at], told[at][1], keys)]
            self._open(placed, keys)

    def _may_be_held(self, each: Judged) -> bool:
        """A repeat of what is held is judged anew; so is one of what only this batch will tell."""
        known, firing = each.known, each.alert.status is Status.FIRING
        return bool(each.meaning is episodes.Meaning.REPEAT and firing and known and (known.held or known.id is None))

    def _find(self, routes: dict[str, opening.Route]) -> None:
        """The open incidents that alerts of these grouping keys join."""
        for key, incident in incidents.open_by_keys(self.tx, routes.keys()).items():
            self.open[key] = incident.id
            self.before.setdefault(incident.id, incident)
        missing = [key for key in routes if key not in self.open]
        for key, incident in (incidents.open_by_merged_keys(self.tx, missing) if missing else {}).items():
            self.open[key] = incident.id
            self.before.setdefault(incident.id, incident)
        for key in joining.outgrown(self.tx, joining.windows(routes.values()), self.open, self.now):
            del self.open[key]

    def _goes_ahead(self, each: Judged, route: opening.Route, keys: dict[str, None]) -> bool:
        """Whether it joins an incident, one of `keys` that are about to open included; else what holds it is known."""
        known = each.known
        each.was = known.held if known and each.fired else None
        if each.meaning is episodes.Meaning.REPEAT and not each.was:
            return False  # its first word joined an incident
        opens = route.key not in self.open and route.key not in keys
        if not self._stays(each):
            judgement = self.force.judge(each.alert, route, opens=opens, history=each.history)
            each.hold, each.shadows = judgement.hold, judgement.shadows
        if each.hold:
            if known and each.fired and not each.was:  # its incident was closed by hand; what fires now is held
                self.tallies[known.incident].resolved.append(each.alert)
                self.ended[each.alert.problem] = self.now
            self.shelf.hold(each)
            return False
        if each.was and known:
            known.held = None
            if each.meaning is episodes.Meaning.REPEAT:
                each.meaning, each.became = episodes.Meaning.NEW, known
        if opens:
            keys[route.key] = None
        return True

    def _stays(self, each: Judged) -> bool:
        """A new episode of what fires in an open incident stays there, whatever would hold it elsewhere."""
        if each.known is None or not each.fired or each.was:
            return False
        before = self.before.get(each.known.incident)
        return before is None or before.open

    def _open(self, placed: Sequence[tuple[Judged, opening.Route]], keys: Iterable[str]) -> None:
        """Open the incidents of `keys`, each by the first alert that has it; all that are placed join theirs."""
        missing = list(keys)
        numbers = iter(incidents.numbers(self.tx, len(missing)) if missing else ())
        for each, route in placed:
            if route.key not in self.open:
                incident = opening.incident(self.desk, f"INC-{next(numbers)}", each.alert, route, self.now)
                incident = replace(incident, why=holding.why(incident.why, each.was, each.shadows, self.now))
                self.open[route.key] = incident.id
                self.opened[incident.id] = incident
            self._join(each, route, self.open[route.key])

    def _join(self, each: Judged, route: opening.Route, incident_id: str) -> None:
        """A new episode becomes part of an incident."""
        problem = each.alert.problem
        tally = self.tallies[incident_id]
        tally.new.append(each.alert)
        tally.connection = each.connection
        if tally.worst is None or graver(route.severity, tally.worst.severity):
            tally.worst = route
        if each.known is not None and each.known.id is not None:
            self.superseded.add(problem)
        if each.became:
            each.became.incident = incident_id
            each.became.id = None
        if passed := self.added.get(problem):
            self.passed.append(passed)
        self.added[problem] = (each.alert, incident_id)
        each.receipt.incidents.add(incident_id)
        incident = self.opened.get(incident_id) or self.before[incident_id]
        tally.repeats += each.was.repeats if each.was else 0
        self.shelf.joined(each, incident)
        if keys := self.force.holds(each.alert, route):
            self.sources[problem] = (keys, incident_id)
            self.force.stands(problem, keys, incident)

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
        opened = [self._first(incident) for incident in storm.gather(tx, self.desk, opened, now)]
        due = [incident for incident in opened if incident.open and not (incident.next_step_at or incident.storm)]
        due += [after for _, after in changed if after.open and after.id in self.raised]
        fired = escalate.decide(tx, self.desk, due, now)
        stepped = {step.incident.id: step.incident for step in fired}
        opened = [stepped.get(incident.id, incident) for incident in opened]
        changed = [(before, stepped.get(after.id, after)) for before, after in changed]
        incidents.add(tx, opened)
        incidents.save(tx, changed)
        storm.worsened(tx, self.desk, [new for old, new in changed if new.open and new.severity != old.severity])
        escalate.put_down(tx, self.desk, fired, "tocsin", now)
        rows = [(*each, False) for each in self.passed] + [(*each, True) for each in self.added.values()]
        alerts.add(tx, rows, self.superseded, now)
        alerts.repeat(tx, self.repeated, now)
        alerts.evaluated(tx, self.looked)
        over = {p: at for p, at in self.ended.items() if not self.known[p].firing or self.known[p].held}
        alerts.resolve(tx, over, now)
        self.shelf.write(self.known)
        self.counting.write()
        closed = [after for before, after in changed if before.open and not after.open]
        for after in closed:
            respond.close_pages(tx, after)
        if self.force.inhibits:
            release.over(tx, list(over), [after.id for after in closed])
            still_open = {after.id for after in (*opened, *(after for _, after in changed)) if after.open}
            standing = self._sources(still_open)
            inhibitors.add(tx, standing)
            if self.sources.keys() - {problem for _, _, problem, _ in standing}:  # held others within this batch only
                release.sweep(tx, now)
        # Once a card stands, it asks for all the others.
        shown = [escalate.card(incident, now) for incident in opened if not incident.storm]
        shown += joining.told(self.desk, changed, now)
        shown += onset.wanted(self.desk, opened, now)
        for before, after in changed:
            calm.put_down(tx, self.desk, before, after, now)
            shown += escalate.drawings(after, now, lag(before, after), self.desk)
        if opened or any(before.version != after.version for before, after in changed):
            shown.append(escalate.homes(now))
        jobs.put(tx, *shown)

    def _sources(self, still_open: Collection[str]) -> list[inhibitors.Row]:
        """What holds others from now on: it fires in an incident that is open when the batch is over."""
        return [
            (rule, key, problem, incident)
            for problem, (keys, incident) in self.sources.items()
            if incident in still_open and self.known[problem].firing and not self.known[problem].held
            for rule, key in keys
        ]

    def _after(self, before: Incident, tally: Tally) -> Incident:
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
            return calm.settle(self.desk, after, self.now)
        return calm.stir(after, self.now) if firing and after.calm_since else after

    def _first(self, incident: Incident) -> Incident:
        """An incident that opens: closed or calm already, waiting, or as it is, so that its first step fires."""
        if not incident.open or incident.calm_since:
            calm.put_down(self.tx, self.desk, None, incident, self.now)
            return incident
        return incident if incident.storm else waiting.first(self.tx, self.desk, incident, self.now)

    def _worse(self, incident: Incident, route: opening.Route) -> Incident:
        """A graver alert joined: its severity counts from now on, and who answers for that is paged at once."""
        policy = opening.policy(self.desk, route.chosen.runbook, route.severity, route.model)
        after, due = escalation.worse(incident, route.severity, policy)
        if due or waiting.over(self.desk, after, self.now):
            self.raised.add(incident.id)
        return replace(after, changed_at=self.now, version=incident.version + 1)

    def _note(self, before: Incident, after: Incident, tally: Tally, fresh: bool) -> None:
        actor = f"connection:{tally.connection}"
        if fresh:
            self.tx.note(notes.opened(after, self.now, actor))
        entry = notes.received(after, self.now, actor, tally.new, tally.resolved, tally.repeats)
        self.tx.note(notes.measured(entry, (*tally.heard, *tally.resolved)))
        if after.severity != before.severity:
            self.tx.note(notes.worsened(before, after, self.now, tally.worst.why if tally.worst else ""))
        if after.phase is not before.phase:
            self.tx.note(notes.ended(before, after, self.now))
