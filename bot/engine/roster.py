"""Change a rota by hand: override, cover, absence; shown before it is done, judged, written down, told, taken back."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot import documents, words
from bot.engine import disarmed, rota_news
from bot.engine.desk import Desk
from bot.engine.rota_news import Told
from bot.errors import NotFound
from bot.model import handover
from bot.model.entry import Context, Entry
from bot.model.rota import Amendment, Override, Rota, Shift
from bot.model.verdict import Verdict
from bot.rules import rota as rota_rule
from bot.rules import standin, written
from bot.rules.standin import Clash, Moved, Span
from bot.store import Tx, covers, overrides, seen
from bot.words import Words

WHY, NAME = 1_000, 80  # characters of a reason and of a name that are kept
EDITED = timedelta(days=14)  # how far ahead shifts are compared when the configuration changes
AGAIN = timedelta(minutes=10)  # after which the very same edit is told of again


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants changed by hand; times without a zone are those of `timezone`, or of the rota."""

    rota: str
    kind: Amendment
    start: datetime
    end: datetime
    person: str | None
    replaces: str | None = None
    why: str = ""
    language: str = "en"  #: of the answer
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """Who is on call before and after, a day either side; `conflicts` are warnings where the verdict is GO.

    `seen` is what `amend` takes to refuse a rota that has changed since.
    """

    before: list[Shift]
    after: list[Shift]
    moved: tuple[str, ...]
    conflicts: tuple[str, ...]
    verdict: Verdict
    sentence: str
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """The verdict, its sentence, and the change by hand as it is now; None where there is none."""

    verdict: Verdict
    sentence: str
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, when, through which door, and in which language they are answered."""

    by: str
    at: datetime
    via: str
    language: str

    @property
    def words(self) -> Words:
        """Their language."""
        return words.of(self.language)


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A wish, judged."""

    rota: Rota
    asked: Override
    verdict: Verdict
    against: tuple[Clash, ...] = ()
    before: tuple[Shift, ...] = ()
    after: tuple[Shift, ...] = ()

    @property
    def moved(self) -> tuple[Moved, ...]:
        return standin.moved(self.before, self.after)

    @property
    def seen(self) -> str:
        """A digest of who was on call before."""
        said = [(shift.start, shift.end, [holder.person for holder in shift.holders]) for shift in self.before]
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


async def preview(desk: Desk, wish: Wish, by: str, at: datetime) -> Preview:
    """What it would change, and whether it may be; nothing is written. NotFound: the rota."""
    rota = find(desk, wish.rota)
    return await desk.store.read(lambda tx: _preview(_weigh(tx, desk, (rota, wish), by, at), wish.language))


async def amend(desk: Desk, wish: Wish, by: str, at: datetime, via: str, seen: str | None = None) -> Done:
    """Do it if the rules consent, in one transaction; `seen` of a preview refuses it where the rota has changed since.

    Everybody whose shifts move is told. A refusal is an entry, too. NotFound: the rota.
    """
    rota, asking = find(desk, wish.rota), Asking(by, at, via, wish.language)
    return await desk.store.write(lambda tx: _amend(tx, desk, (rota, wish), asking, seen))


async def take_back(desk: Desk, override_id: str, by: str, at: datetime, via: str, language: str = "en") -> Done:
    """End it now, or undo it where it has not begun; of a swap both halves. ALREADY when it is over. NotFound."""
    asking, wanted = Asking(by, at, via, language), override_id.strip()
    return await desk.store.write(lambda tx: _take_back(tx, desk, wanted, asking))


async def standing(desk: Desk, at: datetime, rota: str | None = None) -> list[Override]:
    """What changes a rota, or any, at `at` or later, the configuration's included, in the order of their starts."""
    end = at + standin.FURTHEST + standin.LONGEST
    found = await desk.store.read(lambda tx: changes(tx, desk, at, end))
    chosen = [one for one in found if one.end > at and rota in (None, one.rota)]
    return sorted(chosen, key=lambda one: (one.start, one.id))


def find(desk: Desk, name: str) -> Rota:
    """The rota somebody means; NotFound with the nearest name."""
    rotas = desk.settings.rotas
    if found := rotas.get(name.strip()):
        return found
    near = documents.closest(name[:80], rotas) or f"There are: {', '.join(rotas) or 'none; write config/rotas.yaml'}."
    raise NotFound(f"There is no rota {name[:60]!r}.", near)


