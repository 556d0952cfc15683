"""An emoji under a message puts it into the timeline of its incident, and takes it out with it."""

import pytest

from bot.engine import report
from bot.model.alert import Kind
from bot.model.view import Remark
from bot.sandbox.workspace import Message
from tests.slack.room import Room, alert


async def remarks(room: Room, incident: str = "INC-1") -> list[Remark]:
    """The notes in an incident's timeline."""
    return list((await report.view(room.desk, incident, whole=True)).notes)


async def mark(room: Room, message: Message, by: str = "ada", emoji: str = "pushpin", *, away: bool = False) -> None:
    """Put our emoji under a message or take it away, and let everything happen."""
    await (room.ws.unreact if away else room.ws.react)(message, emoji, by=by)
    await heard(room)


async def heard(room: Room) -> None:
    """Every event has reached the bot."""
    await room.ws.until(lambda: not room.ws.courier.busy)
    await room.settle()


async def test_a_message_in_the_thread_of_the_card_becomes_a_note_and_goes_with_the_emoji(either: Room) -> None:
    await either.book(alert())
    (card,) = either.cards()
    said = await either.ws.say("#ml-retail", "It began with the <@U01BO> deploy &amp; grew", by="bo", thread=card)
    await mark(either, said)
    (note,) = await remarks(either)
    assert note.text == "It began with the @bo deploy & grew"
    assert (note.author, note.by, note.via) == ("slack:U01BO", "ada", "reaction")
    assert note.permalink
    assert either.ws.ephemerals("ada") == []
    await mark(either, said, away=True)
    assert await remarks(either) == []


async def test_the_only_open_incident_of_the_channel_is_meant(room: Room) -> None:
    await room.book(alert())
    said = await room.ws.say("#ml-retail", "Upstream is late.\nAgain.", by="bo")
    await mark(room, said)
    assert [note.text for note in await remarks(room)] == ["Upstream is late.\nAgain."]


async def test_with_several_open_the_shortcut_is_named(room: Room) -> None:
    await room.book(alert(), alert("It is slow", problem="churn/slow", kind=Kind.LATENCY))
    said = await room.ws.say("#ml-retail", "Which one?", by="bo")
    await mark(room, said)
    (hint,) = room.ws.ephemerals("ada")
    assert "Several incidents are open here" in hint.shown
    assert await remarks(room) == []


async def test_a_message_of_no_incident_is_hinted_at_once(room: Room) -> None:
    for text in ("one", "two"):
        await mark(room, await room.ws.say("#ml-oncall", text, by="bo"))
    (hint,) = room.ws.ephemerals("ada")
    assert "belongs to no incident" in hint.shown


async def test_other_emoji_and_the_bot_s_own_messages_are_no_notes(room: Room) -> None:
    await room.book(alert())
    (card,) = room.cards()
    await mark(room, card)
    said = await room.ws.say("#ml-retail", "fine", by="bo", thread=card)
    await mark(room, said, emoji="eyes")
    assert await remarks(room) == []
    assert room.ws.ephemerals("ada") == []


async def test_two_people_want_the_same_message_once(room: Room) -> None:
    await room.book(alert())
    (card,) = room.cards()
    said = await room.ws.say("#ml-retail", "It was the deploy", by="cy", thread=card)
    await mark(room, said, by="ada")
    await mark(room, said, by="bo")
    assert len(await remarks(room)) == 1
    await mark(room, said, by="ada", away=True)
    assert len(await remarks(room)) == 1
    await mark(room, said, by="bo", away=True)
    assert await remarks(room) == []


async def test_somebody_nobody_knows_is_told_so(room: Room) -> None:
    await room.book(alert())
    (card,) = room.cards()
    await mark(room, await room.ws.say("#ml-retail", "hm", by="bo", thread=card), by="eve")
    (told,) = room.ws.ephemerals("eve")
    assert "I do not know you" in told.shown
    assert await remarks(room) == []


async def test_a_message_that_cannot_be_read_ends_in_a_sentence(room: Room) -> None:
    await room.book(alert())
    (card,) = room.cards()
    said = await room.ws.say("#ml-retail", "secret", by="bo", thread=card)
    room.ws.fault("conversations.history", "missing_scope")
    await mark(room, said)
    (told,) = room.ws.ephemerals("ada")
    assert "missing_scope" in told.shown


async def test_a_message_that_has_gone_is_no_note(room: Room) -> None:
    await room.book(alert())
    channel = room.ws.channel("#ml-retail").id
    item = {"type": "message", "channel": channel, "ts": "1795000000.000000"}
    event = {"type": "reaction_added", "user": "U01ADA", "reaction": "pushpin", "item": item, "event_ts": "1.1"}
    assert await room.ws.event(event)
    await heard(room)
    assert await remarks(room) == []
    assert room.ws.ephemerals("ada") == []


@pytest.mark.parametrize("item", [{}, {"type": "file"}, {"type": "message", "ts": 7}])
async def test_an_event_that_makes_no_sense_is_dropped(room: Room, item: object) -> None:
    event = {"type": "reaction_added", "user": "U01ADA", "reaction": "pushpin", "item": item, "event_ts": "1.2"}
    assert await room.ws.event(event)
    assert await room.ws.event(event | {"type": "reaction_removed"})
    await heard(room)
    assert room.ws.failures == []
