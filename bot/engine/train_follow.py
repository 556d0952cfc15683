"""Follow a run until it is over: how far it is, whether it takes too long, and whether it shall be stopped."""

from datetime import datetime, timedelta

from bot import documents, words
from bot.contract.trainer import Going, Run
from bot.engine import apply, train_course, train_heard, train_start, work
from bot.engine.desk import Desk, Forge
from bot.errors import NotFound, TocsinError
from bot.failpoint import failpoint
from bot.model.change import Change
from bot.model.retraining import Training

QUICK, SLOW = timedelta(seconds=5), timedelta(seconds=30)  #: between two looks, at first and later
FRESH = timedelta(minutes=2)  #: so long is at first
GIVEN_UP = timedelta(days=1)  #: after it should have been over; then it keeps nobody from training the model anew
GONE = timedelta(minutes=2)  #: a run of which the trainer knows nothing may turn up again, so long


async def follow(desk: Desk, change: Change, training: Training) -> work.Outcome:
    """Look once, or stop it where it was called off or takes too long; what goes on is looked at again."""
    stops = shall_stop(change, training, desk.clock.now())
    try:
        its = train_start.forge(desk, change)
        try:
            run = await _asked(its, change, training, stops=stops)
        except NotFound:
            found = await train_heard.find(its, change.plan.ref, change.id)
            if found is None:
                return await _missing(desk, change, training, its)
            run = found
    except TocsinError as error:
        return _silent(desk, change, train_start.why(error))
    failpoint("after_poll")
    if run.over:
        return work.Done(train_course.finished(desk, change.id, run))
    then = train_course.heard(change.id, run)
    if stops:
        return _silent(desk, change, train_course.say(desk).goes_on, then)
    return _later(desk, change, "it goes on", then)


async def lost(desk: Desk, change: Change, training: Training) -> work.Outcome:
    """Look for a run of which nobody can say whether it goes on; one that is found is followed, or stopped."""
    now = desk.clock.now()
    stops = shall_stop(change, training, now)
    try:
        its = train_start.forge(desk, change)
        run = await train_heard.find(its, change.plan.ref, change.id)
        if run is not None and stops and not run.over:
            run = await _stopped(its, change, run.id)
    except TocsinError as error:
        return _nobody_says(desk, change, training, train_start.why(error))
    if run is None:
        began = training.run is not None
        w = train_course.say(desk)
        why = w.vanished if began else words.fill(w.never_began, why="").strip()
        return work.Done(train_course.failed(desk, change.id, why, began=began))
    if run.over and training.run is not None:
        return work.Done(train_course.finished(desk, change.id, run))
    if stops and not run.over:
        return _nobody_says(desk, change, training, train_course.say(desk).goes_on)
    return train_start.taken(desk, change, run)


def shall_stop(change: Change, training: Training, now: datetime) -> bool:
    """Whether somebody called it off, or it has gone on for too long."""
    return bool(training.called_off) or now >= train_course.until(change, training)


async def _asked(its: Forge, change: Change, training: Training, *, stops: bool) -> Run:
    part, ref, run = its.trainer, change.plan.ref, training.run or ""
    if not stops:
        return await train_heard.asked(its, "poll", lambda: part.poll(ref, run), run)
    try:
        return await _stopped(its, change, run)
    except NotFound:
        raise
    except TocsinError:
        found = await train_heard.asked(its, "poll", lambda: part.poll(ref, run), run)
        if found.over:  # it could not be stopped any more
            return found
        raise


async def _stopped(its: Forge, change: Change, run: str) -> Run:
    return await train_heard.asked(its, "cancel", lambda: its.trainer.cancel(change.plan.ref, run), run)


async def _missing(desk: Desk, change: Change, training: Training, its: Forge) -> work.Outcome:
    """The trainer knows nothing of it. One that only waited may never have begun, and is asked for once more."""
    now, w = desk.clock.now(), train_course.say(desk)
    told = await desk.store.read(lambda tx: train_start.told_at(tx, change))
    known = max(told, training.heard_at or told)
    if now < known + max(GONE, apply.settles(its.guard)):
        return work.Later(now + QUICK, w.vanished, tried=False)
    waited = training.going == Going.WAITING and not shall_stop(change, training, now)
    if waited and await train_start.repeat(desk, change, w.vanished):
        return await train_start.act(desk, change, its, again=True)
    return work.Done(train_course.failed(desk, change.id, w.vanished))


def _silent(desk: Desk, change: Change, why: str, then: train_course.Then | None = None) -> work.Outcome:
    """Nobody tells of it, or it does not stop: only when it should have ended long ago does that count as unknown."""
    now = desk.clock.now()
    if change.deadline is None or now < change.deadline + train_start.PATIENCE:
        return _later(desk, change, why, then)
    said = words.fill(train_course.say(desk).unstopped, every=documents.written(train_start.RARELY), why=why)
    return work.Later(now + train_start.RARELY, why, tried=False, then=train_course.unknown(desk, change.id, said))


def _nobody_says(desk: Desk, change: Change, training: Training, why: str) -> work.Outcome:
    """It is unknown, and stays so for the time being."""
    now = desk.clock.now()
    if now < train_course.until(change, training) + GIVEN_UP:
        return work.Later(now + train_start.RARELY, why, tried=False)
    said = words.fill(train_course.say(desk).given_up, span=documents.written(GIVEN_UP), why=why)
    return work.Done(train_course.failed(desk, change.id, said))


def _later(desk: Desk, change: Change, why: str, then: train_course.Then | None = None) -> work.Later:
    now = desk.clock.now()
    pace = QUICK if now < change.changed_at + FRESH else SLOW
    return work.Later(now + pace, why, tried=False, then=then)
