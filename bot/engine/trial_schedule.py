"""Trials that are made by themselves, each at its own hour of the night, as the estate asks for them."""

import zlib
from datetime import UTC, datetime, timedelta

from bot import documents, words
from bot.engine import trial, trial_trigger, work
from bot.engine.desk import Desk
from bot.model.job import Job, Lane, NewJob
from bot.store import Tx, jobs

KIND = "trial-due"
NIGHT = datetime(2000, 1, 3, 1, tzinfo=UTC)  #: a Monday; what is made once a week is made on that night
LASTS = timedelta(hours=4)  #: over so long they are spread
MISSED = timedelta(days=1)  #: one that fell due while nothing ran is made up for within this


def recur(tx: Tx, desk: Desk, now: datetime) -> None:
    """Ask for those that are due at `now`, under (model, fire time), which any number of replicas do once."""
    for model in desk.settings.estate.models.values():
        if model.trial and model.trial.every:
            due = turn(model.name, model.trial.every, now)
            if now - due < MISSED:  # an older one was made, and its job is forgotten by now
                key = f"{KIND}/{model.name}/{due.isoformat()}"
                jobs.put_once(tx, NewJob(key, KIND, Lane.DIGEST, due, {"model": model.name}))


def turn(model: str, every: timedelta, by: datetime) -> datetime:
    """The last moment up to `by` at which it was this model's turn; names spread them, each stays where it is."""
    spread = int(min(every, LASTS).total_seconds())
    first = NIGHT + timedelta(seconds=zlib.crc32(model.encode()) % max(1, spread))
    return by - (by - first) % every


class Schedule:
    """The handler of those wishes."""

    def __init__(self, desk: Desk) -> None:
        """The estate is read when a job runs."""
        self._desk = desk

    async def ring(self, job: Job) -> work.Outcome:
        """Ask for one, if it is still made by itself; a platform that does not answer is asked again first."""
        desk, name = self._desk, str(job.payload["model"])
        model = desk.settings.estate.models.get(name)
        if model is None or model.trial is None or model.trial.every is None:
            return work.Done()
        language = desk.settings.slack.language
        why = words.fill(words.of(language).trial.by_schedule, every=documents.written(model.trial.every))
        wish, now = trial.Wish(name, why=why, language=language), desk.clock.now()
        return trial_trigger.settled(job, await trial.ask(desk, wish, trial.SCHEDULE, now, "schedule"), now)
