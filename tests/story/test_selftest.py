"""A test page goes through each way a person has named, by the pagers that send real ones, and leaves no incident."""

import pytest

from bot.engine import report, selftest
from bot.errors import NotDelivered, NotFound, Refused
from tests.story.engine_room import Room


async def test_each_way_gets_a_page_that_says_it_is_a_test(any_room: Room) -> None:
    results = await selftest.send(any_room.desk, "ada", any_room.now)
    assert [(result.channel, result.ok) for result in results] == [("slack", True), ("call", False)]
    assert results[0].sentence == "slack: the test page is on its way."
    assert results[1].sentence.startswith("call: nothing here sends pages this way")
    (call,) = any_room.pagers["slack"].sent
    assert (call.person.name, call.page.incident, call.attempt) == ("ada", "INC-0", 1)
    assert call.view.headline == "[SEV5] tocsin: Test page: nothing is wrong"
    (entry,) = [each.entry for each in await any_room.log("person:ada")]
    assert (entry.kind, entry.after) == ("pager.tested", {"slack": "sent", "call": results[1].sentence})
    assert await report.incidents_list(any_room.desk, open_only=False) == []


async def test_a_pager_that_refuses_or_breaks_says_so(room: Room) -> None:
    room.pagers["email"].down = NotDelivered("The mail server refuses it.", "Check the address.")
    (result,) = await selftest.send(room.desk, "gus", room.now, "tr")
    assert result.sentence == "email: deneme çağrısı gönderilemedi. The mail server refuses it. Check the address."
    assert not result.ok


async def test_a_person_is_tested_once_a_minute(room: Room) -> None:
    await selftest.send(room.desk, "bo", room.now)
    with pytest.raises(Refused, match="less than a minute"):
        await selftest.send(room.desk, "bo", room.now)
    await selftest.send(room.desk, "ada", room.now)  # somebody else is another matter
    await room.clock.advance(61)
    await selftest.send(room.desk, "bo", room.now)
    keys = [call.key for call in room.pagers["slack"].sent]
    assert len(set(keys)) == 3  # no test page is taken for another that stands there already


async def test_nobody_is_no_one_to_test(room: Room) -> None:
    with pytest.raises(NotFound):
        await selftest.send(room.desk, "nobody", room.now)


async def test_the_answer_to_a_test_is_put_down(room: Room) -> None:
    assert (
        await selftest.received(room.desk, "slack:U01CY", room.now, "tr")
        == "Deneme alındı. Çağrılar size buradan ulaşıyor."
    )
    assert await room.story("person:cy") == ["pager.test_received"]
    with pytest.raises(Refused):
        await selftest.received(room.desk, "slack:U0NOBODY", room.now)


async def test_a_test_page_speaks_the_language_of_whoever_gets_it(room: Room) -> None:
    room.change("config/tocsin.yaml", "slack: {mode: off", "slack: {language: tr, mode: off")
    await selftest.send(room.desk, "ada", room.now)
    (call,) = room.pagers["slack"].sent
    assert (call.view.headline, call.page.why) == ("[SEV5] tocsin: Deneme çağrısı: sorun yok", "Bir deneme istediniz.")
