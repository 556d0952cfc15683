"""A postmortem of an incident: drafted from the log, refreshed, edited, reviewed, published; no text is ever lost.

Every version of the text is an entry of the log, and so is one that came too late to be kept.
"""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot import words
from bot.engine import exporting, incident_picture, postmortem_facts, postmortem_news, postmortem_texts
from bot.engine import postmortem_wanted as wanted
from bot.engine.desk import Desk
from bot.engine.postmortem_signal import Pictures
from bot.engine.roster import Asking
from bot.errors import BadInput, Conflict, NotFound, TocsinError, TooLarge
from bot.model.entry import Entry
from bot.model.incident import Incident
from bot.model.postmortem import Postmortem, Standing, move
from bot.model.verdict import Verdict
from bot.rules import authorship, prose, sections, written
from bot.rules.prose import Finding
from bot.runbooks import document
from bot.store import Tx, follow_ups, incidents, postmortems

LONGEST = 400_000  #: characters of a text
TRIES = 3  #: times a refresh begins anew because somebody edited meanwhile
WHY, TITLE = 1_000, 300
NO_PICTURES = "pip install 'tocsin[plots]' draws them."


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, its sentence, the postmortem as it is now, and what the linter found where it was asked."""

    verdict: Verdict
    sentence: str
    postmortem: Postmortem | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What the template made of the facts: the whole text, its sections by name, and why it is not their own."""

    text: str
    bodies: dict[str, str]
    fault: str


async def find(desk: Desk, typed: str) -> Postmortem:
    """The one somebody means by PM-7, 7 or INC-7. NotFound."""
    return await desk.store.read(lambda tx: find_in(tx, typed))


def find_in(tx: Tx, typed: str) -> Postmortem:
    """The same within a transaction."""
    if not typed.strip().upper().startswith("INC"):
        return postmortems.find(tx, typed)
    incident = incidents.find(tx, typed)
    if (found := postmortems.of_incident(tx, incident.id)) is None:
        raise NotFound(f"{incident.id} has no postmortem yet.", f"`tocsin postmortem {incident.id}` drafts it.")
    return found


async def listing(desk: Desk, limit: int = 50) -> list[Postmortem]:
    """The newest, newest first."""
    return await desk.store.read(lambda tx: postmortems.listing(tx, limit))


# Drafting and redrawing


async def draft(desk: Desk, typed: str, asking: Asking) -> Answer:
    """Draft the postmortem of an incident, open or over; a second draft is the first one (ALREADY). NotFound.

    Anybody we know may: what is drafted is what the log says.
    """
    incident, known, person = await desk.store.read(lambda tx: _before(tx, desk, typed, asking))
    if person is None:
        return Answer(Verdict.STRANGER, _verdict(Verdict.STRANGER, asking))
    if known is not None:
        return Answer(Verdict.ALREADY, words.fill(asking.words.drafted.drafted_already, postmortem=known.id), known)
    pictures, its = await _pictures(desk, incident), await desk.store.write(postmortems.next_id)
    said = {"id": its, "owner": wanted.owner(desk, incident), "due": _day(wanted.due(desk, incident))}
    drawn = await desk.store.read(lambda tx: _drawn(tx, desk, incident.id, said, pictures))
    return await desk.store.write(lambda tx: _add(tx, desk, its, (incident.id, person), drawn, asking))


def _before(tx: Tx, desk: Desk, typed: str, asking: Asking) -> tuple[Incident, Postmortem | None, str | None]:
    incident = incidents.find(tx, typed)
    person = "tocsin" if asking.by == "tocsin" else desk.person(tx, asking.by)
    return incident, postmortems.of_incident(tx, incident.id), person


def _add(tx: Tx, desk: Desk, its: str, about: tuple[str, str], drawn: _Drawn, asking: Asking) -> Answer:
    incident = incidents.get(tx, about[0], lock=True)
    if known := postmortems.of_incident(tx, incident.id):
        return Answer(Verdict.ALREADY, words.fill(asking.words.drafted.drafted_already, postmortem=known.id), known)
    title = written.line(incident.title, TITLE)
    owner, due = wanted.owner(desk, incident), wanted.due(desk, incident)
    made = Postmortem(
        its, incident.id, incident.entity, title, Standing.DRAFT, drawn.text, owner, asking.at, asking.at, due_at=due
    )
    postmortems.add(tx, made)
    _note(tx, desk, "drafted", made, asking, drawn.fault, sections=_stamps(drawn))
    postmortem_news.redraw(tx, incident.id)
    return Answer(Verdict.GO, words.fill(asking.words.drafted.drafted, postmortem=its, incident=incident.id), made)


