"""Why nothing may be changed now: a freeze of the entity, or a legal hold on what the change is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot import words
from bot.engine import windows
from bot.engine.desk import Desk
from bot.model.freeze import Freeze, LegalHold
from bot.rules import written
from bot.store import Tx, freezes, incidents, legal_holds

SHOWN = 300  # characters of a reason in a sentence


@dataclass(frozen=True, slots=True)
class About:
    """What somebody wants to change, and in which language they are answered."""

    entity: str
    incident: str | None = None
    model: str | None = None
    language: str = "en"


def now(tx: Tx, desk: Desk, entity: str, incident: str | None, at: datetime, model: str | None = None) -> str | None:
    """Why changes of `entity` on behalf of `incident` are forbidden at `at`, in a sentence; None where nothing does.

    A legal hold forbids what its incident is about, so a change of `model` that names no incident is caught as well.
    """
    return said(tx, desk, About(entity, incident, model), at)


def said(tx: Tx, desk: Desk, about: About, at: datetime) -> str | None:
    """The same, in the language asked for."""
    if hold := holding(tx, desk, about.incident, about.model):
        return why_held(desk, hold, about.language)
    found = freezing(tx, desk, about.entity, at)
    return why_frozen(desk, found, about.entity, about.language) if found else None


def holding(tx: Tx, desk: Desk, incident: str | None, model: str | None) -> LegalHold | None:
    """The legal hold on this incident, or on any that is about this model."""
    found = legal_holds.in_force(tx)
    if own := next((hold for hold in found if hold.incident == incident), None):
        return own
    wanted = desk.settings.estate.find(model)
    if not found or wanted is None:
        return None
    about = incidents.by_ids(tx, {hold.incident for hold in found})
    return next((hold for hold in found if desk.settings.estate.find(about[hold.incident].model) is wanted), None)


def freezing(tx: Tx, desk: Desk, entity: str, at: datetime) -> Freeze | None:
    """The freeze that covers the entity now and lasts longest, of the configuration's and those declared."""
    found = [freeze for freeze in standing(tx, desk, at) if freeze.active(at) and freeze.entity in (None, entity)]
    return max(found, key=lambda freeze: freeze.ends_at, default=None)


def standing(tx: Tx, desk: Desk, at: datetime) -> list[Freeze]:
    """Those that are in force or planned, the configuration's too, in the order of their starts."""
    planned: Iterable[Freeze] = (freeze for freeze in desk.settings.changes.freezes if freeze.ends_at > at)
    return sorted((*planned, *freezes.standing(tx, at)), key=lambda freeze: (freeze.starts_at, freeze.id))


def why_frozen(desk: Desk, freeze: Freeze, entity: str, language: str) -> str:
    """The sentence a change is refused with, its end on the entity's own clock."""
    say = words.of(language).forbidding
    return words.fill(
        say.frozen if freeze.entity else say.frozen_all,
        entity=entity,
        until=windows.clock(freeze.ends_at, zone(desk, entity)),
        freeze=freeze.id,
        who=freeze.by.partition(":")[2] or freeze.by,
        why=written.line(freeze.why, SHOWN),
    )


def why_held(desk: Desk, hold: LegalHold, language: str) -> str:
    """The sentence a change is refused with."""
    return words.fill(
        words.of(language).forbidding.held,
        incident=hold.incident,
        since=windows.clock(hold.at, "UTC"),
        who=hold.by.partition(":")[2] or hold.by,
        why=written.line(hold.why, SHOWN),
    )


def zone(desk: Desk, entity: str | None) -> str:
    """On whose clock times about this entity are told."""
    known = desk.settings.estate.entities.get(entity or "")
    return known.timezone if known else "UTC"


def wardens(desk: Desk, entity: str | None) -> frozenset[str]:
    """Who may lay and lift holds and freezes: admins, and the leads of the entity's teams; of all entities, admins."""
    people = desk.settings.people
    leads = (team.lead for team in people.teams.values() if team.lead and team.entity == entity)
    return frozenset((*people.admins, *leads))
