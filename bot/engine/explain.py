"""Why an incident stands where it stands: how it was routed, and who is paged when, by the resolver that pages."""

from dataclasses import dataclass
from datetime import datetime

from bot.engine import ladder, report
from bot.engine.desk import Desk
from bot.engine.ladder import Rung
from bot.model.view import View
from bot.store import Tx


@dataclass(frozen=True, slots=True)
class Explanation:
    """The incident, why it was routed so, its first round if it opened now, and the tiers that would reach nobody."""

    view: View
    why: str
    tiers: tuple[Rung, ...]
    gaps: tuple[str, ...]
    revised: bool  #: the runbook was changed or has gone since; the tiers are those copied when it opened


async def incident(desk: Desk, typed: str, at: datetime, language: str = "en") -> Explanation:
    """All of that for the incident somebody means by `typed`. NotFound."""
    return await desk.store.read(lambda tx: _explain(tx, desk, typed, at, language))


def _explain(tx: Tx, desk: Desk, typed: str, at: datetime, language: str) -> Explanation:
    view = report.view_in(tx, desk, typed)
    found = view.incident
    climb = ladder.climb(tx, desk, found, at, language)
    book = desk.runbooks.get(found.runbook)
    revised = (book.revision if book else "") != found.runbook_revision
    return Explanation(view, found.why, climb.rungs, climb.gaps, revised)
