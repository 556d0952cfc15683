"""One consented press: what it is done with, and how it is written down, whatever the verb."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot import words
from bot.engine import escalate, mirrored, page, postmortem_wanted, release
from bot.engine.desk import Desk
from bot.model.entry import Context, Entry
from bot.model.incident import Incident
from bot.model.page import PageState
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.rules import escalation, written
from bot.store import Tx, incidents, jobs, pages

HOLDING = frozenset({Verb.ACKNOWLEDGE, Verb.HAND_OVER, Verb.RESOLVE, Verb.FALSE_ALARM})  # who did it is worth saying
LONGEST = 3000  # characters of a reason; what Slack lets people write into one field


@dataclass(frozen=True, slots=True)
class Press:
    """What somebody did, and what they saw when they did it (`seen_version` None: typed, not pressed on a card)."""

    verb: Verb
    incident: str
    by: str  #: slack:USERID or person:NAME
    at: datetime
    via: str  #: button | command | form | shortcut | mention | message | reaction | home | cli
    seen_version: int | None = None
    detail: str = ""  #: whom, how long, how severe, into which, which words: see `Verb`
    why: str = ""
    language: str = "en"  #: of the sentence in the answer

    @property
    def words(self) -> words.answer.Answer:
        """What answers are made of, in the language of whoever pressed."""
        return words.of(self.language).answer


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, its sentence, and the incident as it is now."""

    verdict: Verdict
    sentence: str
    incident: Incident


@dataclass(frozen=True)
class Deed:
    """Who does it to which incident, in which transaction; everything a verb writes goes through here."""

    tx: Tx
    desk: Desk
    before: Incident
    person: str
    press: Press
    roster: escalation.Roster = field(repr=False)

    @property
    def actor(self) -> str:
        """As the log names them."""
        return f"person:{self.person}"

    def note(self, kind: str, after: dict[str, Any], *, was: dict[str, Any] | None = None) -> None:
        """Put it down with what was before, why, and through which door it came."""
        incident = self.before
        before = {"phase": incident.phase.value, "tier": incident.tier, "holder": incident.holder, **(was or {})}
        if incident.snoozed_until is not None:
            before["snoozed_until"] = incident.snoozed_until.isoformat()
        self.note_on(incident, kind, after, before)

    def note_on(self, incident: Incident, kind: str, after: dict[str, Any], before: dict[str, Any]) -> None:
        """The same about any incident, which may be of another entity and so stand in another chain."""
        press = self.press
        now = {**after, "via": press.via, "as": press.by}
        why = written.text(press.why, LONGEST)
        role = Context(role="holder" if self.person == self.before.holder else "responder")
        self.tx.note(Entry(incident.entity, kind, press.at, self.actor, incident.id, why, before, now, role))

    def save(self, after: Incident) -> None:
        """Write the incident, close its pages, have it drawn anew."""
        incidents.save(self.tx, [(self.before, after)])
        escalate.leave_storm(self.tx, self.before, after)
        if not after.open:
            release.closed(self.tx, after)
            postmortem_wanted.ask(self.tx, self.desk, after)
        escalate.redraw(self.tx, after, self.tx.now)
        close_pages(self.tx, after, answered_by=self.person, at=self.press.at, via=self.press.via)

    def fire(self, step: escalation.Fired) -> None:
        """Write the incident that a step was fired for and all that follows from it; the pages before it are over."""
        close_pages(self.tx, step.incident, answered_by=self.person, at=self.press.at)
        incidents.save(self.tx, [(self.before, step.incident)])
        escalate.put_down(self.tx, self.desk, [step], self.actor, self.tx.now)
        escalate.leave_storm(self.tx, self.before, step.incident)
        escalate.redraw(self.tx, step.incident, self.tx.now)

    def done(self, after: Incident, template: str, **parts: object) -> Answer:
        """It is done; `template` is one of `press.words`."""
        return Answer(Verdict.GO, words.fill(template, incident=after.id, **parts), after)

    def refused(self, verdict: Verdict, reason: str = "") -> Answer:
        """It is not to be done; nothing has been written yet. `reason` takes the place of the verdict's sentence."""
        return Answer(verdict, reason or sentence(verdict, self.press, self.before), self.before)

    def names(self, persons: "tuple[str, ...] | list[str]") -> str:
        """Several people, for a sentence."""
        return ", ".join(persons) or self.press.words.nobody


def sentence(verdict: Verdict, press: Press, incident: Incident) -> str:
    """Why not, in the language of whoever pressed."""
    said = press.words
    if incident.merged_into and verdict in (Verdict.ALREADY, Verdict.RESOLVED):
        return words.fill(said.merged_already, incident=incident.id, into=incident.merged_into)
    who = incident.holder if incident.open else incident.ended_by
    if verdict is Verdict.ALREADY and who and press.verb in HOLDING:
        phase = said.phases.get(incident.phase.value, incident.phase.value)
        return words.fill(said.already_by, incident=incident.id, phase=phase, who=who)
    if verdict is Verdict.STALE and press.verb is Verb.ATTEND and incident.holder is None:
        return words.fill(said.went_on, incident=incident.id)
    reason = said.verdicts.get(verdict.name, verdict.sentence)
    if verdict is Verdict.STALE and incident.holder:
        return f"{reason} {words.fill(said.held_now, who=incident.holder)}"
    return reason


def close_pages(
    tx: Tx, incident: Incident, *, answered_by: str | None = None, at: datetime | None = None, via: str = ""
) -> None:
    """Nobody needs to answer any more: unsent pages are moot, sent ones lose their buttons, far ends follow.

    While the incident, as it is now, is open, whoever was asked to join still is.
    """
    sheets = pages.of(tx, incident.id)
    mirrored.closed(tx, incident, sheets, answered_by, via)
    for sheet in sheets:
        stays = sheet.asked and incident.open and sheet.person != answered_by
        if sheet.state is PageState.DECIDED and not stays:
            pages.change(tx, sheet.id, PageState.MOOT)
        elif sheet.state in (PageState.SENT, PageState.DELIVERED):
            if sheet.person == answered_by:
                pages.change(tx, sheet.id, PageState.ANSWERED, answered_at=at)
            jobs.put(tx, page.dm(sheet.id, tx.now))