async def refresh(desk: Desk, typed: str, asking: Asking) -> Answer:
    """Redraw what the bot owns of it; people's words stay as they are. NotFound; Conflict: others edit all along."""
    if refusal := await desk.store.write(lambda tx: _refusal(tx, desk, typed, "refresh", asking)):
        return refusal
    for _ in range(TRIES - 1):
        with suppress(Conflict):
            return await _redrawn(desk, typed, asking)
    return await _redrawn(desk, typed, asking)


async def _redrawn(desk: Desk, typed: str, asking: Asking) -> Answer:
    before, incident = await desk.store.read(lambda tx: _with_incident(tx, typed))
    pictures = await _pictures(desk, incident)
    said = {"id": before.id, "owner": before.owner, "due": _day(before.due_at)}
    drawn = await desk.store.read(lambda tx: _drawn(tx, desk, incident.id, said, pictures))
    return await desk.store.write(lambda tx: _refresh(tx, desk, before, drawn, asking))


def _with_incident(tx: Tx, typed: str) -> tuple[Postmortem, Incident]:
    found = find_in(tx, typed)
    return found, incidents.get(tx, found.incident)


def _refresh(tx: Tx, desk: Desk, before: Postmortem, drawn: _Drawn, asking: Asking) -> Answer:
    say = asking.words.drafted
    wrote, text, added = postmortem_texts.wrote(tx, before), before.text, tuple[str, ...]()
    if not drawn.fault:  # else it is another template that drew it than its own
        text, added = sections.added(text, sections.parts(drawn.text), wrote, postmortem_texts.ever(tx, before))
    new = sections.refresh(text, drawn.bodies, wrote)
    if new.text == before.text:
        return Answer(Verdict.ALREADY, words.fill(say.fresh, postmortem=before.id), before)
    after = replace(before, text=new.text, changed_at=asking.at, version=before.version + 1)
    postmortems.save(tx, before, after)
    stamps = {name: stamp for name, stamp in _stamps(drawn).items() if name in (*new.redrawn, *added)}
    _note(tx, desk, "refreshed", after, asking, drawn.fault, sections=stamps, moved=list(new.moved))
    postmortem_news.redraw(tx, after.incident)
    template = say.refreshed_moved if new.moved else say.refreshed
    sentence = words.fill(template, postmortem=after.id, count=len(stamps), names=", ".join(new.moved))
    return Answer(Verdict.GO, sentence, after)


# Writing


async def edit(desk: Desk, typed: str, text: str, seen_version: int, asking: Asking) -> Answer:
    """Let it say `text`, which was written over version `seen_version`. NotFound; BadInput, TooLarge: the text.

    Conflict when somebody else edited meanwhile: nothing of it changes, and the text that came late is kept in the log.
    """
    if len(text) > LONGEST:
        raise TooLarge(f"A postmortem has {LONGEST:,} characters at most.", "Link to what is longer.")
    if not text.strip() or "\0" in text:
        raise BadInput("That is no text.", "Send the whole Markdown of the postmortem.")
    answer = await desk.store.write(lambda tx: _edit(tx, desk, typed, text, (seen_version, asking)))
    if answer.verdict is Verdict.STALE:
        raise Conflict(answer.sentence, "Read it as it is now, put your words in, and send it again.", retry=False)
    return answer


def _edit(tx: Tx, desk: Desk, typed: str, text: str, seen: tuple[int, Asking]) -> Answer:
    version, asking = seen
    if refusal := _refusal(tx, desk, typed, "edit", asking):
        return refusal
    before, say = _locked(tx, typed), asking.words.drafted
    if before.text == text:
        return Answer(Verdict.ALREADY, words.fill(say.same, postmortem=before.id), before)
    if version != before.version:
        late = replace(before, text=text)
        _note(tx, desk, "outrun", late, asking, f"Written over version {version}.", seen=version)
        return Answer(Verdict.STALE, words.fill(say.outrun, postmortem=before.id, version=before.version), before)
    after = replace(before, text=text, changed_at=asking.at, version=before.version + 1)
    postmortems.save(tx, before, after)
    _note(tx, desk, "edited", after, asking)
    postmortem_news.redraw(tx, after.incident)
    return Answer(Verdict.GO, words.fill(say.edited, postmortem=after.id, version=after.version), after)


async def assign(desk: Desk, typed: str, owner: str, asking: Asking) -> Answer:
    """Let somebody else own it. NotFound: it, or nobody is called so."""
    return await desk.store.write(lambda tx: _assign(tx, desk, typed, owner, asking))


