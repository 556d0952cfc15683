"""A promotion by steps: agreed to once, each step a change of its own; after anything else happened none follows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from bot import app
from bot.contract.platform import Op
from bot.engine import agree, canary_run, drafting, freeze, legal_hold, planning, propose, work
from bot.errors import NotDelivered
from bot.model import canary
from bot.model.alert import Kind
from bot.model.change import Lever, Plan, Serving, Step
from bot.model.verdict import Verdict
from bot.slack import off
from tests.story import trying, watching_room
from tests.story.watching_room import USUAL, Watchtower

CANARY = "approval: one, canary: {steps: [10, 50], wait: 30m}"


@pytest.fixture
async def tower(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Watchtower]:
    async with watching_room.opened(tmp_path, sqlite_url, CANARY) as one:
        yield one


@pytest.fixture
async def any_tower(tmp_path: Path, migrated_url: str) -> AsyncIterator[Watchtower]:
    async with watching_room.opened(tmp_path, migrated_url, CANARY) as one:
        yield one


def split(tower: Watchtower) -> dict[str, float]:
    """What serves."""
    return dict(tower.smithy.shelf.now.split)


async def test_all_steps_are_agreed_to_at_once_and_taken_one_after_the_other(any_tower: Watchtower) -> None:
    tower = any_tower
    first = await tower.promoted()
    assert first.plan.effect == (
        "churn will be served by 6 instead of 7 step by step: 10 %, 50 %, then all of it. "
        "Each step serves 30m; the next one follows only if nothing goes wrong."
    )
    assert (first.plan.lever, first.step, split(tower)) == (Lever.SHIFT, Step.DONE, {"7": 90.0, "6": 10.0})
    await tower.smithy.later(minutes=29)
    assert split(tower) == {"7": 90.0, "6": 10.0}
    await tower.smithy.later(minutes=2)
    assert split(tower) == {"7": 50.0, "6": 50.0}
    await tower.smithy.later(minutes=31)
    assert split(tower) == {"6": 100.0}
    steps = (await tower.scene.all())[::-1]
    assert [(one.id, one.follows, one.plan.lever) for one in steps] == [
        ("CHG-1", None, Lever.SHIFT),
        ("CHG-2", "CHG-1", Lever.SHIFT),
        ("CHG-3", "CHG-2", Lever.PROMOTE),
    ]
    for one in steps[1:]:
        assert [each.by for each in one.agreements] == ["bo"]
        (approved,) = await tower.entries(one, "change.approved")
        assert (approved.after["with"], approved.why) == ("CHG-1", "Agreed to with CHG-1.")
        assert [each["digest"] for each in approved.after["agreed"]] == [first.plan.digest]
        assert "agreed to with CHG-1" in one.plan.effect
    watch = await tower.watch("CHG-3")
    assert watch.until - watch.since == timedelta(days=1)
    plan = await drafting.draft(tower.scene.desk, drafting.Wish(Lever.ROLLBACK, "churn"), tower.scene.room.now)
    assert (plan.after.version, "served before CHG-1 promoted 6" in plan.why_after) == ("7", True)


async def test_a_platform_that_cannot_share_gives_it_all_at_once_and_the_plan_says_so(tower: Watchtower) -> None:
    tower.smithy.shelf.levers = frozenset({Lever.ROLLBACK, Lever.PROMOTE})  # type: ignore[misc]
    change = await tower.scene.proposed(lever=Lever.PROMOTE, version="6")
    assert change.plan.lever is Lever.PROMOTE
    assert "6 gets all of the traffic at once and no canary first: shelf cannot share the traffic out." in (
        change.plan.warnings
    )


async def test_where_nothing_could_share_it_goes_at_once(tower: Watchtower) -> None:
    tower.smithy.shelf.now = Serving({})
    change = await tower.scene.proposed(lever=Lever.PROMOTE, version="6")
    assert change.plan.lever is Lever.PROMOTE
    assert any("nothing serving that it could share" in one for one in change.plan.warnings)


async def test_the_steps_it_is_beyond_already_are_left_out(tower: Watchtower) -> None:
    tower.smithy.shelf.now = Serving({"7": 60.0, "5": 20.0, "6": 20.0})
    change = await tower.scene.proposed(lever=Lever.PROMOTE, version="6")
    assert dict(change.plan.after.split) == {"7": 37.5, "5": 12.5, "6": 50.0}
    own = canary.of(change.plan)
    assert own is not None
    assert (own.steps, own.at) == ((50.0,), 0)


async def test_taking_something_back_goes_by_no_steps(tower: Watchtower) -> None:
    back = await tower.scene.proposed(lever=Lever.ROLLBACK)
    await tower.scene.vote(back)
    await tower.smithy.bench.drain()
    wish = await propose.undo(tower.scene.desk, back.id, "no")
    plan = await planning.draft(tower.scene.desk, wish, tower.scene.room.now)
    assert (plan.lever, canary.of(plan)) == (Lever.PROMOTE, None)


async def test_the_same_wish_again_is_the_whole_way_again(tower: Watchtower) -> None:
    change = await tower.scene.proposed(lever=Lever.PROMOTE, version="6")
    await tower.scene.vote(change, verb=agree.REJECT)
    wish = await propose.again(tower.scene.desk, change.id)
    plan = await planning.draft(tower.scene.desk, wish, tower.scene.room.now)
    assert plan.digest == change.plan.digest


@pytest.mark.parametrize("verb", [agree.REJECT, agree.WITHDRAW])
async def test_no_to_the_first_is_no_to_all(tower: Watchtower, verb: str) -> None:
    change = await tower.scene.proposed(lever=Lever.PROMOTE, version="6")
    await tower.scene.vote(change, verb=verb)
    await tower.smithy.later(hours=2)
    assert split(tower) == {"7": 100.0}
    assert len(await tower.scene.all()) == 1


async def test_going_wrong_leads_back_to_where_the_first_step_began(tower: Watchtower) -> None:
    await tower.smithy.propose()
    await tower.hear(*USUAL)
    await tower.promoted()
    await tower.smithy.later(minutes=31)
    assert split(tower) == {"7": 50.0, "6": 50.0}
    await tower.hear(0.8, 0.79, 0.78)
    back = await tower.follower("CHG-3")
    assert back is not None
    assert (back.plan.lever, dict(back.plan.after.split)) == (Lever.ROLLBACK, {"7": 100.0})
    assert "0.8, 0.79, 0.78" in back.why
    assert back.plan.why_after == "7 was asked for; it served before CHG-2 promoted 6, which went wrong."
    await tower.smithy.later(hours=1)
    assert split(tower) == {"7": 50.0, "6": 50.0}  # it neither goes on nor back by itself
    assert "Its way back is proposed" in await tower.told("bo")


async def test_the_first_step_going_wrong_is_taken_back(tower: Watchtower) -> None:
    await tower.promoted()
    await tower.scene.room.alert("errors", kind=Kind.FAILURE)
    await tower.smithy.later(minutes=40)
    back = await tower.follower("CHG-1")
    assert back is not None
    assert (back.undoes, back.plan.after.version) == ("CHG-1", "7")
    assert len(await tower.scene.all()) == 2


Act = Callable[[Watchtower], Awaitable[None]]


async def frozen(tower: Watchtower) -> None:
    """A freeze begins, and ends."""
    now = tower.scene.room.now
    draft = freeze.Draft(now + timedelta(hours=1), "year's end")
    await freeze.declare(tower.scene.desk, draft, "person:eve", now, "cli")


async def held(tower: Watchtower) -> None:
    """An incident of its model is under legal hold."""
    incident = await tower.scene.room.alert("features drifted", kind=Kind.DRIFT)
    wish = legal_hold.Wish(incident.id, "person:eve", tower.scene.room.now, "cli", "the court asked")
    await legal_hold.lay(tower.scene.desk, wish)


async def shifted(tower: Watchtower) -> None:
    """Somebody shifts the traffic by hand."""
    tower.smithy.shelf.now = Serving({"7": 80.0, "6": 20.0})


async def rolled_back(tower: Watchtower) -> None:
    """Somebody rolls it back."""
    change = await tower.scene.proposed(lever=Lever.ROLLBACK)
    await tower.scene.vote(change)
    await tower.smithy.bench.drain()


async def touched(tower: Watchtower) -> None:
    """Somebody moves it and moves it back."""
    tower.smithy.shelf.now = replace(tower.smithy.shelf.now, guard="touched")


async def edited(tower: Watchtower) -> None:
    """The runbook is not what it was."""
    tower.scene.write("runbooks/anything.md", "Look first.", "Look twice.")


async def gone(tower: Watchtower) -> None:
    """The version cannot serve any more."""
    shelf = tower.smithy.shelf
    shelf.there = [one for one in shelf.there if one.id != "6"]


async def silent(tower: Watchtower) -> None:
    """The platform does not answer for longer than an approval lasts."""
    tower.smithy.shelf.down = NotDelivered("It is silent.")


@pytest.mark.parametrize("act", [frozen, held, shifted, rolled_back, touched, edited, gone, silent])
async def test_it_never_goes_on_after_anything_else_and_people_hear_why(tower: Watchtower, act: Act) -> None:
    shelf = tower.smithy.shelf
    apply = shelf.apply

    async def marked(plan: Plan, token: str) -> Op:
        done = await apply(plan, token)
        shelf.now = replace(shelf.now, guard=f"by {token}")
        return done

    shelf.apply = marked  # type: ignore[method-assign]
    await tower.promoted()
    await tower.smithy.later(minutes=10)
    await act(tower)
    for _step in range(16):
        await tower.smithy.later(minutes=15)
    shelf.down = None
    await tower.smithy.later(minutes=5)
    assert await tower.follower("CHG-1") is None
    assert split(tower).get("6", 0.0) <= 20.0
    assert len(await tower.entries("CHG-1", canary_run.STOPPED)) == 1
    said = [one for one in await tower.smithy.bench.waiting.told("person:bo") if "The canary of 6 stops at 10 %" in one]
    assert len(said) == 1


@pytest.mark.parametrize(
    ("model", "kind", "goes_on"),
    [("churn", Kind.FAILURE, False), ("churn", Kind.DRIFT, True), ("price", Kind.FAILURE, True)],
)
async def test_an_incident_that_came_and_went_stops_it_if_it_can_have_caused_it(
    tower: Watchtower, model: str, kind: Kind, goes_on: bool
) -> None:
    await tower.promoted()
    await tower.smithy.bench.trouble("errors", model, kind, 0.1)
    await tower.smithy.later(minutes=30)
    assert split(tower) == ({"7": 50.0, "6": 50.0} if goes_on else {"7": 90.0, "6": 10.0})
    assert bool(await tower.entries("CHG-1", canary_run.STOPPED)) is not goes_on


async def test_one_for_an_incident_goes_on_though_its_metric_is_waited_for(tower: Watchtower) -> None:
    incident = await tower.scene.room.alert("features drifted", kind=Kind.DRIFT)
    first = await tower.promoted(incident=incident.id)
    assert (first.step, first.serves) == (Step.VERIFYING, True)
    await tower.smithy.later(minutes=65)
    assert split(tower) == {"6": 100.0}
    kinds = await tower.scene.room.story(incident.id)
    assert (kinds.count("watch.began"), kinds.count("watch.ended")) == (3, 2)
    assert {one.incident for one in await tower.scene.all()} == {incident.id}


async def test_somebody_elses_proposal_is_waited_for(tower: Watchtower) -> None:
    await tower.promoted()
    other = await tower.scene.proposed(lever=Lever.ROLLBACK)
    await tower.smithy.later(minutes=33)
    assert split(tower) == {"7": 90.0, "6": 10.0}
    await tower.scene.vote(other, verb=agree.REJECT)
    await tower.smithy.later(minutes=2)
    assert split(tower) == {"7": 50.0, "6": 50.0}


async def test_a_step_is_taken_once_by_two_replicas_and_after_a_restart(any_tower: Watchtower) -> None:
    tower = any_tower
    await tower.promoted()
    await tower.scene.room.clock.advance(timedelta(minutes=31))
    for _life in range(2):
        workers = [trying.worker(tower.scene.desk, f"life {_life} of {number}") for number in range(2)]
        await asyncio.gather(*(one.drain() for one in workers))
    assert split(tower) == {"7": 50.0, "6": 50.0}
    await tower.scene.sql("UPDATE jobs SET outcome = NULL, settled_at = NULL WHERE kind = 'canary'")  # it died before
    await tower.smithy.bench.drain()
    assert [one.follows for one in await tower.scene.all()] == ["CHG-1", None]
    assert tower.smithy.shelf.applied == ["CHG-1", "CHG-2"]


async def test_a_step_whose_plan_was_swapped_is_refused(tower: Watchtower) -> None:
    first = await tower.promoted()
    swapped = replace(
        first.plan, parameters={**first.plan.parameters, "canary": {**first.plan.parameters["canary"], "version": "5"}}
    )
    await _swap(tower, "CHG-1", swapped)
    await tower.smithy.later(minutes=40)
    assert await tower.follower("CHG-1") is None
    (stopped,) = await tower.entries("CHG-1", canary_run.STOPPED)
    assert "the log does not say that exactly this was agreed to" in stopped.why


async def test_the_next_step_is_applied_only_as_it_stands_in_the_log(tower: Watchtower) -> None:
    await tower.promoted()
    await tower.scene.room.clock.advance(timedelta(minutes=31))
    await _drain_without_apply(tower)
    following = await tower.follower("CHG-1")
    assert following is not None
    assert following.step is Step.APPROVED
    after = Serving({"5": 100.0}, raw={"pointer": "5"})
    await _swap(tower, following.id, replace(following.plan, after=after))
    await tower.smithy.bench.drain()
    ended = await tower.scene.stored(following)
    assert (ended.step, "The log does not say" in ended.outcome) == (Step.EXPIRED, True)
    assert split(tower) == {"7": 90.0, "6": 10.0}


async def test_a_step_without_its_decision_in_the_log_is_refused(tower: Watchtower) -> None:
    await tower.promoted()
    await tower.scene.room.clock.advance(timedelta(minutes=31))
    await _drain_without_apply(tower)
    its = "chain = 'retail' AND seq IN (SELECT seq FROM log_said WHERE chain = 'retail' AND subject = 'CHG-2')"
    other = f"UPDATE log SET kind = 'change.noted' WHERE {its} AND kind = 'change.approved'"
    back = f"UPDATE log SET kind = 'change.approved' WHERE {its} AND kind = 'change.noted'"
    await _tampered(tower, other)
    await tower.smithy.bench.drain()
    following = await tower.follower("CHG-1")
    assert following is not None
    assert (following.step, split(tower)) == (Step.EXPIRED, {"7": 90.0, "6": 10.0})
    await _tampered(tower, back)


async def test_a_step_that_is_withdrawn_ends_it(tower: Watchtower) -> None:
    await tower.promoted()
    await tower.scene.room.clock.advance(timedelta(minutes=31))
    await _drain_without_apply(tower)
    assert (await tower.scene.vote("CHG-2", "person:ada", verb=agree.WITHDRAW)).verdict is Verdict.GO
    await tower.smithy.later(hours=1)
    assert split(tower) == {"7": 90.0, "6": 10.0}
    assert len(await tower.scene.all()) == 2


async def _drain_without_apply(tower: Watchtower) -> None:
    """One replica that draws and decides, and applies nothing."""
    quiet = dict.fromkeys((*off.HANDLERS, "change", "apply"), off.HANDLERS["card"])
    handlers = {**app.duties(tower.scene.desk), **quiet}
    await work.Worker(tower.scene.desk, handlers, owner="draws").drain()
    await tower.scene.sql("UPDATE jobs SET outcome = NULL, settled_at = NULL WHERE key = 'apply/CHG-2'")


async def _swap(tower: Watchtower, id_: str, plan: Plan) -> None:
    """Somebody's hand puts another plan into the row."""
    said = orjson.dumps(plan.spelled()).decode().replace("'", "''")
    await tower.scene.sql(f"UPDATE changes SET plan = '{said}', digest = '{plan.digest}' WHERE id = '{id_}'")


async def _tampered(tower: Watchtower, statement: str) -> None:
    """Somebody's hand in the log, which only a trigger or its chain would show."""
    await tower.scene.sql(statement)
