"""Nobody is flooded: what waits for one destination goes as one message, and what is new does not wait for repeats."""

from datetime import timedelta

from bot.engine.respond import Verb
from bot.model.page import PageState
from bot.sandbox.workspace import Message
from bot.testing.house import House
from tests.story import paging_room
from tests.story.place import Place

FLOOD = 300


async def flood(house: House, count: int = FLOOD, *, first: int = 0) -> list[str]:
    """So many incidents, each about a model of its own, in one delivery, and nothing done about them yet."""
    models = [f"model-{first + n}" for n in range(count)]
    alerts = [
        {"title": f"{model} is off", "problem": model, "model": model, "kind": "performance", "status": "firing"}
        for model in models
    ]
    receipt = await house.deliver(alerts)
    return sorted(receipt.booked.incidents, key=lambda id_: int(id_.removeprefix("INC-")))


def acks(message: Message) -> int:
    """How many buttons to acknowledge with stand on it."""
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return len([one for row in rows for one in row if one["text"]["text"] == "Acknowledge"])


async def test_a_flood_is_one_text_and_somebody_elses_page_does_not_wait_for_it(place: Place) -> None:
    far = paging_room.far()
    paging_room.connect(place, "{high: [sms]}")
    async with place.house(plugins=paging_room.found()) as house:
        await paging_room.confirm(house)
        ids = await flood(house)
        assert len(ids) == FLOOD
        other = (await house.deliver({"title": "price is off", "problem": "p", "model": "price"})).booked.incidents
        await house.settle()
        ((_, call),) = far.arrived
        assert [call.view.incident.id, *(view.incident.id for view in call.also)][:5] == ids[:5]
        assert len(call.also) + 1 == FLOOD + len(other)
        (led, one, *_) = [(await house.ledger(id_))[0] for id_ in ids[:3]]
        assert (led.bundled, one.bundled, one.state) == (None, led.id, PageState.SENT)
        assert (one.provider_id, one.sent_at) == (led.provider_id, led.sent_at)
        assert "page.bundled" in await house.story(ids[1])
        await house.pass_time(seconds=59)
        assert len(far.arrived) == 1


async def test_what_is_new_goes_before_repeats_and_takes_them_along(place: Place) -> None:
    far = paging_room.far()
    paging_room.connect(place, "{high: [sms, sms after 30s]}")
    async with place.house(plugins=paging_room.found()) as house:
        await paging_room.confirm(house)
        first = await house.alert("accuracy fell")
        await house.pass_time(seconds=30)  # the repeat is due, but a text went half a minute ago
        assert far.codes("sms") == ["1"]
        repeat = (await house.ledger(first.id))[1]
        assert (repeat.state, "page.delayed" in await house.story(first.id)) == (PageState.DECIDED, True)
        await house.pass_time(seconds=30)
        assert far.codes("sms") == ["1", "1"]
        await house.pass_time(seconds=5)
        new = await house.alert(
            "price fell", problem="price", model="price"
        )  # 5 s after a repeat: it does not wait for that
        assert far.codes("sms") == ["1", "1", new.id.removeprefix("INC-")]
        assert [sheet.rank for sheet in await house.ledger(new.id)] == [0, 0]


async def test_two_ways_that_come_due_at_once_are_one_message(place: Place) -> None:
    far = paging_room.far()
    paging_room.connect(place, "{high: [email after 1m, email after 2m]}")
    async with place.house(plugins=paging_room.found()) as house:
        await paging_room.confirm(house)
        await house.alert("accuracy fell")
        await house.clock.advance(180)  # the bot sees nothing for three minutes
        await house.settle()
        assert [(by, call.code, call.also) for by, call in far.arrived] == [("email", "1", ())]
        assert [sheet.state for sheet in await house.ledger("INC-1")] == [PageState.SENT] * 2


