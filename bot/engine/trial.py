"""Ask for versions of a model to be compared on the same data, to be made soon; every refusal is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot import documents, words
from bot.engine import approvers, contaminated, escalate, estate_report, trial_choice, trial_terms, windows
from bot.engine.desk import Desk
from bot.engine.trial_choice import Chosen, Wish
from bot.errors import BadInput, NotDelivered, NotFound, PluginFault, Refused, TocsinError
from bot.model.entry import Entry
from bot.model.estate import Model
from bot.model.incident import Incident
from bot.model.job import Lane, NewJob
from bot.model.trial import Stage, Terms, Trial
from bot.model.verdict import Verdict
from bot.rules import agreement, written
from bot.rules.agreement import AUTOMATION
from bot.store import Tx, changes, incidents, jobs, seen, trials

__all__ = ["Answer", "Wish", "ask", "note", "told_job"]

KIND, TOLD = "trial", "trial-told"  #: the jobs that make a trial, and that show it
RUNBOOK, SCHEDULE = "runbook:", "schedule"  #: whoever asks when no person does
PAUSE = timedelta(hours=1)  #: between two trials of a model that runbooks ask for
LONGEST, NAME = 3_000, 80  #: characters of a reason and of a name
#: What may be wrong with a wish or the platform it is about; a database that is down is nobody's refusal.
_WRONG = (NotFound, Refused, BadInput, PluginFault, NotDelivered)


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, its sentence, and the trial that was asked for now or before; None where there is none."""

    verdict: Verdict
    sentence: str
    trial: Trial | None = None
    again: bool = False  #: whether the same wish may be granted in a while


@dataclass(frozen=True)
class _Asking:
    """Who asks through which door."""

    by: str
    at: datetime
    via: str

    @property
    def machine(self) -> bool:
        """Nobody asks: a runbook does, the clock, or Tocsin itself."""
        return self.by in (SCHEDULE, AUTOMATION) or self.by.startswith(RUNBOOK)

    def person(self, tx: Tx, desk: Desk) -> str | None:
        """The person behind the account; a machine speaks for itself."""
        return AUTOMATION if self.machine else desk.person(tx, self.by)

    def pause(self, terms: Terms) -> timedelta | None:
        """How long the next wish of this kind has to wait; None: no time."""
        if self.by == SCHEDULE:
            return (terms.every or PAUSE) / 2
        return PAUSE if self.by.startswith(RUNBOOK) else None


async def ask(desk: Desk, wish: Wish, by: str, at: datetime, via: str) -> Answer:
    """Put a trial down, to be made soon; one of the same versions that has not ended is the answer in its place.

    `by` is slack:USERID or person:NAME, runbook:NAME, schedule, or tocsin. Never raises for what is wrong with the wish
    or the platform: the verdict is not GO then, its sentence says why, and an entry tells of it.
    """
    asking = _Asking(by, at, via)
    wish = replace(wish, why=written.text(wish.why, LONGEST))
    try:
        if early := await desk.store.write(lambda tx: _early(tx, desk, wish, asking)):
            return early
        asked = await trial_choice.choose(desk, wish, at)
        return await desk.store.write(lambda tx: _ask(tx, desk, wish, asked, asking))
    except _WRONG as error:
        wrong: TocsinError = error
    return await desk.store.write(lambda tx: _refused(tx, desk, wish, asking, (Verdict.NOT_POSSIBLE, wrong)))


def told_job(trial: Trial, due: datetime) -> NewJob:
    """The wish that whatever shows the trial shows it as it is."""
    return NewJob(f"{KIND}/{trial.id}", TOLD, Lane.CARD, due, {"trial": trial.id})


def note(tx: Tx, trial: Trial, what: str, actor: str, why: str, after: Mapping[str, Any]) -> None:
    """Write `trial.WHAT` down, in the timeline of its incident too, and have both drawn anew."""
    said = {**after, "incident": trial.incident}
    kind = f"trial.{what}"
    tx.note(Entry(trial.entity, kind, tx.now, actor, trial.id, why, after=said))
    if incident := _incident(tx, trial.incident):
        own = {"trial": trial.id, "champion": trial.champion, "challenger": trial.challenger, **after}
        tx.note(Entry(incident.entity, kind, tx.now, actor, incident.id, why, after=own))
        escalate.redraw(tx, incident, tx.now)
    jobs.put(tx, told_job(trial, tx.now))


def _early(tx: Tx, desk: Desk, wish: Wish, asking: _Asking) -> Answer | None:
    """What can be refused before the platform is asked anything."""
    model = estate_report.find(desk, wish.model)
    rules = approvers.rules(tx, desk, model, wish.incident, asking.at)
    entitled = approvers.entitled(tx, desk, desk.roster(tx, asking.at), model, rules)
    verdict = agreement.may_propose(asking.person(tx, desk), entitled)
    if verdict is not Verdict.GO:
        return _refused(tx, desk, wish, asking, (verdict, None))
    terms = trial_choice.terms(desk, model, wish)
    pause = asking.pause(terms)
    return _too_soon(wish, model, pause) if pause and seen.known(tx, _key(model, asking)) else None


