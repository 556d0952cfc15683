"""Look at a watched version again and again: if wrong its way back is proposed, if well it is the last known good."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot import words
from bot.engine import aftermath, canary_run, course, ledger, measured, retreat, sight, watch, waysback, work
from bot.engine.desk import Desk
from bot.errors import TocsinError
from bot.model import canary
from bot.model.change import Change, Serving
from bot.model.job import Job
from bot.model.watch import Watch
from bot.rules import watching
from bot.rules.watching import Baseline, Finding, Heard, Watched
from bot.store import Tx, changes, incidents, jobs, moved, watches

MOVED: Final = "moved"  #: how a watch ended that says nothing, for something else serves
CLOSE, OFTEN, SELDOM = timedelta(minutes=30), timedelta(minutes=1), timedelta(minutes=5)  #: how often it is looked at
LOOKED: Final = 20  #: entries of the ledger


class Watches:
    """The handler of these looks."""

    def __init__(self, desk: Desk) -> None:
        """`desk.hosts` are the platforms."""
        self._desk = desk

    async def ring(self, job: Job) -> work.Outcome:
        """Look once; a platform that is silent ends no watch, for our own ledger tells of moves, too."""
        id_ = str(job.payload["change"])
        change, found = await self._desk.store.read(lambda tx: (changes.get(tx, id_), watches.find(tx, id_)))
        if found is None or found.ended_at is not None:
            return work.Done()
        serving: Serving | None = None
        if host := self._desk.hosts.get(change.plan.connection):
            try:
                serving = await sight.serving(host, change.plan.ref)
            except TocsinError:
                serving = None
        return work.Done(lambda tx: _look(tx, self._desk, id_, serving))


def _look(tx: Tx, desk: Desk, id_: str, serving: Serving | None) -> None:
    """What is known now; `serving` is what the platform said, None where it did not."""
    change = changes.get(tx, id_, lock=True)
    found = watches.find(tx, id_)
    if found is None or found.ended_at is not None:
        return
    say = words.of(desk.settings.slack.language).watch
    if found.model not in desk.settings.estate.models:
        why = words.fill(say.gone, model=found.model, version=found.version)
        _end(tx, desk, change, found, Watched(None, why))
        return
    if other := _elsewhere(tx, change, found, serving):
        why = words.fill(say.moved, serving=course.split(other), version=found.version)
        _end(tx, desk, change, found, Watched(None, why))
        return
    heard = watch.heard(tx, desk, found)
    said = watching.judge(_baseline(found), heard, tx.now, found.since, found.until)
    if said.finding is None:
        jobs.put(tx, watch.job(id_, min(found.until, _next(found, tx.now))))
    else:
        _end(tx, desk, change, found, said, _incident(tx, change, found, heard))


def _baseline(found: Watch) -> Baseline:
    samples = tuple(measured.read(one) for one in found.baseline)
    return Baseline(found.version, found.metric, samples, found.allowed)


def _next(found: Watch, now: datetime) -> datetime:
    return now + (OFTEN if now < found.since + CLOSE else SELDOM)


def _elsewhere(tx: Tx, change: Change, found: Watch, serving: Serving | None) -> Serving | None:
    """What serves, or served meanwhile, that the change did not bring; None where that is nothing."""
    after = change.plan.after
    if serving is not None and not serving.same(after):
        return serving
    entries = (one for one in moved.listing(tx, found.model, LOOKED) if one.at > found.since)
    return next((one.serving for one in entries if not one.serving.same(after)), None)


def _end(tx: Tx, desk: Desk, change: Change, found: Watch, said: Watched, incident: str | None = None) -> None:
    """It is over, and what follows from that is told or wished for in the same transaction; no finding: it moved."""
    finding = str(said.finding or MOVED)
    over = replace(found, finding=finding, why=said.why, samples=said.samples, ended_at=tx.now)
    watches.save(tx, over)
    told = {"model": found.model, "version": found.version, "finding": finding, "samples": said.samples}
    watch.note(tx, change, watch.ENDED, said.why, {**told, "metric": found.metric})
    if found.model in desk.settings.estate.models:
        waysback.ask(tx, found.model, tx.now)
    own = canary.of(change.plan)
    step = own is not None and not own.last
    if said.finding is Finding.WRONG:
        _wrong(tx, desk, change, said.why, incident)
    elif said.finding is None:
        _moved(tx, desk, change, said.why, step=step)
    elif step:
        canary_run.put(tx, change)
    elif said.finding is Finding.INCONCLUSIVE:
        say = words.of(desk.settings.slack.language).watch
        aftermath.whisper(tx, desk, change, words.fill(say.unsure, version=found.version, why=said.why), watch.KIND)


def _wrong(tx: Tx, desk: Desk, change: Change, why: str, incident: str | None) -> None:
    """Whoever must look is told at once, whatever keeps the way back from being proposed."""
    retreat.put(tx, change, why, incident)
    text = words.fill(words.of(desk.settings.slack.language).watch.wrong, why=why)
    aftermath.tell(tx, desk, replace(change, incident=incident), text, watch.KIND)


def _moved(tx: Tx, desk: Desk, change: Change, why: str, *, step: bool) -> None:
    """Whoever did it knows; the ledger finds out by its own rules who that was."""
    if step:
        canary_run.stop(tx, desk, change, why)
    if change.plan.model in ledger.hosted(desk):
        jobs.put(tx, ledger.job(change.plan.model, tx.now))


def _incident(tx: Tx, change: Change, found: Watch, heard: Heard) -> str | None:
    """Where people look: the incident it was made for while that is open, else one that the version can have caused."""
    if change.incident and (own := incidents.by_ids(tx, [change.incident]).get(change.incident)) and own.open:
        return own.id
    caused = (one.id for one in watching.caused(found.version, heard.incidents) if one.open)
    return next(caused, change.incident)
