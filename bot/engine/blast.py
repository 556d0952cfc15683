"""How far a fault has reached: asked of the model's platform when an incident opens, and again before a change.

Nothing waits for the answer; where the platform cannot say, that is what is written down.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from bot.contract.platform import Flow
from bot.engine import escalate, work
from bot.engine.desk import Desk
from bot.errors import TocsinError
from bot.model.alert import Alert
from bot.model.blast import Blast
from bot.model.entry import Entry
from bot.model.estate import Model
from bot.model.incident import Incident
from bot.model.job import Job, Lane, NewJob
from bot.rules import written
from bot.store import Tx, alerts, incidents, log

KIND, TAKEN = "blast", "blast.taken"
LOOKED, KEPT = 200, 20  # alerts that are looked through; names of each sort that are kept
NAME, WHY = 80, 300  # characters of a name from an alert, and of why there is no number


def wanted(desk: Desk, opened: Iterable[Incident], due: datetime) -> Iterator[NewJob]:
    """One wish for each incident about a model that a platform runs."""
    for incident in opened:
        if hosted(desk, incident.model):
            yield NewJob(f"{KIND}/{incident.id}", KIND, Lane.DIGEST, due, {"incident": incident.id})


def hosted(desk: Desk, name: str | None) -> Model | None:
    """The model of that name, where the catalogue says which platform runs it."""
    model = desk.settings.estate.find(name)
    return model if model and model.platform else None


async def measure(desk: Desk, incident_id: str, at: datetime) -> Blast | None:
    """What the alerts say and the platform estimates, at `at`; None where no platform runs it. NotFound."""
    incident, kept = await desk.store.read(lambda tx: _load(tx, incident_id))
    model = hosted(desk, incident.model)
    return _drawn(incident, kept, await _flow(desk, model, _since(incident, kept)), at) if model else None


def again(tx: Tx, incident_id: str, flow: Flow, why: str, model: str | None = None) -> None:
    """Keep what somebody else asked the platform since `since(tx, incident_id)`: whoever applies a change of `model`.

    An incident that is about something else is told nothing of it.
    """
    incident, kept = _load(tx, incident_id)
    if model is None or incident.model == model:
        keep(tx, incident, _drawn(incident, kept, flow, tx.now), why)


def since(tx: Tx, incident_id: str) -> datetime:
    """When the first of the incident's alerts began. NotFound."""
    return _since(*_load(tx, incident_id))


def keep(tx: Tx, incident: Incident, blast: Blast, why: str) -> None:
    """Write it down, and have the card show it; `why` says on which occasion it was asked."""
    tx.note(Entry(incident.entity, TAKEN, blast.at, "tocsin", incident.id, why, after=blast.spelled()))
    escalate.redraw(tx, incident, tx.now)


def last(tx: Tx, incident_id: str) -> Blast | None:
    """The newest that was kept of an incident."""
    found = log.of_kinds(tx.sql, incident_id, (TAKEN,))
    return Blast.read(found[-1].entry.after) if found else None


class Blasts:
    """The handler of the jobs `blast`."""

    def __init__(self, desk: Desk) -> None:
        """`desk.hosts` are the platforms."""
        self._desk = desk

    async def take(self, job: Job) -> work.Outcome:
        """Ask once, and keep the answer in the transaction that settles the job."""
        incident_id = str(job.payload["incident"])
        blast = await measure(self._desk, incident_id, self._desk.clock.now())
        if blast is None:
            return work.Done()
        return work.Done(lambda tx: keep(tx, incidents.get(tx, incident_id), blast, "The incident opened."))


async def _flow(desk: Desk, model: Model, since: datetime) -> Flow:
    """What the platform says; where it cannot, None and why."""
    host = desk.hosts.get(model.platform or "")
    if host is None:
        return Flow(None, f"{model.platform} is not connected")
    try:
        return await host.guard.call("flow", lambda: host.platform.flow(model.ref, since), idempotent=True)
    except TocsinError as error:
        return Flow(None, str(error))


def _drawn(incident: Incident, kept: Sequence[Alert], flow: Flow, at: datetime) -> Blast:
    measures = [measure for alert in kept for measure in alert.measures if measure.breached is not False]
    return Blast(
        since=_since(incident, kept),
        at=at,
        predictions=flow.predictions,
        how=written.line(flow.how, WHY),
        segments=_names((*(m.segment for m in measures), *flow.segments)),
        features=_names(m.feature for m in measures),
        entities=_names((incident.entity, *(alert.entity for alert in kept))),
        by_segment={written.line(name, NAME): count for name, count in [*flow.segments.items()][:KEPT]},
    )


def _since(incident: Incident, kept: Sequence[Alert]) -> datetime:
    return min((alert.started_at for alert in kept), default=incident.opened_at)


def _load(tx: Tx, incident_id: str) -> tuple[Incident, list[Alert]]:
    incident = incidents.get(tx, incident_id)
    kept = [kept.alert for kept in alerts.of(tx, incident_id, LOOKED)]
    first = alerts.first(tx, incident)
    return incident, [*kept, *([first] if first else [])]


def _names(found: Iterable[str | None]) -> tuple[str, ...]:
    """Each once, in order, made fit to be kept; they came from outside."""
    return tuple(dict.fromkeys(written.line(name, NAME) for name in found if name))[:KEPT]
