"""Ask an AI agent to look at an incident first: with evidence its findings stand in the thread, else people go on.

Whatever it says acknowledges nothing: the next stage comes at its time, and at once where it left no evidence, spent
too much, failed or was silent. What it says is data, as an alert's text is.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.contract.agent import Evidence, Findings, Task
from bot.engine import escalate, report, work
from bot.engine.desk import Desk
from bot.errors import TocsinError
from bot.model.entry import Entry
from bot.model.incident import Incident, Phase
from bot.model.job import Job, NewJob
from bot.model.view import Remark
from bot.rules import written
from bot.store import Tx, incidents, jobs, log, pages

KIND = "mind"
FOUND, FAILED = KINDS = ("agent.findings", "agent.failed")
MOST = 20  #: observations of one look that are kept
LONGEST = 1000  #: characters of each thing it says
_NOTHING = Findings("")


class Minds:
    """The handler of the jobs `mind`."""

    def __init__(self, desk: Desk) -> None:
        """`desk.minds` are the agents."""
        self._desk = desk

    async def look(self, job: Job) -> work.Outcome:
        """Have it look while its step lasts; who answers meanwhile is not waited for, what it finds is kept."""
        told = job.payload
        view = await self._desk.store.read(lambda tx: report.view_in(tx, self._desk, str(told["incident"])))
        incident, now = view.incident, self._desk.clock.now()
        within = datetime.fromisoformat(str(told["until"])) - now
        if incident.step != int(told["step"]) or not incident.open:
            return work.Done()  # its time is over: others look by now
        mind = self._desk.minds.get(str(told["agent"]))
        if mind is None or within <= timedelta(0):
            why = "There was no time left to look." if mind else "There is no such agent any more."
            return work.Done(self._kept(job, _NOTHING, why))
        task = Task(job.key, view, within, float(told["spend"]), now)
        try:
            found = await mind.guard.call(KIND, lambda: mind.agent.look(task), deadline=within.total_seconds())
        except TocsinError as error:
            return work.Done(self._kept(job, _NOTHING, str(error)))
        return work.Done(self._kept(job, found, _wanting(found, task.spend)))

    def _kept(self, job: Job, found: Findings, wanting: str) -> Callable[[Tx], None]:
        """Put down what it found; where that will not do, the next stage fires now."""

        def then(tx: Tx) -> None:
            incident = incidents.get(tx, str(job.payload["incident"]), lock=True)
            name, step = str(job.payload["agent"]), int(job.payload["step"])
            kind = FOUND if found.evidence else FAILED
            after = {**_said(found), "step": step, "wanting": wanting}
            why = wanting or f"It looked and left {len(found.evidence)} observations."
            tx.note(Entry(incident.entity, kind, tx.now, f"agent:{name}", incident.id, why, after=after))
            if wanting:
                _go_on(tx, incident, step)
            escalate.redraw(tx, incident, tx.now)

        return then


def remarks(tx: Tx, incident: Incident) -> tuple[Remark, ...]:
    """What agents said about an incident, to be shown literally in its thread, oldest first."""
    return tuple(line for sealed in log.of_kinds(tx.sql, incident.id, KINDS) for line in _lines(sealed.entry))


def _lines(entry: Entry) -> list[Remark]:
    """Its own summary and what is wanting, and one line for each thing it saw."""
    after = entry.after
    tried = f" It tried: {', '.join(after['tried'])}." if after.get("tried") else ""
    first = f"{after.get('summary', '')} {after.get('wanting', '')}{tried}".strip()
    seen = [f"{one['claim']} ({one['source']}, {one['seen_at']})" for one in after.get("evidence", ())]
    by = entry.actor.partition(":")[2]
    return [Remark(text, by, entry.at, "agent", author=entry.actor) for text in (first or entry.why, *seen)]


def _wanting(found: Findings, spend: float) -> str:
    """Why people go on at once, in a sentence; empty when its findings will do until their time."""
    if found.spent > spend:
        return f"It spent {found.spent:g} of {spend:g}, more than it may."
    return "" if found.evidence else "It left no evidence."


def _said(found: Findings) -> dict[str, Any]:
    return {
        "summary": written.line(found.summary, LONGEST),
        "evidence": [_seen(one) for one in found.evidence[:MOST]],
        "spent": found.spent,
        "tried": [written.line(one, LONGEST) for one in found.tried[:MOST]],
    }


def _seen(one: Evidence) -> dict[str, str]:
    claim, source = (written.line(text, LONGEST) for text in (one.claim, one.source))
    return {"claim": claim, "source": source, "seen_at": f"{one.seen_at:%Y-%m-%d %H:%M:%S} UTC"}


def _go_on(tx: Tx, incident: Incident, step: int) -> None:
    """The next stage fires now, unless somebody answered, or people were paged beside it."""
    if incident.phase is not Phase.TRIGGERED or incident.step != step or pages.of(tx, incident.id, step):
        return
    if timer := escalate.timer(incident):
        jobs.put(tx, NewJob(timer.key, timer.kind, timer.lane, tx.now, timer.payload))
