"""Call a training off: what has not begun is withdrawn, a run that goes on is stopped; every refusal is kept."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict, Unpack

from bot import words
from bot.engine import agree, approvers, course, propose, train_course, windows
from bot.engine.desk import Desk
from bot.model.change import Change, Lever, Step
from bot.model.entry import Entry
from bot.model.retraining import Phase, Training
from bot.model.verdict import Verdict
from bot.rules import agreement, written
from bot.store import Tx, changes, jobs, trainings

VERB, CALLED_OFF = "call off", "training.called_off"
LONGEST, NAME = 3_000, 80  #: characters of a reason and of a typed id that are kept
_NOT_BEGUN = (Step.PROPOSED, Step.APPROVED)


class Spoken(TypedDict, total=False):
    """How the answer is put."""

    language: str  #: of whoever reads it; English where nothing is said


@dataclass(frozen=True)
class _Asking:
    """Who wants it through which door, and why."""

    typed: str  #: CHG-7, chg-7 or 7
    by: str  #: slack:USERID or person:NAME
    at: datetime
    via: str
    why: str
    language: str


async def call_off(
    desk: Desk, typed: str, by: str, at: datetime, via: str, why: str = "", **spoken: Unpack[Spoken]
) -> propose.Proposed:
    """Have the run stopped, which the trainer is asked for until it is; one that has not begun is withdrawn.

    Its requester may, whoever may agree to it, and whoever may propose it. NotFound: a typed change that is none.
    """
    asking = _Asking(typed, by, at, via, written.text(why, LONGEST), spoken.get("language", "en"))
    while (answer := await desk.store.write(lambda tx: _call_off(tx, desk, asking))) is None:
        said = agree.Vote(agree.WITHDRAW, typed, by, at, via, why=asking.why, language=asking.language)
        voted = await agree.vote(desk, said)
        if voted.verdict is not Verdict.DECIDED:  # else it was begun meanwhile
            return propose.Proposed(voted.verdict, voted.sentence, voted.change)
    return answer


def _call_off(tx: Tx, desk: Desk, asking: _Asking) -> propose.Proposed | None:
    """The answer; None where it has not begun, so that it can be withdrawn."""
    change, w = changes.find(tx, asking.typed, lock=True), words.of(asking.language)
    if change.plan.lever is not Lever.RETRAIN:
        said = words.fill(w.training.no_run, change=change.id)
        return _refused(tx, desk, asking, change, Verdict.NOT_POSSIBLE, said)
    person = desk.person(tx, asking.by)
    verdict = _may(tx, desk, change, person, asking.at)
    if verdict is not Verdict.GO:
        return _refused(tx, desk, asking, change, verdict)
    training = trainings.find(tx, change.id)
    if change.step in _NOT_BEGUN:
        return None
    if not change.open or training is None or training.phase is Phase.ENDED:
        step = words.step(w, change.plan.lever.value, change.step.value)
        said = words.fill(w.answer.decided, change=change.id, step=step)
        return _refused(tx, desk, asking, change, Verdict.DECIDED, said)
    if training.phase is Phase.JUDGING:
        said = words.fill(w.training.over_already, change=change.id)
        return _refused(tx, desk, asking, change, Verdict.DECIDED, said)
    if training.called_off:
        who = training.called_off.removeprefix("person:")
        said = words.fill(w.training.off_already, change=change.id, who=who)
        return propose.Proposed(Verdict.ALREADY, said, change)
    _stop(tx, asking, change, replace(training, called_off=f"person:{person}", called_off_why=asking.why))
    return propose.Proposed(Verdict.GO, words.fill(w.training.off, change=change.id), change)


def _may(tx: Tx, desk: Desk, change: Change, person: str | None, at: datetime) -> Verdict:
    """Who may propose it may stop it, and so may those whose it is."""
    if person is None or person == change.requested_by:
        return Verdict.GO if person else Verdict.STRANGER
    model, roster = desk.settings.estate.find(change.plan.model), desk.roster(tx, at)
    if model is None:
        return Verdict.GO if person in desk.settings.people.admins else Verdict.GONE
    rules = approvers.rules(tx, desk, model, change.incident, at, change.plan.lever)
    return agreement.may_propose(person, approvers.entitled(tx, desk, roster, model, rules))


def _stop(tx: Tx, asking: _Asking, change: Change, training: Training) -> None:
    """It is written down, shown, and the trainer is told by the next look at the run."""
    trainings.save(tx, training)
    after = {"run": training.run, "incident": change.incident, "via": asking.via, "as": asking.by}
    was = {"step": change.step.value}
    actor = training.called_off
    entry = Entry(change.entity, CALLED_OFF, asking.at, actor, change.id, asking.why, was, after)
    tx.note(entry)
    train_course.note(tx, change, entry)
    course.redraw(tx, change)
    jobs.put(tx, propose.apply_job(change, tx.now))


def _refused(tx: Tx, desk: Desk, asking: _Asking, change: Change, verdict: Verdict, said: str = "") -> propose.Proposed:
    """Put down that somebody tried, and why it was not to be."""
    person = desk.person(tx, asking.by)
    actor = f"person:{person}" if person else asking.by
    after = {"verb": VERB, "verdict": verdict.name, "wanted": asking.why, "via": asking.via, "as": asking.by}
    chain = change.entity or windows.CHAIN
    tx.note(Entry(chain, "change.refused", asking.at, actor, change.id, said or verdict.sentence, after=after))
    say = words.of(asking.language).answer
    return propose.Proposed(verdict, said or say.verdicts.get(verdict.name, verdict.sentence), change)
