"""What monitors say of the metric that a change shall mend: each sample heard while it is watched is written down."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bot.engine import course, intake
from bot.engine.desk import Desk
from bot.model.alert import Alert, Measure
from bot.model.change import Change, Step
from bot.rules import recovery
from bot.rules.recovery import Sample
from bot.store import Tx, alerts, changes, log

HEARD = "change.measured"
MOST = 50  # samples in one entry
LOOKED = 200  # alerts of an incident that are looked through


@dataclass(frozen=True, slots=True)
class Span:
    """When something was heard, and since when its monitor must have looked for it to count."""

    heard: datetime
    since: datetime | None = None

    def covers(self, alert: Alert) -> bool:
        """Whether it counts; one whose monitor does not say when it looked does."""
        return self.since is None or alert.evaluated_at is None or alert.evaluated_at >= self.since


def hear(tx: Tx, desk: Desk, arrived: Sequence[intake.Arrived]) -> None:
    """Write down the samples that these deliveries hold of metrics which changes in hand are watched by.

    An alert is kept as it first came, so what its repeats measured stands nowhere else.
    """
    for name in sorted(set(hosted(desk, arrived))):
        change = changes.open_of(tx, name)
        if change is None or change.step is not Step.VERIFYING or change.seen is None or change.plan.metric is None:
            continue
        found = told(desk, arrived, name, change.plan.metric, Span(tx.now, change.changed_at))
        if found:
            said = {"metric": change.plan.metric, "samples": [spelled(one) for one in found[:MOST]]}
            tx.note(course.entry(change, HEARD, tx.now, after=said))


def since(tx: Tx, change: Change, metric: str, at: datetime) -> list[Sample]:
    """The samples heard since `at`: those written down, and those of alerts that were new."""
    noted = [one for each in log.of_kinds(tx.sql, change.id, {HEARD}) for one in each.entry.after["samples"]]
    fresh = [sample for sample in _kept(tx, change, metric) if sample.at >= at]
    return list({(*one.series, one.at): one for one in (*map(read, noted), *fresh)}.values())


def before(tx: Tx, change: Change, metric: str, at: datetime) -> list[Sample]:
    """The samples of the incident's alerts from before `at`."""
    return [sample for sample in _kept(tx, change, metric) if sample.at < at]


def _kept(tx: Tx, change: Change, metric: str) -> list[Sample]:
    kept = alerts.of(tx, change.incident, LOOKED) if change.incident else []
    return [sample for one in kept for sample in recovery.samples(one.alert, metric, one.first_seen_at)]


def told(desk: Desk, arrived: Sequence[intake.Arrived], model: str, metric: str, looked: Span) -> list[Sample]:
    """The samples of a model's metric in these deliveries, but for what its monitor had measured before."""
    said = [alert for one in arrived for alert in one.delivery.alerts]
    about = [alert for alert in said if (own := desk.settings.estate.find(alert.model)) and own.name == model]
    fresh = [alert for alert in about if looked.covers(alert)]
    return [sample for alert in fresh for sample in recovery.samples(alert, metric, looked.heard)]


def hosted(desk: Desk, arrived: Sequence[intake.Arrived]) -> Iterable[str]:
    """The models with a platform of which any alert measures something; most batches have none."""
    if not desk.hosts:
        return
    for one in arrived:
        for alert in one.delivery.alerts:
            if alert.measures and (model := desk.settings.estate.find(alert.model)) and model.platform in desk.hosts:
                yield model.name


def spelled(sample: Sample) -> dict[str, Any]:
    """As JSON; `read` makes the same of it again."""
    said = {name: value for name, value in asdict(sample.measure).items() if value is not None}
    return {"at": sample.at.isoformat(), "problem": sample.problem, "measure": said}


def read(said: Mapping[str, Any]) -> Sample:
    """The sample that was `spelled` so."""
    return Sample(datetime.fromisoformat(said["at"]), said["problem"], Measure(**said["measure"]))
