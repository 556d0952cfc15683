"""P3: no page disappears. Each has a ledger, and when nobody can be reached the next step fires at once."""

import asyncio
from datetime import timedelta

import pytest

from bot.engine.respond import Press, Verb, take
from bot.model.page import PageState
from bot.model.verdict import Verdict
from bot.sandbox.workspace import Message, Workspace
from bot.testing.clock import FakeClock
from bot.testing.house import House
from tests.story.place import START, Place

FOREVER = 1_000_000
#: Somebody who can be reached, but by no way that this bot has.
BY_PHONE = 'phone: "+905550000001", notify: {high: [sms]}'
NOW = timedelta(0)


def at(message: Message) -> str:
    """How the ledger names this message."""
    return f"{message.channel}:{message.ts}"


async def test_the_ledger_of_a_page_tells_when_it_was_decided_claimed_sent_and_answered(house: House) -> None:
    incident = await house.alert("accuracy fell")
    (page,) = await house.ledger(incident.id)
    (message,) = house.pages_to("ada")
    assert (page.person, page.tier, page.channel, page.state) == ("ada", "L1", "slack", PageState.SENT)
    assert (page.decided_at, page.claimed_at, page.sent_at, page.answered_at) == (START, START, START, None)
    assert page.provider_id == at(message)
    assert "first-line" in page.why
    await house.pass_time(minutes=3)
    await house.press(message, "Acknowledge", by="ada")
    (page,) = await house.ledger(incident.id)
    assert (page.state, page.answered_at) == (PageState.ANSWERED, START + timedelta(minutes=3))


async def test_a_page_says_once_answered_by_whom_and_has_no_buttons_left(house: House) -> None:
    incident = await house.alert("accuracy fell")
    await house.pass_time(minutes=11)
    await house.press(house.pages_to("bo")[0], "Acknowledge", by="bo")
    await house.pass_time(seconds=5)
    for person in ("ada", "bo"):
        (page,) = house.pages_to(person)
        assert not page.buttons
        assert "Answered by" in page.shown
    assert [p.state for p in await house.ledger(incident.id)] == [PageState.SENT, PageState.ANSWERED]


async def test_a_vacant_seat_is_passed_over_at_once_and_the_owner_is_told(place: Place) -> None:
    place.change("config/rotas.yaml", "members: [ada]", "members: [ada, null]")
    place.change("config/rotas.yaml", '"2026-11-02 09:00"', '"2026-11-09 09:00"')
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        assert house.paged() == [("bo", NOW)]
        (told,) = house.told("flo")
        assert incident.id in told
        assert "L1 reached nobody" in told
        assert "tier.skipped" in await house.story(incident.id)
        assert "Waiting for L2" in (await house.card(incident.id)).shown


async def test_somebody_without_a_way_to_reach_them_is_passed_over_at_once(place: Place) -> None:
    place.change("config/people.yaml", "slack: U01BO", BY_PHONE)
    async with place.house() as house:
        await house.alert("accuracy fell")
        await house.pass_time(minutes=10)
        assert house.paged() == [("ada", NOW), ("cy", timedelta(minutes=10))]
        assert "No channel that works reaches bo" in house.told("flo")[0]


async def test_without_anybody_on_any_tier_the_fallback_is_paged_at_once(place: Place) -> None:
    for name in ("ada", "bo", "cy"):
        place.change("config/people.yaml", f"slack: U01{name.upper()}", BY_PHONE)
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        assert house.paged() == [("eve", NOW)]
        assert (await house.incident(incident.id)).exhausted
        assert len(house.told("flo")) == 1


async def test_when_nobody_at_all_can_be_paged_the_channel_is_told(place: Place) -> None:
    for name in ("ada", "bo", "cy", "eve"):
        place.change("config/people.yaml", f"slack: U01{name.upper()}", BY_PHONE)
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        await house.pass_time(seconds=10)
        assert house.paged() == []
        assert [incident.id in told for told in house.told("#ml-oncall")] == [True]
        assert incident.id in (await house.card(incident.id)).shown
        assert len(house.told("flo")) == 1


async def test_somebody_slack_refuses_is_passed_over_at_once_and_the_owner_is_told_why(
    house: House, workspace: Workspace
) -> None:
    workspace.change_person("ada", deleted=True)
    incident = await house.alert("accuracy fell")
    assert house.paged() == [("bo", NOW)]
    failed, sent = await house.ledger(incident.id)
    assert (failed.state, sent.state) == (PageState.FAILED, PageState.SENT)
    assert "user_disabled" in str(failed.failure)
    (told,) = house.told("flo")
    assert "user_disabled" in told
    await house.pass_time(minutes=14)
    assert len(house.paged()) == 1  # L2 has its own fifteen minutes
    await house.pass_time(minutes=1)
    assert [person for person, _ in house.paged()] == ["bo", "cy"]


