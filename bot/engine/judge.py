"""Judge the version that a retrain made: compared with what serves now, held against the gate that was agreed to.

Reading may be repeated, so a crash costs no more than the time; the verdict is written once, with all its numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot import documents, words
from bot.engine import (
    aftermath,
    course,
    drafting,
    fitness,
    promotion,
    retrain_plan,
    retrain_report,
    train_course,
    trial_terms,
    work,
)
from bot.engine import trial as trying
from bot.engine.desk import Desk
from bot.errors import BadInput, NotDelivered, NotFound, PluginFault, Refused
from bot.model.change import Change, Lever, Serving, Step
from bot.model.estate import Model
from bot.model.job import Job, Lane, NewJob
from bot.model.retraining import ENOUGH, Finding, Phase, Training
from bot.model.served import Version
from bot.model.trial import Stage, Trial
from bot.rules import learnt, written
from bot.rules.agreement import AUTOMATION
from bot.rules.target import Known
from bot.store import Tx, changes, jobs, trainings, trials
from bot.words.judged import Judged as Words

KIND = "judge"
JUDGED = "gate.judged"
PACE = timedelta(minutes=1)  #: between two looks at a trial; the end of one wakes us before
SETTLES = timedelta(minutes=5)  #: until a platform must list what its own run made
PATIENCE = timedelta(days=1)  #: for those who must be asked and are silent
SENTENCE, NAME, SHOWN = 300, 80, 3  #: characters of a sentence and of a name; reasons that are told


@dataclass(frozen=True, slots=True)
class _Case:
    """A run that has made a version."""

    change: Change
    training: Training
    version: str
    at: datetime

    @property
    def since(self) -> datetime:
        """Since when there has been something to judge."""
        return max(self.training.heard_at or self.change.changed_at, self.change.changed_at)


@dataclass(frozen=True, slots=True)
class _End:
    """The verdict, in a sentence or two, and everything it comes of."""

    passed: bool
    outcome: str
    findings: tuple[Finding, ...] = ()
    trial: str | None = None
    numbers: Mapping[str, Any] | None = None


class Judges:
    """The handler of these jobs."""

    def __init__(self, desk: Desk) -> None:
        """`desk.hosts` say what serves and what there is, `desk.shelves` which columns are served."""
        self._desk = desk

    async def ring(self, job: Job) -> work.Outcome:
        """Take the judgement one step further; one that has ended is left as it is."""
        id_ = str(job.payload["change"])
        case, trial = await self._desk.store.read(lambda tx: _case(tx, id_))
        if case is None:
            return work.Done()
        if trial is not None and trial.stage is Stage.ASKED:
            return work.Later(case.at + PACE, f"{trial.id} is being made", tried=False)
        model = self._desk.settings.estate.models.get(case.change.plan.model)
        if model is None:
            return self._unjudged(case, self._say.gone)
        host = self._desk.hosts.get(model.platform or "")
        if host is None:
            return self._unjudged(case, self._say.no_host)
        try:
            known = await drafting.look(host, model, Lever.PROMOTE)
            return await self._go_on(case, model, known)
        except (PluginFault, NotDelivered) as silent:
            return self._wait(case, str(silent))
        except (NotFound, Refused) as no:
            return self._unjudged(case, self._say.not_loaded, why=no)

    @property
    def _say(self) -> Words:
        """The words for what many read."""
        return words.of(self._desk.settings.slack.language).judged

    async def _go_on(self, case: _Case, model: Model, known: Known) -> work.Outcome:
        """The platform has answered: is the version there, has it been tried against what serves now, has it passed."""
        version, champion = fitness.listed(known.versions, case.version), _champion(known.before)
        if version is None or not version.usable:
            if case.at < case.since + SETTLES:
                return work.Later(case.at + SETTLES / 10, f"{case.version} is not there yet", tried=False)
            why = (version.why_not or "?") if version else self._say.not_listed
            return self._unjudged(case, self._say.not_loaded, why=why)
        if champion is None:
            return self._unjudged(case, self._say.nothing_serves)
        if champion == case.version:
            return self._unjudged(case, self._say.serves_already)
        trial = await self._desk.store.read(lambda tx: _own(tx, case, champion))
        if trial is None:
            return await self._ask(case, model, champion)
        if trial.stage is Stage.ASKED:
            return self._watching(case, trial)
        if trial.scorecard is None:
            return self._untried(case, champion, trial.outcome)
        return await self._judge(case, model, version, trial)

    async def _ask(self, case: _Case, model: Model, champion: str) -> work.Outcome:
        """Have both compared; a trial of theirs that somebody else asked for is let through first."""
        change = case.change
        named = {"version": _name(case.version), "champion": _name(champion), "change": change.id}
        wish = trying.Wish(
            model=model.name,
            challenger=case.version,
            champion=champion,
            incident=change.incident,
            window=_held_out(change, case.at),
            change=change.id,
            why=words.fill(self._say.why_tried, **named),
            language=self._desk.settings.slack.language,
        )
        answer = await trying.ask(self._desk, wish, AUTOMATION, case.at, "gate")
        if answer.trial is not None:
            return self._watching(case, answer.trial)
        return self._wait(case, answer.sentence) if answer.again else self._untried(case, champion, answer.sentence)

    async def _judge(self, case: _Case, model: Model, version: Version, trial: Trial) -> work.Outcome:
        from bot.rules import gate as gates  # it loads numpy, which a bot that trains nothing need not pay for

        card = trial.scorecard
        wanted = case.change.plan.parameters.get("gate") or {"metric": trial.terms["metric"]}
        known = await fitness.known(self._desk, model, version, wanted, case.training.metrics)
        try:
            gate = gates.of(wanted)
        except BadInput as wrong:
            return self._untried(case, trial.champion, words.fill(self._say.bad_gate, why=wrong))
        verdict = gates.judge(card, gate, known.measured, known.columns) if card else gates.Verdict(False, ())
        findings = tuple(Finding(_line(one.what), _line(one.wanted), _line(one.got), one.ok) for one in verdict.reasons)
        window = retrain_plan.window_of(case.change.plan)
        share = learnt.share(window, trial.since, trial.until - trial_terms.read(trial.terms).label_delay)
        numbers = {
            "champion": trial.champion,
            "planned": dict(case.change.plan.before.split),
            "gate": dict(wanted),
            "learnt": round(share, 3),
            **known.spelled(),
            **_scores(trial),
        }
        outcome = self._told(case, trial, findings, share)
        return self._ended(case, _End(verdict.passed, outcome, findings, trial.id, numbers))

    def _told(self, case: _Case, trial: Trial, findings: tuple[Finding, ...], share: float) -> str:
        """The verdict as people read it: what was wanted and found, what moved meanwhile, and the ways on."""
        say, champion = self._say, _name(trial.champion)
        named = {"version": _name(case.version), "champion": champion, "trial": trial.id}
        wrong = [one for one in findings if not one.ok]
        planned = _champion(case.change.plan.before)
        moved = {"change": case.change.id, "planned": _name(planned or "-")}
        found = told_of(wrong, say) if wrong else ""
        told = [words.fill(say.failed if wrong else say.passed, **named, found=found)]
        told += [words.fill(say.moved, **moved)] if planned != trial.champion else []
        if any(one.what == ENOUGH for one in wrong):
            told.append(words.fill(say.ways_scant, champion=champion))
        elif wrong:
            places = [place for one in wrong if (place := one.what.partition(" on ")[2])]
            where = words.fill(say.the_slice if places else say.the_slices, trial=trial.id, slice="".join(places[:1]))
            told.append(words.fill(say.ways, champion=champion, where=where))
        elif share > 0:
            told.append(words.fill(say.learnt, share=f"{share * 100:.0f}"))
        return " ".join(told)

    def _watching(self, case: _Case, trial: Trial) -> work.Outcome:
        """Put down which trial it is, where it is ours, and look again."""
        own = trial.id if trial.change == case.change.id else None
        then = (lambda tx: _tries(tx, case.change.id, own)) if own else None
        return work.Later(case.at + PACE, f"{trial.id} is being made", tried=False, then=then)

    def _wait(self, case: _Case, why: str) -> work.Outcome:
        """Nobody was there to ask; that may pass, but not for ever."""
        if case.at < case.since + PATIENCE:
            return work.Later(case.at + PACE, why, tried=False)
        return self._unjudged(case, self._say.silent, why=why, span=documents.written(PATIENCE))

    def _untried(self, case: _Case, champion: str, why: str) -> work.Outcome:
        return self._unjudged(case, self._say.no_trial, champion=_name(champion), why=why)

    def _unjudged(self, case: _Case, template: str, **more: object) -> work.Outcome:
        """It ends without a comparison, so it has not passed."""
        given = {name: written.line(str(said), SENTENCE) for name, said in more.items()}
        named = {"model": case.change.plan.model, "version": _name(case.version), **given}
        return self._ended(case, _End(False, words.fill(template, **named)))

    def _ended(self, case: _Case, end: _End) -> work.Done:
        return work.Done(lambda tx: self._end(tx, case.change.id, end))

    def _end(self, tx: Tx, change_id: str, end: _End) -> None:
        """Once: the verdict with all numbers, the training over, the change at its end, and whatever follows."""
        before, training = changes.get(tx, change_id, lock=True), trainings.get(tx, change_id)
        if before.step is not Step.VERIFYING or training.phase is not Phase.JUDGING:
            return
        reasons = [{"what": one.what, "wanted": one.wanted, "got": one.got, "ok": one.ok} for one in end.findings]
        said = {"version": training.version, "passed": end.passed, "trial": end.trial, "reasons": reasons}
        entry = course.entry(before, JUDGED, tx.now, end.outcome, {**said, **(end.numbers or {})})
        tx.note(entry)
        train_course.note(tx, before, entry)
        judged = replace(training, phase=Phase.ENDED, passed=end.passed, findings=end.findings)
        trainings.save(tx, replace(judged, trial=end.trial or training.trial))
        retrain_report.count(judged)
        to = Step.DONE if end.passed else Step.FAILED
        after = course.end(tx, before, to, end.outcome, after={"version": training.version, "trial": end.trial})
        if end.passed:
            jobs.put_once(tx, promotion.job(after, tx.now))
        else:  # nothing that serves has changed, so nobody is woken
            aftermath.whisper(tx, self._desk, after, end.outcome)


def job(change_id: str, due: datetime) -> NewJob:
    """The wish that what a retrain made is judged."""
    return NewJob(f"{KIND}/{change_id}", KIND, Lane.STATE, due, {"change": change_id})


def told_of(findings: list[Finding], say: Words) -> str:
    """What was wanted and what was found, a few of them; it ends as a sentence does."""
    shown = findings[:SHOWN]
    told = "; ".join(words.fill(say.reason, what=one.what, wanted=one.wanted, got=one.got.rstrip(".")) for one in shown)
    rest = len(findings) - len(shown)
    return words.fill(say.more, found=told, count=rest) if rest else f"{told}."


def _case(tx: Tx, change_id: str) -> tuple[_Case | None, Trial | None]:
    """What there is to judge, None where there is nothing (any more), and the trial that was asked for."""
    change, training = changes.get(tx, change_id), trainings.find(tx, change_id)
    if change.step is not Step.VERIFYING or training is None or training.phase is not Phase.JUDGING:
        return None, None
    trial = trials.get(tx, training.trial) if training.trial else None
    return _Case(change, training, training.version or "", tx.now), trial


def _own(tx: Tx, case: _Case, champion: str) -> Trial | None:
    """The trial of this version against this champion that we asked for, the newest."""
    found = trials.listing(tx, model=case.change.plan.model)
    wanted = (case.change.id, champion, case.version)
    return next((one for one in found if (one.change, one.champion, one.challenger) == wanted), None)


def _tries(tx: Tx, change_id: str, trial_id: str) -> None:
    """Put down that this trial is waited for."""
    changes.get(tx, change_id, lock=True)
    training = trainings.get(tx, change_id)
    if training.phase is not Phase.JUDGING or training.trial == trial_id:
        return
    trainings.save(tx, replace(training, trial=trial_id))
    if trials.get(tx, trial_id).stage is not Stage.ASKED:  # it ended while we asked for it, and rang before
        jobs.put(tx, job(change_id, tx.now))


def _champion(serving: Serving) -> str | None:
    """The version that has most of the traffic; None where nothing serves."""
    shares = sorted((version, share) for version, share in serving.split.items() if share > 0)
    return max(shares, key=lambda one: one[1])[0] if shares else None


def _held_out(change: Change, at: datetime) -> timedelta | None:
    """The rows that it did not learn from, where the plan kept some back."""
    if not change.plan.parameters.get("holdout"):
        return None
    return at - retrain_plan.window_of(change.plan).until


def _scores(trial: Trial) -> Mapping[str, Any]:
    """The figures of a trial, without the slices: those that were wanted stand among the reasons, all in its row."""
    card = trial.scorecard.spelled() if trial.scorecard else {}
    return {name: card[name] for name in ("finding", "why", "samples", "scores", "left_out", "draws", "seed") if card}


def _line(said: str) -> str:
    return written.line(said, SENTENCE)


def _name(version: str) -> str:
    return written.line(version, NAME)
