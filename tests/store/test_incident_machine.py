"""Incidents under a storm of alerts, presses and passing time: what must hold at every moment does."""

import asyncio
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.contract.guard import Guard
from bot.contract.pager import Call, Sent
from bot.contract.plugin import Check
from bot.contract.source import Delivery
from bot.engine import escalate, intake, page, respond, snooze, work
from bot.engine.desk import Desk, Way
from bot.errors import BadInput, NotDelivered, NotFound
from bot.model.alert import Alert, Status
from bot.model.estate import Entity, Estate, Model
from bot.model.incident import Incident, Phase
from bot.model.job import Job
from bot.model.matcher import Matcher
from bot.model.people import NotifyStep, People, Person, Team
from bot.model.runbook import Grade, Runbook, Tier
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.runbooks import Library
from bot.settings import Settings
from bot.store import Store, Tx, incidents, jobs, log
from bot.testing.clock import FakeClock
from tests.parts import migrated
from tests.store import made
from tests.store.made import START, TEN

PROBLEMS = ("churn/a", "churn/b", "price/a", "price/b")
SMS = {"high": (NotifyStep("slack"), NotifyStep("sms", timedelta(minutes=2)))}
PERSONS = {
    "ada": Person("ada", slack="U01ADA", notify=SMS),
    "bo": Person("bo", slack="U01BO"),
    "cy": Person("cy", slack="U01CY"),
}
MODELS = {name: Model(name, "retail", "ml") for name in ("churn", "price")}
BOOK = Runbook(
    name="drift",
    file="drift.md",
    revision="r1",
    title="Drift",
    owner="person:cy",
    review_by=date(2027, 1, 1),
    match=(),
    severity=(Grade("sev1", (Matcher("severity", "=", "critical"),)), Grade("sev2")),
    tiers=(
        Tier("L1", ("person:ada",), TEN),
        Tier("L2", ("rota:nobody", "person:bo"), TEN),
        Tier("L3", ("lead:x",), TEN),
    ),
    start={"sev1": "L2", "sev2": "L1"},
    repeats=1,
    fallback=("person:cy",),
)


class Channel:
    """A channel that can be away; it remembers every page it took and when its incident was said to be quiet."""

    def __init__(self) -> None:
        self.away = False
        self.taken: list[Call] = []
        self.quiet: dict[str, int] = {}  # incident -> its version when it was said to be quiet
        self.woken_in_vain: list[str] = []

    async def send(self, call: Call) -> Sent:
        if self.away:
            raise NotDelivered("The channel is away.", retry=True)
        incident = call.view.incident
        if not (incident.open if call.page.asked else incident.version > self.quiet.get(incident.id, 0)):
            self.woken_in_vain.append(call.page.id)
        self.taken.append(call)
        return Sent(f"id {len(self.taken)}", delivered=True)

    async def check(self) -> list[Check]:
        return []


said = st.builds(
    lambda problem, status, start, severity, inferred: (problem, status, start, severity, inferred),
    st.sampled_from(PROBLEMS),
    st.sampled_from([Status.FIRING, Status.FIRING, Status.RESOLVED, Status.RESOLVED, Status.NO_DATA]),
    st.sampled_from([None, 0, 30]),
    st.sampled_from(["warning", "critical"]),
    st.booleans(),
)
numbers = st.integers(1, 4)
targets = st.sampled_from(["person:ada", "person:bo", "lead:ml", "team:ml", "bo", "person:nobody"])
DETAILS = {
    Verb.HAND_OVER: targets,
    Verb.PAGE: targets,
    Verb.SNOOZE: st.sampled_from(["5", "30", "0", "soon"]),
    Verb.REGRADE: st.sampled_from(["sev1", "SEV2", "4", "sev9"]),
    Verb.MERGE: st.sampled_from(["INC-1", "INC-2", "3", "INC-99"]),
    Verb.NOTE: st.sampled_from(["it is the feed", " "]),
}
wishes = st.sampled_from(Verb).flatmap(lambda verb: st.tuples(st.just(verb), DETAILS.get(verb, st.just(""))))
HELD = {Verb.ACKNOWLEDGE, Verb.ATTEND, Verb.SNOOZE}
OVER = {Verb.RESOLVE, Verb.FALSE_ALARM, Verb.MERGE}
persons = st.sampled_from(["person:ada", "person:bo", "slack:U01CY", "person:eve", "slack:U0NOBODY"])


