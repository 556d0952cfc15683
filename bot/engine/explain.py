"""Why alerts and incidents go where they go, and who is paged when: by the rules and the resolver that page.

Nothing is written. A delivery is explained alert by alert, each as if those before it had been taken in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import documents
from bot.engine import foresee, intake, ladder, report
from bot.engine.desk import Desk
from bot.engine.foresee import Told
from bot.engine.ladder import Ladder, Mark, Rung
from bot.model.alert import Alert
from bot.model.incident import Incident
from bot.model.runbook import Policy, Tier
from bot.model.view import View
from bot.rules import differing
from bot.store import Tx, seen
from bot.store import alerts as alert_rows


@dataclass(frozen=True, slots=True)
class Change:
    """What would differ if an incident opened now: `what` names it (runbook, severity ...), then both sides."""

    what: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The incident, why it was routed so, its first round if it opened now, and the tiers that would reach nobody."""

    view: View
    why: str
    tiers: tuple[Rung, ...]
    gaps: tuple[str, ...]
    revised: bool  #: the runbook was changed or has gone since; the tiers are those copied when it opened
    first: Told | None = None  #: the alert that opened it, as it would go if it came now
    changes: tuple[Change, ...] = ()
    ahead: Ladder = ladder.NOBODY  #: from now on, as it stands
    marks: tuple[Mark, ...] = ()


async def incident(desk: Desk, typed: str, at: datetime, language: str = "en") -> Explanation:
    """All of that for the incident somebody means by `typed`. NotFound."""
    return await desk.store.read(lambda tx: _explain(tx, desk, typed, at, language))


async def alerts(desk: Desk, said: Sequence[Alert], at: datetime, language: str = "en") -> tuple[Told, ...]:
    """What would become of the alerts of one delivery that came in at `at`, in their order."""
    return await desk.store.read(lambda tx: foresee.alerts(tx, desk, said, at, language))


async def copy(desk: Desk, arrived: intake.Arrived) -> bool:
    """Whether this very delivery came before, by its sender's id, so that all of it is dropped."""
    key = arrived.key
    return key is not None and await desk.store.read(lambda tx: seen.known(tx, key))


def _explain(tx: Tx, desk: Desk, typed: str, at: datetime, language: str) -> Explanation:
    view = report.view_in(tx, desk, typed)
    found = view.incident
    climb = ladder.climb(tx, desk, found, at, language)
    book = desk.runbooks.get(found.runbook)
    revised = (book.revision if book else "") != found.runbook_revision
    opener = alert_rows.first(tx, found)
    first = foresee.anew(tx, desk, opener, at, language) if opener else None
    changes = _changes(found, first, revised) if first else ()
    ahead = ladder.ahead(tx, desk, found, at, language)
    marks = ladder.marks(ahead, at)
    return Explanation(view, found.why, climb.rungs, climb.gaps, revised, first, changes, ahead, marks)


def _changes(found: Incident, first: Told, revised: bool) -> tuple[Change, ...]:
    """What the configuration in force, and what holds alerts now, would make otherwise."""
    now = first.path
    pairs = [
        ("runbook", found.runbook, now.runbook),
        ("severity", found.severity, now.severity),
        ("start", found.policy.start, now.policy.start),
        ("tiers", tiers(found.policy), tiers(now.policy)),
        ("held", "", first.hold.why if first.hold else ""),
    ]
    changes = tuple(Change(*each) for each in pairs if each[1] != each[2])
    if revised and found.runbook == now.runbook:
        return (Change("revision", found.runbook_revision, ""), *changes)
    return changes


def tiers(policy: Policy) -> str:
    """A policy's tiers in a line: `L1 rota:first-line 10 min, L2 ...`."""
    return ", ".join(f"{tier.name} {' > '.join(_course(tier))}" for tier in policy.tiers)


def _course(tier: Tier) -> Iterator[str]:
    """Whom its stages page and how long each is waited for; one that only waits, and goes back, says so."""
    for stage in tier.course:
        said = "+".join(stage.page)
        said += f" until {differing.hours(stage.until)}" if stage.until else ""
        said += f" {documents.written(stage.wait)}" if stage.wait else ""
        said += f" back to {stage.back_to}" if stage.back_to else ""
        yield said.strip()
