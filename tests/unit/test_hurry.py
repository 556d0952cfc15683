"""People's time may run fast while the wire keeps its own: a press has its three seconds at any speed."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.demo.hurry import Hurried
from bot.sandbox.workspace import Workspace
from bot.sandbox.workspace.permits import Denied
from bot.testing.clock import FakeClock

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


async def test_the_bot_paces_itself_by_the_time_people_see() -> None:
    shared = FakeClock(START)
    bot = Hurried.of_bot(shared)
    await shared.advance(3600)
    assert bot.now() == START + timedelta(hours=1)
    assert bot.monotonic() == 3600


async def test_a_form_may_be_opened_for_three_seconds_of_the_wire() -> None:
    people, wire = FakeClock(START), FakeClock(START)
    workspace = Workspace(clock=Hurried(people, wire), people=["ada"])
    ada = workspace.person("ada").id
    first, second = workspace.state.trigger(ada), workspace.state.trigger(ada)
    await people.advance(3600)  # an hour for people, nothing yet for the wire
    assert workspace.state.exchange(first) == ada
    await wire.advance(3.1)
    with pytest.raises(Denied, match="expired_trigger_id"):
        workspace.state.exchange(second)


async def test_what_the_machine_waits_for_is_not_people_s_time() -> None:
    shared = FakeClock(START)
    await Hurried.of_workspace(shared).sleep(0)
    assert shared.sleeping == 0, "nobody waits for the shared clock"
    before = Hurried.of_workspace(shared).monotonic()
    await shared.advance(3600)
    assert Hurried.of_workspace(shared).monotonic() - before < 3600
