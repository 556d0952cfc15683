"""Retrains that the clock proposes, each model at its own minute of a morning, as the estate asks for them."""

from datetime import datetime, timedelta

from bot import documents, words
from bot.engine import retrain_report, retrain_turn, retrain_unasked, work
from bot.engine.desk import Desk
from bot.engine.propose import Wish
from bot.model.change import Lever
from bot.model.job import Job, Lane, NewJob
from bot.store import Tx, jobs

KIND, VIA = "retrain-due", "schedule"
MISSED = timedelta(days=1)  #: one that fell due while nothing ran is made up for within this


def recur(tx: Tx, desk: Desk, now: datetime) -> None:
    """Ask for those that are due at `now`, under (model, fire time), which any number of replicas do once."""
    for model in desk.settings.estate.models.values():
        due = retrain_turn.last(model, retrain_report.zone(desk, model.entity), now)
        if due and now - due < MISSED:  # an older one was made, and its job is forgotten by now
            key, said = f"{KIND}/{model.name}/{due.isoformat()}", {"model": model.name, "since": due.isoformat()}
            jobs.put_once(tx, NewJob(key, KIND, Lane.DIGEST, due, said))


class Schedule:
    """The handler of those wishes."""

    def __init__(self, desk: Desk) -> None:
        """The estate is read when a job runs."""
        self._desk = desk

    async def ring(self, job: Job) -> work.Outcome:
        """Propose one, if that is still done by itself; what passes is waited for a few times first."""
        desk = self._desk
        model = desk.settings.estate.models.get(str(job.payload["model"]))
        if model is None or model.retrain is None or model.retrain.every is None:
            return work.Done()
        language = desk.settings.slack.language
        why = words.fill(words.of(language).by_itself.by_schedule, every=documents.written(model.retrain.every))
        wish = Wish(Lever.RETRAIN, model.name, why=why, language=language, by_itself=True)
        since = datetime.fromisoformat(str(job.payload["since"]))
        return await retrain_unasked.once(desk, job, retrain_unasked.Asking(wish, VIA, since))
