"""An address counts only once its owner has sent back the code that went there."""

from collections.abc import AsyncIterator

import pytest

from bot.engine import addresses, armed
from bot.errors import NotDelivered, NotFound, Refused
from bot.model.entry import Sealed
from bot.store import addresses as rows
from bot.store import log
from bot.testing.house import House
from tests.story import beeper
from tests.story.beeper import PHONE, Company, says
from tests.story.place import Place


@pytest.fixture
def company() -> Company:
    """The phone company."""
    return beeper.company()


@pytest.fixture
async def house(place: Place, company: Company) -> AsyncIterator[House]:
    """The bot, connected to it; nobody has confirmed anything."""
    beeper.connect(place)
    async with place.house(plugins=beeper.found()) as one:
        yield one


async def ask(house: House, person: str = "ada", kind: str = "phone", by: str = "") -> str:
    """A code is asked for."""
    return await addresses.ask(house.app.desk, person, kind, f"person:{by or person}", house.clock.now())


async def confirm(house: House, code: str, person: str = "ada", by: str = "") -> str:
    """A code is sent back."""
    return await addresses.confirm(house.app.desk, person, code, f"person:{by or person}", house.clock.now())


async def standing(house: House, person: str = "ada") -> dict[str, str]:
    """How it stands with each of their ways."""
    found = await house.app.store.read(lambda tx: addresses.listing(tx, house.app.desk, [person]))
    return {one.channel: one.standing for one in found}


async def written(house: House, person: str = "ada") -> list[Sealed]:
    """What the log says of their addresses."""
    sealed = await house.app.store.read(lambda tx: log.of(tx.sql, f"person:{person}"))
    return [each for each in sealed if each.entry.kind.startswith("address.")]


