"""What people hear of a wish for cover: the offer, its reminders as the shift nears, what became of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot import words
from bot.engine import rota_news
from bot.engine.desk import Desk
from bot.engine.rota_news import Told
from bot.model.cover import Request
from bot.model.job import Job, Lane, NewJob
from bot.model.rota import Rota
from bot.rules import written
from bot.rules.standin import Clash
from bot.store import Tx, jobs
from bot.words import Words

KIND = "cover"
#: So long before the shift everybody who could take it is reminded; at its start it is past.
BELLS = (timedelta(days=7), timedelta(days=3), timedelta(days=1), timedelta(hours=12), timedelta(0))


def asked(tx: Tx, request: Request) -> None:
    """Ask for the offer to be shown to whoever could take it, and set its bells."""
    jobs.put(tx, *(_bell(request, before) for before in BELLS if request.start - before > tx.now or not before))
    redraw(tx, request)


def redraw(tx: Tx, request: Request) -> None:
    """Ask for the offer, in the team's channel and before whoever could take it, to be drawn as the wish stands."""
    jobs.put(tx, NewJob(f"offer/{request.id}", "offer", Lane.CARD, tx.now, {"request": request.id}))


def late(request: Request, job: Job, now: datetime) -> bool:
    """Whether a reminder comes so late that the next one is due as well, and says all there is to say."""
    return any(job.due_at < request.start - before <= now for before in BELLS)


def remind(tx: Tx, desk: Desk, rota: Rota, key: str, asked_of: tuple[Request, Sequence[str]]) -> None:
    """Say to whoever could take it, to whose shift it is, and to the team, that nobody has."""
    request, able = asked_of

    def say(w: Words, zone: str) -> str:
        start = rota_news.filled(w.roster.reminder, zone, request=request.id, start=request.start)
        return f"{start} {offer(request, w, zone)}"

    told = Told(key, say)
    rota_news.write(tx, desk, (*able, request.person), told)
    rota_news.post(tx, desk, rota, told)


def past(tx: Tx, desk: Desk, rota: Rota, request: Request) -> None:
    """Say to whose shift it is, to the lead and to the team, that it has begun and nobody took it."""
    team = desk.settings.people.teams.get(rota.owner or "")
    lead = (team.lead,) if team and team.lead else ()
    told = Told(f"{request.id}/past", lambda w, zone: _about(w.roster.nobody_took, request, zone))
    rota_news.write(tx, desk, (request.person, *lead), told)
    rota_news.post(tx, desk, rota, told)


def moot(tx: Tx, desk: Desk, request: Request, why: Clash) -> None:
    """Say to whoever asked that it is not their shift any more."""

    def say(w: Words, zone: str) -> str:
        return words.fill(w.roster.moot, request=request.id, why=rota_news.clash(why, w, zone))

    rota_news.write(tx, desk, [request.person], Told(f"{request.id}/moot", say))


def offer(request: Request, w: Words, zone: str) -> str:
    """What is asked of whoever could take it."""
    template = w.roster.offer_swap if request.in_return else w.roster.offer
    said = [_about(template, request, zone), words.fill(w.roster.accept_how, request=request.id)]
    if request.why:
        said.insert(1, words.fill(w.roster.reason, why=written.line(request.why, rota_news.WHY)))
    return " ".join(said)


def taken(request: Request, w: Words, zone: str) -> str:
    """Who has it now."""
    return _about(w.roster.swap_taken if request.in_return else w.roster.shift_taken, request, zone)


def withdrawn(request: Request, w: Words, zone: str) -> str:
    """Whose shift it stays."""
    return _about(w.roster.withdrawn, request, zone)


def _about(template: str, request: Request, zone: str) -> str:
    start_back, end_back = request.in_return or (request.start, request.end)
    about = {"rota": request.rota, "request": request.id, "who": request.person, "taker": request.taken_by}
    times = {"start": request.start, "end": request.end, "start_back": start_back, "end_back": end_back}
    return rota_news.filled(template, zone, **about, **times)


def _bell(request: Request, before: timedelta) -> NewJob:
    hours = int(before.total_seconds()) // 3_600
    return NewJob(f"{KIND}/{request.id}/{hours}h", KIND, Lane.STATE, request.start - before, {"request": request.id})
