"""The door through which channels speak, over real HTTP."""

import pytest

from bot import telemetry
from bot.testing.house import SECRET
from tests.story import beeper
from tests.story.beeper import Company, post
from tests.story.place import Place, send


@pytest.fixture
def company(place: Place) -> Company:
    """A phone company that the place is connected to, without a chat."""
    made = beeper.company()
    beeper.connect(place)
    place.change("config/tocsin.yaml", "mode: socket", "mode: off")
    return made


async def test_an_answer_is_the_plugins_own_and_it_sees_where_it_was_asked(place: Place, company: Company) -> None:
    async with place.house(plugins=beeper.found()) as house:
        answer = await post(house, replies=[{"says": "help", "phone": "+1"}])
        assert (answer.status, len(answer.body)) == (200, 1)
        assert (answer.headers["x-path"], answer.headers["x-query"]) == ("/pages/tel", "v")


async def test_nobody_hears_an_unknown_connection_or_one_that_is_deaf(place: Place, company: Company) -> None:
    async with place.house(plugins=beeper.found()) as house:
        for name in ("nobody", "deaf", "prom", "hook", "../tel", "%2e"):
            assert (await send(house, f"/pages/{name}", {})).status == 404
        assert (await send(house, "/pages/tel", method="GET")).status == 405


def refusals() -> float:
    """How many requests of this connection were refused."""
    labels = {"connection": "tel", "why": "secret"}
    return telemetry.REGISTRY.get_sample_value("tocsin_refused_total", labels) or 0.0


async def test_who_proves_nothing_is_refused_and_counted(place: Place, company: Company) -> None:
    async with place.house(plugins=beeper.found()) as house:
        before = (
            telemetry.REGISTRY.get_sample_value("tocsin_refused_total", {"connection": "tel", "why": "secret"}) or 0
        )
        refused = await send(house, "/pages/tel", {"replies": [{"says": "stop", "phone": beeper.PHONE}]}, headers={})
        assert (refused.status, refused.body["error"]) == (401, "That is not from the company.")
        assert refusals() == before + 1


@pytest.mark.parametrize("method", ["authenticate", "hear", "answer"])
async def test_a_broken_receiver_asks_for_it_again_and_then_it_is_heard_once(
    place: Place, company: Company, method: str
) -> None:
    async with place.house(plugins=beeper.found()) as house:
        await beeper.confirm(house)
        await house.alert("accuracy fell")
        company.broken = method
        said = {"says": "acknowledge", "code": "1", "phone": beeper.PHONE, "id": "SM1"}
        broken = await post(house, replies=[said])
        assert (broken.status, broken.body["retry"]) == (503, True)
        company.broken = ""
        assert (await post(house, replies=[said])).body == ["INC-1 is yours. Nobody else will be paged for it."]
        assert (await house.story("INC-1")).count("incident.acknowledged") == 1


async def test_what_cannot_be_read_or_is_too_much_is_said(place: Place, company: Company) -> None:
    async with place.house(plugins=beeper.found()) as house:
        signed = {"x-beeper": SECRET}
        assert (await send(house, "/pages/tel", b"{", headers=signed)).status == 400
        assert (await send(house, "/pages/tel", b" " * 1_048_577, headers=signed)).status == 413


async def test_what_the_database_does_not_take_now_is_asked_for_again(place: Place, company: Company) -> None:
    async with place.house(plugins=beeper.found()) as house:
        await beeper.confirm(house)
        await house.alert("accuracy fell")
        place.sql("ALTER TABLE pages RENAME TO away")
        assert (await post(house, reports=[["tel-1", True]])).status == 503
        place.sql("ALTER TABLE away RENAME TO pages")
        assert (await post(house, reports=[["tel-1", True]])).status == 200
        assert "page.delivered" in await house.story("INC-1")
