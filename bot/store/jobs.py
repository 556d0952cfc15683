"""The jobs table: timer, outbox and work queue in one.

A due time is compared with the clock that is passed in; a lease runs by the database's own clock, so a replica whose
clock jumps neither steals nor freezes work. The statements are built once: they run for every job.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, case, func, literal_column, null, or_, select, text, update

from bot.errors import LeaseLost
from bot.model.job import Job, Lane, NewJob
from bot.store import bulk
from bot.store.database import Tx
from bot.store.engines import DB_NOW
from bot.store.tables import JobRow, table

LEASE = 10.0  # seconds of the database's clock; workers renew well before

_JOBS = table(JobRow)
_PENDING = _JOBS.c.outcome.is_(None)
_INSTANT = _JOBS.c.due_at.type


#: Asked for again: pending, the earlier due time and the more urgent lane win; settled, it becomes due anew.
_AGAIN = """
ON CONFLICT (key) DO UPDATE SET
    due_at = CASE WHEN jobs.outcome IS NULL AND jobs.due_at < excluded.due_at THEN jobs.due_at ELSE excluded.due_at END,
    lane = CASE WHEN jobs.outcome IS NULL AND jobs.lane < excluded.lane THEN jobs.lane ELSE excluded.lane END,
    payload = excluded.payload,
    revision = jobs.revision + 1,
    attempts = CASE WHEN jobs.outcome IS NULL THEN jobs.attempts ELSE 0 END,
    outcome = NULL, settled_at = NULL, note = ''
"""
_NEVER_AGAIN = "ON CONFLICT (key) DO NOTHING"
_NEW = ("key", "kind", "lane", "due_at", "payload", "revision", "fence", "attempts", "note")


def put(tx: Tx, *jobs: NewJob) -> None:
    """Ask for `jobs`, all in one statement; a key that is known already is asked for again.

    Its revision grows then, so a worker that is at it now cannot settle the newer wish.
    """
    if jobs:
        # In one order everywhere: replicas that ask for the same keys would wait for each other in a ring.
        rows = [_row(job) for job in sorted(jobs, key=lambda job: job.key)]
        bulk.add(tx.sql, _JOBS, _NEW, rows, _AGAIN)
        tx.expect(min(job.due_at for job in jobs))


def put_once(tx: Tx, job: NewJob) -> None:
    """Ask for `job` unless its key is known already, settled or not."""
    bulk.add(tx.sql, _JOBS, _NEW, [_row(job)], _NEVER_AGAIN)
    tx.expect(job.due_at)


def _row(job: NewJob) -> tuple[Any, ...]:
    return (job.key, job.kind, int(job.lane), job.due_at, dict(job.payload), 1, 0, 0, "")


_CLAIM = """
UPDATE jobs SET lease_owner = :owner, lease_until = {now} + :lease,
    fence = fence + 1, attempts = attempts + 1, claimed_at = :at
