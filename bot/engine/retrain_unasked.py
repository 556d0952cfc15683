"""Propose a retrain that nobody asked for: once, when nothing is in the way; else an entry tells why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bot import words
from bot.engine import escalate, propose, retrain_report, work
from bot.engine.desk import Desk
from bot.engine.propose import Wish
from bot.model.change import Lever
from bot.model.entry import Entry
from bot.model.estate import Model
from bot.model.job import Job
from bot.model.verdict import Verdict
from bot.rules.agreement import AUTOMATION
from bot.store import Tx, changes, incidents

SPARED = "retrain.spared"  #: the entry: one that was to be proposed by itself, and was not
AGAIN: Final = (timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=1), timedelta(hours=4))
FAR = timedelta(days=1)  #: a pause that lasts longer is not waited for
PASSING = frozenset({Verdict.LOCKED, Verdict.FORBIDDEN, Verdict.NOT_POSSIBLE})
LISTED = 20  #: changes of a model that are looked through


@dataclass(frozen=True, slots=True)
class Asking:
    """What is wished for, by which door, and since when: it is done once from then on."""

    wish: Wish
    via: str
    since: datetime


async def once(desk: Desk, job: Job, asking: Asking) -> work.Outcome:
    """Propose it by itself, unless that was done before; what passes is waited for a few times, then an entry tells."""
    wish, now = asking.wish, desk.clock.now()
    model = desk.settings.estate.models[wish.model]
    if await desk.store.read(lambda tx: before(tx, asking)):
        return work.Done()
    found = await retrain_report.hindrance(desk, model, now)
    if found is None:
        answer = await propose.propose(desk, wish, AUTOMATION, now, asking.via)
        if answer.verdict in (Verdict.GO, Verdict.ALREADY):
            return work.Done()
        found = retrain_report.Hindrance(answer.sentence, answer.verdict in PASSING)
    due = found.until or now + AGAIN[min(job.attempts, len(AGAIN)) - 1]
    if found.passes and job.attempts <= len(AGAIN) and due - now <= FAR:
        return work.Later(due, found.why)
    why = words.fill(words.of(wish.language).by_itself.in_the_way, model=model.name, why=found.why)
    said = {"via": asking.via, "wanted": wish.why}
    return work.Done(lambda tx: tell(tx, model, wish.incident, why, said))


def before(tx: Tx, asking: Asking) -> bool:
    """Whether it was proposed before: by itself since then, or by anybody because of the same incident."""
    wish = asking.wish
    if wish.incident:
        return any(one.plan.lever is Lever.RETRAIN for one in changes.of_incident(tx, wish.incident))
    own = (one for one in changes.of_model(tx, wish.model, LISTED) if one.plan.lever is Lever.RETRAIN)
    return any(one.requested_by == AUTOMATION and one.requested_at >= asking.since for one in own)


def tell(tx: Tx, model: Model, incident: str | None, why: str, said: Mapping[str, Any]) -> None:
    """Write down that none was proposed: of the model, and in the timeline of its incident."""
    after = {"model": model.name, "incident": incident, **said}
    tx.note(Entry(model.entity, SPARED, tx.now, AUTOMATION, model.name, why, after=after))
    if incident:
        found = incidents.get(tx, incident)
        tx.note(Entry(found.entity, SPARED, tx.now, AUTOMATION, found.id, why, after=after))
        escalate.redraw(tx, found, tx.now)
