"""P8: whoever `/oncall`, `tocsin oncall who` and the card name is who gets paged: one resolver for all."""

import dataclasses
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.engine import escalate, report
from bot.engine.respond import Verb
from bot.model.rota import Amendment, Override
from bot.sandbox.workspace import Workspace
from bot.store import overrides
from bot.testing.clock import FakeClock
from bot.testing.house import House
from tests.story.place import Place

CHICAGO = ZoneInfo("America/Chicago")
TICK = timedelta(microseconds=1)
#: From the Friday before the clocks go back in Chicago to the Tuesday after: hand-overs at nine in the evening.
BEGINS = datetime(2026, 10, 30, 21, 0, tzinfo=CHICAGO).astimezone(UTC)
ROTA = """\
    rotas:
      - name: first-line
        timezone: America/Chicago
        start: "2026-10-30 21:00"
        every: 1 day
        members: [ada, bo, null, cy]
        overrides:
          - {kind: override, start: "2026-10-31 23:00", end: "2026-11-01 01:30", person: dee, replaces: bo}
    """
HAND_OVERS = [BEGINS + timedelta(days=day, hours=day > 1) for day in range(5)]
PLANNED = [datetime(2026, 10, 31, 23, tzinfo=CHICAGO), datetime(2026, 11, 1, 1, 30, tzinfo=CHICAGO)]
BY_HAND = [HAND_OVERS[1] - timedelta(hours=3), HAND_OVERS[1] + timedelta(hours=1)]
COVERED = [HAND_OVERS[2] + timedelta(hours=5), HAND_OVERS[3] + timedelta(hours=2)]
EDGES = sorted([*HAND_OVERS[1:], *(edge.astimezone(UTC) for edge in PLANNED), *BY_HAND, *COVERED])


async def changed_by_hand(house: House) -> None:
    """Eve stands in for ada over a hand-over; dee covers the vacant seat for a while."""
    swap = Override("o1", "first-line", Amendment.OVERRIDE, *BY_HAND, "eve", "ada", by="ada", why="a concert")
    cover = Override("o2", "first-line", Amendment.COVER, *COVERED, "dee")
    for one in (swap, cover):
        await house.app.store.write(lambda tx, one=one: overrides.add(tx, one))


@pytest.fixture
def place(place: Place) -> Place:
    """The rota of these stories."""
    place.write("config/rotas.yaml", ROTA)
    return place


@pytest.fixture
def clock() -> FakeClock:
    """It stands a moment before the first edge."""
    return FakeClock(EDGES[0] - timedelta(minutes=1))


@pytest.fixture
async def house(place: Place) -> AsyncIterator[House]:
    """The bot over that rota, with the changes made by hand."""
    async with place.house() as one:
        await changed_by_hand(one)
        yield one


async def paged_now(house: House, model: str) -> set[str]:
    """Who gets the page of a new incident; when the seat is vacant, nobody of it does."""
    incident = await house.alert(f"{model} fell", model=model)
    first = [page for page in await house.ledger(incident.id) if page.step == 1]
    await house.answer(Verb.RESOLVE, incident.id, by=first[0].person)
    assert {person for person, _ in house.paged()[-len(first) :]} == {page.person for page in first}
    return {page.person for page in first if page.tier == "L1"}


async def shown_in_slack(house: House) -> set[str]:
    """Whom `/oncall` names for now."""
    reply = await house.command("/oncall", "first-line", by="guy")
    (line,) = (line for line in reply.responses[0].shown.splitlines() if line.startswith("first-line: "))
    now = line.removeprefix("first-line: ").split(" until ")[0]
    return set() if now == "nobody" else {name.removeprefix("@U01").lower() for name in now.split(", ")}


async def shown_in_the_terminal(place: Place, at: datetime) -> set[str]:
    """Whom `tocsin oncall who --at` names."""
    status, said = await place.typed("oncall", "who", "first-line", "--at", at.isoformat(), "--json")
    assert status == 0, said
    return set(json.loads(said)["persons"])


async def test_around_every_hand_over_and_change_all_of_them_name_the_same(place: Place, house: House) -> None:
    seen = []
    for number, edge in enumerate(EDGES):
        for side, at in (("before", edge - TICK), ("at", edge)):
            await house.clock.advance(at - house.clock.now())
            people = await paged_now(house, f"m{number}{side}")
            assert await shown_in_slack(house) == people, (edge, side)
            seen.append(people)
        assert await shown_in_the_terminal(place, edge) == people, edge
    assert seen == [
        *({"ada"}, {"eve"}),  # eve stands in for ada before the hand-over
        *({"eve"}, {"bo"}),  # whom she replaces goes off; bo was never ada
        *({"bo"}, {"bo"}),  # and the end of her span changes nothing
        *({"bo"}, {"dee"}),  # dee for bo, at eleven in the evening
        *({"dee"}, {"bo"}),  # until half past one, the first of the two that night
        *({"bo"}, set()),  # a vacant seat
        *(set(), {"dee"}),  # covered
        *({"dee"}, {"cy", "dee"}),  # both, for as long as the cover lasts
        *({"cy", "dee"}, {"cy"}),
        *({"cy"}, {"ada"}),
    ]


instants = st.builds(
    lambda edge, away: edge + away,
    st.sampled_from(EDGES),
    st.sampled_from([TICK * 0, TICK, -TICK]) | st.timedeltas(timedelta(days=-3), timedelta(days=40)),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=instants)
async def test_at_any_moment_the_roster_is_who_a_step_would_page(house: House, at: datetime) -> None:
    desk = house.app.desk
    if not house.paged():
        await house.alert("accuracy fell")
    fresh = dataclasses.replace(await house.incident("INC-1"), step=0, tier="L1", round=0)
    (step,) = await desk.store.read(lambda tx: escalate.decide(tx, desk, [fresh], at))
    (shown,) = await report.on_call(desk, at)
    paged = {page.person for page in step.pages if page.tier == "L1"}
    assert {person.name for person in shown.persons} == paged
    assert shown.shift.start <= at < shown.shift.end


async def test_the_card_names_who_would_be_paged_next_and_that_person_is(place: Place, workspace: Workspace) -> None:
    place.change("runbooks/anything.md", "rota:first-line", "person:flo")
    place.change("runbooks/anything.md", "person:bo", "rota:first-line")
    async with place.house() as house:
        await changed_by_hand(house)
        for edge in (HAND_OVERS[1], PLANNED[0]):  # the step falls due on the other side of the edge
            await house.clock.advance(edge - timedelta(minutes=5) - house.clock.now())
            incident = await house.alert("accuracy fell", model=str(edge))
            card = (await house.card(incident.id)).shown
            await house.pass_time(minutes=10)
            assert f"L2 ({house.paged()[-1][0]}) is paged" in card
            await house.answer(Verb.RESOLVE, incident.id, by="flo")
        assert [person for person, _ in house.paged()] == ["flo", "bo", "flo", "dee"]
