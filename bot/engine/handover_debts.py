"""What the shift leaves undone: each kind of debt is a question of its own, and says nothing where nothing is owed."""

from collections.abc import Callable, Iterator

from bot.engine import annotate, postmortem_owed, serious_say
from bot.engine import handover_lines as lines
from bot.engine.handover_gather import Shift
from bot.engine.handover_lines import Line, Section
from bot.model.incident import RESOLVED
from bot.rules import following
from bot.settings import fit
from bot.store import Tx, follow_ups, incidents, letters, shifts

NAMED = 5  #: incidents that are spelled out


def section(tx: Tx, shift: Shift) -> Section:
    """All that is owed, of every kind."""
    return lines.filled("debts", (line for owed in KINDS for line in owed(tx, shift)))


def _unnoted(tx: Tx, shift: Shift) -> Iterator[Line]:
    """Incidents that people resolved without a word about what it was."""
    by_hand = [one.id for one in shift.resolved if one.resolution == RESOLVED]
    first = min((one.opened_at for one in shift.resolved), default=shift.since)
    noted = {one.subject for one in shifts.said(tx, by_hand, {annotate.ADDED}, first)}
    bare = [one for one in by_hand if one not in noted]
    if bare:
        named = ", ".join(bare[:NAMED]) + (" …" if len(bare) > NAMED else "")
        yield lines.line("debt_unnoted", count=len(bare), names=named)


def _unreported(tx: Tx, shift: Shift) -> Iterator[Line]:
    """Reports that a law wants for incidents of this scope, the first to fall due first."""
    running = serious_say.running(tx, shift.desk)
    known = incidents.by_ids(tx, {clock.incident for clock, _ in running})
    for clock, duty in running:
        its = known[clock.incident]
        if shift.scope.answers(its.model, its.entity, its.policy):
            what = lines.why(f"{duty.title} ({duty.source})" if duty.source else duty.title)
            yield lines.line("debt_report", incident=its.id, what=what, when=lines.at(clock.due_at))


def _unreviewed(tx: Tx, shift: Shift) -> Iterator[Line]:
    """Runbooks that are for these models, or page these rotas, and were to be read again by now."""
    estate, today = shift.desk.settings.estate, shift.now.date()
    for book in shift.desk.runbooks.runbooks:
        if book.review_by < today:
            pages = any(target in shift.scope.targets for tier in book.tiers for target in tier.page)
            about = (one.name for one in fit.candidates(book, estate) if one)
            if pages or any(shift.scope.holds(name) for name in about):
                said = {"runbook": lines.name(book.name), "date": f"{book.review_by}", "who": lines.name(book.owner)}
                yield lines.line("debt_review", **said)


def _unread(tx: Tx, shift: Shift) -> Iterator[Line]:
    """Messages that authenticated and could not be read: whose they are nobody can say, so everybody hears of them."""
    if count := letters.count(tx):
        yield lines.line("debt_letters", count=count)


def _unconfirmed(tx: Tx, shift: Shift) -> Iterator[Line]:
    """People of these rotas who have named ways that do not count yet."""
    roster, rotas = shift.desk.roster(tx, shift.now), shift.desk.settings.rotas
    members = (person for name in sorted(shift.scope.rotas) if name in rotas for person in rotas[name].persons)
    for name in dict.fromkeys(members):
        person = roster.people.persons.get(name)
        if person is None:
            continue
        ways = dict.fromkeys(step.channel for urgency in ("high", "low") for step in person.ways(urgency))
        dead = [way for way in ways if way in roster.needs and not roster.reaches(person, way)]
        if dead:
            yield lines.line("debt_address", who=lines.name(name), ways=lines.why(", ".join(dead)))


def _late(tx: Tx, shift: Shift) -> Iterator[Line]:
    """What was to be done after incidents of this scope, and was not."""
    late = follow_ups.due_before(tx, shift.now - following.DAY)
    known = incidents.by_ids(tx, {one.incident for one in late})
    for one in late:
        its = known.get(one.incident)
        if its and shift.scope.answers(its.model, its.entity, its.policy):
            said = {"follow_up": one.id, "incident": one.incident, "days": following.late(one, shift.now)}
            yield lines.line("debt_follow_up", **said, what=lines.why(one.what), who=lines.name(one.owner))


def _unwritten(tx: Tx, shift: Shift) -> Iterator[Line]:
    """Postmortems of this scope that were to be published by now."""
    overdue = postmortem_owed.overdue(tx, shift.now)
    known = incidents.by_ids(tx, {one.incident for one in overdue})
    for one in overdue:
        its = known.get(one.incident)
        if its and shift.scope.answers(its.model, its.entity, its.policy):
            said = {"postmortem": one.id, "incident": one.incident, "who": lines.name(one.owner)}
            yield lines.line("debt_postmortem", **said, when=lines.at(one.due_at or shift.now))


KINDS: tuple[Callable[[Tx, Shift], Iterator[Line]], ...] = (
    _unreported,
    _unwritten,
    _unnoted,
    _late,
    _unreviewed,
    _unread,
    _unconfirmed,
)