def known(desk: Desk, name: str) -> Rota:
    """The rota of that name; an empty one where the configuration has it no more."""
    return desk.settings.rotas.get(name) or Rota(name, "UTC", ())


def changes(tx: Tx, desk: Desk, start: datetime, end: datetime) -> list[Override]:
    """What changes rotas by hand in `[start, end)`, the configuration's included.

    Without what only keeps people on call until a handover is accepted: that stands in nobody's way.
    """
    found = [*desk.settings.overrides, *overrides.active(tx, start, end)]
    return [one for one in found if not handover.own(one)]


def spanned(given: tuple[datetime, datetime], zone: str, at: datetime) -> tuple[Span, Clash | None]:
    """The span somebody means, which begins at `at` where it began a moment ago; and why it cannot be."""
    if wrong := standin.zone(zone):
        return Span(at, at), wrong
    start, end = (standin.aware(one, zone) for one in given)
    if wrong := standin.span(start, end, at):
        return Span(start, end), wrong
    return Span(max(start, at), end), None


def make(tx: Tx, desk: Desk, rota: Rota, asked: Override, asking: Asking) -> Override:
    """Keep what was judged already, under an id of its own, and write the entry."""
    made = replace(asked, id=overrides.next_id(tx))
    overrides.add(tx, made)
    tx.note(_entry(desk, rota, "rota.amended", asking, made, f"person:{made.by}"))
    disarmed.ask(tx, tx.now)
    return made


# Weighing


def _weigh(tx: Tx, desk: Desk, wanted: tuple[Rota, Wish], by: str, at: datetime) -> _Weighed:
    rota, wish = wanted
    person, people = desk.person(tx, by), desk.settings.people
    span, wrong = spanned((wish.start, wish.end), wish.timezone or rota.timezone, at)
    who, replaces = (written.line(name or "", NAME) or None for name in (wish.person, wish.replaces))
    why = written.text(wish.why, WHY)
    asked = Override("planned", rota.name, wish.kind, *span, who, replaces, person or by, why)
    verdict = standin.may_amend(person, rota, people, own=standin.own(asked, person))
    if wrong:
        return _Weighed(rota, asked, Verdict.NOT_POSSIBLE if verdict is Verdict.GO else verdict, (wrong,))
    found = changes(tx, desk, span.start - standin.AROUND, span.end + standin.NEXT)
    against = standin.clashes(asked, rota, found, people.persons, at)
    if against and verdict is Verdict.GO:
        verdict = Verdict.NOT_POSSIBLE
    told = against or standin.warnings(asked, rota, found)
    window = _window(wish, rota, span)
    before, after = (tuple(rota_rule.shifts(rota, *window, each)) for each in (found, [*found, asked]))
    return _Weighed(rota, asked, verdict, tuple(told), before, before if against else after)


def _window(wish: Wish, rota: Rota, span: Span) -> Span:
    """A day either side of what was asked for, however late `now` is in it: a second look compares the same."""
    start = standin.aware(wish.start, wish.timezone or rota.timezone)
    return Span(start - standin.AROUND, span.end + standin.AROUND)


def _preview(found: _Weighed, language: str) -> Preview:
    w, zone = words.of(language), found.rota.timezone
    told = tuple(rota_news.clash(each, w, zone) for each in found.against)
    names = tuple(one.person for one in found.moved)
    if found.verdict is Verdict.GO:
        sentence = words.fill(w.roster.would, what=rota_news.effect(found.asked, w, zone))
        sentence = " ".join((sentence, *_names(names, w), *told))
    else:
        sentence = _refusal(found, w)
    return Preview([*found.before], [*found.after], names, told, found.verdict, sentence, found.seen)


def _names(names: Sequence[str], w: Words) -> list[str]:
    return [words.fill(w.roster.shifts_move, names=", ".join(names))] if names else []


def _refusal(found: _Weighed, w: Words) -> str:
    """Why not, for the person: first whether they may at all."""
    if found.verdict is Verdict.NOT_POSSIBLE and found.against:
        return rota_news.clash(found.against[0], w, found.rota.timezone)
    return verdict(found.verdict, w)


def verdict(given: Verdict, w: Words) -> str:
    """The sentence of a verdict in a language."""
    return w.answer.verdicts.get(given.name, given.sentence)