def _assign(tx: Tx, desk: Desk, typed: str, owner: str, asking: Asking) -> Answer:
    if refusal := _refusal(tx, desk, typed, "assign", asking, published=True):
        return refusal
    before, say = _locked(tx, typed), asking.words.drafted
    if owner not in desk.settings.people.persons:
        raise NotFound(f"Nobody is called {owner[:60]!r}.", "See config/people.yaml.")
    after = replace(before, owner=owner, changed_at=asking.at, version=before.version + 1)
    postmortems.save(tx, before, after)
    _note(tx, desk, "assigned", after, asking, owner=owner)
    postmortem_news.redraw(tx, after.incident)
    return Answer(Verdict.GO, words.fill(say.assigned, postmortem=after.id, who=owner), after)


async def set_due(desk: Desk, typed: str, due: datetime, asking: Asking) -> Answer:
    """Set by when it is to be published. NotFound."""
    return await desk.store.write(lambda tx: _set_due(tx, desk, typed, due, asking))


def dated(tx: Tx, before: Postmortem, due: datetime) -> None:
    """The bot's own word by when it is due; no version later, for nobody has to read it anew."""
    postmortems.save(tx, before, replace(before, due_at=due))
    said = {"incident": before.incident, "due_at": due.isoformat()}
    tx.note(Entry(before.entity, "postmortem.dated", tx.now, "tocsin", before.id, "The incident is over.", after=said))


def _set_due(tx: Tx, desk: Desk, typed: str, due: datetime, asking: Asking) -> Answer:
    if refusal := _refusal(tx, desk, typed, "date", asking):
        return refusal
    before = _locked(tx, typed)
    after = replace(before, due_at=due, changed_at=asking.at, version=before.version + 1)
    postmortems.save(tx, before, after)
    _note(tx, desk, "dated", after, asking, due_at=due.isoformat())
    postmortem_news.redraw(tx, after.incident)
    said = {"postmortem": after.id, "date": f"{due:%Y-%m-%d}"}
    return Answer(Verdict.GO, words.fill(asking.words.drafted.dated, **said), after)


# Moving


async def stand(desk: Desk, typed: str, to: Standing, asking: Asking, why: str = "") -> Answer:
    """Move it to draft, review or published; publishing has the linter look and sends it where it goes. NotFound.

    What the linter holds to be missing, and an open incident, keep it from being published unless `why` is given.
    What is published is redrawn first, so that it tells the newest follow-ups and nothing that was hidden since.
    """
    if to is Standing.PUBLISHED and await desk.store.read(lambda tx: _may_publish(tx, desk, typed, asking)):
        with suppress(Conflict):  # somebody edits at this moment: it is published as they leave it
            await _redrawn(desk, typed, asking)
    return await desk.store.write(lambda tx: _stand(tx, desk, typed, to, (asking, why)))


async def publish(desk: Desk, typed: str, asking: Asking, why: str = "") -> Answer:
    """The same to published."""
    return await stand(desk, typed, Standing.PUBLISHED, asking, why)


def _stand(tx: Tx, desk: Desk, typed: str, to: Standing, how: tuple[Asking, str]) -> Answer:
    asking, why = how[0], written.line(how[1], WHY)
    if refusal := _refusal(tx, desk, typed, "move", asking, published=True):
        return refusal
    before, say = _locked(tx, typed), asking.words.drafted
    verdict = authorship.may_move(before, to)
    if verdict is not Verdict.GO:
        template = say.stands if verdict is Verdict.ALREADY else say.cannot_move
        told = {"postmortem": before.id, "standing": _called(before.standing, asking), "to": _called(to, asking)}
        return Answer(verdict, words.fill(template, **told), before)
    findings: tuple[Finding, ...] = ()
    if to is Standing.PUBLISHED:
        findings = lint_in(tx, desk, before)
        if not why and (wrong := _unfit(tx, before, findings, asking)):
            return Answer(Verdict.NOT_POSSIBLE, wrong, before, findings)
    facts: dict[str, Any] = {"published_at": asking.at if to is Standing.PUBLISHED else None}
    after = move(before, to, asking.at, **facts)
    postmortems.save(tx, before, after)
    _note(tx, desk, "published" if to is Standing.PUBLISHED else "moved", after, asking, why, findings=len(findings))
    if to is Standing.PUBLISHED:
        exporting.owe(tx, desk, after.id)
    postmortem_news.redraw(tx, after.incident)
    sentence = words.fill(say.moved, postmortem=after.id, standing=_called(to, asking))
    return Answer(Verdict.GO, sentence, after, findings)


def _may_publish(tx: Tx, desk: Desk, typed: str, asking: Asking) -> bool:
    found = find_in(tx, typed)
    may = asking.by == "tocsin" or _may_write(tx, desk, found, asking) is Verdict.GO
    return may and authorship.may_move(found, Standing.PUBLISHED) is Verdict.GO


