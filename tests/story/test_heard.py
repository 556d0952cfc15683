"""What a channel says afterwards: pages that arrived or did not, and people who answer by the way they were reached."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.engine.respond import Verb
from bot.model.page import Page
from bot.model.paged import Test
from bot.store import page_tests
from bot.testing.house import House
from tests.story import beeper
from tests.story.beeper import Company, post, says
from tests.story.place import Place


@pytest.fixture
def company() -> Company:
    """The phone company."""
    return beeper.company()


@pytest.fixture
async def house(place: Place, company: Company) -> AsyncIterator[House]:
    """The bot, with ada's phone confirmed."""
    beeper.connect(place)
    async with place.house(plugins=beeper.found()) as one:
        await beeper.confirm(one)
        yield one


async def of_ada(house: House, incident: str, channel: str) -> Page:
    """Her page by that channel."""
    return next(p for p in await house.ledger(incident) if (p.person, p.channel) == ("ada", channel))


# --- reports ---


async def test_a_delivered_report_stands_in_the_ledger_once(house: House) -> None:
    incident = await house.alert("accuracy fell")
    assert (await of_ada(house, incident.id, "sms")).state == "sent"
    for _ in range(2):
        assert (await post(house, reports=[["tel-1", True]])).status == 200
        await house.pass_time(seconds=20)
    page = await of_ada(house, incident.id, "sms")
    assert page.state == "delivered"
    assert page.delivered_at is not None
    assert (await house.story(incident.id)).count("page.delivered") == 1


async def test_a_page_that_did_not_arrive_fails_and_the_next_way_goes_at_once(house: House, company: Company) -> None:
    incident = await house.alert("accuracy fell")
    assert [channel for channel, _ in company.sent] == ["sms"]
    assert (await post(house, reports=[["tel-1", False, "30003: unreachable\nhandset"]])).status == 200
    await house.settle()
    page = await of_ada(house, incident.id, "sms")
    assert (page.state, page.failure) == ("failed", "30003: unreachable handset")
    assert [channel for channel, _ in company.sent] == ["sms", "call"]  # not five minutes later
    await post(house, reports=[["tel-1", False, "30003"], ["tel-1", True]])
    story = await house.story(incident.id)
    assert story.count("page.failed") == 1
    assert (await of_ada(house, incident.id, "sms")).state == "failed"


async def test_whoever_has_answered_was_reached_whatever_the_channel_says_later(house: House, company: Company) -> None:
    incident = await house.alert("accuracy fell")
    await says(house, "acknowledge", code="1")
    await post(house, reports=[["tel-1", False, "timed out"]])
    await house.settle()
    page = await of_ada(house, incident.id, "sms")
    assert (page.state, page.failure) == ("answered", None)
    assert len(company.sent) == 1
    await post(house, reports=[["tel-1", True]])
    assert (await of_ada(house, incident.id, "sms")).delivered_at is not None


async def test_what_is_not_ours_is_no_error_and_another_connections_ids_are_not_ours(house: House) -> None:
    incident = await house.alert("accuracy fell")
    odd = [["nobody-1", True], ["nobody-2", False, "x"], ["tel-1", None], ["", True], ["x" * 5_000, False]]
    assert (await post(house, reports=odd)).status == 200
    assert (await post(house, name="post", reports=[["tel-1", False, "forged"]])).status == 200
    await house.pass_time(seconds=30)
    assert (await of_ada(house, incident.id, "sms")).state == "sent"


async def test_a_report_that_is_faster_than_our_own_ledger_is_looked_at_again(house: House) -> None:
    await post(house, reports=[["tel-1", True]])
    incident = await house.alert("accuracy fell")
    await house.pass_time(seconds=10)
    assert (await of_ada(house, incident.id, "sms")).state == "delivered"


async def test_a_test_page_that_did_not_arrive_is_known(house: House) -> None:
    test = Test("ada", "sms", "page/INC-0/x/ada/sms", house.clock.now(), provider_id="t-1")
    await house.app.store.write(lambda tx: page_tests.put(tx, test))
    await post(house, reports=[["t-1", False, "no such number"]])
    (kept,) = await house.app.store.read(lambda tx: page_tests.of(tx, "ada"))
    assert kept.failure == "no such number"


# --- replies ---


async def test_a_text_takes_an_incident_and_nobody_else_is_paged(house: House, company: Company) -> None:
    incident = await house.alert("accuracy fell")
    assert await says(house, "acknowledge", code="1") == "INC-1 is yours. Nobody else will be paged for it."
    await house.pass_time(minutes=30)
    assert (await house.incident(incident.id)).holder == "ada"
    assert len(company.sent) == 1
    assert (await of_ada(house, incident.id, "sms")).state == "answered"
    assert "page.replied" in await house.story(incident.id)


async def test_a_second_copy_of_an_answer_escalates_once_and_hears_how_it_stands(house: House) -> None:
    await house.alert("accuracy fell")
    assert "paged now" in await says(house, "escalate", code="1", id="SM1")
    step = (await house.incident("INC-1")).step
    assert "heard already" in await says(house, "escalate", code="1", id="SM1")
    assert (await house.incident("INC-1")).step == step
    await says(house, "acknowledge", code="1", id="SM2")
    assert (await says(house, "acknowledge", code="1", id="SM2")).startswith("INC-1 is yours.")


async def test_a_code_of_a_closed_incident_and_of_none(house: House) -> None:
    await house.alert("accuracy fell")
    await says(house, "resolve", code="1")
    assert await says(house, "acknowledge", code="1") == "INC-1 was resolved already."
    assert "resolved" in await says(house, "resolve", code="INC-1")
    assert await says(house, "acknowledge", code="42") == "There is no incident 42."


