"""Whom a silence concerns, and what they are told: when it is made, when it begins, when it is over."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot import words
from bot.engine import escalate
from bot.engine.desk import Desk
from bot.model.estate import Entity
from bot.model.job import Job, Lane, NewJob
from bot.model.silence import Silence
from bot.rules import window, written
from bot.store import Tx, jobs, silences
from bot.words import Words

CHAIN = "tocsin"  #: the log of what belongs to no entity
MATCHERS, WHY = 500, 500  # characters of each in a notice


def author(silence: Silence) -> str:
    """Whose it is, for people: ada; of a program whomever it named, else the name of its token."""
    kind, _, name = silence.by.partition(":")
    token, _, named = name.partition(":")
    return (named or token) if kind == "api" else name


def entity(desk: Desk, silence: Silence) -> Entity | None:
    """The one entity it is about, by what it names; None where it may be any."""
    estate = desk.settings.estate
    named = {matcher.field: matcher.value for matcher in silence.matchers if matcher.op == "="}
    model = estate.find(named.get("model"))
    team = desk.settings.people.teams.get(named.get("model.team", ""))
    name = model.entity if model else named.get("entity") or (team.entity if team else "")
    return estate.entities.get(name)


def chain(desk: Desk, silence: Silence) -> str:
    """The chain of the log it is written to."""
    about = entity(desk, silence)
    return about.name if about else CHAIN


def bells(silence: Silence) -> Iterable[NewJob]:
    """The jobs that tell of its beginning, where that is still to come, and of its end."""
    due = {"start": silence.starts_at} if silence.starts_at > silence.made_at else {}
    for what, at in (due | {"end": silence.ends_at}).items():
        payload = {"silence": silence.id, "what": what}
        yield NewJob(f"window/{silence.id}/{what}", "window", Lane.STATE, at, payload)


def tell(tx: Tx, desk: Desk, silence: Silence, what: str, **parts: str) -> None:
    """Say it once in the channel it concerns; `what` is made, planned, start, end or ended.

    The end of one that held nothing back changes nothing, so nobody is told of it.
    """
    if silence.shadow and what in ("end", "ended"):
        return
    about = entity(desk, silence)
    channel = (about.channel if about else None) or desk.settings.slack.channel
    w = words.of(desk.settings.slack.language)
    zone = about.timezone if about else "UTC"
    said = _said(silence, w, zone) | parts
    text = words.fill(_TOLD[what](w), **said)
    escalate.owe(tx, f"{silence.id}/{what}", f"channel:{channel}", text.strip(), tx.now)


_TOLD = {
    "made": lambda w: w.silence.told_made,
    "planned": lambda w: w.silence.told_planned,
    "start": lambda w: w.silence.told_start,
    "end": lambda w: w.silence.told_end,
    "ended": lambda w: w.silence.told_ended,
}


def _said(silence: Silence, w: Words, zone: str) -> dict[str, str]:
    return {
        "silence": silence.id,
        "what": kind(silence, w),
        "who": author(silence),
        "start": clock(silence.starts_at, zone),
        "until": clock(silence.until, zone),
        "matchers": matchers(silence, w),
        "why": written.line(silence.why, WHY),
    }


def kind(silence: Silence, w: Words) -> str:
    """What it is, in a word or two."""
    word = w.silence.maintenance if silence.maintenance else w.silence.silence
    return f"{word}, {w.silence.shadow}" if silence.shadow else word


def matchers(silence: Silence, w: Words) -> str:
    """What it hits, in one line."""
    said = ", ".join(window.written(matcher) for matcher in silence.matchers)
    return written.line(said, MATCHERS) or w.silence.anything


def clock(at: datetime, zone: str) -> str:
    """An instant on the clocks of a zone."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """Tell of it when its bell rings; one that was ended before its time has been told of already."""
    silence = silences.get(tx, str(job.payload["silence"]))
    if silence.ended_at is None:
        tell(tx, desk, silence, str(job.payload["what"]))
        jobs.put(tx, escalate.homes(tx.now))