# Doing


def _amend(tx: Tx, desk: Desk, wanted: tuple[Rota, Wish], asking: Asking, seen: str | None) -> Done:
    overrides.lock(tx)
    found = _weigh(tx, desk, wanted, asking.by, asking.at)
    w, zone = asking.words, found.rota.timezone
    if found.verdict is not Verdict.GO:
        return refused(tx, desk, found.rota, found.asked, asking, (found.verdict, _refusal(found, w)))
    if seen is not None and seen != found.seen:
        stale = (Verdict.STALE, words.fill(w.roster.stale, rota=found.rota.name))
        return refused(tx, desk, found.rota, found.asked, asking, stale)
    made = make(tx, desk, found.rota, found.asked, asking)
    told = Told(f"{made.id}/made", lambda its, clocks: rota_news.effect(made, its, clocks))
    rota_news.tell(tx, desk, found.rota, found.moved, told)
    warned = [rota_news.clash(each, w, zone) for each in found.against]
    names = [one.person for one in found.moved]
    return Done(Verdict.GO, " ".join((rota_news.effect(made, w, zone), *_names(names, w), *warned)), made)


def refused(tx: Tx, desk: Desk, rota: Rota, asked: Override, asking: Asking, said: tuple[Verdict, str]) -> Done:
    """Write down that it was refused, and why."""
    given, sentence = said
    tx.note(_entry(desk, rota, "rota.refused", asking, replace(asked, why=sentence), asking.by, verdict=given.name))
    return Done(given, sentence)


def _take_back(tx: Tx, desk: Desk, override_id: str, asking: Asking) -> Done:
    overrides.lock(tx)
    configured = {one.id: one for one in desk.settings.overrides}
    found = configured.get(override_id) or overrides.get(tx, override_id.upper())
    rota = known(desk, found.rota)
    person, w = desk.person(tx, asking.by), asking.words
    own = standin.own(found, person) or (found.by == person and covers.made(tx, found.id) is None)
    may = standin.may_amend(person, rota, desk.settings.people, own=own)
    if may is not Verdict.GO:
        return refused(tx, desk, rota, found, asking, (may, verdict(may, w)))
    if found.id in configured:
        sentence = words.fill(w.roster.in_configuration, override=found.id)
        return refused(tx, desk, rota, found, asking, (Verdict.NOT_POSSIBLE, sentence))
    if found.end <= asking.at:
        sentence = rota_news.filled(w.roster.over_already, rota.timezone, override=found.id, end=found.end)
        return Done(Verdict.ALREADY, sentence, found)
    halves = _halves(tx, found, asking.at)
    _undo(tx, desk, rota, halves, asking)
    sentence = _back(found, person or "", w, rota.timezone)
    return Done(Verdict.GO, sentence, found)


def _halves(tx: Tx, found: Override, at: datetime) -> list[Override]:
    """It, and what is not over of the other half of its swap: whoever gave a shift for it would have both."""
    request = covers.made(tx, found.id)
    others = [one for one in request.overrides if one != found.id] if request else []
    kept = (one for one in overrides.active(tx, at, at + standin.FURTHEST + standin.LONGEST, found.rota))
    return [found, *(one for one in kept if one.id in others)]


def _undo(tx: Tx, desk: Desk, rota: Rota, halves: Sequence[Override], asking: Asking) -> None:
    at, ids = asking.at, {one.id for one in halves}
    window = Span(at, max(one.end for one in halves) + standin.AROUND)
    before = changes(tx, desk, *window)
    after = [one for one in before if one.id not in ids]
    moved = standin.moved(*(rota_rule.shifts(rota, *window, each) for each in (before, after)))
    by = desk.person(tx, asking.by) or ""
    for one in halves:
        if one.start < at:  # what it did until now stays what was
            overrides.cut(tx, one.id, at)
        else:
            overrides.remove(tx, one.id)
        tx.note(_entry(desk, rota, "rota.restored", asking, one, f"person:{by}"))
    disarmed.ask(tx, tx.now)
    told = Told(f"{halves[0].id}/back", lambda its, zone: _back(halves[0], by, its, zone))
    rota_news.tell(tx, desk, rota, moved, told)