async def test_who_holds_it_is_said(house: House) -> None:
    await house.alert("accuracy fell")
    await house.answer(Verb.ACKNOWLEDGE, "INC-1", by="bo")
    assert await says(house, "acknowledge", code="1") == "INC-1 was acknowledged already, by bo."


@pytest.mark.parametrize("code", ["<!channel> {incident}", "1; DROP TABLE pages", "٤٢", "9" * 40, "INC-1\x00", "-1"])
async def test_a_code_is_data_and_is_not_said_again(house: House, code: str) -> None:
    await house.alert("accuracy fell")
    told = await says(house, "acknowledge", code=code, id=code)
    assert told.startswith("That is not the number of an incident.")
    assert code not in told
    assert (await house.incident("INC-1")).phase == "triggered"


async def test_without_a_number_the_only_one_that_waits_is_meant_else_they_are_asked(house: House) -> None:
    assert await says(house, "acknowledge") == "No open incident waits for you. Nothing was changed."
    await house.alert("accuracy fell")
    assert "INC-1 is yours" in await says(house, "acknowledge")
    for title in ("latency rose", "cost rose"):
        await house.alert(title, kind="latency", model=None, entity="market" if title == "cost rose" else "retail")
    assert await says(house, "acknowledge") == "Which one? These wait for you: INC-2, INC-3. Send its number, too."


async def test_a_page_they_were_sent_tells_who_answers(house: House, company: Company) -> None:
    await house.alert("accuracy fell")
    key = company.sent[0][1].key
    assert "not known" in await says(house, "acknowledge", page="page/INC-1/1/nobody/sms")
    assert "not known" in await says(house, "acknowledge", page=key, name="post")  # it was not that connection's
    assert (await house.incident("INC-1")).holder is None
    assert "INC-1 is yours" in await says(house, "acknowledge", page=key)


async def test_an_address_that_nobody_has_confirmed_or_two_have_tells_nobody(
    place: Place, house: House, company: Company
) -> None:
    await house.alert("accuracy fell")
    assert "Nobody has confirmed" in await says(house, "acknowledge", code="1", phone="+1")
    assert "Nobody has confirmed" in await says(house, "acknowledge", code="1", email="bo@example.com", name="post")
    place.change("config/people.yaml", "slack: U01CY}", f'slack: U01CY, phone: "{beeper.PHONE}"}}')
    await house.reload()
    await beeper.confirm(house, "cy")
    told = await says(house, "resolve", code="1")
    assert "More than one person" in told
    assert "cy" not in told.split()
    assert (await house.incident("INC-1")).phase == "triggered"


async def test_rules_of_consent_hold_by_phone_too(place: Place, house: House) -> None:
    place.change("config/people.yaml", "{name: dee, slack: U01DEE}", '{name: dee, slack: U01DEE, phone: "+4930111"}')
    await house.reload()
    await beeper.confirm(house, "dee")
    await house.alert("accuracy fell")
    told = await says(house, "resolve", code="1", phone="+4930111")
    assert told == "You are not on any tier of this incident, nor in the team that owns it."
    assert (await house.incident("INC-1")).open


async def test_help_is_for_everybody_and_in_their_language(place: Place, house: House) -> None:
    assert (await says(house, "help")).startswith("To answer: 42a takes INC-42")
    assert (await says(house, "help", phone="+1")).startswith("To answer:")
    place.change("config/people.yaml", "{name: ada,", "{name: ada, language: tr,")
    await house.reload()
    assert (await says(house, "help")).startswith("Yanıt için:")


async def test_help_on_a_call_is_left_to_whoever_knows_its_keys(house: House, company: Company) -> None:
    await house.alert("accuracy fell")
    await house.pass_time(minutes=5)
    (text, call) = [sent.key for _, sent in company.sent]
    assert (await says(house, "help", page=text)).startswith("To answer:")
    assert await says(house, "help", page=call) == ""


async def test_a_test_page_is_answered_by_its_number_and_proves_that_way_alone(house: House) -> None:
    async def answered() -> set[str]:
        return {
            one.channel for one in await house.app.store.read(lambda tx: page_tests.of(tx, "ada")) if one.answered_at
        }

    for channel in ("sms", "call"):
        test = Test("ada", channel, f"page/INC-0/x/ada/{channel}", house.clock.now(), provider_id=f"t-{channel}")
        await house.app.store.write(lambda tx, one=test: page_tests.put(tx, one))  # type: ignore[misc]
    assert await says(house, "acknowledge", code="0") == "Test received. Pages reach you here."
    assert await answered() == {"sms"}
    assert "Test received" in await says(house, "acknowledge", page="page/INC-0/x/ada/call")
    assert await answered() == {"sms", "call"}


async def test_one_answer_that_comes_ten_times_at_once_is_one(any_place: Place, company: Company) -> None:
    beeper.connect(any_place)
    async with any_place.house(plugins=beeper.found()) as house:
        await beeper.confirm(house)
        incident = await house.alert("accuracy fell")
        said = {"says": "escalate", "code": "1", "phone": beeper.PHONE, "id": "SM1"}
        await asyncio.gather(*(post(house, replies=[said], reports=[["tel-1", True]]) for _ in range(10)))
        story = await house.story(incident.id)
        assert (story.count("incident.escalated"), story.count("page.delivered")) == (1, 1)


async def test_a_reply_late_at_night_finds_the_bot_after_a_restart(place: Place, company: Company) -> None:
    beeper.connect(place)
    async with place.house(plugins=beeper.found()) as house:
        await beeper.confirm(house)
        await house.alert("accuracy fell")
    await place.clock.advance(timedelta(minutes=1))
    async with place.house(plugins=beeper.found()) as house:
        assert "INC-1 is yours" in await says(house, "acknowledge", page=company.sent[0][1].key)
