"""Shows what came of a trial, once: in the thread of its incident, to whoever asked, or in its entity's channel."""

from dataclasses import dataclass
from datetime import timedelta

from bot import telemetry
from bot.engine import report, work
from bot.engine import trial as asking
from bot.engine.desk import Desk
from bot.errors import NotDelivered, NotFound
from bot.model.change import Lever
from bot.model.job import Job
from bot.model.people import Person
from bot.model.trial import Finding, Stage, Trial
from bot.slack import accounts, language, living, trial_card
from bot.slack.living import Living
from bot.slack.office import Office, Offices
from bot.store import Tx, moved, posts, trials, ways_back
from bot.store.posts import Post
from bot.words import Words

log = telemetry.logger("slack")

CARD_FIRST = timedelta(seconds=2)  # until the card is looked for again, in whose thread it belongs
PATIENCE = 4  # times that is done; then it is told without one
PAST = 200  # entries of the ledger of what served that are looked through


@dataclass(frozen=True)
class _Stand:
    """The trial, what may be done about it, and what stands of it."""

    trial: Trial
    lever: Lever | None
    card: Post | None  # of its incident
    told: bool
    retrains: bool = False  #: its model can be trained anew


class Trials:
    """The handler of the jobs `trial-told`."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """It is read when the job is done."""
        self._desk = desk
        self._offices = offices

    async def told(self, job: Job) -> work.Outcome:
        """Post it where it belongs; nothing before it has ended, nor twice, nor where no news is good news."""
        id_ = str(job.payload["trial"])
        try:
            stand = await self._desk.store.read(lambda tx: self._load(tx, id_))
        except NotFound as missing:
            return work.Dead(str(missing))
        trial = stand.trial
        if stand.told or trial.stage is Stage.ASKED or not news(trial):
            return work.Done()
        if trial.incident and stand.card is None and job.attempts <= PATIENCE:
            return work.Later(self._desk.clock.now() + CARD_FIRST, "the card goes first")
        office, wanted = await self._place(stand)
        post = await living.keep(office, job, wanted, None)
        return work.Done(None if post is None else lambda tx: posts.save(tx, post))

    def _load(self, tx: Tx, trial_id: str) -> _Stand:
        trial = trials.get(tx, trial_id)
        card = posts.get(tx, f"card/{trial.incident}") if trial.incident else None
        told, retrains = posts.get(tx, _key(trial)) is not None, anew(self._desk, trial)
        return _Stand(trial, lever(tx, self._desk, trial), card, told, retrains)

    async def _place(self, stand: _Stand) -> tuple[Office, Living]:
        """The thread of its incident, else the direct messages of whoever asked, else the channel of its entity."""
        trial, card = stand.trial, stand.card
        office = self._offices.entity(trial.entity)
        if card is not None:
            return office, self._living(stand, language.channels(self._desk), card.channel, thread=card.ts)
        if person := self._asker(trial):
            try:
                its = self._offices.person(person.name)
                direct = await its.directory.direct(await accounts.of(self._desk, self._offices, person))
            except NotDelivered as nobody:
                if nobody.retry:
                    raise
                log.info("slack.asker_unknown", trial=trial.id, reason=str(nobody), do="The channel is told.")
            else:
                return its, self._living(stand, language.person(self._desk, person.name), direct)
        entity, everywhere = self._desk.settings.estate.entities.get(trial.entity), self._desk.settings.slack.channel
        channels = dict.fromkeys(((entity.channel if entity else None) or everywhere, everywhere))
        return office, self._living(stand, language.channels(self._desk), *channels)

    def _living(self, stand: _Stand, w: Words, *channels: str, thread: str = "") -> Living:
        message = trial_card.draw(stand.trial, w, stand.lever, retrains=stand.retrains)
        return Living(_key(stand.trial), message, channels, stand.trial.changed_at - living.BEFORE, thread)

    def _asker(self, trial: Trial) -> Person | None:
        kind, _, name = trial.asked_by.partition(":")
        return self._desk.settings.people.persons.get(name) if kind == "person" else None


def news(trial: Trial) -> bool:
    """Whether anybody wants to read it: of those nobody asked for, only what there is something to do about."""
    if trial.asked_by != asking.SCHEDULE or trial.stage is Stage.FAILED:
        return True
    return trial.scorecard is not None and trial.scorecard.finding is Finding.BETTER


def lever(tx: Tx, desk: Desk, trial: Trial) -> Lever | None:
    """What would bring the challenger into service: back to what served before, or on to what never did."""
    offered = report.levers(desk, trial.model)
    past = moved.listing(tx, trial.model, PAST) if trial.challenger else []
    back = ways_back.of(tx, trial.model)  # by the platform's own memory, too
    served = any(trial.challenger in one.serving.split for one in past) or (back and back.to == trial.challenger)
    wanted = (Lever.ROLLBACK, Lever.PROMOTE) if served else (Lever.PROMOTE,)
    return next((one for one in wanted if one in offered), None)


def anew(desk: Desk, trial: Trial) -> bool:
    """Whether its model may be trained anew, as far as the catalogue and its runbooks say."""
    model = desk.settings.estate.find(trial.model)
    return model is not None and model.retrain is not None and Lever.RETRAIN in report.levers(desk, trial.model)


def _key(trial: Trial) -> str:
    return f"trial/{trial.id}"
