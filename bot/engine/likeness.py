"""Which past incidents a new one is like, found once it opens, with what ended those; told in its thread, once.

Only what a reader of its channel may see is compared: incidents of its own entity, and of entities whose cards stand in
the same channel. What ended a past incident is never copied into the log: it is read when it is told.
"""

import asyncio
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from bot import words
from bot.engine import annotate, escalate, likened, opening, work
from bot.engine.desk import Desk
from bot.model.alert import Alert
from bot.model.change import Change, Step
from bot.model.entry import Entry
from bot.model.incident import Incident
from bot.model.job import Job, Lane, NewJob
from bot.model.likeness import Alike, Ending, Like, Trace
from bot.rules import similarity, wording, written
from bot.store import Tx, alerts, changes, incidents, jobs, log, past
from bot.store.past import Move, Past

KIND, LIKENED, TOLD = "likeness", "incident.likened", "likened"
LOOKED = 20  # alerts of the new one that are looked at
SOON = timedelta(hours=24)  #: so soon after a change something may have come of it
NAME, WHY = 80, 300  # characters of a name from an alert, and of what people said
#: Labels whose values name a thing: what an alert is about beside its model.
LABELS = frozenset(
    {"job", "service", "table", "dag", "dag_id", "task_id", "pipeline", "dataset", "feature_view", "endpoint", "queue"}
)
_KEPT = 20_000  # traces in memory; what is over does not change any more


def wanted(opened: Iterable[Incident], due: datetime) -> Iterator[NewJob]:
    """One wish for each incident that is about something; a storm is about everything."""
    for incident in opened:
        if not incident.key.startswith(escalate.STORM):
            yield NewJob(f"{KIND}/{incident.id}", KIND, Lane.DIGEST, due, {"incident": incident.id})


async def similar(desk: Desk, typed: str) -> tuple[Incident, tuple[Alike, ...]]:
    """The incident somebody means, and what it is like as of now; writes nothing. NotFound."""
    incident = await desk.store.read(lambda tx: incidents.find(tx, typed))
    found = await _find(desk, incident.id, {})
    return incident, await desk.store.read(lambda tx: alike(tx, found))


def last(tx: Tx, incident_id: str) -> tuple[Like, ...]:
    """What an incident was found to be like when it opened."""
    found = log.of_kinds(tx.sql, incident_id, (LIKENED,))
    return tuple(Like.read(one) for one in found[-1].entry.after.get("like", ())) if found else ()


def alike(tx: Tx, found: Sequence[Like]) -> tuple[Alike, ...]:
    """Each with how that incident came to its end, as far as it is still known."""
    kept = incidents.by_ids(tx, {one.incident for one in found})
    reviewed = past.postmortems(tx, kept)
    return tuple(
        Alike(one, _ending(tx, kept[one.incident], reviewed.get(one.incident, "")))
        for one in found
        if one.incident in kept
    )


class Likenesses:
    """The handler of the jobs `likeness`."""

    def __init__(self, desk: Desk) -> None:
        """What is over is read once and remembered."""
        self._desk = desk
        self._known: dict[str, Trace] = {}

    async def look(self, job: Job) -> work.Outcome:
        """Compare once, off the loop; written and told with the job's end, where anything is alike."""
        its = str(job.payload["incident"])
        incident = await self._desk.store.read(lambda tx: incidents.get(tx, its))
        if not incident.open or incident.storm:
            return work.Done()
        found = await _find(self._desk, its, self._known)
        return work.Done((lambda tx: _keep(tx, its, found)) if found else None)


async def _find(desk: Desk, its: str, known: dict[str, Trace]) -> list[Like]:
    new, others = await desk.store.read(lambda tx: _traces(tx, desk, its, known))
    return await asyncio.to_thread(similarity.like, new, others)


def _keep(tx: Tx, its: str, found: Sequence[Like]) -> None:
    """Write it down and have it told, once."""
    if last(tx, its):
        return
    incident = incidents.get(tx, its)
    why = " ".join(f"{one.incident}: {likened.because(one, words.ENGLISH.likeness)}." for one in found)
    after = {"like": [one.spelled() for one in found]}
    tx.note(Entry(incident.entity, LIKENED, tx.now, "tocsin", its, why, after=after))
    jobs.put(tx, NewJob(f"{TOLD}/{its}", TOLD, Lane.DIGEST, tx.now, {"incident": its}))
    escalate.redraw(tx, incident, tx.now)


