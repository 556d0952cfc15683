"""A storm: many incidents of one entity page once, are listed once, and speak for themselves when it is over."""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.incident import Incident, Phase
from bot.model.noise import Storm
from bot.rules import storming
from bot.store import log
from bot.testing.house import House
from tests.story.place import START, Place

STORM = "storm: {incidents: 3, within: 10m}\n"
BOOK = """\
    ---
    title: Many incidents at once
    owner: person:flo
    review_by: 2099-01-01
    match: {source: tocsin, connection: noise, label.rule: storm}
    severity: [{is: sev3}]
    tiers:
      L1: {page: "person:cy", answer_within: 15m}
      L2: {page: "person:eve", answer_within: 15m}
    start: {sev1: L2, sev2: L1, sev3: L1}
    ---
    Find the one cause.
    """
GRAVE: dict[str, Any] = {"kind": "drift", "measures": [{"metric": "drift.share", "value": 0.7}]}


@pytest.fixture
def stormy(any_place: Place) -> Place:
    any_place.write("config/noise.yaml", STORM)
    any_place.write("runbooks/storm.md", BOOK)
    return any_place


async def blow(house: House, *numbers: int, **fields: Any) -> list[Incident]:
    """One incident each, of its own environment."""
    return [await house.alert(f"fault {n}", environment=f"e{n}", **fields) for n in numbers]


async def people(house: House) -> list[str]:
    """Who was paged, in order; one person's pages go out a second apart."""
    await house.pass_time(seconds=6)
    return [person for person, _ in house.paged()]


def cards(house: House) -> set[str]:
    """The incidents that have a card."""
    posted = [message.metadata or {} for message in house.workspace.messages("ml-oncall")]
    keys = [str(each.get("event_payload", {}).get("key", "")) for each in posted]
    return {key.removeprefix("card/") for key in keys if key.startswith("card/")}


async def test_a_storm_pages_once_and_lists_the_rest(stormy: Place) -> None:
    async with stormy.house() as house:
        first = await blow(house, 1, 2, 3)
        assert [one.storm for one in first] == [None] * 3
        assert await people(house) == ["ada"] * 3
        rest = await blow(house, *range(4, 16))
        assert {one.storm for one in rest} == {"INC-5"}  # its number comes right after that of the first it gathered
        assert await people(house) == ["ada"] * 3 + ["cy"]
        storm = await house.incident("INC-5")
        assert (storm.entity, storm.severity, storm.runbook) == ("retail", "sev2", "storm")
        assert "More than 3 incidents of retail opened within 10m." in storm.why
        card = await house.card("INC-5")
        assert "Many incidents of retail at once" in card.shown
        listed = re.findall(r"INC-\d+ · SEV2 · churn · fault \d+ · TRIGGERED", card.shown)
        assert len(listed) == 10
        assert "and 2 more" in card.shown
        await house.pass_time(minutes=14)
        assert len(await people(house)) == 4 + 3  # those that page by themselves climb
        assert cards(house) == {"INC-1", "INC-2", "INC-3", "INC-5"}
        assert (await house.incident("INC-4")).step == 0
        _, shown = await stormy.typed("incident", "show", "INC-4")
        assert "storm:   INC-5 pages for it" in shown
        _, shown = await stormy.typed("incident", "show", "INC-5")
        assert "gathers: INC-4  sev2  triggered  fault 4" in shown
        assert "and 2 more" in shown


async def test_another_entity_has_its_own_weather(stormy: Place) -> None:
    async with stormy.house() as house:
        await blow(house, 1, 2, 3, 4)
        other = await house.alert("price is off", model="price")
        assert other.storm is None
        assert await people(house) == ["ada"] * 3 + ["cy"] + ["ada"]


async def test_slow_trouble_is_no_storm(stormy: Place) -> None:
    async with stormy.house() as house:
        for n in range(6):
            (one,) = await blow(house, n)
            assert one.storm is None
            await house.pass_time(minutes=4)


async def test_a_resolved_storm_gives_free_what_is_still_open(stormy: Place) -> None:
    async with stormy.house() as house:
        await blow(house, 1, 2, 3, 4, 6, 7)
        assert await people(house) == ["ada"] * 3 + ["cy"]
        await house.resolve("fault 6", environment="e6")
        await house.press(await house.card("INC-5"), "Resolve", by="cy")
        freed = [await house.incident(id_) for id_ in ("INC-4", "INC-6", "INC-7")]
        assert [(one.storm, one.phase) for one in freed] == [
            (None, Phase.TRIGGERED),
            ("INC-5", Phase.RESOLVED),
            (None, Phase.TRIGGERED),
        ]
        assert await people(house) == ["ada"] * 3 + ["cy"] + ["ada"] * 2
        for id_ in ("INC-4", "INC-7"):
            assert "Waiting for L1" in (await house.card(id_)).shown
            assert "incident.released" in await house.story(id_)
        assert "INC-6" not in cards(house)
        await house.pass_time(minutes=10)
        assert (await people(house)).count("bo") == 5  # and they climb, as the first three do


