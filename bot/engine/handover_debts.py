"""What the shift leaves undone: each kind of debt is a question of its own, and says nothing where nothing is owed."""

from collections.abc import Callable, Iterator

from bot.engine import annotate
from bot.engine import handover_lines as lines
from bot.engine.handover_gather import Shift
from bot.engine.handover_lines import Line, Section
from bot.model.incident import RESOLVED
from bot.settings import fit
from bot.store import Tx, letters, shifts

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


#: The postmortems that are due belong here, too, once there are any.
KINDS: tuple[Callable[[Tx, Shift], Iterator[Line]], ...] = (_unnoted, _unreviewed, _unread, _unconfirmed)
