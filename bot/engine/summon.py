"""Bring in other people: hand an incident over to them, or ask them to join whoever holds it."""

from dataclasses import replace
from datetime import timedelta

from bot import documents, words
from bot.engine import escalate, mirrored, page
from bot.engine.deed import Answer, Deed
from bot.engine.desk import Desk
from bot.errors import BadInput
from bot.model.incident import Phase, move, turn
from bot.model.job import Lane, NewJob
from bot.model.page import Page, PageState
from bot.model.verdict import Verdict
from bot.rules import consent, escalation, reach, written
from bot.store import jobs, pages

SHOWN = 300  # characters of the reason that stand on a page
AGAIN = timedelta(minutes=5)  # who was asked to join is not asked again sooner


def target(desk: Desk, typed: str) -> str:
    """The target that `typed` names: person:NAME, rota:NAME, team:NAME or lead:TEAM, or NAME where only one bears it.

    BadInput, with the closest name, when there is none such.
    """
    own = desk.settings
    known = {"person": own.people.persons, "rota": own.rotas, "team": own.people.teams, "lead": own.people.teams}
    kind, colon, name = typed.strip().partition(":")
    if colon and kind.lower() in known and name in known[kind.lower()]:
        return f"{kind.lower()}:{name}"
    plain = [f"{kind}:{typed.strip()}" for kind in ("person", "rota", "team") if typed.strip() in known[kind]]
    if len(plain) == 1:
        return plain[0]
    if plain:
        raise BadInput(f"{typed.strip()!r} is the name of several.", f"Write {' or '.join(plain)}.")
    meant, those = (name, [known[kind.lower()]]) if colon and kind.lower() in known else (typed, known.values())
    near = documents.closest(meant.strip()[:80], {name for names in those for name in names})
    raise BadInput(
        f"There is no person, team or rota {typed.strip()[:80]!r}.",
        near or "Write person:NAME, team:NAME or rota:NAME as in config/.",
    )


def hand_over(deed: Deed) -> Answer:
    """The incident goes to the people behind the target: unanswered again, they are paged, silence escalates."""
    before, at = deed.before, deed.press.at
    to = target(deed.desk, deed.press.detail)
    found = _reached(deed, to)
    verdict = consent.may_hand_over(before, found.persons)
    moved = turn(before, at) if before.phase is Phase.TRIGGERED else move(before, Phase.TRIGGERED, at)
    start = replace(moved, holder=None, snoozed_until=None)
    step = escalation.summon(start, found.persons, deed.roster, deed.tx.now, _said(deed, "hands over", found))
    if verdict is Verdict.GO and not step.pages:
        verdict = Verdict.UNREACHABLE
    if verdict is not Verdict.GO:
        return _refused(deed, verdict, found.why)
    deed.note("incident.handed_over", {"phase": step.incident.phase.value, "to": to, "persons": _persons(step.pages)})
    deed.fire(step)
    return deed.done(step.incident, deed.press.words.handed_over, names=deed.names(_persons(step.pages)))


def ask(deed: Deed) -> Answer:
    """The people behind the target are paged and asked to join; who holds it and what is due stay as they are."""
    said = deed.press.words
    to = target(deed.desk, deed.press.detail)
    found = _reached(deed, to)
    earlier = [sheet for sheet in pages.of(deed.tx, deed.before.id) if sheet.asked]
    waiting = {s.person for s in earlier if s.pending and deed.tx.now - s.decided_at < AGAIN}
    verdict = consent.may_ask(deed.person, found.persons, waiting)
    wanted = [name for name in found.persons if name not in waiting and name != deed.person]
    nth = 1 + len({sheet.id.split("/")[1] for sheet in earlier})
    why = _said(deed, "asks you to join", found)
    asked = escalation.ask(deed.before, wanted, deed.roster, deed.tx.now, why, nth)
    if verdict is Verdict.GO and not asked:
        verdict = Verdict.UNREACHABLE
    if verdict is Verdict.ALREADY:
        names = deed.names([*found.persons])
        return deed.refused(verdict, words.fill(said.already_asked, names=names, incident=deed.before.id))
    if verdict is not Verdict.GO:
        return _refused(deed, verdict, found.why)
    persons = _persons(asked)
    deed.note("person.summoned", {"target": to, "persons": persons, "pages": [sheet.id for sheet in asked]})
    pages.add(deed.tx, asked)
    jobs.put(deed.tx, *(NewJob(f"page/{s.id}", "page", Lane.PAGE, s.due_at, {"page": s.id}) for s in asked))
    escalate.redraw(deed.tx, deed.before, deed.tx.now)
    holder = deed.before.holder
    stays = words.fill(said.still_held, holder=holder) if holder else said.still_open
    return deed.done(deed.before, said.asked, names=deed.names(persons), holder=stays)


def joined(deed: Deed) -> Answer | None:
    """Somebody who was asked to join says that they are there; None when this person was not asked."""
    mine = [s for s in pages.of(deed.tx, deed.before.id) if s.asked and s.person == deed.person and s.pending]
    if not mine:
        return None
    for sheet in mine:
        pages.change(deed.tx, sheet.id, PageState.ANSWERED, answered_at=deed.press.at)
        jobs.put(deed.tx, page.dm(sheet.id, deed.tx.now))
    mirrored.put(deed.tx, deed.before, mine, answered_by=deed.person, via=deed.press.via)
    deed.note("person.joined", {"pages": [sheet.id for sheet in mine]})
    escalate.redraw(deed.tx, deed.before, deed.tx.now)
    answer = deed.refused(Verdict.ALREADY)
    return replace(answer, sentence=f"{answer.sentence} {deed.press.words.joined}")


def _said(deed: Deed, does: str, found: reach.Reached) -> str:
    """Why somebody is paged: who wants it, what for in their own words, and how that led to them."""
    given = written.line(deed.press.why, SHOWN)
    wish = f'{does}: "{given}".' if given else f"{does}."
    return f"{deed.person} {wish} {found.why}"


def _reached(deed: Deed, to: str) -> reach.Reached:
    roster = deed.roster
    return reach.people(to, roster.rotas, roster.people, roster.overrides, deed.press.at)


def _refused(deed: Deed, verdict: Verdict, why: str) -> Answer:
    """Not reached: the resolver knows why."""
    answer = deed.refused(verdict)
    return replace(answer, sentence=f"{answer.sentence} {why}") if verdict is Verdict.UNREACHABLE else answer


def _persons(sheets: tuple[Page, ...]) -> list[str]:
    return list(dict.fromkeys(sheet.person for sheet in sheets))
