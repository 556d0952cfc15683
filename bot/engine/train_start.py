"""Tell the trainer, once; what is in doubt afterwards is asked, never guessed, and never told twice blindly."""

from datetime import datetime, timedelta

from bot import documents, words
from bot.contract.trainer import Order, Run
from bot.engine import apply, course, forbidden, retrain_plan, train_course, train_heard, work
from bot.engine.desk import Desk, Forge
from bot.errors import NotFound, PluginOpen, Refused, TocsinError
from bot.failpoint import failpoint
from bot.model.change import Change, Plan, Step
from bot.rules import written
from bot.store import Tx, changes, log, trainings

AGAIN = timedelta(seconds=2)  #: between two looks at what is in doubt
FIRST = timedelta(seconds=5)  #: until a run that began is looked at
PATIENCE = timedelta(minutes=10)  #: with a trainer that is to say what became of a run; then it counts as unknown
RARELY = timedelta(minutes=10)  #: between two looks at what is unknown


def forge(desk: Desk, change: Change) -> Forge:
    """What trains it; TocsinError where there is none that can be asked now."""
    if found := desk.forges.get(change.plan.connection):
        return found
    raise TocsinError(f"The connection {change.plan.connection} has no trainer here.", "See `tocsin doctor`.")


def why(error: TocsinError) -> str:
    """What went wrong, short enough for a sentence."""
    return written.line(str(error), train_course.WHY)


async def act(desk: Desk, change: Change, its: Forge, *, again: bool) -> work.Outcome:
    """The one call. What it raises is believed only where it says for certain that nothing was started."""
    plan = change.plan
    failpoint("before_train")
    try:
        run = await train_heard.asked(its, "start", lambda: its.trainer.start(plan.ref, order(plan), change.id))
    except (NotFound, Refused, PluginOpen) as error:
        if again:  # the first call may be what it stumbles over
            return await doubt(desk, change, why(error), fresh=False)
        said = words.fill(train_course.say(desk).untaken, why=why(error))
        return work.Done(train_course.failed(desk, change.id, said, began=False))
    except TocsinError as error:
        return await doubt(desk, change, why(error), fresh=not again)
    failpoint("after_train")
    return taken(desk, change, run)


async def doubt(desk: Desk, change: Change, what: str, *, fresh: bool) -> work.Outcome:
    """Ask what came of it. `fresh`: the call was ours, just now, and it is over."""
    if change.step is not Step.APPLYING:  # it is followed, and whoever follows it looks for its run
        return work.Later(desk.clock.now() + AGAIN, what, tried=False)
    try:
        its = forge(desk, change)
        found = await train_heard.find(its, change.plan.ref, change.id)
    except TocsinError as error:
        return _unasked(desk, change, f"{what} {why(error)}".strip())
    if found is not None:
        return taken(desk, change, found)
    over = desk.clock.now() >= await desk.store.read(lambda tx: told_at(tx, change)) + apply.settles(its.guard)
    may = (fresh and its.trainer.repeatable) or over
    if may and await repeat(desk, change, what):
        return await act(desk, change, its, again=True)
    if not over:
        return work.Later(desk.clock.now() + AGAIN, what, tried=False)
    said = words.fill(train_course.say(desk).never_began, why=what)
    return work.Done(train_course.failed(desk, change.id, said, began=False))


async def repeat(desk: Desk, change: Change, what: str) -> bool:
    """Whether the trainer may be told once more; that it was is written down before."""
    said = words.fill(train_course.say(desk).repeated, why=what)
    return await desk.store.write(lambda tx: _repeat(tx, desk, change.id, said))


def taken(desk: Desk, change: Change, run: Run) -> work.Later:
    """It is followed from now on."""
    due = desk.clock.now() + (timedelta(0) if run.over else FIRST)
    return work.Later(due, "it is trained", tried=False, then=train_course.taken(desk, change.id, run))


def order(plan: Plan) -> Order:
    """What shall be trained: exactly what was agreed to."""
    window = retrain_plan.window_of(plan)
    return Order(plan.model, window.since, window.until, window.excluded, plan.parameters["options"])


def told_at(tx: Tx, change: Change) -> datetime:
    """When the trainer was told last."""
    told = log.of_kinds(tx.sql, change.id, {apply.REPEATED})
    return max([trainings.get(tx, change.id).asked_at or change.changed_at, *(one.entry.at for one in told)])


def _unasked(desk: Desk, change: Change, what: str) -> work.Later:
    """It is in doubt, and the trainer does not say."""
    now = desk.clock.now()
    if now < change.changed_at + PATIENCE:
        return work.Later(now + AGAIN, what, tried=False)
    said = words.fill(train_course.say(desk).not_known, every=documents.written(RARELY), why=what)
    return work.Later(now + RARELY, what, tried=False, then=train_course.unknown(desk, change.id, said))


def _repeat(tx: Tx, desk: Desk, change_id: str, said: str) -> bool:
    now = changes.get(tx, change_id, lock=True)
    if now.step not in (Step.APPLYING, Step.VERIFYING) or trainings.get(tx, change_id).called_off:
        return False
    if log.of_kinds(tx.sql, change_id, {apply.REPEATED}):
        return False
    if forbidden.now(tx, desk, now.entity, now.incident, tx.now, now.plan.model):
        return False
    tx.note(course.entry(now, apply.REPEATED, tx.now, said))
    return True
