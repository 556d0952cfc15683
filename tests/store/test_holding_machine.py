"""Alerts that are held and let go at random: each is in one incident, or held for a reason that stands."""

import asyncio
import shutil
import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.app import duties
from bot.contract.source import Delivery
from bot.engine import intake, release, respond, work
from bot.engine.desk import Desk
from bot.errors import BadInput, Conflict, NotFound
from bot.model.alert import Alert, Kind, Status
from bot.model.estate import Entity, Estate, Model
from bot.model.held import Cause, Held
from bot.model.incident import Incident
from bot.model.matcher import Matcher
from bot.model.noise import Calm, Confirm, Inhibition, Noise
from bot.model.people import People, Person
from bot.model.runbook import Grade, Runbook, Tier
from bot.model.silence import Silence
from bot.model.verb import Verb
from bot.runbooks import Library
from bot.settings import Settings
from bot.slack import off
from bot.store import Store, Tx, evaluations, held, incidents, jobs, log, silences
from bot.testing.clock import FakeClock
from tests.parts import migrated
from tests.store import made
from tests.store.made import START, TEN

MODELS = {
    "orders": Model("orders", "retail", "data", kind="data", feeds=("churn", "price")),
    "churn": Model("churn", "retail", "ml"),
    "price": Model("price", "retail", "ml"),
}
NOISE = Noise(
    (
        Inhibition("grave", (Matcher("severity", "=", "critical"),), (Matcher("kind", "=", "latency"),), ("model",)),
        Inhibition("shadow", (Matcher("kind", "=", "latency"),), (Matcher("kind", "=", "drift"),), shadow=True),
    )
)
DRIFT = Runbook(
    name="drift",
    file="drift.md",
    revision="r1",
    title="Drift",
    owner="person:ada",
    review_by=date(2099, 1, 1),
    match=(),
    severity=(Grade("sev2"),),
    tiers=(Tier("L1", ("person:ada",), TEN),),
    start={"sev2": "L1"},
)
SLOW = replace(
    DRIFT, name="slow", match=(Matcher("kind", "=", "latency"),), confirm=Confirm(2, 3), calm=Calm(evaluations=2)
)
KINDS = (Kind.DRIFT, Kind.LATENCY, Kind.FRESHNESS)

said = st.tuples(
    st.sampled_from(list(MODELS)),
    st.sampled_from(KINDS),
    st.sampled_from([Status.FIRING, Status.FIRING, Status.FIRING, Status.RESOLVED, Status.NO_DATA]),
    st.sampled_from([None, None, 0, -5]),  # when it began, in minutes from now; None: not said
    st.sampled_from([None, 0, -1, -20]),  # when its monitor looked
    st.sampled_from([None, "critical"]),
)
MATCHERS = st.sampled_from(
    [(), (Matcher("model", "=", "churn"),), (Matcher("kind", "=", "freshness"),), (Matcher("model", "!=", "price"),)]
)


