"""What people hear of follow-ups: given to them, due tomorrow, due today, late, without an owner; never in the night.

Each has one job that rings on its mornings, on whichever replica, and what is said is settled with the job.
"""

from collections.abc import Iterator
from dataclasses import replace

from bot import words
from bot.engine import escalate, rota_news
from bot.engine.desk import Desk
from bot.model.entry import Entry
from bot.model.incident import Incident
from bot.model.job import Job, Lane, NewJob
from bot.model.people import Team
from bot.model.postmortem import Doing, FollowUp
from bot.rules import following
from bot.store import Tx, follow_ups, incidents, jobs
from bot.words import Words

KIND = "follow_up"
REMINDED = "follow_up.reminded"
SHOWN = 300  #: characters of what shall be done, in a message


def set_bell(tx: Tx, desk: Desk, follow_up: FollowUp) -> None:
    """Ask to be woken on the next morning on which somebody is to hear of it."""
    zone = _zone(desk, follow_up, incidents.get(tx, follow_up.incident))
    due = following.next_bell(follow_up, zone, desk.settings.postmortems.remind, tx.now)
    jobs.put(tx, NewJob(f"{KIND}/{follow_up.id}", KIND, Lane.DIGEST, due, {"follow_up": follow_up.id}))


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """Say what is to be said of it by now, if anything, and set the next bell; nothing once it is over."""
    follow_up = follow_ups.get(tx, str(job.payload["follow_up"]), lock=True)
    if follow_up.standing is not Doing.OPEN:
        return
    incident = incidents.get(tx, follow_up.incident)
    zone, every = _zone(desk, follow_up, incident), desk.settings.postmortems.remind
    if following.due(follow_up, zone, every, tx.now):
        told = dict(_told(tx, desk, follow_up, incident))
        for to, text in told.items():
            _owe(tx, desk, f"{follow_up.id}/{tx.now:%Y-%m-%d}", to, (text, _how(desk, follow_up, to)))
        follow_ups.reminded(tx, follow_up.id, tx.now)
        after = {"to": [*told], "incident": incident.id, "late": max(0, following.late(follow_up, tx.now))}
        tx.note(Entry(incident.entity, REMINDED, tx.now, "tocsin", follow_up.id, after=after))
    set_bell(tx, desk, follow_up)


def given(tx: Tx, desk: Desk, follow_up: FollowUp, by: str) -> None:
    """Tell its owner who gave it to them; at night, in the morning."""
    to = f"person:{follow_up.owner}"
    w = _words(desk, to)
    text = words.fill(w.follow_up.given, by=by, **parts(follow_up, w))
    _owe(tx, desk, f"{follow_up.id}/given/{follow_up.version}", to, (text, _how(desk, follow_up, to)))


def parts(follow_up: FollowUp, w: Words) -> dict[str, str]:
    """What the sentences about it are filled with."""
    say, due = w.follow_up, follow_up.due_at
    return {
        "follow_up": follow_up.id,
        "incident": follow_up.incident,
        "what": follow_up.what[:SHOWN],
        "who": words.fill(say.owned, who=follow_up.owner) if follow_up.owner else say.unowned,
        "when": words.fill(say.until, day=due.date()) if due else say.undated,
        "day": str(due.date()) if due else "",
    }


def standing(follow_up: FollowUp, w: Words) -> str:
    """How it stands, in a word."""
    return str(getattr(w.follow_up, f"standing_{follow_up.standing.value}"))


def _told(tx: Tx, desk: Desk, follow_up: FollowUp, incident: Incident) -> Iterator[tuple[str, str]]:
    """Who hears what: its owner, or the team where it has none; and the lead once it has been late for a week."""
    if follow_up.owner not in desk.settings.people.persons:
        follow_up = replace(follow_up, owner=None)  # whoever has left owns nothing any more
    to = f"person:{follow_up.owner}" if follow_up.owner else f"channel:{desk.channel(incident)}"
    late = following.late(follow_up, tx.now)
    w = _words(desk, to)
    yield to, words.fill(_template(follow_up, late, w), days=late, **parts(follow_up, w))
    team = _team(desk, incident)
    lead = team.lead if team else None
    if lead and lead != follow_up.owner and following.neglected(follow_up, tx.now):
        w = _words(desk, f"person:{lead}")
        yield f"person:{lead}", words.fill(w.follow_up.lead, days=late, **parts(follow_up, w))


def _template(follow_up: FollowUp, late: int, w: Words) -> str:
    say = w.follow_up
    if follow_up.owner is None:
        return say.no_owner_late if late > 0 else say.no_owner
    if follow_up.due_at is None:
        return say.no_day
    return say.late if late > 0 else {0: say.today, -1: say.tomorrow}.get(late, say.ahead)


def _how(desk: Desk, follow_up: FollowUp, to: str) -> str:
    say = _words(desk, to).follow_up
    template = say.how if follow_up.owner else say.how_take
    return words.fill(template, incident=follow_up.incident, follow_up=follow_up.id)


def _owe(tx: Tx, desk: Desk, key: str, to: str, said: tuple[str, str]) -> None:
    person = desk.settings.people.persons.get(to.removeprefix("person:"))
    due = following.waking(tx.now, person.timezone) if person else tx.now
    message = escalate.notice(f"{KIND}/{key}/{to}", to, said[0], due, [said[1]])
    jobs.put(tx, NewJob(message.key, message.kind, Lane.DIGEST, due, message.payload))


def _words(desk: Desk, to: str) -> Words:
    return rota_news.language(desk, desk.settings.people.persons.get(to.removeprefix("person:")))


def _zone(desk: Desk, follow_up: FollowUp, incident: Incident) -> str:
    """Whose mornings count: its owner's, or those of the entity."""
    person = desk.settings.people.persons.get(follow_up.owner or "")
    entity = desk.settings.estate.entities.get(incident.entity)
    return person.timezone if person else entity.timezone if entity else "UTC"


def _team(desk: Desk, incident: Incident) -> Team | None:
    """The team that owns the incident's model; else the first of its entity."""
    teams = desk.settings.people.teams
    if (name := desk.owner_team(incident)) in teams:
        return teams[str(name)]
    return next((team for team in teams.values() if team.entity == incident.entity), None)