@dataclass
class Snapshot:
    """The tables at one moment, as plainly as can be."""

    incidents: list[Incident]
    alerts: list[tuple[str, str, bool]]
    fired: list[tuple[str, str]]
    timers: set[str]
    owed: set[str]
    asked: set[str]
    alarms: set[str]

    @classmethod
    def of(cls, tx: Tx) -> "Snapshot":
        def rows(query: str) -> list[Any]:
            return [tuple(row) if len(row) > 1 else row[0] for row in tx.sql.exec_driver_sql(query)]

        return cls(
            incidents.listing(tx, open_only=False, limit=1000),
            rows("SELECT incident_id, status, latest FROM alerts"),
            rows("SELECT subject, after FROM log NATURAL JOIN log_said WHERE kind = 'step.fired'"),
            set(rows("SELECT key FROM jobs WHERE outcome IS NULL AND kind = 'step'")),
            set(rows("SELECT incident FROM pages WHERE state = 'decided' AND tier <> 'asked'")),
            set(rows("SELECT incident FROM pages WHERE state = 'decided' AND tier = 'asked'")),
            set(rows("SELECT key FROM jobs WHERE outcome IS NULL AND kind = 'wake'")),
        )


class Incidents(RuleBasedStateMachine):
    """A whole bot but for its doors, in frozen time."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.mkdtemp(prefix="tocsin-incidents-")
        url = migrated.sqlite(Path(self.folder))
        self.clock = FakeClock(START)
        self.store = self.run(Store.open(url, clock=self.clock, migrate=False))
        own = Settings(
            Path(self.folder),
            "",
            people=People(PERSONS, {"ml": Team("ml", "retail", ("ada",), lead="cy")}),
            estate=Estate({"retail": Entity("retail")}, MODELS, MODELS),
        )
        self.desk = Desk(self.store, self.clock, own, Library((BOOK,)))
        self.channel = Channel()
        self.desk.ways |= {name: Way(self.channel, Guard(name, self.clock)) for name in ("slack", "sms")}
        shown = dict.fromkeys(("card", "dm", "notice", "line", "thread", "own", "homes"), self.show)
        handlers = {"step": work.inside(self.desk, escalate.ring), "page": page.Pages(self.desk).send, **shown}
        handlers["wake"] = work.inside(self.desk, snooze.ring)
        self.worker = work.Worker(self.desk, handlers, owner="me")
        self.meant: Counter[str] = Counter()

    def run(self, work):
        return self.loop.run_until_complete(work)

    async def show(self, job: Job) -> work.Outcome:
        return work.Done()

    def teardown(self) -> None:
        self.channel.away = False
        self.pass_time(7)
        count, broken = self.run(self.store.read(lambda tx: log.verify(tx.sql)))
        self.run(self.store.close())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        shutil.rmtree(self.folder)
        assert broken == []
        assert count > 0

    @initialize()
    def something_fires(self) -> None:
        self.deliver([(PROBLEMS[0], Status.FIRING, 0, "warning", False)], None)

    def alert(self, problem: str, status: Status, start: int | None, severity: str, inferred: bool) -> Alert:
        began = self.clock.now() if start is None else START + timedelta(minutes=start)
        model = problem.partition("/")[0]
        facts = {"started_at": began, "started_inferred": inferred and start is None, "severity": severity}
        return made.alert(problem, status, model=model, environment="production", **facts)

    @rule(batch=st.lists(said, min_size=1, max_size=5), id_=st.sampled_from([None, None, None, "d1"]))
    def deliver(self, batch: list[tuple], id_: str | None) -> None:
        """A delivery: what it says is new, known, over, or dropped with a reason, and nothing else."""
        wanted = tuple(self.alert(*each) for each in batch)
        arrived = [intake.Arrived("prom", Delivery(wanted, id_))]
        (receipt,) = self.run(self.store.write(lambda tx: intake.book(tx, self.desk, arrived, tx.now)))
        assert receipt.accepted == (0 if receipt.copy else len(wanted))
        assert bool(receipt.incidents) == bool(receipt.new + receipt.repeat + receipt.resolved)
        for meaning in ("new", "repeat", "resolved"):
            self.meant[meaning] += getattr(receipt, meaning)
        for id_ in receipt.incidents:
            incident = self.incident(id_)
            if not incident.open:
                self.channel.quiet[id_] = incident.version

    @rule(wish=wishes, number=numbers, by=persons, old=st.sampled_from([None, 0, 0, 1]))
    def press(self, wish: tuple[Verb, str], number: int, by: str, old: int | None) -> None:
        """Somebody answers, by a card they see now, an old one, or by typing."""
        try:
            before = self.incident(f"INC-{number}")
        except NotFound:
            return
        seen = None if old is None else before.version - old
        verb, detail = wish
        press = respond.Press(verb, before.id, by, self.clock.now(), "button", seen, detail)
        try:
            answer = self.run(respond.take(self.desk, press))
        except (BadInput, NotFound):
            assert self.incident(before.id) == before
            return
        after = answer.incident
        assert after == self.incident(before.id)
        if answer.verdict is not Verdict.GO or verb in (Verb.PAGE, Verb.NOTE):
            assert after == before
        elif verb in (Verb.ESCALATE, Verb.HAND_OVER):
            assert (after.phase, after.holder, after.snoozed_until) == (Phase.TRIGGERED, None, None)
            assert verb is Verb.ESCALATE or after.next_step_at == self.clock.now() + TEN
        elif verb is Verb.REGRADE:
            assert (after.phase, after.holder, after.snoozed_until) == (
                before.phase,
                before.holder,
                before.snoozed_until,
            )
        else:
            self.channel.quiet[before.id] = after.version
            assert after.next_step_at is None
            assert after.phase is (Phase.ACKNOWLEDGED if verb in HELD else Phase.RESOLVED)
            assert bool(after.resolution) == (verb in OVER)
            assert (after.snoozed_until is not None) == (verb is Verb.SNOOZE)
        if by in ("person:eve", "slack:U0NOBODY"):
            assert answer.verdict is Verdict.STRANGER

    @rule(minutes=st.sampled_from([0, 1, 5, 10, 16, 45]))
    def pass_time(self, minutes: int) -> None:
        """Time goes by from one due moment to the next, and what is due is done."""
        goal = self.clock.now() + timedelta(minutes=minutes)
        while True:
            self.run(self.worker.drain())
            due = self.run(self.store.read(jobs.next_due))
            if due is None or due > goal:
                break
            self.run(self.clock.advance(due - self.clock.now()))
        self.run(self.clock.advance(goal - self.clock.now()))

    @precondition(lambda self: not self.channel.away)
    @rule()
    def lose_the_channel(self) -> None:
        self.channel.away = True

    @precondition(lambda self: self.channel.away)
    @rule()
    def find_the_channel(self) -> None:
        self.channel.away = False

    def incident(self, id_: str) -> Incident:
        return self.run(self.store.read(lambda tx: incidents.get(tx, id_)))

    @invariant()
    def what_must_hold_holds(self) -> None:
        now = self.run(self.store.read(Snapshot.of))
        self.every_accepted_alert_is_in_one_incident(now)
        self.what_fires_is_counted(now)
        self.each_step_fired_once(now)
        self.who_is_unanswered_is_escalated_and_nobody_else(now)
        self.nobody_is_paged_twice_nor_after_an_answer(now)
        self.who_sleeps_is_woken(now)
        open_ = [i.key for i in now.incidents if i.open]
        assert len(open_) == len(set(open_)) <= 2, "one cause has one open incident"

    def every_accepted_alert_is_in_one_incident(self, now: Snapshot) -> None:
        assert {i.id: i.alerts_total for i in now.incidents if i.alerts_total} == Counter(row[0] for row in now.alerts)
        assert sum(i.alerts_total for i in now.incidents) == self.meant["new"]
        assert sum(i.repeats for i in now.incidents) == self.meant["repeat"]

    def what_fires_is_counted(self, now: Snapshot) -> None:
        firing = Counter(id_ for id_, status, latest in now.alerts if status == "firing")
        assert all(latest for _, status, latest in now.alerts if status == "firing")
        for incident in now.incidents:
            assert incident.alerts_firing == firing[incident.id] >= 0
            assert incident.alerts_firing > 0 or not incident.open, "what fires no more is closed"

    def each_step_fired_once(self, now: Snapshot) -> None:
        fired = Counter((subject, orjson.loads(after)["step"]) for subject, after in now.fired)
        assert set(fired.values()) <= {1}
        assert Counter(subject for subject, _ in fired) == {i.id: i.step for i in now.incidents if i.step}

    def who_is_unanswered_is_escalated_and_nobody_else(self, now: Snapshot) -> None:
        for incident in now.incidents:
            waits = incident.phase is Phase.TRIGGERED and not incident.exhausted
            assert (incident.next_step_at is not None) == waits
            assert not waits or f"step/{incident.id}/{incident.step}" in now.timers

    def nobody_is_paged_twice_nor_after_an_answer(self, now: Snapshot) -> None:
        assert set(Counter(call.page.id for call in self.channel.taken).values()) <= {1}
        assert self.channel.woken_in_vain == []
        assert now.asked <= {i.id for i in now.incidents if i.open}
        triggered = {i.id for i in now.incidents if i.phase is Phase.TRIGGERED}
        assert now.owed <= triggered, "who was answered for is owed no page"

    def who_sleeps_is_woken(self, now: Snapshot) -> None:
        for incident in now.incidents:
            if incident.snoozed_until is not None:
                assert incident.phase is Phase.ACKNOWLEDGED
                assert incident.holder is not None
                assert f"wake/{incident.id}" in now.alarms
            assert (incident.merged_into is not None) == (incident.resolution == "merged")
            assert bool(incident.resolution) == (not incident.open) == (incident.resolved_at is not None)


@pytest.mark.timeout(900)  # finding the shortest way to a fault takes its time
def test_what_must_hold_of_incidents_holds() -> None:
    machine = Incidents.TestCase()
    machine.settings = settings(
        max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
    machine.runTest()