def wrong(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_a_phone_is_used_from_the_moment_its_code_came_back(house: House, company: Company) -> None:
    assert await standing(house) == {"sms": "unconfirmed", "call": "unconfirmed", "slack": "fine"}
    first = await house.alert("accuracy fell")
    assert company.sent == []
    told = await ask(house)
    assert told == "A code is on its way to …01 by sms. It is good for 10 minutes."
    assert [channel for channel, _ in company.told] == ["sms"]
    assert (await standing(house))["sms"] == "asked"
    assert await confirm(house, company.code) == "…01 is confirmed: pages go there from now on."
    assert await standing(house) == {"sms": "confirmed", "call": "confirmed", "slack": "fine"}
    await house.alert("latency rose", kind="latency")
    assert [(channel, call.view.incident.id) for channel, call in company.sent] == [("sms", "INC-2")]
    assert first.id == "INC-1"


async def test_a_code_that_is_sent_back_from_the_phone_itself_confirms_it(house: House, company: Company) -> None:
    await ask(house)
    assert "not the code" in await says(house, "confirm", code=wrong(company.code))
    assert "is confirmed" in await says(house, "confirm", code=company.code, id="SM1")
    assert "is confirmed" in await says(house, "confirm", code=company.code, id="SM1")
    assert (await standing(house))["sms"] == "confirmed"


async def test_the_code_of_one_phone_confirms_no_other(place: Place, house: House, company: Company) -> None:
    place.change("config/people.yaml", "{name: dee, slack: U01DEE}", '{name: dee, slack: U01DEE, phone: "+4930111"}')
    await house.reload()
    await ask(house)
    code = company.code
    await ask(house, "dee")
    assert "is confirmed" not in await says(house, "confirm", code=code, phone="+4930111")
    assert "No code waits" in await says(house, "confirm", code=code, phone="+1")
    assert (await standing(house))["sms"] == "asked"


async def test_five_wrong_codes_end_it(house: House, company: Company) -> None:
    await ask(house)
    code = company.code
    for left in (4, 3, 2, 1):
        with pytest.raises(Refused, match=f"{left} tries are left"):
            await confirm(house, wrong(code))
    with pytest.raises(Refused, match="worth nothing any more"):
        await confirm(house, wrong(code))
    with pytest.raises(Refused, match="No code waits"):
        await confirm(house, code)
    assert (await standing(house))["sms"] == "asked"


async def test_a_code_runs_out(house: House, company: Company) -> None:
    await ask(house)
    await house.clock.advance(600)
    with pytest.raises(Refused, match="has run out"):
        await confirm(house, company.code)


async def test_three_codes_an_hour_and_then_it_is_said_when_again(house: House, company: Company) -> None:
    for _ in range(3):
        await ask(house)
        await house.clock.advance(60)
    with pytest.raises(Refused, match=r"3 codes were sent to …01 within the hour\. Try again after 04:38 UTC"):
        await ask(house)
    assert await confirm(house, company.code)  # the last one is good all the same
    await house.clock.advance(3600)
    with pytest.raises(Refused, match="confirmed …01 already"):
        await ask(house)


async def test_who_may_have_one_sent_and_who_may_send_it_back(house: House, company: Company) -> None:
    await ask(house, by="cy")  # her lead
    for other in ("bo", "dee"):
        with pytest.raises(Refused, match="may not have a code sent to ada"):
            await ask(house, by=other)
    for other in ("cy", "bo"):
        with pytest.raises(Refused, match="Only ada can confirm"):
            await confirm(house, company.code, by=other)
    assert (await standing(house))["sms"] == "asked"
    with pytest.raises(NotFound):
        await ask(house, "nobody", by="cy")


async def test_what_cannot_be_asked_is_said(place: Place, house: House, company: Company) -> None:
    with pytest.raises(Refused, match="cy has no phone in config"):
        await ask(house, "cy")
    with pytest.raises(Refused, match="slack needs no confirming"):
        await ask(house, kind="slack")
    place.change("config/people.yaml", "{name: dee, slack: U01DEE}", "{name: dee, slack: U01DEE, push: dees-phone}")
    await house.reload()
    with pytest.raises(Refused, match="Nothing here can send a code to a push"):
        await ask(house, "dee", kind="push")
    company.refuses = "No credit."
    with pytest.raises(NotDelivered, match="No credit"):
        await ask(house)


async def test_another_number_in_the_configuration_begins_anew(place: Place, house: House, company: Company) -> None:
    await beeper.confirm(house)
    place.change("config/people.yaml", PHONE, "+905550000099")
    await house.reload()
    assert (await standing(house))["sms"] == "unconfirmed"
    await house.alert("accuracy fell")
    assert company.sent == []
    place.change("config/people.yaml", "+905550000099", PHONE)
    await house.reload()
    assert (await standing(house))["sms"] == "confirmed"


async def test_stop_ends_it_and_their_lead_and_they_are_told_until_start(house: House, company: Company) -> None:
    await beeper.confirm(house)
    assert "do not come here any more" in await says(house, "stop", id="SM1")
    await says(house, "stop", id="SM2")  # twice is once
    assert (await standing(house))["sms"] == "stopped"
    said = "ada wrote STOP from …01: pages do not go there any more. START from there revives it."
    assert house.told("ada") == house.told("cy") == [said]
    await house.alert("accuracy fell")
    assert company.sent == []
    assert len(house.pages_to("ada")) == 1 or await _waits_for_slack(house)
    with pytest.raises(Refused, match="STOP came from …01"):
        await ask(house)
    assert await says(house, "start") == "Pages come here again."
    assert (await standing(house))["sms"] == "confirmed"
    assert house.told("cy")[-1] == "ada wrote START from …01: pages go there again."


async def _waits_for_slack(house: House) -> bool:
    await house.pass_time(minutes=9)
    return len(house.pages_to("ada")) == 1


async def test_stop_from_a_phone_that_is_not_theirs_yet_holds_too(house: House, company: Company) -> None:
    await ask(house)
    await says(house, "stop")
    with pytest.raises(Refused, match="No code waits"):
        await confirm(house, company.code)
    assert "once you have confirmed" in await says(house, "start")
    assert (await standing(house))["sms"] == "asked"
    assert "Nobody has confirmed" in await says(house, "start", phone="+1")


async def test_neither_the_log_nor_the_database_holds_the_address_or_the_code(house: House, company: Company) -> None:
    await ask(house)
    await confirm(house, company.code)
    await says(house, "stop")
    told = await written(house)
    assert [each.entry.kind for each in told] == ["address.asked", "address.confirmed", "address.stopped"]
    assert [each.entry.after["to"] for each in told] == ["…01"] * 3
    kept = repr([told, await house.app.store.read(rows.listing)])
    assert PHONE not in kept
    assert f"'{company.code}'" not in kept


async def test_letters_have_codes_too(house: House, company: Company) -> None:
    assert "b…@example.com" in await ask(house, "bo", "email")
    assert "is confirmed" in await says(house, "confirm", name="post", code=company.code, email="BO@example.com")
    await house.alert("accuracy fell")
    assert "INC-1 is yours" in await says(house, "acknowledge", name="post", code="1", email="bo@example.com")


async def test_whoever_has_confirmed_nothing_is_a_gap_with_its_cure(place: Place, house: House) -> None:
    ways = f'phone: "{PHONE}", notify: {{high: [sms, call after 5m, slack after 9m]}}'
    place.change("config/people.yaml", ways, f'phone: "{PHONE}", notify: {{high: [sms]}}')
    await house.reload()
    desk, now = house.app.desk, house.clock.now()

    async def found() -> list[tuple[str, str]]:
        roster = await house.app.store.read(lambda tx: armed.seen(tx, desk, now, now + armed.AHEAD))
        look = armed.look(desk.settings, desk.runbooks, roster, now, now + armed.AHEAD)
        return [(lack.person, lack.flaw.value) for lack in look.lacks if lack.person == "ada"]

    assert await found() == [("ada", "unconfirmed")]
    await beeper.confirm(house)
    assert await found() == []
