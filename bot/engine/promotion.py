"""Propose the promotion of a version that passed its gate: once, by Tocsin itself, approved by people as any other."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import documents, words
from bot.engine import aftermath, course, drafting, forbidden, planning, propose, train_course, work
from bot.engine.desk import Desk
from bot.errors import NotDelivered, PluginFault, TocsinError
from bot.model.change import Change, Lever, Lock, Plan, Step
from bot.model.job import Job, Lane, NewJob
from bot.model.retraining import Training
from bot.model.trial import Trial
from bot.model.verdict import Verdict
from bot.rules import written
from bot.rules.agreement import AUTOMATION
from bot.store import Tx, changes, trainings, trials
from bot.words.judged import Judged as Words

KIND, VIA = "promote", "gate"
LEFT = "promotion.left"  #: to people: the entry that says so
AGAIN = timedelta(minutes=10)  #: until what stands in its way is looked at again
PATIENCE = timedelta(days=1)  #: then somebody does it by hand
PASSING = frozenset({Verdict.LOCKED, Verdict.FORBIDDEN, Verdict.PLAN_STALE})  #: what may be over in a while
NAME, SENTENCE, SHOWN = 80, 300, 3  #: characters of a version's name and of why not; findings that are told


@dataclass(frozen=True, slots=True)
class _Case:
    """A retrain whose version passed, and the trial in which it did."""

    change: Change
    training: Training
    trial: Trial
    at: datetime

    @property
    def late(self) -> bool:
        """It was tried for long enough."""
        return self.at >= self.change.changed_at + PATIENCE


class Promotions:
    """The handler of these jobs."""

    def __init__(self, desk: Desk) -> None:
        """`desk.hosts` are the platforms."""
        self._desk = desk

    async def ring(self, job: Job) -> work.Outcome:
        """Propose it, unless that was done; what stands in the way is waited for, and then its requester is told."""
        id_ = str(job.payload["change"])
        case = await self._desk.store.read(lambda tx: _case(tx, id_))
        if case is None:
            return work.Done()
        # Each refusal is an entry: one at the first try and one at the last, and none of those in between.
        quiet = job.attempts > 1 and not case.late
        if quiet and (why := await self._desk.store.read(lambda tx: self._in_the_way(tx, case.change))):
            return work.Later(case.at + AGAIN, why)
        wish, error = self._wish(case), None
        try:
            plan = await planning.draft(self._desk, wish, case.at)
        except TocsinError as wrong:
            error = wrong
        else:
            if moved := self._moved(case, plan):
                return self._by_hand(case, moved)
            wish = replace(wish, seen=plan.digest)
        passing = error is None or error.retry or isinstance(error, PluginFault | NotDelivered)
        if error is not None and passing and quiet:
            return work.Later(case.at + AGAIN, str(error))
        answer = await propose.propose(self._desk, wish, AUTOMATION, case.at, VIA)
        if answer.verdict in (Verdict.GO, Verdict.ALREADY):
            return work.Done()
        if passing and (answer.verdict in PASSING or error is not None) and not case.late:
            return work.Later(case.at + AGAIN, answer.sentence)
        return self._by_hand(case, answer.sentence)

    @property
    def _say(self) -> Words:
        """The words for what many read."""
        return words.of(self._desk.settings.slack.language).judged

    def _wish(self, case: _Case) -> propose.Wish:
        found = "; ".join(f"{one.what} {one.got}" for one in case.training.findings[:SHOWN])
        named = {"change": case.change.id, "champion": _name(case.trial.champion), "trial": case.trial.id}
        return propose.Wish(
            Lever.PROMOTE,
            case.change.plan.model,
            version=case.training.version,
            incident=case.change.incident,
            why=words.fill(self._say.why_promote, **named, found=found),
            language=self._desk.settings.slack.language,
            follows=case.change.id,
        )

    def _in_the_way(self, tx: Tx, change: Change) -> str | None:
        """What would refuse it now, by what the database knows."""
        model = change.plan.model
        if why := forbidden.now(tx, self._desk, change.entity, change.incident, tx.now, model):
            return why
        other = changes.open_of(tx, model, Lock.SERVING)
        return f"{other.id} is open" if other and not other.serves else None

    def _moved(self, case: _Case, plan: Plan) -> str:
        """What it was compared with serves no more, so the verdict says nothing of what does; empty where it does."""
        shares = plan.before.split
        if shares.get(case.trial.champion, 0.0) >= max(shares.values(), default=0.0) > 0.0:
            return ""
        named = {"champion": _name(case.trial.champion), "serving": drafting.said(plan.before)}
        command = f"/tocsin evaluate {case.change.plan.model} {_name(case.training.version or '')}"
        return words.fill(self._say.other_champion, **named, command=command)

    def _by_hand(self, case: _Case, why: str) -> work.Outcome:
        """Its requester and those who agreed hear how it is done; that it was left to them is written down."""
        version = _name(case.training.version or "")
        told = words.fill(self._say.late, span=documents.written(PATIENCE), why=why) if case.late else why
        command = f"/promote {case.change.plan.model} {version}"
        text = words.fill(self._say.by_hand, version=version, why=written.line(told, SENTENCE), command=command)

        def then(tx: Tx) -> None:
            change = changes.get(tx, case.change.id, lock=True)
            if changes.after(tx, change.id) is None:
                entry = course.entry(change, LEFT, tx.now, text, {"version": version, "why": told})
                tx.note(entry)
                train_course.note(tx, change, entry)
                aftermath.whisper(tx, self._desk, change, text)

        return work.Done(then)


def job(change: Change, due: datetime) -> NewJob:
    """The wish that the promotion of what a retrain made is proposed."""
    return NewJob(f"{KIND}/{change.id}", KIND, Lane.STATE, due, {"change": change.id})


def _case(tx: Tx, change_id: str) -> _Case | None:
    """None where nothing passed, or its promotion is there already."""
    change, training = changes.get(tx, change_id), trainings.find(tx, change_id)
    if change.step is not Step.DONE or training is None or not training.passed or training.trial is None:
        return None
    if changes.after(tx, change_id) is not None:
        return None
    return _Case(change, training, trials.get(tx, training.trial), tx.now)


def _name(version: str) -> str:
    return written.line(version, NAME)
