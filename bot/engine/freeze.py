"""Declare and lift change freezes: leads of the entity's teams and admins may, and never without an end."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot import documents, words
from bot.engine import escalate, forbidden, windows
from bot.engine.desk import Desk
from bot.errors import BadInput, Conflict, Refused
from bot.model.entry import Entry
from bot.model.freeze import Freeze
from bot.model.verdict import Verdict
from bot.rules import consent, written
from bot.store import Tx, freezes
from bot.words import Words

WHY, SHOWN = 3_000, 300  # characters of a reason that are kept, and that a channel is told
LONGEST = timedelta(days=90)  # a freeze for ever is a decision for the configuration


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody declares: from when (None: now) until when, for which entity (None: all), and why."""

    ends_at: datetime | None
    why: str
    entity: str | None = None
    starts_at: datetime | None = None
    language: str = "en"  #: of the answer


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict, its sentence, and the freeze as it is now; None where there is none."""

    verdict: Verdict
    sentence: str
    freeze: Freeze | None = None


@dataclass(frozen=True, slots=True)
class _Asking:
    """Who asks, when, through which door, and in which language they are answered."""

    by: str
    at: datetime
    via: str
    language: str


async def declare(desk: Desk, draft: Draft, by: str, now: datetime, via: str) -> Outcome:
    """Declare it, if the rules consent. BadInput: no reason, no end, an end before its start or past, no such entity.

    A refusal is an entry, too.
    """
    freeze, asking = _checked(desk, draft, now), _Asking(by, now, via, draft.language)
    return await desk.store.write(lambda tx: _declare(tx, desk, freeze, asking))


async def lift(desk: Desk, freeze_id: str, by: str, now: datetime, via: str) -> Outcome:
    """End it now. ALREADY when it is over. NotFound; Refused for one of the configuration."""
    asking = _Asking(by, now, via, "en")
    return await desk.store.write(lambda tx: _lift(tx, desk, freeze_id.strip(), asking))


async def standing(desk: Desk, now: datetime) -> list[Freeze]:
    """Those in force at `now` and those planned, the configuration's included, in the order of their starts."""
    return await desk.store.read(lambda tx: forbidden.standing(tx, desk, now))


async def listing(desk: Desk, limit: int = 50) -> list[Freeze]:
    """The newest that people declared, over or not, newest first."""
    return await desk.store.read(lambda tx: freezes.listing(tx, limit))


def _checked(desk: Desk, draft: Draft, now: datetime) -> Freeze:
    """The freeze it becomes, without its id and who declared it."""
    why, starts = written.text(draft.why, WHY), draft.starts_at or now
    if not why:
        raise BadInput("A freeze needs a reason.", "Say why, for whoever is refused a change.")
    if draft.ends_at is None:
        raise BadInput("A freeze needs an end.", "Say until when, or for how long.")
    if draft.ends_at <= max(starts, now):
        raise BadInput("It would be over before it begins.", "Give a later end.")
    if draft.ends_at - starts > LONGEST:
        raise BadInput(f"{LONGEST.days} days at most.", "Write a longer one into `changes: freezes:` of tocsin.yaml.")
    entities = desk.settings.estate.entities
    if draft.entity is not None and draft.entity not in entities:
        near = documents.closest(draft.entity[:80], entities) or "Name one from config/estate.yaml, or none for all."
        raise BadInput(f"There is no entity {draft.entity[:80]!r}.", near)
    return Freeze("", starts, draft.ends_at, "", why, draft.entity, now)


def _declare(tx: Tx, desk: Desk, freeze: Freeze, asking: _Asking) -> Outcome:
    person = desk.person(tx, asking.by)
    verdict = consent.may_forbid(person, forbidden.wardens(desk, freeze.entity), done=False)
    if verdict is not Verdict.GO:
        return _refused(tx, freeze, asking, verdict)
    made = replace(freeze, id=freezes.next_id(tx), by=f"person:{person}")
    freezes.add(tx, made)
    span = {"starts_at": made.starts_at.isoformat(), "ends_at": made.ends_at.isoformat(), "entity": made.entity}
    _note(tx, made, "freeze.declared", asking, span, made.by)
    _tell(tx, desk, made, "declared")
    return Outcome(verdict, _said(desk, made, "declared", words.of(asking.language)), made)


def _lift(tx: Tx, desk: Desk, freeze_id: str, asking: _Asking) -> Outcome:
    if any(freeze.id == freeze_id for freeze in desk.settings.changes.freezes):
        raise Refused(f"{freeze_id} stands in the configuration.", "Take it out of `changes: freezes:`, then reload.")
    freeze = freezes.get(tx, freeze_id.upper())
    person = desk.person(tx, asking.by)
    over = freeze.ended_at is not None or freeze.ends_at <= asking.at
    verdict = consent.may_forbid(person, forbidden.wardens(desk, freeze.entity), done=over)
    if verdict is Verdict.GO:
        try:
            freezes.lift(tx, freeze.id, asking.at, f"person:{person}")
        except Conflict:  # somebody on another replica was faster
            verdict = Verdict.ALREADY
    if verdict is Verdict.ALREADY:
        return Outcome(verdict, f"{freeze.id} is over already.", freezes.get(tx, freeze.id))
    if verdict is not Verdict.GO:
        return _refused(tx, freeze, asking, verdict)
    lifted = freezes.get(tx, freeze.id)
    _note(tx, lifted, "freeze.lifted", asking, {"ends_at": freeze.ends_at.isoformat()}, f"person:{person}")
    _tell(tx, desk, lifted, "lifted")
    return Outcome(verdict, _said(desk, lifted, "lifted", words.of(asking.language)), lifted)


def _refused(tx: Tx, freeze: Freeze, asking: _Asking, verdict: Verdict) -> Outcome:
    said = {"verdict": verdict.name, "entity": freeze.entity}
    _note(
        tx, replace(freeze, id=freeze.id or "freeze", why=verdict.sentence), "freeze.refused", asking, said, asking.by
    )
    return Outcome(verdict, words.of(asking.language).answer.verdicts.get(verdict.name, verdict.sentence))


def _note(tx: Tx, freeze: Freeze, kind: str, asking: _Asking, after: dict[str, Any], actor: str) -> None:
    told = {**after, "via": asking.via, "as": asking.by}
    tx.note(Entry(freeze.entity or windows.CHAIN, kind, asking.at, actor, freeze.id, freeze.why, after=told))


def _tell(tx: Tx, desk: Desk, freeze: Freeze, what: str) -> None:
    """Say it in the channel of its entity, or in every entity's."""
    own = desk.settings
    about = [own.estate.entities[freeze.entity]] if freeze.entity else [*own.estate.entities.values()]
    text = _said(desk, freeze, what, words.of(own.slack.language))
    for name in dict.fromkeys(entity.channel or own.slack.channel for entity in about):
        escalate.owe(tx, f"{freeze.id}/{what}/{name}", f"channel:{name}", text, tx.now)


def _said(desk: Desk, freeze: Freeze, what: str, w: Words) -> str:
    say, zone = w.forbidding, forbidden.zone(desk, freeze.entity)
    who = (freeze.ended_by or freeze.by).partition(":")[2]
    if what == "lifted":
        return words.fill(say.told_thawed, freeze=freeze.id, who=who)
    span = {"start": windows.clock(freeze.starts_at, zone), "until": windows.clock(freeze.ends_at, zone)}
    told = {"freeze": freeze.id, "who": who, "entity": freeze.entity or "", "why": written.line(freeze.why, SHOWN)}
    return words.fill(say.told_frozen if freeze.entity else say.told_frozen_all, **span, **told)