WHERE id IN ({due})
RETURNING id, key, kind, lane, due_at, payload, fence, revision, attempts
"""
_DUE = """
SELECT id FROM (
    SELECT id FROM jobs
    WHERE outcome IS NULL AND lane = {lane} AND due_at <= :at AND (lease_until IS NULL OR lease_until < {now})
    ORDER BY due_at, id LIMIT :most{lane} {lock}
) AS lane{lane}
"""


@cache
def _claiming(dialect: str, lanes: tuple[int, ...]) -> Any:
    """One statement that claims from each of `lanes`, each within its own number."""
    now, lock = DB_NOW[dialect], "FOR UPDATE SKIP LOCKED" if dialect == "postgresql" else ""
    due = " UNION ALL ".join(_DUE.format(lane=lane, now=now, lock=lock) for lane in lanes)
    statement = text(_CLAIM.format(now=now, due=due)).bindparams(bindparam("at", type_=_INSTANT))
    return statement.columns(due_at=_INSTANT, payload=_JOBS.c.payload.type)


def claim(tx: Tx, owner: str, now: datetime, free: Mapping[Lane, int]) -> list[Job]:
    """Lease up to `free[lane]` jobs of each lane that are due at `now`; the oldest of each lane first."""
    lanes = tuple(sorted(int(lane) for lane, slots in free.items() if slots > 0))
    if not lanes:
        return []
    values = {"owner": owner, "lease": LEASE, "at": now, **{f"most{lane}": free[Lane(lane)] for lane in lanes}}
    rows = tx.sql.execute(_claiming(tx.dialect, lanes), values).mappings().all()
    jobs = [Job(**{**row, "lane": Lane(row["lane"])}, claimed_at=now) for row in rows]
    return sorted(jobs, key=lambda job: (job.lane, job.due_at, job.id))


_MINE = (_JOBS.c.id == bindparam("its_id")) & (_JOBS.c.fence == bindparam("its_fence")) & _PENDING
_FREE = {"lease_owner": null(), "lease_until": null()}
_SAME = _JOBS.c.revision == bindparam("its_revision")
_SETTLE = (
    update(_JOBS)
    .where(_MINE)
    .values(
        outcome=case((_SAME, bindparam("said")), else_=null()),
        settled_at=case((_SAME, bindparam("at", type_=_INSTANT)), else_=null()),
        attempts=case((_SAME, _JOBS.c.attempts), else_=0),
        note=bindparam("why"),
        **_FREE,
    )
    .returning(_JOBS.c.outcome)
)
_DEFER = (
    update(_JOBS)
    .where(_MINE)
    .values(
        due_at=bindparam("due", type_=_INSTANT),
        attempts=_JOBS.c.attempts - bindparam("untried", type_=_JOBS.c.attempts.type),
        note=bindparam("why"),
        **_FREE,
    )
)


def settle(tx: Tx, job: Job, outcome: str, note: str = "") -> None:
    """Close `job` as done or dead; LeaseLost when another worker has it by now.

    When it was asked for again since the claim it stays due instead.
    """
    values = {**_its(job), "its_revision": job.revision, "said": outcome, "at": tx.now, "why": note}
    row = tx.sql.execute(_SETTLE, values).first()
    if row is None:
        raise _lost(job)
    if row[0] is None:
        tx.expect(tx.now)


_SETTLE_ALL = (
    update(_JOBS)
    .where(_MINE, _SAME)
    .values(outcome="done", settled_at=bindparam("at", type_=_INSTANT), note="", **_FREE)
)


def settle_all(tx: Tx, done: Sequence[Job]) -> None:
    """Close `done` in one statement; LeaseLost when another worker has one of them, or it was asked for again."""
    rows = [{**_its(job), "its_revision": job.revision, "at": tx.now} for job in done]
    if tx.sql.execute(_SETTLE_ALL, rows).rowcount != len(rows):
        raise LeaseLost("One of several jobs is not ours any more, or was asked for again.")


_ALONG = {
    dialect: update(_JOBS)
    .where(
        _JOBS.c.key.in_(bindparam("keys", expanding=True)),
        _PENDING,
        or_(_JOBS.c.lease_until.is_(None), _JOBS.c.lease_until < literal_column(now)),
    )
    .values(outcome="done", settled_at=bindparam("at", type_=_INSTANT), note=bindparam("why"))
    for dialect, now in DB_NOW.items()
}
_TOGETHER = 500  # keys in one statement


def settle_others(tx: Tx, keys: Sequence[str], note: str) -> None:
    """Close as done those of `keys` that nobody holds; whoever holds one of the others settles it."""
    for start in range(0, len(keys), _TOGETHER):
        values = {"keys": keys[start : start + _TOGETHER], "at": tx.now, "why": note}
        tx.sql.execute(_ALONG[tx.dialect], values)


def defer(tx: Tx, job: Job, due_at: datetime, note: str, *, tried: bool = True) -> None:
    """Give `job` back until `due_at`; not `tried`, it does not count as an attempt.

    LeaseLost when another worker has it by now.
    """
    if tx.sql.execute(_DEFER, {**_its(job), "due": due_at, "why": note, "untried": int(not tried)}).rowcount != 1:
        raise _lost(job)
    tx.expect(due_at)


def _its(job: Job) -> dict[str, Any]:
    return {"its_id": job.id, "its_fence": job.fence}


def _lost(job: Job) -> LeaseLost:
    return LeaseLost(f"Job {job.key} is not ours any more (fence {job.fence}).")


def renew(tx: Tx, owner: str, ids: Sequence[int]) -> None:
    """Hold on to the leases of work in hand."""
    if ids:
        until: Any = literal_column(f"{DB_NOW[tx.dialect]} + {LEASE}")
        mine = _JOBS.c.id.in_(ids) & (_JOBS.c.lease_owner == owner) & _PENDING
        tx.sql.execute(update(_JOBS).where(mine).values(lease_until=until))


def release(tx: Tx, owner: str) -> None:
    """Give back whatever `owner` holds, so that another replica need not wait for the leases to end."""
    tx.sql.execute(update(_JOBS).where((_JOBS.c.lease_owner == owner) & _PENDING).values(_FREE))


def owners(tx: Tx) -> set[str]:
    """Who holds leases on pending jobs."""
    held = select(_JOBS.c.lease_owner).where(_PENDING, _JOBS.c.lease_owner.is_not(None)).distinct()
    return set(tx.sql.execute(held).scalars())


_NEXT = {
    dialect: select(func.min(_JOBS.c.due_at)).where(
        _PENDING,
        _JOBS.c.lane.in_(bindparam("lanes", expanding=True)),
        or_(_JOBS.c.lease_until.is_(None), _JOBS.c.lease_until < literal_column(now)),
    )
    for dialect, now in DB_NOW.items()
}


def next_due(tx: Tx, lanes: Collection[Lane] = tuple(Lane)) -> datetime | None:
    """When the earliest job of `lanes` that nobody holds is due."""
    found: datetime | None = tx.sql.execute(_NEXT[tx.dialect], {"lanes": [int(lane) for lane in lanes]}).scalar()
    return found


def oldest_due(tx: Tx, now: datetime, lanes: Sequence[Lane]) -> datetime | None:
    """The due time of the oldest job of `lanes` that is overdue at `now`."""
    wanted = select(func.min(_JOBS.c.due_at)).where(
        _PENDING, _JOBS.c.lane.in_([int(lane) for lane in lanes]), _JOBS.c.due_at <= now
    )
    found: datetime | None = tx.sql.execute(wanted).scalar()
    return found


def prune(tx: Tx, before: datetime) -> int:
    """Forget jobs that were settled before `before`; what they did stands in the log. Returns how many."""
    gone = text("DELETE FROM jobs WHERE outcome IS NOT NULL AND settled_at < :before")
    return tx.sql.execute(gone.bindparams(bindparam("before", type_=_INSTANT)), {"before": before}).rowcount
