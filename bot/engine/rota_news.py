"""What people are told of a rota that changes: each in their own language, and on their own clocks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from bot import words
from bot.engine import escalate, windows
from bot.engine.desk import Desk
from bot.model.people import Person
from bot.model.rota import Amendment, Override, Rota
from bot.rules import written
from bot.rules.standin import Clash, Moved
from bot.store import Tx, jobs
from bot.words import Words

WHY = 300  #: characters of a reason that people are told


@dataclass(frozen=True, slots=True)
class Told:
    """A message: its key, and what it says in a language, with times on the clocks of a zone."""

    key: str
    say: Callable[[Words, str], str]


def filled(template: str, zone: str, /, **parts: object) -> str:
    """The template with its names filled in, moments as the clocks of `zone` show them."""
    shown = {name: windows.clock(each, zone) if isinstance(each, datetime) else each for name, each in parts.items()}
    return words.fill(template, **shown)


def clash(found: Clash, w: Words, zone: str) -> str:
    """Why something cannot be, and the nearest that can."""
    text = filled(getattr(w.roster, found.what), zone, **found.parts)
    return f"{text} {clash(found.near, w, zone)}" if found.near else text


def effect(override: Override, w: Words, zone: str) -> str:
    """What a change by hand does, and why."""
    say = w.roster
    template = {
        Amendment.OVERRIDE: say.does_override if override.replaces else say.does_instead,
        Amendment.COVER: say.does_cover,
        Amendment.ABSENCE: say.does_absence,
    }[override.kind]
    told = {"rota": override.rota, "start": override.start, "end": override.end, "override": override.id}
    text = filled(template, zone, who=override.person, replaces=override.replaces, by=override.by, **told)
    why = written.line(override.why, WHY)
    if not why:
        return text
    stop = "" if why.endswith((".", "!", "?", "…")) else "."  # another sentence may follow
    return f"{text} {words.fill(say.reason, why=why)}{stop}"


def language(desk: Desk, person: Person | None) -> Words:
    """What the bot speaks to them; to a channel, and where nobody said, the language of the configuration."""
    return words.of((person.language if person else None) or desk.settings.slack.language)


def chain(desk: Desk, rota: Rota) -> str:
    """The chain of the log it is written to: its owner team's entity's."""
    team = desk.settings.people.teams.get(rota.owner or "")
    return team.entity if team else windows.CHAIN


def channel(desk: Desk, rota: Rota) -> str:
    """Where the team reads that owns it."""
    team = desk.settings.people.teams.get(rota.owner or "")
    entity = desk.settings.estate.entities.get(team.entity) if team else None
    return (entity.channel if entity else None) or desk.settings.slack.channel


def post(tx: Tx, desk: Desk, rota: Rota, told: Told, lines: Iterable[str] = ()) -> None:
    """Owe one message, and `lines` below it, to the channel of the team that owns it."""
    text = told.say(language(desk, None), rota.timezone)
    jobs.put(tx, escalate.notice(told.key, f"channel:{channel(desk, rota)}", text, tx.now, [*lines]))


def write(tx: Tx, desk: Desk, names: Iterable[str], told: Told) -> None:
    """Owe each of `names` one message."""
    for name in dict.fromkeys(names):
        if person := desk.settings.people.persons.get(name):
            text = told.say(language(desk, person), person.timezone)
            escalate.owe(tx, f"{told.key}/{name}", f"person:{name}", text, tx.now)


def tell(tx: Tx, desk: Desk, rota: Rota, moved: Iterable[Moved], told: Told) -> None:
    """Owe everybody whose shifts move one message: what happened, and what that means for them."""
    for one in moved:
        if person := desk.settings.people.persons.get(one.person):
            w = language(desk, person)
            text = told.say(w, person.timezone)
            lines = _spans(one, rota, w, person.timezone)
            jobs.put(tx, escalate.notice(f"{told.key}/{one.person}", f"person:{one.person}", text, tx.now, lines))


def _spans(moved: Moved, rota: Rota, w: Words, zone: str) -> list[str]:
    said = [(w.roster.lost, span) for span in moved.lost] + [(w.roster.gained, span) for span in moved.gained]
    return [filled(template, zone, rota=rota.name, start=span.start, end=span.end) for template, span in said]