class Holding(RuleBasedStateMachine):
    """The engine alone in frozen time; nobody sweeps, so whoever ends a reason must ask for its release."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.mkdtemp(prefix="tocsin-holding-")
        url = migrated.sqlite(Path(self.folder))
        self.clock = FakeClock(START)
        self.store = self.run(Store.open(url, clock=self.clock, migrate=False))
        people = People({"ada": Person("ada", slack="U01ADA")}, {})
        estate = Estate({"retail": Entity("retail")}, MODELS, MODELS)
        own = Settings(Path(self.folder), "", people=people, estate=estate, noise=NOISE)
        self.desk = Desk(self.store, self.clock, own, Library((DRIFT, SLOW)))
        self.worker = work.Worker(self.desk, duties(self.desk) | dict(off.HANDLERS), owner="me")
        self.held = 0

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        _, broken = self.run(self.store.read(lambda tx: log.verify(tx.sql)))
        self.run(self.store.close())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        shutil.rmtree(self.folder)
        assert broken == []

    def alert(self, said: tuple[Any, ...]) -> Alert:
        model, kind, status, began, looked, severity = said
        now = self.clock.now()
        return made.alert(
            f"{model}/{kind}",
            status,
            kind=kind,
            model=model,
            environment="production",
            severity=severity,
            started_at=now + timedelta(minutes=began or 0),
            started_inferred=began is None,
            evaluated_at=None if looked is None else now + timedelta(minutes=looked),
        )

    @rule(batch=st.lists(said, min_size=1, max_size=6))
    def deliver(self, batch: list[tuple[Any, ...]]) -> None:
        """A delivery; everything in it is accounted for."""
        wanted = tuple(self.alert(each) for each in batch)
        arrived = [intake.Arrived("prom", Delivery(wanted))]
        (receipt,) = self.run(self.store.write(lambda tx: intake.book(tx, self.desk, arrived, tx.now)))
        assert receipt.accepted == len(wanted)
        self.held += receipt.held
        self.settle()

    @rule(
        matchers=MATCHERS, minutes=st.sampled_from([1, 7, 30]), begins=st.sampled_from([0, 0, 5]), shadow=st.booleans()
    )
    def silence(self, matchers: tuple[Matcher, ...], minutes: int, begins: int, shadow: bool) -> None:
        start = self.clock.now() + timedelta(minutes=begins)
        end = start + timedelta(minutes=minutes)

        def act(tx: Tx) -> None:
            one = Silence(silences.next_id(tx), matchers, start, end, "person:ada", "why", tx.now, shadow=shadow)
            silences.add(tx, one)
            release.at(tx, one)

        self.run(self.store.write(act))

    @rule(number=st.integers(1, 3))
    def end_a_silence(self, number: int) -> None:
        def act(tx: Tx) -> None:
            silences.end(tx, f"SIL-{number}", tx.now, "person:ada")
            release.ask(tx, tx.now)

        try:
            self.run(self.store.write(act))
        except Conflict:
            return
        self.settle()

    @rule(
        verb=st.sampled_from([Verb.ACKNOWLEDGE, Verb.RESOLVE, Verb.FALSE_ALARM, Verb.MERGE]),
        number=st.integers(1, 6),
        into=st.integers(1, 6),
    )
    def press(self, verb: Verb, number: int, into: int) -> None:
        press = respond.Press(verb, f"INC-{number}", "person:ada", self.clock.now(), "cli", None, f"INC-{into}")
        try:
            self.run(respond.take(self.desk, press))
        except (BadInput, NotFound):
            return
        self.settle()

    @rule(minutes=st.sampled_from([1, 5, 16, 40]))
    def pass_time(self, minutes: int) -> None:
        goal = self.clock.now() + timedelta(minutes=minutes)
        while True:
            self.settle()
            due = self.run(self.store.read(jobs.next_due))
            if due is None or due > goal:
                break
            self.run(self.clock.advance(due - self.clock.now()))
        self.run(self.clock.advance(goal - self.clock.now()))

    def settle(self) -> None:
        self.run(self.worker.drain())

    @invariant()
    def what_must_hold_holds(self) -> None:
        self.run(self.store.read(self.look))

    def look(self, tx: Tx) -> None:
        rows = held.listing(tx, limit=1000)
        known = {one.id: one for one in incidents.listing(tx, open_only=False, limit=1000)}
        newest = {tuple(row) for row in tx.sql.exec_driver_sql("SELECT problem, status FROM alerts WHERE latest = 1")}
        fires = {problem for problem, status in newest if status == "firing"}
        assert fires.isdisjoint(row.alert.problem for row in rows), "in an incident or held, never both"
        ends = tx.sql.exec_driver_sql("SELECT count(*) FROM log WHERE kind = 'alert.released'").scalar_one()
        assert self.held == len(rows) + ends, "what was held is held, or was let go once"
        for incident in known.values():
            total, firing = tx.sql.exec_driver_sql(
                "SELECT count(*), coalesce(sum(status = 'firing'), 0) FROM alerts WHERE incident_id = ?", (incident.id,)
            ).one()
            assert (incident.alerts_total, incident.alerts_firing) == (total, firing)
        for row in rows:
            assert row.hold.until is None or row.hold.until > tx.now
            self.its_reason_stands(tx, row, known)
        shadowed = "SELECT after FROM log NATURAL JOIN log_said WHERE kind = 'noise.shadowed'"
        for (after,) in tx.sql.exec_driver_sql(shadowed):
            rule = orjson.loads(after)["rule"]
            assert rule == "shadow" or silences.get(tx, rule).shadow

    def its_reason_stands(self, tx: Tx, row: Held, known: dict[str, Incident]) -> None:
        match row.hold.cause:
            case Cause.SILENCE:
                one = silences.get(tx, row.hold.by)
                assert one.active(tx.now)
                assert not one.shadow
            case Cause.INHIBITION:
                behind = known[row.hold.incident or ""]
                assert row.hold.by in ("grave", "feeds")
                assert behind.open, "somebody is paged for what holds it"
                assert behind.step >= 1
                assert behind.alerts_firing > 0
            case Cause.UNCONFIRMED:
                history = evaluations.of(tx, [row.alert.problem])[row.alert.problem]
                assert row.hold.by == "slow"
                assert sum(one.breached for one in history[-3:]) < 2


@pytest.mark.timeout(900)  # finding the shortest way to a fault takes its time
def test_what_must_hold_of_held_alerts_holds() -> None:
    machine = Holding.TestCase()
    machine.settings = settings(  # type: ignore[misc]
        max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
    )
    machine.runTest()
