"""Hand over a shift: look at what would be said, write into it, accept it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot import words
from bot.engine import handover_kept, handover_news, handover_report, roster
from bot.engine.desk import Desk
from bot.engine.roster import Asking
from bot.model.handover import Handover, Remark, Standing, move
from bot.model.rota import Override, Rota
from bot.model.verdict import Verdict
from bot.rules import handover as rule
from bot.rules import standin, written
from bot.store import Tx, handovers, overrides

MOST = 2_000  #: characters of a note
NOTES = 50  #: of one handover
SHOWN = 10  #: rotas at once, for whoever names none
BACK = timedelta(days=64)


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, its sentence, and the handover as it is now; None where there is none."""

    verdict: Verdict
    sentence: str
    handover: Handover | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What is to be said of a rota's shift: the handover that is drafted or waits, if there is one, and its report.

    The report of one that waits is what was posted, all others are gathered since the shift began.
    """

    handover: Handover | None
    report: Mapping[str, Any]
    rota: str
    since: datetime
    acceptable: bool = False  #: by who asks


async def show(desk: Desk, rota: str | None, by: str, at: datetime) -> list[Shown]:
    """What would be handed over now, of one rota or of those that concern `by`. NotFound: the rota."""
    named = roster.find(desk, rota).name if rota else None
    return await desk.store.read(
        lambda tx: [_shown(tx, desk, each, by, at) for each in _rotas(tx, desk, named, by, at)]
    )


async def accept(desk: Desk, typed: str, by: str, at: datetime, via: str, language: str = "en") -> Answer:
    """Take the shift over, or for the incoming as their lead; from then on the outgoing are not paged. NotFound.

    The first to accept has it. A refusal is an entry, too.
    """
    asking = Asking(by, at, via, language)
    return await desk.store.write(lambda tx: _accept(tx, desk, typed, asking))


async def remark(desk: Desk, typed: str, text: str, asking: Asking) -> Answer:
    """Write into it what the incoming people should know, MOST characters at most, shown literally. NotFound."""
    return await desk.store.write(lambda tx: _remark(tx, desk, typed, text, asking))


async def listing(desk: Desk, limit: int = 50, rota: str | None = None) -> list[Handover]:
    """The newest, newest first; of one rota only, if given. NotFound: the rota."""
    named = roster.find(desk, rota).name if rota else None
    return await desk.store.read(lambda tx: handovers.listing(tx, limit, named))


async def get(desk: Desk, typed: str) -> Handover:
    """The one somebody means by HND-7 or 7. NotFound."""
    return await desk.store.read(lambda tx: handovers.find(tx, typed))


# Looking


def _rotas(tx: Tx, desk: Desk, named: str | None, by: str, at: datetime) -> list[str]:
    """The rota that is asked for; else those `by` has the shift of or hands over, or takes turns in, or all."""
    if named:
        return [named]
    person, rotas = desk.person(tx, by), desk.settings.rotas
    changes = roster.changes(tx, desk, at, at + timedelta.resolution)
    waiting = {one.rota for one in _open(tx) if person in (*one.outgoing, *one.incoming)}
    mine = [name for name in rotas if name in waiting or person in rule.holding(rotas[name], at, changes)]
    people = desk.settings.people
    crews = [] if mine else [name for name in rotas if person in standin.crew(rotas[name], people)]
    return (mine or crews or list(rotas))[:SHOWN]


def _shown(tx: Tx, desk: Desk, name: str, by: str, at: datetime) -> Shown:
    there = next((one for one in _open(tx) if one.rota == name), None)
    if there and there.standing is Standing.POSTED:
        rota = desk.settings.rotas[name]
        now = rule.holding(rota, at, roster.changes(tx, desk, at, at + timedelta.resolution))
        verdict = rule.may_accept(desk.person(tx, by), there, rota, desk.settings.people, now)
        return Shown(there, there.report, name, there.since, verdict is Verdict.GO)
    since = there.since if there else _since(desk.settings.rotas[name], at, _seen(tx, desk, at))
    return Shown(there, handover_report.draft(tx, desk, name, since, at, at), name, since)


def _open(tx: Tx) -> Sequence[Handover]:
    """What waits to be accepted goes before the draft of the next."""
    return [*handovers.standing(tx, Standing.POSTED), *handovers.standing(tx, Standing.DRAFT)]


def _seen(tx: Tx, desk: Desk, at: datetime) -> list[Override]:
    return roster.changes(tx, desk, at - BACK, at + timedelta.resolution)


def _since(rota: Rota, at: datetime, changes: Sequence[Override]) -> datetime:
    """Since when the shift of now goes on; of a vacant seat, the last day."""
    end = at + timedelta.resolution
    holders = rule.holding(rota, at, changes)
    return rule.begun(rota, end, holders, changes) if holders else at - timedelta(days=1)


# Accepting


def _accept(tx: Tx, desk: Desk, typed: str, asking: Asking) -> Answer:
    overrides.lock(tx)  # whoever accepts at this moment as well waits, and then hears of it
    before = handovers.find(tx, typed, lock=True)
    rota, person = roster.known(desk, before.rota), desk.person(tx, asking.by)
    now = rule.holding(rota, asking.at, roster.changes(tx, desk, asking.at, asking.at + timedelta.resolution))
    verdict = rule.may_accept(person, before, rota, desk.settings.people, now)
    if verdict is not Verdict.GO:
        return _refused(tx, desk, before, asking, (verdict, _why_not(verdict, before, person, asking, rota)))
    own = person in (*before.incoming, *now)
    after = move(before, Standing.ACCEPTED, asking.at, accepted_by=person, accepted_at=asking.at)
    handovers.save(tx, before, after)
    handover_kept.release(tx, desk, after, f"person:{person}")
    more: dict[str, Any] = {"accepted_after": int((asking.at - after.at).total_seconds()), "on_behalf": not own}
    _note(tx, desk, "accepted", after, asking, **more)
    handover_news.write(tx, desk, [name for name in after.outgoing if name not in now], "relieved", after, who=person)
    handover_news.redraw(tx, after)
    w = asking.words
    waited = handover_news.length(asking.at - after.at, w)
    template = w.handing.accepted_now if own else w.handing.accepted_for
    return Answer(Verdict.GO, handover_news.said(template, after, rota.timezone, waited=waited), after)


def _why_not(verdict: Verdict, handover: Handover, person: str | None, asking: Asking, rota: Rota) -> str:
    say, standing = asking.words.handing, handover.standing
    template = {
        Verdict.ALREADY: say.yours_already if person == handover.accepted_by else say.accepted_by,
        Verdict.EXPIRED: _too_late(handover, asking),
        Verdict.NOT_POSSIBLE: say.not_yet if standing is Standing.DRAFT else say.no_such_turn,
        Verdict.SAME_PERSON: say.own_shift,
        Verdict.NOT_ALLOWED: say.not_incoming,
    }.get(verdict)
    if template is None:
        return roster.verdict(verdict, asking.words)
    at = handover.accepted_at if verdict is Verdict.ALREADY else handover.at
    return handover_news.said(template, handover, rota.timezone, who=handover.accepted_by, at=at)


def _too_late(handover: Handover, asking: Asking) -> str:
    say = asking.words.handing
    if not handover.incoming:
        return say.nobody_came
    return say.went_back if handover.went_back else say.ran_out


# Writing into it


def _remark(tx: Tx, desk: Desk, typed: str, text: str, asking: Asking) -> Answer:
    overrides.lock(tx)
    before = handovers.find(tx, typed, lock=True)
    rota, person = roster.known(desk, before.rota), desk.person(tx, asking.by)
    kept = written.text(text, max(MOST, len(text)))
    verdict = rule.may_remark(person, before, rota, desk.settings.people)
    wrong = next(_wrong(kept, before, asking), None) if verdict is Verdict.GO else None
    if verdict is not Verdict.GO or wrong is not None:
        said = (Verdict.NOT_POSSIBLE, wrong) if wrong else (verdict, _not_noted(verdict, before, person, asking, rota))
        return _refused(tx, desk, before, asking, said)
    note = Remark(person or "", asking.at, kept)
    after = replace(before, remarks=(*before.remarks, note), version=before.version + 1, changed_at=asking.at)
    handovers.save(tx, before, after)
    _note(tx, desk, "remarked", after, asking, why=kept)
    handover_news.redraw(tx, after)
    return Answer(Verdict.GO, words.fill(asking.words.handing.noted, handover=after.id), after)


def _wrong(kept: str, handover: Handover, asking: Asking) -> Iterator[str]:
    say = asking.words.handing
    if not kept:
        yield say.nothing_said
    if len(kept) > MOST:
        yield words.fill(say.too_long, length=len(kept), most=MOST)
    if len(handover.remarks) >= NOTES:
        yield words.fill(say.too_many, handover=handover.id, most=NOTES)


def _not_noted(verdict: Verdict, handover: Handover, person: str | None, asking: Asking, rota: Rota) -> str:
    if verdict is Verdict.NOT_ALLOWED:
        return handover_news.said(asking.words.handing.not_outgoing, handover, rota.timezone)
    ended = {Standing.ACCEPTED: Verdict.ALREADY, Standing.LAPSED: Verdict.EXPIRED, Standing.MOVED: Verdict.NOT_POSSIBLE}
    return _why_not(ended.get(handover.standing, verdict), handover, person, asking, rota)


def _refused(tx: Tx, desk: Desk, handover: Handover, asking: Asking, said: tuple[Verdict, str]) -> Answer:
    given, sentence = said
    _note(tx, desk, "refused", handover, asking, why=sentence, verdict=given.name)
    return Answer(given, sentence, handover)


def _note(tx: Tx, desk: Desk, kind: str, handover: Handover, asking: Asking, why: str = "", **more: Any) -> None:
    person = desk.person(tx, asking.by)
    actor = f"person:{person}" if person else asking.by
    handover_news.note(tx, desk, kind, handover, actor, why, via=asking.via, **{"as": asking.by, **more})
