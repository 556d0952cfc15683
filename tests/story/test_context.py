"""What an auditor asks of an entry: which act and record, who stood at the door, under which rules, what they saw."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

import bot
from bot.engine import policy
from bot.model.entry import Context, Sealed, Step
from bot.store import log
from bot.testing.house import House, workspace_env
from tests.story import changing
from tests.story.changing import Scene
from tests.story.place import Place


@pytest.fixture
async def scene(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Scene]:
    """7 serves since yesterday; 6 did for nine days."""
    async with changing.opened(tmp_path, sqlite_url) as one:
        yield one


async def told(house: House, subject: str) -> list[Sealed]:
    return await house.app.store.read(lambda tx: log.of(tx.sql, subject, 1000))


def of_kind(entries: Sequence[Sealed], kind: str) -> Context:
    """The context of the last of a kind."""
    return [one.entry.context for one in entries if one.entry.kind == kind][-1]


async def test_every_entry_says_whose_clock_which_version_and_which_rules(house: House) -> None:
    incident = await house.alert("accuracy fell")
    (loaded,) = await told(house, policy.SUBJECT)
    assert loaded.entry.kind == policy.LOADED
    assert set(loaded.entry.after["files"]) >= {"tocsin.yaml", "people.yaml"}
    assert loaded.entry.after["runbooks"]["anything"]
    for one in [loaded, *await told(house, incident.id)]:
        context = one.entry.context
        assert (context.clock, context.version) == ("still", bot.__version__)
        assert context.policy == loaded.entry.after["policy"]


async def test_a_press_its_refusal_and_what_it_came_to_are_records_of_one_act(house: House) -> None:
    incident = await house.alert("accuracy fell")
    await house.press(await house.card(incident.id), "Acknowledge", by="guy")
    await house.press(await house.card(incident.id), "Escalate", by="ada")
    await house.press(await house.card(incident.id), "Acknowledge", by="bo")
    story = await told(house, incident.id)
    opened = of_kind(story, "incident.opened")
    assert (opened.step, opened.identity, opened.method, opened.automation) == (
        Step.FACT,
        "connection:hook",
        "secret",
        True,
    )
    refused = of_kind(story, "press.refused")
    assert (refused.action, refused.step, refused.identity, refused.automation) == (
        f"{incident.id}/acknowledge",
        Step.DECISION,
        "slack:U01GUY",
        False,
    )
    taken = of_kind(story, "incident.acknowledged")
    assert (taken.action, taken.step, taken.identity, taken.method, taken.role) == (
        f"{incident.id}/acknowledge",
        Step.DECISION,
        "slack:U01BO",
        "slack",
        "responder",
    )
    raised, fired = of_kind(story, "incident.escalated"), of_kind(story, "step.fired")
    assert raised.action == fired.action == f"{incident.id}/escalate"
    assert (raised.step, fired.step) == (Step.DECISION, Step.RESULT)


async def test_a_reload_of_other_rules_is_written_down_once(place: Place) -> None:
    async with place.house() as house:
        env = place.env | workspace_env(place.workspace)
        first = house.app.store.stamp.policy
        await house.app.reload(env)
        assert len(await told(house, policy.SUBJECT)) == 1
        place.change("config/estate.yaml", "team: price-ml}", "team: price-ml, criticality: high}")
        await house.app.reload(env)
        before, after = await told(house, policy.SUBJECT)
        assert after.entry.before == {"policy": first}
        assert after.entry.after["policy"] == house.app.store.stamp.policy != first
        changed = {name for name, was in before.entry.after["files"].items() if after.entry.after["files"][name] != was}
        assert changed == {"estate.yaml"}
        incident = await house.alert("accuracy fell")
        assert of_kind(await told(house, incident.id), "incident.opened").policy == after.entry.after["policy"]
    async with place.house() as house:
        assert len(await told(house, policy.SUBJECT)) == 2


async def test_who_types_is_known_by_their_account_of_the_machine(place: Place) -> None:
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
    status, said = await place.typed("incident", "ack", incident.id, "--as", "bo")
    assert status == 0, said
    async with place.house() as house:
        context = of_kind(await told(house, incident.id), "incident.acknowledged")
    assert context.identity.startswith("login:")
    assert (context.method, context.automation) == ("command line", False)
    assert context.policy


async def test_the_records_of_a_change_share_its_id_and_an_approver_s_says_what_they_saw(scene: Scene) -> None:
    change = await scene.proposed()
    text = "churn: 7 -> 6\nbecause accuracy fell"
    await scene.vote(change, "person:ada", shown=text)
    await scene.vote(change, shown=text)
    story = await scene.room.desk.store.read(lambda tx: log.of(tx.sql, change.id))
    by_kind = {one.entry.kind: one.entry for one in story}
    steps = {kind: by_kind[kind].context.step for kind in ("change.proposed", "change.refused", "change.agreed")}
    assert list(steps.values()) == [Step.REQUEST, Step.DECISION, Step.DECISION]
    assert {entry.context.action for entry in by_kind.values()} == {change.id}
    assert by_kind["change.proposed"].context.role == "requester"
    agreed = by_kind["change.agreed"]
    assert agreed.context.role == "approver"
    assert agreed.after["shown"] == text
    assert agreed.context.seen == hashlib.sha256(text.encode()).hexdigest()
    assert by_kind["change.refused"].context.seen == agreed.context.seen


async def test_a_result_of_a_change_is_automation_and_carries_its_id(scene: Scene) -> None:
    change = await scene.proposed()
    await scene.vote(change)
    (approved,) = await scene.room.desk.store.read(lambda tx: log.of_kinds(tx.sql, change.id, {"change.approved"}))
    assert (approved.entry.context.action, approved.entry.context.automation) == (change.id, True)


async def test_a_refused_press_names_the_person_and_the_account_they_came_by(house: House) -> None:
    incident = await house.alert("accuracy fell")
    await house.press(await house.card(incident.id), "Acknowledge", by="dee")
    (refused,) = [one.entry for one in await told(house, incident.id) if one.entry.kind == "press.refused"]
    assert (refused.actor, refused.context.identity, refused.context.method) == ("person:dee", "slack:U01DEE", "slack")