def _ask(tx: Tx, desk: Desk, wish: Wish, asked: Chosen, asking: _Asking) -> Answer:
    """Everything is asked again: people, policy and other trials may have moved while the platform was read."""
    if early := _early(tx, desk, wish, asking) or _standing(tx, wish, asked):
        return early
    pause = asking.pause(asked.terms)
    if pause and not seen.first(tx, _key(asked.model, asking), asking.at + pause):
        return _too_soon(wish, asked.model, pause)
    id_ = trials.next_id(tx)  # others who ask wait for this counter, and then see what was asked for before them
    if standing := _standing(tx, wish, asked):
        return standing
    trial = _trial(tx, desk, wish, asked, asking, id_)
    trials.add(tx, trial)
    note(tx, trial, "asked", _actor(tx, desk, asking), trial.why, _told(trial, asking))
    jobs.put(tx, NewJob(f"{KIND}-made/{id_}", KIND, Lane.DIGEST, tx.now, {"trial": id_}))
    say, window = words.of(wish.language).trial, documents.written(asked.terms.window)
    named = {"model": trial.model, "champion": trial.champion, "challenger": trial.challenger}
    sentence = words.fill(say.asked if trial.challenger else say.asked_alone, trial=id_, window=window, **named)
    return Answer(Verdict.GO, sentence, trial)


def _trial(tx: Tx, desk: Desk, wish: Wish, asked: Chosen, asking: _Asking, id_: str) -> Trial:
    model, at = asked.model, asking.at
    incident = _incident(tx, wish.incident)
    return Trial(
        id=id_,
        model=model.name,
        entity=model.entity,
        champion=asked.champion,
        challenger=asked.challenger,
        since=asked.since,
        until=at,
        excluded=contaminated.spans(tx, desk, model, asked.since, at),
        terms=trial_terms.spelled(asked.terms),
        stage=Stage.ASKED,
        asked_by=asking.by if asking.machine else f"person:{asking.person(tx, desk)}",
        asked_at=at,
        changed_at=at,
        why=wish.why,
        incident=incident.id if incident else None,
        change=changes.find(tx, wish.change).id if wish.change else None,
    )


def _told(trial: Trial, asking: _Asking) -> dict[str, Any]:
    """What its entry keeps."""
    return {
        "model": trial.model,
        "champion": trial.champion,
        "challenger": trial.challenger,
        "since": trial.since.isoformat(),
        "until": trial.until.isoformat(),
        "excluded": [[start.isoformat(), end.isoformat()] for start, end in trial.excluded],
        "terms": dict(trial.terms),
        "asked_by": trial.asked_by,
        "change": trial.change,
        "via": asking.via,
        "as": asking.by,
    }


def _standing(tx: Tx, wish: Wish, asked: Chosen) -> Answer | None:
    """One of the same versions that was asked for and has not ended."""
    found: Iterable[Trial] = trials.listing(tx, model=asked.model.name, stage=Stage.ASKED)
    same = (one for one in found if (one.champion, one.challenger) == (asked.champion, asked.challenger))
    if (before := next(same, None)) is None:
        return None
    said = words.of(wish.language).trial.asked_already
    return Answer(Verdict.ALREADY, words.fill(said, trial=before.id, model=before.model), before)


def _too_soon(wish: Wish, model: Model, pause: timedelta) -> Answer:
    said = words.of(wish.language).trial.too_soon
    return Answer(Verdict.ALREADY, words.fill(said, model=model.name, span=documents.written(pause)))


def _key(model: Model, asking: _Asking) -> str:
    """Under which runbooks, and the clock, are remembered to have asked for a model."""
    return f"{KIND}/{asking.by.partition(':')[0]}/{model.name}"


def _actor(tx: Tx, desk: Desk, asking: _Asking) -> str:
    person = asking.person(tx, desk)
    if person == AUTOMATION:
        return AUTOMATION
    return f"person:{person}" if person else asking.by


def _incident(tx: Tx, typed: str | None) -> Incident | None:
    """As the incident is called, however it was typed. NotFound."""
    return incidents.find(tx, typed) if typed else None


def _refused(tx: Tx, desk: Desk, wish: Wish, asking: _Asking, why: tuple[Verdict, TocsinError | None]) -> Answer:
    """Put down that somebody tried, and why it was not to be; without an error of its own, the verdict's."""
    verdict, wrong = why
    model = _model(desk, wish)
    names = {"champion": wish.champion, "challenger": wish.challenger, "incident": wish.incident}
    after = {name: written.line(said, NAME) if said else None for name, said in names.items()}
    after |= {"verdict": verdict.name, "wanted": wish.why, "via": asking.via, "as": asking.by}
    chain = model.entity if model else windows.CHAIN
    subject = model.name if model else written.line(wish.model, NAME) or KIND
    reason = str(wrong) if wrong else verdict.sentence
    tx.note(Entry(chain, "trial.refused", asking.at, _actor(tx, desk, asking), subject, reason, after=after))
    said = str(wrong) if wrong else words.of(wish.language).answer.verdicts.get(verdict.name, verdict.sentence)
    return Answer(verdict, said, again=wrong is not None and (wrong.retry or isinstance(wrong, PluginFault)))


def _model(desk: Desk, wish: Wish) -> Model | None:
    try:
        return estate_report.find(desk, wish.model)
    except NotFound:
        return None
