"""Hold an incident and have it quiet for a while; when the time is over its holder is paged, and silence escalates."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.engine import escalate, staging
from bot.engine.deed import Answer, Deed
from bot.engine.desk import Desk
from bot.errors import BadInput
from bot.model.entry import Entry
from bot.model.incident import Incident, Phase, move, turn
from bot.model.job import Job, Lane, NewJob
from bot.rules import escalation, stages
from bot.store import Tx, incidents, jobs

LONGEST = 10_080  # minutes: a week


def snooze(deed: Deed) -> Answer:
    """The presser holds it, and nobody is paged until the time is over."""
    before, at = deed.before, deed.press.at
    until = at + timedelta(minutes=minutes(deed.press.detail))
    moved = turn(before, at) if before.phase is Phase.ACKNOWLEDGED else move(before, Phase.ACKNOWLEDGED, at)
    facts = {"next_step_at": None, "snoozed_until": until, "attended_at": at, **escalation.NO_WAIT}
    after = replace(moved, holder=deed.person, **facts)
    said = {"phase": after.phase.value, "holder": deed.person, "snoozed_until": until.isoformat()}
    deed.note("incident.snoozed", said)
    deed.save(after)
    jobs.put(deed.tx, wake(after, until))
    zone = deed.desk.settings.people.persons[deed.person].timezone
    return deed.done(after, deed.press.words.snoozed, until=f"{until.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}")


def minutes(typed: str) -> int:
    """How long somebody means; BadInput unless it is a whole number of minutes from 1 to a week's."""
    said = typed.strip()
    if said.isascii() and said.isdigit() and len(said) < 7 and 1 <= int(said) <= LONGEST:
        return int(said)
    raise BadInput(f"{said[:40]!r} is no time to snooze for.", f"Write minutes, from 1 to {LONGEST} (a week).")


def wake(incident: Incident, due: datetime) -> NewJob:
    """The end of an incident's snooze."""
    return NewJob(f"wake/{incident.id}", "wake", Lane.STATE, due, {"incident": incident.id})


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """Wake an incident that is still snoozed; one that was snoozed for longer since, later."""
    before = incidents.get(tx, str(job.payload["incident"]), lock=True)
    until = before.snoozed_until
    if before.phase is not Phase.ACKNOWLEDGED or until is None:
        return
    if until > tx.now:
        jobs.put(tx, wake(before, until))
        return
    step = _woken(before, desk.roster(tx, tx.now), tx.now, staging.facts(tx, desk, before, tx.now))
    was = {"phase": before.phase.value, "holder": before.holder, "snoozed_until": until.isoformat()}
    why = f"It was snoozed until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
    entry = Entry(
        before.entity, "incident.woken", tx.now, "tocsin", before.id, why, was, {"phase": step.incident.phase.value}
    )
    tx.note(entry)
    incidents.save(tx, [(before, step.incident)])
    escalate.put_down(tx, desk, [step], "tocsin", tx.now)
    escalate.redraw(tx, step.incident, tx.now)


def _woken(before: Incident, roster: escalation.Roster, now: datetime, facts: stages.Facts) -> escalation.Fired:
    """Its holder is paged first; when they cannot be reached any more, the next step fires at once."""
    holder = before.holder or ""
    start = replace(move(before, Phase.TRIGGERED, now), holder=None, snoozed_until=None, exhausted=False)
    step = escalation.summon(start, [holder], roster, now, f"{holder} snoozed it, and the time is over.")
    if step.pages:
        return step
    step = escalation.fire(start, roster, now, facts)
    return replace(step, skipped=((before.tier, f"{holder}, who snoozed it, cannot be reached."), *step.skipped))
