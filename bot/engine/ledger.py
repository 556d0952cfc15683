"""Keep the ledger of what served: look at every platform again and again, and tell a foreign move from one of ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zlib import crc32

from bot import telemetry
from bot.engine import aftermath, course, escalate, intake, sight, watch, waysback, work
from bot.engine.desk import Desk, Host
from bot.errors import TocsinError
from bot.model.change import Change, Serving, Step
from bot.model.entry import Entry
from bot.model.estate import Model
from bot.model.job import Job, Lane, NewJob
from bot.model.served import Moved
from bot.rules import written
from bot.rules.agreement import AUTOMATION
from bot.store import Tx, changes, incidents, jobs, moved

KIND = "look"
SEEN = "seen"  #: who moved it, where nobody told us
NAME = 100  # characters of whom a platform names
MOST = 500  # open incidents that are looked through
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

log = telemetry.logger("ledger")


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database said before the platform was asked; an answer is worth nothing once this has changed."""

    latest: Moved | None
    change: Change | None


def recur(tx: Tx, desk: Desk, now: datetime) -> None:
    """Ask for the next look at each model that a platform runs, each at a moment of its own."""
    poll = desk.settings.changes.poll
    jobs.put(tx, *(job(name, slot(name, poll, now)) for name in sorted(hosted(desk))))


def hosted(desk: Desk) -> Mapping[str, Host]:
    """The models and agents whose platform can be asked, by name."""
    models, hosts = desk.settings.estate.models, desk.hosts
    return {name: hosts[model.platform] for name, model in models.items() if model.platform in hosts}


def slot(name: str, poll: timedelta, now: datetime) -> datetime:
    """The first moment after `now` at which this model is looked at; names spread them over the interval."""
    offset = timedelta(seconds=crc32(name.encode()) % max(1, int(poll.total_seconds())))
    return now + poll - (now - _EPOCH - offset) % poll


def job(name: str, due: datetime, by: str = "") -> NewJob:
    """A look at what serves; `by`: whom the platform named as having moved it."""
    return NewJob(f"{KIND}/{name}", KIND, Lane.STATE, due, {"model": name, **({"by": by} if by else {})})


def hinted(tx: Tx, desk: Desk, arrived: Sequence[intake.Arrived]) -> None:
    """A platform says that pointers were moved: it is asked at once, and nothing is believed before."""
    for one in arrived:
        for move in one.delivery.moves:
            by = written.line(move.by, NAME)
            found = [
                name for name, model in desk.settings.estate.models.items() if _meant(model, one.connection, move.ref)
            ]
            jobs.put(tx, *(job(name, tx.now, by) for name in found))


def _meant(model: Model, connection: str, ref: Mapping[str, str]) -> bool:
    return model.platform == connection and bool(ref) and all(model.ref.get(key) == ref[key] for key in ref)


class Looks:
    """The handler of these looks."""

    def __init__(self, desk: Desk) -> None:
        """`desk.hosts` are the platforms."""
        self._desk = desk

    async def look(self, job: Job) -> work.Outcome:
        """Compare what serves with what the ledger says last; a platform that is silent is asked again at its turn."""
        name, by = str(job.payload["model"]), str(job.payload.get("by", ""))
        host = hosted(self._desk).get(name)
        if host is None:
            return work.Done()
        known = await self._desk.store.read(lambda tx: _known(tx, name))
        try:
            found = await self._ask(host, name, known.change)
        except TocsinError as error:
            log.warning("what serves could not be read", model=name, reason=str(error))
            return work.Done(lambda tx: self._next(tx, name))
        return work.Done(lambda tx: self._compare(tx, name, known, found, by))

    async def _ask(self, host: Host, name: str, change: Change | None) -> sight.Sight:
        """What serves; how it behaves, too, where a change waits for exactly that."""
        if change is not None and change.step is Step.UNKNOWN:
            return await sight.look(host, change.plan)
        ref = self._desk.settings.estate.models[name].ref
        return sight.Sight(await sight.serving(host, ref), True, "")

    def _next(self, tx: Tx, name: str) -> None:
        jobs.put(tx, job(name, slot(name, self._desk.settings.changes.poll, tx.now)))

    def _compare(self, tx: Tx, name: str, known: _Known, found: sight.Sight, by: str) -> None:
        now = _known(tx, name)
        if now != known:
            jobs.put(tx, job(name, tx.now, by))
            return
        self._next(tx, name)
        change = now.change
        if change is not None and change.step in (Step.APPLYING, Step.VERIFYING):
            _push(tx, change)
            return
        if change is not None and change.step is Step.UNKNOWN and found.agrees:
            arrived(tx, change, found.serving, "It was seen later than it was waited for.")
        else:
            noticed(tx, self._desk, name, found.serving, by)
        if change is not None:
            self._judge(tx, change, found)

    def _judge(self, tx: Tx, change: Change, found: sight.Sight) -> None:
        """What the look means for a change that waits: for people, or for somebody to say what came of it."""
        before, serves = change.plan.before, course.split(found.serving)
        if change.step in (Step.PROPOSED, Step.APPROVED):
            if not found.serving.same(before):
                why = f"{serves} serves now, by no change of ours, so this plan is stale; propose it again if need be."
                course.end(tx, change, Step.EXPIRED, why, seen=found.serving)
                aftermath.whisper(tx, self._desk, change, why)
            return
        if found.agrees:
            why = f"It is seen to serve {serves} after all."
            course.end(tx, change, Step.DONE, why, seen=found.serving)
            watch.began(tx, self._desk, change)
        elif tx.now >= change.changed_at + change.plan.verify_within:
            as_before = "as before" if found.serving.same(before) else "which is not what was wanted"
            why = (
                f"{serves} serves, {as_before}{f' ({found.why})' if found.why else ''}; nothing is under way any more."
            )
            course.end(tx, change, Step.FAILED, why, seen=found.serving)
        else:
            return
        aftermath.whisper(tx, self._desk, change, why)