async def test_a_storm_ends_by_itself_when_all_is_over_and_nothing_opens(stormy: Place) -> None:
    async with stormy.house() as house:
        await blow(house, 1, 2, 3, 4, 6)
        for n in (4, 6):
            await house.resolve(f"fault {n}", environment=f"e{n}")
        await house.pass_time(minutes=9)
        assert (await house.incident("INC-5")).open  # something opened less than ten minutes ago
        await house.pass_time(minutes=2)
        storm = await house.incident("INC-5")
        assert (storm.phase, storm.resolution, storm.alerts_firing) == (Phase.RESOLVED, "ended", 0)
        assert not house.pages_to("cy")[0].buttons
        assert "RESOLVED" in (await house.card("INC-5")).shown


async def test_the_last_child_to_end_ends_the_storm(stormy: Place) -> None:
    async with stormy.house() as house:
        await blow(house, 1, 2, 3, 4)
        await house.press(house.pages_to("cy")[0], "Acknowledge", by="cy")
        await house.pass_time(hours=2)
        assert (await house.incident("INC-5")).open
        await house.resolve("fault 4", environment="e4")
        assert (await house.incident("INC-5")).resolution == "ended"


async def test_what_opens_hours_later_pages_for_itself(stormy: Place) -> None:
    async with stormy.house() as house:
        await blow(house, 1, 2, 3, 4)
        await house.press(house.pages_to("cy")[0], "Acknowledge", by="cy")
        await house.pass_time(hours=2)
        pages = (await people(house)).count("ada")
        (late,) = await blow(house, 9)
        assert late.storm is None
        assert (await people(house)).count("ada") == pages + 1


async def test_one_grave_child_makes_the_storm_grave(stormy: Place) -> None:
    async with stormy.house() as house:
        await blow(house, 1, 2, 3, 4)
        assert (await people(house))[-1] == "cy"
        (grave,) = await blow(house, 6, **GRAVE)
        assert (grave.severity, grave.storm) == ("sev1", "INC-5")
        storm = await house.incident("INC-5")
        assert storm.severity == "sev1"
        assert (await people(house))[-1] == "eve"  # who starts at that severity
        assert "SEV1" in (await house.card("INC-5")).shown
        pages = len(await people(house))
        await blow(house, 7, **GRAVE)  # as grave as what is known by now
        assert len(await people(house)) == pages


async def test_a_child_that_becomes_graver_makes_the_storm_graver(stormy: Place) -> None:
    async with stormy.house() as house:
        await blow(house, 1, 2, 3, 4, kind="drift")
        await house.alert("fault 4, worse", environment="e4", **GRAVE)
        assert (await house.incident("INC-4")).severity == "sev1"
        assert (await house.incident("INC-4")).step == 0
        assert (await house.incident("INC-5")).severity == "sev1"
        assert (await people(house))[-1] == "eve"


async def test_whoever_takes_a_child_takes_it_out_of_the_storm(stormy: Place) -> None:
    async with stormy.house() as house:
        await blow(house, 1, 2, 3, 4)
        await house.command("/incident", "ack INC-4", by="ada")
        await house.pass_time(seconds=20)
        child = await house.incident("INC-4")
        assert (child.storm, child.holder) == (None, "ada")
        assert "Held by @U01ADA" in (await house.card("INC-4")).shown
        assert "fault 4" not in (await house.card("INC-5")).shown
        await house.pass_time(minutes=11)
        assert (await house.incident("INC-5")).resolution == "ended"  # nothing is left in it


async def test_a_holder_of_a_storm_hears_that_it_grows(stormy: Place) -> None:
    async with stormy.house() as house:
        await blow(house, 1, 2, 3, 4)
        await house.press(house.pages_to("cy")[0], "Acknowledge", by="cy")
        await blow(house, *range(6, 12))
        assert (await people(house)).count("cy") == 1
        await house.pass_time(minutes=6)
        assert house.told("cy") == ["INC-5 (Many incidents of retail at once) grows: it has gathered 7 by now."]


