"""What a monitor says, and what people see of it: statuses, episodes, grouping. The same over both databases."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.engine.inbox import Receipt
from bot.model.incident import Phase
from bot.model.verb import Verb
from bot.testing.house import House
from tests.story.place import START, Place, alertmanager, labelled

LATER = START + timedelta(minutes=20)


@pytest.fixture
async def house(any_place: Place) -> AsyncIterator[House]:
    """The bot over one of the databases."""
    async with any_place.house() as one:
        yield one


async def tell(house: House, *alerts: dict[str, Any]) -> Receipt:
    """Alertmanager notifies, and what follows happens."""
    receipt = await house.deliver(alertmanager(*alerts), connection="prom")
    await house.settle()
    return receipt


def counted(receipt: Receipt) -> tuple[int, int, int, int]:
    """New, repeated, resolved and dropped."""
    booked = receipt.booked
    return booked.new, booked.repeat, booked.resolved, booked.dropped


async def test_alerts_of_one_cause_are_one_incident_with_one_card_and_one_page(house: House) -> None:
    receipt = await tell(house, *(labelled(f"f{number}") for number in range(200)))
    assert counted(receipt) == (200, 0, 0, 0)
    assert receipt.booked.incidents == {"INC-1"}
    assert "200 of 200 alerts firing" in (await house.card("INC-1")).shown
    assert len(house.paged()) == 1


async def test_each_alert_has_its_own_status_whatever_the_message_says(house: House) -> None:
    await tell(house, labelled("age"), labelled("income"))
    receipt = await tell(house, labelled("age", status="resolved", end=LATER), labelled("income"))
    assert counted(receipt) == (0, 1, 1, 0)
    incident = await house.incident("INC-1")
    assert (incident.alerts_firing, incident.phase) == (1, Phase.TRIGGERED)
    await house.pass_time(seconds=10)
    assert "1 of 2 alerts firing" in (await house.card("INC-1")).shown


async def test_an_incident_ends_with_the_last_of_its_alerts_and_only_once(house: House) -> None:
    await tell(house, labelled("age"), labelled("income"))
    over = [labelled(feature, status="resolved", end=LATER) for feature in ("age", "income")]
    assert counted(await tell(house, *over)) == (0, 0, 2, 0)
    assert (await house.incident("INC-1")).phase is Phase.RESOLVED
    assert counted(await tell(house, *over)) == (0, 0, 0, 2)
    assert (await house.story("INC-1")).count("incident.resolved") == 1
    card = await house.card("INC-1")
    assert "no alert fires any more" in card.shown
    assert not house.pages_to("ada")[0].buttons


async def test_the_end_of_something_unknown_is_accepted_and_opens_nothing(house: House) -> None:
    assert counted(await tell(house, labelled("age", status="resolved", end=LATER))) == (0, 0, 0, 1)
    assert house.workspace.messages("#ml-oncall") == []
    assert house.paged() == []


async def test_no_data_neither_opens_nor_ends_anything(house: House) -> None:
    receipt = await house.deliver({"title": "t", "problem": "t", "model": "churn", "status": "no_data"})
    assert counted(receipt) == (0, 0, 0, 1)
    incident = await house.alert("t")
    receipt = await house.deliver({"title": "t", "problem": "t", "model": "churn", "status": "no_data"})
    assert counted(receipt) == (0, 1, 0, 0)
    assert (await house.incident(incident.id)).phase is Phase.TRIGGERED


async def test_no_data_long_after_an_incident_was_closed_by_hand_opens_no_other(house: House) -> None:
    incident = await house.alert("t")
    await house.answer(Verb.RESOLVE, incident.id, by="ada")
    await house.pass_time(minutes=20)
    receipt = await house.deliver({"title": "t", "problem": "t", "model": "churn", "status": "no_data"})
    assert counted(receipt) == (0, 1, 0, 0)
    assert len(house.paged()) == 1


async def test_a_repeat_is_counted_and_pages_nobody(house: House) -> None:
    for _ in range(3):
        await tell(house, labelled("age"))
        await house.pass_time(minutes=1)
    assert "repeats: 2" in (await house.card("INC-1")).shown
    assert len(house.paged()) == 1


async def test_what_fires_anew_after_its_end_is_a_new_incident(house: House) -> None:
    await tell(house, labelled("age"))
    await tell(house, labelled("age", status="resolved", end=LATER))
    receipt = await tell(house, labelled("age", start=LATER))
    assert counted(receipt) == (1, 0, 0, 0)
    assert receipt.booked.incidents == {"INC-2"}
    assert [person for person, _ in house.paged()] == ["ada", "ada"]
    assert "RESOLVED" in (await house.card("INC-1")).shown


async def test_the_same_start_after_its_end_fires_again(house: House) -> None:
    # Alertmanager says so when its feed broke off for a while.
    await tell(house, labelled("age"))
    await tell(house, labelled("age", status="resolved", end=LATER))
    assert (await tell(house, labelled("age"))).booked.incidents == {"INC-2"}


async def test_a_new_episode_before_the_end_of_the_last_takes_its_place(house: House) -> None:
    await tell(house, labelled("age"))
    assert counted(await tell(house, labelled("age", start=LATER))) == (1, 0, 0, 0)
    incident = await house.incident("INC-1")
    assert (incident.alerts_firing, incident.alerts_total) == (1, 2)
    # The late end of the first episode does not end the second.
    assert counted(await tell(house, labelled("age", status="resolved", end=LATER))) == (0, 0, 0, 1)
    assert (await house.incident("INC-1")).phase is Phase.TRIGGERED
    await tell(house, labelled("age", status="resolved", start=LATER, end=LATER + timedelta(minutes=1)))
    assert (await house.incident("INC-1")).phase is Phase.RESOLVED


async def test_what_is_older_than_the_episode_that_ended_is_dropped(house: House) -> None:
    await tell(house, labelled("age", start=LATER))
    await tell(house, labelled("age", status="resolved", start=LATER, end=LATER + timedelta(minutes=1)))
    assert counted(await tell(house, labelled("age"))) == (0, 0, 0, 1)


async def test_a_backlog_with_a_whole_story_in_one_body_ends_as_it_ended(house: House) -> None:
    ended = labelled("age", status="resolved", end=LATER)
    assert counted(await tell(house, labelled("age"), ended)) == (1, 0, 1, 0)
    assert (await house.incident("INC-1")).phase is Phase.RESOLVED
    assert house.paged() == []
    receipt = await tell(house, labelled("income"), labelled("income", status="resolved", end=LATER),
                         labelled("income", start=LATER))  # fmt: skip
    assert receipt.booked.accepted == 3
    incident = await house.incident(max(receipt.booked.incidents))
    assert (incident.phase, incident.alerts_firing) == (Phase.TRIGGERED, 1)
    await tell(house, labelled("income", status="resolved", start=LATER, end=LATER + timedelta(minutes=1)))
    assert (await house.incident(incident.id)).phase is Phase.RESOLVED


async def test_a_later_alert_can_make_it_worse_but_none_makes_it_better(house: House) -> None:
    await house.alert("drift of age", kind="drift", measures=[{"metric": "drift.share", "value": 0.2}])
    assert "SEV2" in (await house.card("INC-1")).shown
    worse = await house.alert("drift of income", kind="drift", measures=[{"metric": "drift.share", "value": 0.7}])
    assert (worse.id, worse.severity) == ("INC-1", "sev1")
    assert "SEV1" in (await house.card("INC-1")).shown
    assert "incident.worsened" in await house.story("INC-1")
    again = await house.alert("drift of city", kind="drift", measures=[{"metric": "drift.share", "value": 0.1}])
    assert (again.id, again.severity) == ("INC-1", "sev1")


async def test_a_graver_alert_pages_the_tier_its_severity_starts_at_at_once(any_place: Place) -> None:
    any_place.change("runbooks/anything.md", "start: {sev1: L1, sev2: L1}", "start: {sev1: L2, sev2: L1}")
    grave = {"kind": "drift", "measures": [{"metric": "drift.share", "value": 0.7}]}
    async with any_place.house() as house:
        await house.alert("drift of age", kind="drift")
        await house.pass_time(minutes=3)
        await house.alert("drift of income", **grave)
        assert house.paged() == [("ada", timedelta(0)), ("bo", timedelta(minutes=3))]
        await house.alert("drift of city", **grave)  # as grave as what is known by now
        await house.pass_time(minutes=14)
        assert len(house.paged()) == 2
        await house.pass_time(minutes=1)
        assert house.paged()[2:] == [("cy", timedelta(minutes=18))]
        await house.press(await house.card("INC-1"), "Resolve", by="cy")

        answered = await house.alert("price drifts", kind="drift", model="price")
        await house.press(await house.card(answered.id), "Acknowledge", by="ada")
        worse = await house.alert("price drifts more", model="price", **grave)
        await house.pass_time(minutes=30)
        assert (worse.id, worse.severity, worse.holder) == (answered.id, "sev1", "ada")
        assert "SEV1 ACKNOWLEDGED" in (await house.card(answered.id)).shown
        assert len(house.paged()) == 4  # somebody has it already


async def test_other_environments_kinds_and_models_are_other_incidents(house: House) -> None:
    alerts = [
        labelled("age"),
        labelled("age", environment="staging"),
        labelled("age", kind="latency"),
        labelled("age", model="price"),
        labelled("age", model="churn", alertname="Else"),  # of the first one's kind, model and environment
    ]
    assert len((await tell(house, *alerts)).booked.incidents) == 4


async def test_an_answered_incident_takes_more_alerts_without_a_page(house: House) -> None:
    await tell(house, labelled("age"))
    await house.press(house.pages_to("ada")[0], "Acknowledge", by="ada")
    await tell(house, labelled("income"))
    await house.pass_time(minutes=30)
    card = await house.card("INC-1")
    assert "2 of 2 alerts firing" in card.shown
    assert "Held by @U01ADA" in card.shown
    assert len(house.paged()) == 1


async def test_a_model_nobody_has_catalogued_is_paged_for_all_the_same(house: House) -> None:
    incident = await house.alert("it fell", model="mystery")
    assert (incident.entity, incident.model) == ("unassigned", "mystery")
    assert len(house.paged()) == 1
    assert "mystery" in (await house.card(incident.id)).shown


async def test_an_alert_without_a_model_is_paged_for_all_the_same(house: House) -> None:
    incident = await house.alert("something is off", model=None, entity="market")
    assert (incident.entity, incident.model) == ("market", None)
    assert len(house.paged()) == 1


async def test_a_delivery_with_an_id_of_its_own_counts_once(any_place: Place) -> None:
    any_place.change("config/tocsin.yaml", "plugin: webhook,", 'plugin: webhook, delivery: "$.run",')
    async with any_place.house() as house:
        body = {"run": "r1", "title": "t", "problem": "t", "model": "churn"}
        assert counted(await house.deliver(body)) == (1, 0, 0, 0)
        copy = await house.deliver(body)
        assert (copy.booked.copy, counted(copy)) == (True, (0, 0, 0, 0))
        assert counted(await house.deliver({**body, "run": "r2"})) == (0, 1, 0, 0)


async def test_what_no_runbook_matches_goes_to_whoever_answers_for_everything(any_place: Place) -> None:
    any_place.change("runbooks/anything.md", "match: {}", "match: {kind: drift}")
    config = any_place.home / "config/tocsin.yaml"
    any_place.write("config/tocsin.yaml", config.read_text() + "escalation: {fallback: [person:eve], repeats: 0}\n")
    async with any_place.house() as house:
        incident = await house.alert("it is slow", kind="latency")
        assert (incident.runbook, incident.severity) == ("none", "sev3")
        assert "No runbook matches" in (await house.card(incident.id)).shown
        assert house.paged() == [("eve", timedelta(0))]


async def test_a_runbook_may_group_otherwise(any_place: Place) -> None:
    any_place.change("runbooks/anything.md", "repeats: 1", "repeats: 1\ngroup_by: [entity]")
    async with any_place.house() as house:
        one = await house.alert("accuracy fell")
        two = await house.alert("latency rose", kind="latency")
        other = await house.alert("price is off", model="price")
        assert one.id == two.id != other.id


async def test_another_name_of_a_model_is_that_model(any_place: Place) -> None:
    any_place.change(
        "config/estate.yaml", "entity: retail, team: churn-ml", "entity: retail, team: churn-ml, aliases: [churn_v2]"
    )
    async with any_place.house() as house:
        incident = await house.alert("it fell", model="churn_v2")
        assert (incident.model, incident.entity) == ("churn", "retail")


async def test_an_entity_with_a_channel_of_its_own_has_its_cards_there(any_place: Place) -> None:
    any_place.change("config/estate.yaml", "{name: retail}", '{name: retail, channel: "#ml-retail"}')
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        await house.press(await house.card(incident.id, "ml-retail"), "Acknowledge", by="bo")
        assert "Held by @U01BO" in (await house.card(incident.id, "ml-retail")).shown
        assert house.workspace.messages("#ml-oncall") == []
