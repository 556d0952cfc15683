"""Make a trial that was asked for: the evaluator gives the rows, they are scored beside the loop, the result is kept.

Reading may be repeated, so a crash costs no more than the time; one that never comes to an end is given up.
"""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot import words
from bot.contract.evaluator import Asked, Scored
from bot.engine import approvers, fitness, judge, trial_choice, trial_terms, work
from bot.engine import trial as asking
from bot.engine.desk import Desk, Lab
from bot.errors import BadInput, NotDelivered, NotFound, PluginFault, PluginOpen, Refused, TocsinError
from bot.model.estate import Model
from bot.model.job import Job
from bot.model.seal import canonical
from bot.model.trial import Check, Scorecard, Slice, Stage, Terms, Trial, move
from bot.rules import written
from bot.store import Tx, changes, jobs, trainings, trials
from bot.words.trial import Trial as Words

MOST = 1_000_000  #: rows; more are refused
TRIES = 5  #: then it counts as never ending
AGAIN = timedelta(minutes=1)  #: until an evaluator that could not be reached is asked again
TURN = timedelta(seconds=10)  #: until it is looked whether the trial before this one has ended
GIVEN = "rows given"  #: where they come from, as a Check calls it
WHY, VALUE = 300, 100  #: characters of a sentence and of a name from outside


_Gate = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class _Given:
    """What the evaluator gave, scored."""

    card: Scorecard
    whole: bool
    how: str


class Trials:
    """The handler of the jobs `trial`; in each process one is made at a time, since each takes much memory."""

    def __init__(self, desk: Desk) -> None:
        """`desk.labs` are the evaluators."""
        self._desk = desk
        self._busy = False

    async def run(self, job: Job) -> work.Outcome:
        """Make it, unless that was done already; what is wrong with the evaluator is how it ends."""
        trial_id = str(job.payload["trial"])
        trial = await self._desk.store.read(lambda tx: trials.get(tx, trial_id))
        if trial.stage is not Stage.ASKED:
            return work.Done()
        if job.attempts > TRIES:
            return self._failed(trial, words.fill(self._say.tried, count=TRIES))
        if self._busy:
            return work.Later(self._desk.clock.now() + TURN, "another trial is being made", tried=False)
        self._busy = True
        try:
            return await self._make(trial, job)
        finally:
            self._busy = False

    @property
    def _say(self) -> Words:
        """The words for what many read."""
        return words.of(self._desk.settings.slack.language).trial

    async def _make(self, trial: Trial, job: Job) -> work.Outcome:
        terms = trial_terms.read(trial.terms)
        model = self._desk.settings.estate.models.get(trial.model)
        if model is None or model.trial is None:
            return self._failed(trial, words.fill(self._say.gone, model=trial.model))
        connection = trial_choice.lab_of(model, terms) or ""
        lab = self._desk.labs.get(connection)
        if lab is None:
            return self._failed(trial, words.fill(self._say.no_lab, connection=connection))
        wanted = await self._desk.store.read(lambda tx: _gate(tx, self._desk, model, trial))
        try:
            beside = await self._beside(model, trial, wanted)
            given = await _given(lab, model, trial, terms, (wanted, beside))
        except BadInput as lie:
            return self._failed(trial, words.fill(self._say.lied, connection=connection, why=lie))
        except (NotFound, Refused, PluginFault, NotDelivered) as error:
            if _passes(error) and job.attempts < TRIES:
                return work.Later(self._desk.clock.now() + AGAIN, str(error))
            return self._failed(trial, words.fill(self._say.failed, why=error))
        return work.Done(lambda tx: _done(tx, trial.id, given))

    async def _beside(self, model: Model, trial: Trial, wanted: _Gate) -> fitness.Known:
        """What the gate may want that no comparison tells."""
        if wanted is None or trial.challenger is None:
            return fitness.Known()
        change = trial.change
        made = await self._desk.store.read(lambda tx: trainings.find(tx, change)) if change else None
        return await fitness.shown(self._desk, model, trial.challenger, wanted, made.metrics if made else {})

    def _failed(self, trial: Trial, why: str) -> work.Done:
        outcome = written.line(why, WHY)
        return work.Done(lambda tx: _end(tx, trial.id, Stage.FAILED, outcome, None, {}))


