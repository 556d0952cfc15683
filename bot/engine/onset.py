"""What follows as soon as an incident opens: how far it reaches, what it is like, a trial of versions, a retrain."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from bot.engine import blast, likeness, picturing, retrain_trigger, trial_trigger
from bot.engine.desk import Desk
from bot.model.incident import Incident
from bot.model.job import NewJob


def wanted(desk: Desk, opened: Iterable[Incident], due: datetime) -> Iterator[NewJob]:
    """The wishes that follow from the incidents that opened just now."""
    found = list(opened)
    yield from blast.wanted(desk, found, due)
    yield from likeness.wanted(found, due)
    yield from trial_trigger.wanted(desk, found, due)
    yield from retrain_trigger.wanted(desk, found, due)
    yield from picturing.wanted(found, due)
