"""P2: an escalation fires on time after any restart, on any replica, exactly once per step."""

import asyncio
from datetime import timedelta

import pytest

from bot.engine.respond import Verb
from bot.model.incident import Phase
from bot.model.page import PageState
from bot.model.rota import Amendment, Override
from bot.sandbox.workspace import Workspace
from bot.store import incidents, overrides
from bot.testing.clock import FakeClock
from bot.testing.house import House
from tests.story.place import Place, alertmanager, labelled


def minutes(*steps: tuple[str, float]) -> list[tuple[str, timedelta]]:
    """What `House.paged` says when these people were paged so many minutes after the first."""
    return [(person, timedelta(minutes=after)) for person, after in steps]


#: Two rounds of L1, L2 and L3, then the fallback; each at the moment the one before has run out.
WHOLE = minutes(("ada", 0), ("bo", 10), ("cy", 25), ("ada", 55), ("bo", 65), ("cy", 80), ("eve", 110))


async def test_silence_climbs_every_tier_round_after_round_and_ends_at_the_fallback(any_place: Place) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        await house.pass_time(minutes=109)
        assert house.paged() == WHOLE[:-1]
        assert not (await house.incident(incident.id)).exhausted
        await house.pass_time(hours=12)
        assert house.paged() == WHOLE
        last = await house.incident(incident.id)
        assert (last.exhausted, last.next_step_at, last.phase) == (True, None, Phase.TRIGGERED)
        card = await house.card(incident.id)
        assert "Every tier and the fallback have been paged; nobody has answered" in card.shown
        assert "Waiting for the fallback: @U01EVE" in card.shown
        assert "Escalate" not in card.buttons
        assert (await house.story(incident.id)).count("step.fired") == len(WHOLE)


async def test_the_next_tier_is_not_paged_one_second_early(house: House) -> None:
    await house.alert("accuracy fell")
    await house.pass_time(minutes=9, seconds=59.999)
    assert house.paged() == WHOLE[:1]
    await house.pass_time(seconds=0.001)
    assert house.paged() == WHOLE[:2]


@pytest.mark.parametrize("climbed", [0, 1, 4])
async def test_an_acknowledge_ends_the_climb_wherever_it_stands(house: House, climbed: int) -> None:
    incident = await house.alert("accuracy fell")
    await house.pass_time(minutes=WHOLE[climbed][1] / timedelta(minutes=1) + 5)
    await house.press(house.pages_to(WHOLE[climbed][0])[-1], "Acknowledge", by=WHOLE[climbed][0])
    await house.pass_time(hours=12)
    assert house.paged() == WHOLE[: climbed + 1]
    assert (await house.incident(incident.id)).holder == WHOLE[climbed][0]


async def test_the_end_of_the_alert_ends_the_climb(house: House) -> None:
    await house.alert("accuracy fell")
    await house.pass_time(minutes=5)
    await house.resolve("accuracy fell")
    await house.pass_time(hours=12)
    assert house.paged() == WHOLE[:1]


async def test_a_severity_that_starts_higher_leaves_the_lower_tiers_asleep_in_every_round(place: Place) -> None:
    place.change("runbooks/anything.md", "start: {sev1: L1, sev2: L1}", "start: {sev1: L2, sev2: L1}")
    async with place.house() as house:
        await house.alert("all drifts", kind="drift", measures=[{"metric": "drift.share", "value": 0.9}])
        await house.pass_time(hours=12)
        assert house.paged() == minutes(("bo", 0), ("cy", 15), ("bo", 45), ("cy", 60), ("eve", 90))


async def test_everybody_of_a_tier_is_paged_and_one_answer_is_enough(place: Place) -> None:
    place.change("runbooks/anything.md", "rota:first-line", "team:churn-ml")
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        assert sorted(house.paged()) == minutes(("ada", 0), ("bo", 0))
        await house.press(house.pages_to("bo")[0], "Acknowledge", by="bo")
        await house.pass_time(hours=12)
        assert len(house.paged()) == 2
        (other,) = house.pages_to("ada")
        assert not other.buttons
        assert "Answered by @U01BO" in other.shown
        assert (await house.incident(incident.id)).holder == "bo"


