"""Who hears of a handover, what stands in the log about it, and what is drawn anew."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot import words
from bot.engine import escalate, roster, rota_news
from bot.engine.desk import Desk
from bot.engine.rota_news import Told
from bot.model.entry import Entry
from bot.model.handover import Handover
from bot.model.job import Lane, NewJob
from bot.store import Tx, jobs
from bot.words import Words

KIND, CARD = "handover", "handover_card"
IN_CHANNEL = {"lead_reads": "channel_reads"}  #: what a channel reads instead of what is said to one person


def redraw(tx: Tx, handover: Handover) -> None:
    """Ask for everything that shows it, in the channel and before its people, to be drawn as it stands."""
    jobs.put(tx, NewJob(f"{CARD}/{handover.id}", CARD, Lane.CARD, tx.now, {"handover": handover.id}))


def channel(desk: Desk, rota: str) -> str:
    """Where the handovers of a rota are posted."""
    return desk.settings.handover.channel or rota_news.channel(desk, roster.known(desk, rota))


def lead(desk: Desk, rota: str) -> tuple[str, ...]:
    """Who answers for the people of a rota: the lead of the team that owns it; nobody where there is none."""
    team = desk.settings.people.teams.get(roster.known(desk, rota).owner or "")
    return (team.lead,) if team and team.lead else ()


def note(tx: Tx, desk: Desk, kind: str, handover: Handover, actor: str, why: str = "", **more: Any) -> None:
    """Write the entry `handover.KIND` onto the chain of the team that owns the rota."""
    about = {
        "rota": handover.rota,
        "at": handover.at.isoformat(),
        "since": handover.since.isoformat(),
        "outgoing": list(handover.outgoing),
        "incoming": list(handover.incoming),
        "standing": handover.standing.value,
        **more,
    }
    chain = rota_news.chain(desk, roster.known(desk, handover.rota))
    tx.note(Entry(chain, f"{KIND}.{kind}", tx.now, actor, handover.id, why, after=about))


def write(tx: Tx, desk: Desk, names: Iterable[str], what: str, handover: Handover, **more: object) -> None:
    """Owe each of `names` the sentence `what` of `words.handing`; nobody is woken by it, so pages go before."""

    def say(w: Words, zone: str) -> str:
        return said(getattr(w.handing, what), handover, zone, **more)

    for name in dict.fromkeys(names):
        if person := desk.settings.people.persons.get(name):
            text = say(rota_news.language(desk, person), person.timezone)
            key = f"{handover.id}/{what}/{handover.version}/{name}"
            jobs.put(tx, _quietly(escalate.notice(key, f"person:{name}", text, tx.now)))


def tell_lead(tx: Tx, desk: Desk, what: str, handover: Handover) -> tuple[str, ...]:
    """Owe the lead that sentence, or the channel where none is left who is neither side of it; who was told."""
    sides = (*handover.outgoing, *handover.incoming)
    if leads := tuple(name for name in lead(desk, handover.rota) if name not in sides):
        write(tx, desk, leads, what, handover)
        return leads
    what = IN_CHANNEL.get(what, what)
    rota, to = roster.known(desk, handover.rota), f"channel:{channel(desk, handover.rota)}"
    told = Told(f"{handover.id}/{what}", lambda w, zone: said(getattr(w.handing, what), handover, zone))
    text = told.say(rota_news.language(desk, None), rota.timezone)
    jobs.put(tx, _quietly(escalate.notice(told.key, to, text, tx.now)))
    return (to,)


def said(template: str, handover: Handover, zone: str, **more: object) -> str:
    """The template filled in with what the handover is about, moments by the clocks of `zone`."""
    about: dict[str, object] = {
        "handover": handover.id,
        "rota": handover.rota,
        "at": handover.at,
        "outgoing": ", ".join(handover.outgoing),
        "incoming": ", ".join(handover.incoming),
        "paged": ", ".join(dict.fromkeys((*handover.kept, *handover.incoming))),
    }
    return rota_news.filled(template, zone, **{**about, **more})


def length(span: timedelta, w: Words) -> str:
    """How long, in whole minutes."""
    hours, minutes = divmod(max(0, int(span.total_seconds()) // 60), 60)
    return words.fill(w.handing.hours if hours else w.handing.minutes, hours=hours, minutes=minutes)


def _quietly(job: NewJob) -> NewJob:
    return replace(job, lane=Lane.CARD)
