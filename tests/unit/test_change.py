"""A change as a noun: which moves exist, and what an approval binds to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadMove
from bot.model.change import NEXT, OPEN, Change, Lever, Plan, Serving, Step, move

AT = datetime(2026, 11, 24, 2, 14, tzinfo=UTC)
PLAN = Plan(
    lever=Lever.ROLLBACK,
    model="churn",
    connection="registry",
    ref={"registered_model": "churn", "alias": "champion"},
    before=Serving({"7": 100.0}, raw={"aliases": {"champion": "7"}}, guard="etag-1"),
    after=Serving({"6": 100.0}),
    why_after="6 served from 1 November to yesterday without an incident.",
    effect="6 serves instead of 7.",
    warnings=("A pointer moves; loaded servers must be restarted.",),
    verify_within=timedelta(minutes=5),
    metric="auc",
    parameters={"version": "6"},
)
CHANGE = Change(
    "CHG-1", PLAN, Step.PROPOSED, "retail", "ada", AT, "accuracy fell", 1, AT + timedelta(hours=1), AT, incident="INC-1"
)


def test_a_plan_is_the_same_after_the_database() -> None:
    again = Plan.read(orjson.loads(orjson.dumps(PLAN.spelled())))
    assert again == PLAN
    assert again.digest == PLAN.digest


@pytest.mark.parametrize(
    "other",
    [
        {"model": "price"},
        {"lever": Lever.PROMOTE},
        {"connection": "other"},
        {"ref": {"registered_model": "churn", "alias": "shadow"}},
        {"before": Serving({"8": 100.0}, raw={"aliases": {"champion": "8"}}, guard="etag-1")},
        {"before": replace(PLAN.before, guard="etag-2")},
        {"before": replace(PLAN.before, raw={"aliases": {"champion": "7", "x": "1"}})},
        {"after": Serving({"5": 100.0})},
        {"after": Serving({"6": 90.0, "7": 10.0})},
        {"after": Serving({"6": 100.0}, paused=True)},
        {"revision": "another"},
        {"metric": None},
        {"verify_within": timedelta(minutes=6)},
        {"warnings": ()},
        {"parameters": {"version": "5"}},
    ],
)
def test_an_agreement_binds_to_every_part_of_the_plan(other: dict[str, Any]) -> None:
    assert replace(PLAN, **other).digest != PLAN.digest


def test_the_order_of_keys_is_no_difference() -> None:
    turned = replace(PLAN, ref=dict(reversed(PLAN.ref.items())))
    assert turned.digest == PLAN.digest


def test_a_version_serves_alone_or_is_none() -> None:
    assert Serving({"7": 100.0}).version == "7"
    assert Serving({"7": 90.0, "6": 10.0}).version is None
    assert Serving({}).version is None
    assert not Serving({"7": 100.0}).same(Serving({"7": 100.0}, paused=True))
    assert Serving({"7": 100.0}, raw={"a": 1}, guard="x").same(Serving({"7": 100.0}))


@given(st.lists(st.sampled_from(list(Step)), max_size=12))
def test_only_the_moves_of_the_table_exist(wanted: list[Step]) -> None:
    change = CHANGE
    for number, to in enumerate(wanted):
        if to in NEXT[change.step]:
            after = move(change, to, AT, outcome="x")
            assert (after.step, after.version) == (to, change.version + 1)
            change = after
        else:
            with pytest.raises(BadMove, match=f"CHG-1 is {change.step}, so it cannot become {to}."):
                move(change, to, AT)
        assert change.open == (change.step in OPEN), number


def test_nothing_is_applied_that_was_not_approved() -> None:
    before = {step for step, after in NEXT.items() if Step.APPLYING in after}
    assert before == {Step.APPROVED}
    assert {step for step, after in NEXT.items() if Step.DONE in after} == {Step.VERIFYING, Step.UNKNOWN}
