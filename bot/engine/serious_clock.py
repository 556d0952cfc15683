"""A regulatory clock escalates like an unanswered page: its holder hears, then the lead, then those who answer for it.

Each warning is a job of its own under a key that tells (incident, regime, step, warning), so any number of replicas
give it once; one that was missed while nothing ran is given late, and those before it with it.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from bot import words
from bot.engine import escalate, forbidden, serious_say
from bot.engine.desk import Desk
from bot.model.entry import Entry
from bot.model.incident import Incident, imagined
from bot.model.job import Job, Lane, NewJob
from bot.model.page import Page
from bot.model.runbook import Policy, Tier
from bot.model.serious import Clock, Standing, move
from bot.rules import escalation, reach, serious, written
from bot.rules.serious import Bell
from bot.store import Tx, clocks, incidents, jobs, log
from bot.words import Words

KIND, FACE, KNOCK = "serious", "serious_face", "serious_knock"
STARTED, WARNED, MISSED, DROPPED = "clock.started", "clock.warned", "clock.missed", "clock.dropped"
CARRIED, UNTOLD = "clock.carried", "clock.warning_failed"
TITLE = 200  # characters of an incident's title in a page


def wind(tx: Tx, *found: Clock) -> None:
    """Ask for the next warning of each that runs, now where one is due, and keep what shows them true."""
    for clock in found:
        late = serious.warned(clock, tx.now)
        nearest = replace(late, at=tx.now) if late else serious.following(clock, tx.now)
        if nearest:
            jobs.put(tx, _job(clock, nearest))
    for incident in {clock.incident for clock in found}:
        _face(tx, incident)


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """Give the warning that is due now, if any; what is due is read when the job rings, not when it was put."""
    incident = incidents.get(tx, str(job.payload["incident"]), lock=True)
    clock = clocks.get(tx, incident.id, str(job.payload["regime"]), str(job.payload["step"]))
    if clock is None or clock.standing is not Standing.RUNNING:
        return
    after, late = clock, serious.missed(clock, tx.now)
    if warning := serious.warned(clock, tx.now):
        names = (warning.name, *((serious.MISSED,) if late else ()))
        after = replace(clock, told=serious.told(clock, names, tx.now))
        if late:
            _missed(tx, desk, incident, clock)
        _warn(tx, desk, incident, after, warning)
        clocks.save(tx, clock, after)
    wind(tx, after)


def face(tx: Tx, desk: Desk, job: Job) -> None:
    """How long is left has changed: what shows it is drawn anew, and again when it changes next."""
    incident = incidents.get(tx, str(job.payload["incident"]))
    if serious.nearest(clocks.of(tx, incident.id)):
        escalate.redraw(tx, incident, tx.now)
        _face(tx, incident.id)


def crew(tx: Tx, desk: Desk, incident: Incident, ring_: int) -> tuple[str, ...]:
    """Who is paged in one ring: whoever holds the incident, the owner team's lead, those who answer for reports."""
    people = desk.settings.people
    if ring_ == serious.HOLDER:
        last = incident
        while last.merged_into:
            last = incidents.get(tx, last.merged_into)
        name = last.holder or last.ended_by
        return (name,) if name and name in people.persons else ()
    if ring_ == serious.LEAD:
        team = people.teams.get(desk.owner_team(incident) or "")
        own = [each.lead for each in people.teams.values() if each.entity == incident.entity and each.lead]
        return (team.lead,) if team and team.lead else tuple(dict.fromkeys(own))
    return tuple(dict.fromkeys((*answering(tx, desk), *sorted(forbidden.wardens(desk, incident.entity)))))


def answering(tx: Tx, desk: Desk) -> tuple[str, ...]:
    """The people behind `audit.serious_to`, as of now."""
    targets = desk.settings.audit.serious_to
    if not targets:
        return ()
    roster = desk.roster(tx, tx.now)
    found = (reach.people(one, roster.rotas, roster.people, roster.overrides, tx.now).persons for one in targets)
    return tuple(dict.fromkeys(name for names in found for name in names))