def arrived(tx: Tx, change: Change, serving: Serving, why: str) -> None:
    """A change of ours is what made this serve."""
    who, last = change.requested_by, moved.latest(tx, change.plan.model)
    by = who if who == AUTOMATION else f"person:{who}"
    if last is None or last.change != change.id or not last.serving.same(serving):
        _kept(tx, Moved(change.plan.model, tx.now, serving, by, change.id, change.why))
    tx.note(course.entry(change, "change.seen", tx.now, why, {"seen": serving.spelled()}))


def _kept(tx: Tx, entry: Moved) -> None:
    """An entry of the ledger; what leads back from there is looked at anew."""
    moved.add(tx, entry)
    waysback.ask(tx, entry.model, tx.now)


def noticed(tx: Tx, desk: Desk, name: str, serving: Serving, by: str = "") -> None:
    """What serves by no act of ours: the ledger says so, and so do the open incidents of the model if it was moved."""
    was = moved.latest(tx, name)
    if was is None:
        _first(tx, desk, name, serving)
    elif not was.serving.same(serving):
        _foreign(tx, desk, was, serving, by)


def _foreign(tx: Tx, desk: Desk, was: Moved, serving: Serving, by: str) -> None:
    name, model = was.model, desk.settings.estate.models[was.model]
    who = f"platform:{by}" if by else SEEN
    _kept(tx, Moved(name, tx.now, serving, who))
    found = incidents.listing(tx, limit=MOST)
    about = [one for one in found if desk.settings.estate.find(one.model) is model]
    before = {"serving": was.serving.spelled()}
    after = {"model": name, "serving": serving.spelled(), "by": who}
    why = f"{course.split(serving)} serves now; no change of ours did that."
    for subject in [one.id for one in about] or [name]:
        tx.note(Entry(model.entity, "model.moved", tx.now, "tocsin", subject, why, before, after))
    for one in about:
        escalate.redraw(tx, one, tx.now)


def _first(tx: Tx, desk: Desk, name: str, serving: Serving) -> None:
    """Nobody has looked before, so since when it serves is not known."""
    _kept(tx, Moved(name, tx.now, serving, SEEN, why="the first look"))
    entity = desk.settings.estate.models[name].entity
    said = {"serving": serving.spelled()}
    tx.note(Entry(entity, "model.seen", tx.now, "tocsin", name, "The first look at what it serves.", after=said))


def _known(tx: Tx, name: str) -> _Known:
    return _Known(moved.latest(tx, name), changes.open_of(tx, name))


def _push(tx: Tx, change: Change) -> None:
    """What is in hand has a job of its own, which sees more; it is asked for again should it ever have been lost."""
    if change.deadline is not None and tx.now < change.deadline + change.plan.verify_within:
        return
    kind = "apply" if change.step is Step.APPLYING else "verify"
    jobs.put(tx, NewJob(f"{kind}/{change.id}", kind, Lane.STATE, tx.now, {"change": change.id}))