async def test_one_of_two_who_can_be_reached_is_enough_for_a_step(place: Place, workspace: Workspace) -> None:
    place.change("runbooks/anything.md", "rota:first-line", "team:churn-ml")
    workspace.change_person("ada", deleted=True)
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        assert house.paged() == [("bo", NOW)]
        assert [page.state for page in await house.ledger(incident.id)] == [PageState.FAILED, PageState.SENT]
        await house.pass_time(minutes=9)
        assert len(await house.ledger(incident.id)) == 2


async def test_when_slack_refuses_everybody_a_notice_stands_in_the_channel(house: House, workspace: Workspace) -> None:
    for person in ("ada", "bo", "cy", "eve"):
        workspace.change_person(person, deleted=True)
    incident = await house.alert("accuracy fell")
    await house.pass_time(minutes=5)
    assert house.paged() == []
    assert {page.state for page in await house.ledger(incident.id)} == {PageState.FAILED}
    (alarm,) = house.told("#ml-oncall")
    assert incident.id in alarm
    assert "please look" in alarm
    assert (await house.incident(incident.id)).exhausted


async def test_an_owner_whom_slack_refuses_does_not_hold_anything_up(house: House, workspace: Workspace) -> None:
    for person in ("ada", "flo"):
        workspace.change_person(person, deleted=True)
    await house.alert("accuracy fell")
    await house.pass_time(minutes=15)
    assert [person for person, _ in house.paged()] == ["bo", "cy"]


async def test_without_the_right_to_write_to_people_the_channel_is_told(house: House, workspace: Workspace) -> None:
    workspace.revoke("im:write")
    incident = await house.alert("accuracy fell")
    await house.pass_time(minutes=1)
    assert {page.state for page in await house.ledger(incident.id)} == {PageState.FAILED}
    assert [incident.id in told for told in house.told("#ml-oncall")] == [True]


@pytest.mark.parametrize("trouble", ["500", "ratelimited", "drop", "internal_error", "service_unavailable"])
async def test_ten_minutes_without_slack_lose_nothing(
    house: House, workspace: Workspace, clock: FakeClock, trouble: str
) -> None:
    workspace.fault("*", trouble, times=FOREVER, retry_after=30)
    incidents = [await house.alert(f"{model} fell", model=model) for model in ("churn", "price", "fraud")]
    await house.pass_time(minutes=10)
    assert (house.paged(), workspace.messages("#ml-oncall")) == ([], [])
    workspace.clear_faults()
    await house.pass_time(minutes=1, seconds=30)
    # Whoever is on call hears of each, once; and nobody above the tiers whose time has come is woken.
    people = [person for person, _ in house.paged()]
    assert people.count("ada") == len(incidents)
    assert set(people) <= {"ada", "bo"}
    assert people.count("bo") == len(incidents)
    for incident in incidents:
        assert "Acknowledge" in (await house.card(incident.id)).buttons
        states = [page.state for page in await house.ledger(incident.id)]
        assert states == [PageState.SENT] * 2
    await house.press(await house.card(incidents[0].id), "Acknowledge", by="ada")
    await house.pass_time(minutes=30)
    assert [person for person, _ in house.paged()].count("cy") == len(incidents) - 1


async def test_a_page_that_was_answered_while_slack_was_down_is_not_sent_afterwards(
    house: House, workspace: Workspace
) -> None:
    workspace.fault("*", "500", times=FOREVER)
    incident = await house.alert("accuracy fell")
    await house.pass_time(seconds=30)
    await house.answer(Verb.ACKNOWLEDGE, incident.id, by="ada")
    workspace.clear_faults()
    await house.pass_time(minutes=30)
    assert house.paged() == []
    assert [page.state for page in await house.ledger(incident.id)] == [PageState.MOOT]
    assert "Held by @U01ADA" in (await house.card(incident.id)).shown


async def test_an_answer_while_a_late_page_is_on_its_way_counts(house: House, workspace: Workspace) -> None:
    workspace.fault("conversations.open", "ratelimited", retry_after=61)
    workspace.fault("conversations.open", "hang")
    incident = await house.alert("accuracy fell")
    trying = asyncio.ensure_future(house.pass_time(seconds=62))
    await workspace.until(lambda: any(call.error == "hang" for call in workspace.calls))
    press = Press(Verb.ACKNOWLEDGE, incident.id, "person:bo", house.clock.now(), "cli")
    assert (await take(house.app.desk, press)).verdict is Verdict.GO
    workspace.clear_faults()  # the call breaks off, a minute after the page was due
    await trying
    assert [page.state for page in await house.ledger(incident.id)] == [PageState.MOOT]
    assert "page.late" not in await house.story(incident.id)


