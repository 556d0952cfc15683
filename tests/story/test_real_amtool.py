"""The real amtool works the bot as it works an Alertmanager: alerts and silences, with one token."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.errors import NotFound
from bot.testing.clock import FakeClock
from bot.testing.house import SECRET, House
from tests.parts import Missing
from tests.parts import amtool as tools
from tests.story.place import Place

pytestmark = [pytest.mark.alertmanager]

WEB = f'web: {{port: 0, tokens: {{amtool: "{SECRET}"}}}}'  # the connection's secret, so that one token does both


@pytest.fixture
async def house(place: Place, clock: FakeClock) -> AsyncIterator[House]:
    """The bot over a frozen clock that stands at the machine's time, which amtool reads."""
    await clock.advance(machine(clock))
    place.change("config/tocsin.yaml", "mode: socket", "mode: off")
    place.change("config/tocsin.yaml", "web: {port: 0}", WEB)
    async with place.house() as one:
        yield one


def machine(clock: FakeClock) -> float:
    """Seconds from the frozen clock to the machine's."""
    return (SystemClock().now() - clock.now()).total_seconds()


@pytest.fixture
def amtool(house: House, tmp_path: Path) -> tools.Amtool:
    """It talks to the bot."""
    try:
        tools.program()
    except Missing as missing:
        pytest.skip(str(missing))
    return tools.Amtool(tmp_path / "amtool", house.url, SECRET)


async def test_an_alert_is_added_and_found(house: House, amtool: tools.Amtool) -> None:
    await amtool.done(
        "alert", "add", "FeatureDrift", "model=churn", "feature=tenure", "--annotation=summary=PSI is 0.31"
    )
    await house.settle()
    incident = await house.incident("INC-1")
    assert (incident.title, incident.model) == ("FeatureDrift", "churn")
    shown = await amtool.done("alert", "query")
    assert "FeatureDrift" in shown
    assert "PSI is 0.31" in shown
    assert "active" in shown
    found = await amtool.asked("alert", "query", "feature=tenure")
    assert [(one["labels"]["feature"], one["status"]["state"]) for one in found] == [("tenure", "active")]
    assert await amtool.asked("alert", "query", "feature=age") == []
    assert await amtool.asked("alert", "query", "alertname=~Feature.*", "model=churn")


async def test_an_alert_with_an_end_in_the_past_is_over(house: House, amtool: tools.Amtool) -> None:
    await amtool.done("alert", "add", "FeatureDrift", "model=churn")
    ended = house.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    await amtool.done("alert", "add", "FeatureDrift", "model=churn", f"--end={ended}")
    await house.settle()
    assert not (await house.incident("INC-1")).open


async def test_a_silence_is_added_found_and_ended(house: House, amtool: tools.Amtool) -> None:
    add = ("silence", "add", "alertname=FeatureDrift", "feature=~ten.*", "--duration=2h", "--author=grace")
    id_ = await amtool.done(*add, "--comment=backfill of tenure")
    assert id_ == "SIL-1"
    await house.pass_time(seconds=machine(house.clock) + 1)
    shown = await amtool.done("silence", "query")
    for word in (id_, 'feature=~"ten.*"', "grace", "backfill of tenure"):
        assert word in shown, shown
    assert await amtool.done("silence", "query", "-q", "alertname=FeatureDrift") == id_
    await amtool.done("alert", "add", "FeatureDrift", "model=churn", "feature=tenure")
    await house.settle()
    with pytest.raises(NotFound):
        await house.incident("INC-1")
    assert await amtool.asked("alert", "query") == []
    held = await amtool.asked("alert", "query", "--silenced")
    assert [one["status"]["silencedBy"] for one in held] == [[id_]]
    await amtool.done("silence", "expire", id_)
    await house.settle()
    assert (await house.incident("INC-1")).open  # what still fires comes through now
    # amtool sorts them out by the machine's clock, which may or may not have come so far.
    listed = [*await amtool.asked("silence", "query"), *await amtool.asked("silence", "query", "--expired")]
    assert {(one["id"], one["status"]["state"]) for one in listed} == {(id_, "expired")}


async def test_a_silence_is_prolonged(house: House, amtool: tools.Amtool) -> None:
    id_ = await amtool.done("silence", "add", "team=x", "--duration=1h", "--comment=c")
    await amtool.done("silence", "update", id_, "--duration=3h", "--comment=longer")
    found = await amtool.asked("silence", "query")
    assert [one["comment"] for one in found] == ["longer"]
    assert found[0]["id"] != id_


async def test_it_is_refused_in_words_it_can_show(house: House, amtool: tools.Amtool) -> None:
    status, _, err = await amtool.run("silence", "add", "alertname=~.+", "--comment=c")
    assert status != 0
    assert "every alert" in err, err
    stranger = tools.Amtool(amtool.folder, amtool.url, "some token of another")
    status, _, err = await stranger.run("alert", "query")
    assert status != 0
    assert SECRET not in err


async def test_it_knows_what_it_talks_to(house: House, amtool: tools.Amtool) -> None:
    assert "disabled" in await amtool.done("cluster", "show")
    assert "tocsin" in await amtool.done("config", "routes", "show")