def hasten(tx: Tx, desk: Desk, payload: dict[str, str], ring_: int) -> None:
    """Page the next ring now, where nothing of this one can arrive any more; `payload` is of the page that just failed.

    The channel is asked where there is none.
    """
    incident = incidents.get(tx, payload["incident"], lock=True)
    clock = clocks.get(tx, incident.id, payload["regime"], payload["step"])
    if clock is None or clock.standing is not Standing.RUNNING:
        return
    about = f"{clock.regime}/{clock.step}/{payload['warning']}"
    told = [each.entry for each in log.of_kinds(tx.sql, incident.id, (WARNED, UNTOLD))]
    mine = [entry for entry in told if entry.after.get("about") == about]
    asked = {page for entry in mine if entry.kind == WARNED for page in entry.after["pages"]}
    lost = {entry.after["page"] for entry in mine if entry.kind == UNTOLD} | {payload["page"]}
    furthest = max((int(entry.after["ring"]) for entry in mine if entry.kind == WARNED), default=ring_)
    if asked <= lost and furthest + 1 in (*serious.RINGS, len(serious.RINGS)):
        at = datetime.fromisoformat(payload["at"])
        _put(tx, desk, incident, clock, Bell(payload["warning"], at, furthest + 1), first=furthest + 1)


def merged(tx: Tx, before: Incident, into: Incident) -> None:
    """The clocks that ran for an incident run on for what it became part of; of two for one duty, the earlier."""
    standing = {(clock.regime, clock.step): clock for clock in clocks.of(tx, into.id)}
    carried = []
    for clock in serious.nearest(clocks.of(tx, before.id)):
        other = standing.get((clock.regime, clock.step))
        said = {"regime": clock.regime, "step": clock.step, "from": before.id, "due_at": clock.due_at.isoformat()}
        why = f"{before.id} became part of {into.id}."
        if other is None:
            clocks.save(tx, clock, replace(clock, incident=into.id))
        elif other.standing is Standing.RUNNING:
            kept = replace(other, since=clock.since, due_at=clock.due_at) if serious.stricter(other, clock) else other
            clocks.save(tx, other, kept)
            clocks.save(tx, clock, replace(move(clock, Standing.DROPPED, tx.now, "tocsin"), why=why))
            tx.note(Entry(before.entity, DROPPED, tx.now, "tocsin", before.id, why, after=said | {"into": into.id}))
            said["due_at"] = kept.due_at.isoformat()
        else:
            continue  # that report was made of the other one; this one is still owed, and pages whoever holds that
        tx.note(Entry(into.entity, CARRIED, tx.now, "tocsin", into.id, why, after=said))
        carried.append((clock.regime, clock.step))
    wind(tx, *(one for one in clocks.of(tx, into.id) if (one.regime, one.step) in carried))


def _warn(tx: Tx, desk: Desk, incident: Incident, clock: Clock, warning: Bell) -> None:
    """Page the rings it reaches, and the channel; where one reaches nobody, those further out as well."""
    _put(tx, desk, incident, clock, warning, first=serious.HOLDER)
    w = words.of(desk.settings.slack.language)
    said = serious_say.due((clock, serious_say.duty(desk, clock)), tx.now, forbidden.zone(desk, incident.entity), w)
    text = words.fill(w.serious.told_warned, incident=incident.id, due=said)
    escalate.owe(tx, _key(clock, warning.name), f"channel:{desk.channel(incident)}", text, tx.now)
    escalate.redraw(tx, incident, tx.now)


def _put(tx: Tx, desk: Desk, incident: Incident, clock: Clock, warning: Bell, first: int) -> None:
    roster = desk.roster(tx, tx.now)
    sheets: list[Page] = []
    reached = warning.ring
    for ring_ in range(first, len(serious.RINGS)):
        if ring_ > warning.ring and sheets:
            break
        reached = ring_
        known = {sheet.person for sheet in sheets}
        fresh = [name for name in crew(tx, desk, incident, ring_) if name not in known]
        sheets += _sheets(incident, clock, warning, fresh, roster, tx.now)
    about = f"{clock.regime}/{clock.step}/{warning.name}"
    late = max(0, int((tx.now - warning.at).total_seconds()))
    after = {"about": about, "ring": reached, "pages": [sheet.id for sheet in sheets], "late": late}
    after |= {"regime": clock.regime, "step": clock.step, "warning": warning.name, "due_at": clock.due_at.isoformat()}
    why = _why(warning, late)
    tx.note(Entry(incident.entity, WARNED, tx.now, "tocsin", incident.id, why, after=after))
    payload = {"incident": incident.id, "regime": clock.regime, "step": clock.step, "warning": warning.name}
    jobs.put(tx, *(_knock(payload | {"at": warning.at.isoformat()}, sheet, reached) for sheet in sheets))
    if not sheets:
        _alarm(tx, desk, incident, clock, warning)


