"""A runbook that lets a model be evaluated without consent asks for it by itself when an incident opens."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from bot import words
from bot.engine import trial, work
from bot.engine.desk import Desk
from bot.model.alert import Kind
from bot.model.incident import Incident
from bot.model.job import Job, Lane, NewJob
from bot.model.verdict import Verdict
from bot.store import incidents

KIND = "trial-wanted"
KINDS: Final = (Kind.DRIFT, Kind.PERFORMANCE)  #: of incidents that another version may be the cure of
ACTION = "evaluate"
AGAIN = timedelta(minutes=2)  #: until a platform that did not answer is asked again
TRIES = 3


def wanted(desk: Desk, opened: Iterable[Incident], due: datetime) -> Iterator[NewJob]:
    """One wish for each incident whose runbook has its model evaluated by itself."""
    for incident in opened:
        if incident.open and incident.kind in KINDS and offered(desk, incident):
            yield NewJob(f"{KIND}/{incident.id}", KIND, Lane.DIGEST, due, {"incident": incident.id})


def offered(desk: Desk, incident: Incident) -> bool:
    """Whether its model can be tried, and its runbook lets that be done without asking anybody."""
    model, book = desk.settings.estate.find(incident.model), desk.runbooks.get(incident.runbook)
    if model is None or model.trial is None or book is None:
        return False
    return any(action.name == ACTION and action.approval == "none" for action in book.actions)


class Triggers:
    """The handler of those wishes."""

    def __init__(self, desk: Desk) -> None:
        """The runbook is read again when the wish is granted."""
        self._desk = desk

    async def ring(self, job: Job) -> work.Outcome:
        """Ask for the trial, if the incident is still open; once one that others asked for has ended.

        A platform that does not answer is asked again first.
        """
        desk, id_ = self._desk, str(job.payload["incident"])
        incident = await desk.store.read(lambda tx: incidents.get(tx, id_))
        if not incident.open or not incident.model or not offered(desk, incident):
            return work.Done()
        say = words.of(desk.settings.slack.language).trial
        why = words.fill(say.by_runbook, runbook=incident.runbook, incident=incident.id, kind=incident.kind)
        wish = trial.Wish(incident.model, incident=incident.id, why=why, language=desk.settings.slack.language)
        by, now = f"{trial.RUNBOOK}{incident.runbook}", desk.clock.now()
        answer = await trial.ask(desk, wish, by, now, "runbook")
        if answer.verdict is Verdict.ALREADY and answer.trial and answer.trial.incident != id_:
            return work.Later(now + AGAIN, answer.sentence, tried=False)  # that one's result comes somewhere else
        return settled(job, answer, now)


def settled(job: Job, answer: trial.Answer, now: datetime) -> work.Outcome:
    """The wish is granted or refused, or, where the platform did not answer, it is tried again a few times."""
    return work.Later(now + AGAIN, answer.sentence) if answer.again and job.attempts < TRIES else work.Done()
