"""Jobs against a model: whatever workers and clocks do, the table does what a list would."""

import asyncio
import itertools
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from bot.errors import LeaseLost
from bot.model.job import Job, Lane
from bot.store import Store, jobs
from bot.testing.clock import FakeClock
from tests.parts import migrated
from tests.store import made
from tests.store.made import START

KEYS = ("a", "b", "c", "d", "e")
LANES = {"a": Lane.PAGE, "b": Lane.PAGE, "c": Lane.CARD, "d": Lane.CARD, "e": Lane.CARD}
OWNERS = ("one", "two")
moments = st.integers(-120, 120).map(lambda m: START + timedelta(minutes=m))


@dataclass
class Row:
    """What the model knows of one key; `born` is its place in the table."""

    born: int
    due: datetime
    payload: int
    revision: int = 1
    fence: int = 0
    attempts: int = 0
    owner: str | None = None
    expired: bool = False
    outcome: str | None = None

    def free(self, at: datetime) -> bool:
        return self.outcome is None and self.due <= at and (self.owner is None or self.expired)


@dataclass
class Model:
    """The table as a dictionary."""

    rows: dict[str, Row] = field(default_factory=dict)
    births: itertools.count = field(default_factory=itertools.count)

    def put(self, key: str, due: datetime, payload: int) -> None:
        row = self.rows.get(key)
        if row is None:
            self.rows[key] = Row(next(self.births), due, payload)
            return
        pending = row.outcome is None
        row.due = min(row.due, due) if pending else due
        row.attempts = row.attempts if pending else 0
        row.payload, row.revision, row.outcome = payload, row.revision + 1, None

    def claim(self, owner: str, at: datetime, free: dict[Lane, int]) -> list[str]:
        found = []
        for lane in sorted(free):
            mine = [key for key in self.rows if LANES[key] is lane and self.rows[key].free(at)]
            mine.sort(key=lambda key: (self.rows[key].due, self.rows[key].born))
            found += mine[: free[lane]]
        for key in found:
            row = self.rows[key]
            row.owner, row.expired, row.fence, row.attempts = owner, False, row.fence + 1, row.attempts + 1
        return found

    def holds(self, job: Job) -> bool:
        row = self.rows[job.key]
        return row.fence == job.fence and row.outcome is None


class Jobs(RuleBasedStateMachine):
    """Two workers with clocks of their own, leases that run out, and keys that are asked for again and again."""

    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.mkdtemp(prefix="tocsin-jobs-")
        url = migrated.sqlite(Path(self.folder))
        self.store = self.run(Store.open(url, clock=FakeClock(START), migrate=False))
        self.model = Model()
        self.at = dict.fromkeys(OWNERS, START)

    def run(self, work):
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.store.close())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        shutil.rmtree(self.folder)

    @initialize()
    def begin(self) -> None:
        """Something to start with."""
        self.put("a", START, 0)

    @rule(key=st.sampled_from(KEYS), due=moments, payload=st.integers(0, 9))
    def put(self, key: str, due: datetime, payload: int) -> None:
        self.run(made.put(self.store, made.job(key, lane=LANES[key], due=due, n=payload)))
        self.model.put(key, due, payload)

    @rule(owner=st.sampled_from(OWNERS), page=st.integers(1, 2), card=st.integers(0, 3), target=held)
    def claim(self, owner: str, page: int, card: int):
        free = {Lane.PAGE: page, Lane.CARD: card}
        at = self.at[owner]
        found = self.run(self.store.write(lambda tx: jobs.claim(tx, owner, at, free)))
        assert [job.key for job in found] == self.model.claim(owner, at, free)
        for job in found:
            row = self.model.rows[job.key]
            assert (job.payload, job.fence, job.revision, job.attempts, job.due_at) == (
                {"n": row.payload},
                row.fence,
                row.revision,
                row.attempts,
                row.due,
            )
        return multiple(*found)

    @rule(job=consumes(held), outcome=st.sampled_from(["done", "dead"]))
    def settle(self, job: Job, outcome: str) -> None:
        may = self.model.holds(job)
        assert self.tried(lambda tx: jobs.settle(tx, job, outcome)) is may
        if may:
            row = self.model.rows[job.key]
            row.owner, row.expired = None, False
            if row.revision == job.revision:
                row.outcome = outcome
            else:
                row.attempts = 0

    @rule(job=consumes(held), due=moments, tried=st.booleans())
    def defer(self, job: Job, due: datetime, tried: bool) -> None:
        may = self.model.holds(job)
        assert self.tried(lambda tx: jobs.defer(tx, job, due, "", tried=tried)) is may
        if may:
            row = self.model.rows[job.key]
            row.owner, row.expired, row.due = None, False, due
            row.attempts -= not tried

    def tried(self, act) -> bool:
        try:
            self.run(self.store.write(act))
        except LeaseLost:
            return False
        return True

    @rule(keys=st.sets(st.sampled_from(KEYS), min_size=3))
    def expire(self, keys: set[str]) -> None:
        """The database's clock passes the end of some leases."""
        named = ", ".join(f"'{key}'" for key in keys)
        self.run(
            made.tamper(
                self.store, f"UPDATE jobs SET lease_until = 1 WHERE key IN ({named}) AND lease_owner IS NOT NULL"
            )
        )
        for key in keys & set(self.model.rows):
            self.model.rows[key].expired = True

    @rule(owner=st.sampled_from(OWNERS), target=held)
    def take_over(self, owner: str):
        """A worker was silent for too long, and the other one claims what it had."""
        self.expire(set(KEYS))
        return self.claim(owner, 2, 3)

    @rule(owner=st.sampled_from(OWNERS))
    def release(self, owner: str) -> None:
        self.run(self.store.write(lambda tx: jobs.release(tx, owner)))
        for row in self.model.rows.values():
            if row.owner == owner and row.outcome is None:
                row.owner, row.expired = None, False

    @rule(owner=st.sampled_from(OWNERS), job=held)
    def renew(self, owner: str, job: Job) -> None:
        self.run(self.store.write(lambda tx: jobs.renew(tx, owner, [job.id])))
        row = self.model.rows[job.key]
        if row.owner == owner and row.outcome is None:
            row.expired = False

    @rule(owner=st.sampled_from(OWNERS), to=moments)
    def jump(self, owner: str, to: datetime) -> None:
        """A worker's clock jumps, up to two hours either way."""
        self.at[owner] = to

    @invariant()
    def the_table_is_the_model(self) -> None:
        rows = self.run(
            made.rows(self.store, "SELECT key, revision, fence, attempts, lease_owner, outcome FROM jobs ORDER BY id")
        )
        mine = sorted(self.model.rows.items(), key=lambda each: each[1].born)
        assert rows == [(k, r.revision, r.fence, r.attempts, r.owner, r.outcome) for k, r in mine]
        free = [r.due for r in self.model.rows.values() if r.outcome is None and (r.owner is None or r.expired)]
        assert self.run(self.store.read(jobs.next_due)) == min(free, default=None)


@pytest.mark.timeout(900)  # finding the shortest way to a fault takes its time
def test_jobs_do_what_the_model_says() -> None:
    machine = Jobs.TestCase()
    machine.settings = settings(
        max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )
    machine.runTest()
