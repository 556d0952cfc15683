"""A retrain for no incident: by whose rules it and its promotion go, and what of its data its plan leaves out."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model.alert import Kind
from bot.model.change import Lever
from tests.story import judging
from tests.story.judging import Court

GATE = "{metric: auc, not_below_champion_by: 0.05}"
DRIFTS = f"""---
title: It drifts
owner: person:flo
review_by: 2099-01-01
match: {{kind: drift, environment: production}}
severity:
  - {{is: sev3}}
tiers:
  L1: {{page: "rota:first-line", answer_within: 10m, may: [evaluate]}}
start: {{sev3: L1}}
actions:
  retrain: {{approval: one, gate: {GATE}}}
  promote: {{approval: two, canary: {{steps: [10], wait: 30m}}}}
---
Look.
"""


@pytest.fixture
async def court(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Court]:
    async with judging.opened(tmp_path, sqlite_url) as one:
        (tmp_path / "runbooks" / "drifts.md").write_text(DRIFTS)
        one.smithy.scene.write("runbooks/anything.md", "Look first.", "Look first, then act.")  # and all is read anew
        yield one


async def test_what_it_made_is_promoted_by_the_runbook_that_it_was_retrained_by(court: Court) -> None:
    change = await court.made("6")
    (one,) = await court.followed(change)
    assert (change.plan.runbook, one.plan.runbook) == ("drifts", "drifts")
    assert one.needs == 2  # as that runbook wants of a promotion, not as the one for failures does
    assert one.plan.lever is Lever.SHIFT
    assert one.plan.parameters["canary"]["steps"] == [10.0]


async def test_a_fault_that_goes_on_cuts_the_end_off_and_the_plan_says_so(court: Court) -> None:
    smithy = court.smithy
    await smithy.scene.room.alert("orders came late", model="orders", kind=Kind.FRESHNESS)
    await smithy.scene.room.clock.advance(timedelta(days=2))
    change = await smithy.scene.proposed(lever=Lever.RETRAIN, why="it drifts")
    assert change.plan.parameters["excluded"] == []
    assert "Left out: " in change.plan.why_after


async def test_a_fault_over_all_of_the_window_leaves_no_minutes_of_it_to_learn_from(court: Court) -> None:
    smithy = court.smithy
    room = smithy.scene.room
    began = room.now - timedelta(days=60)
    await room.alert("orders came late", model="orders", kind=Kind.FRESHNESS, started_at=began)
    await room.clock.advance(timedelta(minutes=25))  # the window is to the hour, and so is what is looked for in it
    answer = await smithy.propose()
    assert answer.change is None, answer.change
    assert answer.sentence.startswith("There is no clean data from")