def _back(override: Override, by: str, w: Words, zone: str) -> str:
    return words.fill(w.roster.taken_back, by=by, override=override.id, what=rota_news.effect(override, w, zone))


def _entry(desk: Desk, rota: Rota, kind: str, asking: Asking, override: Override, actor: str, **more: str) -> Entry:
    about: dict[str, Any] = {
        "override": override.id,
        "kind": override.kind.value,
        "start": override.start.isoformat(),
        "end": override.end.isoformat(),
        "person": override.person,
        "replaces": override.replaces,
        "via": asking.via,
        "as": asking.by,
        **more,
    }
    chain = rota_news.chain(desk, rota)
    whose = f"person:{override.person}" if override.person else ""
    context = Context(action=override.id, behalf="" if whose == actor else whose)
    return Entry(chain, kind, asking.at, actor, f"rota:{rota.name}", override.why, after=about, context=context)


# The configuration


def edited(tx: Tx, desk: Desk, names: Iterable[str], at: datetime, was: Sequence[Override] | None = None) -> None:
    """Tell everybody whose shifts the edit of the configuration moves within a fortnight, and the teams concerned.

    `names` are the rotas whose form changed, which their past has (`yesterday.remember`); `was` are the changes by hand
    that stood in the configuration before. Nothing is said where nothing moves.
    """
    until, forms, own = at + EDITED, set(names), desk.settings
    before = own.overrides if was is None else was
    changed = {one.rota for one in {*before} ^ {*own.overrides}}
    for rota in (own.rotas[name] for name in own.rotas if name in forms | changed):
        if not (_first_to_tell(tx, rota, before, own.overrides) or rota.name in forms):
            continue
        now = replace(rota, past=())
        old = rota.past[-1].rota if rota.name in forms and rota.past else now
        byhand = overrides.active(tx, at, until)
        held = (old, [*before, *byhand]), (now, [*own.overrides, *byhand])
        if moved := standin.moved(*(rota_rule.shifts(one, at, until, each) for one, each in held)):
            ends = [rota_rule.shift(one, until - timedelta.resolution, each).end for one, each in held]
            whole = [_whole(one, until, *ends) for one in moved]
            _tell_edited(tx, desk, rota, whole, f"rota/{rota.name}/{at.isoformat()}")


def _whole(moved: Moved, until: datetime, was: datetime, now: datetime) -> Moved:
    """With what was cut at `until` for the comparison ending when it really does: people are told no false ends."""
    before, after = (
        tuple(span._replace(end=end) if span.end == until else span for span in spans)
        for spans, end in ((moved.was, was), (moved.now, now))
    )
    return replace(moved, was=before, now=after)


def _first_to_tell(tx: Tx, rota: Rota, before: Sequence[Override], after: Sequence[Override]) -> bool:
    """Whether no other replica, which reloads the same files at about the same time, has told of it."""
    said = repr([[one for one in each if one.rota == rota.name] for each in (before, after)])
    return seen.first(tx, f"edited/{rota.name}/{hashlib.sha256(said.encode()).hexdigest()}", tx.now + AGAIN)


def _tell_edited(tx: Tx, desk: Desk, rota: Rota, moved: Sequence[Moved], key: str) -> None:
    for one in moved:
        rota_news.write(tx, desk, [one.person], _told_edited(key, one, rota))
    names, own = ", ".join(one.person for one in moved), rota_news.language(desk, None)
    lines = [_edited(own.roster.edited_line, one, rota, own, rota.timezone) for one in moved]
    said = {"rota": rota.name, "days": EDITED.days, "names": names}
    rota_news.post(tx, desk, rota, Told(key, lambda w, _: words.fill(w.roster.edited_team, **said)), lines)


def _told_edited(key: str, moved: Moved, rota: Rota) -> Told:
    return Told(key, lambda w, zone: _edited(w.roster.edited, moved, rota, w, zone))


def _edited(template: str, moved: Moved, rota: Rota, w: Words, zone: str) -> str:
    was, now = (_first(spans, w, zone) for spans in (moved.was, moved.now))
    return words.fill(template, rota=rota.name, who=moved.person, was=was, now=now)


def _first(spans: Sequence[Span], w: Words, zone: str) -> str:
    if not spans:
        return words.fill(w.roster.none_soon, days=EDITED.days)
    return rota_news.filled(w.roster.from_until, zone, start=spans[0].start, end=spans[0].end)
