"""What cannot be told from its copy is sent at most once: a page in doubt has failed, and the next way goes at once."""

from datetime import timedelta

import pytest

from bot.model.page import PageState
from tests.story import paging_room
from tests.story.paging_room import down
from tests.story.place import Place

NOW = timedelta(0)


async def test_a_text_in_doubt_is_not_sent_again_and_the_next_way_goes_at_once(place: Place) -> None:
    far = paging_room.far()
    paging_room.connect(place, "{high: [sms, call after 5m]}")
    async with place.house(plugins=paging_room.found()) as house:
        await paging_room.confirm(house)
        far.lost = down()
        incident = await house.alert("accuracy fell")
        assert [by for by, _ in far.arrived] == ["sms", "call"]
        sheets = await house.ledger(incident.id)
        assert [sheet.state for sheet in sheets if sheet.person == "ada"] == [PageState.FAILED] * 2
        assert all("in doubt: not sent again" in str(sheet.failure) for sheet in sheets if sheet.person == "ada")
        assert all(sheet.claimed_at for sheet in sheets)
        assert house.paged() == [("bo", NOW)]  # both ways are over, so the next step fired
        (told,) = house.told("flo")
        assert "The line is down." in told
        await house.pass_time(minutes=10)
        assert [by for by, _ in far.arrived] == ["sms", "call"]
        kinds = await house.story(incident.id)
        assert (kinds.count("page.doubted"), kinds.count("page.failed")) == (2, 0)


async def test_a_provider_that_names_the_moment_was_not_reached_so_the_text_goes_then(place: Place) -> None:
    far = paging_room.far()
    paging_room.connect(place, "{high: [sms, call after 5m]}")
    async with place.house(plugins=paging_room.found()) as house:
        await paging_room.confirm(house)
        far.shut = down(after=20)
        incident = await house.alert("accuracy fell")
        (text, call) = await house.ledger(incident.id)
        assert (text.state, text.claimed_at, call.state) == (PageState.DECIDED, None, PageState.DECIDED)
        far.shut = None
        await house.pass_time(seconds=20)
        assert [by for by, _ in far.arrived] == ["sms"]
        text, call = await house.ledger(incident.id)
        assert (text.state, call.state) == (PageState.SENT, PageState.DECIDED)


@pytest.mark.parametrize("channel", ["sms", "email"])
async def test_a_provider_that_asks_to_wait_again_and_again_is_not_waited_for(place: Place, channel: str) -> None:
    far = paging_room.far()
    paging_room.connect(place, f"{{high: [{channel}]}}")
    async with place.house(plugins=paging_room.found()) as house:
        await paging_room.confirm(house)
        far.shut = down(after=20)
        incident = await house.alert("accuracy fell")
        await house.pass_time(seconds=55)
        assert house.paged() == []
        await house.pass_time(seconds=30)
        assert [who for who, _ in house.paged()] == ["bo"]  # long before ada's ten minutes are over
        first, *_ = await house.ledger(incident.id)
        assert (first.state, first.failure) == (PageState.DECIDED, "The line is down.")
        assert (await house.story(incident.id)).count("page.late") == 1
        (told,) = house.told("flo")
        assert "The line is down." in told
        far.shut = None
        await house.pass_time(seconds=20)
        assert far.codes(channel) == [incident.id.removeprefix("INC-")]  # it stayed owed


async def test_a_line_that_rests_after_failures_is_not_waited_for(place: Place) -> None:
    far = paging_room.far()
    paging_room.connect(place, "{high: [email, sms after 5m]}")
    async with place.house(plugins=paging_room.found()) as house:
        await paging_room.confirm(house)
        far.shut = down()
        await house.alert("accuracy fell")
        await house.pass_time(seconds=29)  # mail fails until its guard rests
        assert house.app.desk.ways["email"].guard.open
        assert [by for by, _ in far.arrived] == []
        await house.resolve("accuracy fell")
        far.shut = None
        incident = await house.alert("price fell", model="price")
        mail, text, *_ = await house.ledger(incident.id)
        assert (mail.state, text.state) == (PageState.DECIDED, PageState.SENT)
        await house.pass_time(minutes=1)
        assert far.codes("email") == [incident.id.removeprefix("INC-")]  # it stayed owed


async def test_mail_in_doubt_is_sent_again_under_the_same_key(place: Place) -> None:
    far = paging_room.far()
    paging_room.connect(place, "{high: [email]}")
    async with place.house(plugins=paging_room.found()) as house:
        await paging_room.confirm(house)
        far.lost = down()
        await house.alert("accuracy fell")
        far.lost = None
        await house.pass_time(seconds=5)
        assert [(call.key, call.attempt) for _, call in far.arrived] == [
            ("page/INC-1/1/ada/email", 1),
            ("page/INC-1/1/ada/email", 2),
        ]
        assert [sheet.state for sheet in await house.ledger("INC-1")] == [PageState.SENT]


async def test_a_text_that_was_claimed_before_the_bot_died_is_in_doubt(place: Place) -> None:
    far = paging_room.far()
    paging_room.connect(place, "{high: [sms, call after 5m]}")
    async with place.house(plugins=paging_room.found()) as house:
        await paging_room.confirm(house)
        far.shut = down(after=20)
        incident = await house.alert("accuracy fell")
        place.sql("UPDATE pages SET claimed_at = decided_at WHERE channel = 'sms'")  # as a life that ended leaves it
        far.shut = None
        await house.pass_time(seconds=20)
        assert [by for by, _ in far.arrived] == ["call"]
        text, call = await house.ledger(incident.id)
        assert (text.state, call.state) == (PageState.FAILED, PageState.SENT)
        assert "the bot stopped while it was being sent" in str(text.failure)