def _why(warning: Bell, late: int) -> str:
    said = {serious.HALF: "Half of its time is over.", serious.THREE_QUARTERS: "Three quarters of its time are over."}
    why = said.get(warning.name, "Its time is over, and nobody has said that the report was made.")
    return f"{why} This warning is late: nothing ran when it was due." if late > serious.HOUR.total_seconds() else why


def _alarm(tx: Tx, desk: Desk, incident: Incident, clock: Clock, warning: Bell) -> None:
    """The last thing that can be done: whoever reads the channel is asked."""
    text = f"{incident.id}: {words.of(desk.settings.slack.language).serious.nobody}"
    escalate.owe(tx, f"{_key(clock, warning.name)}/nobody", f"channel:{desk.channel(incident)}", text, tx.now)


def _missed(tx: Tx, desk: Desk, incident: Incident, clock: Clock) -> None:
    said = {"regime": clock.regime, "step": clock.step, "due_at": clock.due_at.isoformat()}
    why = f"{serious_say.duty(desk, clock).title} was due, and nobody has said that it was made."
    tx.note(Entry(incident.entity, MISSED, tx.now, "tocsin", incident.id, why, after=said))


def spoken(desk: Desk, person: str) -> Words:
    """The words of a person's language, or of the channels'."""
    known = desk.settings.people.persons.get(person)
    return words.of(known.language if known and known.language else desk.settings.slack.language)


def text(desk: Desk, incident: Incident, clock: Clock, person: str, now: datetime) -> tuple[str, str]:
    """What somebody who is paged reads: the sentence, and how to answer."""
    w, known = spoken(desk, person), desk.settings.people.persons.get(person)
    zone = known.timezone if known else "UTC"
    said = serious_say.due((clock, serious_say.duty(desk, clock)), now, zone, w)
    title = written.line(incident.title, TITLE)
    asked = words.fill(w.serious.asked, incident=incident.id, title=title, due=said)
    return asked, words.fill(w.serious.how, incident=incident.id, step=f"{clock.regime}/{clock.step}")


def imagine(incident: Incident, title: str, at: datetime) -> Incident:
    """What a page about a clock stands for: the incident itself, paged as nothing but a reminder of a report."""
    policy = Policy((Tier("asked", (), at - at),), "asked", repeats=0)
    said = {"title": title, "entity": incident.entity, "model": incident.model, "why": title}
    return imagined(policy, at, id=incident.id, key=incident.id, **said)


def _sheets(
    incident: Incident,
    clock: Clock,
    warning: Bell,
    persons: Collection[str],
    roster: escalation.Roster,
    at: datetime,
) -> Sequence[Page]:
    """One for every way of every person, as for an incident's page; they stand in the log alone."""
    asked = escalation.ask(imagine(incident, incident.title, at), persons, roster, at, _why(warning, 0), 1)
    # Their ids are the clock's own: a page of the incident's first step must not be taken for one of these.
    own, mine = f"{incident.id}/0.1", _key(clock, warning.name)
    return [replace(sheet, id=f"{mine}{sheet.id.removeprefix(own)}") for sheet in asked]


def _key(clock: Clock, warning: str) -> str:
    return f"{KIND}/{clock.incident}/{clock.regime}/{clock.step}/{warning}"


def _job(clock: Clock, warning: Bell) -> NewJob:
    payload = {"incident": clock.incident, "regime": clock.regime, "step": clock.step}
    return NewJob(_key(clock, warning.name), KIND, Lane.PAGE, warning.at, payload)


def _knock(payload: dict[str, str], sheet: Page, ring_: int) -> NewJob:
    said = payload | {"page": sheet.id, "person": sheet.person, "channel": sheet.channel, "ring": str(ring_)}
    return NewJob(f"{KNOCK}/{sheet.id}", KNOCK, Lane.PAGE, sheet.due_at, said | {"since": sheet.due_at.isoformat()})


def _face(tx: Tx, incident: str) -> None:
    if nearest := serious.nearest(clocks.of(tx, incident)):
        at = serious.turns(nearest[0], tx.now)
        jobs.put(tx, NewJob(f"{FACE}/{incident}", FACE, Lane.DIGEST, at, {"incident": incident}))