def _unfit(tx: Tx, postmortem: Postmortem, findings: tuple[Finding, ...], asking: Asking) -> str:
    """Why it is not to be published; empty where nothing stands in the way."""
    say = asking.words.drafted
    if incidents.get(tx, postmortem.incident).open:
        return words.fill(say.still_open, incident=postmortem.incident)
    hard = [f"{prose.said(one, asking.words).rstrip('.')}." for one in findings if one.hard]
    return words.fill(say.unfit, postmortem=postmortem.id, findings=" ".join(hard)) if hard else ""


async def lint(desk: Desk, typed: str) -> list[Finding]:
    """What the linter finds in it now. NotFound."""
    return await desk.store.read(lambda tx: list(lint_in(tx, desk, find_in(tx, typed))))


def lint_in(tx: Tx, desk: Desk, postmortem: Postmortem) -> tuple[Finding, ...]:
    """The same within a transaction."""
    due = follow_ups.of_incident(tx, postmortem.incident)
    return tuple(prose.lint(postmortem.text, due, desk.settings.people.persons))


# Beneath


def _locked(tx: Tx, typed: str) -> Postmortem:
    return postmortems.get(tx, find_in(tx, typed).id, lock=True)


def _refusal(tx: Tx, desk: Desk, typed: str, verb: str, asking: Asking, *, published: bool = False) -> Answer | None:
    """Why `asking` may not do `verb` with it, which is written down; None where they may. `published`: also then."""
    found = find_in(tx, typed)
    if asking.by == "tocsin":
        return None
    person, verdict = desk.person(tx, asking.by), _may_write(tx, desk, found, asking)
    sentence = _verdict(verdict, asking)
    if verdict is Verdict.GO and found.standing is Standing.PUBLISHED and not published:
        verdict = Verdict.NOT_POSSIBLE
        sentence = words.fill(asking.words.drafted.is_published, postmortem=found.id)
    if verdict is Verdict.GO:
        return None
    actor = f"person:{person}" if person else asking.by
    after = {"verb": verb, "verdict": verdict.name, "via": asking.via, "as": asking.by}
    tx.note(Entry(found.entity, "postmortem.refused", asking.at, actor, found.id, sentence, after=after))
    return Answer(verdict, sentence, found)


def _may_write(tx: Tx, desk: Desk, found: Postmortem, asking: Asking) -> Verdict:
    incident, person = incidents.get(tx, found.incident), desk.person(tx, asking.by)
    own = (incident.holder, found.owner)
    return authorship.may_write(person, desk.settings.people, desk.owner_team(incident), own)


def _called(standing: Standing, asking: Asking) -> str:
    return str(getattr(asking.words.reviewing, f"standing_{standing.name.lower()}"))


def _verdict(verdict: Verdict, asking: Asking) -> str:
    return asking.words.answer.verdicts.get(verdict.name, verdict.sentence)


def _drawn(tx: Tx, desk: Desk, incident: str, said: dict[str, Any], pictures: Pictures) -> _Drawn:
    facts = postmortem_facts.of(tx, desk, incidents.get(tx, incident), said, pictures)
    made = document.make(desk.settings.postmortems.template, facts)
    text, bodies = sections.drawn(made.text)
    return _Drawn(text, bodies, made.fault)


async def _pictures(desk: Desk, incident: Incident) -> Pictures:
    """Those that can be drawn, or why there are none, and rows of bars in their place: no document waits for them."""
    try:
        drawn = await incident_picture.pictures(desk, incident.id)
        bars = () if drawn else await incident_picture.sparklines(desk, incident.id)
    except TocsinError as error:
        return Pictures(why=str(error))
    return Pictures(drawn, bars, "" if incident_picture.there() else NO_PICTURES)


def _stamps(drawn: _Drawn) -> dict[str, str]:
    return {name: sections.digest(body) for name, body in drawn.bodies.items()}


def _day(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%d}" if at else None


def _note(tx: Tx, desk: Desk, kind: str, postmortem: Postmortem, asking: Asking, why: str = "", **more: Any) -> None:
    """The entry `postmortem.KIND`: the text as it is now, and its digest."""
    person = desk.person(tx, asking.by)
    after = {
        "incident": postmortem.incident,
        "version": postmortem.version,
        "standing": postmortem.standing.value,
        "digest": hashlib.sha256(postmortem.text.encode()).hexdigest(),
        "text": postmortem.text,
        "via": asking.via,
        "as": asking.by,
        **more,
    }
    actor = f"person:{person}" if person else asking.by
    tx.note(Entry(postmortem.entity, f"postmortem.{kind}", asking.at, actor, postmortem.id, why, after=after))
