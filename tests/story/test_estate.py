"""The living estate beside the real bot: what its monitor says opens the right incidents, and a rollback mends them."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.engine import agree, propose
from bot.model.change import Change, Lever, Step
from bot.model.incident import Incident, Phase
from bot.model.trial import Finding, Stage
from bot.sandbox.estate import rows, serving
from bot.sandbox.estate.estate import Estate
from bot.store import changes, held, incidents, trainings, trials
from bot.testing.clock import FakeClock
from bot.testing.house import House
from tests.story.place import Place, send

RUNBOOKS = Path(__file__).parents[2] / "runbooks"
OWN = RUNBOOKS.parent / "bot" / "sandbox" / "demo" / "runbooks" / "delivery-days.md"
SEED, KEY = 7, "0123456789abcdef0123456789abcdef"
FILES = {
    "config/tocsin.yaml": """\
        database: ${DATABASE_URL}
        slack: {mode: socket, channel: "#ml-oncall"}
        web: {port: 0}
        connections:
          - {name: estate, plugin: webhook, secret: "${PROM_SECRET}"}
          - {name: deploys, plugin: pagerduty, routing_key: "${DEPLOYS_KEY}"}
          - {name: disk, plugin: local, root: "${MODELS}", run_train: true}
        """,
    "config/people.yaml": """\
        people:
          - {name: ada, slack: U01ADA}
          - {name: bo, slack: U01BO}
          - {name: cy, slack: U01CY}
          - {name: dee, slack: U01DEE}
          - {name: eve, slack: U01EVE}
          - {name: flo, slack: U01FLO}
        teams:
          - {name: churn-ml, entity: retail, members: [ada, bo], lead: cy}
          - {name: credit-ml, entity: lending, members: [dee, eve], lead: flo}
          - {name: ml-platform, entity: retail, members: [flo], lead: flo}
        """,
    "config/estate.yaml": """\
        entities: [{name: retail}, {name: lending}]
        models:
          - {name: churn, entity: retail, team: churn-ml, criticality: high,
             platform: disk, ref: {name: churn}, approvers: ["team:churn-ml"],
             trial: {metric: auc, also: [log_loss], window: 1d, least: 400}}
          - {name: demand, entity: retail, team: churn-ml,
             platform: disk, ref: {name: demand}, approvers: ["team:churn-ml"]}
          - {name: delivery-days, entity: retail, team: churn-ml,
             platform: disk, ref: {name: delivery-days}, approvers: ["team:churn-ml"],
             trial: {metric: mape, window: 2d, slices: [distance], least: 100}, retrain: {window: 2d, longest: 4h}}
          - {name: refund-agent, kind: agent, entity: retail, team: churn-ml,
             platform: disk, ref: {name: refund-agent}, approvers: ["team:churn-ml"]}
          - {name: listings, kind: data, entity: lending, team: credit-ml, criticality: high, feeds: [collateral-price],
             platform: disk, ref: {name: listings}, approvers: ["team:credit-ml"]}
          - {name: collateral-price, entity: lending, team: credit-ml, criticality: high,
             platform: disk, ref: {name: collateral-price}, approvers: ["team:credit-ml"]}
        """,
    "config/rotas.yaml": """\
        rotas:
          - {name: first-line, timezone: UTC, start: "2026-11-02 09:00", every: 1 week, members: [ada]}
          - {name: churn-ml-primary, timezone: UTC, start: "2026-11-02 09:00", every: 1 week, members: [bo]}
          - {name: credit-ml-primary, timezone: UTC, start: "2026-11-02 09:00", every: 1 week, members: [dee]}
        """,
}


@dataclass
class Living:
    """The bot, the estate it watches over, and everything that was posted to it."""

    house: House
    estate: Estate
    models: Path
    posted: list[dict[str, Any]] = field(default_factory=list)

    async def post(self, bodies: list[dict[str, Any]]) -> None:
        """Over HTTP, by the ordinary webhook."""
        answer = await send(self.house, "/alerts/estate", {"alerts": bodies})
        assert answer.status == 202, answer.body
        self.posted += bodies

    async def tell(self, event: dict[str, Any]) -> None:
        """A change event, as a pipeline sends it."""
        answer = await send(self.house, "/v2/change/enqueue", {"routing_key": KEY, **event})
        assert answer.status == 202, answer.body

    async def windows(self, count: int, seconds: float = 5) -> None:
        """So many windows are served, and the bot does what follows."""
        for _ in range(count):
            await self.estate.turn(self.post, self.tell)
            await self.house.settle()
            await self.house.pass_time(seconds=seconds)

    async def incidents(self) -> dict[str, Incident]:
        """Every incident so far, by its runbook."""
        found = await self.house.app.store.read(lambda tx: incidents.listing(tx, open_only=False))
        assert len({one.runbook for one in found}) == len(found)
        return {one.runbook: one for one in found}

    async def rolled_back(self, incident: Incident, by: str, other: str) -> Change:
        """Somebody asks for it and somebody else agrees; the change as it is once it was applied."""
        change = await self.proposed(incident, by)
        assert (await self.agreed(change, by)).step is Step.PROPOSED
        return await self.agreed(change, other)

    async def proposed(self, incident: Incident, by: str, lever: Lever = Lever.ROLLBACK) -> Change:
        """Somebody asks for a change because of an incident."""
        wish = propose.Wish(lever, str(incident.model), incident=incident.id, why="worse since it serves")
        answer = await propose.propose(self.house.app.desk, wish, f"person:{by}", self.house.clock.now(), "cli")
        assert answer.change is not None, answer.sentence
        return answer.change

    async def agreed(self, change: Change, by: str) -> Change:
        """Somebody says that it should be done; the change once what is due is done."""
        vote = agree.Vote(agree.AGREE, change.id, f"person:{by}", self.house.clock.now(), "cli")
        await agree.vote(self.house.app.desk, vote)
        await self.house.settle()
        return await self.change(change.id)

    async def change(self, id_: str) -> Change:
        """As it is now."""
        return await self.house.app.store.read(lambda tx: changes.get(tx, id_))

    def answers(self, model: str) -> str:
        """The version that is seen to answer."""
        return str(orjson.loads((self.models / model / serving.PROBE).read_bytes())["version"])

    def error(self, model: str) -> float:
        """The newest error of a model."""
        return self.estate.errors()[model][1]

    def said(self, model: str) -> list[tuple[str, str]]:
        """What the monitor said of a model, each state once, in order."""
        told = [(one["problem"], one["status"]) for one in self.posted if one["model"] == model]
        return list(dict.fromkeys(told))


@asynccontextmanager
async def living(place: Place) -> AsyncIterator[Living]:
    """The bot with the runbooks it ships with, over an estate that has just begun."""
    models = place.home / "models"
    place.env |= {"MODELS": str(models), "DEPLOYS_KEY": KEY}
    for name, text in FILES.items():
        place.write(name, text)
    shutil.rmtree(place.home / "runbooks")
    shutil.copytree(RUNBOOKS, place.home / "runbooks")
    (place.home / "runbooks" / OWN.name).write_text(OWN.read_text().replace("pause: 1.5", "pause: 0"))
    estate = Estate(models, place.clock, SEED)
    estate.furnish()
    async with place.house() as house:
        yield Living(house, estate, models)


async def test_a_promotion_breaks_churn_and_its_rollback_mends_it(place: Place) -> None:
    async with living(place) as scene:
        await scene.windows(1)
        found = await scene.incidents()
        assert {(book, one.model, one.severity, one.tier) for book, one in found.items()} == {
            ("drift", "churn", "sev3", "L1"),
            ("performance", "churn", "sev1", "L2"),
        }
        assert found["performance"].title.startswith("churn 7 performs worse: log_loss")
        assert [person for person, _ in scene.house.paged()] == ["ada", "bo"]
        card = await scene.house.card(found["performance"].id)
        assert "Every customer was sent a promotion (marketing)" in card.shown
        before = scene.error("churn")

        change = await scene.rolled_back(found["performance"], "ada", "bo")
        assert (change.plan.before.version, change.plan.after.version) == ("7", "6")
        assert scene.answers("churn") == "7"  # the pointer was swapped; its server has not looked yet
        assert change.step is Step.VERIFYING
        assert change.seen is None

        await scene.windows(1)
        assert scene.answers("churn") == "6"
        assert scene.error("churn") < before / 2
        assert (await scene.change(change.id)).seen is not None
        assert (await scene.incidents())["performance"].open  # one window that is well is not the end

        await scene.windows(2)
        assert {one.phase for one in (await scene.incidents()).values()} == {Phase.RESOLVED}
        done = await scene.change(change.id)
        assert (done.step, "Recovered" in done.outcome) == (Step.DONE, True)
        assert scene.said("churn") == [
            ("churn/psi/days_since_promo", "firing"),
            ("churn/performance", "firing"),
            ("churn/psi/days_since_promo", "resolved"),
            ("churn/performance", "resolved"),
        ]


async def test_its_runbook_finds_that_the_version_before_is_better(place: Place) -> None:
    async with living(place) as scene:
        await scene.windows(1)
        (done,) = await scene.house.app.store.read(lambda tx: trials.listing(tx))
        assert (done.champion, done.challenger, done.stage) == ("7", "6", Stage.DONE), done.outcome
        assert done.asked_by.startswith("runbook:")
        assert done.scorecard is not None
        assert (done.scorecard.finding, done.scorecard.samples) == (Finding.BETTER, rows.KEPT), done.scorecard.why


async def test_a_table_in_other_units_is_one_incident_and_what_reads_it_is_held(place: Place) -> None:
    async with living(place) as scene:
        await scene.windows(8, seconds=30)
        well = scene.error("collateral-price")
        assert "feature-pipeline" not in await scene.incidents()
        await scene.windows(1, seconds=30)
        book, one = next(each for each in (await scene.incidents()).items() if each[1].entity == "lending")
        assert (book, one.model, one.severity, one.tier) == ("feature-pipeline", "listings", "sev2", "L1")
        assert one.title.endswith("% of the rows of listings (version 2) have an unusual area")
        assert scene.error("collateral-price") > 10 * well
        assert "Schema 2: area in square feet" in (await scene.house.card(one.id)).shown
        behind = await scene.house.app.store.read(lambda tx: held.about(tx, one.id))
        assert behind.about == ("collateral-price",)
        assert {each[0] for each in scene.said("collateral-price")} == {
            "collateral-price/psi/area",
            "collateral-price/performance",
        }

        change = await scene.rolled_back(one, "dee", "eve")
        assert change.plan.after.version == "1"
        await scene.windows(3)
        assert scene.answers("listings") == "1"
        assert scene.error("collateral-price") == pytest.approx(well, abs=0.05)
        assert (await scene.change(change.id)).step is Step.DONE
        assert await scene.house.app.store.read(held.listing) == []
        await scene.house.pass_time(minutes=21)  # as long as the runbook has it stay calm
        left = await scene.incidents()
        assert left["feature-pipeline"].phase is Phase.RESOLVED
        assert {each.model for each in left.values()} == {"churn", "listings"}


async def test_an_agent_that_goes_round_is_a_matter_of_cost_and_demand_is_never_heard_of(place: Place) -> None:
    async with living(place) as scene:
        await scene.windows(16, seconds=30)
        usual = scene.error("refund-agent")
        assert "agent-loop" not in await scene.incidents()
        await scene.windows(1, seconds=30)
        one = (await scene.incidents())["agent-loop"]
        assert (one.model, one.severity, one.kind) == ("refund-agent", "sev2", "cost")
        assert scene.error("refund-agent") > 10 * usual
        assert "made the call search_orders('')" in next(
            each["summary"] for each in scene.posted if each["model"] == "refund-agent"
        )

        change = await scene.rolled_back(one, "ada", "bo")
        assert change.plan.after.version == "3"
        await scene.windows(3)
        assert scene.answers("refund-agent") == "3"
        assert scene.error("refund-agent") == pytest.approx(usual, rel=0.5)
        assert (await scene.change(change.id)).step is Step.DONE
        await scene.house.pass_time(minutes=16)
        assert (await scene.incidents())["agent-loop"].phase is Phase.RESOLVED

        assert set(await scene.incidents()) == {"drift", "performance", "feature-pipeline", "agent-loop"}
        assert scene.said("demand") == []
        assert scene.estate.errors()["demand"][1] < 0.2


async def test_a_carrier_that_works_otherwise_is_learnt_anew_and_what_was_made_serves(place: Place) -> None:
    async with living(place) as scene:
        await scene.windows(12, seconds=60)
        assert scene.said("delivery-days") == []
        await scene.windows(1, seconds=60)
        one = (await scene.incidents())["delivery-days"]
        assert (one.model, one.severity, one.kind) == ("delivery-days", "sev2", "performance")
        assert "one hub sorts everything now (logistics)" in (await scene.house.card(one.id)).shown
        before = scene.error("delivery-days")
        found = await scene.house.app.store.read(lambda tx: trials.listing(tx, model="delivery-days"))
        assert [(each.champion, each.challenger) for each in found] == [("3", "2")]
        assert found[0].scorecard is not None
        assert found[0].scorecard.finding is not Finding.BETTER, "going back is no help"

        asked = await scene.proposed(one, "ada", Lever.RETRAIN)
        assert (await scene.agreed(asked, "ada")).step is Step.PROPOSED
        change = await scene.agreed(asked, "bo")
        while change.step in (Step.APPLYING, Step.VERIFYING):  # a process of its own trains, in its own time
            await scene.house.pass_time(seconds=5)
            change = await scene.change(change.id)
        assert change.step is Step.DONE, change.outcome
        made = await scene.house.app.store.read(lambda tx: trainings.get(tx, change.id))
        assert (made.version, made.passed) == ("4", True), made.findings
        assert made.log.endswith(f"mape {made.metrics['mape']:.3f}.")
        assert made.metrics["mape"] < 0.12
        assert scene.answers("delivery-days") == "3", "nothing that serves has changed"

        follows = await scene.house.app.store.read(lambda tx: changes.after(tx, change.id))
        assert follows is not None
        assert (follows.plan.lever, follows.plan.after.version) == (Lever.PROMOTE, "4")
        await scene.agreed(follows, "ada")
        await scene.windows(3)
        assert scene.answers("delivery-days") == "4"
        assert scene.error("delivery-days") < before / 3
        assert (await scene.change(follows.id)).step is Step.DONE
        assert (await scene.incidents())["delivery-days"].phase is Phase.RESOLVED


async def test_the_kill_switch_stops_the_agent_and_says_nothing_of_its_health(place: Place) -> None:
    async with living(place) as scene:
        await scene.windows(18, seconds=30)
        folder = scene.models / "refund-agent"
        before = (folder / serving.PREDICTIONS).stat().st_size
        pointer = orjson.loads((folder / serving.POINTER).read_bytes())
        serving.written(folder / serving.POINTER, orjson.dumps({**pointer, "paused": True, "seq": pointer["seq"] + 1}))
        await scene.windows(3)
        assert (folder / serving.PREDICTIONS).stat().st_size == before
        assert scene.said("refund-agent") == [("refund-agent/cost", "firing")]


async def test_started_again_it_goes_on_where_it_was(place: Place, clock: FakeClock) -> None:
    async with living(place) as scene:
        await scene.windows(10, seconds=30)
        await scene.rolled_back((await scene.incidents())["feature-pipeline"], "dee", "eve")
        began, problems = scene.estate.began_at, scene.posted
        scene.estate = Estate(scene.models, clock, SEED)
        scene.estate.furnish()
        assert scene.estate.began_at == began
        scene.posted = []
        await scene.windows(3)
        assert scene.answers("listings") == "1"  # what somebody switched back stays so
        starts = {one["problem"]: one["started_at"] for one in problems}
        assert {one["problem"] for one in scene.posted} <= set(starts)
        assert all(one["started_at"] == starts[one["problem"]] for one in scene.posted)
        assert ("listings/unusual/area", "resolved") in scene.said("listings")
