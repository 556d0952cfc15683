"""What people are shown of the whole: why an incident is theirs, what waits for them, who answers for what."""

from datetime import timedelta

import pytest

from bot.engine import explain, report, respond
from bot.engine.declare import Draft, open_
from bot.errors import NotFound
from bot.model.alert import Kind
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from tests.story.engine_room import Room


async def press(room: Room, verb: Verb, incident: str, by: str, detail: str = "") -> None:
    """Somebody does something, and may."""
    answer = await respond.take(
        room.desk, respond.Press(verb, incident, f"person:{by}", room.now, "cli", detail=detail)
    )
    assert answer.verdict is Verdict.GO, answer.sentence


async def test_explain_says_why_and_who_by_the_resolver_that_pages(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    told = await explain.incident(room.desk, "1", room.now)
    assert told.view.incident.id == incident.id
    assert told.why.startswith("anything matches (everything). sev2 because nothing worse holds")
    ten, quarter = timedelta(minutes=10), timedelta(minutes=25)
    climb = [(rung.after, rung.tier, rung.persons) for rung in told.tiers]
    assert climb == [(timedelta(0), "L1", ("ada",)), (ten, "L2", ("bo",)), (quarter, "L3", ("cy",))]
    assert (told.gaps, told.revised) == ((), False)


async def test_explain_tells_that_the_runbook_has_changed_since(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    room.change("runbooks/anything.md", "person:bo", "person:dee")
    later = await explain.incident(room.desk, incident.id, room.now)
    assert later.revised
    assert later.tiers[1].persons == ("bo",)  # the policy was copied when it opened
    with pytest.raises(NotFound):
        await explain.incident(room.desk, "INC-99", room.now)


async def test_explain_of_what_is_held_still_says_who_would_come(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    await press(room, Verb.ACKNOWLEDGE, incident.id, "ada")
    told = await explain.incident(room.desk, incident.id, room.now)
    assert [rung.tier for rung in told.tiers] == ["L1", "L2", "L3"]
    assert told.view.next_step is None


async def test_mine_is_what_i_hold_and_what_waits_for_me(any_room: Room) -> None:
    room = any_room
    one = await room.alert("accuracy fell")
    two = await room.alert("late", kind=Kind.LATENCY)
    await room.pass_time(minutes=1)

    async def mine(person: str) -> list[str]:
        return [incident.id for incident in await report.mine(room.desk, person)]

    assert await mine("ada") == [two.id, one.id]
    assert await mine("bo") == []
    await press(room, Verb.ACKNOWLEDGE, one.id, "bo")
    assert (await mine("ada"), await mine("bo")) == ([two.id], [one.id])
    await press(room, Verb.PAGE, one.id, "bo", "person:dee")
    await room.pass_time(seconds=1)
    assert await mine("dee") == [one.id]  # asked to join, and has not answered
    await press(room, Verb.RESOLVE, one.id, "bo")
    assert (await mine("bo"), await mine("dee")) == ([], [])


async def test_degraded_models_come_with_their_incidents_the_gravest_first(room: Room) -> None:
    mild = await room.alert("slow", model="price", kind=Kind.LATENCY)
    await open_(room.desk, Draft("down", model="churn-v2", severity="sev1"), "person:bo", room.now, "cli", "k")
    await open_(room.desk, Draft("nothing in particular"), "person:bo", room.now, "cli", "l")
    found = await report.degraded(room.desk)
    assert [(one.model, [i.severity for i in one.incidents]) for one in found] == [
        ("churn", ["sev1"]),
        ("price", ["sev2"]),
    ]
    await press(room, Verb.RESOLVE, mild.id, "dee")
    assert [one.model for one in await report.degraded(room.desk)] == ["churn"]


async def test_a_model_without_a_platform_has_no_way_back(room: Room) -> None:
    found = await report.without_way_back(room.desk)
    assert [(one.model, one.why.startswith("No platform runs it")) for one in found] == [
        ("churn", True),
        ("price", True),
    ]


async def test_what_sleeps_is_listed_by_when_it_wakes(room: Room) -> None:
    late, soon, held = [await room.alert(kind.value, kind=kind) for kind in (Kind.COST, Kind.DRIFT, Kind.SAFETY)]
    for incident, minutes in ((late, 90), (soon, 30)):
        await press(room, Verb.SNOOZE, incident.id, "ada", str(minutes))
    await press(room, Verb.ACKNOWLEDGE, held.id, "ada")
    assert [incident.id for incident in await report.snoozed(room.desk)] == [soon.id, late.id]


@pytest.mark.parametrize(
    ("asked", "about", "rotas", "persons"),
    [
        ("churn-v2", "model churn", ["first-line"], ["ada", "bo", "cy"]),
        ("first-line", "rota first-line", ["first-line"], ["ada"]),
        ("churn-ml", "team churn-ml", ["first-line"], ["ada", "bo", "cy"]),
        (" market ", "entity market", ["first-line"], ["ada", "bo", "cy"]),
    ],
)
async def test_who_answers_for_a_thing_is_whom_the_bot_would_page(
    room: Room, asked: str, about: str, rotas: list[str], persons: list[str]
) -> None:
    told = await report.on_call_for(room.desk, asked, room.now)
    assert (told.about, [each.rota for each in told.rotas]) == (about, rotas)
    assert [person.name for person in told.persons] == persons
    if about.startswith("model"):
        assert [rung.tier for rung in told.tiers] == ["L1", "L2", "L3"]


async def test_a_name_that_is_none_gets_the_closest_one(room: Room) -> None:
    with pytest.raises(NotFound, match="Did you mean 'churn'"):
        await report.on_call_for(room.desk, "chrun", room.now)
    with pytest.raises(NotFound, match="Name a model"):
        await report.on_call_for(room.desk, "", room.now)


async def test_a_team_nobody_would_page_still_has_its_people(room: Room) -> None:
    price = "{name: price-ml, entity: market, members: [dee]}"
    room.change("config/people.yaml", price, f"{price}\n  - {{name: new, entity: market, members: [dee], lead: flo}}")
    told = await report.on_call_for(room.desk, "new", room.now)
    assert ([person.name for person in told.persons], told.rotas) == (["flo", "dee"], ())
