"""What a handover says, for a channel by the calendar: daily or weekly, of a rota, a team or an entity, once."""

import hashlib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.engine import handover_report, handover_scope
from bot.engine.desk import Desk
from bot.engine.handover_scope import Scope
from bot.model.job import Job, Lane, NewJob
from bot.settings.nouns import Digest
from bot.store import Tx, jobs

KIND, SUMMARY = "handover_digest", "handover_summary"  #: to gather one when it is time; to post what was gathered
DAY, LATE = timedelta(days=1), timedelta(hours=12)  #: LATE: one that was missed longer ago is left out
SPANS = {"daily": DAY, "weekly": 7 * DAY}


def recur(tx: Tx, desk: Desk, now: datetime) -> None:
    """Ask for the newest of each digest that is due, which any number of replicas do once."""
    for digest in desk.settings.handover.digests:
        due = last(digest, zone(desk, digest), now)
        if now - due < LATE:
            key = f"{KIND}/{mark(digest)}/{due.isoformat()}"
            jobs.put_once(tx, NewJob(key, KIND, Lane.DIGEST, due, {"digest": mark(digest), "at": due.isoformat()}))


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """Gather it, and owe it to its channel; one that is not in the configuration any more is nobody's."""
    wanted = next((one for one in desk.settings.handover.digests if mark(one) == job.payload["digest"]), None)
    scope = _scope(desk, wanted) if wanted else None
    if wanted is None or scope is None:
        return
    until, where = datetime.fromisoformat(str(job.payload["at"])), zone(desk, wanted)
    report = handover_report.of_scope(tx, desk, scope, where, (_before(until, wanted, where), until))
    about = {"channel": wanted.channel, "at": until.isoformat(), "report": report}
    key = f"{SUMMARY}/{job.key.removeprefix(KIND + '/')}"
    jobs.put_once(tx, NewJob(key, SUMMARY, Lane.DIGEST, tx.now, about))


def last(digest: Digest, where: str, now: datetime) -> datetime:
    """The last instant up to `now` at which it was due, in UTC: each day, or each Monday, at its time of `where`."""
    today = now.astimezone(ZoneInfo(where)).date()
    back = today.weekday() if digest.every == "weekly" else 0
    step = SPANS[digest.every].days
    days = (today - timedelta(days=back + step * number) for number in range(3))
    return next(at for day in days if (at := _at(datetime.combine(day, digest.at), where)) <= now)


def mark(digest: Digest) -> str:
    """The same as long as it is the same digest, however many stand before it in the file."""
    said = f"{digest.channel} {digest.every} {digest.at} {digest.timezone} {_about(digest)}"
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def zone(desk: Desk, digest: Digest) -> str:
    """By whose clocks its time is meant."""
    settings = desk.settings
    if digest.timezone:
        return digest.timezone
    if digest.rota:
        return settings.rotas[digest.rota].timezone if digest.rota in settings.rotas else "UTC"
    team = settings.people.teams.get(digest.team or "")
    entity = settings.estate.entities.get(digest.entity or (team.entity if team else ""))
    return entity.timezone if entity else "UTC"


def _at(wall: datetime, where: str) -> datetime:
    return wall.replace(tzinfo=ZoneInfo(where)).astimezone(UTC)


def _before(until: datetime, digest: Digest, where: str) -> datetime:
    """The same wall clock a day or a week earlier."""
    wall = until.astimezone(ZoneInfo(where)).replace(tzinfo=None) - SPANS[digest.every]
    return _at(wall, where)


def _about(digest: Digest) -> str:
    return f"rota:{digest.rota} team:{digest.team} entity:{digest.entity}"


def _scope(desk: Desk, digest: Digest) -> Scope | None:
    """None where what it is about is gone."""
    settings = desk.settings
    if digest.rota:
        return handover_scope.of_rota(desk, settings.rotas[digest.rota]) if digest.rota in settings.rotas else None
    if digest.team:
        return handover_scope.of_team(desk, digest.team) if digest.team in settings.people.teams else None
    known = digest.entity in settings.estate.entities
    return handover_scope.of_entity(desk, digest.entity) if digest.entity and known else None
