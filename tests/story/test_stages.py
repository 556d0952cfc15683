"""Tiers that go by stages, in frozen time: whom they page, what they wait for, and what people see of it."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.engine import armed, explain, report, respond
from bot.engine.respond import Press, Verb
from bot.model.incident import Phase
from bot.model.page import PageState
from bot.model.rota import Amendment, Override
from bot.model.verdict import Verdict
from bot.store import log, overrides
from bot.testing.clock import FakeClock
from bot.testing.house import House
from tests.story.place import Place

FIVE = timedelta(minutes=5)
L1 = 'L1: {page: "rota:first-line", answer_within: 10m}'


def staged(place: Place, *stages: str) -> None:
    """Let L1 go by these stages; L2 and L3 stay bo and cy, then the fallback is eve."""
    lines = "".join(f"\n      - {{{one}}}" for one in stages)
    place.change("runbooks/anything.md", f"  {L1}", f"  L1:\n    may: [silence]\n    stages:{lines}")


def everybody(place: Place) -> None:
    """Ada, bo and cy take turns in the rota."""
    place.change("config/rotas.yaml", "members: [ada]", "members: [ada, bo, cy]")


async def ledger(house: House, incident: str) -> list[tuple[float, str]]:
    """Minutes after the first page, and whom it is for, as decided."""
    sheets = sorted(await house.ledger(incident), key=lambda sheet: (sheet.decided_at, sheet.person))
    return [((one.decided_at - sheets[0].decided_at) / timedelta(minutes=1), one.person) for one in sheets]


async def entries(house: House, incident: str, kind: str) -> list[str]:
    sealed = await house.app.store.read(lambda tx: log.of(tx.sql, incident))
    return [each.entry.why for each in sealed if each.entry.kind == kind]


async def test_current_then_next_then_everyone_of_a_rota(any_place: Place) -> None:
    everybody(any_place)
    stages = [f'page: "rota:first-line{part}", wait: 5m' for part in ("", "/next", "/everyone")]
    staged(any_place, *stages)
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        await house.pass_time(minutes=16)
        # Since 2 November: ada, bo, cy, ada ... on the 23rd at 03:38 cy still is on call, ada is next.
        assert await ledger(house, incident.id) == [
            *((0.0, "cy"), (5.0, "ada")),
            *((10.0, "ada"), (10.0, "bo"), (10.0, "cy"), (15.0, "bo")),
        ]


async def test_who_is_next_knows_what_was_changed_by_hand(place: Place) -> None:
    everybody(place)
    staged(place, 'page: "rota:first-line/next", wait: 5m')
    async with place.house() as house:
        at = datetime(2026, 11, 23, 9, tzinfo=UTC)
        swap = Override("o1", "first-line", Amendment.OVERRIDE, at, at + timedelta(days=7), "dee")
        await house.app.store.write(lambda tx: overrides.add(tx, swap))
        incident = await house.alert("accuracy fell")
        assert await ledger(house, incident.id) == [(0.0, "dee")]


async def test_a_storm_of_alerts_brings_more_people_a_single_one_does_not(place: Place) -> None:
    staged(place, 'page: "person:ada", wait: 5m', 'page: "person:dee", wait: 5m, only: {more_than: 2, within: 10m}')
    async with place.house() as house:
        calm = await house.alert("price fell", model="price")
        await house.pass_time(minutes=6)
        assert await ledger(house, calm.id) == [(0.0, "ada"), (5.0, "bo")]
        assert await entries(house, calm.id, "stage.passed") == [
            "It is for more than 2 alerts within 10m; there were 1."
        ]
        assert "tier.skipped" not in await house.story(calm.id)
        busy = await house.alert("one")
        await house.alert("two")
        await house.alert("three")
        await house.pass_time(minutes=6)
        assert await ledger(house, busy.id) == [(0.0, "ada"), (5.0, "dee")]


async def test_nobody_is_woken_before_the_working_hours(place: Place, clock: FakeClock) -> None:
    staged(place, 'until: {days: mon-fri, from: "09:00", to: "18:00"}', 'page: "person:ada", wait: 5m')
    async with place.house() as house:  # 03:38
        incident = await house.alert("accuracy fell")
        card = await house.card(incident.id)
        assert "Its hours begin at 2026-11-23 09:00 UTC." in card.shown
        view = await report.view(house.app.desk, incident.id)
        assert view.next_step
        assert (view.next_step.tier, view.next_step.who) == ("L1", "ada")
        assert house.paged() == []
        await house.pass_time(hours=6)
        assert clock.now() > datetime(2026, 11, 23, 9, tzinfo=UTC)
        (first, *_) = await house.ledger(incident.id)
        assert (first.person, first.decided_at) == ("ada", datetime(2026, 11, 23, 9, tzinfo=UTC))
        assert (await house.incident(incident.id)).waits == ""


async def test_it_can_be_taken_and_escalated_while_it_waits(place: Place) -> None:
    staged(place, 'until: {from: "09:00", to: "18:00"}', 'page: "person:ada", wait: 5m')
    async with place.house() as house:
        first, second = await house.alert("one"), await house.alert("two", model="price")
        answer = await house.answer(Verb.ACKNOWLEDGE, first.id, by="bo")
        assert (answer.verdict, answer.incident.waits, answer.incident.next_step_at) == (Verdict.GO, "", None)
        again = await house.answer(Verb.ESCALATE, second.id, by="bo")
        assert (again.incident.phase, again.incident.waits[:15]) == (Phase.TRIGGERED, "Its hours begin")
        await house.pass_time(hours=7)
        assert await ledger(house, first.id) == []


async def test_a_team_takes_turns_incident_by_incident(any_place: Place) -> None:
    staged(any_place, 'page: "team:churn-ml", in_turn: true, wait: 5m')
    async with any_place.house() as house:
        found = [await house.alert(f"model {n} fell", model=f"m{n}") for n in range(4)]
        paged = [(await house.ledger(one.id))[0].person for one in found]
        assert paged == ["ada", "bo", "ada", "bo"]


async def test_three_that_open_in_one_delivery_take_three_turns(place: Place) -> None:
    staged(place, 'page: ["team:churn-ml", "person:cy"], in_turn: true, wait: 5m')
    async with place.house() as house:
        started = house.clock.now().isoformat()
        body = [
            {"title": f"m{n}", "problem": f"m{n}", "kind": "failure", "model": f"m{n}", "status": "firing"}
            | {"started_at": started}
            for n in range(3)
        ]
        receipt = await house.deliver(body)
        await house.settle()
        sheets = [(await house.ledger(one))[0].person for one in sorted(receipt.booked.incidents)]
        assert sorted(sheets) == ["ada", "bo", "cy"]


async def test_back_to_the_first_stage_twice(place: Place) -> None:
    staged(place, 'page: "person:ada", wait: 5m', 'page: "person:dee", wait: 5m', "wait: 5m, back_to: 1, times: 2")
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        await house.pass_time(minutes=56)
        climbed = [(0, "ada"), (5, "dee"), (15, "ada"), (20, "dee"), (30, "ada"), (35, "dee"), (40, "bo"), (55, "cy")]
        assert await ledger(house, incident.id) == climbed


async def test_all_must_acknowledge(any_place: Place) -> None:
    everybody(any_place)
    staged(any_place, 'page: "rota:first-line/everyone", all_must: true, wait: 10m')
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        reply = await house.press(house.pages_to("ada")[0], "Acknowledge", by="ada")
        del reply
        now = await house.incident(incident.id)
        assert (now.phase, now.holder) == (Phase.TRIGGERED, None)
        assert "Acknowledge" not in house.pages_to("ada")[0].buttons
        assert "Acknowledge" in house.pages_to("bo")[0].buttons
        answer = await house.answer(Verb.ACKNOWLEDGE, incident.id, by="bo")
        assert answer.sentence == f"Noted. All must acknowledge {incident.id}: it still waits for cy."
        again = await house.answer(Verb.ACKNOWLEDGE, incident.id, by="bo")
        assert again.sentence == answer.sentence
        assert (await house.story(incident.id)).count("incident.answered_by_one") == 2
        last = await house.answer(Verb.ACKNOWLEDGE, incident.id, by="cy")
        assert (last.incident.phase, last.incident.holder) == (Phase.ACKNOWLEDGED, "cy")
        await house.pass_time(hours=1)
        assert len(await house.ledger(incident.id)) == 3


async def test_not_all_did_so_the_next_step_comes_at_its_time(place: Place) -> None:
    everybody(place)
    staged(place, 'page: "rota:first-line/everyone", all_must: true, wait: 10m')
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        await house.answer(Verb.ACKNOWLEDGE, incident.id, by="ada")
        await house.pass_time(minutes=11)
        assert (await ledger(house, incident.id))[-1] == (10.0, "bo")
        states = {sheet.person: sheet.state for sheet in await house.ledger(incident.id) if sheet.step == 1}
        assert states["ada"] is PageState.ANSWERED
        taken = await house.answer(Verb.ACKNOWLEDGE, incident.id, by="ada")  # L2 does not ask for all
        assert taken.incident.holder == "ada"


async def test_who_it_was_handed_to_need_not_all_answer(place: Place) -> None:
    everybody(place)
    staged(place, 'page: "rota:first-line/everyone", all_must: true, wait: 10m')
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        press = Press(Verb.HAND_OVER, incident.id, "person:ada", house.clock.now(), "cli", detail="team:churn-ml")
        assert (await respond.take(house.app.desk, press)).verdict is Verdict.GO
        assert (await house.answer(Verb.ACKNOWLEDGE, incident.id, by="bo")).incident.holder == "bo"


async def test_a_channel_is_paged_and_whoever_reads_it_may_take_it(place: Place) -> None:
    staged(place, 'page: "channel:#ml-retail", wait: 5m')
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        (page,) = await house.ledger(incident.id)
        assert (page.person, page.state) == ("channel:#ml-retail", PageState.SENT)
        (message,) = house.workspace.messages("ml-retail")
        assert "accuracy fell" in message.shown
        await house.press(message, "Acknowledge", by="dee")  # of another team
        taken = await house.incident(incident.id)
        assert (taken.phase, taken.holder) == (Phase.ACKNOWLEDGED, "dee")
        (message,) = house.workspace.messages("ml-retail")
        assert "Acknowledge" not in message.buttons
        assert (await house.answer(Verb.RESOLVE, incident.id, by="dee")).verdict is Verdict.GO


async def test_a_stranger_in_that_channel_may_not(place: Place) -> None:
    staged(place, 'page: "channel:#ml-retail", wait: 5m')
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        (message,) = house.workspace.messages("ml-retail")
        await house.press(message, "Acknowledge", by="guy")
        assert (await house.incident(incident.id)).holder is None
        assert (await house.answer(Verb.RESOLVE, incident.id, by="dee")).verdict is Verdict.NOT_ALLOWED


async def test_a_user_group_is_mentioned_in_the_incidents_channel(place: Place) -> None:
    staged(place, 'page: "usergroup:oncall-ml", wait: 5m')
    async with place.house() as house:
        group = house.workspace.add_group("oncall-ml")
        incident = await house.alert("<!channel> accuracy fell")
        (page,) = await house.ledger(incident.id)
        assert page.state is PageState.SENT
        channel, _, ts = (page.provider_id or "").partition(":")
        message = next(one for one in house.workspace.messages("ml-oncall") if (one.channel, one.ts) == (channel, ts))
        assert str(message.blocks).count(str(group.id)) == 1
        assert "<!channel>" not in str(message.text)


async def test_a_group_that_is_not_there_lets_the_next_step_fire_at_once(place: Place) -> None:
    staged(place, 'page: "usergroup:gone", wait: 50m')
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        await house.pass_time(minutes=1)
        assert [sheet.person for sheet in await house.ledger(incident.id)] == ["usergroup:gone", "bo"]
        assert any("could be delivered" in told for told in house.told("flo"))


async def test_what_explain_foretells_is_what_happens(place: Place) -> None:
    staged(
        place,
        'page: "person:ada", wait: 5m',
        "wait: 5m",
        'page: "team:churn-ml", in_turn: true, wait: 5m',
        'page: "person:dee", wait: 5m, only: {more_than: 9, within: 5m}',
    )
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        told = await explain.incident(house.app.desk, incident.id, house.clock.now())
        foretold = [(rung.after / timedelta(minutes=1), name) for rung in told.tiers for name in rung.persons]
        assert "It waits for 5m." in told.ahead.waits
        await house.pass_time(minutes=54)
        assert await ledger(house, incident.id) == foretold[: len(await house.ledger(incident.id))]
        assert [name for _, name in foretold] == ["ada", "ada", "bo", "cy"]


async def test_tiers_with_places_are_armed_and_agents_wake_nobody(place: Place) -> None:
    staged(place, 'page: "channel:#ml-retail", wait: 5m', 'page: "agent:hook", wait: 5m')
    async with place.house() as house:
        desk, now = house.app.desk, house.clock.now()
        seen = await house.app.store.read(lambda tx: armed.seen(tx, desk, now, now + armed.AHEAD))
        assert armed.gaps(desk.settings, desk.runbooks, seen, now, now + armed.AHEAD) == []


@pytest.mark.parametrize("late", [0, 9])
async def test_a_restart_in_the_middle_of_a_wait_loses_nothing(place: Place, clock: FakeClock, late: int) -> None:
    staged(place, 'page: "person:ada", wait: 5m', "wait: 5m", 'page: "person:dee", wait: 5m')
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        await house.pass_time(minutes=6)
    await clock.advance(timedelta(minutes=4 + late))
    async with place.house() as house:
        await house.pass_time(seconds=1)
        assert [person for _, person in await ledger(house, incident.id)] == ["ada", "dee"]
