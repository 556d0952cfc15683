"""Which incidents are owed a postmortem, by whom and by when; asked for in the transaction that resolves them."""

from datetime import datetime

from bot.engine.desk import Desk
from bot.model.incident import ENDED, RESOLVED, Incident
from bot.model.job import Lane, NewJob
from bot.store import Tx, jobs

KIND = "postmortem"  #: the job that drafts it
ENDINGS = frozenset({RESOLVED, ENDED})  #: a false alarm and what became part of another are owed none


def owed(desk: Desk, incident: Incident) -> bool:
    """Whether the configuration wants one of this incident, as it ended."""
    return incident.resolution in ENDINGS and incident.severity in desk.settings.postmortems.severities


def due(desk: Desk, incident: Incident) -> datetime | None:
    """By when it is to be published; None where none is owed."""
    if incident.resolved_at is None or not owed(desk, incident):
        return None
    return incident.resolved_at + desk.settings.postmortems.due


def ask(tx: Tx, desk: Desk, incident: Incident) -> None:
    """Have it drafted, if one is owed; for whoever has just resolved the incident."""
    if owed(desk, incident):
        said = {"incident": incident.id}
        jobs.put_once(tx, NewJob(f"{KIND}/{incident.id}", KIND, Lane.DIGEST, tx.now, said))


def owner(desk: Desk, incident: Incident) -> str | None:
    """Who owes it: whoever held or ended it, else the lead of the team that owns its model; None: nobody is left."""
    people = desk.settings.people
    team = people.teams.get(desk.owner_team(incident) or "")
    named = (incident.holder, incident.ended_by, team.lead if team else None)
    return next((name for name in named if name in people.persons), None)
