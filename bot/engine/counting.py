"""The evaluations of a batch, counted where a runbook wants so many of them to breach, or to be clean."""

from collections.abc import Iterable
from datetime import datetime

from bot.engine import opening, waiting
from bot.engine.booking import Judged
from bot.engine.desk import Desk
from bot.model.alert import Alert, Status
from bot.model.evaluation import History
from bot.model.incident import Incident
from bot.model.runbook import Runbook
from bot.rules import confirming
from bot.rules.episodes import Meaning
from bot.store import Tx, evaluations


def counts(book: Runbook | None) -> bool:
    """Whether this runbook wants evaluations counted."""
    return book is not None and (book.confirm is not None or book.calm.evaluations > 1)


class Counting:
    """What is known of the evaluations of a batch's problems, as it changes while the batch is booked."""

    def __init__(self, tx: Tx, desk: Desk, now: datetime) -> None:
        """Nothing is read before `load`; `on`: some runbook counts."""
        self._tx, self._desk, self._now = tx, desk, now
        self.on = any(counts(book) for book in desk.runbooks.runbooks)
        self._known: dict[str, History] = {}
        self._changed: set[str] = set()

    def load(self, problems: Iterable[tuple[str, Incident | None]]) -> None:
        """Read what is known of those that may be counted: the runbook of their incident does, or they are in none."""
        wanted = {problem for problem, its in problems if its is None or counts(self._desk.runbooks.get(its.runbook))}
        if wanted:
            self._known |= evaluations.of(self._tx, wanted, lock=True)

    def of(self, problem: str) -> History:
        """What is known of one problem by now."""
        return self._known.get(problem, ())

    def evaluate(self, each: Judged, incident: Incident | None) -> None:
        """Count what `each` says; a clean evaluation ends nothing before there are as many as its runbook wants.

        `incident` is the one that its problem is known to be in.
        """
        book = self._book(each, incident)
        each.history = self._add(each, book)
        if each.meaning is not Meaning.RESOLVE or book is None or (each.known and each.known.held):
            return
        clean, wanted = confirming.clean(each.history), book.calm.evaluations
        if clean >= wanted or wanted == 1:
            return
        if not book.calm.shadow:
            each.meaning = Meaning.REPEAT
        elif incident:
            why = f"It would have stayed open: {clean} of {wanted} clean evaluations in a row."
            waiting.shadowed(self._tx, incident, book.name, "calm", why, self._now)

    def _book(self, each: Judged, incident: Incident | None) -> Runbook | None:
        if incident is not None:
            return self._desk.runbooks.get(incident.runbook)
        if each.meaning is Meaning.DROP or each.alert.status is Status.NO_DATA:
            return None
        each.route = opening.route(self._desk, each.alert)
        return each.route.chosen.runbook

    def _add(self, each: Judged, book: Runbook | None) -> History:
        """Its history with it. None begins with what is dropped: a monitor that is content has nothing to confirm."""
        alert: Alert = each.alert
        before = self._known.get(alert.problem)
        if before is None and (each.meaning is Meaning.DROP or not counts(book)):
            return ()
        after = confirming.noted(before or (), alert, self._now)
        if after is not before and after:
            self._known[alert.problem] = after
            self._changed.add(alert.problem)
        return after

    def write(self) -> None:
        """Keep what changed."""
        if self._changed:
            evaluations.put(self._tx, {problem: self._known[problem] for problem in self._changed})
