"""Train a model anew: begun once, followed until its run is over, stopped when somebody calls it off.

The counterpart of `apply` and `verify` for what a trainer does; whether what was made is fit is judged elsewhere.
"""

from bot.engine import train_begin, train_course, train_follow, train_off, train_start, work
from bot.engine.desk import Desk
from bot.model.change import Step
from bot.model.job import Job
from bot.model.retraining import Phase
from bot.store import changes, trainings

__all__ = ["KIND", "Trainings", "call_off"]

KIND = "train"
call_off = train_off.call_off


class Trainings:
    """The handler of these jobs."""

    def __init__(self, desk: Desk) -> None:
        """`desk.forges` are the trainers."""
        self._desk = desk

    async def follow(self, job: Job) -> work.Outcome:
        """Begin it, look into what is in doubt, or see how far it is: whatever its change says is next."""
        desk, id_ = self._desk, str(job.payload["change"])
        change, training = await desk.store.read(lambda tx: (changes.get(tx, id_), trainings.find(tx, id_)))
        if change.step is Step.APPROVED:
            return await train_begin.begin(desk, change, job)
        if training is None or training.phase not in (Phase.STARTING, Phase.TRAINING):
            return work.Done()
        match change.step:
            case Step.APPLYING:
                return await train_start.doubt(desk, change, train_course.say(desk).cut_off, fresh=False)
            case Step.VERIFYING:
                return await train_follow.follow(desk, change, training)
            case Step.UNKNOWN:
                return await train_follow.lost(desk, change, training)
            case _:
                return work.Done()
