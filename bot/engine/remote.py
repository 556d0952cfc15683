"""What a delivery does beside telling of alerts: it acts on incidents, tells of changes, asks how things stand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from bot.contract.source import Act, Delivery, Does
from bot.engine import annotate, deed, escalate, intake
from bot.engine.desk import Desk
from bot.model.change_event import ChangeEvent
from bot.model.entry import Entry
from bot.model.incident import Incident, Phase, move
from bot.model.standing import Standing
from bot.rules import escalation, written
from bot.store import Tx, alerts, change_events, incidents, receipts, standings

KEPT = timedelta(days=1)  # how long a sender may ask what became of its request
NAME = 100  # characters of the name a sender gives


@dataclass(frozen=True, slots=True)
class Beside:
    """What became of that."""

    acted: int = 0  #: how many of its acts found an incident to act on
    standings: Mapping[str, Standing] = field(default_factory=dict)
    earlier: Mapping[str, Any] | None = None


NOTHING = Beside()


def serve(tx: Tx, desk: Desk, arrived: Sequence[intake.Arrived], booked: Sequence[intake.Receipt]) -> list[Beside]:
    """Do it for each of `arrived`, whose alerts are `booked` in this very transaction."""
    return [
        _serve(tx, desk, one, receipt) if _wants(one.delivery) else NOTHING
        for one, receipt in zip(arrived, booked, strict=True)
    ]


def _wants(said: Delivery) -> bool:
    return bool(said.acts or said.changes or said.asks or said.keep_as or said.look_up)


def _serve(tx: Tx, desk: Desk, one: intake.Arrived, receipt: intake.Receipt) -> Beside:
    said, connection = one.delivery, one.connection
    acted = 0
    if not receipt.copy:
        acted = sum(_act(tx, act, f"connection:{connection}") for act in said.acts)
        change_events.add(tx, [_placed(desk, event) for event in said.changes])
    if said.keep_as:
        receipts.keep(tx, connection, said.keep_as, _kept(one, receipt, acted, tx.now.isoformat()), tx.now + KEPT)
    return Beside(
        acted,
        standings.of(tx, said.asks) if said.asks else {},
        receipts.find(tx, connection, said.look_up) if said.look_up else None,
    )


def _kept(one: intake.Arrived, receipt: intake.Receipt, acted: int, at: str) -> dict[str, Any]:
    """What its sender may read of it a day long: when, what it did to which problems, and what became of that."""
    said = one.delivery
    did = [alert.status.value for alert in said.alerts] + [act.does.value for act in said.acts]
    return {
        "at": at,
        "did": did,
        "problems": [*(alert.problem for alert in said.alerts), *(act.problem for act in said.acts)],
        "new": receipt.new,
        "repeats": receipt.repeat,
        "resolved": receipt.resolved,
        "dropped": receipt.dropped,
        "held": receipt.held,
        "acted": acted,
        "incidents": sorted(receipt.incidents),
    }


def _act(tx: Tx, act: Act, actor: str) -> bool:
    """Whether there was an incident to do it to; where there was none, the log says so."""
    incident = _incident(tx, act.problem, firing=act.does is Does.ACKNOWLEDGE)
    if incident is None or (act.does is Does.ACKNOWLEDGE and not incident.open):
        why = f"{actor} wants to {act.does.value} what is in no open incident."
        tx.note(Entry("tocsin", "act.missed", tx.now, actor, act.problem, why, after=_words(act)))
        return False
    if act.does is Does.NOTE:
        _note(tx, incident, act, actor)
    elif incident.phase is Phase.TRIGGERED:
        _acknowledge(tx, incident, act, actor)
    return True


def _incident(tx: Tx, problem: str, *, firing: bool) -> Incident | None:
    """The incident of the problem's newest episode, locked; only of one that fires, if so wanted."""
    episode = alerts.latest(tx, {problem}).get(problem)
    if episode is None or (firing and episode.status != "firing"):
        return None
    incident = incidents.get(tx, episode.incident_id, lock=True)
    while incident.merged_into is not None:
        incident = incidents.get(tx, incident.merged_into, lock=True)
    return incident


def _acknowledge(tx: Tx, before: Incident, act: Act, actor: str) -> None:
    """Somebody answers for it where the sender stands; here it is held by the connection, and nobody is paged."""
    after = replace(move(before, Phase.ACKNOWLEDGED, tx.now), holder=actor, next_step_at=None, **escalation.NO_WAIT)
    was = {"phase": before.phase.value, "tier": before.tier, "holder": before.holder}
    said = {"phase": after.phase.value, "holder": actor, "via": "connection", **_words(act)}
    kind, why = "incident.acknowledged", written.text(act.text, deed.LONGEST)
    tx.note(Entry(before.entity, kind, tx.now, actor, before.id, why, was, said))
    incidents.save(tx, [(before, after)])
    escalate.redraw(tx, after, tx.now)
    deed.close_pages(tx, after)


def _note(tx: Tx, incident: Incident, act: Act, actor: str) -> None:
    """Its words stand in the timeline; without words there is nothing to write."""
    if text := written.text(act.text, annotate.LONGEST):
        after = {"via": "connection", "text": text, **_words(act)}
        tx.note(Entry(incident.entity, annotate.ADDED, tx.now, actor, incident.id, after=after))
        escalate.redraw(tx, incident, tx.now)


def _words(act: Act) -> dict[str, Any]:
    """Whom the sender names."""
    by = written.line(act.by, NAME)
    return {"as": by} if by else {}


def _placed(desk: Desk, event: ChangeEvent) -> ChangeEvent:
    """The event with the catalogued model and entity that its model, or else its source, is a name of."""
    names: Iterable[str | None] = (event.model, event.source)
    model = next((found for name in names if (found := desk.settings.estate.find(name))), None)
    if model is None:
        return event
    return replace(event, model=model.name, entity=event.entity or model.entity)
