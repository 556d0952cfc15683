"""Stages that page a place: whoever reads a channel, or a user group that is mentioned there, may take the incident."""

import pytest

from bot.model.incident import Phase
from bot.model.page import PageState
from bot.sandbox.workspace import Message, Workspace
from bot.testing.house import House
from tests.story.place import Place
from tests.story.test_stages import staged


def pages_in(workspace: Workspace, channel: str) -> list[Message]:
    """The pages that stand in a channel, as they look now."""
    posts = [one for one in workspace.messages(channel) if one.metadata]
    return [one for one in posts if one.metadata and one.metadata["event_payload"]["key"].startswith("page/")]


async def taken(house: House, incident: str, page: Message, by: str) -> None:
    """Somebody acknowledges there, and nobody else is woken."""
    assert page.buttons
    await house.press(page, "Acknowledge", by=by)
    now = await house.incident(incident)
    assert (now.phase, now.holder) == (Phase.ACKNOWLEDGED, by)
    await house.pass_time(minutes=11)
    assert [house.pages_to(person) for person in ("ada", "bo", "cy")] == [[], [], []]


@pytest.mark.parametrize("channel", ["#ml-retail", "#ml-oncall"])
async def test_whoever_reads_the_channel_takes_it_there(place: Place, workspace: Workspace, channel: str) -> None:
    staged(place, f'page: "channel:{channel}", wait: 5m', 'page: "person:ada", wait: 5m')
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        (page,) = pages_in(workspace, channel)
        assert "accuracy fell" in page.shown
        assert f"Whoever reads {channel} in Slack." in page.shown
        (sheet,) = await house.ledger(incident.id)
        assert (sheet.person, sheet.channel, sheet.state) == (f"channel:{channel}", "slack", PageState.SENT)
        await taken(house, incident.id, page, by="cy")
        (page,) = pages_in(workspace, channel)
        assert not page.buttons
        assert "@U01CY" in page.shown


async def test_a_user_group_is_mentioned_once_and_one_of_them_takes_it(place: Place, workspace: Workspace) -> None:
    group = workspace.add_group("night-ml")
    staged(place, 'page: "usergroup:night-ml", wait: 5m', 'page: "person:ada", wait: 5m')
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        (page,) = pages_in(workspace, "#ml-oncall")
        assert f"@{group.id}" in page.shown
        assert "accuracy fell" in page.shown
        await taken(house, incident.id, page, by="bo")
        (page,) = pages_in(workspace, "#ml-oncall")
        assert not page.buttons
        assert f"@{group.id}" not in page.shown


@pytest.mark.parametrize("where", ["usergroup:nobody-ml", "channel:#nowhere", "channel:#ml-retail"])
async def test_a_place_that_takes_no_page_is_passed_over_at_once(
    place: Place, workspace: Workspace, where: str
) -> None:
    await workspace.archive("#ml-retail", by="ada")
    staged(place, f'page: "{where}", wait: 5m', 'page: "person:ada", wait: 5m')
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        first, second = await house.ledger(incident.id)
        assert (first.person, first.state) == (where, PageState.FAILED)
        assert (second.person, second.state, second.decided_at) == ("ada", PageState.SENT, first.decided_at)


async def test_whoever_nobody_knows_cannot_take_it_and_the_next_stage_comes(place: Place, workspace: Workspace) -> None:
    staged(place, 'page: "channel:#ml-retail", wait: 5m', 'page: "person:ada", wait: 5m')
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        (page,) = pages_in(workspace, "#ml-retail")
        await house.press(page, "Acknowledge", by="guy")
        assert (await house.incident(incident.id)).phase is Phase.TRIGGERED
        await house.pass_time(minutes=5)
        assert len(house.pages_to("ada")) == 1
        assert pages_in(workspace, "#ml-retail")[0].buttons  # it can still be taken there