def _gate(tx: Tx, desk: Desk, model: Model, trial: Trial) -> _Gate:
    """What was agreed to of the retrain it judges, else what the runbook in force wants of a version before it serves.

    None where that says nothing.
    """
    if trial.change:
        agreed = changes.get(tx, trial.change).plan.parameters.get("gate")
        return agreed if isinstance(agreed, Mapping) else None
    book = approvers.rules(tx, desk, model, trial.incident, tx.now).runbook
    gates = {one.name: one.options.get("gate") for one in book.actions} if book else {}
    found = gates.get("promote") or gates.get("retrain")
    return found if isinstance(found, Mapping) else None


async def _given(lab: Lab, model: Model, trial: Trial, terms: Terms, wanted: tuple[_Gate, fitness.Known]) -> _Given:
    """The rows, asked for once, and scored in the guard's own thread: they are the plugin's, and may be anything."""
    columns = tuple(dict.fromkeys((*terms.slices, *terms.fairness)))
    versions = (trial.champion,) if trial.challenger is None else (trial.champion, trial.challenger)
    asked = Asked(versions, trial.since, trial.until, columns, MOST)
    scored = await lab.guard.call("scored", lambda: lab.evaluator.scored(model.ref, asked))
    return await lab.guard.run("rows", _card, scored, trial, terms, wanted)


def _card(scored: Scored, trial: Trial, terms: Terms, asks: tuple[_Gate, fitness.Known]) -> _Given:
    """BadInput where it is not what an evaluator promises."""
    from bot.rules import gate as gates  # both load numpy, which a bot that tries nothing need not pay for
    from bot.rules import scoring

    if not isinstance(scored, Scored):
        raise BadInput(f"It is a {type(scored).__name__}, and no Scored.")
    if len(scored.at) > MOST:
        raise BadInput(f"{len(scored.at)} rows, where at most {MOST} were asked for.")
    wanted = scoring.Wanted(
        champion=trial.champion,
        since=trial.since,
        until=trial.until,
        challenger=trial.challenger,
        excluded=trial.excluded,
        seed=zlib.crc32(trial.id.encode()),  # the same trial shows the same figures
    )
    card = scoring.card(scoring.Rows(scored.at, scored.truth, scored.said, scored.columns), wanted, terms)
    gate, beside = asks
    if gate is not None and trial.challenger is not None:
        card = replace(card, gate=gates.judge(card, gates.of(gate), beside.measured, beside.columns).told)
    given = _Given(card, bool(scored.whole), written.line(str(scored.how), WHY))
    return replace(given, card=_kept(given))


def _kept(given: _Given) -> Scorecard:
    """The same, with the names that came from outside made fit to be kept, and where its rows come from."""
    card, how = given.card, given.how.rstrip(".") or "The evaluator says nothing of it"
    why = f"{how}." if given.whole else f"{how}. Of these a sample was taken."
    checks = (Check(GIVEN, True, why), *card.checks)  # a fair sample is no fault of the data
    kept = replace(card, why=written.line(card.why, WHY), checks=checks)
    return replace(kept, slices=_lines(card.slices), fairness=_lines(card.fairness))


def _lines(found: tuple[Slice, ...]) -> tuple[Slice, ...]:
    return tuple(replace(one, value=written.line(one.value, VALUE)) for one in found)


def _passes(error: TocsinError) -> bool:
    """Whether it is worth asking again: whoever was not reached may be, whoever was silent for so long will not."""
    return error.retry and isinstance(error, NotDelivered | PluginOpen)


def _done(tx: Tx, trial_id: str, given: _Given) -> None:
    card = given.card
    said: dict[str, Any] = {name: value for name, value in card.spelled().items() if name not in ("slices", "fairness")}
    digest = hashlib.sha256(canonical(card.spelled())).hexdigest()  # of all of it, which stands in its row
    after = {**said, "digest": digest, "whole": given.whole, "how": given.how}
    _end(tx, trial_id, Stage.DONE, card.why, card, after)


def _end(tx: Tx, trial_id: str, to: Stage, outcome: str, card: Scorecard | None, after: dict[str, Any]) -> None:
    """Once: a trial that has ended meanwhile is left as it is."""
    before = trials.get(tx, trial_id, lock=True)
    if before.stage is not Stage.ASKED:
        return
    trial = move(before, to, tx.now, outcome=outcome, scorecard=card)
    trials.save(tx, before, trial)
    asking.note(tx, trial, to.value, "tocsin", outcome, {"model": trial.model, **after})
    if trial.change:  # which waits for it
        jobs.put(tx, judge.job(trial.change, tx.now))
