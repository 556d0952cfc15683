"""What the stages of an incident's policy ask about it: the hour there, how many alerts came, whose turn it is."""

from collections.abc import Mapping
from datetime import datetime

from bot.engine import waiting
from bot.engine.desk import Desk
from bot.model.incident import Incident
from bot.rules import stages
from bot.store import Tx, recent, turns


def facts(tx: Tx, desk: Desk, incident: Incident, at: datetime, more: Mapping[str, int] | None = None) -> stages.Facts:
    """Everything they ask at `at`; `more` turns were taken that are not written down yet.

    A policy without stages asks for nothing, so nothing is read for it.
    """
    if not stages.staged(incident.policy):
        return stages.NOTHING
    course = [stage for tier in incident.policy.tiers for stage in tier.stages]
    spans = {stage.only.within for stage in course if stage.only and stage.only.more_than}
    counts = {span: recent.count(tx, incident.id, at - span) for span in spans}
    for span in spans:
        if incident.opened_at >= at - span:  # the alerts that open it are written down after this is decided
            counts[span] = max(counts[span], incident.alerts_total)
    names = {stages.turn(stage.page) for stage in course if stage.in_turn}
    taken = turns.taken(tx, names)
    ahead = {name: taken.get(name, 0) + (more or {}).get(name, 0) for name in names}
    return stages.Facts(waiting.zone(desk, incident.entity), counts, ahead)
