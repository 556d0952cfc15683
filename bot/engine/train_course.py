"""How a training goes on: its row, its change, its entries and what is drawn of it, each step in one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from bot import documents, words
from bot.contract.trainer import Going, Run
from bot.engine import aftermath, course, escalate, retrain_report, train_heard
from bot.engine.desk import Desk
from bot.model.change import Change, Step
from bot.model.entry import Entry
from bot.model.job import Lane, NewJob
from bot.model.retraining import Phase, Training
from bot.rules import written
from bot.store import Tx, changes, incidents, jobs, trainings
from bot.words.training import Training as Words

STARTED, ENDED = "training.started", "training.ended"
NOTHING: Mapping[str, Any] = {}
WHY = 300  #: characters of a reason from outside
_TOLD = ("run", "going", "stage", "share", "link", "log", "cost", "version", "metrics", "done")  # of it, in an entry

Then = Callable[[Tx], None]


def say(desk: Desk) -> Words:
    """The words for what many read."""
    return words.of(desk.settings.slack.language).training


def until(change: Change, training: Training) -> datetime:
    """When it has gone on for as long as its plan lets it."""
    return (training.asked_at or change.changed_at) + change.plan.verify_within


def note(tx: Tx, change: Change, entry: Entry) -> None:
    """Write an entry about the change down in the timeline of its incident too, and have that drawn anew."""
    found = incidents.by_ids(tx, [change.incident]).get(change.incident) if change.incident else None
    if found is None:
        return
    own = {"change": change.id, "model": change.plan.model}
    after = {name: value for name, value in entry.after.items() if name != "incident"}
    tx.note(replace(entry, chain=found.entity, subject=found.id, before={}, after={**own, **after}))
    escalate.redraw(tx, found, tx.now)


def taken(desk: Desk, change_id: str, run: Run) -> Then:
    """The trainer took it, or its run was found again: from now on it is followed."""

    def then(tx: Tx) -> None:
        before = changes.get(tx, change_id, lock=True)
        training = trainings.get(tx, change_id)
        if (
            before.step is Step.VERIFYING and training.phase is Phase.TRAINING
        ):  # its run had vanished, and was asked anew
            _going_on(tx, before, training, train_heard.kept(training, run, tx.now))
        elif before.step in (Step.APPLYING, Step.UNKNOWN):
            _followed(tx, desk, before, training, run)

    return then


def heard(change_id: str, run: Run) -> Then:
    """What is new of a run that goes on; where nothing is, nothing is drawn."""

    def then(tx: Tx) -> None:
        before = changes.get(tx, change_id, lock=True)
        training = trainings.get(tx, change_id)
        if before.open and training.phase is Phase.TRAINING:
            _going_on(tx, before, training, train_heard.kept(training, run, tx.now))

    return then


def finished(desk: Desk, change_id: str, run: Run) -> Then:
    """The run is over: what it made is judged, or it failed and its requester hears why."""

    def then(tx: Tx) -> None:
        before = changes.get(tx, change_id, lock=True)
        training = trainings.get(tx, change_id)
        if not before.open or training.phase is not Phase.TRAINING:
            return
        after = train_heard.kept(training, run, tx.now)
        if not after.done or training.called_off:
            _fail(tx, desk, before, after, _outcome(desk, before, after))
            return
        if before.step is Step.UNKNOWN:
            before = _followed(tx, desk, before, training, run)
        judged = replace(after, phase=Phase.JUDGING)
        trainings.save(tx, judged)
        _tell_end(tx, before, judged, words.fill(say(desk).made, version=judged.version))
        course.redraw(tx, before)
        jobs.put(tx, NewJob(f"judge/{before.id}", "judge", Lane.STATE, tx.now, {"change": before.id}))

    return then


def failed(desk: Desk, change_id: str, why: str, *, began: bool = True) -> Then:
    """It came to nothing, by no word of its run; not `began`: nothing was ever started, so it cost nothing."""

    def then(tx: Tx) -> None:
        before = changes.get(tx, change_id, lock=True)
        training = trainings.get(tx, change_id)
        if not before.open or training.phase not in (Phase.STARTING, Phase.TRAINING):
            return
        cost = training.cost if began else 0.0
        said = _by_whom(desk, training) if training.called_off else ""
        _fail(tx, desk, before, replace(training, cost=cost, ended_at=tx.now), f"{said} {why}".strip())

    return then


def unknown(desk: Desk, change_id: str, why: str) -> Then:
    """Nobody can say whether a run goes on: those who asked for it hear so, once."""

    def then(tx: Tx) -> None:
        before = changes.get(tx, change_id, lock=True)
        if before.step not in (Step.APPLYING, Step.VERIFYING):
            return
        after = course.end(tx, before, Step.UNKNOWN, why)
        aftermath.whisper(tx, desk, after, why)

    return then


def _followed(tx: Tx, desk: Desk, before: Change, training: Training, run: Run) -> Change:
    after = replace(train_heard.kept(training, run, tx.now), phase=Phase.TRAINING)
    trainings.save(tx, after)
    template = say(desk).found if before.step is Step.UNKNOWN else say(desk).begun
    said = {**_told(after), **{name: before.plan.parameters[name] for name in ("since", "until", "excluded")}}
    entry = course.entry(
        before, STARTED, tx.now, words.fill(template, run=run.id), {**said, "foreseen": after.foreseen}
    )
    note(tx, before, entry)
    return course.advance(tx, before, Step.VERIFYING, entry, deadline=until(before, after), outcome="")


def _going_on(tx: Tx, change: Change, before: Training, after: Training) -> None:
    going = replace(after, ended_at=None)
    trainings.save(tx, going)
    if train_heard.differs(before, going):
        course.redraw(tx, change)


def _fail(tx: Tx, desk: Desk, before: Change, training: Training, why: str) -> None:
    trainings.save(tx, replace(training, phase=Phase.ENDED))
    retrain_report.count(training)
    _tell_end(tx, before, training, why)
    after = course.end(tx, before, Step.FAILED, why)
    aftermath.whisper(tx, desk, after, why)  # what serves is as it was, so nobody is paged


def _tell_end(tx: Tx, change: Change, training: Training, why: str) -> None:
    times = {name: at.isoformat() for name in ("started_at", "ended_at") if (at := getattr(training, name))}
    entry = course.entry(change, ENDED, tx.now, why, {**_told(training), **times, "called_off": training.called_off})
    tx.note(entry)
    note(tx, change, entry)


def _told(training: Training) -> dict[str, Any]:
    said = asdict(training)
    return {name: said[name] for name in _TOLD}


def _outcome(desk: Desk, change: Change, training: Training) -> str:
    """Why a run that is over came to nothing."""
    w, going = say(desk), training.going
    if training.called_off:
        made = words.fill(w.made_before, version=training.version) if training.done else ""
        return f"{_by_whom(desk, training)} {made}".strip()
    if going == Going.DONE:
        return w.empty
    late = training.heard_at is not None and training.heard_at >= until(change, training)
    if going == Going.CANCELLED:
        longest = documents.written(change.plan.verify_within)
        return words.fill(w.too_long, longest=longest) if late else w.stopped_there
    how = words.fill(w.failed_at, stage=training.stage.rstrip(".")) if training.stage else w.failed
    last = training.log.rpartition("\n")[2]
    return f"{how} {words.fill(w.last_words, log=last)}" if last else how


def _by_whom(desk: Desk, training: Training) -> str:
    w, who = say(desk), training.called_off.removeprefix("person:")
    why = written.line(training.called_off_why, WHY)
    return words.fill(w.off_because, who=who, why=why) if why else words.fill(w.off_by, who=who)