async def test_a_press_on_escalate_takes_the_next_step_at_once_and_its_wait_begins_anew(house: House) -> None:
    incident = await house.alert("accuracy fell")
    await house.pass_time(minutes=4)
    await house.press(await house.card(incident.id), "Escalate", by="ada")
    await house.pass_time(minutes=14)
    assert [person for person, _ in house.paged()] == ["ada", "bo"]
    await house.pass_time(minutes=1)  # fifteen minutes after the press, not twenty-five after the alert
    assert [person for person, _ in house.paged()] == ["ada", "bo", "cy"]


async def test_a_restart_between_two_steps_delays_nothing(any_place: Place, clock: FakeClock) -> None:
    async with any_place.house() as house:
        await house.alert("accuracy fell")
        await house.pass_time(minutes=5)
    await clock.advance(timedelta(minutes=2))
    async with any_place.house() as house:
        await house.pass_time(minutes=18)
        assert house.paged() == WHOLE[:3]


async def test_what_fell_due_while_the_bot_was_away_fires_once_when_it_is_back(
    any_place: Place, clock: FakeClock
) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
    await clock.advance(timedelta(hours=3))
    async with any_place.house() as house:
        await house.settle()
        assert house.paged() == minutes(("ada", 0), ("bo", 180))
        await house.pass_time(minutes=15)
        assert house.paged()[2:] == minutes(("cy", 195))
    async with any_place.house() as house:  # and a second start repeats nothing
        await house.pass_time(minutes=29)
        assert len(house.paged()) == 3
        assert [page.state for page in await house.ledger(incident.id)] == [PageState.SENT] * 3


async def test_an_answer_before_the_restart_still_holds_after_it(any_place: Place, clock: FakeClock) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        card = await house.card(incident.id)
        await house.press(card, "Acknowledge", by="bo")
    await clock.advance(timedelta(hours=3))
    async with any_place.house() as house:
        await house.pass_time(hours=3)
        assert house.paged() == WHOLE[:1]
        assert "Held by @U01BO" in (await house.card(incident.id)).shown


async def test_two_replicas_fire_each_step_once(
    workspace: Workspace, clock: FakeClock, tmp_path_factory: pytest.TempPathFactory, postgres_url: str
) -> None:
    place = Place(tmp_path_factory.mktemp("shared"), workspace, clock, postgres_url)
    async with place.house() as one, place.house() as other:
        incident = await one.alert("accuracy fell")
        for step in range(1, len(WHOLE)):
            await clock.advance(WHOLE[step][1] - WHOLE[step - 1][1])
            await asyncio.gather(one.settle(), other.settle())
            assert one.paged() == WHOLE[: step + 1]
        assert (await other.incident(incident.id)).exhausted
        keys = [str((m.metadata or {})["event_payload"]["key"]) for m in workspace.messages("ml-oncall")]
        assert keys == [f"{kind}/{incident.id}" for kind in ("card", "evidence", "steps")]
        assert (await one.story(incident.id)).count("page.sent") == len(WHOLE)


async def test_two_replicas_open_one_incident_for_one_cause(
    workspace: Workspace, clock: FakeClock, tmp_path_factory: pytest.TempPathFactory, postgres_url: str
) -> None:
    place = Place(tmp_path_factory.mktemp("shared"), workspace, clock, postgres_url)
    async with place.house() as one, place.house() as other:
        sent = [
            house.deliver(alertmanager(labelled(f"f{n}")), connection="prom")
            for n in range(10)
            for house in (one, other)
        ]
        receipts = await asyncio.gather(*sent)
        await asyncio.gather(one.settle(), other.settle())
        assert {found for receipt in receipts for found in receipt.booked.incidents} == {"INC-1"}
        assert sum(receipt.booked.new for receipt in receipts) == 10
        assert sum(receipt.booked.repeat for receipt in receipts) == 10
        assert (await one.incident("INC-1")).alerts_firing == 10
        assert one.paged() == WHOLE[:1]