async def test_a_whole_storm_in_one_delivery(stormy: Place) -> None:
    stormy.change("config/tocsin.yaml", "plugin: webhook,", 'plugin: webhook, alerts: "$.all",')
    async with stormy.house() as house:
        base = {"model": "churn", "kind": "failure", "status": "firing"}
        told = [{**base, "title": f"f{n}", "problem": f"f{n}", "environment": f"e{n}"} for n in range(40)]
        await house.deliver({"all": told})
        await house.settle()
        assert sorted(await people(house)) == ["ada"] * 3 + ["cy"]
        assert "and 27 more" in (await house.card("INC-41")).shown


async def test_a_storm_in_shadow_only_says_so(stormy: Place) -> None:
    stormy.write("config/noise.yaml", "storm: {incidents: 3, within: 10m, shadow: true}\n")
    async with stormy.house() as house:
        incidents = await blow(house, 1, 2, 3, 4, 5)
        assert [one.storm for one in incidents] == [None] * 5
        assert await people(house) == ["ada"] * 5
        assert "In shadow: It would not have paged: More than 3 incidents of retail" in incidents[3].why
        sealed = await house.app.store.read(lambda tx: log.of(tx.sql, "INC-4"))
        assert [s.entry.after["rule"] for s in sealed if s.entry.kind == "noise.shadowed"] == ["storm"]
        assert "noise.shadowed" not in await house.story("INC-3")


async def test_a_storm_at_night_waits_with_what_it_gathered(stormy: Place) -> None:
    stormy.write(
        "config/noise.yaml", STORM + 'quiet: [{name: nights, severities: [sev2], from: "03:00", to: "07:00"}]\n'
    )
    async with stormy.house() as house:
        await blow(house, 1, 2, 3, 4, 6)
        assert await people(house) == []
        assert (await house.incident("INC-5")).waits.startswith("Quiet hours (nights) for sev2")
        await house.pass_time(hours=3, minutes=22)  # it began at 03:38
        (digest,) = house.told("#ml-oncall")
        assert "What waited: 4" in digest  # three of their own, and the storm for the others
        assert sorted(await people(house)) == ["ada", "ada", "ada", "cy"]


async def test_what_a_storm_releases_in_quiet_hours_waits_on(stormy: Place) -> None:
    quiet = 'quiet: [{name: small, severities: [sev4], from: "03:00", to: "07:00"}]\n'
    stormy.write("config/noise.yaml", STORM + quiet)
    stormy.change("runbooks/anything.md", "  - {is: sev2}", "  - {is: sev2, if: ['environment != e4']}\n  - {is: sev4}")
    stormy.change("runbooks/anything.md", "start: {sev1: L1, sev2: L1}", "start: {sev1: L1, sev2: L1, sev4: L1}")
    async with stormy.house() as house:
        await blow(house, 1, 2, 3, 4, 6)
        assert await people(house) == ["ada"] * 3 + ["cy"]
        await house.press(await house.card("INC-5"), "Resolve", by="cy")
        child = await house.incident("INC-4")
        assert (child.storm, child.step) == (None, 0)
        assert child.waits.startswith("Quiet hours (small) for sev4")
        assert "Nobody is paged yet" in (await house.card("INC-4")).shown
        assert (await people(house)).count("ada") == 4  # INC-6, which is sev2, was released with its page


async def test_a_page_for_a_storm_survives_a_restart_and_so_does_its_end(stormy: Place) -> None:
    async with stormy.house() as house:
        await blow(house, 1, 2, 3, 4)
    async with stormy.house() as house:
        await house.resolve("fault 4", environment="e4")
        await house.pass_time(minutes=11)
        assert (await house.incident("INC-5")).resolution == "ended"


@given(st.integers(2, 30), st.lists(st.integers(1, 40), min_size=1, max_size=20))
def test_however_it_comes_one_storm_stands_for_all_above_the_number(number: int, batches: list[int]) -> None:
    rule = Storm(number, timedelta(minutes=10))
    before, pages, gathered, storms = 0, 0, 0, 0
    for fresh in batches:
        alone = storming.alone(rule, before, fresh, blowing=storms > 0)
        assert 0 <= alone <= fresh
        pages, gathered = pages + alone, gathered + fresh - alone
        storms = storms or int(alone < fresh)
        before += fresh
    assert pages == min(number, before)
    assert pages + gathered == before
    assert storms == int(before > number)


def test_the_worst_is_the_gravest() -> None:
    assert storming.worst(["sev3", "sev1", "sev5"]) == "sev1"
    rule = Storm(3, timedelta(minutes=10))
    assert storming.calm_at(rule, START, START) == START + timedelta(minutes=10)
    assert storming.calm_at(rule, None, START) == storming.calm_at(None, START, START) == START
