"""An incident whose runbook has its model retrained: what is there already is tried first, a suspicion confirmed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import words
from bot.engine import retrain_trigger, retrain_unasked, trial_trigger, work
from bot.engine.desk import Desk
from bot.engine.propose import Wish
from bot.engine.retrain_unasked import Asking
from bot.model.change import Lever
from bot.model.estate import Model
from bot.model.incident import Incident
from bot.model.job import Job
from bot.model.trial import Finding, Stage, Trial
from bot.rules import written
from bot.rules.matching import Facts
from bot.store import Tx, alerts, incidents, trials
from bot.words.by_itself import ByItself as Words

VIA = "runbook"
PATIENCE = timedelta(hours=2)  #: from its opening on, for a trial to end and for a suspicion to be confirmed
LOOK = timedelta(minutes=1)  #: between two looks whether they have
COMING = timedelta(minutes=10)  #: a trial that is made by itself was asked for by then
RECENT = timedelta(hours=1)  #: one that was made so shortly before it opened tells of it as well
VERDICT, CONFIRMED = "drift.verdict", "confirmed"
SUSPECTED = frozenset({"suspected", "unconfirmed", "possible"})  #: how monitors say that they are not sure
LISTED, NAME = 20, 80  #: trials that are looked through, and characters of a version


@dataclass(frozen=True, slots=True)
class _Known:
    """What there is to know of an incident before a retrain is proposed because of it."""

    asked: bool  #: it was proposed before
    suspected: bool
    trials: tuple[Trial, ...]  #: that tell of it


class Triggers:
    """The handler of those wishes."""

    def __init__(self, desk: Desk) -> None:
        """The runbook is read again when the wish is granted."""
        self._desk = desk

    async def ring(self, job: Job) -> work.Outcome:
        """Propose it, if the incident is still open and no version that is there already does better."""
        desk, id_, now = self._desk, str(job.payload["incident"]), self._desk.clock.now()
        incident = await desk.store.read(lambda tx: incidents.get(tx, id_))
        model = retrain_trigger.offered(desk, incident)
        if not incident.open or model is None:
            return work.Done()
        asking = _asking(desk, model, incident)
        known = await desk.store.read(lambda tx: _known(tx, model, incident, asking))
        if known.asked:
            return work.Done()
        late = now - incident.opened_at >= PATIENCE
        if not late and (known.suspected or _awaited(desk, incident, known, now)):
            return work.Later(now + LOOK, "it is looked into first", tried=False)
        if (why := _why_not(_say(desk), model, known)) is None:
            return await retrain_unasked.once(desk, job, asking)
        better = _better(known)
        found = {"trial": better.id, "version": better.challenger} if better else {}
        said = {"via": VIA, "runbook": incident.runbook, **found}
        return work.Done(lambda tx: retrain_unasked.tell(tx, model, id_, why, said))


def _asking(desk: Desk, model: Model, incident: Incident) -> Asking:
    why = words.fill(_say(desk).by_runbook, runbook=incident.runbook, incident=incident.id, kind=incident.kind)
    language = desk.settings.slack.language
    wish = Wish(Lever.RETRAIN, model.name, incident=incident.id, why=why, language=language, by_itself=True)
    return Asking(wish, VIA, incident.opened_at)


def _known(tx: Tx, model: Model, incident: Incident, asking: Asking) -> _Known:
    told = [kept.alert for kept in alerts.of(tx, incident.id)]
    said = {str(Facts(alert, model).get(VERDICT) or "").strip().lower() for alert in told}
    since = incident.opened_at - RECENT
    every = trials.listing(tx, model=model.name, limit=LISTED)
    return _Known(
        asked=retrain_unasked.before(tx, asking),
        suspected=bool(said & SUSPECTED) and CONFIRMED not in said,
        trials=tuple(one for one in every if one.incident == incident.id or one.asked_at >= since),
    )


def _awaited(desk: Desk, incident: Incident, known: _Known, now: datetime) -> bool:
    """Whether a trial that tells of it is being made, or will be, because the same runbook has it made by itself."""
    if not trial_trigger.offered(desk, incident):
        return False
    if any(one.stage is Stage.ASKED for one in known.trials):
        return True
    return not known.trials and now - incident.opened_at < COMING


def _why_not(say: Words, model: Model, known: _Known) -> str | None:
    """Why none is proposed although nothing is in the way of it."""
    if known.suspected:
        return words.fill(say.only_suspected, model=model.name)
    if better := _better(known):
        version = written.line(better.challenger or "", NAME)
        return words.fill(say.there_already, trial=better.id, version=version, model=model.name)
    return None


def _better(known: _Known) -> Trial | None:
    """The trial whose challenger does better than what serves, while it has all that the gate wants."""
    done = ((one, one.scorecard) for one in known.trials if one.scorecard and one.challenger)
    better = (one for one, card in done if card.finding is Finding.BETTER and all(check.ok for check in card.gate))
    return next(better, None)


def _say(desk: Desk) -> Words:
    """In the language of the channels: many read it."""
    return words.of(desk.settings.slack.language).by_itself
