"""Whom the bot listens to, and what it takes for an order."""

import pytest

from bot.model.alert import Kind
from bot.slack import mentions
from bot.store import posts
from tests.slack.room import Room, alert, key


async def heard(room: Room) -> None:
    """Every event has reached the bot."""
    await room.ws.until(lambda: not room.ws.courier.busy)
    await room.settle()


def answers(room: Room, channel: str = "#ml-oncall") -> int:
    """How often the bot has answered in a channel."""
    return sum(key(message).startswith("answer/") for message in room.ws.messages(channel))


@pytest.mark.parametrize(
    "said", ["<@UBOT> list", "<@UBOT|tocsin>: list", "list <@UBOT>", "  <@UBOT>,  <@UBOT> list", "list"]
)
def test_its_own_name_is_no_word_of_the_order(said: str) -> None:
    assert mentions.addressed(said, "UBOT") == "list"


def test_another_s_name_is_one() -> None:
    assert mentions.addressed("<@UBOT> page <@U01ADA> now", "UBOT") == "page <@U01ADA> now"


async def test_an_answer_stands_in_the_thread_of_the_question(either: Room) -> None:
    said = await either.ws.say("#ml-oncall", f"<@{either.ws.bot_user}> what is open?", by="ada")
    await heard(either)
    (answer,) = [one for one in either.ws.messages("#ml-oncall", thread=said.ts) if key(one).startswith("answer/")]
    assert answer.thread_ts == said.ts
    assert answer.text == "No incident is open."


async def test_what_is_said_in_a_channel_without_its_name_is_not_for_the_bot(room: Room) -> None:
    await room.ws.say("#ml-oncall", "declare an emergency", by="ada")
    await heard(room)
    assert answers(room) == 0


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B01OTHER"},
        {"subtype": "bot_message"},
        {"subtype": "message_changed"},
        {"subtype": "channel_join"},
        {"user": ""},
        {"user": "USLACKBOT"},
        {"edited": {"user": "U01ADA", "ts": "2.0"}},
        {"channel_type": "channel"},
    ],
)
async def test_bots_edits_and_joinings_are_no_orders(room: Room, more: dict[str, object]) -> None:
    channel = room.ws.channel("#ml-oncall").id
    said = {"type": "message", "channel_type": "im", "channel": channel, "user": "U01ADA", "text": "list", "ts": "3.1"}
    assert await room.ws.event(said | more)
    await heard(room)
    assert answers(room) == 0
    assert room.ws.failures == []


@pytest.mark.parametrize("text", [None, 7, ["list"], {}])
async def test_a_text_that_is_none_is_answered_with_the_menu(room: Room, text: object) -> None:
    said = await room.ws.say("#ml-oncall", "hello", by="ada")
    event = {"type": "app_mention", "channel": said.channel, "user": "U01ADA", "text": text, "ts": said.ts}
    assert await room.ws.event(event)
    await heard(room)
    assert answers(room) == 1


async def test_an_answer_that_slack_does_not_take_is_tried_again(room: Room) -> None:
    await room.book(alert())
    room.ws.fault("chat.postMessage", "500", times=1, after_effect=True)
    await room.ws.say(room.ws.bot_user, "list", by="ada")
    await heard(room)
    said = [one for one in room.ws.dms("ada") if key(one).startswith("answer/")]
    assert len(said) == 1


async def test_a_guest_is_told_why_not(room: Room) -> None:
    room.ws.change_person("eve", is_restricted=True)
    await heard(room)
    await room.ws.say(room.ws.bot_user, "list", by="eve")
    await heard(room)
    assert "guest" in room.ws.dms("eve")[-1].shown.lower()


async def test_in_an_incident_s_own_channel_it_need_not_be_named(room: Room) -> None:
    await room.book(alert(), alert("It is slow", problem="churn/slow", kind=Kind.LATENCY))
    channel = room.ws.channel("#ml-oncall").id
    own = posts.Post("own-channel/INC-1", channel, "inc-1-churn", "")
    await room.desk.store.write(lambda tx: posts.save(tx, own))
    reply = await room.ws.command("/incident", "ack", by="ada", channel="#ml-oncall")
    await room.settle()
    assert "INC-1 is yours" in reply.responses[0].text
    menu = await room.ws.command("/tocsin", by="ada", channel="#ml-oncall")
    await room.settle()
    assert "INC-1 · SEV2" in menu.responses[0].text
    assert "Acknowledge" not in menu.responses[0].buttons  # it is done
