"""What is held of a batch's problems, as it changes while the batch is booked; written once at the end."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from bot.engine import notes, opening
from bot.engine.booking import Judged, Known
from bot.engine.desk import Desk
from bot.model.alert import Alert
from bot.model.entry import Entry
from bot.model.held import Held
from bot.model.incident import Incident
from bot.rules.episodes import Meaning
from bot.store import Tx, alerts, held

RESOLVED = "It was resolved while held."


class Shelf:
    """The held alerts of one batch: `rows` are those that were there before, locked."""

    def __init__(self, tx: Tx, desk: Desk, now: datetime) -> None:
        """Empty before `load`."""
        self._tx, self._desk, self._now = tx, desk, now
        self.rows: dict[str, Held] = {}
        self._entries: list[Entry] = []
        self._touched = False

    def load(self, problems: Collection[str], rows: Mapping[str, Held] | None) -> dict[str, alerts.Episode]:
        """The newest episode of each problem; what is held of them is locked, unless `rows` has it already."""
        if rows is not None:
            self.rows = dict(rows)
            return alerts.latest(self._tx, problems)
        found, there = alerts.known(self._tx, problems)
        while there:
            self.rows |= held.locked(self._tx, there)
            # Somebody let one go while we waited for its lock: where it went is known by now.
            more, there = alerts.known(self._tx, gone) if (gone := there - self.rows.keys()) else ({}, set())
            found |= more
        return found

    def hold(self, each: Judged) -> None:
        """From now on `each` is held by its `hold`, in the place of what was held of its problem."""
        known, was, hold = each.known, each.was, each.hold
        its = each.became or known
        if its is None or hold is None:
            return
        if was and each.became and known:
            known.held = None
        if each.became and known:
            its.id = known.id  # the row that the next episode takes the place of
        if was and each.anew:
            its.held = replace(was, hold=hold)
        else:
            alert = replace(each.alert, started_at=its.started_at, evaluated_at=its.evaluated_at)
            repeats, first = (was.repeats + 1, was.first_seen_at) if was else (0, self._now)
            its.held = Held(alert, hold, repeats, first, self._now)

    def count(self, each: Judged) -> str:
        """Put `each` down if it is held, or was and is over; what became of it in one word, empty where it is not."""
        known = each.known
        if each.hold:
            return self._count_held(each)
        if known is None or known.held is None or each.meaning not in (Meaning.REPEAT, Meaning.RESOLVE):
            return ""
        if each.meaning is Meaning.REPEAT:
            each.receipt.repeat += 1
            known.held = replace(known.held, repeats=known.held.repeats + 1, last_seen_at=self._now)
        else:
            each.receipt.resolved += 1
            self.released(known.held, RESOLVED)
            known.held = None
        return each.meaning.value

    def _count_held(self, each: Judged) -> str:
        hold, was = each.hold, each.was
        self._touched = True
        if hold and (was is None or was.hold.why != hold.why):
            actor = "tocsin" if each.anew else f"connection:{each.connection}"
            self._tx.note(notes.held(self._entity(each.alert), each.alert, hold, self._now, actor))
        if was is not None:
            each.receipt.repeat += 1
            return "repeat"
        each.receipt.held += 1
        for shadow in each.shadows:
            entity, problem = self._entity(each.alert), each.alert.problem
            self._tx.note(notes.shadowed(entity, problem, shadow, self._now, problem))
        return "held"

    def released(self, row: Held, why: str, incident: Incident | None = None) -> None:
        """Say at the end that it is held no more, and why; `incident` is the one that it joins."""
        entity = incident.entity if incident else self._entity(row.alert)
        self._entries.append(notes.released(entity, row, self._now, why, incident))

    def joined(self, each: Judged, incident: Incident) -> None:
        """Say at the end how an alert that joins `incident` was held, and what would have held it."""
        if each.was:
            self.released(each.was, "Nothing holds it any more.", incident)
        for shadow in each.shadows:
            entry = notes.shadowed(incident.entity, incident.id, shadow, self._now, each.alert.problem)
            self._entries.append(entry)

    def write(self, known: Mapping[str, Known]) -> None:
        """Write what is held now; Conflict when something was let go by somebody else."""
        self._tx.note(*self._entries)
        if not self.rows and not self._touched:
            return
        now = {problem: each.held for problem, each in known.items() if each.held}
        held.let_go(self._tx, self.rows.keys() - now.keys())
        held.change(self._tx, [row for problem, row in now.items() if self.rows.get(problem) not in (None, row)])
        held.add(self._tx, [row for problem, row in now.items() if problem not in self.rows])

    def _entity(self, alert: Alert) -> str:
        return opening.entity(self._desk.settings.estate.find(alert.model), alert)