def _traces(tx: Tx, desk: Desk, its: str, known: dict[str, Trace]) -> tuple[Trace, list[Trace]]:
    """What is known of the incident, and of those that are over."""
    incident = incidents.get(tx, its)
    ids = [id_ for id_ in past.ended(tx, _visible(desk, incident), similarity.MOST) if id_ != its]
    missing = [id_ for id_ in ids if id_ not in known]
    if len(known) + len(missing) > _KEPT:
        known.clear()
        missing = ids
    unread = past.these(tx, missing)
    oldest = min((one.opened_at for one in unread), default=incident.opened_at)
    moved = _moved(past.moves(tx, min(oldest, incident.opened_at) - SOON))
    said = past.said(tx, missing)
    known.update((one.id, trace(one, said.get(one.id, ()), moved)) for one in unread)
    mine = Past(its, incident.title, incident.model, incident.kind, incident.entity, incident.opened_at)
    own = [kept.alert for kept in alerts.of(tx, its, LOOKED)]
    return trace(mine, own, moved), [known[id_] for id_ in ids if id_ in known]


def _visible(desk: Desk, incident: Incident) -> set[str]:
    """The entities whose incidents whoever reads the incident's channel sees anyway."""
    own, usual = desk.settings.estate.entities.values(), desk.settings.slack.channel
    here = desk.channel(incident)
    shown = {one.name for one in own if (one.channel or usual) == here}
    return shown | {incident.entity} | ({opening.UNASSIGNED} if here == usual else set())


def trace(one: Past, said: Sequence[Alert], moved: Mapping[str, Sequence[datetime]]) -> Trace:
    """What an incident is known by; `said` are its alerts, `moved` when each model and entity was changed, in order."""
    measures = [measure for alert in said for measure in alert.measures if measure.breached is not False]
    text = " ".join(dict.fromkeys((one.title, *(part for alert in said for part in (alert.title, alert.summary)))))
    features = _names(measure.feature for measure in measures)
    named = {value for alert in said for key, value in alert.labels.items() if key.lower() in LABELS}
    return Trace(
        id=one.id,
        at=one.opened_at,
        model=one.model,
        kind=one.kind,
        text=written.line(text, wording.MOST),
        monitors=_names(alert.connection for alert in said),
        features=features,
        segments=_names(measure.segment for measure in measures),
        metrics=_names(measure.metric for measure in measures),
        names=similarity.names(text, one.model, *features) | _names(named - {one.model or ""}),
        changed=any(_soon(moved.get(key, ()), one.opened_at) for key in (f"m/{one.model}", f"e/{one.entity}")),
    )


def _moved(found: Iterable[Move]) -> Mapping[str, list[datetime]]:
    """When each model, and each entity as a whole, was changed, in order."""
    times: dict[str, list[datetime]] = defaultdict(list)
    for one in found:
        times[f"m/{one.model}" if one.model else f"e/{one.entity}"].append(one.at)
    return {key: sorted(each) for key, each in times.items()}


def _soon(times: Sequence[datetime], at: datetime) -> bool:
    """Whether the last of them before `at` was shortly before it."""
    place = bisect_right(times, at)
    return place > 0 and at - times[place - 1] < SOON


def _names(found: Iterable[str | None]) -> frozenset[str]:
    """Made fit to be kept; they came from outside."""
    return frozenset(written.line(name, NAME).casefold() for name in found if name)


def _ending(tx: Tx, one: Incident, postmortem: str) -> Ending:
    notes = annotate.remarks(tx, one)
    ended = log.of_kinds(tx.sql, one.id, ("incident.resolved",))
    said = ended[-1].entry.why if ended and one.ended_by else ""
    done = [change for change in changes.of_incident(tx, one.id) if change.step is Step.DONE]
    return Ending(
        incident=one.id,
        title=one.title,
        model=one.model,
        opened_at=one.opened_at,
        resolved_at=one.resolved_at,
        resolution=one.resolution,
        by=one.ended_by,
        why=written.line(said, WHY),
        note=written.line(notes[-1].text, WHY) if notes else "",
        changes=tuple((change.id, change.plan.lever.value, _version(change)) for change in done),
        postmortem=postmortem,
    )


def _version(change: Change) -> str:
    """The version it brought; empty where that is none, or several."""
    return written.line(change.plan.after.version or "", NAME)