async def test_each_cycle_pages_anew_and_what_they_share_later_is_one_text(place: Place) -> None:
    far = paging_room.far()
    paging_room.connect(place, "{high: [sms, call, sms after 30m]}")
    place.change(
        "runbooks/anything.md",
        'L1: {page: "rota:first-line", answer_within: 10m}',
        'L1: {page: "rota:first-line", answer_within: 60m}',
    )
    place.change(
        "runbooks/anything.md",
        'L2: {page: "person:bo", answer_within: 15m}',
        'L2: {page: "person:ada", answer_within: 60m}',
    )
    async with place.house(plugins=paging_room.found()) as house:
        await paging_room.confirm(house)
        incident = await house.alert("accuracy fell")
        assert sorted(by for by, _ in far.arrived) == ["call", "sms"]
        await house.answer(Verb.ESCALATE, incident.id, by="ada")
        await house.pass_time(minutes=2)  # one a minute by each
        assert sorted(by for by, _ in far.arrived) == ["call", "call", "sms", "sms"]
        await house.pass_time(minutes=32)
        assert [by for by, _ in far.arrived].count("sms") == 3
        assert [by for by, _ in far.arrived].count("call") == 2


async def test_the_eleventh_message_of_a_minute_carries_all_that_waits_each_with_its_button(place: Place) -> None:
    async with place.house() as house:
        ids = await flood(house, 30)
        await house.pass_time(seconds=40)
        pages = house.pages_to("ada")
        assert len(pages) == 10
        last = pages[-1]
        assert acks(last) == 1 + 8
        assert "more: /incident list" in last.shown
        where = f"{last.channel}:{last.ts}"
        sheets = [sheet for id_ in ids for sheet in await house.ledger(id_)]
        led = next(sheet for sheet in sheets if sheet.provider_id == where and sheet.bundled is None)
        await house.answer(Verb.ACKNOWLEDGE, ids[-1], by="ada")
        assert (await house.incident(led.incident)).holder is None  # an answer is about its own incident alone
        carried = [sheet.incident for sheet in sheets if sheet.bundled == led.id]
        assert len(carried) == 20
        await house.answer(Verb.ACKNOWLEDGE, carried[1], by="ada")
        await house.pass_time(seconds=10)
        assert acks(house.pages_to("ada")[-1]) == 8
        assert len(house.pages_to("ada")) == 10


async def test_a_page_that_nobody_needs_any_more_lets_what_it_carried_go_on(place: Place) -> None:
    far = paging_room.far()
    paging_room.connect(place, "{high: [sms]}")
    async with place.house(plugins=paging_room.found()) as house:
        await paging_room.confirm(house)
        far.shut = paging_room.down(after=20)
        ids = await flood(house, 3)
        await house.settle()
        assert {s.bundled for i in ids[1:] for s in await house.ledger(i)} == {f"{ids[0]}/1/ada/sms"}
        await house.answer(Verb.ACKNOWLEDGE, ids[0], by="ada")
        far.shut = None
        await house.pass_time(seconds=30)
        assert far.codes("sms") == ["2"]
        assert [[s.state for s in await house.ledger(i)] for i in ids] == [
            [PageState.MOOT],
            [PageState.SENT],
            [PageState.SENT],
        ]


async def test_a_flood_of_one_person_delays_nobody_else(place: Place) -> None:
    far = paging_room.far()
    paging_room.connect(place, "{high: [sms]}")
    text = (place.home / "runbooks/anything.md").read_text(encoding="utf-8")
    text = text.replace("match: {}", "match: {model: price}").replace("rota:first-line", "person:dee")
    place.write("runbooks/price.md", text)
    async with place.house(plugins=paging_room.found()) as house:
        await paging_room.confirm(house)
        await flood(house)
        await house.deliver({"title": "price is off", "problem": "p", "model": "price"})
        await house.settle()
        assert (house.paged(), len(far.arrived)) == ([("dee", timedelta(0))], 1)
        (message,) = house.pages_to("dee")
        assert message.at == house.clock.now()
