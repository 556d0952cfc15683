"""The next way goes at once where waiting would be in vain, and what is not urgent lets people sleep."""

from datetime import timedelta

import pytest

from bot.model.page import PageState
from bot.sandbox.workspace import Workspace
from bot.testing.house import House
from tests.story import paging_room
from tests.story.place import START, Place

ONE_BY_ONE = "{high: [slack, {channel: sms, after: 2m, at_once: [dnd]}, call after 5m]}"


async def dues(house: House, incident: str) -> dict[str, tuple[timedelta, str]]:
    """By channel, when its turn was or is, and how far it has come."""
    return {s.channel: (s.due_at - START, s.state.value) for s in await house.ledger(incident) if s.person == "ada"}


async def test_a_refused_message_lets_the_later_ways_go_at_once_where_they_say_so(
    place: Place, workspace: Workspace
) -> None:
    far = paging_room.far()
    paging_room.connect(place, ONE_BY_ONE)
    workspace.change_person("ada", deleted=True)
    async with place.house(plugins=paging_room.found()) as house:
        await paging_room.confirm(house)
        incident = await house.alert("accuracy fell")
        assert [by for by, _ in far.arrived] == ["call"]
        assert await dues(house, incident.id) == {
            "slack": (timedelta(0), "failed"),
            "sms": (timedelta(minutes=2), "decided"),
            "call": (timedelta(0), "sent"),
        }
        assert house.paged() == []  # somebody of this step was reached
        assert "page.hastened" in await house.story(incident.id)
        await house.pass_time(minutes=2)
        assert [by for by, _ in far.arrived] == ["call", "sms"]


async def test_somebody_who_is_not_to_be_disturbed_is_texted_at_once(place: Place, workspace: Workspace) -> None:
    far = paging_room.far()
    paging_room.connect(place, "{high: [slack, sms after 2m, {channel: call, after: 5m, at_once: [failed]}]}")
    workspace.change_person("ada", dnd_until=START + timedelta(hours=3))
    async with place.house(plugins=paging_room.found()) as house:
        await paging_room.confirm(house)
        incident = await house.alert("accuracy fell")
        assert len(house.pages_to("ada")) == 1
        assert [by for by, _ in far.arrived] == ["sms"]
        assert (await dues(house, incident.id))["call"] == (timedelta(minutes=5), "decided")
        asked = [call for call in workspace.calls if call.method == "dnd.info"]
        await house.alert("price fell", problem="price")
        assert len([call for call in workspace.calls if call.method == "dnd.info"]) == len(asked) == 1  # for a minute


@pytest.mark.parametrize("trouble", ["500", "ratelimited", "missing_scope"])
async def test_when_slack_does_not_say_the_message_stands_and_the_ways_keep_their_time(
    place: Place, workspace: Workspace, trouble: str
) -> None:
    far = paging_room.far()
    paging_room.connect(place, "{high: [slack, sms after 2m]}")
    workspace.change_person("ada", dnd_until=START + timedelta(hours=3))
    if trouble == "missing_scope":
        workspace.revoke("dnd:read")
    else:
        workspace.fault("dnd.info", trouble)
    async with place.house(plugins=paging_room.found()) as house:
        await paging_room.confirm(house)
        incident = await house.alert("accuracy fell")
        assert len(house.pages_to("ada")) == 1
        assert (far.arrived, (await house.incident(incident.id)).step) == ([], 1)
        await house.pass_time(minutes=2)
        assert [by for by, _ in far.arrived] == ["sms"]


LOW = ", timezone: Europe/Istanbul, quiet: [{from: '22:00', to: '07:00'}]"  # START is 06:38 there


@pytest.mark.parametrize(("urgency", "paged"), [("low", 22), ("high", 0)])
async def test_what_is_not_urgent_waits_for_the_end_of_quiet_hours(place: Place, urgency: str, paged: int) -> None:
    far = paging_room.far()
    paging_room.connect(place, "{high: [slack], low: [slack, sms after 5m]}", more=LOW)
    place.change(
        "runbooks/anything.md",
        "repeats: 1",
        f"repeats: 1\n        urgency: {{sev2: {urgency}}}".replace("        ", ""),
    )
    async with place.house(plugins=paging_room.found()) as house:
        await paging_room.confirm(house)
        incident = await house.alert("accuracy fell")
        status, said = await place.typed("explain", incident.id)
        assert status == 0, said
        sheets = await house.ledger(incident.id)
        assert {(s.due_at - START) // timedelta(minutes=1) for s in sheets} == {paged}
        if urgency == "low":
            assert "quiet hours at 07:00 (Europe/Istanbul)" in sheets[0].why
            assert (await house.incident(incident.id)).next_step_at == START + timedelta(minutes=32)
        assert len(house.pages_to("ada")) == (urgency == "high")
        await house.pass_time(minutes=22)
        assert {s.state for s in await house.ledger(incident.id) if s.person == "ada"} == {PageState.SENT}
        assert len(far.arrived) == (urgency == "low")


async def test_the_ledger_is_shown_in_a_terminal_and_in_slack(place: Place, workspace: Workspace) -> None:
    paging_room.far()
    paging_room.connect(place, "{high: [sms, call after 5m]}")
    async with place.house(plugins=paging_room.found()) as house:
        await paging_room.confirm(house)
        incident = await house.alert("accuracy fell")
        status, said = await place.typed("incident", "show", incident.id)
        assert status == 0, said
        assert "ada by sms: sent\n            claimed 2026-11-23 03:38:00Z, sent 2026-11-23 03:38:00Z, as sms-1" in said
        assert "due 2026-11-23 03:43:00Z" in said
        shown = (await house.command("/incident", f"pages {incident.id}", by="bo")).responses[-1].shown
        assert "L1: ada by sms · decided" in shown
        assert "as sms-1" in shown
