"""A runbook that says so has its model retrained: whether an incident that opens asks for that."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from bot.engine import trial_trigger
from bot.engine.desk import Desk
from bot.model.change import Lever
from bot.model.estate import Model
from bot.model.incident import Incident
from bot.model.job import Lane, NewJob

KIND, ASKS = "retrain-wanted", "propose"
KINDS: Final = trial_trigger.KINDS  #: of incidents that a new version may be the cure of


def wanted(desk: Desk, opened: Iterable[Incident], due: datetime) -> Iterator[NewJob]:
    """One wish for each incident whose runbook has its model retrained."""
    for incident in opened:
        if incident.open and incident.kind in KINDS and offered(desk, incident):
            yield NewJob(f"{KIND}/{incident.id}", KIND, Lane.DIGEST, due, {"incident": incident.id})


def offered(desk: Desk, incident: Incident) -> Model | None:
    """Its model, where its runbook has a retrain of that proposed by itself; one without a policy will be refused."""
    model, book = desk.settings.estate.find(incident.model), desk.runbooks.get(incident.runbook)
    if model is None or model.kind == "data" or book is None:
        return None
    asks = any(action.name == Lever.RETRAIN and action.options.get(ASKS) for action in book.actions)
    return model if asks else None
