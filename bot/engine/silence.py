"""Make and end silences and maintenance windows: judged, written down, told, and never without an end."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot import words
from bot.engine import escalate, hits, release, respond, windows
from bot.engine.desk import Desk
from bot.engine.hits import Hits
from bot.errors import BadInput, Conflict
from bot.model.entry import Entry
from bot.model.incident import Incident
from bot.model.matcher import Matcher
from bot.model.silence import Silence
from bot.model.verdict import Verdict
from bot.rules import consent, window, written
from bot.store import Tx, incidents, jobs, silences

LONGEST, NAME = 3_000, 80  #: characters of a comment and of a program's author that are kept
API = "api:"  #: how the name of a program begins that has a token of its own
author = windows.author


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants silenced; all matchers must hold."""

    matchers: tuple[Matcher, ...]
    ends_at: datetime | None
    why: str
    starts_at: datetime | None = None  #: None: now
    maintenance: bool = False
    shadow: bool = False
    incident: str | None = None  #: the incident it is made from
    author: str = ""  #: whom a program names; data, and no authority
    instead: str = ""  #: the silence it takes the place of
    sure: bool = False  #: said twice, where it hits everything


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict, its sentence, the silence as it is now, and what it hits; None where nothing was made."""

    verdict: Verdict
    sentence: str
    silence: Silence | None = None
    hits: Hits | None = None


@dataclass(frozen=True)
class _Asking:
    """Who asks for something, through which door, in which language they are answered."""

    by: str
    at: datetime
    via: str
    language: str

    @property
    def program(self) -> bool:
        return self.by.startswith(API)


async def preview(desk: Desk, draft: Draft, now: datetime) -> Hits:
    """What it would hit now; a comment may still be missing. BadInput for all else that `make` refuses."""
    span = _window(desk, draft, now)
    return await desk.store.read(lambda tx: hits.of(tx, desk, span.matchers, now))


async def make(desk: Desk, draft: Draft, by: str, now: datetime, via: str, language: str = "en") -> Outcome:
    """Make it, if the rules consent, in one transaction. NotFound: its incident, or the one it takes the place of.

    BadInput: no end, no comment, too long, in the past, matchers that are none or can never hold.
    """
    if not written.text(draft.why, LONGEST):
        raise BadInput("A silence needs a comment.", "Say why, for those who will wonder.")
    span = _window(desk, draft, now)
    asking = _Asking(by, now, via, language)
    found = await desk.store.read(lambda tx: hits.of(tx, desk, span.matchers, now))
    return await desk.store.write(lambda tx: _make(tx, desk, replace(draft, matchers=span.matchers), (asking, found)))


async def end(desk: Desk, silence_id: str, by: str, now: datetime, via: str, language: str = "en") -> Outcome:
    """End it now; what it held back is looked at anew. ALREADY when it is over. NotFound."""
    asking = _Asking(by, now, via, language)
    return await desk.store.write(lambda tx: _end(tx, desk, silence_id, asking))


async def standing(desk: Desk, now: datetime) -> list[Silence]:
    """Those in force at `now` and those that are planned, in the order of their starts."""
    return await desk.store.read(lambda tx: silences.standing(tx, now))


async def listing(desk: Desk, limit: int = 50) -> list[Silence]:
    """The newest, over or not, newest first."""
    return await desk.store.read(lambda tx: silences.listing(tx, limit=limit))


async def get(desk: Desk, silence_id: str) -> Silence:
    """The one with this id. NotFound."""
    return await desk.store.read(lambda tx: silences.get(tx, silence_id))


async def fitting(desk: Desk, incident: str) -> tuple[Matcher, ...]:
    """The matchers of a silence for an incident: its model, kind and environment, or what tells its alert apart.

    NotFound.
    """
    return await desk.store.read(lambda tx: hits.fitting(tx, incident))


def _window(desk: Desk, draft: Draft, now: datetime) -> window.Window:
    return window.window(draft.matchers, draft.starts_at, draft.ends_at, now, desk.settings.estate)


def _make(tx: Tx, desk: Desk, draft: Draft, told: tuple[_Asking, Hits]) -> Outcome:
    asking, found = told
    person = None if asking.program else desk.person(tx, asking.by)
    origin = incidents.find(tx, draft.incident) if draft.incident else None
    silence = _silence(desk, draft, asking, origin)
    verdict = _verdict(tx, desk, draft, asking, found)
    if verdict is not Verdict.GO:
        tx.note(_refused(desk, silence, asking, verdict))
        return Outcome(verdict, _sentence(verdict, asking), None, found)
    maker = asking.by if asking.program else f"person:{person}"
    author_ = written.line(draft.author, NAME) if asking.program else ""
    silence = replace(silence, id=silences.next_id(tx), by=f"{maker}:{author_}" if author_ else maker)
    if draft.instead:
        _replace(tx, desk, silences.get(tx, draft.instead), silence, asking)
    silences.add(tx, silence)
    tx.note(*_made(desk, silence, origin, asking, found))
    planned = silence.starts_at > silence.made_at
    windows.tell(tx, desk, silence, "planned" if planned else "made")
    release.at(tx, silence)
    jobs.put(tx, *windows.bells(silence), escalate.homes(tx.now))
    say, zone = words.of(asking.language).silence, _zone(desk, person)
    start, until = windows.clock(silence.starts_at, zone), windows.clock(silence.until, zone)
    sentence = words.fill(say.planned if planned else say.made, silence=silence.id, start=start, until=until)
    return Outcome(Verdict.GO, sentence, silence, found)


def _silence(desk: Desk, draft: Draft, asking: _Asking, origin: Incident | None) -> Silence:
    """The row it becomes, without its id."""
    span = _window(desk, draft, asking.at)
    return Silence(
        id="",
        matchers=span.matchers,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        by=asking.by,
        why=written.text(draft.why, LONGEST),
        made_at=asking.at,
        maintenance=draft.maintenance,
        shadow=draft.shadow,
        incident=origin.id if origin else None,
    )


def _verdict(tx: Tx, desk: Desk, draft: Draft, asking: _Asking, found: Hits) -> Verdict:
    """A token of ours is its own authority; whoever holds it must say twice what hits everything, too."""
    if asking.program:
        return Verdict.UNSURE if found.everything and not draft.sure else Verdict.GO
    roster = desk.roster(tx, asking.at)
    who = (respond.responders(tx, desk, incident, roster) for incident in found.incidents)
    reach = consent.Reach(found.everything, _teams(desk, draft.matchers), who)
    return consent.may_silence(desk.person(tx, asking.by), reach, desk.settings.people, sure=draft.sure)


def _teams(desk: Desk, matchers: Iterable[Matcher]) -> frozenset[str]:
    """The teams whose model or entity is named, so that nothing else can be hit."""
    named = {matcher.field: matcher.value for matcher in matchers if matcher.op == "="}
    teams = desk.settings.people.teams.values()
    found = {team.name for team in teams if team.entity == named.get("entity") or team.name == named.get("model.team")}
    model = desk.settings.estate.find(named.get("model"))
    return frozenset(found | ({model.team} if model else set()))


def _end(tx: Tx, desk: Desk, silence_id: str, asking: _Asking) -> Outcome:
    silence = silences.get(tx, silence_id.strip().upper())
    person = asking.by if asking.program else desk.person(tx, asking.by)
    verdict = consent.may_end_silence(person, over=silence.until <= asking.at)
    if verdict is Verdict.GO:
        try:
            ended = _over(tx, desk, silence, asking)
        except Conflict:  # somebody on another replica was faster
            silence, verdict = silences.get(tx, silence.id), Verdict.ALREADY
    if verdict is Verdict.ALREADY:
        return Outcome(verdict, _already(desk, silence, asking, person), silence)
    if verdict is not Verdict.GO:
        tx.note(_refused(desk, silence, asking, verdict))
        return Outcome(verdict, _sentence(verdict, asking), silence)
    windows.tell(tx, desk, ended, "ended", who=_name(ended.ended_by))
    return Outcome(verdict, words.fill(words.of(asking.language).silence.ended, silence=silence.id), ended)


def _over(tx: Tx, desk: Desk, silence: Silence, asking: _Asking, why: str = "") -> Silence:
    """It is over now; whatever it held back is looked at anew."""
    person = None if asking.program else desk.person(tx, asking.by)
    by = f"person:{person}" if person else asking.by
    silences.end(tx, silence.id, asking.at, by)
    before, after = {"ends_at": silence.ends_at.isoformat()}, {"ended_at": asking.at.isoformat(), **_door(asking)}
    tx.note(Entry(windows.chain(desk, silence), "silence.ended", asking.at, by, silence.id, why, before, after))
    release.ask(tx, tx.now)
    jobs.put(tx, escalate.homes(tx.now))
    return replace(silence, ended_at=asking.at, ended_by=by)


def _replace(tx: Tx, desk: Desk, old: Silence, new: Silence, asking: _Asking) -> None:
    if old.until > asking.at:
        _over(tx, desk, old, asking, f"{new.id} took its place.")


def _made(desk: Desk, silence: Silence, origin: Incident | None, asking: _Asking, found: Hits) -> Iterable[Entry]:
    """One entry where it belongs, and one in the timeline of the incident it was made from."""
    actor = asking.by if asking.program else silence.by
    after = {
        "matchers": [window.written(matcher) for matcher in silence.matchers],
        "starts_at": silence.starts_at.isoformat(),
        "ends_at": silence.ends_at.isoformat(),
        "maintenance": silence.maintenance,
        "shadow": silence.shadow,
        "incident": silence.incident,
        "author": author(silence),
        "hits": {"firing": found.firing_total, "incidents": [each.id for each in found.incidents], "week": found.week},
        **_door(asking),
    }
    yield Entry(windows.chain(desk, silence), "silence.made", asking.at, actor, silence.id, silence.why, after=after)
    if origin is not None:
        told = {"silence": silence.id, "ends_at": silence.ends_at.isoformat(), **_door(asking)}
        yield Entry(origin.entity, "incident.silenced", asking.at, actor, origin.id, silence.why, after=told)


def _refused(desk: Desk, silence: Silence, asking: _Asking, verdict: Verdict) -> Entry:
    """Somebody tried, and why it was not to be."""
    after = {"verdict": verdict.name, "matchers": [window.written(m) for m in silence.matchers], **_door(asking)}
    subject = silence.id or "silence"
    chain = windows.chain(desk, silence)
    return Entry(chain, "silence.refused", asking.at, asking.by, subject, verdict.sentence, after=after)


def _door(asking: _Asking) -> dict[str, str]:
    return {"via": asking.via, "as": asking.by}


def _sentence(verdict: Verdict, asking: _Asking) -> str:
    return words.of(asking.language).answer.verdicts.get(verdict.name, verdict.sentence)


def _already(desk: Desk, silence: Silence, asking: _Asking, person: str | None) -> str:
    say = words.of(asking.language).silence
    if silence.ended_by:
        return words.fill(say.ended_already, silence=silence.id, who=_name(silence.ended_by))
    return words.fill(say.over, silence=silence.id, until=windows.clock(silence.until, _zone(desk, person)))


def _name(by: str | None) -> str:
    return (by or "").partition(":")[2]


def _zone(desk: Desk, person: str | None) -> str:
    known = desk.settings.people.persons.get(person or "")
    return known.timezone if known else "UTC"