async def test_a_hand_over_at_night_pages_whoever_is_on_call_when_the_step_fires(place: Place) -> None:
    # Eve until four in the morning, then Dee; the alert comes at 3:38, its third step at 4:03.
    place.write(
        "config/rotas.yaml",
        """\
        rotas:
          - {name: first-line, timezone: UTC, start: "2026-11-02 09:00", every: 1 week, members: [ada]}
          - {name: nights, timezone: UTC, start: "2026-11-22 16:00", every: 12 hours, members: [eve, dee]}
        """,
    )
    place.change("runbooks/anything.md", "lead:churn-ml", "rota:nights")
    async with place.house() as house:
        await house.alert("accuracy fell")
        await house.pass_time(minutes=25)
        assert [person for person, _ in house.paged()] == ["ada", "bo", "dee"]


async def test_a_shift_taken_over_by_hand_counts_from_its_next_step_on(house: House, clock: FakeClock) -> None:
    incident = await house.alert("accuracy fell")
    now = clock.now()
    swap = Override("o1", "first-line", Amendment.OVERRIDE, now, now + timedelta(hours=8), "dee", "ada")
    await house.app.store.write(lambda tx: overrides.add(tx, swap))
    await house.pass_time(minutes=55)
    assert [person for person, _ in house.paged()] == ["ada", "bo", "cy", "dee"]
    told = (await house.ledger(incident.id))[3].why
    assert "dee" in told
    assert "ada" in told


async def test_editing_the_runbook_does_not_derail_what_is_open(place: Place) -> None:
    async with place.house() as house:
        old = await house.alert("accuracy fell")
        place.change(
            "runbooks/anything.md",
            'L2: {page: "person:bo", answer_within: 15m}',
            'L2: {page: "person:dee", answer_within: 1m}',
        )
        place.change("runbooks/anything.md", "repeats: 1", "repeats: 0")
        await house.reload()
        await house.pass_time(hours=3)
        assert house.paged() == WHOLE
        new = await house.alert("price is off", model="price")
        assert (await house.incident(new.id)).runbook_revision != old.runbook_revision
        await house.pass_time(minutes=10)
        assert house.paged()[-1][0] == "dee"


async def test_a_graver_alert_after_an_edit_pages_whom_the_incident_named_when_it_opened(place: Place) -> None:
    place.change("runbooks/anything.md", "start: {sev1: L1, sev2: L1}", "start: {sev1: L2, sev2: L1}")
    async with place.house() as house:
        await house.alert("drift of age", kind="drift")
        place.change("runbooks/anything.md", "person:bo", "person:dee")
        await house.reload()
        await house.alert("drift of all", kind="drift", measures=[{"metric": "drift.share", "value": 0.9}])
        await house.pass_time(minutes=15)
        assert house.paged() == minutes(("ada", 0), ("bo", 0), ("cy", 15))


async def test_a_runbook_that_was_deleted_still_leads_what_it_opened(place: Place) -> None:
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        (place.home / "runbooks/anything.md").unlink()
        place.write(
            "config/tocsin.yaml",
            (place.home / "config/tocsin.yaml").read_text() + "escalation: {fallback: [person:dee]}\n",
        )
        await house.reload()
        await house.pass_time(hours=3)
        assert house.paged() == WHOLE
        assert incident.id in (await house.card(incident.id)).shown


async def test_handing_an_acknowledged_incident_on_starts_the_climb_again(house: House) -> None:
    incident = await house.alert("accuracy fell")
    await house.answer(Verb.ACKNOWLEDGE, incident.id, by="ada")
    await house.pass_time(minutes=30)
    await house.answer(Verb.ESCALATE, incident.id, by="ada")
    assert house.paged() == minutes(("ada", 0), ("bo", 30))
    await house.pass_time(minutes=15)
    assert house.paged()[2:] == minutes(("cy", 45))
    assert (await house.incident(incident.id)).holder is None


async def test_every_open_incident_climbs_by_itself(house: House) -> None:
    titles = [f"model {number} fell" for number in range(10)]
    opened = [await house.alert(title, model=title) for title in titles]
    assert len({incident.id for incident in opened}) == 10
    await house.pass_time(minutes=12)
    found = await house.app.store.read(lambda tx: incidents.listing(tx, limit=50))
    assert {incident.step for incident in found} == {2}
    people = [person for person, _ in house.paged()]
    assert (people.count("ada"), people.count("bo")) == (10, 10)
