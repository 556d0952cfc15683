"""What would hold an alert back now: silences and maintenance, then inhibitions and feeds, then confirmation.

The first that holds counts. A rule in shadow mode holds nothing: what it would have done is told beside.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.engine.desk import Desk
from bot.engine.opening import Route
from bot.model.alert import Alert
from bot.model.estate import Estate
from bot.model.evaluation import History
from bot.model.held import Held, Hold
from bot.model.incident import Incident
from bot.model.noise import Noise
from bot.model.silence import Silence
from bot.rules import confirming, inhibition, matching, silencing
from bot.store import Tx, evaluations, incidents, inhibitors, silences


@dataclass(frozen=True, slots=True)
class Judgement:
    """What holds an alert, or nothing; and what rules in shadow mode would have done."""

    hold: Hold | None = None
    shadows: tuple[Hold, ...] = ()


FREE = Judgement()


@dataclass
class InForce:
    """Everything that may hold alerts, as it is at one moment."""

    noise: Noise
    estate: Estate
    now: datetime
    silences: Sequence[Silence] = ()  #: the active ones
    sources: dict[inhibition.Key, list[tuple[str, Incident]]] = field(default_factory=dict)  #: (problem, incident)

    @property
    def inhibits(self) -> bool:
        """Whether any alert could hold another at all."""
        return bool(self.noise.inhibitions or self.estate.fed)

    def judge(self, alert: Alert, route: Route, *, opens: bool, history: History = ()) -> Judgement:
        """What holds `alert`; `opens`: no open incident has its key; `history`: its evaluations, with this one."""
        book = route.chosen.runbook
        confirm = book.confirm if book and opens else None
        if not (self.silences or self.sources or confirm):
            return FREE
        facts = matching.Facts(alert, route.model)
        hit = silencing.hits(self.silences, facts, self.now)
        shadows = [silencing.by(one) for one in hit if one.shadow]
        if hold := silencing.hold([one for one in hit if not one.shadow]):
            return Judgement(hold, tuple(shadows))
        hold, more = self._inhibited(facts)
        shadows += more
        if hold is None and confirm and book:
            hold = confirming.hold(confirm, book.name, history, self.now)
            if hold and confirm.shadow:
                shadows.append(hold)
                hold = None
        return Judgement(hold, tuple(shadows))

    def _inhibited(self, facts: matching.Facts) -> tuple[Hold | None, list[Hold]]:
        """What holds it, and what would; nothing holds itself."""
        shadows: list[Hold] = []
        for key in inhibition.held_by(self.noise, self.estate, facts) if self.sources else ():
            others = (its for problem, its in self.sources.get(key, ()) if problem != facts.alert.problem)
            if (incident := next(others, None)) is None:
                continue
            hold = inhibition.by(key[0], incident)
            if not inhibition.shadow(self.noise, key[0]):
                return hold, shadows
            shadows.append(hold)
        return None, shadows

    def holds(self, alert: Alert, route: Route) -> list[inhibition.Key]:
        """The keys under which `alert` holds others once it is in an open incident."""
        if not self.inhibits:
            return []
        return inhibition.holds(self.noise, self.estate, matching.Facts(alert, route.model))

    def stands(self, problem: str, keys: Iterable[inhibition.Key], incident: Incident) -> None:
        """From now on what fires as `problem` holds others under these keys, for it is in this open incident."""
        for key in keys:
            self.sources.setdefault(key, []).append((problem, incident))

    def leave_out(self, problems: Collection[str]) -> None:
        """These fire no more, so they hold nothing."""
        self.sources = {
            key: kept
            for key, standing in self.sources.items()
            if (kept := [each for each in standing if each[0] not in problems])
        }

    def waves(self, told: Sequence[tuple[Alert, Route]]) -> list[list[int]]:
        """The places of `told` in the order in which they are to be judged: whatever holds others before those.

        Within a wave nothing holds anything else, and the order is that of `told`.
        """
        everyone = list(range(len(told)))
        if len(told) < 2 or not self.inhibits:
            return [everyone]
        holds = [self.holds(*one) for one in told]
        if not any(holds):
            return [everyone]
        standing = {key for keys in holds for key in keys}
        facts = (matching.Facts(alert, route.model) for alert, route in told)
        below = [not standing.isdisjoint(inhibition.held_by(self.noise, self.estate, each)) for each in facts]
        # What feeds more stands further upstream: whatever feeds it feeds all of that, too.
        between = sorted((at for at in everyone if holds[at] and below[at]), key=lambda at: -len(holds[at]))
        rank = {at: 1 + place for place, at in enumerate(between)}
        last = 1 + len(between)
        ranks = [rank.get(at, last) if below[at] else 0 for at in everyone]
        latest: dict[str, int] = {}  # what is said of one problem stays in its order
        for (alert, _), its in zip(told, ranks, strict=True):
            latest[alert.problem] = max(its, latest.get(alert.problem, 0))
        found: dict[int, list[int]] = {}
        for at, (alert, _) in enumerate(told):
            found.setdefault(latest[alert.problem], []).append(at)
        return [found[its] for its in sorted(found)]


def load(tx: Tx, desk: Desk, told: Iterable[tuple[Alert, Route]], now: datetime, *, lock: bool = False) -> InForce:
    """What is in force at `now` for these alerts.

    `lock`: an incident that holds one of them cannot be closed by anybody else before this transaction ends.
    """
    force = InForce(desk.settings.noise, desk.settings.estate, now)
    force.silences = [one for one in silences.standing(tx, now) if one.active(now)]
    if force.inhibits:
        every = (matching.Facts(alert, route.model) for alert, route in told)
        wanted = {key for facts in every for key in inhibition.held_by(force.noise, force.estate, facts)}
        force.sources = _standing(tx, wanted, lock) if wanted else {}
    return force


def _standing(
    tx: Tx, wanted: Collection[inhibition.Key], lock: bool
) -> dict[inhibition.Key, list[tuple[str, Incident]]]:
    rows = inhibitors.standing(tx, wanted)
    if not rows:
        return {}
    found = incidents.by_ids(tx, {row[3] for row in rows}, lock=lock)
    if lock:
        rows = inhibitors.standing(tx, wanted)  # whoever was closing one of them is done by now
    sources: dict[inhibition.Key, list[tuple[str, Incident]]] = {}
    for rule, key, problem, incident_id in rows:
        if incident := found.get(incident_id):
            sources.setdefault((rule, key), []).append((problem, incident))
    return sources


def ask(tx: Tx, desk: Desk, alert: Alert, route: Route, at: datetime, *, opens: bool = True) -> Judgement:
    """What would become of `alert` if it came in at `at`; reads only, and counts it as one more evaluation."""
    force = load(tx, desk, [(alert, route)], at)
    history = evaluations.of(tx, [alert.problem]).get(alert.problem, ())
    return force.judge(alert, route, opens=opens, history=confirming.noted(history, alert, at))


def why(routed: str, was: Held | None, shadows: Iterable[Hold], now: datetime) -> str:
    """Why an incident stands as it does: how its first alert was held, how it was routed, what would have held it."""
    before = [f"Held {_long(now - was.first_seen_at)} {was.hold.why.removeprefix('Held ')}"] if was else []
    would = [f"In shadow: it would have been {one.why[:1].lower()}{one.why[1:]}" for one in shadows]
    return " ".join([*before, routed, *would])


def _long(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"
