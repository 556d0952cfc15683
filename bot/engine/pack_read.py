"""Everything the tables and the log say of one incident, read at one moment for its evidence pack."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.engine import evidence, serious_say
from bot.engine.desk import Desk
from bot.model.alert import KeptAlert
from bot.model.change import Change
from bot.model.entry import Entry
from bot.model.freeze import LegalHold
from bot.model.incident import Incident
from bot.model.page import Page
from bot.model.postmortem import FollowUp, Postmortem
from bot.model.rota import Shift
from bot.model.runbook import Runbook
from bot.rules import reach, rota
from bot.store import (
    Tx,
    alerts,
    changes,
    clocks,
    follow_ups,
    incidents,
    legal_holds,
    log,
    overrides,
    pages,
    postmortems,
    retaining,
)

MOST = 2_000  #: alerts that are spelled out; how many there are stands in the incident
LONGEST = timedelta(days=62)  #: of an incident, for who was on call


@dataclass(frozen=True, slots=True)
class Found:
    """What there is."""

    incident: Incident
    parts: tuple[Incident, ...]  #: what was merged into it
    subjects: frozenset[str]  #: what the log's entries of it are about
    alerts: tuple[KeptAlert, ...]
    pages: tuple[Page, ...]
    changes: tuple[Change, ...]
    course: Mapping[str, tuple[Entry, ...]]  #: the entries of each change, oldest first
    frozen: tuple[Entry, ...]  #: the evidence that was frozen before each change
    on_call: tuple[Shift, ...]  #: of every rota its policy pages, while it was open
    clocks: tuple[serious_say.Owed, ...]  #: of every standing
    hold: LegalHold | None  #: the last, lifted or not
    postmortem: Postmortem | None
    follow_ups: tuple[FollowUp, ...]
    runbook: Runbook | None  #: as it is now
    until: datetime  #: when it was resolved, or now
    read_at: datetime

    @property
    def as_in_force(self) -> bool:
        """Whether the runbook's text is still the one that was in force."""
        return self.runbook is not None and self.runbook.revision == self.incident.runbook_revision


def read(tx: Tx, desk: Desk, typed: str) -> Found:
    """All of the incident somebody means. NotFound."""
    incident = incidents.find(tx, typed)
    subjects = retaining.together(tx, [incident.id])
    parts = [one for one in incidents.by_ids(tx, subjects).values() if one.id != incident.id]
    each = [incident, *sorted(parts, key=lambda one: one.opened_at)]
    made = [change for one in each for change in changes.of_incident(tx, one.id)]
    course = {change.id: tuple(sealed.entry for sealed in log.of(tx.sql, change.id, MOST)) for change in made}
    until = incident.resolved_at or tx.now
    return Found(
        incident,
        tuple(each[1:]),
        subjects,
        tuple(kept for one in each for kept in alerts.of(tx, one.id, MOST)),
        tuple(page for one in each for page in pages.of(tx, one.id)),
        tuple(made),
        course,
        tuple(entry for told in course.values() for entry in told if entry.kind == evidence.FROZEN),
        _on_call(tx, desk, incident, min(one.opened_at for one in each), until),
        tuple((clock, serious_say.duty(desk, clock)) for one in each for clock in clocks.of(tx, one.id)),
        legal_holds.last(tx, incident.id),
        postmortems.of_incident(tx, incident.id),
        tuple(follow_ups.of_incident(tx, incident.id)),
        desk.runbooks.get(incident.runbook),
        until,
        tx.now,
    )


def _on_call(tx: Tx, desk: Desk, incident: Incident, since: datetime, until: datetime) -> tuple[Shift, ...]:
    """By the resolver that pages, over the rotas as the configuration knows they were."""
    targets = [target for tier in incident.policy.tiers for target in tier.page if target.startswith("rota:")]
    names = dict.fromkeys(reach.part(target.partition(":")[2])[0] for target in targets)
    end = min(max(until, since + timedelta(seconds=1)), since + LONGEST)
    found: list[Shift] = []
    for name in names:
        if one := desk.settings.rotas.get(name):
            byhand = overrides.active(tx, since, end, name)
            found += rota.shifts(one, since, end, (*desk.settings.overrides, *byhand))
    return tuple(found)
