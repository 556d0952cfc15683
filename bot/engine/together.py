"""Where all of those who are paged must acknowledge: each answer is noted, and the last one takes the incident."""

from dataclasses import dataclass

from bot.engine import escalate, page
from bot.engine.deed import Answer, Deed
from bot.model.incident import Incident, Phase, turn
from bot.model.page import Page, PageState
from bot.rules import stages
from bot.store import Tx, incidents, jobs, log, pages

FIRED, NOTED = "step.fired", "incident.answered_by_one"


@dataclass(frozen=True, slots=True)
class _Asked:
    """The pages of the step in force, and who has answered theirs."""

    sheets: tuple[Page, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Who has not, in order."""
        done = {sheet.person for sheet in self.sheets if sheet.answered_at}
        return tuple(dict.fromkeys(sheet.person for sheet in self.sheets if sheet.person not in done))


def one(deed: Deed) -> Answer | None:
    """Note the answer of one while others are missing; None where whoever answers takes it, or is the last one."""
    asked = _asked(deed.tx, deed.before)
    if asked is None:
        return None
    left = tuple(name for name in asked.missing if name != deed.person)
    if not left:
        return None
    mine = [sheet for sheet in asked.sheets if sheet.person == deed.person and sheet.pending]
    if mine:
        _note(deed, mine, left)
    return deed.done(deed.before, deed.press.words.one_of_all, names=deed.names(left))


def _note(deed: Deed, mine: list[Page], left: tuple[str, ...]) -> None:
    """Their pages are answered; those of the others go on, and so does the timer."""
    tx, at = deed.tx, deed.press.at
    for sheet in mine:
        pages.change(tx, sheet.id, PageState.ANSWERED, answered_at=at)
        if sheet.state is not PageState.DECIDED:
            jobs.put(tx, page.dm(sheet.id, tx.now))
    deed.note(NOTED, {"person": deed.person, "missing": list(left)})
    after = turn(deed.before, at)
    incidents.save(tx, [(deed.before, after)])
    escalate.redraw(tx, after, tx.now)


def _asked(tx: Tx, incident: Incident) -> _Asked | None:
    """None unless the step in force is one that all must answer; who it was handed to since need not."""
    stage = stages.in_force(incident.policy, incident.tier, incident.stage)
    if stage is None or not stage.all_must or incident.phase is not Phase.TRIGGERED:
        return None
    fired = log.of_kinds(tx.sql, incident.id, (FIRED,))
    if not fired or not fired[-1].entry.after.get("all_must"):
        return None
    return _Asked(tuple(sheet for sheet in pages.of(tx, incident.id, incident.step) if not sheet.asked))
