"""A retrain is proposed like any change of production: on clean data, at a known price, under a lock of its own."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.contract.trainer import Going, Run
from bot.engine import planning
from bot.engine.drafting import Wish
from bot.model.alert import Kind
from bot.model.change import Lever, Step
from bot.model.verdict import Verdict
from tests.story import forging
from tests.story.forging import Smithy


@pytest.fixture
async def smithy(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Smithy]:
    async with forging.opened(tmp_path, sqlite_url) as one:
        yield one


async def test_the_plan_says_on_what_it_learns_what_it_costs_and_that_nothing_changes(smithy: Smithy) -> None:
    await smithy.bench.trouble("orders came late", "orders", Kind.FRESHNESS, 2)
    answer = await smithy.propose()
    assert answer.verdict is Verdict.GO, answer.sentence
    assert answer.change is not None
    plan, now = answer.change.plan, smithy.scene.room.now
    assert plan.before.same(plan.after)
    assert plan.parameters["cost"] == 40
    assert plan.parameters["until"] < now.isoformat()  # it ends where the data began to be late
    whole = now.replace(minute=0, second=0, microsecond=0)
    assert plan.parameters["since"] == (whole - timedelta(days=30)).isoformat()
    assert "What serves stays 7" in plan.effect
    assert answer.change.needs == 1


async def test_what_was_shown_is_what_is_proposed_a_minute_later(smithy: Smithy) -> None:
    wish = Wish(Lever.RETRAIN, "churn", why="it drifts")
    shown = await planning.draft(smithy.desk, wish, smithy.scene.room.now)
    await smithy.later(minutes=5)
    assert (await smithy.propose(seen=shown.digest)).verdict is Verdict.GO


async def test_while_one_is_open_there_is_no_second_and_a_rollback_is_free(smithy: Smithy) -> None:
    first = await smithy.propose()
    again = await smithy.propose("person:bo")
    assert first.change is not None
    assert again.verdict is Verdict.LOCKED
    assert first.change.id in again.sentence
    back = await smithy.scene.proposed(lever=Lever.ROLLBACK)
    assert back.step is Step.PROPOSED


async def test_a_run_that_somebody_else_started_stands_in_the_way(smithy: Smithy) -> None:
    smithy.hearth.others.append(Run("nightly-17", Going.RUNNING))
    answer = await smithy.propose()
    assert answer.verdict is Verdict.NOT_POSSIBLE
    assert "nightly-17" in answer.sentence


async def test_a_model_without_a_policy_is_not_retrained(smithy: Smithy) -> None:
    smithy.scene.write("config/estate.yaml", f"    retrain: {{{forging.POLICY}}}\n", "")
    answer = await smithy.propose()
    assert answer.verdict is Verdict.NOT_POSSIBLE
    assert "no `retrain`" in answer.sentence


async def test_beyond_the_budget_one_more_has_to_agree(smithy: Smithy) -> None:
    smithy.scene.write(
        "config/estate.yaml",
        "- {name: retail, timezone: Europe/Istanbul}",
        "- {name: retail, timezone: Europe/Istanbul, budget: {monthly: 30, currency: EUR}}",
    )
    answer = await smithy.propose()
    assert answer.change is not None, answer.sentence
    assert answer.change.needs == 2
    assert any("40 EUR" in warning and "30 is left" in warning for warning in answer.change.plan.warnings)