async def test_a_page_of_something_that_ended_while_slack_was_down_is_not_sent(
    house: House, workspace: Workspace
) -> None:
    workspace.fault("*", "500", times=FOREVER)
    incident = await house.alert("accuracy fell")
    await house.resolve("accuracy fell")
    workspace.clear_faults()
    await house.pass_time(minutes=30)
    assert house.paged() == []
    assert [page.state for page in await house.ledger(incident.id)] == [PageState.MOOT]
    assert "RESOLVED" in (await house.card(incident.id)).shown


async def test_a_page_nobody_needed_any_more_stays_unsent_when_the_incident_is_handed_on(
    house: House, workspace: Workspace
) -> None:
    workspace.fault("*", "500", times=FOREVER)
    incident = await house.alert("accuracy fell")
    await house.answer(Verb.ACKNOWLEDGE, incident.id, by="ada")
    await house.answer(Verb.ESCALATE, incident.id, by="ada")
    workspace.clear_faults()
    await house.pass_time(minutes=1)
    assert [person for person, _ in house.paged()] == ["bo"]
    assert [page.state for page in await house.ledger(incident.id)] == [PageState.MOOT, PageState.SENT]


async def test_somebody_who_cannot_be_reached_for_a_minute_is_not_waited_for(
    house: House, workspace: Workspace
) -> None:
    workspace.fault("conversations.open", "500", times=FOREVER)
    incident = await house.alert("accuracy fell")
    await house.pass_time(seconds=59)
    assert (await house.incident(incident.id)).step == 1
    await house.pass_time(seconds=45)
    assert (await house.incident(incident.id)).step == 2
    assert "page.late" in await house.story(incident.id)
    workspace.clear_faults()
    await house.pass_time(minutes=1)
    assert sorted(person for person, _ in house.paged()) == ["ada", "bo"]
    (told,) = house.told("flo")
    assert incident.id in told


async def test_slack_names_the_moment_and_the_page_goes_out_then(house: House, workspace: Workspace) -> None:
    workspace.fault("chat.postMessage", "ratelimited", times=2, retry_after=40)
    incident = await house.alert("accuracy fell")
    await house.pass_time(seconds=39)
    assert house.paged() == []
    await house.pass_time(seconds=42)
    assert len(house.paged()) == 1
    assert (await house.incident(incident.id)).step == 1  # being told to wait is no failure
    assert house.told("flo") == []


@pytest.mark.parametrize("trouble", ["500", "drop", "internal_error"])
async def test_a_page_in_doubt_is_found_and_not_sent_twice(house: House, workspace: Workspace, trouble: str) -> None:
    workspace.fault("chat.postMessage", trouble, times=2, after_effect=True)
    incident = await house.alert("accuracy fell")
    await house.pass_time(minutes=2)
    (message,) = house.pages_to("ada")
    (page,) = await house.ledger(incident.id)
    assert (page.state, page.provider_id) == (PageState.SENT, at(message))
    assert len([one for one in workspace.messages("#ml-oncall") if one.thread_ts is None]) == 1
    await house.press(message, "Acknowledge", by="ada")
    await house.pass_time(seconds=5)
    assert not house.pages_to("ada")[0].buttons


async def test_a_page_in_doubt_is_found_by_the_next_life_of_the_bot(place: Place, workspace: Workspace) -> None:
    async with place.house() as house:
        workspace.fault("chat.postMessage", "500", times=2, after_effect=True)
        workspace.fault("chat.postMessage", "500", times=FOREVER)
        incident = await house.alert("accuracy fell")
    workspace.clear_faults()
    async with place.house() as house:
        await house.pass_time(minutes=2)
        (message,) = house.pages_to("ada")
        assert [page.provider_id for page in await house.ledger(incident.id)] == [at(message)]
        assert len([one for one in workspace.messages("#ml-oncall") if one.thread_ts is None]) == 1


async def test_a_call_of_slack_that_hangs_holds_up_nobody_else(house: House, workspace: Workspace) -> None:
    workspace.fault("conversations.open", "hang")
    first = asyncio.ensure_future(house.alert("accuracy fell"))
    await workspace.until(lambda: len(workspace.messages("#ml-oncall")) == 1)
    assert house.paged() == []
    await house.deliver({"title": "price is off", "problem": "price", "model": "price", "kind": "performance"})
    second = asyncio.ensure_future(house.app.worker.drain())
    await workspace.until(lambda: len(house.paged()) == 1)
    workspace.clear_faults()
    await asyncio.gather(first, second)
    await house.pass_time(minutes=1)
    assert [person for person, _ in house.paged()] == ["ada", "ada"]
