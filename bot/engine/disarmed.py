"""Once a night every tier is looked at; whoever owns one that reaches nobody hears it once, and once when it is mended.

What they were told is kept, so that a gap that comes nearer is no news: only what was armed and is not any more is, or
hours that were covered when they were last looked at.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, time

from bot import telemetry
from bot.engine import armed, disarmed_notices, escalate, windows, work
from bot.engine.desk import Desk
from bot.model.armed import Armed, Gap, Matter
from bot.model.entry import Entry
from bot.model.job import Job, Lane, NewJob
from bot.rules.armed import Span
from bot.store import Tx, jobs
from bot.store import armed as rows

KIND = "armed"
NIGHT = time(2)  #: of the day in UTC
LONGEST = 500  #: characters of targets in a key


def recur(tx: Tx, now: datetime) -> None:
    """Ask for tonight's look, which any number of replicas do once."""
    due = datetime.combine(now.date(), NIGHT, now.tzinfo)
    jobs.put_once(tx, NewJob(f"{KIND}/{due.date()}", KIND, Lane.DIGEST, due))


def ask(tx: Tx, due: datetime) -> None:
    """Put down the wish that all tiers are looked at anew from `due` on: something was changed by hand or edited."""
    jobs.put(tx, NewJob(f"{KIND}/asked", KIND, Lane.DIGEST, due))


class Watch:
    """The handler of the look."""

    def __init__(self, desk: Desk) -> None:
        """The configuration is read when a job runs."""
        self._desk = desk

    async def ring(self, job: Job) -> work.Outcome:
        """Look, outside of any transaction, and keep what was found; nothing where no page can be sent at all."""
        desk, now = self._desk, self._desk.clock.now()
        until = now + armed.AHEAD
        roster = await desk.store.read(lambda tx: armed.seen(tx, desk, now, until))
        if not roster.channels:
            return work.Done()
        found = await asyncio.to_thread(armed.look, desk.settings, desk.runbooks, roster, now, until)
        return work.Done(lambda tx: keep(tx, desk, found))


def keep(tx: Tx, desk: Desk, found: Armed) -> None:
    """Write down what was found, and tell whoever owns it what is new, what is worse and what is mended."""
    last = rows.last(tx, lock=True)
    if last and last.at > found.at:  # two looks at once: the later one counts
        return
    before = rows.matters(tx)
    matters = {one.key: one for one in _matters(found, before)}
    rows.looked(tx, found)
    rows.put(tx, *matters.values())
    gone = [one for key, one in before.items() if key not in matters]
    rows.forget(tx, *(one.key for one in gone))
    worse = [one for key, one in matters.items() if key not in before or _worse(before[key], one, found.at)]
    mended = [one for one in gone if one.lack or any(gap.end > found.at for gap in one.gaps)]
    for one in worse:
        tx.note(_entry(desk, one, found, "tier.disarmed" if one.gaps else "person.unreachable", before.get(one.key)))
    for one in gone:
        tx.note(_entry(desk, one, found, "tier.armed" if one.gaps else "person.reachable", one))
    for notice in disarmed_notices.of(desk, desk.roster(tx, tx.now), found, worse, mended):
        jobs.put_once(tx, notice)
    if worse or gone:
        jobs.put(tx, escalate.homes(tx.now))


async def measure(desk: Desk) -> None:
    """Set the metric: the share of all tiers that reach somebody at every instant, as the last look found."""
    if last := await desk.store.read(rows.last):
        telemetry.ARMED.set(last.share)


def _matters(found: Armed, before: dict[str, Matter]) -> Iterator[Matter]:
    """All gaps of the same targets as one; each lack by itself."""
    gaps: dict[tuple[str, ...], list[Gap]] = {}
    for gap in found.gaps:
        gaps.setdefault(gap.targets, []).append(gap)
    every = [(_key(targets), tuple(its), None) for targets, its in gaps.items()]
    for key, its, lack in (*every, *((f"person/{one.flaw}/{one.person}", (), one) for one in found.lacks)):
        since = before[key].since if key in before else found.at
        yield Matter(key, since, found.until, its, lack)


def _key(targets: tuple[str, ...]) -> str:
    spelled = ", ".join(targets)
    return f"tier/{spelled if len(spelled) <= LONGEST else hashlib.sha256(spelled.encode()).hexdigest()}"


def _worse(before: Matter, after: Matter, now: datetime) -> bool:
    """Whether hours are dark that were seen to be covered, or all that was told has passed and this is another gap."""
    if after.lack:
        return False
    known = [(gap.start, gap.end) for gap in before.gaps if gap.end > now]
    if not known:
        return True
    seen = [(gap.start, min(gap.end, before.until)) for gap in after.gaps if gap.start < before.until]
    return any(not _within(span, known) for span in seen)


def _within(span: Span, known: Iterable[Span]) -> bool:
    """Whether all of a span was known; spans of several urgencies may overlap."""
    at = span[0]
    for start, end in sorted(known):
        if start <= at:
            at = max(at, end)
    return at >= span[1]


def _entry(desk: Desk, matter: Matter, found: Armed, kind: str, before: Matter | None) -> Entry:
    """What the log says of it, in the chain of its owner's entity."""
    about = matter.lack or matter.gaps[0]
    teams = (desk.settings.people.teams.get(owner.removeprefix("team:")) for owner in about.owners)
    chain = next((team.entity for team in teams if team), windows.CHAIN)
    mended = before is matter
    why = "" if mended else (matter.gaps[0].why if matter.gaps else "")
    subject = f"person:{matter.lack.person}" if matter.lack else ", ".join(about.targets)[:LONGEST]
    was, now = _told(before), {} if mended else _told(matter)
    return Entry(chain, kind, found.at, "tocsin", subject, why, before=was, after=now)


def _told(matter: Matter | None) -> dict[str, object]:
    if matter is None:
        return {}
    if matter.lack:
        return {"flaw": str(matter.lack.flaw), "targets": list(matter.lack.targets)}
    return {"gaps": [[gap.start.isoformat(), gap.end.isoformat()] for gap in matter.gaps[:50]]}
