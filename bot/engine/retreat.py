"""Propose the way back from a version that went wrong: once, by Tocsin itself, approved by people as any other change.

Who must look was told already; what stands in the way is waited for.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import words
from bot.engine import aftermath, forbidden, kept, propose, sight, watch, windows, work
from bot.engine.desk import Desk
from bot.errors import TocsinError
from bot.model.change import Change, Lever, Serving
from bot.model.job import Job, Lane, NewJob
from bot.model.verdict import Verdict
from bot.rules import written
from bot.rules.agreement import AUTOMATION
from bot.store import Tx, changes, jobs, log

KIND, VIA = "retreat", "watch"
LEFT = "retreat.left"  #: the entry that says that it could not be proposed, or that this was given up
SOON, LATER, SELDOM = timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)  #: until it is tried again
OFTEN = 6  #: refusals after which it is tried seldom: each is an entry
PATIENCE = timedelta(days=1)  #: then it is left to people
SENTENCE = 300  #: characters of why not


@dataclass(frozen=True, slots=True)
class _Case:
    """A change that went wrong, the first of its steps, and what stands in the way of taking it back."""

    change: Change
    first: Change
    over: bool  #: something followed it already
    obstacle: str
    refused: bool  #: people know already that it could not be proposed


def put(tx: Tx, change: Change, why: str, incident: str | None) -> None:
    """Put down the wish that this change is taken back, with its reason and the incident that it is about."""
    said = {"change": change.id, "why": why, "incident": incident, "until": (tx.now + PATIENCE).isoformat()}
    jobs.put_once(tx, NewJob(f"{KIND}/{change.id}", KIND, Lane.STATE, tx.now, said))


class Retreats:
    """The handler of these wishes."""

    def __init__(self, desk: Desk) -> None:
        """`desk.hosts` are the platforms."""
        self._desk = desk

    async def ring(self, job: Job) -> work.Outcome:
        """Propose it, unless that was done, or something else serves by now."""
        desk, now = self._desk, self._desk.clock.now()
        case = await desk.store.read(lambda tx: _case(tx, desk, str(job.payload["change"])))
        if case.over:
            return work.Done()
        if now >= (until := datetime.fromisoformat(str(job.payload["until"]))):
            return work.Done(self._leaving(case.change, self._given_up(case.change)))
        if case.obstacle:
            return work.Later(min(until, now + SOON), case.obstacle, tried=False)
        try:
            serving = await self._serving(case.change)
        except TocsinError as error:
            return work.Later(min(until, now + SOON), str(error), tried=False)
        if not serving.same(case.change.plan.after):
            return work.Done()  # somebody was faster
        wish = await self._wish(case, str(job.payload["why"]), job.payload["incident"])
        answer = await propose.propose(desk, wish, AUTOMATION, now, VIA)
        if answer.verdict in (Verdict.GO, Verdict.ALREADY):
            return work.Done()
        if answer.verdict in (Verdict.LOCKED, Verdict.FORBIDDEN):
            return work.Later(min(until, now + SOON), answer.sentence, tried=False)
        pause = LATER if job.attempts < OFTEN else SELDOM
        then = None if case.refused else self._leaving(case.change, self._refused(case.change, answer.sentence, until))
        return work.Later(min(until, now + pause), answer.sentence, then=then)

    async def _serving(self, change: Change) -> Serving:
        host = self._desk.hosts.get(change.plan.connection)
        if host is None:
            raise TocsinError(f"The connection {change.plan.connection} has no platform here.", "See `tocsin doctor`.")
        return await sight.serving(host, change.plan.ref)

    async def _wish(self, case: _Case, why: str, incident: str | None) -> propose.Wish:
        """To take it back; of a later step of a canary, all of its steps at once."""
        change, language = case.change, self._desk.settings.slack.language
        if case.first.id == change.id:
            back = await propose.undo(self._desk, change.id, why, language)
            return replace(back, incident=incident, follows=change.id)
        host, before = self._desk.hosts[change.plan.connection], case.first.plan.before
        lever = Lever.ROLLBACK if before.version and Lever.ROLLBACK in host.platform.levers else Lever.SHIFT
        wish = propose.Wish(lever, change.plan.model, before.version, None if before.version else before.split)
        return replace(wish, incident=incident, why=why, language=language, follows=change.id)

    def _refused(self, change: Change, why: str, until: datetime) -> str:
        say = words.of(self._desk.settings.slack.language).watch
        clock = windows.clock(until, forbidden.zone(self._desk, change.entity))
        named = {"change": change.id, "model": change.plan.model, "until": clock}
        return words.fill(say.unproposed, why=written.line(why, SENTENCE), **named)

    def _given_up(self, change: Change) -> str:
        say = words.of(self._desk.settings.slack.language).watch
        return words.fill(say.given_up, model=change.plan.model)

    def _leaving(self, change: Change, text: str) -> Callable[[Tx], None]:
        """People hear that it is theirs to do, and that is written down."""

        def then(tx: Tx) -> None:
            watch.note(tx, change, LEFT, text, {"model": change.plan.model})
            aftermath.tell(tx, self._desk, change, text, f"{KIND}/{tx.now.isoformat()}")

        return then


def _case(tx: Tx, desk: Desk, id_: str) -> _Case:
    change = changes.get(tx, id_)
    model, other = change.plan.model, changes.open_of(tx, change.plan.model)
    obstacle = forbidden.now(tx, desk, change.entity, change.incident, tx.now, model) or ""
    if other and not other.serves:
        obstacle = f"{other.id} is {other.step}"
    refused = bool(log.of_kinds(tx.sql, id_, {LEFT}))
    return _Case(change, kept.first(tx, change), changes.after(tx, id_) is not None, obstacle, refused)
